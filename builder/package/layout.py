"""XML in the form in which SolutionPackager writes it (measured on its trees, file by file).

Two blanks of indentation, no line end at the end, attributes in their order and in double quotes, white space between
elements dropped, `<a></a>` and `<a />` each kept as they were. The writer follows .NET's XmlWriter: from the first text
in an element on, nothing in it is indented.
"""

from dataclasses import dataclass

from builder.package.core import CUSTOMIZATIONS
from builder.package.packager.nodes import Document, Element, Markup, read_document

BOM = b"\xef\xbb\xbf"
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
)


@dataclass(frozen=True, slots=True)
class FileStyle:
    """How files are written: their line end, whether they begin with a byte order mark and the XML declaration, and
    whether a carriage return in a text stays one (`&#xD;`); Microsoft's tool makes a line end of it (measured)."""

    newline: str = "\r\n"
    bom: bool = True
    declaration: bool = True
    keep_returns: bool = False

    @classmethod
    def of(cls, data: bytes) -> "FileStyle":
        """Tell the style of a file."""
        return cls("\r\n" if b"\r\n" in data else "\n", data.startswith(BOM))


def role_files(customizations: bytes, style: FileStyle) -> list[bytes]:
    """Give the file of each role of a customizations.xml, in its order: `ImportExportXml/Roles/*` (measured).

    The namespace declarations of the document's root are appended to the role's own attributes. Raises InputFaults.
    """
    root = read_document(CUSTOMIZATIONS, customizations).root
    if root.name != "ImportExportXml":
        return []
    roles = [role for place in root.elements if place.name == "Roles" for role in place.elements]
    return [write_document(Document(with_namespaces(role, root)), style) for role in roles]


def with_namespaces(element: Element, root: Element) -> Element:
    """Give an element with the namespace declarations of the document's root after its own attributes."""
    declared = {name: value for name, value in root.attributes.items() if is_declaration(name)}
    made = element.copy()
    made.attributes = {**made.attributes, **{n: v for n, v in declared.items() if n not in made.attributes}}
    return made


def is_declaration(attribute: str) -> bool:
    """Say whether an attribute declares a namespace."""
    return attribute == "xmlns" or attribute.startswith("xmlns:")


def quoted(value: str) -> str:
    """Give an attribute's value, escaped and in quotes."""
    return f'"{value.translate(_VALUE)}"'


def write_document(document: Document, style: FileStyle) -> bytes:
    """Give the bytes of a document."""
    writer = _Writer(style)
    if style.declaration:
        standalone = f' standalone="{document.standalone}"' if document.standalone else ""
        writer.out.append(f'<?xml version="1.0" encoding="utf-8"{standalone}?>')
    for markup in document.before:
        writer.markup(markup, style.newline)
    writer.element(document.root, style.newline, mixed=False)
    for markup in document.after:
        writer.markup(markup, style.newline)
    text = "".join(writer.out)
    data = (text if style.declaration else text.removeprefix(style.newline)).encode()
    return BOM + data if style.bom else data


class _Writer:
    """Collects the text. `line` is what begins a line at some depth: the line end and its indentation."""

    def __init__(self, style: FileStyle) -> None:
        self.out: list[str] = []
        self._newline = style.newline
        self._keep_returns = style.keep_returns

    def element(self, element: Element, line: str, *, mixed: bool) -> None:
        """Write an element; where there is text around (`mixed`), on no line of its own."""
        out = self.out
        if not mixed:
            out.append(line)
        out.append(f"<{element.name}")
        for name, value in element.attributes.items():
            out.append(f" {name}={quoted(value)}")
        if not element.children:
            out.append(" />" if element.self_closed else f"></{element.name}>")
            return
        out.append(">")
        below = line + "  "
        for child in element.children:
            if isinstance(child, Element):
                self.element(child, below, mixed=mixed)
            elif isinstance(child, str):
                out.append(self._text(child))
                mixed = True
            else:
                mixed = mixed or child.is_text
                self.markup(child, "" if mixed else below)
        if not mixed:
            out.append(line)
        out.append(f"</{element.name}>")

    def markup(self, markup: Markup, line: str) -> None:
        """Write a comment, a CDATA section or a processing instruction."""
        self.out.append(f"{line}{markup.start}{self._lines(markup.text)}{markup.end}")

    def _text(self, text: str) -> str:
        """Escape a text, with the line ends of the file."""
        if "\r" in text and not self._keep_returns:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text.translate(_TEXT).replace("\n", self._newline)

    def _lines(self, text: str) -> str:
        """Give what is not escaped, and so holds no carriage return, the line ends of the file."""
        return text.replace("\n", self._newline)
