"""The files of a folder that components are read from: which ones, parsed, and with what is wrong in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from builder.errors import Fault, InputFaults
from builder.package.layout import FileStyle, is_declaration
from builder.package.limits import Limits
from builder.package.packager.culture import sort_key
from builder.package.packager.folder_files import FolderFiles
from builder.package.packager.mapping import FileMap
from builder.package.packager.nodes import Document, Element, read_document
from builder.package.packager.tree import CUSTOMIZATIONS_FILE, SOLUTION_FILE

_NO_MAP = FileMap()


@dataclass(frozen=True, slots=True)
class PackOptions:
    """How members are written: their line ends; `server`: as exports have the three core members, not as the packager
    does; `exact`: all as Microsoft's tool does; `mapped` names files to read in place of those of the folder."""

    newline: str = "\r\n"
    server: bool = False
    exact: bool = False
    mapped: FileMap = _NO_MAP

    @property
    def style(self) -> FileStyle:
        """The style of the two XML members."""
        marks = not self.server
        return FileStyle(self.newline, bom=marks, declaration=marks, keep_returns=not self.exact)


class PartFiles:
    """Reads the files of components. `notes` and `faults` are what was found; `used` are the files that were read,
    `apart` those of either package type where each has files of its own; `namespaces` the attributes of the document's
    root, which the parts' namespaces join."""

    def __init__(self, files: FolderFiles, options: PackOptions, limits: Limits, *, managed: bool) -> None:
        self.files = files
        self.options = options
        self.notes: list[Fault] = []
        self.faults: list[Fault] = []
        self.used = {CUSTOMIZATIONS_FILE, SOLUTION_FILE}
        self.apart: list[str] = []
        self.namespaces: dict[str, str] = {}
        self._limits = limits
        self._managed = managed

    def raise_faults(self) -> None:
        """Raise InputFaults with all that was found."""
        if self.faults:
            raise InputFaults(self.files.path, self.faults)

    def choose(self, folder: str, pattern: str, *, apart: bool) -> list[str]:
        """Find the files of a pattern; where package types have files of their own, those of this one.

        A managed package takes the plain files where no managed ones exist (measured). Where some do, Microsoft's tool
        takes those alone; here the plain ones fill in for what is missing.
        """
        files = self.files.below(folder)
        plain = [file for file in files if _matcher(pattern).fullmatch(file)]
        if not apart:
            return plain
        stem, dot, extension = pattern.rpartition(".")
        managed = [file for file in files if _matcher(f"{stem}_managed{dot}{extension}").fullmatch(file)]
        self.apart += plain + managed
        plain = [file for file in plain if file not in managed]
        if not self._managed:
            return plain
        if not managed or self.options.exact:
            return managed or plain
        filled = [file for file in plain if f"{file[:-4]}_managed.xml" not in managed]
        for file in filled:
            self.notes.append(Fault("the managed package takes this file: it has none of its own", file))
        return [file for file in files if file in managed or file in filled]

    def parse(self, file: str) -> Document | None:
        """Read a file; None where it is malformed, which is a fault."""
        try:
            document = read_document(file, self.files.read(file), self._limits)
        except InputFaults as error:
            self.faults += error.faults
            return None
        self.used.add(file)
        return document

    def part(self, file: str) -> Element | None:
        """Read a component's file, and move its namespaces to the root."""
        document = self.parse(file)
        return self.hoisted(document.root) if document else None

    def hoisted(self, part: Element) -> Element:
        """Move the namespaces of a part's root to the root of the document, where they mean the same there."""
        for name, value in list(part.attributes.items()):
            if is_declaration(name) and name != "xmlns" and self.namespaces.setdefault(name, value) == value:
                del part.attributes[name]
        return part


def by_name(files: list[str]) -> list[str]:
    """Sort files by their own names, as packing does for most kinds (measured)."""
    return sorted(files, key=lambda file: sort_key(file.rpartition("/")[2]))


@cache
def _matcher(pattern: str) -> re.Pattern[str]:
    """Compile a pattern: `*` within one name, `**` over folders."""
    parts = (".+" if part == "**" else "[^/]+" if part == "*" else re.escape(part) for part in _split(pattern))
    return re.compile("".join(parts), re.DOTALL)


def _split(pattern: str) -> Iterator[str]:
    yield from re.split(r"(\*\*|\*)", pattern)
