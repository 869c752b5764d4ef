"""`solsmith unpack` and `solsmith pack` beside other commands, for scripts, and on narrow terminals."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from builder.resources import resource
from tests.support import SHARED, needs_corpus, reference_package, run_cli

ZIPS = SHARED / "corpus" / "zips"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    result = run_cli("unpack", reference_package(tmp_path), "-o", tmp_path / "src")
    assert result.returncode == 0, result.stderr
    return tmp_path / "src"


def checked(text: str, schema: str) -> dict[str, object]:
    content: dict[str, object] = json.loads(text)
    jsonschema.validate(content, json.loads(resource("schemas", f"{schema}.schema.json").read_text(encoding="utf-8")))
    return content


def test_json_of_both(tmp_path: Path, folder: Path) -> None:
    package = next(tmp_path.glob("*.zip"))
    content = checked(run_cli("unpack", package, "-o", folder, "--format", "json").stdout, "unpack")
    assert (content["written"], content["unchanged"]) == ([], 3)
    content = checked(run_cli("pack", folder, "-o", tmp_path / "x.zip", "--format", "json").stdout, "pack")
    assert isinstance(content["packages"], list)
    [packed] = content["packages"]
    assert packed["package_type"] == "managed"
    shown = json.loads(run_cli("show", tmp_path / "x.zip", "--format", "json").stdout)
    assert shown["digest"] == packed["digest"]


def test_a_folder_is_taken_wherever_a_zip_is(tmp_path: Path, folder: Path) -> None:
    package = next(tmp_path.glob("*.zip"))
    assert run_cli("validate", folder).returncode == 0
    assert run_cli("diff", "--exit-code", package, folder).returncode == 0
    assert run_cli("brief", folder, "-o", tmp_path / "brief.html").returncode == 0
    assert run_cli("adopt", folder, "-o", tmp_path / "spec.yaml").returncode == 0
    one, other = (
        json.loads(run_cli("show", path, "--format", "json").stdout)["contents"] for path in (package, folder)
    )
    assert one == other
    result = run_cli("build", "--base", folder, "--depth", "user", "-o", tmp_path / "out")
    assert result.returncode == 0, result.stderr


@needs_corpus
def test_tables_and_members_of_a_folder_are_compared_too(tmp_path: Path) -> None:
    package = ZIPS / "pnp__powerplatform-samples__incident-reporting.zip"
    src = tmp_path / "src"
    assert run_cli("unpack", package, "-o", src).returncode == 0
    assert run_cli("diff", "--exit-code", package, src).returncode == 0
    table = src / "Entities" / "csa_csIncident" / "Entity.xml"
    table.write_bytes(table.read_bytes().replace(b'languagecode="1033"', b'languagecode="1031"', 1))
    result = run_cli("diff", "--exit-code", package, src)
    assert (result.returncode, f"Entities: {table.parent.name}" in result.stdout) == (1, True)


@needs_corpus
def test_a_folder_that_holds_less_than_it_lists_is_read_for_what_it_holds(tmp_path: Path) -> None:
    src = tmp_path / "src"
    package = ZIPS / "pnp__powerplatform-samples__incident-reporting.zip"
    assert run_cli("unpack", package, "-o", src).returncode == 0
    shutil.rmtree(src / "Entities")
    assert run_cli("show", src).returncode == 0
    result = run_cli("build", "--base", src, "-o", tmp_path / "out")
    assert (result.returncode, "does not hold all" in result.stderr) == (2, True)


@pytest.mark.parametrize("command", ["pack", "unpack"])
@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_help_in_narrow_terminals_and_poor_encodings(command: str, encoding: str) -> None:
    result = run_cli(command, "--help", COLUMNS="40", PYTHONIOENCODING=encoding)
    assert result.returncode == 0
    assert "--package-type" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pack", "nowhere", "-o", "x.zip"], "no folder that SolutionPackager unpacked"),
        (["pack", "nowhere"], "Missing option '-o'"),
        (["unpack", "nowhere.zip", "-o", "x"], "No such file"),
        (["unpack", "nowhere.zip", "-o", "x", "--map", "none.xml"], "Name the map file"),
    ],
)
def test_says_what_is_wrong_with_the_call(tmp_path: Path, arguments: list[str], message: str) -> None:
    result = run_cli(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert message in result.stderr
    assert not list(tmp_path.iterdir())
