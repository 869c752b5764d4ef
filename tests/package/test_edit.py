"""Changes in bytes: what is asked for changes, and nothing else does, however the base is laid out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.errors import InputFaults
from builder.model import Depth, Grant, Role, Version
from builder.package.edit import ManifestChange, edit_manifest, edit_role_file, edit_roles
from builder.package.reader import read_members

ID = "00000001-0000-4000-8000-000000000000"
PRIVILEGES = ["prvAppendAccount", "prvAppendToAccount", "prvReadAccount", "prvReadcontoso_Permit", "prvWriteLead"]
# How one privilege may be written; {name} and {level} are filled in.
LAYOUTS = [
    '<RolePrivilege name="{name}" level="{level}" />',
    '<RolePrivilege name="{name}" level="{level}"></RolePrivilege>',
    "<RolePrivilege level='{level}' name='{name}'/>",
    '<RolePrivilege\n          name="{name}"\n          level="{level}" />',
    '<!-- why: a > b --><RolePrivilege name = "{name}" level="{level}" />',
]


@st.composite
def documents(draw: st.DrawFn) -> tuple[bytes, Role]:
    """A customizations.xml in some layout, and the role in it."""
    names = draw(st.lists(st.sampled_from(PRIVILEGES), unique=True, min_size=1))
    grants = [Grant(name, draw(st.sampled_from(Depth))) for name in sorted(names, key=str.lower)]
    lines = "".join(
        "\n        " + draw(st.sampled_from(LAYOUTS)).format(name=grant.privilege, level=grant.depth.level)
        for grant in grants
    )
    text = (
        '<ImportExportXml xmlns:xsi="urn:x">\n  <Entities></Entities>\n  <Roles>\n    <!-- <Role> -->\n'
        f'    <Role id="{{{ID}}}" name="Größe &amp; &lt;x&gt;">\n      <IsCustomizable>1</IsCustomizable>\n'
        f"      <RolePrivileges>{lines}\n      </RolePrivileges>\n    </Role>\n  </Roles>\n"
        '  <Dialogs><Role Id="{x}" /></Dialogs>\n</ImportExportXml>'
    )
    if draw(st.booleans()):
        text = '<?xml version="1.0" encoding="utf-8"?>\n' + text
    data = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + data, Role(ID, "Größe & <x>", tuple(grants), inherits=None)


def grants_in(data: bytes) -> dict[str, Grant]:
    [role] = read_members("test", {"customizations.xml": data}).roles
    return role.by_privilege()


@given(documents())
def test_no_change_is_no_change(document: tuple[bytes, Role]) -> None:
    data, role = document
    assert edit_roles(data, {ID: role}) == data
    assert edit_roles(data, {}) == data


@given(documents(), st.lists(st.builds(Grant, st.sampled_from(PRIVILEGES), st.sampled_from(Depth))))
def test_the_result_grants_what_was_asked_in_the_order_of_exports(
    document: tuple[bytes, Role], wanted: list[Grant]
) -> None:
    data, role = document
    changed = replace(role, grants=tuple({grant.key: grant for grant in wanted}.values()))
    after = edit_roles(data, {ID: changed})
    assert grants_in(after) == changed.by_privilege()
    assert list(grants_in(after)) == sorted(grants_in(after))
    assert after.count(b"\r\n") == after.count(b"\n") or b"\r" not in after


@given(documents(), st.sampled_from(PRIVILEGES), st.sampled_from(Depth))
def test_taking_away_what_was_added_gives_the_same_bytes(document: tuple[bytes, Role], name: str, depth: Depth) -> None:
    data, role = document
    added = {**role.by_privilege(), name.lower(): Grant(name, depth)}
    if name.lower() not in role.by_privilege():
        there = edit_roles(data, {ID: replace(role, grants=tuple(added.values()))})
        assert there != data
        assert edit_roles(there, {ID: role}) == data


@given(documents(), st.sampled_from(Depth))
def test_moving_all_depths_there_and_back_gives_the_same_bytes(document: tuple[bytes, Role], depth: Depth) -> None:
    data, role = document
    moved = replace(role, grants=tuple(replace(grant, depth=depth) for grant in role.grants))
    assert edit_roles(edit_roles(data, {ID: moved}), {ID: role}) == data


def test_a_new_privilege_is_laid_out_like_its_neighbour() -> None:
    data = (
        f'<Role\n  id="{{{ID}}}"\n  name="A">\n  <RolePrivileges>\n    <RolePrivilege\n      name="prvReadLead"\n'
        '      level="Basic" />\n  </RolePrivileges>\n</Role>'
    ).encode()
    role = Role(ID, "A", (Grant("prvReadAccount", Depth.GLOBAL), Grant("prvReadLead", Depth.BASIC)))
    assert edit_role_file("A.xml", data, role) == data.replace(
        b"    <RolePrivilege\n      name",
        b'    <RolePrivilege\n      name="prvReadAccount"\n      level="Global" />\n    <RolePrivilege\n      name',
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            b"      <RolePrivileges />",
            b'      <RolePrivileges>\n        <RolePrivilege name="prvReadLead" level="Basic" />'
            b"\n      </RolePrivileges>",
        ),
        (
            b"\r\n      <RolePrivileges></RolePrivileges>",
            b'\r\n      <RolePrivileges>\r\n        <RolePrivilege name="prvReadLead" level="Basic" />'
            b"\r\n      </RolePrivileges>",
        ),
        (
            b"<RolePrivileges/>",
            b'<RolePrivileges><RolePrivilege name="prvReadLead" level="Basic" /></RolePrivileges>',
        ),
    ],
)
def test_an_empty_list_is_filled(before: bytes, after: bytes) -> None:
    start = f'<Role id="{ID}" name="A">'.encode()
    newline = b"" if b"\n" in before or not before.startswith(b" ") else b"\n"
    role = Role(ID, "A", (Grant("prvReadLead", Depth.BASIC),))
    made = edit_role_file("A.xml", start + newline + before + b"</Role>", role)
    assert made == start + newline + after + b"</Role>"


def test_a_role_without_a_list_is_told() -> None:
    role = Role(ID, "A", (Grant("prvReadLead", Depth.BASIC),))
    with pytest.raises(InputFaults, match="1 fault"):
        edit_role_file("A.xml", f'<Role id="{ID}" name="A" />'.encode(), role)


MANIFEST = b"""\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\r
<ImportExportXml><SolutionManifest>\r
  <UniqueName>Vendor</UniqueName>\r
  <LocalizedNames><LocalizedName description='It&apos;s' languagecode="1033" /></LocalizedNames>\r
  <Version> 1.0.1.365 </Version>\r
  <Publisher><UniqueName>pub</UniqueName></Publisher>\r
  <RootComponents>\r
    <RootComponent type="1" schemaName="a" behavior="0" />\r
    <RootComponent type="20" id="{00000003-0000-4000-8000-000000000000}" behavior="0" />\r
    <RootComponent type="9" schemaName="b" behavior="0" />\r
  </RootComponents>\r
