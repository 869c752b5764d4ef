"""Who signs in to Entra, and the tokens it gets. Signing itself is MSAL's work."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx
import msal  # type: ignore[import-untyped]

from builder.connection import certificates, refusals
from builder.connection.address import https_origin
from builder.connection.federation import Assertion
from builder.connection.flows import Answer, ApplicationFlow, Flow, ManagedIdentityFlow, PersonFlow
from builder.connection.msal_http import MsalHttp, Redirected
from builder.connection.wire import Wire
from builder.errors import RemoteError, Unreachable, UsageError

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A PEM or PFX file with certificate and private key."""

    path: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret of an application's registration."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Federation:
    """A token that another issuer signs for this workload."""

    assertion: Assertion = field(repr=False)


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """The identity that the machine has in Azure; user-assigned where the identity's client id is given."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person, by a device code or in the browser; `tell` shows what is to be done."""

    tell: Callable[[str], None] = field(repr=False)
    browser: bool = False


Credential = CertificateFile | ClientSecret | Federation | ManagedIdentity | Person


@dataclass(frozen=True, slots=True)
class Identity:
    """An application of a tenant (a GUID or one of its domains), and how it proves to be itself."""

    tenant_id: str
    client_id: str
    credential: Credential
    authority_host: str = "https://login.microsoftonline.com"

    def __post_init__(self) -> None:
        machine = isinstance(self.credential, ManagedIdentity)
        if not _GUID.fullmatch(self.client_id.lower()) and (self.client_id or not machine):
            raise UsageError(f"not a client id: {self.client_id}", "the client id is the application's GUID in Entra")
        if not _TENANT.fullmatch(self.tenant_id):
            raise UsageError(f"not a tenant: {self.tenant_id}", "the tenant is a GUID or a domain of the directory")
        object.__setattr__(self, "authority_host", https_origin(self.authority_host, "the authority host"))

    @property
    def label(self) -> str:
        """Who that is, for messages."""
        if isinstance(self.credential, ManagedIdentity):
            return f"the machine's managed identity {self.client_id}".strip()
        if isinstance(self.credential, Person):
            return f"a person through application {self.client_id} of tenant {self.tenant_id}"
        return f"application {self.client_id} of tenant {self.tenant_id}"


class Tokens:
    """Access tokens of one identity for one resource, kept in memory only and renewed before they end."""

    def __init__(
        self,
        identity: Identity,
        resource: str,
        ca_file: Path | None = None,
        *,
        wire: Wire | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.identity = identity
        self._resource = https_origin(resource, "the environment")
        self._wire = wire or Wire(ca_file)
        self._http = MsalHttp(self._wire, identity.authority_host, sleep)

    def token(self) -> str:
        """Give a token that is still good; raises Refused, Unreachable, or UnreadableInput for the certificate."""
        try:
            answer = self._acquire()
        except (httpx.HTTPError, msal.exceptions.MsalServiceError, RuntimeError) as error:
            raise self._no_answer(error) from error
        except ValueError as error:  # an answer that is no JSON: a proxy's page, not Entra
            raise refusals.not_entra(self.identity.authority_host) from error
        if "access_token" not in answer:
            raise refusals.of_sign_in(answer, self.identity.label, self.identity.authority_host, self._certificate_note)
        return str(answer["access_token"])

    def renew(self) -> None:
        """Forget the tokens at hand: the next one comes from Entra."""
        self._flow.forget()

    def close(self) -> None:
        """End the connections to Entra."""
        self._http.close()

    @cached_property
    def _key_pair(self) -> certificates.KeyPair | None:
        credential = self.identity.credential
        return (
            certificates.load(credential.path, credential.password) if isinstance(credential, CertificateFile) else None
        )

    @property
    def _certificate_note(self) -> str:
        pair = self._key_pair
        return f"; the certificate ended on {pair.not_after:%Y-%m-%d}" if pair and pair.expired else ""

    def _acquire(self) -> Answer:
        try:
            return self._flow.acquire()
        except (ValueError, KeyError) as error:  # MSAL puts Entra's own words into the error before
            if isinstance(error, ValueError) and error.__context__ is None:
                raise
            raise refusals.of_discovery(
                str(error.__context__ or error), self.identity.tenant_id, self.identity.authority_host
            ) from error

    @cached_property
    def _flow(self) -> Flow:
        identity, credential = self.identity, self.identity.credential
        authority = f"{identity.authority_host}/{identity.tenant_id}"
        if isinstance(credential, ManagedIdentity):
            return ManagedIdentityFlow(identity.client_id, self._resource, self._wire)
        if isinstance(credential, Person):
            scope = f"{self._resource}/user_impersonation"
            return PersonFlow(
                identity.client_id, authority, scope, self._http, credential.tell, browser=credential.browser
            )
        scope = f"{self._resource}/.default"
        return ApplicationFlow(identity.client_id, authority, self._client_credential(), scope, self._http)

    def _client_credential(self) -> Any:
        """What MSAL takes; a certificate without thumbprint is signed for by PS256 and x5t#S256 (measured).

        The key is handed over as read (PyJWT takes it so): reading it once more would cost as much as ten requests.
        """
        credential = self.identity.credential
        if isinstance(credential, ClientSecret):
            return credential.value
        if isinstance(credential, Federation):
            return {"client_assertion": partial(credential.assertion, self._wire)}
        pair = self._key_pair
        assert pair is not None  # noqa: S101 - the other kinds of credential were returned above
        return {"private_key": pair.private_key, "public_certificate": pair.public_certificates}

    def _no_answer(self, error: Exception) -> RemoteError:
        if isinstance(error, Redirected):
            return refusals.redirected("sign-in", self.identity.authority_host)
        return Unreachable(
            f"{self.identity.authority_host} gave no answer when {self.identity.label} asked for a token: "
            f"{refusals.reason(error)}",
            refusals.NO_ANSWER_HINT,
        )
