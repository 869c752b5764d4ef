"""solsmith validate, as a process."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from tests.support import REPOSITORY, reference_package, run_cli
from tests.validation.edits import C, both, grant, named, put, twice, zipped
from tests.validation.faulty_folders import ROLE_FILE, unpacked
from tests.validation.test_mutations import members_of

LEAD = r'\s*<RolePrivilege name="prvReadLead" level="Global" />'


def package(folder: Path, *edits: object) -> Path:
    path = folder / "p.zip"
    path.write_bytes(zipped(both(*edits)(members_of("reference"))))  # type: ignore[arg-type]
    return path


def test_a_clean_package_says_nothing_on_stdout(tmp_path: Path) -> None:
    result = run_cli("validate", reference_package(tmp_path))
    assert (result.returncode, result.stdout) == (0, "")
    assert "no findings" in result.stderr


def test_an_error_is_exit_code_1_and_names_its_line(tmp_path: Path) -> None:
    result = run_cli("validate", package(tmp_path, twice(C, LEAD)))
    assert result.returncode == 1
    assert "customizations.xml:24: SOL404 error: " in result.stdout
    assert "^^^^^^^^^^^" in result.stdout
    assert "1 error" in result.stderr


@pytest.mark.parametrize(("threshold", "code"), [("error", 0), ("warning", 1), ("note", 1)])
def test_fail_on(tmp_path: Path, threshold: str, code: int) -> None:
    assert run_cli("validate", package(tmp_path, grant("prvReadAcount")), "--fail-on", threshold).returncode == code


def test_what_cannot_be_read_is_exit_code_2_and_does_not_stop_the_others(tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"")
    result = run_cli("validate", bad, package(tmp_path, twice(C, LEAD)), tmp_path / "gone.zip", "--format", "json")
    assert result.returncode == 2
    rules = [[item["rule"] for item in found["findings"]] for found in json.loads(result.stdout)["packages"]]
    assert rules == [["SOL100"], ["SOL404"], ["SOL100"]]
    assert "Traceback" not in result.stderr


def test_select_and_ignore(tmp_path: Path) -> None:
    path = package(tmp_path, twice(C, LEAD), grant("prvReadAcount"))
    assert "SOL404" not in run_cli("validate", path, "--select", "sol405").stdout
    assert run_cli("validate", path, "--ignore", "SOL404,SOL405").stdout == ""
    wrong = run_cli("validate", path, "--select", "SOL8")
    assert wrong.returncode == 2
    assert "there is no rule SOL8" in wrong.stderr


def test_output_goes_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "made" / "report.sarif"
    result = run_cli("validate", package(tmp_path, twice(C, LEAD)), "--format", "sarif", "--output", target)
    assert (result.returncode, result.stdout) == (1, "")
    assert json.loads(target.read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_a_folder_names_the_file(tmp_path: Path) -> None:
    folder = unpacked(members_of("reference"), tmp_path / "sync")
    role = folder / ROLE_FILE
    role.write_text(role.read_text(encoding="utf-8").replace('level="Global"', 'level="All"', 1), encoding="utf-8")
    result = run_cli("validate", tmp_path)
    assert result.returncode == 1
    assert f"{folder}: {ROLE_FILE}:4: SOL103 error: " in result.stdout


def test_suppressions_of_the_working_folder_hold_and_others_do_not(tmp_path: Path) -> None:
    path = package(tmp_path, twice(C, LEAD))
    text = '[[suppressions]]\nrule = "SOL404"\nreason = "tried"\nexpires = 2099-01-01\n'
    (tmp_path / "solsmith.toml").write_text(text, encoding="utf-8")
    inside = run_cli("validate", path, cwd=tmp_path)
    assert (inside.returncode, inside.stdout) == (0, "")
    assert "1 suppressed" in inside.stderr
    assert run_cli("validate", path).returncode == 1
    assert run_cli("validate", path, "--config", tmp_path / "solsmith.toml").returncode == 0


def test_useless_suppressions_are_told(tmp_path: Path) -> None:
    path = package(tmp_path, twice(C, LEAD))
    expired = '[[suppressions]]\nrule = "SOL404"\nreason = "tried"\nexpires = 2020-01-01\n'
    idle = '[[suppressions]]\nrule = "SOL999"\nreason = "tried"\nexpires = 2099-01-01\n'.replace("SOL999", "SOL405")
    (tmp_path / "solsmith.toml").write_text(expired + idle, encoding="utf-8")
    result = run_cli("validate", path, cwd=tmp_path)
    assert result.returncode == 1
    assert "solsmith.toml:1: the suppression of SOL404 expired on 2020-01-01" in result.stderr
    assert "solsmith.toml:5: the suppression of SOL405 matches nothing" in result.stderr


def test_faulty_settings_are_exit_code_2_with_every_fault(tmp_path: Path) -> None:
    (tmp_path / "solsmith.toml").write_text("[[suppressions]]\nrule = 3\n", encoding="utf-8")
    result = run_cli("validate", package(tmp_path), cwd=tmp_path)
    assert result.returncode == 2
    assert all(word in result.stderr for word in ("there is no rule 3", "reason is missing", "expires is missing"))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_prints_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = package(tmp_path, named("Синхро\u202eнизация"), put("Анна.txt"))
    for form in ("text", "json", "sarif"):
        result = run_cli("validate", path, "--format", form, PYTHONIOENCODING=encoding)
        assert result.returncode == 0, result.stderr
        assert "Traceback" not in result.stderr
        assert "\u202e" not in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty on Windows")
def test_draws_a_bar_on_a_terminal_of_40_columns(tmp_path: Path) -> None:
    import pty

    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.zip").write_bytes(zipped(twice(C, LEAD)(members_of("reference"))))
    master, slave = pty.openpty()
    import subprocess

    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "validate", str(tmp_path)],
        cwd=REPOSITORY, env={**os.environ, "COLUMNS": "40", "TERM": "xterm"}, stdout=slave, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    shown = b""
    while True:
        try:
            chunk = os.read(master, 4096)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.close(master)
    assert process.wait(30) == 1
    words = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\s+", b" ", shown)  # where lines are broken depends on the folder's name
    assert len(re.findall(rb"SOL404 +error", words)) == 3
    assert b"Traceback" not in shown


def test_what_a_package_may_cost_is_set_for_a_repository(tmp_path: Path) -> None:
    package = reference_package(tmp_path)
    settings = tmp_path / "solsmith.toml"
    settings.write_text("[limits]\nmembers = 2\n", encoding="utf-8")
    refused = run_cli("validate", package, cwd=tmp_path)
    assert refused.returncode == 2
    assert "SOL100" in refused.stdout
    settings.write_text('[limits]\nmembers = "many"\nfiles = 3\n', encoding="utf-8")
    wrong = run_cli("validate", package, cwd=tmp_path)
    assert wrong.returncode == 2
    assert "`files` is no limit" in wrong.stderr
    assert "limits.members is no whole number" in wrong.stderr
