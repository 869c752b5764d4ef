"""`solsmith diff` as people and pipelines call it."""

import json
import zipfile
from pathlib import Path

import jsonschema
import pytest

from builder.resources import resource
from tests.support import REFERENCE_SPEC, SHARED, needs_corpus, run_cli

SPEC = REFERENCE_SPEC.read_text(encoding="utf-8")


@pytest.fixture
def narrowed(tmp_path: Path) -> Path:
    """A spec that loses Write on four tables, gains Delete there, and reads less far elsewhere."""
    text = SPEC.replace("create, read, write,", "create, read, delete,").replace("1.0.1.365", "1.0.2.365")
    return spec(tmp_path, text.replace("allow: read\n", "allow: read\n        depth: Business Unit\n").replace(
        "opportunity, systemuser, transactioncurrency", "opportunity, systemuser"
    ))  # fmt: skip


def spec(folder: Path, text: str, name: str = "solution.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def build(spec_path: Path, folder: Path) -> Path:
    result = run_cli("build", spec_path, "-o", folder)
    assert result.returncode == 0, result.stderr
    return next(folder.glob("*.zip"))


def test_a_package_is_what_its_spec_says(tmp_path: Path) -> None:
    result = run_cli("diff", "--exit-code", build(REFERENCE_SPEC, tmp_path), REFERENCE_SPEC)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "NetResultsSyncforDynamics365 1.0.1.365 → 1.0.1.365: No difference\n"


def test_says_who_has_to_care(narrowed: Path) -> None:
    result = run_cli("diff", REFERENCE_SPEC, narrowed)
    assert result.returncode == 0
    breaks, may_break, approval, harmless = result.stdout.split("\n\n")[1:]
    assert breaks.startswith("Breaks the application\n  Role Net-Results Sync for Dynamics 365\n")
    assert "removed  Account, Activity (activitypointer), Contact, Lead: Write" in breaks
    assert may_break.startswith("May break the application\n")
    assert "narrowed  Opportunity, User (systemuser): Read" in may_break
    assert "Organization → Business Unit" in may_break
    assert "removed  Currency (transactioncurrency): Read" in breaks
    assert approval.startswith("Needs the customer's approval\n")
    assert "added  Account, Activity (activitypointer), Contact, Lead: Delete" in approval
    assert harmless.startswith("Harmless\n  Solution\n    changed  version  1.0.1.365 → 1.0.2.365")


def test_without_a_statement_a_loss_may_break(tmp_path: Path, narrowed: Path) -> None:
    package = build(REFERENCE_SPEC, tmp_path / "out")
    statement = package.with_suffix(".access.json").rename(tmp_path / "kept.json")
    result = run_cli("diff", package, narrowed)
    assert "May break the application" in result.stdout
    assert "is not stated in the package; see --access" in result.stderr
    for option in (("--access", statement), ("--spec", REFERENCE_SPEC)):
        result = run_cli("diff", package, narrowed, *option)
        assert "\nBreaks the application\n" in result.stdout
        assert result.stderr == ""


def test_a_statement_beside_the_package_is_found(tmp_path: Path, narrowed: Path) -> None:
    result = run_cli("diff", build(REFERENCE_SPEC, tmp_path / "out"), narrowed)
    assert "\nBreaks the application\n" in result.stdout


def test_a_statement_or_spec_of_neither_is_refused(tmp_path: Path, narrowed: Path) -> None:
    package = build(REFERENCE_SPEC, tmp_path / "out")
    other = build(narrowed, tmp_path / "other").with_suffix(".access.json")
    for option in (("--access", other), ("--spec", narrowed)):
        result = run_cli("diff", package, package, *option)
        assert result.returncode == 2
        assert result.stdout == ""
        assert "Error: " in result.stderr


def test_an_optional_grant_can_go_without_harm(tmp_path: Path) -> None:
    optional = SPEC.replace("privileges: View Audit Summary", "privileges: View Audit Summary\n        required: false")
    without = SPEC[: SPEC.index("      - privileges: View Audit Summary")]
    result = run_cli("diff", spec(tmp_path, optional), spec(tmp_path, without, "new.yaml"))
    assert result.stdout.split("\n\n")[1].startswith("Harmless\n")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 0),
        (("--exit-code",), 1),
        (("--fail-on", "any"), 1),
        (("--fail-on", "widened"), 0),
        (("--fail-on", "removed"), 1),
        (("--fail-on", "widened", "--fail-on", "removed"), 1),
    ],
)
def test_fails_on_what_it_is_asked_to(tmp_path: Path, options: tuple[str, ...], code: int) -> None:
    less = spec(tmp_path, SPEC.replace("opportunity, systemuser", "systemuser"))
    assert run_cli("diff", *options, REFERENCE_SPEC, less).returncode == code


