"""Our schemas: real members are valid, libxml2 and xmlschema agree, and what is wrong is said in words."""

import copy
import random
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from builder.errors import UnreadableInput
from builder.package.reader import CORE_MEMBERS, open_package
from builder.package.render import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.package.xml import parse
from builder.resources import resource
from builder.validation.plain import plain
from builder.validation.report import Problem
from builder.validation.schema import SCHEMAS, fast, judge, parts, problems
from tests.support import REPOSITORY, SHARED, needs_corpus, reference_package

XSI = "http://www.w3.org/2001/XMLSchema-instance"
JARGON = re.compile(r"Xsd|facet|pattern|[\[\]\\^]|\{[0-9]+[,}]|None|xs:|particle|substitut|content type '|0x")


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    path = reference_package(tmp_path_factory.mktemp("reference"))
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def real_members() -> Iterator[tuple[str, str, bytes]]:
    for path in sorted((SHARED / "corpus" / "zips").glob("*.zip")):
        try:
            package = open_package(path)
        except UnreadableInput:
            continue
        for member in CORE_MEMBERS:
            if member in package.members:
                yield path.name, member, package.members[member]


@pytest.mark.parametrize("name", SCHEMAS.values())
def test_each_schema_is_valid_and_loads_in_both(name: str) -> None:
    path = resource("schemas", name)
    xmlschema.XMLSchema10(path)
    etree.XMLSchema(etree.parse(path))


@needs_corpus
def test_every_real_member_is_valid_and_both_say_so_of_the_whole_member() -> None:
    seen = 0
    for name, member, data in real_members():
        root = parse(member, data)
        assert list(problems(member, root)) == [], f"{name}: {member}"
        assert fast(member).validate(plain(root)), f"{name}: {member}: {fast(member).error_log}"
        seen += 1
    assert seen > 150


@needs_corpus
def test_every_real_folder_is_valid() -> None:
    from builder.package.folder import open_folder

    folders = sorted((SHARED / "corpus" / "unpacked").iterdir())
    for folder in folders:
        package = open_folder(folder)
        for member, tree in package.trees.items():
            assert list(problems(member, tree, package.member_of)) == [], folder.name
    assert folders


def test_roles_inside_forms_and_apps_are_not_roles() -> None:
    data = b"""<ImportExportXml>
      <Entities><Entity><FormXml><forms type="main"><systemform><form><DisplayConditions>
        <Role Id="{346c8295-a669-f011-bec2-00224823101f}" /></DisplayConditions></form></systemform></forms></FormXml>
        </Entity></Entities>
      <AppModules><AppModule><AppModuleRoleMaps><Role id="{346c8295-a669-f011-bec2-00224823101f}" />
        </AppModuleRoleMaps></AppModule></AppModules>
      <anythings><anything><Roles><Role/></Roles><Languages/></anything></anythings>
    </ImportExportXml>"""
    assert list(problems(CUSTOMIZATIONS, parse(CUSTOMIZATIONS, data))) == []


# --- the two validators agree ---------------------------------------------------------------------------------------

TEXTS = (
    "",
    "0",
    "1",
    "2",
    "true",
    " ",
    "\n ",
    "1.0.0.0",
    "1",
    "-",
    "a b",
    "prvReadX",
    "Global",
    "ä",
    "x" * 101,
    "x" * 100,
)
TAGS = (
    "Role",
    "Roles",
    "Version",
    "Managed",
    "City",
    "Address",
    "RootComponent",
    "Language",
    "Default",
    "Foo",
    "Required",
)
NAMES = ("id", "name", "level", "type", "languagecode", "behavior", "Extension", "foo", "{urn:x}id", f"{{{XSI}}}nil")
VALUES = (*TEXTS, "{346c8295-a669-f011-bec2-00224823101f}", "346C8295-A669-F011-BEC2-00224823101F", "20", "false", "/a")


def mutated(root: etree._Element, chance: random.Random) -> None:  # noqa: C901
    """Change a tree at a few places, in the ways people and tools do."""
    for _ in range(chance.randint(1, 3)):
        element = chance.choice(list(root.iter("*")))
        above = element.getparent()
        kind = chance.randrange(10)
        if kind == 0:
            element.text = chance.choice(TEXTS)
        elif kind == 1:
            element.set(chance.choice(NAMES), chance.choice(VALUES))
        elif kind == 2 and element.attrib:
            del element.attrib[chance.choice(list(element.attrib))]
        elif kind == 3 and element.attrib:
            element.set(chance.choice(list(element.attrib)), chance.choice(VALUES))
        elif kind == 4 and above is not None:
            above.remove(element)
        elif kind == 5 and above is not None:
            above.insert(chance.randint(0, len(above)), copy.deepcopy(element))
        elif kind == 6:
            element.insert(chance.randint(0, len(element)), etree.Element(chance.choice(TAGS)))
        elif kind == 7:
            element.tag = chance.choice(TAGS)
        elif kind == 8 and above is not None:
            above.insert(chance.randint(0, len(above) - 1), element)
        elif kind == 9 and above is not None:
            element.tail = chance.choice(TEXTS)