</SolutionManifest></ImportExportXml>"""


def test_a_manifest_changes_where_it_is_asked_to() -> None:
    old = "00000003-0000-4000-8000-000000000000"
    change = ManifestChange(
        version=Version.parse("1.0.1.366"),
        unique_name="Vendor_X",
        names={1033: 'It\'s "<X>"'},
        role_ids={old: ID},
    )
    expected = (
        MANIFEST.replace(b"<UniqueName>Vendor<", b"<UniqueName>Vendor_X<")
        .replace(b"> 1.0.1.365 <", b">1.0.1.366<")
        .replace(b"It&apos;s", b'It&apos;s "&lt;X&gt;"')
        .replace(old.encode(), ID.encode())
    )
    assert edit_manifest(MANIFEST, change) == expected


def test_root_components_are_added_once_and_by_id() -> None:
    ids = ["00000002-0000-4000-8000-000000000000", "00000003-0000-4000-8000-000000000000", ID.replace("1", "9")]
    made = edit_manifest(MANIFEST, ManifestChange(added_roles=ids))
    lines = [line.strip() for line in made.split(b"\r\n") if b'type="20"' in line]
    assert [line[30:38] for line in lines] == [b"00000002", b"00000003", b"00000009"]
    assert edit_manifest(made, ManifestChange(added_roles=ids)) == made
    for new_id in (ids[0], ids[2]):
        made = made.replace(f'    <RootComponent type="20" id="{{{new_id}}}" behavior="0" />\r\n'.encode(), b"")
    assert made == MANIFEST


@pytest.mark.parametrize(
    ("types", "place"),
    [(["1", "29", "9"], 1), (["1", "2", "9", "29"], 3), (["1"], 1), ([], 0), (["66"], 0), (["1", "connector"], 1)],
)
def test_the_first_role_goes_where_the_lists_own_order_has_it(types: list[str], place: int) -> None:
    items = "".join(f'\n      <RootComponent type="{kind}" />' for kind in types)
    empty = "<RootComponents />" if not types else f"<RootComponents>{items}\n    </RootComponents>"
    data = f"<ImportExportXml><SolutionManifest>\n    {empty}\n  </SolutionManifest></ImportExportXml>".encode()
    made = edit_manifest(data, ManifestChange(added_roles=[ID]))
    found = [part.split('"')[0] for part in made.decode().split('<RootComponent type="')[1:]]
    assert found == [*types[:place], "20", *types[place:]]


def test_a_foreign_encoding_is_kept() -> None:
    data = '<?xml version="1.0" encoding="iso-8859-1"?><Role id="x" name="é"><RolePrivileges /></Role>'.encode(
        "latin-1"
    )
    made = edit_role_file("A.xml", data, Role("x", "é→", ()))
    assert made == data.replace(b'"\xe9"', b'"&#233;&#8594;"')
