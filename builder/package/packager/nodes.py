"""XML as a tree that keeps what SolutionPackager keeps: attribute order, comments, CDATA sections, and whether an
empty element was written `<a></a>` or `<a />`, which expat's byte index alone tells.

White space between elements is dropped while reading, as the tool drops it (measured). Document types are refused.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from builder.errors import Fault, InputFaults
from builder.package.limits import DEFAULT_LIMITS, Limits
from builder.text import printable

_BLANKS = " \t\r\n"
_DECLARED = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252", "utf-16"}


@dataclass(slots=True, eq=False)
class Markup:
    """A comment, a CDATA section or a processing instruction, with the marks around it."""

    start: str
    text: str
    end: str

    @property
    def is_text(self) -> bool:
        """Whether it counts as text: CDATA does."""
        return self.start == "<![CDATA["


class Element:
    """An element. `children` are elements, texts (str) and markup; `self_closed` counts where there are none."""

    __slots__ = ("attributes", "children", "line", "name", "self_closed")

    def __init__(self, name: str, attributes: dict[str, str] | None = None, line: int = 0) -> None:
        self.name = name
        self.attributes = {} if attributes is None else attributes
        self.children: list[Node] = []
        self.self_closed = True
        self.line = line

    @property
    def elements(self) -> "list[Element]":
        """The child elements."""
        return [child for child in self.children if isinstance(child, Element)]

    def find(self, name: str) -> "Element | None":
        """Give the first child element of a name."""
        return next((child for child in self.children if isinstance(child, Element) and child.name == name), None)

    def text(self, name: str) -> str:
        """Give the text of the first child element of a name, without blanks around it; "" where there is none."""
        child = self.find(name)
        return child.inner_text.strip() if child else ""

    @property
    def inner_text(self) -> str:
        """The text directly in the element."""
        parts = []
        for child in self.children:
            if isinstance(child, str):
                parts.append(child)
            elif isinstance(child, Markup) and child.is_text:
                parts.append(child.text)
        return "".join(parts)

    def walk(self) -> "Iterator[Element]":
        """Give the element and all below it, in document order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def copy(self, children: "list[Node] | None" = None) -> "Element":
        """Give an element like this one with other children; with None, the same ones."""
        made = Element(self.name, dict(self.attributes), self.line)
        made.children = list(self.children) if children is None else children
        made.self_closed = self.self_closed
        return made


Node = Element | Markup | str


@dataclass(slots=True)
class Document:
    """A root element, what stands before and after it, and what the declaration says of `standalone` ("" for
    nothing)."""

    root: Element
    before: list[Markup] = field(default_factory=list)
    after: list[Markup] = field(default_factory=list)
    standalone: str = ""


def read_document(source: str, data: bytes, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Parse a document; raises InputFaults where it is malformed, over a limit, or has a document type."""
    data = _as_utf8(source, data)
    if data.count(b"<") + data.count(b"=") > limits.xml_marks:
        raise InputFaults(source, [Fault(f"more than {limits.xml_marks:,} tags and attributes", source)])
    return _Reader(source, data, limits).document()


def _as_utf8(source: str, data: bytes) -> bytes:
    """Give the bytes in UTF-8 without byte order mark, whatever the document says that they are in."""
    if data.startswith(codecs.BOM_UTF8):
        return data[3:]
    declared = _DECLARED.match(data[:200])
    encoding = declared[1].decode().lower() if declared else "utf-8"
    if data.startswith(_UTF_16):
        encoding = "utf-16"
    if encoding not in _ENCODINGS:
        raise InputFaults(source, [Fault(f"the encoding {printable(encoding)} is not read", source, 1, "Use UTF-8.")])
    try:
        return data if encoding in ("utf-8", "utf8") else data.decode(encoding).encode()
    except UnicodeError:
        raise InputFaults(source, [Fault(f"not {encoding}, as it says", source, 1)]) from None


class _Reader:
    """Takes expat's events, from which the tree is built. `keep` says for each open element whether white space in it
    is kept."""

    def __init__(self, source: str, data: bytes, limits: Limits) -> None:
        self._source = source
        self._data = data
        self._depth = limits.xml_depth
        self._top = Element("")
        self._open = [self._top]
        self._keep = [False]
        self._texts: list[str] = []
        self._in_cdata = False
        self._standalone = ""
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._texts_append
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartCdataSectionHandler = self._flush
        parser.EndCdataSectionHandler = self._end_cdata

    def document(self) -> Document:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code) or "malformed"
            raise self._fault(f"not well-formed: {what} (column {error.offset + 1})", error.lineno) from None
        root = self._top.elements[0]
        at = self._top.children.index(root)
        before = [child for child in self._top.children[:at] if isinstance(child, Markup)]
        after = [child for child in self._top.children[at:] if isinstance(child, Markup)]
        return Document(root, before, after, self._standalone)

    def _fault(self, message: str, line: int) -> InputFaults:
        return InputFaults(self._source, [Fault(message, self._source, line)])

    def _declaration(self, _version: str, _encoding: str | None, standalone: int) -> None:
        self._standalone = {0: "no", 1: "yes"}.get(standalone, "")

    def _doctype(self, *_: object) -> None:
        message = "a document type declaration, which a package never has; remove it"
        raise self._fault(message, self._parser.CurrentLineNumber)

    def _texts_append(self, text: str) -> None:
        self._texts.append(text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._texts:
            self._flush()
        if len(self._open) > self._depth:
            raise self._fault(f"elements nested deeper than {self._depth} levels", self._parser.CurrentLineNumber)
        element = Element(name, attributes, self._parser.CurrentLineNumber)
        self._open[-1].children.append(element)
        self._open.append(element)
        self._keep.append(attributes["xml:space"] == "preserve" if "xml:space" in attributes else self._keep[-1])

    def _end(self, _name: str) -> None:
        element = self._open[-1]
        if self._texts:
            self._flush()
            element.self_closed = False
        elif not element.children:
            # Here an empty-element tag lies behind expat's index, and an end tag before it.
            end = self._parser.CurrentByteIndex
            element.self_closed = self._data[end - 2 : end] == b"/>"
        self._open.pop()
        self._keep.pop()

    def _flush(self) -> None:
        if self._texts:
            text = "".join(self._texts)
            self._texts.clear()
            if len(self._open) > 1 and (self._keep[-1] or text.strip(_BLANKS)):
                self._open[-1].children.append(text)

    def _end_cdata(self) -> None:
        self._open[-1].children.append(Markup("<![CDATA[", "".join(self._texts), "]]>"))
        self._texts.clear()

    def _comment(self, text: str) -> None:
        self._flush()
        self._open[-1].children.append(Markup("<!--", text, "-->"))

    def _instruction(self, target: str, text: str) -> None:
        self._flush()
        self._open[-1].children.append(Markup(f"<?{target}", f" {text}" if text else "", "?>"))
