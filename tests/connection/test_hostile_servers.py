"""The credential goes nowhere else: hostile environments, authorities and proxies, each over real TLS."""

import base64
import json
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from builder.connection.credentials import CertificateFile, ClientSecret, Identity
from builder.connection.http_log import HttpLog
from builder.connection.opening import open_connection
from builder.dataverse import users
from builder.dataverse.organization import who_am_i
from builder.errors import Refused, Unreachable
from tests.connection.hostile import Reply, Server, serving, trust
from tests.connection.test_certificates import KEY, certificate, key_pem, pem

TENANT, OTHER = "11111111-1111-4111-8111-111111111111", "99999999-9999-4999-8999-999999999999"
CLIENT = "22222222-2222-4222-8222-222222222222"
SECRET = "marked-client-secret-4711"


def json_reply(body: Any, status: int = 200, **headers: str) -> Reply:
    return status, {"content-type": "application/json", **headers}, json.dumps(body).encode()


def token(tenant: str) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"tid": tenant}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{claims}.marked-signature"


def entra(tenant: str = TENANT, *, token_endpoint: str | None = None) -> Server:
    server = Server(lambda *_: json_reply({}))

    def answer(method: str, path: str) -> Reply:
        base = f"{server.url}/{TENANT}"
        if method == "GET":
            return json_reply(
                {
                    "token_endpoint": token_endpoint or f"{base}/oauth2/v2.0/token",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "issuer": f"{base}/v2.0",
                }
            )
        return json_reply({"token_type": "Bearer", "expires_in": 3599, "access_token": token(tenant)})

    server.answer = answer
    return server


def challenge(tenant: str = TENANT, authority: str = "https://evil.example") -> Reply:
    value = f"Bearer authorization_uri={authority}/{tenant}/oauth2/authorize, resource_id=https://x/"
    return 401, {"www-authenticate": value}, b""


def dataverse(answer: Any, tenant: str = TENANT) -> Server:
    """An environment that challenges first, and answers then by a reply or a function."""
    server = Server(lambda *_: challenge(tenant))

    def reply(method: str, path: str) -> Reply:
        if not server.seen[-1][2]:
            return challenge(tenant)
        found: Reply = answer(method, path) if callable(answer) else answer
        return found

    server.answer = reply
    return server


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def connected(
    authority: trustme.CA, folder: Path, environment: Server, sign_in: Server, *others: Server
) -> Iterator[Any]:
    with serving(authority, environment, sign_in, *others):
        identity = Identity(TENANT, CLIENT, ClientSecret(SECRET), sign_in.url)
        with open_connection(environment.url, identity, ca_file=trust(authority, folder)) as connection:
            connection.sleep = lambda _: None
            yield connection


def test_of_the_challenge_only_the_tenant_is_used(authority: trustme.CA, tmp_path: Path) -> None:
    elsewhere = entra()
    who = {"UserId": "u", "BusinessUnitId": "b", "OrganizationId": "o"}
    server = dataverse(json_reply(who))
    server_answer = server.answer
    with connected(authority, tmp_path, server, entra(), elsewhere) as connection:
        server.answer = lambda method, path: (
            challenge(TENANT, elsewhere.url) if not server.seen[-1][2] else server_answer(method, path)
        )
        assert who_am_i(connection).user_id == "u"
    assert elsewhere.seen == []
    assert server.seen[0][2] == ""  # the challenge was asked for without a token


@pytest.mark.parametrize(("environments", "tokens"), [(OTHER, TENANT), (TENANT, OTHER)])
def test_a_token_of_another_tenant_than_the_environments_stops_everything(
    authority: trustme.CA, tmp_path: Path, environments: str, tokens: str
) -> None:
    server = dataverse(json_reply({}), environments)
    with connected(authority, tmp_path, server, entra(tokens)) as connection, pytest.raises(Refused) as caught:
        who_am_i(connection)
    assert environments in caught.value.message and tokens in caught.value.message
    assert server.credentials() == []


@pytest.mark.parametrize("reply", [(401, {}, b""), (200, {}, b"{}"), (302, {"location": "/x"}, b""), (404, {}, b"")])
def test_an_environment_that_names_no_tenant_gets_no_token(authority: trustme.CA, tmp_path: Path, reply: Reply) -> None:
    server = Server(lambda *_: reply)
    with connected(authority, tmp_path, server, entra()) as connection, pytest.raises(Refused):
        who_am_i(connection)
    assert server.credentials() == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_of_the_environment_is_followed(authority: trustme.CA, tmp_path: Path, status: int) -> None:
    evil = Server(lambda *_: json_reply({}))
    server = dataverse(lambda *_: (status, {"location": f"{evil.url}/api/data/v9.2/WhoAmI"}, b""))
    with connected(authority, tmp_path, server, entra(), evil) as connection, pytest.raises(Refused, match="redirect"):
        who_am_i(connection)
    assert evil.seen == []