def check_agreement(member: str, data: bytes, seed: int) -> None:
    root = parse(member, data)
    mutated(root, random.Random(seed))
    root = parse(member, etree.tostring(root))
    quick = [fast(member).validate(plain(part)) for part in parts(member, root)]
    slow = [judge(member).is_valid(plain(part)) for part in parts(member, root)]
    assert quick == slow, etree.tostring(root)
    found = list(problems(member, root))
    stray = member == CUSTOMIZATIONS and any(text and text.strip() for text in [root.text, *(c.tail for c in root)])
    assert bool(found) == (stray or not all(quick)), etree.tostring(root)
    assert not found or not fast(member).validate(plain(root)), etree.tostring(root)
    check_words(root, found)


def check_words(root: etree._Element, found: list[Problem]) -> None:
    for problem in found:
        assert problem.line > 0
        assert root.getroottree().xpath(f"count({problem.xpath})") == 1
        assert "does not have the form" not in problem.message, etree.tostring(root)
        assert not JARGON.search(re.sub(r'"[^"]*"', "", problem.message)), problem.message


@given(st.sampled_from([SOLUTION, CUSTOMIZATIONS, CONTENT_TYPES]), st.integers(0, 1 << 32))
def test_both_validators_agree_on_what_has_gone_wrong(reference: dict[str, bytes], member: str, seed: int) -> None:
    check_agreement(member, reference[member], seed)


@needs_corpus
@pytest.mark.parametrize("seed", range(3))
def test_both_validators_agree_on_real_members_gone_wrong(seed: int) -> None:
    for number, (_, member, data) in enumerate(real_members()):
        if len(data) < 20_000:
            check_agreement(member, data, seed * 1000 + number)


@pytest.mark.soak
@needs_corpus
def test_both_validators_agree_for_long() -> None:
    for number, (_, member, data) in enumerate(real_members()):
        if len(data) < 100_000:
            for seed in range(200):
                check_agreement(member, data, seed * 1000 + number)


# --- what is said ---------------------------------------------------------------------------------------------------

SAID = {
    (CUSTOMIZATIONS, 'level="Global"', 'level="Everything"'): 'level of <RolePrivilege> is "Everything", not Basic',
    (CUSTOMIZATIONS, ' level="Global"', ""): "<RolePrivilege> lacks the attribute level (Basic (User)",
    (CUSTOMIZATIONS, ' level="Global"', ' level="Global" owner="me"'): "has an attribute owner, which it cannot have",
    (CUSTOMIZATIONS, 'name="prv', 'name="prv '): "not the name of a privilege, such as prvReadAccount",
    (CUSTOMIZATIONS, "<IsCustomizable>1", "<IsCustomizable>yes"): '<IsCustomizable> is "yes", not 0 or 1',
    (CUSTOMIZATIONS, "<RolePrivileges>", "<RolePrivileges>x"): '<RolePrivileges> holds elements, and has the text "x"',
    (CUSTOMIZATIONS, "<Language>1033</Language>", ""): "<Languages> lacks <Language>",
    (CUSTOMIZATIONS, "<Roles>", "<Roles><Foo/>"): "<Foo> has no place in <Roles>, which has <Role>",
    (CUSTOMIZATIONS, "<Roles>", "x<Roles>"): '<ImportExportXml> holds elements, and has the text "x"',
    (SOLUTION, "<Version>", "<Version>1.0</Version><Version>"): "one <Version> too many in <SolutionManifest>",
    (SOLUTION, "<Managed>1</Managed>", ""): "<SolutionManifest> lacks <Managed>, after <Version>",
    (SOLUTION, "<Managed>1", "<Managed>yes"): '<Managed> is "yes", not 0 (unmanaged), 1 (managed)',
    (SOLUTION, "<Managed>1", "<Managed>"): "<Managed> is empty, and should be 0 (unmanaged)",
    (SOLUTION, "<Managed>1", '<Managed xsi:nil="true">'): "<Managed> cannot be nil",
    (SOLUTION, "<Managed>1", '<Managed xsi:type="xs:int">1'): "the attribute xsi:type, which no export has",
    (SOLUTION, "<Managed>1", '<Managed xsi:schemaLocation="a b">1'): "the attribute xsi:schemaLocation",
    (SOLUTION, 'xsi:nil="true"', 'xsi:nil="maybe"'): 'xsi:nil of <EMailAddress> is "maybe", not true or false',
    (SOLUTION, '<RootComponent type="20"', '<RootComponent type="role"'): "not the number of a component type",
    (SOLUTION, "<UniqueName>", '<UniqueName xmlns="urn:x">'): "<UniqueName> of the namespace urn:x has no place",
    (SOLUTION, "<RootComponents>", "&#160;<RootComponents>"): 'holds elements, and has the text "\\xa0"',
    (CONTENT_TYPES, 'Extension="xml"', 'Extension=""'): 'Extension of <Default> is "", not a file extension',
    (CONTENT_TYPES, "<Default", "<Defalt"): "<Defalt> has no place in <Types>, which has <Default>, <Override>",
    (CONTENT_TYPES, 'xmlns="', 'xmlns="x'): "the root element is <Types> of the namespace xhttp",
}  # fmt: skip


