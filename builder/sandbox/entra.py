"""Entra as far as an application signs in with a certificate: discovery, token requests, tokens."""

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from builder.sandbox.assertions import Application, EntraRefusal, verify_assertion
from builder.sandbox.records import Clock
from builder.sandbox.schema import stable_id

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a token speaks for."""

    client_id: str
    object_id: str


@dataclass
class Tenant:
    """One Entra tenant. `resource` is the one Dataverse in it, `base` this server's own address: both URLs without a
    slash at the end.
    """

    id: str
    base: str
    resource: str
    clock: Clock
    token_lifetime: timedelta
    applications: dict[str, Application] = field(default_factory=dict)
    generation: int = 0
    signing_key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def register(self, client_id: str, name: str, certificate: x509.Certificate) -> None:
        """Register an application with its certificate."""
        object_id = stable_id("service principal", self.id, client_id)
        self.applications[client_id] = Application(client_id, name, certificate, object_id)

    def application(self, client_id: str) -> Application | None:
        """Find an application of the tenant."""
        return self.applications.get(client_id.lower())

    @property
    def issuer(self) -> str:
        """The issuer of tokens (those for Dataverse are of version 1)."""
        return f"https://sts.windows.net/{self.id}/"

    @property
    def token_endpoint(self) -> str:
        """Where tokens are asked for; the audience of client assertions."""
        return f"{self.base}/{self.id}/oauth2/v2.0/token"

    def discovery(self) -> dict[str, Any]:
        """The OpenID configuration."""
        root = f"{self.base}/{self.id}"
        return {
            "issuer": f"{root}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": self.token_endpoint,
            "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{root}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> dict[str, Any]:
        """The keys that tokens are signed with."""
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self.signing_key.public_key(), as_dict=True)
        return {"keys": [{**key, "use": "sig", "kid": self._key_id}]}

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """Answer a token request; raises EntraRefusal."""
        self._check_grant(form)
        application = self.application(form["client_id"])
        if application is None:
            raise EntraRefusal(
                "unauthorized_client",
                700016,
                f"Application with identifier '{form['client_id']}' was not found in the directory '{self.id}'. This "
                "can happen if the application has not been installed by the administrator of the tenant or consented "
                "to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
            )
        self._check_credential(application, form)
        return self.issue(application, self._audience(form.get("scope", "")))

    def issue(self, application: Application, audience: str) -> dict[str, Any]:
        """Make a token for an application whose credential was checked."""
        now = self.clock()
        claims = {
            "aud": audience,
            "iss": self.issuer,
            "iat": now,
            "nbf": now,
            "exp": now + self.token_lifetime,
            "appid": application.client_id,
            "appidacr": "2",
            "oid": application.object_id,
            "sub": application.object_id,
            "tid": self.id,
            "uti": uuid.uuid4().hex,
            "ver": "1.0",
            "xms_sandbox": self.generation,
        }
        lifetime = int(self.token_lifetime.total_seconds())
        token = jwt.encode(claims, self.signing_key, algorithm="RS256", headers={"kid": self._key_id})
        return {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}

    def expire_tokens(self) -> None:
        """Let every token given out so far count as expired."""
        self.generation += 1

    def caller(self, token: str) -> Caller | None:
        """Say for whom an access token speaks; None where it is not valid now, here and for this resource."""
        try:
            claims = jwt.decode(
                token,
                self.signing_key.public_key(),
                algorithms=["RS256"],
                audience=[self.resource, f"{self.resource}/"],
                issuer=self.issuer,
                options={"require": ["exp", "aud", "iss"], "verify_exp": False, "verify_nbf": False},
            )
        except jwt.InvalidTokenError:
            return None
        if self.clock().timestamp() >= claims["exp"] or claims.get("xms_sandbox") != self.generation:
            return None
        return Caller(claims["appid"], claims["oid"])

    def _check_grant(self, form: dict[str, str]) -> None:
        for name in ("grant_type", "client_id"):
            if not form.get(name):
                text = f"The request body must contain the following parameter: '{name}'."
                raise EntraRefusal("invalid_request", 900144, text)
        if form["grant_type"] != "client_credentials":
            text = f"The app requested an unsupported grant type '{form['grant_type']}'."
            raise EntraRefusal("unsupported_grant_type", 70003, text)

    def _check_credential(self, application: Application, form: dict[str, str]) -> None:
        if form.get("client_secret"):
            raise EntraRefusal(
                "invalid_client",
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{application.client_id}'.",
                401,
            )
        if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
            text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise EntraRefusal("invalid_client", 7000218, text, 401)
        verify_assertion(application, form["client_assertion"], self.token_endpoint, self.clock())

    def _audience(self, scope: str) -> str:
        wanted = scope.split()
        if len(wanted) != 1 or not wanted[0].endswith("/.default"):
            raise EntraRefusal(
                "invalid_scope",
                70011,
                f"The provided request must include a 'scope' input parameter. The provided value for the input "
                f"parameter 'scope' is not valid. The scope {scope} is not valid.",
            )
        resource = wanted[0].removesuffix("/.default")
        if resource.lower().rstrip("/") != self.resource.lower():
            raise EntraRefusal(
                "invalid_resource",
                500011,
                f"The resource principal named {resource} was not found in the tenant named {self.id}. This can "
                "happen if the application has not been installed by the administrator of the tenant or consented to "
                "by any user in the tenant. You might have sent your authentication request to the wrong tenant.",
            )
        return resource

    @property
    def _key_id(self) -> str:
        numbers = self.signing_key.public_key().public_numbers()
        return hashlib.sha256(str(numbers.n).encode()).hexdigest()[:27]
