"""A part of a member as it goes to the validators.

Two things are settled before: what no export has and validators would take instructions from (`xsi:type`, hints where
schemas lie) is taken away, for the caller to name; and what real packages have though no schema allows it (white space
in an empty element, `xsi:nil` beside a text: measured) is overlooked.
"""

import copy
from collections.abc import Iterator

from lxml import etree

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
NIL = f"{{{_XSI}}}nil"


def _path(expression: str) -> etree.XPath:
    return etree.XPath(expression, namespaces={"xsi": _XSI})


_ODD = _path(
    "boolean(descendant-or-self::*[@xsi:*[local-name() != 'nil']"
    " or not(*) and text() and (@xsi:nil or not(normalize-space()))])"
)
_INSTRUCTED = _path("descendant-or-self::*[@xsi:*[local-name() != 'nil']]")
_BLANK = _path("descendant-or-self::*[not(*) and text() and not(normalize-space())]")
_IDLY_NIL = _path("descendant-or-self::*[not(*) and text() and @xsi:nil]")


def plain(part: etree._Element) -> etree._Element:
    """Give an element itself, or a copy that differs in what is settled before; the elements correspond one to one."""
    if not _ODD(part):
        return part
    part = copy.deepcopy(part)
    for element in _elements(_BLANK, part):
        element.text = None
    for element in _elements(_IDLY_NIL, part):
        del element.attrib[NIL]
    for element, name in list(instructions(part)):
        del element.attrib[f"{{{_XSI}}}{name}"]
    return part


def instructions(part: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Give each attribute that instructs validators: its element, and its name without namespace."""
    for element in _elements(_INSTRUCTED, part):
        for name in map(str, element.attrib):
            if name.startswith(f"{{{_XSI}}}") and name != NIL:
                yield element, name.rpartition("}")[2]


def _elements(path: etree.XPath, part: etree._Element) -> list[etree._Element]:
    found = path(part)
    return [each for each in found if isinstance(each, etree._Element)] if isinstance(found, list) else []
