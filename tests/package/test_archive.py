"""Zips are read as zipfile reads them, whatever harmless tool wrote them."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.errors import InputFaults, UnreadableInput
from builder.package.archive import Archive, Limits, pack
from builder.package.reader import open_package, read_package, whereabouts
from tests.package.zips import Entry, Zip, core
from tests.support import SHARED, needs_corpus

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0/\\:", exclude_categories=["Cs"]), min_size=1)
MEMBERS = st.dictionaries(NAMES.filter(lambda name: name not in ("..", ".")), st.binary(max_size=300), max_size=6)


class Unseekable(io.BytesIO):
    """Makes zipfile write sizes after the content, as it does into a pipe."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation


def written(write: Callable[[zipfile.ZipFile], None], target: io.BytesIO | None = None) -> bytes:
    target = target or io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        write(archive)
    return target.getvalue()


def with_folders(archive: zipfile.ZipFile) -> None:
    archive.mkdir("Workflows")
    archive.writestr("Workflows/a.json", "{}")


def with_zip64(archive: zipfile.ZipFile) -> None:
    with archive.open("Workflows/a.json", "w", force_zip64=True) as member:
        member.write(b"{}")


def with_modes_and_names(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("Workflows/ä€.json", (2107, 12, 31, 23, 59, 58))
    info.external_attr = 0o100644 << 16
    info.create_system = 3
    info.comment = b"PK\x05\x06 is no end"
    archive.comment = b"made by hand"
    archive.writestr(info, "{}", zipfile.ZIP_STORED)


HARMLESS = {
    "stored": written(lambda archive: archive.writestr("a.json", "{}")),
    "deflated": written(lambda archive: archive.writestr("a.json", "{}" * 99, zipfile.ZIP_DEFLATED)),
    "streamed": written(lambda archive: archive.writestr("a.json", "{}" * 99, zipfile.ZIP_DEFLATED), Unseekable()),
    "folders": written(with_folders),
    "zip64": written(with_zip64),
    "modes, names, comments": written(with_modes_and_names),
    "empty member": written(lambda archive: archive.writestr("a", b"", zipfile.ZIP_DEFLATED)),
    "unix modes of files": Zip(
        [Entry(system=3, mode=0o100755), Entry("folder/", b"", system=3, mode=0o040755)]
    ).bytes(),
}


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS)
def test_harmless_oddities_are_read_in_silence(data: bytes) -> None:
    archive = Archive("a.zip", data)
    archive.verify()
    assert archive.remarks == ()
    with zipfile.ZipFile(io.BytesIO(data)) as other:
        assert dict(archive) == {info.filename: other.read(info) for info in other.infolist() if not info.is_dir()}


@needs_corpus
def test_real_zips_are_read_as_zipfile_reads_them() -> None:
    compared = 0
    for path in sorted((SHARED / "corpus" / "zips").glob("*.zip")):
        try:
            archive = Archive.open(path)
        except UnreadableInput as error:
            assert "git" in str(error)
            continue
        with zipfile.ZipFile(path) as other:
            assert list(archive) == [info.filename for info in other.infolist() if not info.is_dir()]
            assert all(data == other.read(name) for name, data in archive.items())
        assert archive.remarks == ()
        compared += 1
    assert compared > 50


@given(MEMBERS)
def test_what_is_packed_is_read_back(members: dict[str, bytes]) -> None:
    archive = Archive("a.zip", pack(members))
    archive.verify()
    assert dict(archive) == members
    assert "absent" not in archive or "absent" in members


def test_a_member_has_the_same_bytes_after_counting_and_without() -> None:
    data = bytes(range(256)) * (17 << 12)  # above what is counted first
    archive = Archive("a.zip", pack({"big": data}))
    assert archive["big"] == data
    archive.verify()
    assert archive["big"] == data


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (Zip([Entry("Workflows\\a.json")]), "backslashes"),
        (Zip([Entry()], after=b"\0" * 5), "5 bytes stand after"),
        (Zip([Entry()], before=b"12345"), "5 bytes stand before"),
    ],
)
def test_what_harms_no_reader_is_remarked(odd: Zip, said: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.zip"
    path.write_bytes(odd.bytes())
    (remark,) = open_package(path).remarks
    assert said in remark.message


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(archive_bytes=100), "larger than 100 bytes"),
        (Limits(members=2), "more than 2"),
        (Limits(member_bytes=20), "more than 20"),
        (Limits(total_bytes=60), "more than 60"),
        (Limits(directory_bytes=60), "more than 60 bytes"),
        (Limits(ratio=1, ratio_from=10), "1 times its packed size"),
    ],
)
def test_each_limit_can_be_set(limits: Limits, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(Zip(core(solution=b"<a>" + b" " * 99 + b"</a>")).bytes())
    Archive.open(path).verify()
    with pytest.raises(UnreadableInput, match=said):
        Archive.open(path, limits)


@pytest.mark.parametrize(
    ("limits", "said"), [(Limits(xml_marks=3), "more than 3 tags"), (Limits(xml_depth=1), "deeper than 1 level")]
)
def test_each_limit_on_xml_can_be_set(limits: Limits, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(Zip(core()).bytes())
    with pytest.raises(InputFaults) as caught:
        read_package(path, limits)
    assert any(said in fault.message for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (["Abc/solution.xml", "Abc/customizations.xml"], "lies in the folder Abc:"),
        (["a/b/Other/Solution.xml"], "SolutionPackager unpacked, in a/b:"),
        (["Other/Solution.xml", "Roles/x.xml"], "SolutionPackager unpacked, in its root"),
        (["PkgFolder\\solution.xml"], "lies in the folder PkgFolder:"),
        (["PkgFolder/Abc_managed.zip", "input.xml"], "PkgFolder/Abc_managed.zip?"),
    ],
)
def test_where_the_package_really_lies_is_said(members: list[str], said: str, tmp_path: Path) -> None:
    assert said in whereabouts(members)
    path = tmp_path / "a.zip"
    path.write_bytes(Zip([Entry(name) for name in members]).bytes())
    with pytest.raises(InputFaults) as caught:
        read_package(path)
    assert all(said in fault.hint for fault in caught.value.faults)


def test_nothing_is_guessed_where_nothing_is() -> None:
    assert whereabouts(["a.txt", "b/c.json"]) == ""
