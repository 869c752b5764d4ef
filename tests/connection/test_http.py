"""What leaves solsmith, how often, and what a person is told when the answer is no."""

from email.utils import formatdate
from pathlib import Path

import httpx
import pytest

from builder.connection.address import https_origin
from builder.connection.http import WAIT_LIMIT, Connection, NoAnswer
from builder.errors import Refused, Unreachable, UsageError
from tests.fake_api import ORIGIN, SECRET, FakeApi, FakeTokens, ok, refusal


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_a_busy_server_is_asked_again_where_that_changes_nothing(method: str, status: int) -> None:
    api = FakeApi().on(f"{method} accounts", refusal(status), refusal(status), ok({"value": []}))
    with api.connection() as connection:
        connection.send(method, "accounts")
    assert api.slept == [1.0, 2.0]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_post_is_never_sent_twice_by_a_server_error(status: int) -> None:
    api = FakeApi().on("POST ImportSolutionAsync", refusal(status))
    with api.connection() as connection, pytest.raises(Refused) as caught:
        connection.send("POST", "ImportSolutionAsync", body={})
    assert len(api.requests) == 1 and caught.value.status == status


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut"), httpx.ReadError("gone")]
)
def test_a_post_whose_answer_is_lost_is_not_sent_again_and_says_that_it_may_have_happened(error: Exception) -> None:
    api = FakeApi().on("POST accounts", error)
    with api.connection() as connection, pytest.raises(NoAnswer):
        connection.send("POST", "accounts", body={})
    assert len(api.requests) == 1


def test_a_post_is_sent_again_after_429_which_is_refused_before_it_is_carried_out() -> None:
    api = FakeApi().on("POST accounts", refusal(429, retry_after="7"), ok())
    with api.connection() as connection:
        connection.send("POST", "accounts", body={})
    assert api.slept == [7.0] and len(api.requests) == 2


def test_a_connection_that_never_came_about_is_unreachable_and_not_an_unknown_outcome() -> None:
    api = FakeApi().on("POST accounts", httpx.ConnectError("refused"))
    with api.connection() as connection, pytest.raises(Unreachable) as caught:
        connection.send("POST", "accounts", body={})
    assert not isinstance(caught.value, NoAnswer)
    assert "POST accounts" in caught.value.message and "refused" in caught.value.message and caught.value.hint


def test_retry_after_as_a_date_is_waited_for() -> None:
    api = FakeApi().on("GET accounts", refusal(503, retry_after=formatdate(1042, usegmt=True)), ok({}))
    with api.connection(now=lambda: 1000.0) as connection:
        connection.get("accounts")
    assert api.slept == [42.0]


def test_a_wait_beyond_the_budget_is_not_begun() -> None:
    api = FakeApi().on("GET accounts", refusal(429, retry_after=str(int(WAIT_LIMIT) + 1)))
    with api.connection() as connection, pytest.raises(Refused) as caught:
        connection.get("accounts")
    assert api.slept == [] and caught.value.status == 429


def test_retrying_ends_and_each_wait_is_told() -> None:
    told: list[str] = []
    api = FakeApi().on("GET accounts", refusal(503, message="restarting"))
    with api.connection(on_wait=told.append) as connection, pytest.raises(Refused):
        connection.get("accounts")
    assert api.slept == [1.0, 2.0, 4.0, 8.0] and len(told) == 4 and "restarting" in told[0]


def test_a_redirect_is_an_error_and_nothing_is_sent_to_where_it_points() -> None:
    api = FakeApi().on("GET accounts", httpx.Response(302, headers={"location": "https://evil.example/api"}))
    with api.connection() as connection, pytest.raises(Refused, match="redirects are not followed"):
        connection.get("accounts")
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/data/v9.2/accounts?page=2",
        "http://org.crm4.dynamics.com/api/data/v9.2/accounts",
        "https://org.crm4.dynamics.com:444/api/data/v9.2/accounts",
        "https://org.crm4.dynamics.com@evil.example/api/data/v9.2/accounts",
        "https://org.crm4.dynamics.com/other",
        "/api/data/v9.2/accounts",
    ],
)
def test_a_next_page_of_another_origin_is_refused(link: str) -> None:
    api = FakeApi().on("GET accounts", ok({"value": [{"n": 1}], "@odata.nextLink": link}))
    with api.connection() as connection, pytest.raises(Refused, match="next page elsewhere"):
        list(connection.rows("accounts"))
    assert len(api.requests) == 1


