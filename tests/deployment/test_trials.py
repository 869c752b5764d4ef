"""Trying grants: what is read into an answer, and rows that are always removed again."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from builder.connection.http import API, Connection
from builder.dataverse.metadata import TableMetadata
from builder.deployment import trials
from builder.deployment.checks import Check, Expectation, Outcome, Trying
from builder.deployment.write_trials import WriteTrials
from builder.model import Depth, Grant
from tests.fake_api import ORIGIN, FakeTokens, ok, refusal

TABLES = {
    "account": TableMetadata("account", "accounts", "accountid"),
    "contact": TableMetadata("contact", "contacts", "contactid"),
    "incident": TableMetadata("incident", "incidents", "incidentid"),
    "audit": TableMetadata("audit", "audits", "auditid"),
}
WRITING = tuple(
    Grant(f"prv{right}{table}", Depth.GLOBAL)
    for table in ("Account", "Contact")
    for right in ("Create", "Read", "Write", "Append", "AppendTo")
)
DENIED = refusal(403, "0x80040220", "is missing prvX privilege")


@dataclass
class Rows:
    """Rows of an environment that everybody may make, change and delete, but for what is scripted otherwise."""

    rows: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    application: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    administrator: Callable[[httpx.Request], httpx.Response | None] = lambda _: None

    def connection(self, who: str) -> Connection:
        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(f"{who} {request.method} {request.url.path.removeprefix(API)}")
            return getattr(self, who)(request) or self._serve(request)

        return Connection(ORIGIN, FakeTokens(), transport=httpx.MockTransport(answer), sleep=lambda _: None)

    def _serve(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(API)
        if request.method == "POST":
            found = re.search(r'"\w+id": ?"([0-9a-f-]{36})"', request.content.decode())
            assert found
            self.rows.add(f"{path}({found.group(1)})")
            return ok()
        if request.method == "GET":
            return ok({"value": []})
        if path not in self.rows:
            return refusal(404, "0x80040217")
        if request.method == "DELETE":
            self.rows.discard(path)
        else:
            assert request.headers["if-match"] == "*"
        return ok()

    def write(self, required: tuple[Grant, ...] = WRITING) -> tuple[dict[str, Check], WriteTrials, list[str]]:
        told: list[str] = []
        held = {grant.key for grant in required}
        with self.connection("application") as application, self.connection("administrator") as administrator:
            run = WriteTrials(application, administrator, Trying(), TABLES, held)
            run.run(required, told.append)
        return {check.name: check for check in run.trying.checks}, run, told


def deny(method: str, text: str = "") -> Callable[[httpx.Request], httpx.Response | None]:
    return lambda request: DENIED if request.method == method and text in str(request.url) else None


def test_rows_show_every_grant_and_are_removed_by_the_administrator() -> None:
    server = Rows(application=deny("DELETE"))
    checks, run, _ = server.write()
    reading = {"prvReadAccount", "prvReadContact"}
    assert {grant.privilege for grant in WRITING} - reading <= checks.keys()
    assert checks["prvDeleteAccount"].outcome is Outcome.REFUSED
    assert all(check.ok for check in checks.values()) and run.left == [] and server.rows == set()


def test_without_delete_privilege_a_delete_that_works_is_a_failure() -> None:
    checks, _, _ = Rows().write()
    assert checks["prvDeleteContact"].outcome is Outcome.WORKS and not checks["prvDeleteContact"].ok


def test_a_granted_delete_is_tried_on_the_row() -> None:
    server = Rows()
    checks, run, _ = server.write((*WRITING, Grant("prvDeleteAccount", Depth.GLOBAL)))
    assert checks["prvDeleteAccount"].ok and run.left == [] and server.rows == set()


def test_a_refused_grant_is_told_and_the_rest_goes_on() -> None:
    checks, run, _ = Rows(application=deny("POST", "contacts")).write()
    assert checks["prvCreateContact"].outcome is Outcome.REFUSED and "prvX" in checks["prvCreateContact"].detail
    assert checks["prvCreateAccount"].ok and "prvWriteContact" not in checks and run.left == []


def test_a_row_whose_answer_was_lost_is_removed_too() -> None:
    server = Rows()

    def lose(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST":
            server._serve(request)
            raise httpx.ReadTimeout("slow")
        return None

    server.application = lose
    checks, run, _ = server.write()
    assert checks["prvCreateAccount"].outcome is Outcome.FAILED
    assert checks["prvCreateContact"].outcome is Outcome.NOT_TRIED  # the connection broke
    assert run.left == [] and server.rows == set()


def test_what_cannot_be_removed_is_named_by_its_address() -> None:
    server = Rows(application=deny("DELETE"), administrator=deny("DELETE", "accounts"))
    _, run, told = server.write()
    assert run.left == told == [f"{ORIGIN}{API}{path}" for path in server.rows] and len(told) == 1


def test_rows_are_removed_after_an_interrupt() -> None:
    def interrupt(request: httpx.Request) -> httpx.Response | None:
        if request.method == "PATCH":
            raise KeyboardInterrupt
        return None

    server = Rows(application=interrupt)
    with pytest.raises(KeyboardInterrupt):
        server.write()
    assert server.rows == set() and any(asked.startswith("administrator DELETE") for asked in server.asked)


def refusals(server: Rows, effective: tuple[Grant, ...]) -> dict[str, Check]:
    trying = Trying()
    with server.connection("application") as application:
        trials.try_refusals(application, trying, effective, TABLES)
    return {check.name: check for check in trying.checks}


READ_ONLY = (Grant("prvReadAccount", Depth.GLOBAL),)


def test_what_is_not_granted_is_tried_only_on_rows_that_do_not_exist() -> None:
    server = Rows(application=lambda _: DENIED)
    checks = refusals(server, READ_ONLY)
    assert {name: check.outcome for name, check in checks.items()} == {
        "prvReadIncident": Outcome.REFUSED,
        "prvWriteAccount": Outcome.REFUSED,
        "prvDeleteAccount": Outcome.REFUSED,
    }
    assert all(check.expectation is Expectation.REFUSED and check.ok for check in checks.values())
    assert not any(" POST " in asked for asked in server.asked)


def test_a_read_that_works_without_a_grant_is_a_failure() -> None:
    assert not refusals(Rows(), READ_ONLY)["prvReadIncident"].ok


def test_a_404_before_the_privilege_is_checked_settles_nothing() -> None:
    assert refusals(Rows(), READ_ONLY)["prvDeleteAccount"].outcome is Outcome.NOT_TRIED


def test_what_another_role_grants_is_not_expected_to_be_refused() -> None:
    held = tuple(Grant(name, Depth.GLOBAL) for name in ("prvReadAccount", "prvWriteAccount", "prvDeleteAccount"))
    assert refusals(Rows(), (*held, Grant("prvReadIncident", Depth.GLOBAL))) == {}


def test_reading_tries_each_table_the_metadata_and_the_audit() -> None:
    server, trying = Rows(), Trying()
    required = (*READ_ONLY, Grant("prvReadAuditSummary", Depth.GLOBAL), Grant("prvReadQuote", Depth.GLOBAL))
    with server.connection("application") as application:
        trials.try_reading(application, trying, required, TABLES)
    assert [check.name for check in trying.checks] == ["table metadata", "prvReadAccount", "prvReadAuditSummary"]
    assert [asked.split()[-1] for asked in server.asked][1:] == ["accounts", "audits"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (DENIED, Outcome.REFUSED),
        (refusal(400, "0x80040203"), Outcome.FAILED),
        (refusal(404, "0x80040217"), Outcome.FAILED),
    ],
)
def test_only_a_403_is_a_refusal_of_what_should_work(answer: httpx.Response, outcome: Outcome) -> None:
    trying = Trying()
    with Rows(application=lambda _: answer).connection("application") as application:
        assert not trying.attempt("x", Expectation.GRANTED, lambda: application.get("accounts"))
    assert trying.checks[0].outcome is outcome and not trying.checks[0].ok
