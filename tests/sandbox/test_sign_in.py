"""Signing in by certificate with the real MSAL, and what is refused."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from builder.sandbox.assertions import Application, EntraRefusal, verify_assertion
from builder.sandbox.certificates import make_application_certificate
from tests.sandbox.client import Client, acquire
from tests.sandbox_process import Identity, RunningSandbox, running_sandbox

RSA = serialization.load_pem_private_key


def signs_in(answer: dict[str, Any]) -> bool:
    return "access_token" in answer and answer["token_type"] == "Bearer"


def test_certificate_without_thumbprint(sandbox: RunningSandbox) -> None:
    answer = acquire(sandbox, sandbox.admin)
    assert signs_in(answer)
    assert answer["expires_in"] == 3600
    assert answer["token_source"] == "identity_provider"


def test_old_thumbprint_header(sandbox: RunningSandbox) -> None:
    pem = sandbox.admin.certificate_path.read_bytes()
    thumbprint = x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA1()).hex()
    assert signs_in(acquire(sandbox, sandbox.admin, credential={"private_key": pem.decode(), "thumbprint": thumbprint}))


def test_pfx_file(sandbox: RunningSandbox, tmp_path: Path) -> None:
    pem = sandbox.admin.certificate_path.read_bytes()
    key, certificate = RSA(pem, None), x509.load_pem_x509_certificate(pem)
    encryption = serialization.BestAvailableEncryption(b"secret")
    file = tmp_path / "admin.pfx"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"admin", key, certificate, None, encryption))  # type: ignore[arg-type]
    credential = {"private_key_pfx_path": str(file), "passphrase": "secret"}
    assert signs_in(acquire(sandbox, sandbox.admin, credential=credential))


def test_the_application_signs_in_before_it_has_a_user(sandbox: RunningSandbox) -> None:
    assert signs_in(acquire(sandbox, sandbox.app))


@pytest.mark.parametrize(
    ("changes", "error", "number"),
    [
        ({"scope": "https://graph.microsoft.com/.default"}, "invalid_resource", 500011),
        ({"scope": "https://127.0.0.1/user_impersonation"}, "invalid_scope", 70011),
        ({"credential": "a secret"}, "invalid_client", 7000215),
    ],
)
def test_refusals(sandbox: RunningSandbox, changes: dict[str, Any], error: str, number: int) -> None:
    answer = acquire(sandbox, sandbox.admin, **changes)
    assert (answer["error"], answer["error_codes"]) == (error, [number])
    assert answer["error_description"].startswith(f"AADSTS{number}: ")
    for part in ("Trace ID: ", "Correlation ID: ", "Timestamp: "):
        assert part in answer["error_description"]
    assert {"timestamp", "trace_id", "correlation_id", "error_uri"} <= answer.keys()


def test_another_applications_certificate(sandbox: RunningSandbox) -> None:
    answer = acquire(sandbox, Identity(sandbox.admin.client_id, sandbox.app.certificate_path))
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [700027])
    assert "The key was not found." in answer["error_description"]


def test_an_application_of_another_tenant(sandbox: RunningSandbox) -> None:
    stranger = Identity("11111111-2222-3333-4444-555555555555", sandbox.app.certificate_path)
    answer = acquire(sandbox, stranger)
    assert (answer["error"], answer["error_codes"]) == ("unauthorized_client", [700016])


def test_an_unknown_tenant(sandbox: RunningSandbox) -> None:
    url = f"{sandbox.authority_host}/contoso.example/v2.0/.well-known/openid-configuration"
    answer = httpx.get(url, verify=sandbox.tls, trust_env=False)
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])
    with pytest.raises(ValueError, match="authority"):
        acquire(sandbox, sandbox.admin, tenant="contoso.example")


def test_discovery_and_keys(sandbox: RunningSandbox) -> None:
    base = f"{sandbox.authority_host}/{sandbox.tenant_id}"
    with httpx.Client(verify=sandbox.tls, trust_env=False) as client:
        document = client.get(f"{base}/v2.0/.well-known/openid-configuration").json()
        assert document["token_endpoint"] == f"{base}/oauth2/v2.0/token"
        assert document["issuer"] == f"{base}/v2.0"
        (key,) = client.get(document["jwks_uri"]).json()["keys"]
    token = acquire(sandbox, sandbox.admin)["access_token"]
    claims = jwt.decode(token, jwt.PyJWK(key).key, algorithms=["RS256"], audience=sandbox.dataverse_url)
    assert (claims["appid"], claims["tid"]) == (sandbox.admin.client_id, sandbox.tenant_id)


@pytest.mark.parametrize(
    ("form", "number"),
    [
        ({}, 900144),
        ({"grant_type": "client_credentials"}, 900144),
        ({"grant_type": "password", "client_id": "admin"}, 70003),
        ({"grant_type": "client_credentials", "client_id": "admin"}, 7000218),
        ({"grant_type": "client_credentials", "client_id": "admin", "client_assertion": "no.jwt"}, 50027),
    ],
)
def test_forms_that_are_no_token_request(sandbox: RunningSandbox, form: dict[str, str], number: int) -> None:
    if "client_id" in form:
        form = {**form, "client_id": sandbox.admin.client_id}
    if "client_assertion" in form:
        form = {**form, "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    url = f"{sandbox.authority_host}/{sandbox.tenant_id}/oauth2/v2.0/token"
    answer = httpx.post(url, data=form, verify=sandbox.tls, trust_env=False)
    assert answer.json()["error_codes"] == [number]


@pytest.mark.parametrize("tamper", [lambda token: "", lambda token: token[:-4], lambda token: "abc"])
def test_a_call_without_a_valid_token_is_401_with_an_empty_body(sandbox: RunningSandbox, tamper: Any) -> None:
    token = tamper(acquire(sandbox, sandbox.admin)["access_token"])
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{sandbox.dataverse_url}/api/data/v9.2/WhoAmI"
    answer = httpx.get(url, headers=headers, verify=sandbox.tls, trust_env=False)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["WWW-Authenticate"] == (
        f"Bearer authorization_uri={sandbox.authority_host}/{sandbox.tenant_id}/oauth2/authorize, "
        f"resource_id={sandbox.dataverse_url}/"
    )
    assert "401_error_reason" in answer.headers


@pytest.fixture(scope="module")
def short_lived() -> Iterator[RunningSandbox]:
    with running_sandbox(token_seconds=1) as running:
        yield running


def test_an_expired_token(short_lived: RunningSandbox) -> None:
    with Client(short_lived, short_lived.admin) as client:
        assert client.get("WhoAmI").status_code == 200
        time.sleep(1.1)
        assert client.get("WhoAmI").status_code == 401


# -- assertions, one by one


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> tuple[Application, bytes]:
    file = tmp_path_factory.mktemp("keys") / "app.pem"
    certificate = make_application_certificate("app", file)
    return Application("the-client", "App", certificate, "the-object"), file.read_bytes()


NOW = datetime.now(UTC)
AUDIENCE = "https://127.0.0.1/tenant/oauth2/v2.0/token"


def assertion(registered: tuple[Application, bytes], algorithm: str = "PS256", **changes: Any) -> str:
    application, pem = registered
    claims = {
        "aud": AUDIENCE,
        "iss": application.client_id,
        "sub": application.client_id,
        "jti": "once",
        "iat": NOW.timestamp(),
        "exp": NOW.timestamp() + 600,
        **changes,
    }
    key = RSA(pem, None) if algorithm != "HS256" else b"0" * 32
    thumbprint = jwt.utils.base64url_encode(application.sha256).decode()
    return jwt.encode(claims, key, algorithm, headers={"x5t#S256": thumbprint})  # type: ignore[arg-type]


def test_a_good_assertion_may_be_sent_again(application: tuple[Application, bytes]) -> None:
    for algorithm in ("PS256", "RS256"):
        signed = assertion(application, algorithm)
        verify_assertion(application[0], signed, AUDIENCE, NOW)
        verify_assertion(application[0], signed, AUDIENCE, NOW)


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"aud": "https://elsewhere"}, 700023),
        ({"iss": "someone"}, 700021),
        ({"sub": "someone"}, 700021),
        ({"jti": ""}, 700021),
        ({"exp": NOW.timestamp() - 400}, 700024),
        ({"exp": "soon"}, 700024),
        ({"nbf": NOW.timestamp() + 400}, 700024),
        ({"algorithm": "HS256"}, 700027),
    ],
)
def test_bad_assertions(application: tuple[Application, bytes], changes: dict[str, Any], number: int) -> None:
    with pytest.raises(EntraRefusal) as refused:
        verify_assertion(application[0], assertion(application, **changes), AUDIENCE, NOW)
    assert refused.value.number == number


def test_an_expired_certificate(application: tuple[Application, bytes]) -> None:
    later = NOW + timedelta(days=30)
    with pytest.raises(EntraRefusal) as refused:
        verify_assertion(application[0], assertion(application), AUDIENCE, later)
    assert (refused.value.number, "expired" in refused.value.text) == (700027, True)
