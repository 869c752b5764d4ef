"""Lines of elements in documents of more lines than libxml2 counts.

libxml2 has 16 bits for an element's line. What lies beyond line 65,534 it derives from the white space after it, which
makes up a third of a large tree's memory. So large documents are parsed without it, and read through once more, by
expat, when the first line beyond is asked for: that gives the line of every start tag, by its number in the document.
"""

from array import array
from collections.abc import Callable, Iterable
from typing import ClassVar
from xml.parsers import expat

from lxml import etree

LAST_KNOWN_LINE = 65_534
Pieces = Callable[[], Iterable[bytes | memoryview]]
_MOST_REMEMBERED = 10_000
_BEFORE = etree.XPath("count(preceding::*) + count(ancestor::*)")
_BELOW = etree.XPath("count(descendant::*)")


class LinedElement(etree.ElementBase):
    """An element of a large document, which its class knows the lines of."""

    lines: ClassVar["Lines"]


class Lines:
    """The line of each start tag of a document; read when first asked for."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._lines: array[int] | None = None
        self._numbers: dict[etree._Element, int] = {}

    def of(self, element: etree._Element) -> int:
        """Give the line of an element, 0 where there is none; quick where its predecessor was asked for before."""
        if self._lines is None:
            self._lines = _read(self._pieces())
        if element not in self._numbers:
            number = self._number(element)
            if len(self._numbers) >= _MOST_REMEMBERED:
                self._numbers.clear()
            self._numbers[element] = number
        number = self._numbers[element]
        return self._lines[number] if number < len(self._lines) else 0

    def _number(self, element: etree._Element) -> int:
        """Count the start tags before an element's own."""
        before = element.getprevious()
        if before is not None and before in self._numbers:
            return self._numbers[before] + _count(_BELOW, before) + 1
        above = element.getparent()
        if before is None and above is not None and above in self._numbers:
            return self._numbers[above] + 1
        return _count(_BEFORE, element)


def class_lookup(pieces: Pieces) -> etree.ElementClassLookup:
    """Give what makes a parser build elements of which `lines_of` knows the lines."""
    lined = type("Element", (LinedElement,), {"lines": Lines(pieces)})
    lookup: etree.ElementClassLookup = etree.ElementDefaultClassLookup(element=lined)
    return lookup


def _count(path: etree.XPath, element: etree._Element) -> int:
    found = path(element)
    return int(found) if isinstance(found, float) else 0


def _read(pieces: Iterable[bytes | memoryview]) -> "array[int]":
    parser, lines = expat.ParserCreate("utf-8"), array("I")
    add = lines.append
    parser.StartElementHandler = lambda _name, _attributes: add(parser.CurrentLineNumber)
    for piece in pieces:
        parser.Parse(bytes(piece))
    return lines
