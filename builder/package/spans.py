"""Where the elements of an XML document stand in its bytes, so that some can be changed and all others left alone."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from builder.errors import Fault, InputFaults

_START_TAG = re.compile(rb"""<[^\s/>"']+(?:[^>"']|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE = re.compile(rb"""\s([^\s=/>"']+)\s*=\s*("[^"]*"|'[^']*')""")
_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_BLANK = b" \t\r\n"


@dataclass(slots=True)
class Span:
    """An element: `start` is its `<`, `inner` stands after its start tag, `inner_end` before its end tag, `end` after
    it. A self-closed element has `inner` = `inner_end` = `end`. `children` are those that were asked for.
    """

    name: str
    attributes: Mapping[str, str]
    start: int
    inner: int
    inner_end: int = 0
    end: int = 0
    children: list["Span"] = field(default_factory=list)

    @property
    def self_closed(self) -> bool:
        """Whether it is written `<x />`."""
        return self.inner == self.end

    def all(self, *path: str) -> list["Span"]:
        """Give the elements at a path below this one, in document order."""
        found = [self]
        for name in path:
            found = [child for span in found for child in span.children if child.name == name]
        return found


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes from `start` up to `end` that become others."""

    start: int
    end: int
    text: bytes


class Text:
    """An XML document's bytes, the elements at some paths in it, and what is to be changed.

    `paths` name elements from the root on, such as `ImportExportXml/Roles/Role`; the elements on the way are found
    too. Raises InputFaults where the document is not well-formed. Document types are refused before (see `xml.parse`).
    """

    def __init__(self, source: str, data: bytes, paths: Iterable[str]) -> None:
        self.source = source
        self.data = data
        self.edits: list[Edit] = []
        encoding = _ENCODING.match(data[:200])
        self._ascii = bool(encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii"))
        self.root: Span = _Finder(source, data, paths).root

    def replace(self, start: int, end: int, text: str | bytes) -> None:
        """Have the bytes of a span become others; insert where start and end are the same."""
        self.edits.append(Edit(start, end, text if isinstance(text, bytes) else self.encode(text)))

    def encode(self, text: str) -> bytes:
        """Encode text (already escaped) as the document is; character references where that is not UTF-8."""
        return text.encode("ascii", "xmlcharrefreplace") if self._ascii else text.encode()

    def set_text(self, span: Span, text: str) -> None:
        """Have an element hold a text and nothing else."""
        escaped = self.encode(escape_text(text))
        if span.self_closed:
            tag = self.data[span.start : span.end].removesuffix(b"/>").rstrip(_BLANK)
            self.replace(span.start, span.end, tag + b">" + escaped + b"</" + span.name.encode() + b">")
        else:
            self.replace(span.inner, span.inner_end, escaped)

    def set_attribute(self, span: Span, name: str, value: str) -> None:
        """Change the value of an attribute that the element has, keeping its kind of quotes."""
        start, end = self.attribute_value(span, name)
        quote = self.data[start - 1 : start].decode()
        self.replace(start, end, escape_attribute(value, quote))

    def attribute_value(self, span: Span, name: str) -> tuple[int, int]:
        """Give where an attribute's value stands, without its quotes; raises KeyError where there is none."""
        for found in _ATTRIBUTE.finditer(self.data, span.start, span.inner):
            if found[1].decode() == name:
                return found.start(2) + 1, found.end(2) - 1
        raise KeyError(name)

    def blank_before(self, span: Span) -> int:
        """Give where the white space before an element begins."""
        start = span.start
        while start and self.data[start - 1] in _BLANK:
            start -= 1
        return start

    def remove(self, span: Span) -> None:
        """Take an element out, and the white space before it."""
        self.replace(self.blank_before(span), span.end, b"")

    def insert(self, span: Span, text: bytes, *, after: bool = False) -> None:
        """Put an element before (or after) another, on a line of its own where that one has one."""
        blank = self.data[self.blank_before(span) : span.start]
        place = span.end if after else self.blank_before(span)
        self.replace(place, place, blank + text)

    def fill(self, span: Span, items: Iterable[bytes]) -> None:
        """Put elements into an element that has none, indented by two blanks more than it is itself, if it is so."""
        blank = self.data[self.blank_before(span) : span.start]
        indented = blank + b"  " if b"\n" in blank else b""
        inside = b"".join(indented + item for item in items) + blank
        if span.self_closed:
            tag = self.data[span.start : span.end].removesuffix(b"/>").rstrip(_BLANK)
            self.replace(span.start, span.end, tag + b">" + inside + b"</" + span.name.encode() + b">")
        else:
            kept = self.data[span.inner : span.inner_end].rstrip(_BLANK)
            self.replace(span.inner, span.inner_end, kept + inside)

    def result(self) -> bytes:
        """Give the document with its changes; they may not overlap."""
        parts, done = [], 0
        for edit in sorted(self.edits, key=lambda edit: (edit.start, edit.end)):
            if edit.start < done:
                raise ValueError(f"{self.source}: two changes of the same bytes")
            parts += [self.data[done : edit.start], edit.text]
            done = edit.end
        return b"".join([*parts, self.data[done:]])


def is_self_closed(data: bytes, start: int) -> bool:
    """Say whether the element whose `<` stands at a place is written `<x />`: parsers do not tell that one apart."""
    tag = _START_TAG.match(data, start)
    return bool(tag and tag[0].endswith(b"/>"))


def escape_text(text: str) -> str:
    """Escape a text for the inside of an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def escape_attribute(value: str, quote: str = '"') -> str:
    """Escape a value for an attribute in quotes of a kind."""
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    value = value.replace(quote, "&quot;" if quote == '"' else "&apos;")
    return value.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")


class _Finder:
    """One pass of expat, which alone tells at which byte an element begins and ends."""

    def __init__(self, source: str, data: bytes, paths: Iterable[str]) -> None:
        self._data = data
        self._wanted: list[dict[str, object] | None] = [_tree(paths)]
        self._open: list[Span | None] = []
        self._root: Span | None = None
        self._parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise InputFaults(source, [Fault(f"not well-formed: {error}", source, error.lineno)]) from None
        self.root = self._found_root(source)

    def _found_root(self, source: str) -> Span:
        if self._root is None:
            expected = ", ".join(f"<{name}>" for name in self._wanted[0] or ())
            raise InputFaults(source, [Fault(f"the root element is not {expected}", source, 1)])
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        wanted = self._wanted[-1]
        below = wanted.get(name) if wanted is not None else None
        if not isinstance(below, dict):
            self._wanted.append(None)
            self._open.append(None)
            return
        start = self._parser.CurrentByteIndex
        tag = _START_TAG.match(self._data, start)
        span = Span(name, attributes, start, tag.end() if tag else start)  # expat has just read a tag there
        self._wanted.append(below)
        self._open.append(span)
        if self._root is None:
            self._root = span
        elif (parent := self._open[-2]) is not None:
            parent.children.append(span)

    def _end(self, _: str) -> None:
        self._wanted.pop()
        span = self._open.pop()
        if span is None:
            return
        if self._data[span.inner - 2 : span.inner] == b"/>":
            span.inner_end = span.end = span.inner
        else:
            span.inner_end = self._parser.CurrentByteIndex
            span.end = self._data.index(b">", span.inner_end) + 1


def _tree(paths: Iterable[str]) -> dict[str, object]:
    tree: dict[str, object] = {}
    for path in paths:
        below = tree
        for name in path.split("/"):
            below = below.setdefault(name, {})  # type: ignore[assignment]
    return tree
