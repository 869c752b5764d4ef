"""Folders that SolutionPackager unpacked, read as packages."""

import shutil
from pathlib import Path

import pytest

from builder.errors import UnreadableInput
from builder.package.folder import open_folder
from builder.package.limits import Limits
from builder.package.opening import open_any
from builder.package.reader import read_members
from builder.package.render import CUSTOMIZATIONS
from tests.support import SHARED, needs_corpus, needs_reference

CASES = SHARED / "reference" / "packager" / "cases"
PACKED = sorted(case.name for case in CASES.glob("*_pack_*") if (case / "expected" / CUSTOMIZATIONS).is_file())
FOLDERS = sorted((SHARED / "corpus" / "unpacked").glob("*"))


@needs_corpus
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name[-24:])
def test_every_fact_has_its_file_and_line(folder: Path) -> None:
    package = open_folder(folder)
    assert not package.faults
    assert package.unpacked
    assert package.manifest.member == "Other/Solution.xml"
    assert {f"Roles/{file.name}" for file in (folder / "Roles").iterdir()} == {
        role.member for role in package.packaged_roles
    }
    for role in package.packaged_roles:
        lines = (folder / role.member).read_bytes().decode("utf-8-sig").splitlines()
        assert any("<Role" in line for line in lines[max(0, role.line - 4) : role.line])
        for grant in role.grants[:: max(1, len(role.grants) // 20)]:
            assert any(grant.privilege in line for line in lines[max(0, grant.line - 3) : grant.line])
    solution = (folder / "Other" / "Solution.xml").read_text(encoding="utf-8-sig").splitlines()
    for component in package.manifest.root_components:
        # The parser counts an element to the line on which its start tag ends.
        assert "<RootComponent" in "".join(solution[component.line - 5 : component.line])
    [roles] = package.trees["customizations.xml"].iterfind("Roles")
    assert {package.member_of(element) for element in roles.iter("RolePrivilege")} == {
        role.member for role in package.packaged_roles
    }


@needs_corpus
def test_a_folder_and_its_zip_say_the_same() -> None:
    """termbuddy lies in the corpus in both forms; in the folder it is "both managed and unmanaged"."""
    folder = open_any(SHARED / "corpus" / "unpacked" / "pnp__powerplatform-samples__term-buddy_termbuddy")
    package = open_any(SHARED / "corpus" / "zips" / "pnp__powerplatform-samples__termbuddy.zip")
    assert folder.roles == package.roles
    assert (folder.manifest.managed, package.manifest.managed) == ("2", "0")
    assert folder.manifest.publisher == package.manifest.publisher


@needs_reference
@pytest.mark.parametrize("case", PACKED)
def test_roles_are_read_as_packing_reads_them(case: str) -> None:
    """Also where names end in _managed, roles are inline, or Roles has sub-folders."""
    package = open_folder(CASES / case / "input-tree")
    expected = read_members(case, {CUSTOMIZATIONS: (CASES / case / "expected" / CUSTOMIZATIONS).read_bytes()})
    assert {role.id: role for role in package.roles} == {role.id: role for role in expected.roles}


@needs_reference
def test_a_stray_file_in_roles_is_a_fault_with_its_name() -> None:
    """SolutionPackager would end with exit code 1 at it (measured)."""
    [fault] = open_folder(CASES / "24_pack_stray_in_roles" / "input-tree").faults
    assert fault.where.startswith("Roles/")


def test_another_folder_is_told_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"Other/Solution\.xml is not in it"):
        open_any(tmp_path)


@needs_corpus
def test_limits_hold(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDERS[0], tmp_path / "copy")
    (folder / "Roles" / "huge.xml").write_bytes(b"<Role>" + b" " * 2_000_000 + b"</Role>")
    with pytest.raises(UnreadableInput, match=r"huge\.xml: larger than"):
        open_folder(folder, Limits(member_bytes=1_000_000))
