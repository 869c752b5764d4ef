"""Faults on demand: each kind, what it does to the answer and what to the state, the same way every time."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from builder.sandbox.disturbances import Disturbances, Rule, read_rules
from tests.sandbox.client import Client, Role, acquire, make_zip, refusal, start_import, unique
from tests.sandbox_process import RunningSandbox, running_sandbox
from tests.support import run_cli


@pytest.fixture(scope="module")
def own() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def client(own: RunningSandbox) -> Iterator[Client]:
    own.set_faults([])
    with Client(own, own.admin) as admin:
        yield admin
    own.set_faults([])


def accounts(client: Client) -> int:
    return len(client.read("accounts?$select=accountid"))


def test_a_cut_before_does_nothing_and_a_cut_after_has_acted(own: RunningSandbox, client: Client) -> None:
    before = accounts(client)
    for kind, made in (("cut-before", 0), ("cut-after", 1)):
        own.set_faults([f"POST accounts 1 {kind}"])
        with pytest.raises(httpx.TransportError):
            client.post("accounts", json={"name": "A"})
        assert accounts(client) == before + made
    posts = [asked for asked in own.requests() if asked["method"] == "POST"]
    assert [(asked["status"], asked["faults"]) for asked in posts] == [(0, ["cut-after"])]


def test_a_cut_body_ends_in_the_middle(own: RunningSandbox, client: Client) -> None:
    own.set_faults(["GET WhoAmI 1 cut-body"])
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("WhoAmI")
    assert client.get("WhoAmI").status_code == 200


@pytest.mark.parametrize(
    ("word", "code"), [("", "0x80072322"), (":time", "0x80072321"), (":concurrent:7", "0x80072326")]
)
def test_the_three_limits(own: RunningSandbox, client: Client, word: str, code: str) -> None:
    before = accounts(client)
    own.set_faults([f"* accounts 1 429{word}"])
    answer = client.post("accounts", json={"name": "A"})
    assert refusal(answer) == (429, code)
    assert answer.headers["Retry-After"] == ("7" if word.endswith("7") else "2")
    assert accounts(client) == before
    assert int(client.get("WhoAmI").headers["x-ms-ratelimit-burst-remaining-xrm-requests"])


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_before_and_after(own: RunningSandbox, client: Client, status: int) -> None:
    before = accounts(client)
    for kind, made in ((f"{status}", 0), (f"{status}:after:3", 1)):
        own.set_faults([f"POST accounts 1 {kind}"])
        answer = client.post("accounts", json={"name": "A"})
        assert answer.status_code == status
        assert answer.headers.get("Retry-After") == ("3" if made else None)
        assert answer.headers["Content-Type"].startswith("application/json" if status == 500 else "text/html")
        assert accounts(client) == before + made


def test_waiting(own: RunningSandbox, client: Client) -> None:
    for kind in ("latency:0.3", "slow-body:0.3"):
        own.set_faults([f"GET WhoAmI 2 {kind}"])
        client.get("WhoAmI")
        began = time.monotonic()
        assert "UserId" in client.get("WhoAmI").json()
        assert time.monotonic() - began >= 0.29


def test_tokens_end(own: RunningSandbox, client: Client) -> None:
    own.set_faults(["GET WhoAmI 2 401", "GET WhoAmI 4 expire-tokens"])
    assert [client.get("WhoAmI").status_code for _ in range(6)] == [200, 401, 200, 401, 401, 401]
    with Client(own, own.admin, acquire(own, own.admin)["access_token"]) as anew:
        assert anew.get("WhoAmI").status_code == 200


def test_a_clock_that_is_ahead_ends_assertions_and_tokens(own: RunningSandbox, client: Client) -> None:
    own.set_faults(["GET WhoAmI 1 skew:90000", "GET WhoAmI 2 skew:0"])
    answer = client.get("WhoAmI")
    assert answer.status_code == 401
    try:
        assert acquire(own, own.admin)["error_codes"] == [700024]
    finally:
        assert client.get("WhoAmI").status_code == 200


def test_new_rows_show_late(own: RunningSandbox, client: Client) -> None:
    own.set_faults(["POST accounts 1 lag:2", "POST accounts 2 lag:0.4s"])
    first = client.make("accounts", name="A")
    seen = [client.get(f"accounts({first})").status_code, len(client.read(f"accounts?$filter=accountid eq {first}"))]
    assert seen == [404, 0]
    assert client.get(f"accounts({first})").status_code == 200
    second = client.make("accounts", name="B")
    assert client.get(f"accounts({second})").status_code == 404
    time.sleep(0.45)
    assert client.get(f"accounts({second})").status_code == 200


def test_an_import_whose_answer_was_lost_goes_on(own: RunningSandbox, client: Client) -> None:
    name = unique("Trial")
    own.set_faults(["POST ImportSolutionAsync 1 cut-after"])
    with pytest.raises(httpx.TransportError):
        start_import(client, make_zip(Role(unique("R"), {"prvReadAccount": "Global"}), name=name))
    for _ in range(5):
        jobs = client.read("importjobs?$select=progress")
    assert jobs[-1]["progress"] == 100.0
    assert len(client.read(f"solutions?$filter=uniquename eq '{name}'")) == 1


def test_sign_in_meets_faults_too(own: RunningSandbox, client: Client) -> None:
    own.set_faults(["POST token 1 503", "GET openid-configuration 1 latency:0.01"])
    with pytest.raises(Exception, match="503"):
        acquire(own, own.admin)
    assert "access_token" in acquire(own, own.admin)


def test_every_request_in_turn(own: RunningSandbox, client: Client) -> None:
    def job() -> None:
        client.read("WhoAmI")
        client.make("accounts", name="A")
        client.read("accounts?$top=1")

    own.set_faults([])
    job()
    count = len(own.requests())
    assert count == 3
    for number in range(1, count + 1):
        own.set_faults([f"* * {number} cut-before"])
        with pytest.raises(httpx.TransportError):
            job()
        assert [asked["status"] == 0 for asked in own.requests()] == [False] * (number - 1) + [True]


def test_shares_are_drawn_by_the_seed() -> None:
    def drawn(seed: int) -> list[bool]:
        rule = Rule.parse("GET * 30% 503", seed)
        return [rule.meets("GET", "/api/data/v9.2/accounts") for _ in range(300)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert 50 < sum(drawn(1)) < 130


@pytest.mark.parametrize(
    ("rule", "met"),
    [
        ("GET accounts * 500", True),
        ("POST accounts * 500", False),
        ("* /api/data/v9.2/acc* * 500", True),
        ("* contacts * 500", False),
        ("* * 2 500", False),
        ("* * 1-2 500", True),
        ("* * 2+ 500", False),
    ],
)
def test_what_a_rule_means(rule: str, met: bool) -> None:
    assert Rule.parse(rule).meets("GET", "/api/data/v9.2/accounts") is met


WRONG: dict[str, Callable[[], object]] = {
    "* * 1": lambda: Rule.parse("* * 1"),
    "there is no fault 'boom'": lambda: Rule.parse("* * 1 boom"),
    "not '0'": lambda: Rule.parse("* * 0 500"),
    "a number is missing": lambda: Rule.parse("* * 1 latency"),
    "negative": lambda: Rule.parse("* * 1 latency:-1"),
    "'soon' is no argument": lambda: Rule.parse("* * 1 503:soon"),
    "'1' is no argument of this fault": lambda: Rule.parse("* * 1 cut-after:1"),
}


@pytest.mark.parametrize("message", WRONG)
def test_rules_that_are_none(message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("*", r"\*")):
        WRONG[message]()


def test_a_wrong_rule_changes_nothing() -> None:
    disturbances = Disturbances()
    disturbances.set(["* * 1 500"])
    with pytest.raises(ValueError, match="there is no fault"):
        disturbances.set(["* * 1 503", "* * 1 boom"])
    assert [rule.text for rule in disturbances.rules] == ["* * 1 500"]
    assert read_rules(["# a comment\n", "\n", " * * 1 500 \n"]) == ["* * 1 500"]


def test_only_programs_here_may_set_faults(own: RunningSandbox) -> None:
    with httpx.Client(verify=own.tls, trust_env=False) as client:
        address = f"{own.dataverse_url}/sandbox/faults"
        for headers in ({"Origin": "https://elsewhere.example"}, {"Host": "elsewhere.example"}):
            assert client.put(address, json={"faults": []}, headers=headers).status_code == 403
        assert client.put(address, json={"faults": ["nonsense"]}).status_code == 400
        assert client.put(address, content=b"[").status_code == 400


def test_the_command_line_reads_them(tmp_path: Path) -> None:
    rules = tmp_path / "faults.txt"
    rules.write_text("* * 1 boom\n", encoding="utf-8")
    result = run_cli("sandbox", "start", "--faults", rules)
    assert result.returncode == 2
    assert "there is no fault 'boom'" in result.stderr
