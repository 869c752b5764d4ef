"""Role files against those that Microsoft's tool wrote."""

import csv
import hashlib
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest

from builder.package.into import role_file_name
from builder.package.layout import FileStyle, role_files
from tests.support import SHARED, needs_corpus, needs_reference

CASES = SHARED / "reference" / "packager" / "cases"
UNPACKED = sorted(case.name for case in CASES.glob("*_unpack_*") if (case / "tree" / "Roles").is_dir())


def customizations(path: Path) -> bytes:
    with zipfile.ZipFile(path) as package:
        return package.read("customizations.xml")


def golden_files(case: str) -> dict[str, bytes]:
    made = {file.name: file.read_bytes() for file in (CASES / case / "tree" / "Roles").iterdir() if file.is_file()}
    there = CASES / case / "input-tree" / "Roles"
    return {name: data for name, data in made.items() if not (there / name).exists() or name == "Alpha.xml"}


@needs_reference
@pytest.mark.parametrize("case", UNPACKED)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_role_files_are_golden_byte_for_byte(case: str, newline: str) -> None:
    """Under Windows the tool's line ends are CR LF (measured): also those inside of texts."""
    made = role_files(customizations(CASES / case / "input.zip"), FileStyle(newline))
    golden = {data.replace(b"\n", newline.encode()) for data in golden_files(case).values()}
    assert golden
    assert golden <= set(made)


@needs_reference
def test_without_a_byte_order_mark_the_rest_is_the_same() -> None:
    data = customizations(CASES / "05_unpack_xml_details" / "input.zip")
    assert role_files(data, FileStyle("\n", bom=True)) == [
        b"\xef\xbb\xbf" + file for file in role_files(data, FileStyle("\n", bom=False))
    ]


@needs_reference
@needs_corpus
def test_role_files_of_real_packages_have_the_golden_digests() -> None:
    expected = defaultdict(set)
    with (SHARED / "reference" / "packager" / "golden.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["path"].startswith("Roles/"):
                expected[row["zip"]].add(row["sha256"])
    assert len(expected) >= 5
    for name, digests in expected.items():
        made = role_files(customizations(SHARED / "corpus" / "zips" / name), FileStyle("\n"))
        assert {hashlib.sha256(data).hexdigest() for data in made} == digests


@needs_reference
def test_file_names_are_golden_but_for_what_windows_refuses() -> None:
    golden = set(golden_files("03_unpack_names"))
    names = {
        "a/b": "a_b.xml", " lead": " lead.xml", "trail ": "trail .xml", "dot.": "dot..xml", "v1.2": "v1.2",
        "Dynamics 365 v9.1": "Dynamics 365 v9.1", "end.xml": "end.xml", "y.XML": "y.XML", ".hid": ".hid",
        "..": "...xml", "Ünïcode 役割": "Ünïcode 役割.xml", "semi;colon": "semi;colon.xml", "apo's": "apo's.xml",
        "q.data.xml": "q.data.xml", "../../up": ".._.._up",
    }  # fmt: skip
    assert {name: role_file_name(name) for name in names} == names
    assert golden - set(names.values()) == {"a:b.xml", 'say "hi".xml', "R&D <x>.xml"}


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a:b", "a_b.xml"), ('say "hi"', "say _hi_.xml"), ("con", "_con.xml"), ("NUL.txt", "_NUL.txt"),
        ("tab\there", "tab_here.xml"), ("v1.2 ", "v1.2 .xml"), ("a.b.", "a.b..xml"), ("a\\..\\b", "a_.._b"),
    ],
)  # fmt: skip
def test_file_names_are_safe_everywhere(name: str, file: str) -> None:
    assert role_file_name(name) == file
