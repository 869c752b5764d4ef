"""`solsmith version`."""

import json
from pathlib import Path

import pytest

from tests.support import REFERENCE_SPEC, run_cli


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "solution.yaml"
    path.write_bytes(REFERENCE_SPEC.read_bytes())
    return path


def test_show(spec: Path) -> None:
    assert run_cli("version", "show", spec).stdout == "1.0.1.365\n"
    shown = json.loads(run_cli("version", "show", spec, "--version", "v1.2", "--format", "json").stdout)
    assert shown == {"version": 1, "unique_name": "NetResultsSyncforDynamics365", "solution_version": "1.2.0.365"}


def test_bump_changes_one_line(spec: Path, tmp_path: Path) -> None:
    before = spec.read_text("utf-8").splitlines()
    assert run_cli("version", "bump", spec, cwd=tmp_path).stdout == "1.0.2.365\n"
    after = spec.read_text("utf-8").splitlines()
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [
        ("  version: 1.0.1.365", "  version: 1.0.2.365")
    ]


def test_bump_does_not_fall_behind_what_was_built(spec: Path, tmp_path: Path) -> None:
    run_cli("build", spec, "-o", tmp_path / "dist", "--version", "2.0")
    before = spec.read_bytes()
    refused = run_cli("version", "bump", spec, "-o", tmp_path / "dist")
    assert (refused.returncode, spec.read_bytes()) == (2, before)
    assert "is lower than 2.0.0.365" in refused.stderr
    assert run_cli("version", "bump", spec, "-o", tmp_path / "dist", "--part", "major").stdout == "2.0.0.365\n"
    (previous,) = (tmp_path / "dist").glob("*.zip")
    refused = run_cli("version", "bump", spec, "--previous", previous, "--part", "revision")
    assert (refused.returncode, "fixes the fourth number" in refused.stderr) == (2, True)
    assert run_cli("version", "bump", spec, "--previous", previous).stdout == "2.0.1.365\n"


def test_a_faulty_spec_is_not_touched(spec: Path) -> None:
    spec.write_text(spec.read_text("utf-8").replace("account", "acount"), encoding="utf-8")
    before = spec.read_bytes()
    refused = run_cli("version", "bump", spec)
    assert (refused.returncode, spec.read_bytes()) == (2, before)
