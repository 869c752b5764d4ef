"""Imports that are killed at every step boundary and come back; secrets that are in nothing that was written."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from builder.connection.http import Connection
from builder.dataverse import solutions
from tests.cli.connected import administrator, conforming, package, solsmith
from tests.sandbox_process import RunningSandbox, running_sandbox
from tests.support import REPOSITORY

NAME = "NetResultsSyncforDynamics365"
STEPS = ("the environment checks the package", "starting the import", "importing", "imported")
MARK = "marked-secret-4711"


def killed_at(sandbox: RunningSandbox, step: str, *arguments: str | Path) -> str:
    """Start an import, and kill it once it says that it is at a step; gives the job's id, "" before there is one."""
    running = subprocess.Popen(
        [sys.executable, "-m", "cli", "import", *map(str, arguments), "--yes"],
        cwd=REPOSITORY, env={**os.environ, **sandbox.environment_variables()},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    job = ""
    with running:
        assert running.stderr
        for line in running.stderr:
            found = re.search(r"\(job ([0-9a-f-]{36})\)", line)
            job = found[1] if found else job
            if line.startswith(step):
                running.kill()
                break
    assert running.returncode == -signal.SIGKILL
    return job


def starts(connection: Connection) -> int:
    """How many imports the environment has begun; one whose start was cut off in the middle never began."""
    return len(list(connection.rows("asyncoperations?$select=name&$filter=messagename eq 'ImportSolutionAsync'")))


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
@pytest.mark.parametrize("step", STEPS)
def test_an_import_that_is_killed_comes_to_the_same_end(tmp_path: Path, step: str) -> None:
    zip_file = package(tmp_path)
    with running_sandbox(import_seconds=0.5) as sandbox:
        job = killed_at(sandbox, step, zip_file)
        assert bool(job) == (step != STEPS[0])
        with administrator(sandbox) as connection:
            time.sleep(0.5)  # what was sent before the kill is carried out
            begun = starts(connection)
            if begun:
                done = conforming("import", solsmith(sandbox, "import", zip_file, "--resume", job, "--format", "json"))
                assert (done["action"], done["job"], done["differences"]) == ("resume", job, [])
            last = solsmith(sandbox, "import", zip_file, "--yes").stdout  # whatever was cut off: the same command again
            assert "nothing to do" in last or not begun
            assert solutions.installed(connection, NAME) and starts(connection) == 1


def test_what_is_no_job_is_refused(tmp_path: Path) -> None:
    with running_sandbox() as sandbox:
        assert "not the id" in solsmith(sandbox, "import", "--resume", "x", expect=2).stderr


def test_no_secret_is_in_anything_that_is_written(tmp_path: Path) -> None:
    zip_file = package(tmp_path / "packages")
    work = tmp_path / "work"
    work.mkdir()
    with running_sandbox(import_seconds=0.1) as sandbox:
        planted: dict[str, Any] = {
            "AZURE_CLIENT_SECRET": MARK,
            "AZURE_CLIENT_CERTIFICATE_PASSWORD": MARK,
            "SOLSMITH_APP_CERTIFICATE_PASSWORD": MARK,
            "SYSTEM_ACCESSTOKEN": MARK,
        }
        logged = ("--http-log", work / "http.log", "--http-log-bodies")
        done = [
            solsmith(sandbox, "plan", zip_file, "--out", work / "plan.json", *logged, **planted),
            solsmith(sandbox, "import", zip_file, "--plan", work / "plan.json", "--yes", *logged, **planted),
            solsmith(sandbox, "app-user", "create", "--package", zip_file, "--yes", *logged, **planted),
            solsmith(sandbox, "app-user", "verify", "--package", zip_file, "--write-probe", *logged, **planted),
            solsmith(sandbox, "drift", zip_file, "--html", work / "drift.html", *logged, **planted),
            solsmith(sandbox, "whoami", "--sign-in", "secret", *logged, expect=3, **planted),
        ]
        key = sandbox.admin.certificate_path.read_text().splitlines()[5]
    files = [path for path in work.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"http.log", "plan.json", "drift.html"}
    for name in ("http.log", "plan.json"):
        assert (work / name).stat().st_mode & 0o777 == 0o600
    written = [*(path.read_text(encoding="utf-8") for path in files), *(one.stdout + one.stderr for one in done)]
    for text in written:
        for secret in (MARK, key, "eyJ", "client_assertion", "Bearer ey"):
            assert secret not in text
