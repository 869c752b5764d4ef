"""`solsmith import` as people run it: the real command line, a real sandbox over TLS, real sign-in."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.model import Depth, Grant
from tests.cli.connected import administrator, document, package, solsmith, with_text
from tests.connection.test_certificates import KEY, certificate, pem
from tests.sandbox_process import RunningSandbox, running_sandbox
from tests.support import REPOSITORY, run_cli

NAME = "NetResultsSyncforDynamics365"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(import_seconds=0.2) as running:
        yield running


def test_an_import_installs_and_a_second_one_does_nothing(tmp_path: Path) -> None:
    zip_file = package(tmp_path)
    with running_sandbox(import_seconds=0.2) as own:
        first = solsmith(own, "import", zip_file, "--yes", "--format", "json")
        told = document(first)
        assert (told["action"], told["installed_before"], told["solution"]) == ("install", None, NAME)
        assert told["job"] in first.stderr  # said before it began
        for place in (own.dataverse_url, own.tenant_id, own.admin.client_id):
            assert place in first.stderr
        again = document(solsmith(own, "import", zip_file, "--format", "json"))
        assert (again["action"], again["job"], again["installed_before"]) == ("nothing to do", None, "1.0.1.365")

        refused = solsmith(own, "import", zip_file, "--reinstall", expect=2)
        assert "--yes" in refused.stderr and refused.stdout == ""
        assert solsmith(own, "import", zip_file, "--reinstall", "--yes").stdout.startswith("reinstall: ")

        newer = solsmith(own, "import", package(tmp_path, version="1.0.10.0"), "--yes")
        assert newer.stdout.startswith(f"update: {NAME} 1.0.10.0 (before: 1.0.1.365)")
        older = solsmith(own, "import", zip_file, "--yes", expect=3)
        assert "newer than 1.0.1.365" in older.stderr and older.stdout == ""


def test_without_a_terminal_nothing_is_written_unasked(tmp_path: Path, sandbox: RunningSandbox) -> None:
    done = solsmith(sandbox, "import", package(tmp_path), expect=2)
    assert sandbox.tenant_id in done.stderr and "nothing was written" in done.stderr
    with administrator(sandbox) as connection:
        assert NAME not in {row["uniquename"] for row in connection.rows("solutions?$select=uniquename")}


@pytest.mark.parametrize(
    ("grant", "told"),
    [
        (Grant("prvReadNothing", Depth.GLOBAL), "has no privilege prvReadNothing"),
        (Grant("prvDeleteUserSettings", Depth.BASIC), "0x8004140b"),  # a depth that only some environments have
    ],
)
def test_what_the_environment_does_not_have_is_refused_before_anything_is_sent(
    tmp_path: Path, sandbox: RunningSandbox, grant: Grant, told: str
) -> None:
    done = solsmith(sandbox, "import", package(tmp_path, more=(grant,)), "--yes", expect=3)
    assert told in done.stderr and done.stdout == ""


def test_a_package_that_does_not_validate_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    user = 'name="prvReadUser" level="%s"'
    broken = with_text(
        package(tmp_path), tmp_path / "broken.zip", "customizations.xml", user % "Global", user % "Basic"
    )
    done = run_cli("import", broken, "--yes", DATAVERSE_URL="https://127.0.0.1:1", AZURE_TENANT_ID="x")
    assert done.returncode == 2
    assert "customizations.xml:26: error: SOL408" in done.stderr


def test_every_missing_setting_is_named_at_once(tmp_path: Path) -> None:
    done = run_cli("import", package(tmp_path))
    assert done.returncode == 2
    for name in ("DATAVERSE_URL", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_CERTIFICATE_PATH"):
        assert name in done.stderr


def test_a_file_that_is_no_package_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    wrong = tmp_path / "x.zip"
    wrong.write_text("no zip")
    done = run_cli("import", wrong, DATAVERSE_URL="https://127.0.0.1:1", AZURE_TENANT_ID="x")
    assert done.returncode == 2 and "x.zip" in done.stderr


def test_a_server_that_is_not_there_is_told(tmp_path: Path, sandbox: RunningSandbox) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"https://127.0.0.1:{taken.getsockname()[1]}"
        done = solsmith(sandbox, "import", package(tmp_path), "--yes", expect=3, AZURE_AUTHORITY_HOST=nobody)
    assert nobody in done.stderr and "asked for a token" in done.stderr and "network" in done.stderr


def test_a_certificate_of_somebody_else_is_refused_with_what_to_do(tmp_path: Path, sandbox: RunningSandbox) -> None:
    other = str(sandbox.app.certificate_path)
    done = solsmith(sandbox, "import", package(tmp_path), "--yes", expect=3, AZURE_CLIENT_CERTIFICATE_PATH=other)
    assert "AADSTS700027" in done.stderr and "not registered" in done.stderr


def test_a_server_of_another_authority_is_not_trusted(tmp_path: Path, sandbox: RunningSandbox) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(pem(certificate(KEY, "another authority")))
    done = solsmith(sandbox, "import", package(tmp_path), "--yes", expect=3, SOLSMITH_CA_FILE=str(other))
    assert "certificate" in done.stderr.lower()


def test_the_environments_ca_bundle_does_not_get_in_the_way(tmp_path: Path, sandbox: RunningSandbox) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("")
    done = solsmith(
        sandbox, "app-user", "show", expect=1, REQUESTS_CA_BUNDLE=str(bundle), HTTPS_PROXY="https://127.0.0.1:1"
    )
    assert "no application user" in done.stdout


def test_secrets_are_nowhere_in_what_is_written(tmp_path: Path, sandbox: RunningSandbox) -> None:
    marked = "marked-secret-4711"
    secrets = {"AZURE_CLIENT_SECRET": marked, "AZURE_CLIENT_CERTIFICATE_PASSWORD": marked}
    good = solsmith(sandbox, "app-user", "show", expect=1, **secrets)
    wrong = solsmith(sandbox, "app-user", "show", expect=3, **secrets, AZURE_CLIENT_CERTIFICATE_PATH="")
    debug = solsmith(sandbox, "--debug", "app-user", "show", expect=3, **secrets, AZURE_CLIENT_CERTIFICATE_PATH="")
    for done in (good, wrong, debug):
        assert marked not in done.stdout + done.stderr
    assert "client_assertion" not in wrong.stderr and "eyJ" not in wrong.stderr


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_an_interrupt_leaves_the_job_running_and_names_it(tmp_path: Path) -> None:
    zip_file = package(tmp_path)
    with running_sandbox(import_seconds=60) as own:
        running = subprocess.Popen(
            [sys.executable, "-m", "cli", "import", str(zip_file), "--yes"],
            cwd=REPOSITORY, env={**os.environ, **own.environment_variables()},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with running:
            assert running.stderr and running.stdout
            for line in running.stderr:
                if line.startswith("importing"):
                    running.send_signal(signal.SIGINT)
                    break
            rest = running.stderr.read()
            assert running.stdout.read() == ""
        assert running.returncode == 130 and "goes on" in rest and "job" in rest
