"""Map files: which files of a folder are built elsewhere, as SolutionPackager's /map reads them (measured on Unix).

Only files that the metadata names are mapped (a flow's JSON, an assembly), never the metadata itself: a role that is
moved away is simply missing.
"""

import fnmatch
from dataclasses import dataclass
from pathlib import Path

from builder.errors import Fault, InputFaults, UnreadableInput
from builder.package.packager.nodes import Element, read_document
from builder.text import printable

_KINDS = ("FileToFile", "FileToPath", "Folder")
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class _Directive:
    kind: str
    pattern: str
    to: Path

    def find(self, place: str) -> Path | None:
        lower = place.lower()
        if self.kind == "Folder":
            below = lower.startswith(self.pattern.rstrip("/") + "/")
            return self.to / place[len(self.pattern.rstrip("/")) + 1 :] if below else None
        if self.kind == "FileToPath":
            same_folder = lower.rpartition("/")[0] == self.pattern.rpartition("/")[0]
            matches = same_folder and fnmatch.fnmatchcase(lower, self.pattern)
            return self.to / place.rpartition("/")[2] if matches else None
        return self.to if lower == self.pattern else None


@dataclass(frozen=True, slots=True)
class FileMap:
    """The directives of a map file, and what is wrong with the others."""

    directives: tuple[_Directive, ...] = ()
    notes: tuple[Fault, ...] = ()

    def find(self, place: str) -> Path | None:
        """Give the file to take for one of the folder, None where no directive names it."""
        return next((found for directive in self.directives if (found := directive.find(place)) is not None), None)


def read_map(path: Path) -> FileMap:
    """Read a map file; raises UnreadableInput and InputFaults. What cannot be used of it is told in `notes`."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST + 1)
    except OSError as error:
        raise UnreadableInput(f"{printable(str(path))}: {error.strerror}", "Name the map file.") from error
    if len(data) > _MOST:
        raise UnreadableInput(f"{printable(str(path))}: larger than {_MOST:,} bytes")
    root = read_document(str(path), data).root
    if root.name != "Mapping":
        fault = Fault(f"the root element is <{printable(root.name)}>, not <Mapping>", str(path), root.line)
        raise InputFaults(path, [fault])
    directives, notes = [], []
    for element in root.elements:
        what = _directive(element, path.parent)
        if isinstance(what, str):
            notes.append(Fault(f"{what}: the mapping is ignored", str(path), element.line))
        else:
            directives.append(what)
    return FileMap(tuple(directives), tuple(notes))


def _directive(element: Element, base: Path) -> _Directive | str:
    if element.name not in _KINDS:
        return f"there is no <{printable(element.name)}> in a map file, but {', '.join(_KINDS)}"
    pattern, to = (element.attributes.get(name, "").strip().replace("\\", "/") for name in ("map", "to"))
    if not pattern or not to:
        return f"<{element.name}> needs the attributes map and to"
    target = base / to
    if element.name != "FileToFile" and not target.is_dir():
        return f"the folder {printable(str(target))} does not exist"
    if element.name == "FileToFile" and not target.is_file():
        return f"the file {printable(str(target))} does not exist"
    return _Directive(element.name, pattern.lstrip("/").lower(), target)
