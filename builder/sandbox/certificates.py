"""What is made at start: a certificate authority for TLS, and a certificate with its key for each application."""

import datetime
import os
import ssl
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def serve_tls(host: str, ca_file: Path) -> ssl.SSLContext:
    """Make an authority and a leaf for the host; writes the authority's certificate, gives the server's context."""
    authority = trustme.CA(organization_name="solsmith sandbox")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, "localhost").configure_cert(context)
    write_private(ca_file, authority.cert_pem.bytes())
    return context


def make_application_certificate(name: str, path: Path) -> x509.Certificate:
    """Make an RSA 2048 certificate of a week's life; writes certificate and unencrypted key to one PEM of mode 0600."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(path, certificate.public_bytes(Encoding.PEM) + pem)
    return certificate


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read: beside its place first, then renamed."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    beside.replace(path)
