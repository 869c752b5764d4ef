"""The process: how it starts, what it leaves on disk, how it ends."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.sandbox.client import Client
from tests.sandbox_process import running_sandbox
from tests.support import REPOSITORY, run_cli

MODULE = [sys.executable, "-m", "builder.sandbox"]
CLI = [sys.executable, "-m", "cli", "sandbox", "start"]


def start(command: list[str], *options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*command, *options],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: "subprocess.Popen[str]", number: signal.Signals) -> tuple[int, str]:
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    return process.returncode, errors


def test_closing_its_input_ends_it_and_removes_the_temporary_folder() -> None:
    with running_sandbox() as sandbox, Client(sandbox, sandbox.admin) as client:
        assert client.get("WhoAmI").status_code == 200
        folder = sandbox.ca_file.parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for file in (sandbox.admin.certificate_path, sandbox.app.certificate_path):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert file.parent == folder
    assert not folder.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(sandbox.dataverse_url, trust_env=False)


@pytest.mark.parametrize(
    ("command", "number", "code"),
    [
        (MODULE, signal.SIGTERM, 0),
        (MODULE, signal.SIGINT, 0),
        (CLI, signal.SIGTERM, 0),
        (CLI, signal.SIGINT, 130),
    ],
)
def test_signals_end_it(command: list[str], number: signal.Signals, code: int) -> None:
    process = start(command, *(["--format", "json"] if command is CLI else []))
    assert process.stdout
    folder = Path(json.loads(process.stdout.readline())["ca_file"]).parent
    ended, errors = end(process, number)
    assert ended == code, errors
    assert "Traceback" not in errors
    assert not folder.exists()


def test_an_open_connection_does_not_hold_it_up() -> None:
    with running_sandbox() as sandbox, Client(sandbox, sandbox.admin) as client:
        client.get("WhoAmI")
        began = time.monotonic()
        sandbox.process.send_signal(signal.SIGTERM)
        assert sandbox.process.wait(timeout=5) == 0
        assert time.monotonic() - began < 2


def test_exports_for_a_shell(tmp_path: Path) -> None:
    process = start(CLI, "--home", str(tmp_path / "a home"), "--app-name", "Ours")
    assert process.stdout
    lines = [process.stdout.readline() for _ in range(8)]
    script = "".join(lines) + "env"
    variables = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={}).stdout
    seen = dict(line.split("=", 1) for line in variables.splitlines())
    ours = {name: value for name, value in seen.items() if name.startswith(("DATAVERSE", "AZURE", "SOLSMITH"))}
    result = run_cli("app-user", "show", **ours)  # type: ignore[arg-type]
    assert "f41adf61-824b-41ba-8c81-0f17fe22b244" in result.stdout + result.stderr
    assert end(process, signal.SIGTERM)[0] == 0
    assert sorted(path.name for path in (tmp_path / "a home").glob("*.pem")) == ["admin.pem", "app.pem", "ca.pem"]


def test_options(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app_id = "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE"
    with running_sandbox(port=port, home=str(tmp_path), app_id=app_id, app_name="Ours & theirs") as sandbox:
        assert sandbox.dataverse_url == f"https://127.0.0.1:{port}"
        assert sandbox.app.client_id == app_id.lower()
        taken = start(MODULE, "--port", str(port))
        _, errors = taken.communicate(timeout=10)
        assert (taken.returncode, "cannot be opened" in errors) == (2, True)
    assert (tmp_path / "admin.pem").exists()
    with running_sandbox(home=str(tmp_path)):
        pass  # its own folder may be used again


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--app-id", "x"], "is not a GUID"),
        (["--switch", "colour=red"], "there is no switch"),
        (["--home", "{file}/below"], "cannot be made"),
        (["--home", "{foreign}"], "of something else"),
    ],
)
def test_what_cannot_be_started_is_said(tmp_path: Path, options: list[str], words: str) -> None:
    (tmp_path / "file").touch()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "ca.pem").write_text("precious", encoding="ascii")
    options = [option.format(file=tmp_path / "file", foreign=foreign) for option in options]
    for command in (MODULE, CLI) if words == "there is no switch" else (MODULE,):
        process = start(command, *options)
        _, errors = process.communicate(timeout=10)
        assert process.returncode == 2
        assert words in errors
        assert "Traceback" not in errors
    assert (foreign / "ca.pem").read_text(encoding="ascii") == "precious"


def test_it_listens_on_loopback_only() -> None:
    from builder.errors import UsageError
    from builder.sandbox.assembly import Settings
    from builder.sandbox.server import serve

    for host in ("0.0.0.0", "192.168.1.1", "example.com"):
        with pytest.raises(UsageError, match="loopback only"):
            serve(Settings(host=host), lambda _: None)


def test_it_starts_fast() -> None:
    began = time.monotonic()
    with running_sandbox():
        taken = time.monotonic() - began
    assert taken < (5 if os.environ.get("CI") else 3)
