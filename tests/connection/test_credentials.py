"""Signing in through real MSAL: what goes over the wire, and what a person is told when Entra says no."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from builder.connection.credentials import CertificateFile, ClientSecret, Identity, Tokens
from builder.connection.wire import Wire
from builder.errors import Refused, Unreachable, UsageError
from tests.connection.test_certificates import KEY, certificate, key_pem, pem

TENANT = "11111111-1111-4111-8111-111111111111"
CLIENT = "22222222-2222-4222-8222-222222222222"
SECRET = "marked-client-secret"
HOST = "https://login.microsoftonline.com"
URL = "https://org.crm4.dynamics.com"
DISCOVERY = {
    "token_endpoint": f"{HOST}/{TENANT}/oauth2/v2.0/token",
    "authorization_endpoint": f"{HOST}/{TENANT}/oauth2/v2.0/authorize",
    "issuer": f"{HOST}/{TENANT}/v2.0",
}
GOOD = {"token_type": "Bearer", "expires_in": 3599, "access_token": "marked-access-token"}


class Entra:
    """Answers MSAL's requests in the process."""

    def __init__(self, answer: Any = None, status: int = 200, discovery: Any = DISCOVERY) -> None:
        self.answer, self.status, self.discovery = answer or GOOD, status, discovery
        self.sent: list[httpx.Request] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        found = self.discovery if request.method == "GET" else self.answer
        if isinstance(found, Exception):
            raise found
        status = self.status if request.method == "POST" or found is not DISCOVERY else 200
        headers = {"location": "https://evil.example/token"} if status == 302 else {}
        content = found if isinstance(found, str) else json.dumps(found)
        return httpx.Response(status, content=content, headers=headers)


@contextmanager
def signing_in(entra: Entra, credential: CertificateFile | ClientSecret | None = None) -> Iterator[Tokens]:
    wire = Wire(transport=httpx.MockTransport(entra))
    tokens = Tokens(
        Identity(TENANT, CLIENT, credential or ClientSecret(SECRET)), URL, wire=wire, sleep=entra.slept.append
    )
    try:
        yield tokens
    finally:
        tokens.close()


def segment(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_a_certificate_signs_by_ps256_with_its_sha256_thumbprint(tmp_path: Path) -> None:
    file = tmp_path / "app.pem"
    file.write_bytes(key_pem() + pem(certificate(KEY)))
    entra = Entra()
    with signing_in(entra, CertificateFile(file)) as tokens:
        assert tokens.token() == GOOD["access_token"] == tokens.token()
        assert [request.method for request in entra.sent] == ["GET", "POST"]  # the second token came from memory
        tokens.renew()
        tokens.token()
        assert len(entra.sent) == 3
    form = parse_qs(entra.sent[1].content.decode())
    header, claims = (segment(part) for part in form["client_assertion"][0].split(".")[:2])
    assert header["alg"] == "PS256" and "x5t#S256" in header and len(header["x5c"]) == 1
    assert claims["aud"] == DISCOVERY["token_endpoint"] and claims["iss"] == claims["sub"] == CLIENT
    assert form["scope"] == [f"{URL}/.default"]
    assert entra.sent[1].extensions["timeout"]["read"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (700016, "not in this tenant"),
        (7000215, "secret is wrong"),
        (7000222, "expired"),
        (700027, "not registered"),
        (500011, "--url"),
        (90002, "--tenant-id"),
        (53003, "Conditional Access"),
        (65001, "consent"),
        (123456, "sign-in log"),
    ],
)
def test_a_refused_sign_in_says_who_was_refused_why_and_what_to_do(number: int, told: str) -> None:
    description = (
        f"AADSTS{number}: Something is wrong. Trace ID: t-1 Correlation ID: c-1 Timestamp: 2026-01-01 00:00:00Z"
    )
    answer = {"error": "invalid_client", "error_description": description, "error_codes": [number], "trace_id": "t-1"}
    with signing_in(Entra(answer, 401)) as tokens, pytest.raises(Refused) as caught:
        tokens.token()
    assert caught.value.code == f"AADSTS{number}" and told in caught.value.hint
    for part in (CLIENT, TENANT, HOST, "Something is wrong", "t-1"):
        assert part in caught.value.message
    assert SECRET not in str(caught.value) + caught.value.hint and "Timestamp" not in caught.value.message


