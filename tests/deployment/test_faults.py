"""Trouble at every request in turn, before and after the environment acted: the end state is right, or what is unknown
is said. No import is begun twice, and no second application user is made.

`make test` meets every request and every kind at least once, drawn by a seed; `make soak` meets all of them.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from builder.connection.credentials import CertificateFile, Identity
from builder.connection.http import Connection
from builder.connection.opening import open_connection
from builder.dataverse import solutions, users
from builder.deployment import application_user, importer, readback
from builder.deployment.candidate import Candidate, candidate_of
from builder.deployment.planning import make_plan
from builder.deployment.verify import verify
from builder.errors import RemoteError
from builder.package.reader import read_package
from tests.cli.connected import package
from tests.sandbox_process import RunningSandbox, running_sandbox

KINDS = (
    "cut-before", "cut-after", "cut-body", "429:requests:1", "500", "500:after", "502:after", "503", "503:after", "504",
    "401", "expire-tokens",
)  # fmt: skip
SEED = 20260101


@dataclass(slots=True)
class World:
    """A sandbox that is brought back to its beginning between runs."""

    sandbox: RunningSandbox
    candidate: Candidate

    def connect(self, *, app: bool = False) -> Any:
        who = self.sandbox.app if app else self.sandbox.admin
        identity = Identity(
            self.sandbox.tenant_id, who.client_id, CertificateFile(who.certificate_path), self.sandbox.authority_host
        )
        return open_connection(self.sandbox.dataverse_url, identity, ca_file=self.sandbox.ca_file)

    def run(self, *, verifying: bool = True) -> None:
        """Do what the commands do: plan, import, read back, make the user, verify."""
        with self.connect() as connection, self.connect(app=True) as own:
            connection.sleep = own.sleep = lambda _: time.sleep(0.001)
            plan = make_plan(connection, self.candidate)
            if plan.writes:
                importer.carry_out(connection, self.candidate)
                assert not readback.read_back(connection, self.candidate.roles)
            wanted = [application_user.RoleWanted(one.name, one.id, one.grants) for one in self.candidate.roles]
            wished = application_user.plan(connection, self.sandbox.app.client_id, wanted)
            if not wished.nothing_to_do:
                application_user.carry_out(connection, wished)
            if verifying:
                verify(connection, self.sandbox.app.client_id, self.candidate.roles, own)

    def requests(self) -> list[dict[str, Any]]:
        return self.sandbox.requests()

    def clear(self) -> None:
        self.sandbox.set_faults([])
        with self.connect() as connection:
            user = users.of_application(connection, self.sandbox.app.client_id)
            if user:
                connection.send("PATCH", f"systemusers({user.id})", body={"isdisabled": True})
                connection.send("DELETE", f"systemusers({user.id})")
                connection.send("DELETE", f"systemusers({user.id})")
            self._await_the_end(connection)
            installed = solutions.installed(connection, self.candidate.unique_name)
            if installed:
                solutions.uninstall(connection, installed.id)

    def end_state(self) -> tuple[bool, int, int]:
        """Whether the solution is there, how many application users, and how many roles they hold."""
        with self.connect() as connection:
            self._await_the_end(connection)
            found = list(connection.rows(f"systemusers?$filter=applicationid eq {self.sandbox.app.client_id}"))
            held = sum(len(users.roles_of(connection, row["systemuserid"])) for row in found)
            return solutions.installed(connection, self.candidate.unique_name) is not None, len(found), held

    def _await_the_end(self, connection: Connection) -> None:
        for _ in range(20):
            rows = list(connection.rows("asyncoperations?$filter=statecode ne 3"))
            if not rows:
                return
            connection.get(f"asyncoperations({rows[0]['asyncoperationid']})")
        raise AssertionError("an import does not end")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    zip_file = package(tmp_path_factory.mktemp("packages"))
    candidate = candidate_of(read_package(zip_file), zip_file.read_bytes())
    with running_sandbox(import_seconds=0) as sandbox:
        yield World(sandbox, candidate)


def begun(requests: list[dict[str, Any]]) -> int:
    """How many imports the environment began: accepted starts, answered or not."""
    starts = [one for one in requests if "ImportSolutionAsync" in one["target"] and one["method"] == "POST"]
    return sum(not _refused_before(one) for one in starts)


def _refused_before(request: dict[str, Any]) -> bool:
    after = any("after" in fault or fault == "cut-body" for fault in request["faults"])
    troubled = bool(request["faults"]) and request["faults"][0] != "expire-tokens"
    return (troubled and not after) or request["status"] in (400, 401, 403)


def meet(world: World, number: int, kind: str) -> str:
    """Run with one fault, and see what came of it; gives "done" or "said"."""
    world.clear()
    world.sandbox.set_faults([f"* * {number} {kind}"])
    said = "done"
    try:
        world.run()
    except RemoteError as error:
        said = "said"
        assert error.message and error.hint is not None
    requests = world.requests()
    world.sandbox.set_faults([])
    assert begun(requests) <= 1, (number, kind)
    installed, count, held = world.end_state()
    assert count <= 1, (number, kind)
    if said == "done":
        assert (installed, count, held) == (True, 1, 1), (number, kind)
        return said
    world.run()  # the command again: it looks first, and gets there
    assert world.end_state() == (True, 1, 1), (number, kind)
    return said


def all_cases(world: World) -> list[tuple[int, str]]:
    world.clear()
    world.sandbox.set_faults([])
    world.run()
    count = len(world.requests())
    assert world.end_state() == (True, 1, 1)
    return [(number, kind) for number in range(1, count + 1) for kind in KINDS]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a thousandth of what is waited in production, on the same code."""
    real = time.sleep
    monkeypatch.setattr("builder.connection.msal_http._ATTEMPTS", 4)
    monkeypatch.setattr(time, "sleep", lambda seconds: real(min(seconds, 0.002)))
    monkeypatch.setattr("builder.deployment.importer._SETTLING", 5.0)
    monkeypatch.setattr("builder.deployment.verify._ARRIVING", 5.0)


@pytest.mark.timeout(300)
def test_every_request_and_every_kind_of_trouble_once(
    world: World, impatient: None, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = all_cases(world)
    requests = sorted({number for number, _ in cases})
    kinds = list(KINDS)
    Random(SEED).shuffle(kinds)
    chosen = [(number, kinds[number % len(kinds)]) for number in requests]
    outcomes = [meet(world, number, kind) for number, kind in chosen]
    with capsys.disabled():
        sys.stdout.write(
            f"\nfaults: {len(chosen)} of {len(cases)} cases met, {outcomes.count('done')} carried out all the same"
            + "\n"
        )
    assert {kind for _, kind in chosen} == set(KINDS)


@pytest.mark.soak
def test_every_kind_of_trouble_at_every_request(
    world: World, impatient: None, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = all_cases(world)
    outcomes = [meet(world, number, kind) for number, kind in cases]
    with capsys.disabled():
        sys.stdout.write(
            f"\nfaults: {len(outcomes)} cases met, {outcomes.count('done')} carried out all the same" + "\n"
        )


def test_a_second_run_makes_no_writing_request(world: World) -> None:
    world.clear()
    world.run(verifying=False)
    world.sandbox.set_faults([])
    world.run(verifying=False)
    methods = {(one["method"], one["target"].rsplit("/", 1)[-1]) for one in world.requests()}
    assert {target for method, target in methods if method != "GET"} <= {"token"}
