"""The ways to sign in, each through MSAL: as an application, as a machine, or as a person."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, Protocol

import msal  # type: ignore[import-untyped]

from builder.connection import refusals
from builder.connection.msal_http import MsalHttp
from builder.connection.wire import Wire

Answer = dict[str, Any]


class Flow(Protocol):
    """A way to a token: MSAL's answer, with `access_token` or with `error`."""

    def acquire(self) -> Answer:
        """Give a token that is still good, from memory or anew."""

    def forget(self) -> None:
        """Forget the access tokens at hand."""


class ApplicationFlow:
    """An application with a certificate, a secret, or a token of a federation."""

    def __init__(self, client_id: str, authority: str, credential: Any, scope: str, http: MsalHttp) -> None:
        self._scope = scope
        self._make = partial(
            msal.ConfidentialClientApplication,
            client_id,
            authority=authority,
            client_credential=credential,
            instance_discovery=False,
            http_client=http,
        )

    def acquire(self) -> Answer:
        """Give a token."""
        return self._application.acquire_token_for_client(scopes=[self._scope])  # type: ignore[no-any-return]

    def forget(self) -> None:
        """Have the next token come from Entra."""
        self._application.remove_tokens_for_client()

    @cached_property
    def _application(self) -> Any:
        """MSAL's client: made late, since it asks the authority for its addresses at once."""
        return self._make()


class ManagedIdentityFlow:
    """The identity of the machine: system-assigned, or user-assigned by its client id."""

    def __init__(self, client_id: str, resource: str, wire: Wire) -> None:
        identity = (
            msal.UserAssignedManagedIdentity(client_id=client_id) if client_id else msal.SystemAssignedManagedIdentity()
        )
        self._resource = resource
        self._make = partial(msal.ManagedIdentityClient, identity, http_client=MsalHttp(wire, None))
        self._client = self._make()

    def acquire(self) -> Answer:
        """Give a token."""
        return self._client.acquire_token_for_client(resource=self._resource)  # type: ignore[no-any-return]

    def forget(self) -> None:
        """Have the next token come from Entra."""
        self._client = self._make()


class PersonFlow:
    """A person, by a code that is typed in on another device, or in the browser of this machine (PKCE).

    `tell` shows what the person has to do. Tokens are kept in memory only: each process signs in anew.
    """

    def __init__(
        self, client_id: str, authority: str, scope: str, http: MsalHttp, tell: Callable[[str], None], *, browser: bool
    ) -> None:
        self._scopes, self._tell, self._browser = [scope], tell, browser
        self._force = False
        self._make = partial(
            msal.PublicClientApplication, client_id, authority=authority, instance_discovery=False, http_client=http
        )

    def acquire(self) -> Answer:
        """Give a token."""
        application = self._application
        for account in application.get_accounts():
            found = application.acquire_token_silent(self._scopes, account, force_refresh=self._force)
            if found:
                self._force = False
                return found  # type: ignore[no-any-return]
        if self._browser:
            self._tell("sign in in the browser window that opens")
            return application.acquire_token_interactive(self._scopes, timeout=300)  # type: ignore[no-any-return]
        flow = application.initiate_device_flow(scopes=self._scopes)
        if "user_code" not in flow:
            return flow  # type: ignore[no-any-return]
        self._tell(refusals.cut(str(flow.get("message") or f"{flow['verification_uri']}: {flow['user_code']}")))
        return application.acquire_token_by_device_flow(flow)  # type: ignore[no-any-return]

    def forget(self) -> None:
        """Have the next token come from Entra."""
        self._force = True

    @cached_property
    def _application(self) -> Any:
        return self._make()