def test_a_certificate_that_has_ended_is_named_as_the_likely_cause(tmp_path: Path) -> None:
    file = tmp_path / "app.pem"
    file.write_bytes(key_pem() + pem(certificate(KEY, days=-3)))
    answer = {"error": "invalid_client", "error_description": "AADSTS700027: The certificate is not registered."}
    with signing_in(Entra(answer, 401), CertificateFile(file)) as tokens, pytest.raises(Refused) as caught:
        tokens.token()
    assert "ended on" in caught.value.hint


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("Name or service not known"),
        httpx.ReadTimeout("timed out"),
        httpx.ProxyError("407"),
    ],
)
@pytest.mark.parametrize("where", ["discovery", "token"])
def test_no_answer_is_unreachable_and_says_what_was_asked_of_whom(error: Exception, where: str) -> None:
    entra = Entra(discovery=error) if where == "discovery" else Entra(error)
    with signing_in(entra) as tokens, pytest.raises(Unreachable) as caught:
        tokens.token()
    assert HOST in caught.value.message and "asked for a token" in caught.value.message and caught.value.hint
    assert SECRET not in str(caught.value)


def test_a_server_error_of_entra_is_unreachable() -> None:
    with signing_in(Entra({"error": "x"}, 503)) as tokens, pytest.raises(Unreachable):
        tokens.token()


def test_a_tenant_that_is_not_there_is_told() -> None:
    answer = {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}
    entra = Entra(discovery=answer, status=400)
    with signing_in(entra) as tokens, pytest.raises(Refused, match="knows no tenant") as caught:
        tokens.token()
    assert caught.value.code == "AADSTS90002"


@pytest.mark.parametrize("discovery", ["<html>", {"issuer": "x"}])
def test_what_is_no_authority_is_told(discovery: Any) -> None:
    with signing_in(Entra(discovery=discovery)) as tokens, pytest.raises(Refused, match="does not answer like Entra"):
        tokens.token()


def test_a_token_answer_that_is_no_json_is_told() -> None:
    with signing_in(Entra("<html>")) as tokens, pytest.raises(Refused, match="does not answer like Entra"):
        tokens.token()


def test_a_redirect_of_the_sign_in_is_not_followed() -> None:
    entra = Entra(status=302)
    with signing_in(entra) as tokens, pytest.raises(Refused, match="redirects are not followed"):
        tokens.token()
    assert all("evil" not in str(request.url) for request in entra.sent)


def test_what_fails_for_the_moment_is_asked_again() -> None:
    entra = Entra({"error": "temporarily_unavailable"}, 503)
    with signing_in(entra) as tokens, pytest.raises(Unreachable):
        tokens.token()
    assert [request.method for request in entra.sent] == ["GET", *["POST"] * 4] and entra.slept == [1.0, 2.0, 4.0]


def test_a_token_endpoint_of_another_host_gets_no_credential() -> None:
    entra = Entra(discovery={**DISCOVERY, "token_endpoint": "https://evil.example/token"})
    with signing_in(entra) as tokens, pytest.raises(Refused, match="elsewhere"):
        tokens.token()
    assert [request.url.host for request in entra.sent] == ["login.microsoftonline.com"]


@pytest.mark.parametrize(
    ("tenant", "client", "host"),
    [
        (TENANT, "no-guid", HOST),
        ("../other", CLIENT, HOST),
        (f"{TENANT}/x", CLIENT, HOST),
        (TENANT, CLIENT, "http://login.example"),
        (TENANT, CLIENT, f"{HOST}/{TENANT}"),
    ],
)
def test_an_identity_that_makes_no_sense_is_refused_before_anything_is_sent(
    tenant: str, client: str, host: str
) -> None:
    with pytest.raises(UsageError):
        Identity(tenant, client, ClientSecret(SECRET), host)


def test_secrets_do_not_show_in_a_repr() -> None:
    identity = Identity(TENANT, CLIENT, ClientSecret(SECRET))
    assert SECRET not in repr(identity) + repr(CertificateFile(Path("app.pem"), SECRET))
