"""Roles by any name: there and back, none is lost, on any platform."""

from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from builder.package.packager.culture import sort_key
from builder.package.packager.names import is_passed_over, role_file_name
from builder.package.packager.tree import UnpackedTree, UnpackOptions
from builder.package.packager.unpacking import unpack_members
from builder.package.reader import read_members
from builder.package.render import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.text import fits_xml, is_reserved_name
from tests.package.packager.golden import packed, write_tree

TYPES = (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="text/xml" /></Types>'
)
PIECES = st.sampled_from(
    ["/", "\\", ".", "..", ":", " ", "_managed", ".xml", "con", "CON.xml", "A", "é", "e\u0301", "役", "'", "x" * 250]
)  # fmt: skip
NAMES = st.one_of(st.text(max_size=12), st.lists(PIECES, max_size=5).map("".join)).filter(fits_xml)


def role_id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def package(names: list[str]) -> dict[str, bytes]:
    roles = "".join(
        f'<Role id="{{{role_id(number)}}}" name={quoteattr(name)}><RolePrivileges /></Role>'
        for number, name in enumerate(names)
    )
    ids = map(role_id, range(len(names)))
    roots = "".join(f'<RootComponent type="20" id="{{{identity}}}" />' for identity in ids)
    solution = (
        '<ImportExportXml languagecode="1033"><SolutionManifest><UniqueName>Some</UniqueName><Version>1.0</Version>'
        "<Managed>0</Managed><Publisher />"
        f"<RootComponents>{roots}</RootComponents></SolutionManifest></ImportExportXml>"
    )
    customizations = f"<ImportExportXml><Roles>{roles}</Roles></ImportExportXml>"
    return {CUSTOMIZATIONS: customizations.encode(), SOLUTION: solution.encode(), CONTENT_TYPES: TYPES}


def role_files(names: list[str]) -> list[str]:
    return [path.split("/", 1)[1] for path in unpack(names).files if path.startswith("Roles/")]


def unpack(names: list[str]) -> UnpackedTree:
    return unpack_members("test", package(names), UnpackOptions())


@given(st.lists(NAMES, min_size=1, max_size=6))
@example(["a/b", "a_b", "A_B", "a_b"])
@example(["x", "x.xml", "X.XML"])
@example(["Team_managed", "team_MANAGED.xml", "_managed", "", " ", "..", "con"])
@example(["y" * 400, "y" * 401, "役" * 200])
@example(["a." + "z" * 300])
def test_no_role_is_lost(names: list[str]) -> None:
    files = role_files(names)
    assert len({file.casefold() for file in files}) == len(names)
    for file in files:
        assert not set('/\\:*?"<>|') & set(file)
        assert not is_passed_over(file)
        assert len(file.encode()) <= 255
        assert not is_reserved_name(file)
        assert not file.endswith((" ", "."))
    with TemporaryDirectory() as folder:
        members = packed(write_tree(unpack(names), Path(folder))).members
    before = read_members("before", package(names)).packaged_roles
    after = read_members("after", members).packaged_roles
    assert {role.id: role.name for role in before} == {role.id: role.name for role in after}


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Net Sync", "Net Sync.xml"),
        ("v1.2", "v1.2"),
        ("Dynamics 365 v9.1", "Dynamics 365 v9.1"),
        (".hid", ".hid"),
        ("x.xml", "x.xml"),
        ("dot.", "dot..xml"),
        ("..", "...xml"),
        ("a/b", "a_b.xml"),
        ("../../up", ".._.._up"),
    ],
)
def test_names_files_as_microsofts_tool_does(name: str, file: str) -> None:
    assert role_file_name(name) == file
    assert role_files([name]) == [file]


def test_sorts_as_windows_does() -> None:
    """The order of the recorded case on file names, and packager.md's own examples."""
    for ordered in (
        ["ab", "a-b", "aB", "Ab", "ab2", "ac"],
        ["a", "á", "b"],
        ["x", "x y", "x!y", "x_y", "x+y", "x0", "xa"],
    ):
        assert sorted(set(ordered), key=sort_key) == ordered


def test_privileges_keep_their_order() -> None:
    """Nothing in a role is sorted or dropped."""
    members = package(["r"])
    grants = (
        b'<RolePrivilege name="prvB" level="Deep" /><!-- c --><RolePrivilege level="Basic" name="prvA"></RolePrivilege>'
    )
    members[CUSTOMIZATIONS] = members[CUSTOMIZATIONS].replace(
        b"<RolePrivileges />", b"<RolePrivileges>" + grants + b"</RolePrivileges>"
    )
    data = unpack_members("test", members).files["Roles/r.xml"].data
    assert [item.get("name") for item in etree.fromstring(data).iter("RolePrivilege")] == ["prvB", "prvA"]
    assert b"<!-- c -->" in data
    assert b'level="Basic" name="prvA"></RolePrivilege>' in data
