"""Packages and folders that mean harm, or are merely broken: refused with a sentence, and nothing is left behind."""

import os
import zipfile
from pathlib import Path

import pytest

from builder.errors import InputFaults, SolsmithError, UnreadableInput
from builder.package.limits import Limits
from builder.package.packager.folder_files import FolderFiles
from builder.package.packager.manifest import PackageType
from builder.package.packager.nodes import read_document
from builder.package.packager.packing import pack_members
from builder.package.packager.solution_folder import unpack_zip
from builder.package.packager.tree import UnpackOptions
from builder.package.packager.unpacking import unpack_members
from builder.package.render import CUSTOMIZATIONS, SOLUTION
from tests.package.packager.golden import packed, write_tree
from tests.package.packager.test_names import package, unpack
from tests.support import run_cli

ENTITY = "<Entities><Entity><Name>{}</Name></Entity></Entities>"
RESOURCE = "<WebResources><WebResource><Name>{}</Name></WebResource></WebResources>"
FLOW = "<Workflows><Workflow><JsonFileName>{}</JsonFileName></Workflow></Workflows>"


def with_components(xml: str) -> dict[str, bytes]:
    return {**package(["r"]), CUSTOMIZATIONS: f"<ImportExportXml>{xml}</ImportExportXml>".encode()}


@pytest.mark.parametrize(
    "components",
    [
        ENTITY.format(".."),
        RESOURCE.format("../../up"),
        RESOURCE.format("a/../../up"),
        RESOURCE.format("C:/up"),
        RESOURCE.format("a//b"),
        RESOURCE.format("..\\..\\up"),
        FLOW.format("/../up.json"),
    ],
)
def test_no_name_leaves_the_folder(components: str) -> None:
    with pytest.raises(InputFaults, match="fault") as caught:
        unpack_members("test", with_components(components))
    assert "no place within the folder" in str(caught.value.faults[0])


@pytest.mark.parametrize("name", ["../up.json", "/abs.json", "a/../../up.json", "C:\\up.json"])
def test_no_member_leaves_the_folder(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        for member, data in {**package(["r"]), name: b"evil"}.items():
            archive.writestr(member, data)
    result = run_cli("unpack", tmp_path / "evil.zip", "-o", tmp_path / "in" / "tree")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["evil.zip"]


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b"", "no element found"),
        (b"<a>", "no element found"),
        (b"<a/><b/>", "junk after document element"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type"),
        (b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "document type"),
        (b"<a>" * 300 + b"</a>" * 300, "nested deeper than 256"),
        (b"<a>\x00</a>", "not well-formed"),
        (b"<?xml version='1.0' encoding='utf-7'?><a/>", "encoding utf-7"),
        (b"<?xml version='1.0' encoding='utf-16'?><a/>", "not utf-16"),
        (b"<a b='1' b='2'/>", "duplicate attribute"),
        ("<a>é</a>".encode("latin-1"), "not well-formed"),
    ],
)
def test_malformed_xml_is_a_fault_with_its_file(xml: bytes, message: str) -> None:
    with pytest.raises(InputFaults) as caught:
        read_document("Roles/x.xml", xml)
    [fault] = caught.value.faults
    assert message in fault.message
    assert fault.where == "Roles/x.xml"


def test_reads_other_encodings_that_say_what_they_are() -> None:
    for encoding in ("iso-8859-1", "utf-16", "utf-8"):
        data = f'<?xml version="1.0" encoding="{encoding}"?><a b="é"></a>'.encode(encoding)
        root = read_document("x", data).root
        assert (root.attributes, root.self_closed) == ({"b": "é"}, False)


def test_too_many_marks_are_refused_before_the_parser_starts() -> None:
    with pytest.raises(InputFaults, match="fault"):
        read_document("x", b"<a>" + b"<b/>" * 50 + b"</a>", Limits(xml_marks=40))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(unpack(["One", "Two"]), tmp_path / "tree")


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize("place", ["Roles/Three.xml", "Extra", "Extra/deep/x", "Other/Members", "Roles"])
def test_no_link_is_followed(tmp_path: Path, folder: Path, place: str) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "id.xml").write_text("<Role id='x'/>", encoding="utf-8")
    link = folder / place
    link.parent.mkdir(parents=True, exist_ok=True)
    if place == "Roles":
        link.rename(tmp_path / "moved")
    link.symlink_to(secret)
    with pytest.raises(InputFaults) as caught:
        packed(folder)
    assert "links are not followed" in str(caught.value.faults[0])
    result = run_cli("unpack", tmp_path / "none.zip", "-o", folder)
    assert result.returncode == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_no_file(folder: Path) -> None:
    os.mkfifo(folder / "Roles" / "pipe.xml")
    with pytest.raises(InputFaults):
        packed(folder)


def test_what_metadata_names_stays_within_the_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("secret", encoding="utf-8")
    customizations = folder / "Other" / "Customizations.xml"
    customizations.write_bytes(customizations.read_bytes().replace(b"<Roles />", b"<Roles /><Workflows />"))
    (folder / "Workflows").mkdir()
    for named in ("/../secret.json", "../secret.json", f"/{tmp_path}/secret.json", "Workflows/../../secret.json"):
        text = f"<Workflow><JsonFileName>{named}</JsonFileName></Workflow>"
        (folder / "Workflows" / "a.data.xml").write_text(text, encoding="utf-8")
        with pytest.raises(InputFaults):
            packed(folder)


def test_limits_hold_while_packing(folder: Path) -> None:
    (folder / "Assets").mkdir()
    (folder / "Assets" / "large.bin").write_bytes(b"x" * 5000)
    with pytest.raises(UnreadableInput, match="larger than"):
        pack_members(FolderFiles(folder, Limits(total_bytes=4000)), PackageType.UNMANAGED)
    with pytest.raises(UnreadableInput, match="too many files"):
        pack_members(FolderFiles(folder, Limits(members=3)), PackageType.UNMANAGED)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b' languagecode="1033"', b"", "languagecode"),
        (b"<UniqueName>Some", b"<UniqueName>", "UniqueName"),
        (b"<Publisher />", b"", "Publisher"),
        (b"<Managed>0", b"<Managed>2", "not 0 or 1"),
        (b"<Managed>0", b"<Managed>", "not 0 or 1"),
        (b"<Version>1.0", b"<Version>1", "no version"),
        (b"<Version>1.0", b"<Version>1.2.3.4.5", "no version"),
        (b"<Version>1.0", b"<Version>1.12345678901", "no version"),
        (b"SolutionManifest", b"Other", "this is no solution"),
    ],
)
def test_asks_of_the_manifest_what_microsofts_tool_asks(old: bytes, new: bytes, message: str) -> None:
    members = package(["r"])
    members[SOLUTION] = members[SOLUTION].replace(old, new)
    with pytest.raises(InputFaults) as caught:
        unpack_members("test", members)
    assert message in str(caught.value.faults[0])


def test_blanks_around_managed_and_large_versions_are_fine() -> None:
    members = package(["r"])
    members[SOLUTION] = members[SOLUTION].replace(b"<Managed>0", b"<Managed> 1 ").replace(b"1.0", b"20260603.1")
    assert unpack_members("test", members).manifest.package_type is PackageType.MANAGED


def test_every_cut_of_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "whole.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in package(["r"]).items():
            archive.writestr(name, data)
    whole = path.read_bytes()
    for end in range(0, len(whole), 97):
        path.write_bytes(whole[:end])
        with pytest.raises(SolsmithError):
            unpack_zip(path, None, UnpackOptions())
