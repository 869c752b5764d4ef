"""XML of foreign origin, parsed so that it can do nothing but be read: no DTD, no entities, no network, and bounded.

What bounds the memory of a tree is the number of its elements and attributes: libxml2 spends about 120 bytes on an
element, 120 on the text beside it and 250 on an attribute. Each takes at least one `<` or `=`, so these are counted
before the parser starts (`Limits.xml_marks`); the depth is bounded by the parser.
"""

import re
from collections.abc import Iterable
from functools import cache

from lxml import etree

from builder.errors import Fault
from builder.package.limits import DEFAULT_LIMITS, Limits
from builder.package.lines import LAST_KNOWN_LINE, LinedElement, Pieces, class_lookup
from builder.text import printable

_BOM = b"\xef\xbb\xbf"
# A document type can only stand between the start and the root element, among comments and instructions.
_PROLOG = re.compile(rb"(?>[ \t\r\n]+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ENCODING = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([^\"'>]*)")
_UTF_8 = {"utf-8", "utf8", "us-ascii", "ascii"}
# Encodings other than UTF-8, by how the start of an XML document looks in them.
_OTHER_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\0\0", b"\x4c\x6f\xa7", b"+/v")
_LONGEST_PROLOG = 1 << 18


class MalformedXml(Exception):
    """A member is not well-formed XML of the kind that a package may hold; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def parse(member: str, data: bytes, limits: Limits = DEFAULT_LIMITS) -> etree._Element:
    """Parse a member's bytes and give its root element, without comments and instructions; raises MalformedXml."""
    return parse_pieces(member, lambda: (data,), limits)


def parse_pieces(member: str, pieces: Pieces, limits: Limits = DEFAULT_LIMITS) -> etree._Element:
    """Parse a member that comes in pieces, so that it need not be in memory beside its tree; raises MalformedXml."""
    lines = _check(member, pieces(), limits)
    lookup = class_lookup(pieces) if lines > LAST_KNOWN_LINE else None
    root, known_depth = _parsed(member, pieces(), lookup, huge=False), 256  # what the parser lets through
    if root is None:
        # It passed a limit of the parser: more than 10 MB in one text, which is fine, or too great a depth.
        root, known_depth = _parsed(member, pieces(), lookup, huge=True), 2048
    if root is None:
        raise MalformedXml(Fault("elements nested too deep, or a text too long", member, 1))
    if limits.xml_depth < known_depth:
        _check_depth(member, root, limits.xml_depth)
    return root


def _parsed(
    member: str, pieces: Iterable[bytes | memoryview], lookup: etree.ElementClassLookup | None, *, huge: bool
) -> etree._Element | None:
    """Parse once; None where a limit of the parser was passed."""
    parser = _parser(huge=huge, blanks=lookup is None)
    if lookup is not None:
        parser.set_element_class_lookup(lookup)
    try:
        for piece in pieces:
            parser.feed(bytes(piece))
        return parser.close()
    except etree.XMLSyntaxError as error:
        fatal = [entry for entry in parser.feed_error_log if entry.level == etree.ErrorLevels.FATAL]
        if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in fatal):
            return None
        what, line = (fatal[0].message, fatal[0].line) if fatal else (error.msg or "", error.lineno or 1)
        raise MalformedXml(Fault(f"not well-formed: {printable(what.strip())}", member, line)) from None


def _check(member: str, pieces: Iterable[bytes | memoryview], limits: Limits) -> int:
    """Look a member through, before the parser sees anything of it and spends memory; give the number of lines."""
    head, size, marks, lines = b"", 0, 0, 1
    for each in pieces:
        piece = bytes(each)
        if size <= _LONGEST_PROLOG:
            head += piece
            if len(head) > _LONGEST_PROLOG:
                _check_head(member, head)
        size, marks = size + len(piece), marks + piece.count(b"<") + piece.count(b"=")
        lines += piece.count(b"\n")
        if size > limits.member_bytes:
            raise MalformedXml(Fault(f"larger than {limits.member_bytes:,} bytes", member))
        if marks > limits.xml_marks:
            raise MalformedXml(Fault(f"more than {limits.xml_marks:,} tags and attributes", member))
    if size <= _LONGEST_PROLOG:
        _check_head(member, head)
    return lines


def _check_head(member: str, head: bytes) -> None:
    """Refuse other encodings and document types."""
    _refuse_encodings(member, head)
    prolog = _PROLOG.match(head, 3 if head.startswith(_BOM) else 0)
    end = prolog.end() if prolog else 0
    if head.startswith(b"<!DOCTYPE", end):
        line = head.count(b"\n", 0, end) + 1
        raise MalformedXml(Fault("a document type declaration, which a package never has", member, line, "Remove it."))
    if len(head) > _LONGEST_PROLOG and (end > _LONGEST_PROLOG - 9 or head.startswith((b"<!--", b"<?"), end)):
        raise MalformedXml(Fault(f"more than {_LONGEST_PROLOG:,} bytes before the root element", member, 1))


def _parser(*, huge: bool, blanks: bool) -> etree.XMLParser:
    """Give a parser; the encoding is fixed, so that no declaration can make other characters of the bytes."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=not blanks,
        huge_tree=huge,
    )


def _refuse_encodings(member: str, data: bytes) -> None:
    declared = _ENCODING.match(data, 3 if data.startswith(_BOM) else 0)
    encoding = declared.group(1).decode("latin-1").lower() if declared else "utf-8"
    if data.startswith(_OTHER_STARTS) or encoding not in _UTF_8:
        named = f", but {printable(encoding)}" if encoding not in _UTF_8 else ""
        message = f"not UTF-8, the encoding of every package that Dataverse exports{named}"
        raise MalformedXml(Fault(message, member, 1, "Save it as UTF-8."))


def _check_depth(member: str, root: etree._Element, most: int) -> None:
    deeper = _deeper_than(most)(root)
    if isinstance(deeper, list) and deeper and isinstance(deeper[0], etree._Element):
        raise MalformedXml(Fault(f"elements nested deeper than {most} levels", member, line_of(deeper[0])))


@cache
def _deeper_than(levels: int) -> etree.XPath:
    return etree.XPath(f"({'/*' * (levels + 1)})[1]")


def line_of(element: etree._Element) -> int:
    """Give the line on which an element's start tag ends (beyond line 65,534: starts), from 1; 0 where not known."""
    line = int(getattr(element, "sourceline", None) or 0)
    return element.lines.of(element) if line > LAST_KNOWN_LINE and isinstance(element, LinedElement) else line


def text_of(parent: etree._Element, path: str) -> str:
    """Give the text of the first element at a path, without blanks around it; "" where there is none."""
    return (parent.findtext(path) or "").strip()