def test_an_added_grant_counts_as_widened(tmp_path: Path) -> None:
    less = spec(tmp_path, SPEC.replace("opportunity, systemuser", "systemuser"))
    assert run_cli("diff", "--fail-on", "widened", less, REFERENCE_SPEC).returncode == 1
    assert run_cli("diff", "--fail-on", "removed", less, REFERENCE_SPEC).returncode == 0


def test_json_is_what_the_schema_says(narrowed: Path) -> None:
    result = run_cli("diff", "--format", "json", REFERENCE_SPEC, narrowed)
    data = json.loads(result.stdout)
    jsonschema.validate(data, json.loads(resource("schemas", "diff.schema.json").read_text(encoding="utf-8")))
    assert data["version"] == 1
    assert data["grants"] == {"added": 4, "removed": 5, "widened": 0, "narrowed": 2, "reason-changed": 0}
    (role,) = data["roles"]
    user = next(grant for grant in role["grants"] if grant["privilege"] == "prvReadUser")
    assert (user["table"], user["right"], user["change"]) == ("systemuser", "Read", "narrowed")
    assert (user["old"]["depth"], user["new"]["depth"]) == ("Organization", "Business Unit")


def test_foreign_text_in_markdown_is_only_text(tmp_path: Path) -> None:
    hostile = "Role | `x` @all #1 ![i](https://a.example/b.png) <img src=x> [l](javascript:0) ##vso[task]"
    new = spec(tmp_path, SPEC.replace("- name: Net-Results Sync for Dynamics 365", f"- name: '{hostile}'"))
    result = run_cli("diff", "--format", "markdown", REFERENCE_SPEC, new)
    (row,) = [line for line in result.stdout.splitlines() if "@all" in line]
    outside = "".join(row.split("`")[::2])
    assert row.count("|") == 7
    assert not set("@#<[") & set(outside)
    assert "##vso[" not in result.stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_prints_in_any_encoding(narrowed: Path, encoding: str, form: str) -> None:
    result = run_cli("diff", "--format", form, REFERENCE_SPEC, narrowed, PYTHONIOENCODING=encoding)
    assert (result.returncode, result.stderr) == (0, "")
    assert "\\u" not in result.stdout


def test_order_and_spelling_are_no_difference(tmp_path: Path) -> None:
    package = build(REFERENCE_SPEC, tmp_path)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(package) as read, zipfile.ZipFile(other, "w") as written:
        for name in reversed(read.namelist()):
            data = read.read(name)
            if name == "customizations.xml":
                data = data.replace(b'name="prvReadAccount"', b'name="prvreadaccount"').replace(b"\r\n", b"\n")
                extra = b'<RolePrivilege name="prvReadSdkMessage" level="Global" />'
                data = data.replace(b"<RolePrivileges>", b"<RolePrivileges>" + extra)
            written.writestr(name, data)
    result = run_cli("diff", "--exit-code", package, other)
    assert (result.returncode, result.stdout.endswith(": No difference\n")) == (0, True), result.stdout


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all"])
def test_what_cannot_be_read_is_told(tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(content)
    for sides in ((broken, REFERENCE_SPEC), (REFERENCE_SPEC, broken), (tmp_path / "absent.zip", REFERENCE_SPEC)):
        result = run_cli("diff", *sides)
        assert (result.returncode, result.stdout) == (2, "")
        assert "Traceback" not in result.stderr


@needs_corpus
def test_a_folder_against_the_zip_that_it_was_unpacked_from() -> None:
    zip_ = SHARED / "corpus/zips/pnp__powerplatform-samples__termbuddy.zip"
    folder = SHARED / "corpus/unpacked/pnp__powerplatform-samples__term-buddy_termbuddy"
    result = run_cli("diff", "--format", "json", folder, zip_)
    data = json.loads(result.stdout)
    assert data["notes"] == ["not compared, since one side does not tell: component, member"] or data["notes"]
    assert {fact["area"] for fact in data["facts"]} <= {"solution", "root component", "missing dependency"}
