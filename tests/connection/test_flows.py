"""Every way to sign in goes through real MSAL; what leaves is what Entra, GitHub, Azure DevOps and machines expect."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from builder.connection import federation
from builder.connection.clouds import CLOUDS, authority_of
from builder.connection.credentials import Credential, Federation, Identity, ManagedIdentity, Person, Tokens
from builder.connection.wire import Wire
from builder.errors import Refused, UnreadableInput, UsageError
from tests.connection.test_credentials import CLIENT, DISCOVERY, GOOD, HOST, TENANT, URL

DISCOVERY_OF_PERSONS = {**DISCOVERY, "device_authorization_endpoint": f"{HOST}/{TENANT}/oauth2/v2.0/devicecode"}
CI = "https://ci.example/token?job=1"


class Wires:
    """Answers everything in the process, and notes what was asked."""

    def __init__(self, **answers: Callable[[httpx.Request], httpx.Response] | httpx.Response) -> None:
        self.answers = answers
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if request.url.path.endswith("openid-configuration"):
            return httpx.Response(200, json=DISCOVERY_OF_PERSONS)
        name = request.url.path.rsplit("/", 1)[-1] if request.url.host != "ci.example" else "ci"
        found = self.answers.get(name, httpx.Response(200, json=GOOD))
        return found(request) if callable(found) else found

    def tokens(self, credential: Credential, client: str = CLIENT) -> Tokens:
        return Tokens(Identity(TENANT, client, credential), URL, wire=Wire(transport=httpx.MockTransport(self)))

    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.seen[-1].content.decode())


def test_a_token_file_is_read_anew_and_sent_as_the_assertion(tmp_path: Path) -> None:
    file, wires = tmp_path / "token", Wires()
    file.write_text("first.jwt.marked\n")
    tokens = wires.tokens(Federation(federation.token_file(file)))
    assert tokens.token() == GOOD["access_token"]
    assert wires.form()["client_assertion"] == ["first.jwt.marked"]
    file.write_text("second.jwt.marked")
    tokens.renew()
    tokens.token()
    assert wires.form()["client_assertion"] == ["second.jwt.marked"]
    file.unlink()
    tokens.renew()
    with pytest.raises(UnreadableInput, match="federated token"):
        tokens.token()
    assert "marked" not in repr(tokens.identity)


def test_github_is_asked_for_the_jobs_token() -> None:
    wires = Wires(ci=httpx.Response(200, json={"value": "job.jwt"}))
    wires.tokens(Federation(federation.github(CI, "request-token"))).token()
    asked = next(request for request in wires.seen if request.url.host == "ci.example")
    assert asked.method == "GET" and asked.headers["authorization"] == "Bearer request-token"
    assert dict(asked.url.params) == {"job": "1", "audience": "api://AzureADTokenExchange"}
    assert wires.form()["client_assertion"] == ["job.jwt"]


def test_azure_devops_is_asked_for_the_service_connections_token() -> None:
    wires = Wires(ci=httpx.Response(200, json={"oidcToken": "job.jwt"}))
    wires.tokens(Federation(federation.azure_devops(CI, "access-token", "connection-1"))).token()
    asked = next(request for request in wires.seen if request.url.host == "ci.example")
    assert asked.method == "POST" and asked.url.params["serviceConnectionId"] == "connection-1"
    assert wires.form()["client_assertion"] == ["job.jwt"]


@pytest.mark.parametrize("answer", [httpx.Response(403), httpx.Response(200, text="<p>"), httpx.Response(200, json={})])
def test_a_pipeline_without_a_token_is_told(answer: httpx.Response) -> None:
    wires = Wires(ci=answer)
    with pytest.raises(Refused, match="gave no token") as caught:
        wires.tokens(Federation(federation.github(CI, "marked-request-token"))).token()
    assert "id-token: write" in caught.value.hint and "marked" not in str(caught.value)
    with pytest.raises(UsageError, match="https"):
        wires.tokens(Federation(federation.github("http://ci.example", "x"))).token()


@pytest.mark.parametrize("client", ["", CLIENT])
def test_a_managed_identity_asks_the_machine(client: str) -> None:
    machine = httpx.Response(200, json={"access_token": "m", "expires_in": "3599", "resource": URL})
    wires = Wires(token=machine)
    assert wires.tokens(ManagedIdentity(), client).token() == "m"
    (asked,) = wires.seen
    assert asked.url.host == "169.254.169.254" and asked.headers["metadata"] == "true"
    assert asked.url.params["resource"] == URL and asked.url.params.get("client_id") == (client or None)


def test_a_person_signs_in_by_a_code() -> None:
    told: list[str] = []
    pending = [httpx.Response(400, json={"error": "authorization_pending"})]
    code = {
        "user_code": "ABC", "device_code": "d", "verification_uri": "https://x", "expires_in": 900, "interval": 0.01,
        "message": "To sign in, open https://x and enter ABC",
    }  # fmt: skip
    answers = Wires(
        devicecode=httpx.Response(200, json=code),
        token=lambda _: pending.pop() if pending else httpx.Response(200, json=GOOD),
    )
    assert answers.tokens(Person(told.append)).token() == GOOD["access_token"]
    assert told == [code["message"]]
    asked = next(request for request in answers.seen if request.url.path.endswith("devicecode"))
    assert f"{URL}/user_impersonation" in parse_qs(asked.content.decode())["scope"][0]


@pytest.mark.parametrize(("number", "told"), [(700016, "register"), (65001, "consent")])
def test_a_person_without_a_registration_is_told_how_to_make_one(number: int, told: str) -> None:
    answer = {"error": "invalid_client", "error_description": f"AADSTS{number}: No."}
    wires = Wires(devicecode=httpx.Response(400, json=answer))
    with pytest.raises(Refused) as caught:
        wires.tokens(Person(lambda _: None)).token()
    assert told in caught.value.hint


def test_clouds_have_their_source_and_others_need_an_address() -> None:
    assert all(cloud.source for cloud in CLOUDS)
    assert authority_of("https://org.crm4.dynamics.com") == "https://login.microsoftonline.com"
    assert authority_of("https://org.crm.microsoftdynamics.us") == "https://login.microsoftonline.us"
    for unknown in ("https://org.crm9.dynamics.com", "https://dynamics.com.evil.example", "https://127.0.0.1:1"):
        with pytest.raises(UsageError, match="not known") as caught:
            authority_of(unknown)
        assert "AZURE_AUTHORITY_HOST" in caught.value.hint
