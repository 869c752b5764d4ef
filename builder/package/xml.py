"""XML of foreign origin, parsed so that it can do nothing but be read: no DTD, no entities, no network."""

import re

from lxml import etree

from builder.errors import Fault

# A document type can only stand between the start and the root element, among comments and instructions.
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_DEEPEST = 256


class MalformedXml(Exception):
    """A member is not well-formed XML of the kind that a package may hold; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def parse(member: str, data: bytes) -> etree._Element:
    """Parse a member's bytes and give its root element; raises MalformedXml."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise MalformedXml(Fault("not UTF-8, the encoding of every package that Dataverse exports", member, 1))
    prolog = _PROLOG.match(data)
    if prolog and data[prolog.end() :].startswith(b"<!DOCTYPE"):
        line = data.count(b"\n", 0, prolog.end()) + 1
        raise MalformedXml(Fault("a document type declaration, which a package never has", member, line))
    # huge_tree lifts limits that real packages pass (long texts in one attribute); depth is bounded below.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise MalformedXml(Fault(f"not well-formed: {error.msg}", member, error.lineno or 1)) from None
    _check_depth(member, root)
    return root


def _check_depth(member: str, root: etree._Element) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST:
            raise MalformedXml(Fault(f"elements nested deeper than {_DEEPEST}", member, line_of(element)))


def line_of(element: etree._Element) -> int:
    """Give the line on which an element stands, from 1; 0 where it is not known."""
    return int(getattr(element, "sourceline", None) or 0)


def text_of(parent: etree._Element, path: str) -> str:
    """Give the text of the first element at a path, without blanks around it; "" where there is none."""
    return (parent.findtext(path) or "").strip()
