"""Packages made from packages: real ones, narrowed, and not a byte more changed than was asked for."""

import difflib
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from builder.build import Output
from builder.catalogue import load
from builder.errors import InputFaults, SolsmithError, UnreadableInput, UsageError
from builder.model import Depth, Version
from builder.package.archive import pack
from builder.package.opening import open_any
from builder.rebuild import open_base, rebuild
from builder.solution.access_statement import find_statement, read_access_statement, statement_of, statement_path
from builder.solution.base_tables import packaged_tables, with_base_tables
from builder.solution.narrowing import narrow
from builder.solution.overlay import Overlay, overlay_from_options
from builder.solution.overlaying import overlay_package, overlay_solution
from builder.solution.spec import read_spec
from builder.validation.report import Severity
from builder.validation.validate import validate
from tests.support import REFERENCE_SPEC, SHARED, needs_corpus, reference_package

ZIPS = SHARED / "corpus" / "zips"
WITH_ROLES = [
    "microsoft__PowerApps-Samples__AIBuilderInvoiceProcessingAutomation.zip",
    "microsoft__PowerApps-Samples__AIBuilderInvoiceProcessingAutomationSK_1_0_0_12.zip",
    "microsoft__PowerApps-Samples__ColumnLevelSecuritySampleSolution.zip",
    "microsoft__PowerApps-Samples__ColumnLevelSecuritySampleSolution_managed.zip",
    "microsoft__powercat-automation-kit__MachineStatusUpdate_1_0_0_0_unmanaged.zip",
    "pnp__powerplatform-samples__termbuddy.zip",
]
NARROW = overlay_from_options(depth=["business-unit"], read=["msdyn_aibdatasetrecord", "lead"])


def changed_lines(old: bytes, new: bytes) -> tuple[list[bytes], list[bytes]]:
    """Give the lines that went and those that came, with their line ends."""
    matcher = difflib.SequenceMatcher(None, a := old.splitlines(True), b := new.splitlines(True), autojunk=False)
    parts = [part for part in matcher.get_opcodes() if part[0] != "equal"]
    return [line for part in parts for line in a[part[1] : part[2]]], [
        line for part in parts for line in b[part[3] : part[4]]
    ]


def newline_of(data: bytes) -> bytes:
    return b"\r\n" if b"\r\n" in data else b"\n"


@needs_corpus
@pytest.mark.parametrize("name", WITH_ROLES)
def test_real_packages_change_in_role_privileges_and_version_alone(name: str, tmp_path: Path) -> None:
    base = open_base(ZIPS / name)
    made = rebuild(base, NARROW, Output(tmp_path))
    assert not validate(made.path).count(Severity.ERROR)
    result = open_any(made.path)
    assert list(result.members) == list(base.members)
    differing = [member for member in base.members if base.members[member] != result.members[member]]
    assert differing == ["customizations.xml", "solution.xml"]
    old, new = changed_lines(base.members["customizations.xml"], result.members["customizations.xml"])
    assert all(line.strip().startswith(b"<RolePrivilege name=") for line in old + new)
    assert all(line.endswith(newline_of(base.members["customizations.xml"])) for line in new)
    assert len(new) - len(old) == 2
    [old_version], [new_version] = changed_lines(base.members["solution.xml"], result.members["solution.xml"])
    assert old_version.replace(str(base.version).encode(), str(result.version).encode()) == new_version
    assert result.version.padded == (*base.version.padded[:3], base.version.padded[3] + 1)
    assert result.managed == base.managed
    [role], [before] = result.roles, base.roles
    assert replace(role, grants=()) == replace(before, grants=())
    assert [grant.key for grant in role.grants] == sorted(grant.key for grant in role.grants)


