"""`solsmith show`: what a package is and grants, in the terminal and as data."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from builder.resources import resource
from tests.support import REFERENCE_SPEC, REPOSITORY, SHARED, needs_corpus, reference_package, run_cli

CORPUS = SHARED / "corpus"


def on_a_terminal(width: int, *arguments: str | Path) -> list[str]:
    """Run the command line with a terminal of some width as its stdout; gives the lines without styles."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "dumb", "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [sys.executable, "-m", "cli", *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=follower, stderr=subprocess.DEVNULL, cwd=REPOSITORY, env=environment,
    ) as process:  # fmt: skip
        os.close(follower)
        output = b""
        while chunk := _read(leader):
            output += chunk
    os.close(leader)
    assert process.returncode == 0
    return output.decode().replace("\r", "").split("\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how Linux says that the other end has gone
        return b""


@pytest.mark.parametrize("width", [40, 80, 120])
def test_fits_the_terminal(tmp_path: Path, width: int) -> None:
    lines = on_a_terminal(width, "show", reference_package(tmp_path))
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    for word in ("Account", "(activitypointer)", "View Audit Summary", "Organization", "● Organization"):
        assert word in text
    assert any(line.startswith("Table ") for line in lines) == (width >= 80)


def bare(folder: Path) -> Path:
    """The reference package without its access statement."""
    package = reference_package(folder)
    package.with_suffix(".access.json").unlink()
    return package


def test_is_plain_when_piped(tmp_path: Path) -> None:
    result = run_cli("show", bare(tmp_path))
    assert (result.returncode, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout
    lines = result.stdout.splitlines()
    assert lines == [line.rstrip() for line in lines]
    assert "Application  not stated in the package" in lines
    assert "Reasons      not stated in the package" in lines
    assert "Account covers Address (customeraddress), too" in lines


def test_reasons_come_from_the_statement(tmp_path: Path) -> None:
    built = run_cli("build", REFERENCE_SPEC, "-o", tmp_path)
    assert built.returncode == 0, built.stderr
    result = run_cli("show", next(tmp_path.glob("*.zip")))
    assert "Application  Net-Results Sync for Dynamics 365 (f41adf61-824b-41ba-8c81-0f17fe22b244)" in result.stdout
    assert "Deletions are found in the audit history" in result.stdout
    next(tmp_path.glob("*.access.json")).unlink()
    assert "Deletions" not in run_cli("show", next(tmp_path.glob("*.zip"))).stdout
    stated = run_cli("show", next(tmp_path.glob("*.zip")), "--spec", REFERENCE_SPEC)
    assert "Deletions are found in the audit history" in stated.stdout


def test_json_is_what_the_schema_says(tmp_path: Path) -> None:
    schema = json.loads(resource("schemas", "show.schema.json").read_text(encoding="utf-8"))
    for subject in (bare(tmp_path / "bare"), reference_package(tmp_path), REFERENCE_SPEC):
        data = json.loads(run_cli("show", "--format", "json", subject).stdout)
        jsonschema.validate(data, schema)
        (role,) = data["roles"]
        assert len(role["grants"]) == 24
        audit = next(grant for grant in role["grants"] if grant["privilege"] == "prvReadAuditSummary")
        stated = subject.parent.name != "bare"
        assert (audit["reason"] is not None, audit["required"]) == (stated, True if stated else None)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_prints_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    result = run_cli("show", reference_package(tmp_path), PYTHONIOENCODING=encoding)
    assert (result.returncode, result.stderr) == (0, "")
    assert "O Organization   - not granted" in result.stdout
    assert "\\u" not in result.stdout


def packages() -> list[Path]:
    if not CORPUS.is_dir():
        return []
    return [*sorted(CORPUS.glob("zips/*.zip"))[::6], *sorted(CORPUS.glob("unpacked/*/"))[::2]]


@needs_corpus
@pytest.mark.parametrize("path", packages(), ids=lambda path: path.name[-48:])
def test_shows_real_packages(path: Path) -> None:
    schema = json.loads(resource("schemas", "show.schema.json").read_text(encoding="utf-8"))
    result = run_cli("show", "--format", "json", path)
    if result.returncode == 0:
        jsonschema.validate(json.loads(result.stdout), schema)
        assert run_cli("show", path).returncode == 0
    else:  # some are damaged on purpose
        assert result.returncode == 2
        assert result.stderr
    assert "Traceback" not in result.stderr
    assert "should not" not in result.stderr


@needs_corpus
def test_counts_what_else_is_there_and_groups_many_tables() -> None:
    result = run_cli("show", CORPUS / "zips/pnp__powerplatform-samples__termbuddy.zip")
    assert (
        "Also in the package\n  2 tables\n  2 processes\n  1 canvas app\n  55 files beside the core\n" in result.stdout
    )
    for group in ("Business Management", "Tables that the catalogue does not know", "No table"):
        assert f"\n{group}\n" in result.stdout
