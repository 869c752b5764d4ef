"""`solsmith build` as people and scripts meet it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from builder.package.reader import read_package
from builder.package.render import PROFILES
from builder.resources import resource
from tests.solution.specs import role, write_spec
from tests.support import REFERENCE_SPEC, REPOSITORY, run_cli

NAME = "NetResultsSyncforDynamics365"


def checked_json(text: str, schema: str) -> Any:
    content = json.loads(text)
    jsonschema.validate(content, json.loads(resource("schemas", schema).read_text("utf-8")))
    return content


def test_both_packages_with_statements_and_sums(tmp_path: Path) -> None:
    done = run_cli("build", REFERENCE_SPEC, "-o", tmp_path, "--managed", "--unmanaged", "--sha256")
    assert done.returncode == 0, done.stderr
    stems = (f"{NAME}_1_0_1_365", f"{NAME}_1_0_1_365_managed")
    names = [f"{stem}{end}" for stem in stems for end in (".access.json", ".zip", ".zip.sha256")]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert read_package(tmp_path / f"{stems[0]}.zip").manifest.managed == "0"
    assert all(str(tmp_path / f"{stem}.zip") in done.stdout for stem in stems)


def test_json(tmp_path: Path) -> None:
    done = run_cli("build", REFERENCE_SPEC, "-o", tmp_path, "--both", "--format", "json")
    content = checked_json(done.stdout, "build.schema.json")
    assert [package["managed"] for package in content["packages"]] == [True, False]
    for package in content["packages"]:
        assert read_package(Path(package["path"])).digest == package["digest"]
        assert Path(package["access_statement"]).is_file()
    assert len(content["roles"][0]["grants"]) == 24


def test_name_pattern_and_platform_from_settings_and_options(tmp_path: Path) -> None:
    spec = tmp_path / "specs" / "solution.yaml"
    spec.parent.mkdir()
    spec.write_bytes(REFERENCE_SPEC.read_bytes())
    pattern = 'name-pattern = "{unique_name}-v{version}.zip"\nplatform = "9.2.24084"\n'
    (tmp_path / "pyproject.toml").write_text(f"[tool.solsmith]\n{pattern}", encoding="utf-8")
    assert run_cli("build", spec, "-o", tmp_path / "a").returncode == 0
    vendor = tmp_path / "a" / f"{NAME}-v1.0.1.365.zip"
    assert b"IsAutoAssigned" in read_package(vendor).members["customizations.xml"]
    assert (tmp_path / "a" / f"{NAME}-v1.0.1.365.access.json").is_file()
    collide = run_cli("build", spec, "-o", tmp_path / "b", "--both")
    assert (collide.returncode, (tmp_path / "b").exists()) == (2, False)
    assert "would both be called" in collide.stderr
    (spec.parent / "solsmith.toml").write_text('platform = "any"\n', encoding="utf-8")
    assert run_cli("build", spec, "-o", tmp_path / "c").returncode == 0
    usual = tmp_path / "c" / f"{NAME}_1_0_1_365_managed.zip"
    assert b"isinherited" in read_package(usual).members["customizations.xml"]
    for wrong, says in (
        ('name_pattern = "x"', "unknown key"),
        ("platform = 9", "is no text"),
        ("platform", "not TOML"),
    ):
        (spec.parent / "solsmith.toml").write_text(f"{wrong}\n", encoding="utf-8")
        refused = run_cli("build", spec, "-o", tmp_path / "d")
        assert (refused.returncode, says in refused.stderr) == (2, True), refused.stderr


def test_platforms_of_the_help_are_the_profiles() -> None:
    from cli.build import _PLATFORMS

    assert tuple(PROFILES) == _PLATFORMS


def test_versions_by_option_file_and_both_at_once(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("v1.0.7\n", encoding="utf-8")
    done = run_cli("build", REFERENCE_SPEC, "-o", tmp_path, "--version-file", tmp_path / "VERSION")
    assert f"{NAME}_1_0_7_365_managed.zip" in done.stdout
    lower = run_cli("build", REFERENCE_SPEC, "-o", tmp_path, "--version", "1.0.6")
    assert (lower.returncode, "is lower than 1.0.7.365" in lower.stderr) == (2, True)
    assert run_cli("build", REFERENCE_SPEC, "-o", tmp_path, "--version", "1.0.6", "--allow-lower").returncode == 0
    fixed = run_cli("build", REFERENCE_SPEC, "-o", tmp_path, "--version", "1.0.8.1")
    assert "fixes the fourth number at 365" in fixed.stderr
    twice = run_cli("build", REFERENCE_SPEC, "--version", "1.0.8", "--version-from", "git")
    assert (twice.returncode, "exclude each other" in twice.stderr) == (2, True)


def test_previous(tmp_path: Path) -> None:
    run_cli("build", REFERENCE_SPEC, "-o", tmp_path)
    previous = tmp_path / f"{NAME}_1_0_1_365_managed.zip"
    spec = tmp_path / "solution.yaml"
    spec.write_text(REFERENCE_SPEC.read_text("utf-8").replace("key: sync", "key: other"), encoding="utf-8")
    done = run_cli("build", spec, "-o", tmp_path / "new", "--previous", previous)
    assert (done.returncode, (tmp_path / "new").exists()) == (2, False)
    assert "would make a second role" in done.stderr
    assert "is not above 1.0.1.365" in done.stderr
    assert "2 faults" in done.stderr
    good = run_cli("build", REFERENCE_SPEC, "-o", tmp_path, "--previous", previous, "--version", "1.0.2")
    assert good.returncode == 0


def test_check(tmp_path: Path) -> None:
    run_cli("build", REFERENCE_SPEC, "-o", tmp_path, "--both", SOURCE_DATE_EPOCH="1700000000")
    for package in tmp_path.glob("*.zip"):
        same = run_cli("build", REFERENCE_SPEC, "--check", package)
        assert (same.returncode, "is what the spec builds" in same.stdout) == (0, True), same.stdout
    spec = tmp_path / "solution.yaml"
    text = REFERENCE_SPEC.read_text("utf-8").replace("allow: read\n", "allow: read, write\n")
    spec.write_text(text.replace("systemuser, transactioncurrency", "systemuser"), encoding="utf-8")
    package = tmp_path / f"{NAME}_1_0_1_365_managed.zip"
    unlike = run_cli("build", spec, "--check", package)
    assert unlike.returncode == 1
    assert '- <RolePrivilege name="prvReadTransactionCurrency" level="Global" />' in unlike.stdout
    assert '+ <RolePrivilege name="prvWriteUser" level="Global" />' in unlike.stdout
    content = checked_json(run_cli("build", spec, "--check", package, "--format", "json").stdout, "check.schema.json")
    assert {difference["member"] for difference in content["differences"]} == {
        "customizations.xml",
        f"{NAME}_1_0_1_365_managed.access.json",
    }
    absent = run_cli("build", REFERENCE_SPEC, "--check", tmp_path / "absent.zip")
    assert (absent.returncode, "Traceback" in absent.stderr) == (2, False)


def test_an_expansion_is_printed_as_inferred(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, role({"tables": "account", "allow": "Collaborate"}))
    done = run_cli("build", spec, "-o", tmp_path)
    rights = "Create, Write, Delete, Append, Append To, Assign, Share at User; Read at Organization"
    assert f"note: Collaborate on account: {rights} (inferred" in done.stderr


def test_foreign_text_cannot_steer_the_terminal(tmp_path: Path) -> None:
    spec = tmp_path / "solution.yaml"
    text = (
        REFERENCE_SPEC.read_text("utf-8").replace("key: sync", 'key: "\\x1b[31m"').replace("account,", "acc\u202eount,")
    )
    spec.write_text(text, encoding="utf-8")
    done = run_cli("build", spec, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert not {"\x1b", "\u202e"} & set(done.stderr + done.stdout)


def test_help_teaches() -> None:
    done = run_cli("build", "--help")
    for word in (
        "--previous",
        "--check",
        "--both",
        "--version-from",
        "{unique_name}-v{version}.zip",
        "access statement",
    ):
        assert word in done.stdout


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_output_in_narrow_encodings(tmp_path: Path, encoding: str) -> None:
    spec = write_spec(tmp_path, role({"tables": "account", "allow": "Full access"}, name="Żaba \U0001f600"))
    done = run_cli("build", spec, "-o", tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    shown = run_cli("catalogue", "show", "account", PYTHONIOENCODING=encoding)
    assert "prvReadAccount" in shown.stdout


@pytest.mark.parametrize(
    "arguments", [("build", REFERENCE_SPEC, "-o", "{out}"), ("catalogue", "show", "activitypointer")]
)
def test_in_40_columns(tmp_path: Path, arguments: tuple[str | Path, ...]) -> None:
    command = [sys.executable, "-m", "cli", *(str(word).replace("{out}", str(tmp_path)) for word in arguments)]
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": "40", "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, stdout=follower, stderr=follower, cwd=REPOSITORY, env=environment) as process:
        os.close(follower)
        output = b""
        while True:
            try:
                chunk = os.read(leader, 65536)
            except OSError:
                break
            if not chunk:
                break
            output += chunk
    os.close(leader)
    assert process.returncode == 0
    assert b"prv" in output or b"Account" in output