@pytest.mark.parametrize(("member", "old", "new"), SAID)
def test_a_fault_is_said_in_words_with_its_place(reference: dict[str, bytes], member: str, old: str, new: str) -> None:
    text = reference[member].decode()
    assert old in text
    broken = text.replace(old, new, 1)
    problem, *others = problems(member, parse(member, broken.encode()))
    assert not others or "lacks" in others[0].message
    assert SAID[member, old, new] in problem.message
    assert problem.member == member
    place = broken.index(new) if new else broken.index(problem.message.split("<")[1].split(">")[0])
    if "lacks" not in problem.message and "text" not in problem.message:
        assert abs(problem.line - broken.count("\n", 0, place) - 1) <= 1
    assert not JARGON.search(re.sub(r'"[^"]*"', "", problem.message))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<City xsi:nil="true"></City>', '<City xsi:nil="true">Oslo</City>'),
        ('<City xsi:nil="true"></City>', '<City xsi:nil=" 1 ">\r\n</City>'),
        ('<City xsi:nil="true"></City>', "<City><!-- nowhere --></City>"),
        ('behavior="0" />', 'behavior="0">\n</RootComponent>'),
        ('behavior="0" />', "/>"),
    ],
)
def test_what_real_packages_have_is_overlooked(reference: dict[str, bytes], old: str, new: str) -> None:
    text = reference[SOLUTION].decode()
    assert old in text
    assert list(problems(SOLUTION, parse(SOLUTION, text.replace(old, new).encode()))) == []


def test_no_schema_is_fetched_that_a_member_names(reference: dict[str, bytes], tmp_path: Path) -> None:
    import os

    pipe = tmp_path / "never.xsd"
    os.mkfifo(pipe)  # who opens it hangs
    hint = f' xmlns:xsi="{XSI}" xsi:noNamespaceSchemaLocation="{pipe.as_uri()}" xsi:schemaLocation="urn:x {pipe}"'
    for member, place, wrong in ((SOLUTION, "<Version", "<Managed>1"), (CUSTOMIZATIONS, "<Roles", "<IsCustomizable>1")):
        data = reference[member].decode().replace(place, place + hint, 1).replace(wrong, wrong + "7")
        found = [problem.message for problem in problems(member, parse(member, data.encode()))]
        assert len(found) == 3
        assert f"{place}> has the attribute xsi:schemaLocation, which no export has" in found


@pytest.mark.parametrize("good", [0, 11_000])
def test_a_role_of_very_many_faults_takes_no_time_and_keeps_places(good: int) -> None:
    head = b'<ImportExportXml>\n<Roles><Role id="{346c8295-a669-f011-bec2-00224823101f}" name="a"><RolePrivileges>\n'
    rows = b'<RolePrivilege name="prvA" level="Basic"/>\n' * good + b'<RolePrivilege name="prvA" level="x"/>\n' * 30_000
    root = parse(CUSTOMIZATIONS, head + rows + b"</RolePrivileges></Role></Roles></ImportExportXml>")
    found = list(problems(CUSTOMIZATIONS, root))
    assert len(found) == 1000
    assert [found[0].line, found[-1].line] == [good + 3, good + 1002]
    assert found[0].xpath.endswith(f"/RolePrivilege[{good + 1}]")


def test_a_large_part_without_fault_is_valid() -> None:
    head = b'<ImportExportXml><Roles><Role id="{346c8295-a669-f011-bec2-00224823101f}" name="a"><RolePrivileges>\n'
    rows = b'<RolePrivilege name="prvA" level="Basic"/>\n' * 30_000
    root = parse(CUSTOMIZATIONS, head + rows + b"</RolePrivileges></Role></Roles></ImportExportXml>")
    assert list(problems(CUSTOMIZATIONS, root)) == []


def test_every_type_says_what_it_expects() -> None:
    for name in SCHEMAS.values():
        for kind in xmlschema.XMLSchema10(REPOSITORY / "schemas" / name).types.values():
            if kind.is_simple():
                assert kind.annotation is not None, f"{name}: {kind.name} says not what it expects"


def test_a_large_member_is_read_in_pieces_and_its_lines_are_right(reference: dict[str, bytes], tmp_path: Path) -> None:
    from builder.package.archive import pack
    from builder.validation import validate

    text = reference[CUSTOMIZATIONS].decode().replace('level="Global"', 'level="Widest"', 1)
    filler = "    <!-- <Entity> -->\r\n    <Entity>\r\n      <Nothing a=' > ' />\r\n    </Entity>\r\n" * 220_000
    text = text.replace("<Entities>", f"<Entities>\r\n{filler}", 1)
    assert len(text) > 16 << 20
    path = tmp_path / "large.zip"
    path.write_bytes(pack({**reference, CUSTOMIZATIONS: text.encode()}))
    (found,) = (finding for finding in validate(path).findings if finding.rule == "SOL103")
    assert found.line == text.count("\n", 0, text.index("Widest")) + 1
    assert found.excerpt is not None and "Widest" in found.excerpt.text
