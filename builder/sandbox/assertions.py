"""Client assertions: how an application proves with its certificate that it is itself.

Claims and headers: measured on MSAL 1.39; error numbers: Microsoft's documentation of AADSTS codes.
"""

import base64
import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from builder.sandbox.records import stamp

_SKEW = timedelta(minutes=5)


class EntraRefusal(Exception):
    """A refusal of the token endpoint: OAuth's `error`, the AADSTS number, the text without it, the HTTP status."""

    def __init__(self, error: str, number: int, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.error = error
        self.number = number
        self.text = text
        self.status = status

    def body(self, now: datetime, correlation_id: str) -> dict[str, Any]:
        """The JSON body (members and layout of the description as Entra gives them)."""
        trace_id = str(uuid.uuid4())
        moment = now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.text} Trace ID: {trace_id} "
            f"Correlation ID: {correlation_id} Timestamp: {moment}",
            "error_codes": [self.number],
            "timestamp": moment,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }


@dataclass(frozen=True)
class Application:
    """An app registration with its service principal in the tenant, and the one certificate that is registered."""

    client_id: str
    name: str
    certificate: x509.Certificate
    object_id: str

    @property
    def sha1(self) -> str:
        """The thumbprint as admin pages show it: upper-case hex."""
        return hashlib.sha1(self._der, usedforsecurity=False).hexdigest().upper()

    @property
    def sha256(self) -> bytes:
        """The SHA-256 thumbprint."""
        return hashlib.sha256(self._der).digest()

    @property
    def _der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def verify_assertion(application: Application, assertion: str, audience: str, now: datetime) -> None:
    """Verify a client assertion against the registered certificate; raises EntraRefusal.

    The header names the certificate by `x5t#S256` or `x5t`, the signature is PS256 or RS256. A `jti` seen before is no
    fault: MSAL sends one assertion several times within its life.
    """
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.InvalidTokenError:
        raise EntraRefusal("invalid_request", 50027, "JWT token is invalid or malformed.") from None
    _check_certificate(application, header, now)
    try:
        claims = jwt.decode(
            assertion,
            cast(rsa.RSAPublicKey, application.certificate.public_key()),
            algorithms=["PS256", "RS256"],
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except jwt.InvalidTokenError:
        raise _bad_signature(application, "The key was found, but signature validation failed.") from None
    _check_claims(application, claims, audience, now)


def _check_certificate(application: Application, header: dict[str, Any], now: datetime) -> None:
    sha256, sha1 = _unbase64(header.get("x5t#S256")), _unbase64(header.get("x5t"))
    named = sha256 == application.sha256 if sha256 else sha1.hex().upper() == application.sha1
    if not named:
        thumbprint = (sha256 or sha1).hex().upper()
        raise _bad_signature(application, f"The key was not found., Thumbprint of key used by client: '{thumbprint}'")
    if not application.certificate.not_valid_before_utc <= now <= application.certificate.not_valid_after_utc:
        raise _bad_signature(application, "The key was found, but it is expired or not yet valid.")


def _check_claims(application: Application, claims: dict[str, Any], audience: str, now: datetime) -> None:
    if claims.get("aud") != audience:
        text = f"Client assertion audience claim does not match Realm issuer. Expected audience: '{audience}'."
        raise EntraRefusal("invalid_client", 700023, text, 401)
    client_id = application.client_id
    if not claims.get("jti") or claims.get("iss") != client_id or claims.get("sub") != client_id:
        text = "Client assertion application identifier doesn't match 'client_id' parameter, or 'jti' is missing."
        raise EntraRefusal("invalid_client", 700021, text, 401)
    expiry, start = claims.get("exp"), claims.get("nbf", claims.get("iat", 0))
    skew, moment = _SKEW.total_seconds(), now.timestamp()
    started = isinstance(start, int | float) and start - skew <= moment
    if not started or not isinstance(expiry, int | float) or moment >= expiry + skew:
        text = f"Client assertion is not within its valid time range. Current time: {stamp(now)}, exp: {expiry}."
        raise EntraRefusal("invalid_client", 700024, text, 401)


def _bad_signature(application: Application, reason: str) -> EntraRefusal:
    text = f"Client assertion failed signature validation. [Reason - {reason}, Please visit the Azure Portal or run"
    text += f" 'Get the registered keys' for Application with Id {application.client_id}]."
    return EntraRefusal("invalid_client", 700027, text, 401)


def _unbase64(value: object) -> bytes:
    if not isinstance(value, str):
        return b""
    try:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except ValueError:
        return b""
