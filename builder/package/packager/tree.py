"""The files that a package unpacks to, and where they may lie."""

from dataclasses import dataclass, field

from builder.errors import Fault, InputFaults
from builder.package.core import CUSTOMIZATIONS
from builder.package.layout import FileStyle
from builder.package.packager.manifest import Manifest
from builder.package.packager.nodes import Document
from builder.text import printable

CUSTOMIZATIONS_FILE = "Other/Customizations.xml"
SOLUTION_FILE = "Other/Solution.xml"
RELATIONSHIPS_FILE = "Other/Relationships.xml"


@dataclass(frozen=True, slots=True)
class UnpackOptions:
    """How files are written. `exact`: all as Microsoft's tool does on Windows, its losses too."""

    newline: str = "\r\n"
    exact: bool = False

    @property
    def style(self) -> FileStyle:
        """The style of the XML files."""
        return FileStyle(self.newline, keep_returns=not self.exact)


@dataclass(frozen=True, slots=True)
class UnpackedFile:
    """A file: `kind` is the element it comes from ("" for the core and copied members), `is_xml` says that it was
    written anew, `managed_form` that the other package type has a file of its own for it."""

    data: bytes
    kind: str = ""
    is_xml: bool = False
    managed_form: bool = False


@dataclass(slots=True)
class UnpackedTree:
    """The files by path, in the order in which they are written, and what a person should know."""

    manifest: Manifest
    solution: Document
    files: dict[str, UnpackedFile] = field(default_factory=dict)
    notes: list[Fault] = field(default_factory=list)


def check_path(path: str, source: str) -> None:
    """Raise InputFaults where a path is not one within the folder, on whatever platform."""
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or ":" in path or "\0" in path or "\\" in path:
        message = f"a file would have to be called {printable(path)!r}, which is no place within the folder"
        raise InputFaults(source, [Fault(message, CUSTOMIZATIONS, hint="No export has such a name.")])
