"""The state file: what survives a restart and a kill at any moment, snapshots, files of something else."""

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from builder.errors import SolsmithError
from builder.sandbox.state.codec import dumps, loads
from builder.sandbox.state.statefile import StateFile
from tests.sandbox.client import (
    Client,
    Role,
    acquire,
    encode,
    finish_import,
    import_package,
    make_zip,
    root_unit,
    start_import,
)
from tests.sandbox.test_solutions import grants, solutions, table_zip
from tests.sandbox_process import RunningSandbox, read_ready, running_sandbox
from tests.support import REPOSITORY, run_cli


def everything(client: Client) -> dict[str, Any]:
    """What an administrator sees of an environment, but for the times and versions of reading."""
    sets = ("businessunits", "roles", "systemusers", "solutions", "publishers", "accounts", "importjobs", "tri_ones")
    seen = {name: client.read(name) for name in sets}
    seen["grants"] = [grants(client, role["roleid"]) for role in seen["roles"]]
    seen["held"] = client.read("systemuserrolescollection")
    return seen


def test_a_restart_finds_everything_again(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite"
    made = Role("Made", {"prvReadAccount": "Local"})
    with running_sandbox(state=str(state)) as first, Client(first, first.admin) as client:
        unit = client.make(
            "businessunits", name="Below", parentbusinessunitid__bind=f"/businessunits({root_unit(client)})"
        )
        user = client.make(
            "systemusers", applicationid=first.app.client_id, businessunitid__bind=f"/businessunits({unit})"
        )
        import_package(client, table_zip(made, schema="tri_One", name="Tables"))
        client.make("tri_ones", tri_name="A row", tri_fee=2)
        (copy,) = client.read(f"roles?$filter=_businessunitid_value eq {unit} and name eq 'Made'")
        reference = {"@odata.id": client.address(f"roles({copy['roleid']})")}
        client.post(f"systemusers({user})/systemuserroles_association/$ref", json=reference)
        client.make("accounts", name="Änne ☃")
        start_import(client, make_zip(name="Waiting"))
        staged = client.post("StageSolution", json={"CustomizationFile": encode(make_zip(name="Staged"))}).json()
        upload = staged["StageSolutionResults"]["StageSolutionUploadId"]
        before = everything(client)
        token = client.headers["Authorization"].removeprefix("Bearer ")
        port = first.dataverse_url.rpartition(":")[2]
    assert state.stat().st_mode & 0o777 == 0o600
    with running_sandbox(state=str(state), port=port) as second:
        assert (second.tenant_id, second.admin.client_id) == (first.tenant_id, first.admin.client_id)
        with Client(second, second.admin, token) as client:
            after = everything(client)
            for name, seen in before.items():
                if name not in ("importjobs", "solutions"):
                    assert after[name] == seen, name
            time.sleep(0.9)
            assert "Waiting" in solutions(client, "")
            settings = {"OverwriteUnmanagedCustomizations": False, "PublishWorkflows": False}
            body = {**settings, "SolutionParameters": {"StageSolutionUploadId": upload}}
            assert finish_import(client, client.post("ImportSolutionAsync", json=body))["statuscode"] == 30
            with Client(second, second.app) as app:
                assert app.get("accounts").json()["value"] == [], "its role reads those of its own unit"
                assert app.get("contacts").status_code == 403


def kill_while_writing(state: Path, moment: float) -> tuple[list[str], list[str]]:
    """Start a sandbox, kill it in the midst of writes; gives the ids of rows asked for, and of rows acknowledged."""
    command = [sys.executable, "-m", "builder.sandbox", "--until-stdin-closes", "--state", str(state)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert process.stdout
    assert process.stdin
    asked: list[str] = []
    acknowledged: list[str] = []
    sandbox = read_ready(process.stdout.readline(), process)
    with Client(sandbox, sandbox.admin) as client, process.stdin, process.stdout:
        threading.Timer(moment, process.send_signal, [signal.SIGKILL]).start()
        try:
            for number in range(100_000):
                asked.append(f"{moment}-{number}")
                client.make("accounts", name=asked[-1])
                acknowledged.append(asked[-1])
                if number % 10 == 5:
                    job = start_import(client, make_zip(Role("Grown", {}), name="Grown", version=f"1.{number}"))
                    client.get(f"asyncoperations({job.json().get('AsyncOperationId')})")
        except httpx.TransportError:
            pass
        process.wait()
    return asked, acknowledged


def test_killed_at_any_moment_the_file_is_whole(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite"
    asked: set[str] = set()
    acknowledged: set[str] = set()
    for seed in range(4):
        wanted, got = kill_while_writing(state, random.Random(seed).uniform(0.3, 1.5))
        assert len(got) > 3
        asked |= set(wanted)
        acknowledged |= set(got)
        with sqlite3.connect(state) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        file.close()
    with running_sandbox(state=str(state)) as sandbox, Client(sandbox, sandbox.admin) as client:
        names = [row["name"] for row in client.read("accounts?$select=name")]
        assert acknowledged <= set(names) <= asked
        assert len(names) == len(set(names))
        import_package(client, make_zip(Role("After", {}), name="After"))


def test_snapshot_of_a_running_sandbox_and_back(tmp_path: Path) -> None:
    state, taken = tmp_path / "state.sqlite", tmp_path / "taken.sqlite"
    with running_sandbox(state=str(state)) as sandbox, Client(sandbox, sandbox.admin) as client:
        client.make("accounts", name="Before")
        assert run_cli("sandbox", "snapshot", state, taken).returncode == 0
        client.make("accounts", name="After")
        busy = run_cli("sandbox", "restore", taken, state, "--force")
        assert (busy.returncode, "another sandbox runs" in busy.stderr) == (2, True)
    there = run_cli("sandbox", "restore", taken, state)
    assert (there.returncode, "--force" in there.stderr) == (2, True)
    assert run_cli("sandbox", "restore", taken, state, "--force").returncode == 0
    with running_sandbox(state=str(state)) as sandbox, Client(sandbox, sandbox.admin) as client:
        assert [row["name"] for row in client.read("accounts")] == ["Before"]
        second = run_cli("sandbox", "start", "--state", state)
        assert (second.returncode, "another sandbox runs" in second.stderr) == (2, True)


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 200])
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, content: bytes) -> None:
    state = tmp_path / "notes.txt"
    state.write_bytes(content)
    for arguments in (("start", "--state", state), ("snapshot", state, tmp_path / "x")):
        result = run_cli("sandbox", *arguments)
        assert (result.returncode, "is no sandbox's state" in result.stderr) == (2, True), result.stderr
    assert state.read_bytes() == content
    assert not (tmp_path / "x").exists()


