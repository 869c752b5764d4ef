"""Every hostile or damaged shape of a zip is refused with its reason, quickly and in little memory."""

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.package.zips import CORE, Entry, Zip, core, deflate, zeros
from tests.support import REPOSITORY, SHARED, needs_corpus

MIB = 1 << 20
TEN_GIB, _ = zeros(10 << 30)
HUNDRED_MIB, CRC_OF_64 = zeros(100 * MIB)
FULL = 0xFFFFFFFF


def lying(size: int, packed: bytes = TEN_GIB) -> Entry:
    return Entry("big.bin", b"", packed=packed, size=size)


def overlapping(count: int) -> bytes:
    """Fifield's bomb: each entry's packed bytes hold the headers of those that follow, quoted in stored blocks."""
    kernel, crc = zeros(20 * MIB)
    content, whole = kernel, b""
    entries: list[tuple[str, int]] = []
    for number in range(count, 0, -1):
        name = f"{number:04}"
        header = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(content), 20 * MIB, 4, 0) + name.encode()
        entries.insert(0, (name, len(content)))
        whole = header + content
        content = struct.pack("<BHH", 0, len(header), len(header) ^ 0xFFFF) + whole
    offset, listed = 0, []
    for name, packed in entries:
        listed.append(Entry(name, packed_size=packed, size=20 * MIB, crc=crc, omit=True, offset=offset, flags=0))
        offset += 34 + 5
    return Zip(listed, before=whole).bytes()


def nested(depth: int) -> bytes:
    data = Zip([lying(1000)]).bytes()
    for _ in range(depth):
        data = Zip([Entry(f"{number}.zip", data) for number in range(16)]).bytes()
    return data


