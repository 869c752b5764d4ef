"""The command line as scripts and people meet it: help, exit codes, streams, bad input."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from builder import __version__
from tests.support import REFERENCE_SPEC, REPOSITORY, reference_package, run_cli

ENCODINGS = ("cp1252", "ascii", "utf-8")


def test_version() -> None:
    assert run_cli("--version").stdout == f"solsmith {__version__}\n"


def test_help_names_every_command_and_each_has_an_example() -> None:
    from cli.main import COMMANDS

    overview = run_cli("--help")
    assert overview.returncode == 0
    for name in COMMANDS:
        assert f"  {name}" in overview.stdout


def test_a_command_that_is_nearly_right_is_named() -> None:
    result = run_cli("buidl")
    assert result.returncode == 2
    assert "Did you mean 'build'?" in result.stderr


def test_missing_spec_is_one_clear_message(tmp_path: Path) -> None:
    result = run_cli("build", tmp_path / "absent.yaml", "-o", tmp_path)
    assert result.returncode == 2
    assert "absent.yaml" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_three_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = REFERENCE_SPEC.read_text(encoding="utf-8")
    text = text.replace("  version: 1.0.1.365", "  version: one").replace("account, activ", "acount, activ")
    spec = tmp_path / "spec.yaml"
    spec.write_text(text.replace("View Audit Summary", "View Audit Sumary"), encoding="utf-8")
    result = run_cli("build", spec, "-o", tmp_path / "out")
    assert result.returncode == 2
    lines = spec.read_text("utf-8").splitlines()
    for word, hint in (("version: one", "1.0.1.365"), ("acount", "account"), ("Sumary", "prvReadAuditSummary")):
        line = next(number for number, content in enumerate(lines, 1) if word in content)
        assert f"spec.yaml:{line}: error:" in result.stderr
        assert hint in result.stderr
    assert "3 faults" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"no zip at all", "not a zip"), (b"", "not a zip"), (b"PK\x05\x06" + bytes(18), "solution.xml is absent")],
)
def test_what_is_no_package_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    result = run_cli("validate", path)
    assert result.returncode in (1, 2)
    assert says in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_stream_without_circles_gets_words(tmp_path: Path, encoding: str) -> None:
    command = [sys.executable, "-m", "cli", "build", str(REFERENCE_SPEC), "-o", str(tmp_path)]
    result = subprocess.run(
        command, cwd=REPOSITORY, env={"PYTHONIOENCODING": encoding}, capture_output=True, check=True, timeout=60
    )
    text = result.stdout.decode(encoding)
    assert ("●" in text) == (encoding == "utf-8")
    assert "Organization" in text


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    result = run_cli("build", REFERENCE_SPEC, "-o", blocked / "dist")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_a_package_with_a_foreign_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    original = reference_package(tmp_path)
    hostile = tmp_path / "hostile.zip"
    with zipfile.ZipFile(original) as source, zipfile.ZipFile(hostile, "w") as target:
        for name in source.namelist():
            data = source.read(name).replace(b'name="Net-Results Sync', 'name="\u202e&#x9b;2J Sync'.encode())
            target.writestr(name, data)
    result = run_cli("show", hostile)
    assert "\u202e" not in result.stdout
    assert "\x9b" not in result.stdout
    assert "\\u202e\\x9b2J Sync" in result.stdout