def test_another_programs_database_and_a_damaged_one(tmp_path: Path) -> None:
    other, damaged = tmp_path / "other.sqlite", tmp_path / "damaged.sqlite"
    with sqlite3.connect(other) as file:
        file.execute("CREATE TABLE notes (text)")
    file.close()
    with pytest.raises(SolsmithError, match="is no sandbox's state"):
        StateFile(other)
    made = StateFile(damaged)
    made.save({("account", "1"): {"accountid": "1"}}, {"version": 1})
    made.close()
    for text in (
        '{"!": "os:system", "v": {}}',
        '{"!": "builder.sandbox.state.keeper:Keeper", "v": {}}',
        "{",
        '{"!": 1}',
    ):
        with sqlite3.connect(damaged) as file:
            file.execute("UPDATE parts SET body = ?", [text])
        file.close()
        broken = StateFile(damaged)
        with pytest.raises(SolsmithError, match="is damaged"):
            broken.parts()
        broken.close()


def test_values_come_back_as_they_were() -> None:
    values = [None, True, 1, 1.5, "é", b"\0", (1, "2"), {"a", "b"}, {1: 2, "!": 3}, {"x": [{"y": ()}]}, frozenset({1})]
    assert loads(dumps(values)) == values
    with pytest.raises(TypeError):
        dumps(object())


def test_the_right_token_still_counts_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite"

    def signs_in(sandbox: RunningSandbox) -> None:
        assert "access_token" in acquire(sandbox, sandbox.admin)

    for _ in range(2):
        with running_sandbox(state=str(state)) as sandbox:
            signs_in(sandbox)
