"""A folder that SolutionPackager unpacked -> Package, with the file and line of every fact.

The layout, as measured on Microsoft's tool: Other/Solution.xml is the manifest; Other/Customizations.xml has
customizations.xml with its emptied elements; each file directly in Roles/ is one role, whatever its extension, save
those whose name ends in `_managed`, which the tool passes over. Its other component kinds are not read.
"""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from builder.errors import Fault, UnreadableInput
from builder.package.archive import Limits
from builder.package.packager.names import is_passed_over as is_passed_over
from builder.package.reader import Package
from builder.package.render import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.package.xml import MalformedXml, parse

SOLUTION_FILE = "Other/Solution.xml"
CUSTOMIZATIONS_FILE = "Other/Customizations.xml"
ROLES_FOLDER = "Roles"
# What SolutionPackager packs beside files of one extension, xml (measured).
_CONTENT_TYPES = (
    b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>'
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="text/xml" /></Types>'
)


def is_unpacked(path: Path) -> bool:
    """Say whether a path is a folder that SolutionPackager, or Dataverse's git integration, laid out."""
    return (path / SOLUTION_FILE).is_file()


def open_folder(path: Path, limits: Limits | None = None) -> Package:
    """Read a folder as far as it can be read; raises UnreadableInput where it is none, or a file is too large.

    The members are those of the zip that it would be packed to, as far as manifest and roles go: solution.xml as it
    stands, customizations.xml with the roles in their place.
    """
    if not is_unpacked(path):
        raise UnreadableInput(
            f"{path}: no folder that SolutionPackager unpacked ({SOLUTION_FILE} is not in it)",
            "Name the folder that has Other and Roles in it, or a solution zip.",
        )
    return _FolderReader(path, limits or Limits()).package()


def role_files(path: Path) -> Iterator[str]:
    """Name the files that SolutionPackager reads as roles, relative to the folder, in the order of their names."""
    folder = path / ROLES_FOLDER
    found = sorted(folder.iterdir(), key=lambda file: file.name.lower()) if folder.is_dir() else ()
    for file in found:
        if file.is_file() and not is_passed_over(file.name):
            yield f"{ROLES_FOLDER}/{file.name}"


class _FolderReader:
    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._left = limits.total_bytes
        self._faults: list[Fault] = []
        self._origins: dict[etree._Element, str] = {}

    def package(self) -> Package:
        """Assemble the package."""
        members: dict[str, bytes] = {}
        trees: dict[str, etree._Element] = {}
        for member, file in ((CUSTOMIZATIONS, CUSTOMIZATIONS_FILE), (SOLUTION, SOLUTION_FILE)):
            if (self._folder / file).is_file():
                members[member] = self._read(file)
                if (tree := self._parse(file, members[member])) is not None:
                    trees[member] = tree
        if CUSTOMIZATIONS in trees:
            members[CUSTOMIZATIONS] = self._with_roles(trees[CUSTOMIZATIONS])
        members[CONTENT_TYPES] = _CONTENT_TYPES
        trees[CONTENT_TYPES] = parse(CONTENT_TYPES, _CONTENT_TYPES)
        source = str(self._folder)
        return Package(source, members, trees, tuple(self._faults), self._origins, unpacked=True)

    def _read(self, file: str) -> bytes:
        room = min(self._limits.member_bytes, self._left)
        try:
            with (self._folder / file).open("rb") as stream:
                data = stream.read(room + 1)
        except OSError as error:
            raise UnreadableInput(f"{self._folder / file}: {error.strerror}") from error
        if len(data) > room:
            raise UnreadableInput(f"{self._folder / file}: larger than {room:,} bytes")
        self._left -= len(data)
        return data

    def _parse(self, file: str, data: bytes) -> etree._Element | None:
        try:
            tree = parse(file, data, self._limits)
        except MalformedXml as error:
            self._faults.append(error.fault)
            return None
        self._origins[tree] = file
        return tree

    def _with_roles(self, tree: etree._Element) -> bytes:
        """Hang the roles into their place, if there is one and nothing in it, as packing does."""
        place = tree.find("Roles")
        if place is not None and next(place.iterchildren("*"), None) is None:
            for file in role_files(self._folder):
                role = self._parse(file, self._read(file))
                if role is not None:
                    role.tail = "\n"
                    place.append(role)
        return etree.tostring(tree, encoding="utf-8")
