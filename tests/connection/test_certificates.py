"""Certificates and keys as people have them in files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from builder.connection import certificates
from builder.errors import UnreadableInput

PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)
PASSWORD = "marked-secret-password"


def certificate(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, name: str = "app", days: int = 30
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=days)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    return builder.not_valid_before(end - timedelta(days=60)).not_valid_after(end).sign(key, hashes.SHA256())


def key_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = KEY, password: str = "") -> bytes:
    wrapped = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return key.private_bytes(PEM, PKCS8, wrapped)


def pem(one: x509.Certificate) -> bytes:
    return one.public_bytes(PEM)


def pfx(password: str = PASSWORD) -> bytes:
    wrapped = serialization.BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(b"app", KEY, certificate(KEY), [certificate(OTHER_KEY, "ca")], wrapped)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_pem_file_is_read_in_any_order_and_the_keys_own_certificate_comes_first(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    own = certificate(KEY)
    parts = [key_pem(), pem(own), pem(certificate(OTHER_KEY, "ca"))]
    file = tmp_path / "app.pem"
    file.write_bytes(b"Bag Attributes\n".join(parts[place] for place in order))
    pair = certificates.load(file)
    assert pair.public_certificates.startswith(pem(own).decode()) and pair.public_certificates.count("BEGIN") == 2
    assert not pair.expired


def test_an_encrypted_key_opens_by_its_password(tmp_path: Path) -> None:
    file = tmp_path / "app.pem"
    file.write_bytes(pem(certificate(KEY)) + key_pem(password=PASSWORD))
    assert certificates.load(file, PASSWORD).private_key.private_numbers() == KEY.private_numbers()


def test_a_pfx_file_opens_by_its_password_whatever_it_is_called(tmp_path: Path) -> None:
    file = tmp_path / "app.bin"
    file.write_bytes(pfx())
    pair = certificates.load(file, PASSWORD)
    assert pair.private_key.private_numbers() == KEY.private_numbers() and pair.public_certificates.count("BEGIN") == 2


def test_a_certificate_that_has_ended_is_known_to_have(tmp_path: Path) -> None:
    file = tmp_path / "app.pem"
    file.write_bytes(pem(certificate(KEY, days=-1)) + key_pem())
    assert certificates.load(file).expired


EC_KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    ("content", "password", "told"),
    [
        (key_pem(), None, "no certificate"),
        (pem(certificate(KEY)), None, "no private key"),
        (key_pem(password=PASSWORD) + pem(certificate(KEY)), None, "password is missing"),
        (key_pem(password=PASSWORD) + pem(certificate(KEY)), "wrong", "password"),
        (key_pem() + pem(certificate(OTHER_KEY)), None, "belongs to none"),
        (key_pem().replace(b"M", b"N") + pem(certificate(KEY)), None, "damaged"),
        (key_pem(EC_KEY) + pem(certificate(EC_KEY)), None, "not an RSA key"),
        (pfx(), "wrong", "password"),
        (pfx(), None, "password"),
        (b"\x00 neither", None, "no PEM or PFX"),
        (b"", None, "no PEM or PFX"),
    ],
)
def test_what_cannot_be_used_is_told_without_the_password(
    tmp_path: Path, content: bytes, password: str | None, told: str
) -> None:
    file = tmp_path / "app.pem"
    file.write_bytes(content)
    with pytest.raises(UnreadableInput, match=told) as caught:
        certificates.load(file, password)
    assert PASSWORD not in str(caught.value) + caught.value.hint and str(file) in caught.value.message


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="cannot be read"):
        certificates.load(tmp_path / "nowhere.pem")
    with pytest.raises(UnreadableInput, match="cannot be read"):
        certificates.load(tmp_path)


def test_the_key_does_not_show_in_a_repr(tmp_path: Path) -> None:
    file = tmp_path / "app.pem"
    file.write_bytes(key_pem() + pem(certificate(KEY)))
    assert "PRIVATE KEY" not in repr(certificates.load(file))