@pytest.mark.parametrize("status", [302, 307, 308])
def test_no_redirect_of_the_authority_is_followed(authority: trustme.CA, tmp_path: Path, status: int) -> None:
    evil = Server(lambda *_: json_reply({}))
    sign_in = entra()
    honest = sign_in.answer
    sign_in.answer = lambda method, path: (
        honest(method, path) if method == "GET" else (status, {"location": f"{evil.url}/token"}, b"")
    )
    server = dataverse(json_reply({}))
    with connected(authority, tmp_path, server, sign_in, evil) as connection, pytest.raises(Refused, match="redirect"):
        who_am_i(connection)
    assert evil.seen == []


def test_a_token_endpoint_elsewhere_gets_no_credential(authority: trustme.CA, tmp_path: Path) -> None:
    evil = Server(lambda *_: json_reply({}))
    with serving(authority, evil):
        sign_in, server = entra(token_endpoint=f"{evil.url}/token"), dataverse(json_reply({}))
        with connected(authority, tmp_path, server, sign_in) as own, pytest.raises(Refused, match="elsewhere"):
            who_am_i(own)
    assert evil.seen == [] and sign_in.credentials() == []


def test_a_next_page_elsewhere_gets_no_token(authority: trustme.CA, tmp_path: Path) -> None:
    evil = Server(lambda *_: json_reply({"value": []}))
    server = dataverse(lambda *_: json_reply({"value": [], "@odata.nextLink": f"{evil.url}/api/data/v9.2/accounts"}))
    with connected(authority, tmp_path, server, entra(), evil) as connection, pytest.raises(Refused, match="next page"):
        list(connection.rows("accounts"))
    assert evil.seen == []


@pytest.mark.parametrize("host", ["https://evil.example", "{own}.evil.example"])
def test_a_made_row_elsewhere_is_no_answer(authority: trustme.CA, tmp_path: Path, host: str) -> None:
    ports: list[str] = [""]

    def made(*_: str) -> Reply:
        return 204, {"odata-entityid": host.format(own=ports[0]) + f"/systemusers({CLIENT})"}, b""

    server = dataverse(made)
    with connected(authority, tmp_path, server, entra()) as connection:
        ports[0] = server.url
        with pytest.raises(Refused, match="which row"):
            users.create(connection, CLIENT, TENANT)


def test_an_unknown_authority_of_tls_is_never_trusted(authority: trustme.CA, tmp_path: Path) -> None:
    other = trustme.CA()
    server, sign_in = dataverse(json_reply({})), entra()
    with serving(authority, server, sign_in):
        identity = Identity(TENANT, CLIENT, ClientSecret(SECRET), sign_in.url)
        with open_connection(server.url, identity, ca_file=trust(other, tmp_path)) as connection:
            connection.sleep = lambda _: None
            with pytest.raises(Unreachable, match=r"(?i)certificate"):
                who_am_i(connection)
    assert server.seen == [] and sign_in.seen == []


class ConnectProxy:
    """A proxy that tunnels to whatever name, to the servers that the test runs in its place."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.ports, self.asked = ports, list[str]()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        name = head.split()[1].decode().rsplit(":", 1)[0]
        self.asked.append(name)
        with client, socket.create_connection(("127.0.0.1", self.ports[name])) as server:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                for one in select.select([client, server], [], [])[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    (server if one is client else client).sendall(data)


def test_sign_in_and_api_go_through_the_proxy_and_trust_the_companys_authority(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = {"UserId": "u", "BusinessUnitId": "b", "OrganizationId": "o"}
    server, sign_in = dataverse(json_reply(who)), entra()
    names = ("org.crm4.example", "login.example")
    with serving(authority, server, sign_in, names=names):
        proxy = ConnectProxy({names[0]: server.port, names[1]: sign_in.port})
        honest = sign_in.answer
        sign_in.answer = lambda method, path: tuple(  # the authority knows itself by its name
            part.replace(sign_in.url.encode(), b"https://login.example") if isinstance(part, bytes) else part
            for part in honest(method, path)
        )  # type: ignore[assignment,return-value]
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        identity = Identity(TENANT, CLIENT, ClientSecret(SECRET), "https://login.example")
        ca_file = trust(authority, tmp_path)
        with open_connection("https://org.crm4.example", identity, ca_file=ca_file) as connection:
            assert who_am_i(connection).user_id == "u"
        proxy.close()
    assert set(proxy.asked) == set(names)


def test_the_log_holds_no_secret_and_is_its_owners(authority: trustme.CA, tmp_path: Path) -> None:
    file = tmp_path / "app.pem"
    file.write_bytes(key_pem() + pem(certificate(KEY)))
    server, sign_in = dataverse(json_reply({"UserId": "u", "BusinessUnitId": "b", "OrganizationId": "o"})), entra()
    log = HttpLog(tmp_path / "http.log", bodies=True)
    with serving(authority, server, sign_in):
        ca_file = trust(authority, tmp_path)
        for credential in (ClientSecret(SECRET), CertificateFile(file)):
            identity = Identity(TENANT, CLIENT, credential, sign_in.url)
            with open_connection(server.url, identity, ca_file=ca_file, log=log) as connection:
                who_am_i(connection)
    log.close()
    written = (tmp_path / "http.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["method"] for line in lines].count("POST") == 2 and any("response" in line for line in lines)
    for secret in (SECRET, "marked-signature", "eyJ", "client_assertion", "PRIVATE"):
        assert secret not in written
    assert (tmp_path / "http.log").stat().st_mode & 0o777 == 0o600
