"""The certificate and private key an application signs in with, from a PEM or PFX (PKCS #12) file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import Certificate, load_pem_x509_certificates

from builder.errors import UnreadableInput

_PRIVATE_KEY = re.compile(rb"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_SIZE_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key and its certificate chain (PEM, the key's own certificate first)."""

    private_key: rsa.RSAPrivateKey = field(repr=False)
    public_certificates: str
    not_after: datetime

    @property
    def expired(self) -> bool:
        """Whether the certificate's time is over by this machine's clock."""
        return self.not_after < datetime.now(UTC)


def load(path: Path, password: str | None = None) -> KeyPair:
    """Read a file that holds a certificate and its RSA private key; what it holds decides, not its name.

    Raises UnreadableInput: no such file, no key or certificate in it, a wrong password, a key of another kind.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_SIZE_LIMIT + 1)
    except OSError as error:
        raise UnreadableInput(f"{path}: cannot be read: {error.strerror}", _HINT) from error
    if len(content) > _SIZE_LIMIT:
        raise UnreadableInput(f"{path}: too large for a certificate", _HINT)
    secret = password.encode() if password else None
    key, certificates = (
        _from_pem(path, content, secret) if b"-----BEGIN " in content else _from_pfx(path, content, secret)
    )
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UnreadableInput(f"{path}: the private key is not an RSA key", "Entra signs applications in with RSA keys")
    chain = _own_first(path, key, certificates)
    return KeyPair(
        private_key=key,
        public_certificates="".join(one.public_bytes(serialization.Encoding.PEM).decode("ascii") for one in chain),
        not_after=chain[0].not_valid_after_utc,
    )


_HINT = "give a PEM file with certificate and private key, or a PFX file"


def _from_pem(path: Path, content: bytes, password: bytes | None) -> tuple[object, list[Certificate]]:
    block = _PRIVATE_KEY.search(content)
    certificates = b"\n".join(_CERTIFICATE.findall(content))
    if not block or not certificates:
        raise UnreadableInput(f"{path}: no {'certificate' if block else 'private key'} in it", _HINT)
    encrypted = b"ENCRYPTED" in block.group()
    try:
        key = serialization.load_pem_private_key(block.group(), password if encrypted else None)
        return key, load_pem_x509_certificates(certificates)
    except (ValueError, TypeError) as error:
        if encrypted:
            raise UnreadableInput(
                f"{path}: the password is missing or does not open the private key", _PASSWORD
            ) from error
        raise UnreadableInput(f"{path}: the certificate or private key is damaged", _HINT) from error


_PASSWORD = "set the variable for the certificate's password; it has no option, since options show in process lists"  # noqa: S105 - a hint


def _from_pfx(path: Path, content: bytes, password: bytes | None) -> tuple[object, list[Certificate]]:
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, password)
    except ValueError as error:
        raise UnreadableInput(f"{path}: no PEM or PFX file, or the password does not open it", _PASSWORD) from error
    if key is None or certificate is None:
        raise UnreadableInput(f"{path}: no {'certificate' if key else 'private key'} in it", _HINT)
    return key, [certificate, *others]


def _own_first(path: Path, key: rsa.RSAPrivateKey, certificates: Iterable[Certificate]) -> list[Certificate]:
    """Put the certificate of the key first: its thumbprint is what Entra looks for."""
    chain = sorted(certificates, key=lambda one: one.public_key() != key.public_key())
    if chain[0].public_key() != key.public_key():
        raise UnreadableInput(f"{path}: the private key belongs to none of the certificates in it", _HINT)
    return chain