SHAPES: dict[str, tuple[bytes, str]] = {
    "empty file": (b"", "an empty file"),
    "text": (b"hello", "not a zip"),
    "git lfs pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "a Git LFS pointer"),
    "web page": (b"\n<!DOCTYPE html><html>", "a web page"),
    "json": (b'{"error": 1}', "a JSON file"),
    "gzip": (b"\x1f\x8b\x08", "a gzip file"),
    "cut in the middle": (Zip(core()).bytes()[:200], "cut off: it begins as a zip"),
    "cut in the end record": (Zip(core()).bytes()[:-3], "cut off"),
    "cut in the comment": (Zip(core(), comment=b"long comment").bytes()[:-3], "cut off"),
    "head missing": (Zip(core()).bytes()[9:], "off by 9 bytes"),
    "split": (Zip(core(), disk=1).bytes(), "split over several files"),
    "flat bomb, as it says": (Zip([lying(10 << 30 & FULL)]).bytes(), "inflates to"),
    "flat bomb, small by its header": (Zip([lying(1000)]).bytes(), "more than the 1,000 bytes that the zip says"),
    "flat bomb, 20 MiB by its header": (Zip([lying(20 * MIB)]).bytes(), "more than the 20,971,520 bytes"),
    "flat bomb, 200 MiB by its header": (Zip([lying(200 * MIB)]).bytes(), "zip bomb"),
    "flat bomb in customizations.xml": (
        Zip([Entry("customizations.xml", b"", packed=TEN_GIB, size=200 * MIB), *core()[1:]]).bytes(), "zip bomb",
    ),
    "bomb just beyond the ratio": (Zip([lying(100 * MIB, HUNDRED_MIB)]).bytes(), "250 times its packed size"),
    "many members": (
        Zip([Entry(f"{n}", b"", packed=HUNDRED_MIB, size=60 * MIB) for n in range(9)]).bytes(), "its members inflate",
    ),
    "overlapping": (overlapping(20), "share bytes of the zip"),
    "one content for many": (Zip([Entry("a", omit=n > 0, offset=0) for n in range(50)]).bytes(), "share bytes"),
    "nested": (nested(2), "absent"),
    "65,535 entries said": (Zip(core(), count=65_535).bytes(), "it lists 65,535 members"),
    "30,000 entries": (Zip([Entry(f"{n}", b"") for n in range(30_000)]).bytes(), "more than 20,000"),
    "9 MiB of directory": (Zip([Entry("a" * 65_000, b"")] * 150).bytes(), "central directory has more than"),
    "more entries than said": (Zip(core(), count=2).bytes(), "more than the 2 entries"),
    "fewer entries than said": (Zip(core(), count=9).bytes(), "no entry 4 of 9"),
    "directory elsewhere": (Zip(core(), size_by=-3).bytes(), "damaged"),
    "directory before the file": (Zip(core(), size_by=1 << 20).bytes(), "damaged"),
    "byte lost": (Zip(core(), before=b"", offset_by=1).bytes(), "off by 1 byte"),
    "bytes put in front": (b"#!/bin/sh\n" + Zip(core()).bytes(), "off by 10 bytes"),
    "zip64 contradicts": (Zip(core(), zip64=(9, 9, 9)).bytes(), "zip64 records contradict"),
    "zip64 field missing": (Zip([Entry(size=FULL)]).bytes(), "zip64 field"),
    "zip64 size of exabytes": (
        Zip([Entry(size=FULL, extra=struct.pack("<2HQ", 1, 8, 1 << 60))]).bytes(), "inflates to 1,152,921,504",
    ),
    "offset beyond the file": (Zip([Entry(offset=FULL - 1)]).bytes(), "not where the central directory says"),
    "content beyond the directory": (Zip([Entry(packed_size=9999)]).bytes(), "reaches beyond"),
    "encrypted": (Zip([Entry(flags=1)]).bytes(), "is encrypted"),
    "strongly encrypted": (Zip([Entry(flags=0x41)]).bytes(), "is encrypted"),
    "lzma": (Zip([Entry(method=14)]).bytes(), "(LZMA)"),
    "unknown method": (Zip([Entry(method=77)]).bytes(), "by method 77"),
    "symbolic link": (Zip([Entry(system=3, mode=0o120777)]).bytes(), "a symbolic link"),
    "device": (Zip([Entry(system=3, mode=0o060666)]).bytes(), "a device"),
    "climbing": (Zip([Entry("../../etc/passwd")]).bytes(), "leads out of the package"),
    "climbing with backslashes": (Zip([Entry("a\\..\\..\\b")]).bytes(), "leads out of the package"),
    "absolute": (Zip([Entry("/etc/passwd")]).bytes(), "an absolute path"),
    "drive": (Zip([Entry("C:\\x")]).bytes(), "an absolute path"),
    "share": (Zip([Entry("\\\\server\\x")]).bytes(), "an absolute path"),
    "no name": (Zip([Entry("")]).bytes(), "no name"),
    "nul in a name": (Zip([Entry("solution.xml\0.txt")]).bytes(), "no name that can be read"),
    "name not utf-8": (Zip([Entry(raw_name=b"\xff\xfe", flags=0x800)]).bytes(), "not the UTF-8"),
    "two of one name": (Zip([*core(), *core()]).bytes(), "two members are named customizations.xml"),
    "own name differs": (Zip([Entry(own_name="b.txt")]).bytes(), "contradict each other"),
    "own size differs": (Zip([Entry(own_size=4)]).bytes(), "differ in its size"),
    "own method differs": (Zip([Entry(own_method=0)]).bytes(), "contradict each other"),
    "folder with content": (Zip([Entry("folder/")]).bytes(), "the folder folder/ has 5 bytes"),
    "wrong checksum": (Zip([*core(), Entry(crc=1)]).bytes(), "checksum"),
    "wrong checksum, stored": (Zip([*core(), Entry(crc=1, method=0)]).bytes(), "checksum"),
    "shorter than said": (Zip([Entry(size=9)]).bytes(), "5 bytes instead of 9"),
    "stored, shorter than said": (Zip([Entry(size=9, method=0)]).bytes(), "5 bytes instead of 9"),
    "no deflate": (Zip([Entry(packed=b"\xff" * 9)]).bytes(), "cannot be inflated"),
    "deflate without an end": (Zip([Entry(packed=deflate(b"hello")[:-1])]).bytes(), "ends too early"),
    "more behind the end": (Zip([Entry(packed=deflate(b"hello") + b"PK")]).bytes(), "too early or too late"),
    "two streams": (Zip([Entry(packed=deflate(b"hello") + bytes(MIB))]).bytes(), "too early or too late"),
}  # fmt: skip
XML_SHAPES: dict[str, tuple[bytes, str]] = {
    "billion laughs": (
        b'<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><ImportExportXml>&b;</ImportExportXml>',
        "document type",
    ),
    "quadratic blow-up": (
        b'<!-- x --><?y z?>\n<!DOCTYPE a [<!ENTITY a "' + b"a" * MIB + b'">]><a>' + b"&a;" * 9999, "document type",
    ),
    "external entity": (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
    "DTD in UTF-16": ('<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16"), "not UTF-8"),
    "DTD in UTF-16 without a mark": ('<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16-le"), "not UTF-8"),
    "DTD in UTF-32": ("<!DOCTYPE a><a/>".encode("utf-32"), "not UTF-8"),
    "DTD in UTF-7": (b'<?xml version="1.0" encoding="utf-7"?>+ADw-+ACE-DOCTYPE a+AD4-<a/>', "not UTF-8"),
    "DTD in EBCDIC": ('<?xml version="1.0" encoding="cp037"?><!DOCTYPE a><a/>'.encode("cp037"), "not UTF-8"),
    "declares Latin-1": (b'<?xml version="1.0" encoding="iso-8859-1"?><a>\xe4</a>', "not UTF-8"),
    "Latin-1": (b"<a>\xe4</a>", "not well-formed"),
    "entity of nobody": (b"<a>&lol;</a>", "Entity 'lol' not defined"),
    "deep": (b"<a>" * 1_000_000, "nested too deep"),
    "deep and whole": (b"<a>" * 300 + b"</a>" * 300, "deeper than 256"),
    "7 million tags": (b"<a>" + b"<b/>" * 7_000_000 + b"</a>", "more than 6,000,000 tags"),
    "7 million attributes": (b"<a " + b"b=''" * 7_000_000 + b"/>", "more than 6,000,000 tags"),
    "5 million instructions": (b"<?a?>" * 5_000_000, "before the root element"),
    "not closed": (b"<ImportExportXml>\n<Roles>\n</ImportExportXml>", "Opening and ending tag mismatch"),
    "NUL": (b"<a>\0</a>", "not well-formed"),
    "nothing": (b"", "not well-formed"),
}  # fmt: skip
FOR_XML = {name: (Zip(core(customizations=xml)).bytes(), message) for name, (xml, message) in XML_SHAPES.items()}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("hostile")
    paths = [folder / "warm.zip"]
    paths[0].write_bytes(Zip([Entry(name, data) for name, data in CORE.items()]).bytes())
    names = [*SHAPES, *FOR_XML]
    for number, name in enumerate(names):
        paths.append(folder / f"{number}.zip")
        paths[-1].write_bytes({**SHAPES, **FOR_XML}[name][0])
    run = subprocess.run(
        [sys.executable, "-m", "tests.measure", *map(str, paths)],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    return dict(zip(names, json.loads(run.stdout)[1:], strict=True))


@pytest.mark.parametrize("name", [*SHAPES, *FOR_XML])
def test_is_refused_with_its_reason_quickly_and_in_little_memory(name: str, results: dict[str, dict[str, Any]]) -> None:
    found, message = results[name], {**SHAPES, **FOR_XML}[name][1]
    assert any(message in said for said in found["messages"]), found
    # XML is told as a fault of a readable package; a zip within a zip is just a member.
    assert found["readable"] is (name in FOR_XML or name == "nested"), found
    # What is inflated or parsed within the limits may take its time.
    if name not in ("nested", "7 million tags", "7 million attributes", "5 million instructions"):
        assert found["seconds"] < 0.2, found
    assert found["growth"] < 64 * MIB, found


@needs_corpus
def test_packages_that_git_took_for_text_are_told_so() -> None:
    from builder.errors import UnreadableInput
    from builder.package.archive import Archive

    for name in ("TerraformTestCustomConnector_1_0_0_1-30875d00", "exampleagent_1_0_0_1_managed"):
        (path,) = (SHARED / "corpus" / "zips").glob(f"*{name}.zip")
        with pytest.raises(UnreadableInput, match=r"off by 1 byte.*conversion of line ends by git"):
            Archive.open(path)


def test_no_pipe_or_device_is_waited_for(tmp_path: Path) -> None:
    import os

    from builder.errors import UnreadableInput
    from builder.package.archive import Archive

    os.mkfifo(tmp_path / "pipe.zip")
    for path in (tmp_path / "pipe.zip", tmp_path, Path("/dev/zero")):
        with pytest.raises(UnreadableInput, match="not a file"):
            Archive.open(path)
