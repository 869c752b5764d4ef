"""What the tests on SolutionPackager's layout share: its golden files, and how they are compared."""

import csv
import hashlib
from collections import defaultdict
from functools import cache
from pathlib import Path

from builder.package.archive import Archive
from builder.package.packager.folder_files import FolderFiles
from builder.package.packager.manifest import PackageType
from builder.package.packager.packing import PackedFolder, PackOptions, pack_members
from builder.package.packager.tree import UnpackedTree, UnpackOptions
from builder.package.packager.unpacking import unpack_members
from tests.support import SHARED

ZIPS = SHARED / "corpus" / "zips"
PACKAGER = SHARED / "reference" / "packager"


@cache
def golden_files() -> dict[str, dict[str, str]]:
    """Give the hash of each file of each tree of Microsoft's tool, without byte order mark and with LF; a refused zip
    has one path that begins with `!refused`."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows("golden.tsv"):
        found[row["zip"]][row["path"]] = row["sha256_nobom_lf"]
    return dict(found)


@cache
def golden_members() -> dict[str, list[tuple[str, str]]]:
    """Give the members that Microsoft's tool packs of each zip, in order, with their hash in the same form."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _rows("members.tsv"):
        if row["nr"].isdigit():
            found[row["zip"]].append((row["member"], row["sha256_dotnet_form"] or row["sha256_nobom_lf"]))
    return dict(found)


def _rows(name: str) -> list[dict[str, str]]:
    if not (PACKAGER / name).is_file():
        return []
    with (PACKAGER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def comparable(data: bytes) -> str:
    """Hash a file as the golden tables do."""
    return hashlib.sha256(plain(data)).hexdigest()


def plain(data: bytes) -> bytes:
    """Take the byte order mark and the carriage returns of line ends away."""
    return data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def unpacked(path: Path, *, exact: bool = False, newline: str = "\r\n") -> UnpackedTree:
    return unpack_members(path.name, Archive.open(path), UnpackOptions(newline, exact))


def write_tree(tree: UnpackedTree, folder: Path) -> Path:
    for name, file in tree.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
    return folder


def packed(folder: Path, package_type: PackageType = PackageType.UNMANAGED, *, exact: bool = False) -> PackedFolder:
    return pack_members(FolderFiles(folder), package_type, PackOptions(exact=exact))