def test_pages_are_followed_verbatim() -> None:
    link = f"{ORIGIN}/api/data/v9.2/accounts?$skiptoken=%3Ccookie%20a='1'/%3E"
    api = FakeApi().on("GET accounts", ok({"value": [{"n": 1}], "@odata.nextLink": link}), ok({"value": [{"n": 2}]}))
    with api.connection() as connection:
        assert [row["n"] for row in connection.rows("accounts")] == [1, 2]
    assert api.requests[1].url.raw_path.decode().endswith("%3Ccookie%20a='1'/%3E")


def test_absent_refused_and_unknown_are_three_answers() -> None:
    api = FakeApi()
    with api.connection() as connection:
        api.on("GET roles(1)", refusal(404, "0x80040217"))
        assert connection.find("roles(1)") is None
        for answer in (
            refusal(404, "0x80060888"),  # no such set
            httpx.Response(404, html="<h1>nginx</h1>"),  # no Dataverse
            refusal(403, "0x80040220"),
            httpx.Response(401),
        ):
            api.on("GET roles(1)", answer)
            with pytest.raises(Refused) as caught:
                connection.find("roles(1)")
            assert caught.value.status == answer.status_code


def test_a_stale_token_is_renewed_once() -> None:
    api = FakeApi().on("GET accounts", httpx.Response(401), ok({}))
    with api.connection() as connection:
        connection.get("accounts")
        assert [request.headers["authorization"] for request in api.requests] == [
            f"Bearer {SECRET}-0",
            f"Bearer {SECRET}-1",
        ]
        api.on("GET accounts", httpx.Response(401))
        with pytest.raises(Refused) as caught:
            connection.get("accounts")
    assert caught.value.status == 401 and len(api.requests) == 4


def test_a_refusal_tells_method_path_status_code_text_and_request_and_no_secret() -> None:
    message = "Principal user is missing prvReadAccount privilege"
    api = FakeApi().on("GET accounts", refusal(403, "0x80040220", message, x_ms_service_request_id="r-17"))
    with api.connection() as connection, pytest.raises(Refused) as caught:
        connection.get("accounts?$filter=name eq 'query-secret'")
    told = caught.value.message
    for part in ("GET accounts", ORIGIN, "403", "0x80040220", message, "r-17"):
        assert part in told
    assert SECRET not in told and "query-secret" not in told
    assert (caught.value.code, caught.value.status) == ("0x80040220", 403)


def test_a_text_of_hundreds_of_thousands_of_characters_is_cut() -> None:
    api = FakeApi().on("GET accounts", refusal(400, "0x80040203", "x" * 441_214))
    with api.connection() as connection, pytest.raises(Refused, match="more characters") as caught:
        connection.get("accounts")
    assert len(caught.value.message) < 3000


def test_a_page_that_is_no_json_is_not_taken_for_an_answer() -> None:
    api = FakeApi().on("GET accounts", httpx.Response(200, html="<title>Sign in</title>"))
    with api.connection() as connection, pytest.raises(Refused, match="no JSON object"):
        connection.get("accounts")


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://Org.crm4.dynamics.com/", "https://org.crm4.dynamics.com"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://org.crm.dynamics.com:443", "https://org.crm.dynamics.com"),
    ],
)
def test_an_address_is_normalised(given: str, origin: str) -> None:
    assert https_origin(given, "--url") == origin


@pytest.mark.parametrize(
    "given",
    [
        "http://org.crm4.dynamics.com",
        "org.crm4.dynamics.com",
        "https://user:pass-word@org.crm4.dynamics.com",
        "https://org.crm4.dynamics.com/main.aspx?appid=1",
        "https://org.crm4.dynamics.com:port",
        "https://",
        "",
    ],
)
def test_an_address_that_no_credential_may_go_to_is_refused(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        https_origin(given, "--url")
    assert "pass-word" not in caught.value.message


def test_a_ca_file_that_is_none_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "ca.pem"
    broken.write_text("no certificate")
    with pytest.raises(UsageError, match=r"ca\.pem"):
        Connection(ORIGIN, FakeTokens(), ca_file=broken)
