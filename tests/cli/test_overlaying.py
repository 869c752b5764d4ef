"""`solsmith build` with --base, overlays and --into, as a process."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import referencing

from builder.package.archive import pack
from builder.package.folder import open_folder
from builder.package.opening import open_any
from tests.support import REFERENCE_SPEC, REPOSITORY, SHARED, needs_corpus, needs_reference, reference_package, run_cli

NARROW = ("--depth", "business-unit", "--read", "msdyn_aibdatasetrecord")
CASES = SHARED / "reference" / "packager" / "cases"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return reference_package(tmp_path / "vendor")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_customer_narrows_the_vendors_package(base: Path, tmp_path: Path) -> None:
    done = run_cli("build", "--base", base, *NARROW, "--without", "account:append", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    made = tmp_path / "out" / "NetResultsSyncforDynamics365_1_0_1_366_managed.zip"
    assert done.stdout.splitlines()[:2] == [str(made), f"content {open_any(made).digest}"]
    assert re.search(r"removed +Account.*: Append +Organization", done.stdout)
    assert "added  msdyn_AIBDatasetRecord: Read  Organization" in done.stdout
    assert "Organization → Business Unit" in done.stdout
    assert "note: prvAppendAccount covers customeraddress as well as account" in done.stderr
    assert "smallest depth at which they exist: prvReadAuditSummary, prvReadTransactionCurrency" in done.stderr
    assert run_cli("validate", made).returncode == 0
    assert run_cli("diff", base, made, "--fail-on", "removed").returncode == 1


def test_json_follows_its_schema(base: Path, tmp_path: Path) -> None:
    done = run_cli("build", "--base", base, *NARROW, "--sha256", "-o", tmp_path, "--format", "json")
    content = json.loads(done.stdout)
    schemas = {name: json.loads((REPOSITORY / "schemas" / name).read_text()) for name in _SCHEMAS}
    registry = referencing.Registry().with_contents(list(schemas.items()))
    jsonschema.Draft202012Validator(schemas["build.schema.json"], registry=registry).validate(content)
    [package] = content["packages"]
    assert package["digest"] == open_any(Path(package["path"])).digest
    assert Path(package["sha256"]).read_text().endswith(f"  {Path(package['path']).name}\n")
    [role] = content["changes"]
    kinds = {grant["privilege"]: grant["change"] for grant in role["grants"]}
    assert kinds["prvReadmsdyn_AIBDatasetRecord"] == "added"
    assert kinds["prvReadAccount"] == "narrowed"
    assert "prvReadTransactionCurrency" not in kinds


_SCHEMAS = ("build.schema.json", "diff.schema.json")


def test_a_spec_is_overlaid_like_a_package(base: Path, tmp_path: Path) -> None:
    by_spec = run_cli("build", REFERENCE_SPEC, *NARROW, "--as-variant", "EU", "-o", tmp_path / "a")
    by_base = run_cli("build", "--base", base, *NARROW, "--as-variant", "EU", "-o", tmp_path / "b")
    assert (by_spec.returncode, by_base.returncode) == (0, 0), by_spec.stderr + by_base.stderr
    [one], [other] = (tmp_path / "a").glob("*.zip"), (tmp_path / "b").glob("*.zip")
    assert one.name == other.name == "NetResultsSyncforDynamics365_EU_1_0_1_366_managed.zip"
    assert open_any(one).digest == open_any(other).digest


def test_a_file_says_it_and_options_count_first(base: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "customer.yaml"
    overlay.write_text("depth: User\nread: lead\nversion: 1.0.1.400\n", encoding="utf-8")
    done = run_cli("build", "--base", base, "--overlay", overlay, "--depth", "Business Unit", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    made = open_any(tmp_path / "out" / "NetResultsSyncforDynamics365_1_0_1_400_managed.zip")
    assert {grant.depth.level for grant in made.roles[0].grants} == {"Local", "Global"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "the overlay asks for nothing"),
        (("--read", "acount"), "--read: error: there is no table `acount`\n  Did you mean account?"),
        (("--grant", "account:delete"), "Delete on account would widen the role"),
        (("--version", "1.0.1.365", *NARROW), "is not above the base's"),
        (("--both", *NARROW), "--both and --base exclude each other"),
        (("--platform", "any", *NARROW), "--platform and --base exclude each other"),
        (("--depth", "far"), "--depth: there is no depth `far`"),
        ((str(REFERENCE_SPEC), *NARROW), "SPEC and --base exclude each other"),
        (("--role", "Nobody", *NARROW), 'there is no role "Nobody"'),
        (("--overlay", "absent.yaml"), "absent.yaml: No such file"),
        (("--allow-widening",), "change nothing by themselves"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_written(
    options: tuple[str, ...], message: str, base: Path, tmp_path: Path
) -> None:
    done = run_cli("build", "--base", base, *options, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "out").exists()


def test_without_a_spec_or_a_base() -> None:
    done = run_cli("build")
    assert (done.returncode, done.stdout) == (2, "")
    assert "name a SPEC, or a --base PACKAGE" in done.stderr


def test_a_base_with_findings_is_refused_with_them(base: Path, tmp_path: Path) -> None:
    members = dict(open_any(base).members)
    members["solution.xml"] = members["solution.xml"].replace(b'type="20"', b'type="29"')
    base.write_bytes(pack(members))
    done = run_cli("build", "--base", base, *NARROW, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "customizations.xml:4: error: SOL301: " in done.stderr
    assert not (tmp_path / "out").exists()


def test_widening_is_printed_as_such(base: Path, tmp_path: Path) -> None:
    first = run_cli("build", "--base", base, "--depth", "user", "-o", tmp_path)
    narrowed = Path(first.stdout.splitlines()[0])
    kept = run_cli("build", "--base", narrowed, "--depth", "lead=organization", "--read", "incident", "-o", tmp_path)
    assert "note: lead stays at User: a depth only narrows without --allow-widening" in kept.stderr
    options = ("--depth", "lead=organization", "--grant", "incident:write:user", "--allow-widening")
    done = run_cli("build", "--base", narrowed, *options, "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "widened  Lead: Create, Read, Write, Append, Append To  User → Organization" in done.stdout
    assert "added    Case (incident): Write" in done.stdout


@needs_corpus
def test_a_folder_gets_a_specs_role(tmp_path: Path) -> None:
    original = SHARED / "corpus" / "unpacked" / "john00__crm__root"
    folder = shutil.copytree(original, tmp_path / "unpacked")
    done = run_cli("build", REFERENCE_SPEC, "--into", folder)
    assert done.returncode == 0, done.stderr
    role = folder / "Roles" / "Net-Results Sync for Dynamics 365.xml"
    assert done.stdout.splitlines()[:2] == [f"wrote {folder / 'Other' / 'Solution.xml'}", f"wrote {role}"]
    assert tree(folder).keys() - tree(original).keys() == {str(role.relative_to(folder))}
    again = run_cli("build", REFERENCE_SPEC, "--into", folder, "--format", "json")
    assert json.loads(again.stdout)["files"] == []
    narrower = run_cli("build", REFERENCE_SPEC, *NARROW, "--into", folder, "--format", "json")
    content = json.loads(narrower.stdout)
    assert content["files"] == [{"path": str(role), "action": "wrote"}]
    assert content["changes"]
    [made] = [made for made in open_folder(folder).roles if made.id == content["roles"][0]["id"]]
    assert {grant.depth.level for grant in made.grants} == {"Local", "Global"}


@needs_reference
def test_a_folder_gets_a_packages_role_as_the_tool_would_write_it(tmp_path: Path) -> None:
    case = CASES / "02_unpack_managed_autoassigned"
    folder = shutil.copytree(case / "tree", tmp_path / "unpacked")
    (golden,) = (folder / "Roles").iterdir()
    expected = golden.read_bytes()
    golden.unlink()
    done = run_cli("build", "--base", case / "input.zip", "--into", folder)
    assert done.returncode == 0, done.stderr
    assert tree(folder) == tree(case / "tree")
    assert golden.read_bytes() == expected


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    done = run_cli("build", REFERENCE_SPEC, "--into", tmp_path)
    assert done.returncode == 2
    assert "Other/Solution.xml is not in it" in done.stderr
    mixed = run_cli("build", REFERENCE_SPEC, "--into", tmp_path, "--sha256")
    assert "--sha256 and --into exclude each other" in mixed.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_it_prints_in_any_encoding(encoding: str, base: Path, tmp_path: Path) -> None:
    options = (*NARROW, "--as-variant", "役割 EU", "-o", tmp_path)
    done = run_cli("build", "--base", base, *options, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "Organization -> Business Unit" in done.stdout


def test_it_fits_a_narrow_terminal(base: Path, tmp_path: Path) -> None:
    main, other = pty.openpty()
    command = [sys.executable, "-m", "cli", "build", "--base", str(base), *NARROW, "-o", str(tmp_path)]
    environment = {**os.environ, "COLUMNS": "40", "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1"}
    process = subprocess.Popen(command, stdout=other, stderr=subprocess.DEVNULL, env=environment, cwd=REPOSITORY)
    os.close(other)
    shown = b""
    try:
        while part := os.read(main, 65536):
            shown += part
    except OSError:  # what Linux says at the end of a terminal
        pass
    finally:
        os.close(main)
    assert process.wait(30) == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).splitlines()
    own = [line for line in lines if not line.startswith((str(tmp_path), "content ", "access "))]
    assert max(map(len, own)) <= 40
