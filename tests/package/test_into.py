"""Roles into unpacked folders: the role file and its root component's line, and not one byte more."""

import errno
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import builder.files
from builder.errors import InputFaults, UsageError
from builder.model import Depth, Grant, Publisher, Role, Solution, Version
from builder.package.folder import open_folder
from builder.package.into import place_roles
from builder.package.opening import open_any
from builder.package.reader import Package, read_members
from builder.package.render import render
from tests.support import SHARED, needs_corpus, needs_reference

CASES = SHARED / "reference" / "packager" / "cases"
FOLDERS = sorted((SHARED / "corpus" / "unpacked").glob("*"))
ID = "99999999-0000-4000-8000-000000000000"
ROLE = Role(ID, "Net Sync", (Grant("prvReadAccount", Depth.GLOBAL), Grant("prvWriteLead", Depth.BASIC)))


def packaged(*roles: Role) -> Package:
    publisher = Publisher("pub", {1033: "Pub"}, "pub", 12345)
    return read_members("spec", render(Solution("S", {1033: "S"}, Version((1, 0, 0, 0)), publisher, roles)))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def folder_of(tmp_path: Path, roles: str = "<Roles />", components: str = "<RootComponents />", **files: str) -> Path:
    folder = tmp_path / "unpacked"
    (folder / "Other").mkdir(parents=True)
    (folder / "Roles").mkdir()
    (folder / "Other" / "Solution.xml").write_bytes(
        f"<ImportExportXml><SolutionManifest>\n    <UniqueName>S</UniqueName>\n    {components}\n"
        "</SolutionManifest></ImportExportXml>".encode()
    )
    (folder / "Other" / "Customizations.xml").write_bytes(
        f"<ImportExportXml>\n  <Entities />\n  {roles}\n</ImportExportXml>".encode()
    )
    for name, text in files.items():
        (folder / "Roles" / name).write_bytes(text.encode())
    return folder


def role_text(role_id: str, name: str) -> str:
    return (
        f'<Role id="{{{role_id}}}" name="{name}">\n  <IsCustomizable>1</IsCustomizable>\n  <RolePrivileges>\n'
        '    <RolePrivilege name="prvReadAccount" level="Basic" />\n  </RolePrivileges>\n</Role>\n'
    )


@needs_corpus
@pytest.mark.parametrize("original", FOLDERS, ids=lambda folder: folder.name[-24:])
def test_a_new_role_adds_its_file_and_one_line(original: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(original, tmp_path / "copy")
    place_roles(folder, packaged(ROLE)).write()
    before, after = contents(original), contents(folder)
    assert after.keys() - before.keys() == {"Roles/Net Sync.xml"}
    assert {name for name in before if after[name] != before[name]} == {"Other/Solution.xml"}
    newline = b"\r\n" if b"\r\n" in before["Other/Solution.xml"] else b"\n"
    line = f'      <RootComponent type="20" id="{{{ID}}}" behavior="0" />'.encode() + newline
    assert after["Other/Solution.xml"].replace(line, b"") == before["Other/Solution.xml"]
    others = [data for name, data in before.items() if name.startswith("Roles/")]
    assert {data[:3] == b"\xef\xbb\xbf" for data in others} == {after["Roles/Net Sync.xml"][:3] == b"\xef\xbb\xbf"}
    assert ROLE.by_privilege() == {role.id: role for role in open_folder(folder).roles}[ID].by_privilege()
    assert not place_roles(folder, packaged(ROLE)).files


@needs_corpus
@pytest.mark.parametrize("original", FOLDERS, ids=lambda folder: folder.name[-24:])
def test_a_role_of_the_folder_changes_in_place(original: Path, tmp_path: Path) -> None:
    """One depth and one privilege: a line each, or three for a privilege that has its attributes on their own lines."""
    folder = shutil.copytree(original, tmp_path / "copy")
    role = open_folder(folder).roles[0]
    first = replace(role.grants[0], depth=next(depth for depth in Depth if depth != role.grants[0].depth))
    changed = replace(role, grants=(first, *role.grants[1:], Grant("prvReadzz_Table", Depth.BASIC)))
    place_roles(folder, packaged(changed)).write()
    before, after = contents(original), contents(folder)
    [name] = [name for name in after if before.get(name) != after[name]]
    old, new = Counter(before[name].splitlines()), Counter(after[name].splitlines())
    assert ((new - old).total(), (old - new).total()) in ((2, 1), (4, 1), (3, 0))
    place_roles(folder, packaged(role)).write()
    assert contents(folder) == before


@needs_reference
@pytest.mark.parametrize("case", ["01_unpack_plain", "02_unpack_managed_autoassigned"])
def test_a_package_goes_into_an_empty_folder_as_the_tool_unpacks_it(case: str, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    (folder / "Other").mkdir(parents=True)
    golden = CASES / case / "tree"
    shutil.copy(golden / "Other" / "Customizations.xml", folder / "Other")
    solution = (golden / "Other" / "Solution.xml").read_bytes()
    without = b"\n".join(line for line in solution.split(b"\n") if b'type="20"' not in line)
    (folder / "Other" / "Solution.xml").write_bytes(without)
    place_roles(folder, open_any(CASES / case / "input.zip")).write()
    assert contents(folder)["Other/Solution.xml"].count(b'type="20"') == solution.count(b'type="20"')
    for file in (golden / "Roles").iterdir():
        assert (folder / "Roles" / file.name).read_bytes() == file.read_bytes()


def test_line_ends_and_byte_order_mark_are_the_folders(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"Other.xml": role_text(ID.replace("9", "1"), "Other").replace("\n", "\r\n")})
    place_roles(folder, packaged(ROLE)).write()
    made = (folder / "Roles" / "Net Sync.xml").read_bytes()
    assert made.startswith(b'<?xml version="1.0" encoding="utf-8"?>\r\n<Role id="{')
    assert made.count(b"\r\n") == made.count(b"\n") == 7
    assert made.endswith(b"</Role>")


def test_a_renamed_role_renames_its_file(tmp_path: Path) -> None:
    """It is found by its id, whatever its file is called; a final line end stays."""
    folder = folder_of(tmp_path, **{"old name.xml": role_text(ID, "Old")})
    place_roles(folder, packaged(replace(ROLE, name="New/er"))).write()
    [file] = (folder / "Roles").iterdir()
    assert file.name == "New_er.xml"
    assert b'name="New/er"' in file.read_bytes()
    assert file.read_bytes().endswith(b"</Role>\n")


def test_a_role_that_keeps_its_name_keeps_its_file(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"Odd_Name.xml": role_text(ID, "Net Sync")})
    place_roles(folder, packaged(ROLE)).write()
    assert [file.name for file in (folder / "Roles").iterdir()] == ["Odd_Name.xml"]