@needs_corpus
@pytest.mark.parametrize("name", WITH_ROLES)
def test_a_variant_of_a_real_package_stands_beside_it(name: str, tmp_path: Path) -> None:
    base = open_base(ZIPS / name)
    made = rebuild(base, replace(NARROW, as_variant="Contoso Größe"), Output(tmp_path))
    result = open_any(made.path)
    assert not validate(made.path).count(Severity.ERROR)
    assert result.manifest.unique_name == f"{base.manifest.unique_name}_Contoso_Groe"
    assert {text.removesuffix(" (Contoso Größe)") for text in result.manifest.names.values()} == set(
        base.manifest.names.values()
    )
    assert result.manifest.publisher == base.manifest.publisher
    assert result.roles[0].name == f"{base.roles[0].name} (Contoso Größe)"
    assert result.roles[0].id != base.roles[0].id
    old, _ = changed_lines(base.members["customizations.xml"], result.members["customizations.xml"])
    assert [line for line in old if b"<RolePrivilege " not in line] == [
        line for line in base.members["customizations.xml"].splitlines(True) if b"<Role id=" in line
    ]
    assert len(changed_lines(base.members["solution.xml"], result.members["solution.xml"])[0]) == 4
    again = rebuild(base, replace(NARROW, as_variant="Contoso Größe"), Output(tmp_path / "again"))
    assert again.digest == made.digest


@needs_corpus
def test_the_same_overlay_gives_the_same_bytes(tmp_path: Path) -> None:
    base = open_base(ZIPS / WITH_ROLES[-1])
    one, other = rebuild(base, NARROW, Output(tmp_path / "a")), rebuild(base, NARROW, Output(tmp_path / "b"))
    assert one.path.read_bytes() == other.path.read_bytes()


def test_a_base_that_does_not_validate_is_refused_with_its_findings(tmp_path: Path) -> None:
    members = dict(open_any(reference_package(tmp_path)).members)
    members["solution.xml"] = members["solution.xml"].replace(b'type="20"', b'type="29"')
    broken = tmp_path / "broken.zip"
    broken.write_bytes(pack(members))
    with pytest.raises(InputFaults) as caught:
        open_base(broken)
    assert any(fault.message.startswith("SOL301: ") and fault.line for fault in caught.value.faults)


@needs_corpus
def test_a_damaged_base_and_a_folder_are_refused() -> None:
    with pytest.raises(UnreadableInput, match="damaged"):
        open_base(ZIPS / "microsoft__terraform-provider-power-platform__exampleagent_1_0_0_1_managed.zip")
    with pytest.raises(UnreadableInput, match="a folder cannot be the base"):
        open_base(SHARED / "corpus" / "unpacked" / "john00__crm__root")


def test_versions(tmp_path: Path) -> None:
    base = open_base(reference_package(tmp_path))
    assert rebuild(base, NARROW, Output(tmp_path)).path.name == "NetResultsSyncforDynamics365_1_0_1_366_managed.zip"
    asked = replace(NARROW, version=Version.parse("1.0.2"))
    assert rebuild(base, asked, Output(tmp_path)).path.name == "NetResultsSyncforDynamics365_1_0_2_0_managed.zip"
    for wrong in ("1.0.1.365", "0.9"):
        with pytest.raises(UsageError, match="is not above the base's"):
            rebuild(base, replace(NARROW, version=Version.parse(wrong)), Output(tmp_path))
    variant = replace(NARROW, version=Version.parse("0.9"), as_variant="X")
    assert rebuild(base, variant, Output(tmp_path)).overlaid.version == Version.parse("0.9.0.0")


def test_the_base_is_never_overwritten(tmp_path: Path) -> None:
    package = reference_package(tmp_path)
    taken = package.rename(tmp_path / "NetResultsSyncforDynamics365_1_0_1_366_managed.zip")
    before = taken.read_bytes()
    with pytest.raises(UsageError, match="is the base itself"):
        rebuild(open_base(taken), NARROW, Output(tmp_path))
    assert taken.read_bytes() == before


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        (overlay_from_options(), "the overlay asks for nothing"),
        (replace(NARROW, as_variant="!?"), "no letter or digit for a unique name"),
        (replace(NARROW, as_variant="x" * 60), "has more than 65 characters"),
        (replace(NARROW, as_variant="a\x01b"), "not one line of plain text"),
        (replace(NARROW, as_variant="a\u202eb"), "not one line of plain text"),
    ],
)
def test_what_makes_no_sense_is_refused(overlay: object, message: str, tmp_path: Path) -> None:
    base = open_base(reference_package(tmp_path))
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        rebuild(base, overlay, Output(tmp_path / "out"))  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_reasons_are_carried_on(tmp_path: Path) -> None:
    """The result's access statement has the base's reasons, under the result's own digest."""
    base = open_base(reference_package(tmp_path))
    spec = read_spec(REFERENCE_SPEC).solution
    statement_path(Path(base.source)).write_bytes(statement_of(spec, base.digest).to_bytes())
    made = rebuild(base, NARROW, Output(tmp_path / "out"), statement=find_statement(base))
    assert made.statement is not None
    stated = read_access_statement(made.statement, made.digest)
    assert stated.application == spec.application
    [role], [was] = stated.roles, spec.roles
    for grant in was.grants:
        assert stated.reason(role.id, grant.privilege) == grant.reason
    added = stated.grant(role.id, "prvReadmsdyn_AIBDatasetRecord")
    assert added is not None
    assert not added.required
    assert json.loads(made.statement.read_text(encoding="utf-8"))["solution"]["version"] == "1.0.1.366"


def test_without_a_statement_none_is_made_up(tmp_path: Path) -> None:
    made = rebuild(open_base(reference_package(tmp_path)), NARROW, Output(tmp_path / "out"))
    assert [file.name for file in (tmp_path / "out").iterdir()] == [made.path.name]


def test_a_spec_and_its_package_are_narrowed_alike(tmp_path: Path) -> None:
    solution, narrowed = overlay_solution(read_spec(REFERENCE_SPEC).solution, replace(NARROW, as_variant="EU"))
    overlaid = overlay_package(open_base(reference_package(tmp_path)), replace(NARROW, as_variant="EU"))
    assert (solution.unique_name, solution.version) == (overlaid.unique_name, overlaid.version)
    assert [(role.id, role.name, role.by_privilege()) for role in solution.roles] == [
        (role.id, role.name, role.by_privilege()) for role in overlaid.roles.after
    ]
    assert narrowed.notes == overlaid.roles.notes
    assert solution.roles[0].by_privilege()["prvreadaccount"].depth is Depth.LOCAL


def test_a_role_that_cannot_be_changed_in_place_is_no_silent_loss(tmp_path: Path) -> None:
    """A second <RolePrivileges> that is empty, or anything else that we misread, must not go unnoticed."""
    package = open_any(reference_package(tmp_path))
    text = package.members["customizations.xml"]
    doubled = text.replace(b"</RolePrivileges>", b"</RolePrivileges><RolePrivileges />", 1)
    members = {**package.members, "customizations.xml": doubled}
    broken = tmp_path / "doubled.zip"
    broken.write_bytes(pack(members))
    with pytest.raises(SolsmithError):
        rebuild(open_base(broken), NARROW, Output(tmp_path / "out"))


@needs_corpus
@pytest.mark.parametrize("folder", sorted((SHARED / "corpus" / "unpacked").glob("*")), ids=lambda path: path.name[-24:])
@pytest.mark.parametrize("depth", Depth)
def test_roles_of_real_folders_are_never_widened(folder: Path, depth: Depth) -> None:
    """Thousands of grants, many on tables that the catalogue does not know."""
    package = open_any(folder)
    known = with_base_tables(load(), package.roles, packaged_tables(package))
    result = narrow(package.roles, Overlay(depth=depth), known, folder.name)
    for before, after in zip(package.roles, result.after, strict=True):
        held = before.by_privilege()
        assert [grant.key for grant in after.grants] == [grant.key for grant in before.grants]
        assert all(grant.depth <= held[grant.key].depth for grant in after.grants)
    assert narrow(result.after, Overlay(depth=depth), known, folder.name).after == result.after


@needs_corpus
def test_other_members_are_the_very_bytes(tmp_path: Path) -> None:
    base = ZIPS / WITH_ROLES[0]
    made = rebuild(open_base(base), NARROW, Output(tmp_path))
    with zipfile.ZipFile(base) as one, zipfile.ZipFile(made.path) as other:
        names = [name for name in one.namelist() if name not in ("customizations.xml", "solution.xml")]
        assert len(names) == 5
        assert all(one.read(name) == other.read(name) for name in names)