def test_two_roles_may_swap_names(tmp_path: Path) -> None:
    one, other = ID, ID.replace("9", "8")
    folder = folder_of(tmp_path, **{"A.xml": role_text(one, "A"), "B.xml": role_text(other, "B")})
    place_roles(folder, packaged(replace(ROLE, name="B"), replace(ROLE, id=other, name="A"))).write()
    assert {role.name: role.id for role in open_folder(folder).roles} == {"A": other, "B": one}
    assert sorted(file.name for file in (folder / "Roles").iterdir()) == ["A.xml", "B.xml"]


def test_a_name_may_change_in_its_case_alone(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"net sync.xml": role_text(ID, "net sync")})
    placement = place_roles(folder, packaged(ROLE))
    assert list(placement.files)[:1] == ["Roles/net sync.xml"]  # goes first, lest it take the new one with it
    placement.write()
    assert [file.name for file in (folder / "Roles").iterdir()] == ["Net Sync.xml"]


def test_other_facts_of_a_role_are_written_too(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"Net Sync.xml": role_text(ID, "Net Sync").replace(">1<", ">0<")})
    place_roles(folder, packaged(replace(ROLE, description="a & b"))).write()
    [role] = open_folder(folder).roles
    assert (role.customizable, role.description) == (True, "a & b")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a/b", "a_b"], "two roles would have the file Roles/a_b.xml"),
        (["Sync", "SYNC"], "two roles would have the file"),
        (["x", "x.xml"], "two roles would have the file Roles/x.xml"),
        (["Team_managed"], "would end in _managed"),
        (["役" * 100], "too long for a file"),
    ],
)
def test_names_that_would_lose_a_role_are_refused(names: list[str], message: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    before = contents(folder)
    roles = [
        replace(ROLE, id=f"{number:08}-0000-4000-8000-000000000000", name=name) for number, name in enumerate(names)
    ]
    with pytest.raises(InputFaults) as caught:
        place_roles(folder, packaged(*roles))
    assert message in caught.value.faults[0].message
    assert contents(folder) == before


def test_a_name_that_another_role_has_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"net sync.xml": role_text(ID.replace("9", "1"), "net sync")})
    with pytest.raises(InputFaults) as caught:
        place_roles(folder, packaged(ROLE))
    assert "two roles would have the file" in caught.value.faults[0].message


def test_two_files_for_one_role_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{"A.xml": role_text(ID, "A"), "B.xml": role_text(ID.upper(), "B")})
    with pytest.raises(InputFaults) as caught:
        place_roles(folder, packaged(ROLE))
    assert caught.value.faults[0].message == "Roles/B.xml holds the same role as Roles/A.xml (by its id)"


def test_roles_inside_customizations_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, roles=f"<Roles>{role_text(ID, 'A')}</Roles>")
    with pytest.raises(InputFaults) as caught:
        place_roles(folder, packaged(ROLE))
    assert "stands in Other/Customizations.xml itself" in caught.value.faults[0].message


def test_a_place_for_roles_is_made(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, roles="<Workflows />")
    place_roles(folder, packaged(ROLE)).write()
    made = (folder / "Other" / "Customizations.xml").read_bytes()
    assert made == b"<ImportExportXml>\n  <Entities />\n  <Roles />\n  <Workflows />\n</ImportExportXml>"
    assert [role.id for role in open_folder(folder).roles] == [ID]


def test_nothing_is_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path, **{"Old.xml": role_text(ID, "Old")})
    before = contents(folder)
    placement = place_roles(folder, packaged(ROLE, replace(ROLE, id=ID.replace("9", "8"), name="Second")))
    real, put = builder.files._put, []

    def fail_at_the_third(path: Path, beside: Path | None) -> None:
        put.append(path)
        if len(put) == 3:
            raise OSError(errno.EIO, "gone")
        real(path, beside)

    monkeypatch.setattr(builder.files, "_put", fail_at_the_third)
    with pytest.raises(UsageError, match="gone"):
        placement.write()
    assert contents(folder) == before
