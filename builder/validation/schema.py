"""The core members against our own schemas: xmlschema is the judge, libxml2 goes first.

libxml2 says in microseconds that a member is valid, with the same files; a test holds that the two agree. Only where
it objects is xmlschema asked, which says what was expected, and whose word counts.
"""

import copy
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree

from builder.package.render import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.package.xml import line_of
from builder.resources import resource
from builder.text import printable
from builder.validation.report import Problem

if TYPE_CHECKING:
    import xmlschema

SCHEMAS = {SOLUTION: "solution.xsd", CUSTOMIZATIONS: "customizations.xsd", CONTENT_TYPES: "content-types.xsd"}
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def problems(member: str, root: etree._Element) -> Iterator[Problem]:
    """Give every departure of a core member from its schema."""
    root = _without_idle_nil(root)
    if not fast(member).validate(root):
        for error in _errors(member, root):
            yield _problem(member, root, error)


@cache
def fast(member: str) -> etree.XMLSchema:
    """Give libxml2's schema of a member."""
    return etree.XMLSchema(etree.parse(resource("schemas", SCHEMAS[member])))


@cache
def judge(member: str) -> "xmlschema.XMLSchema10":
    """Give xmlschema's schema of a member."""
    import xmlschema

    return xmlschema.XMLSchema10(resource("schemas", SCHEMAS[member]), allow="local", defuse="always")


def _without_idle_nil(root: etree._Element) -> etree._Element:
    """Drop `xsi:nil="true"` from elements that have a text all the same, as some real exports do (measured)."""
    if not any(element.text for element in root.iter("*") if _NIL in element.attrib):
        return root
    root = copy.deepcopy(root)
    for element in root.iter("*"):
        if element.text and _NIL in element.attrib:
            del element.attrib[_NIL]
    return root


def _errors(member: str, root: etree._Element) -> Iterator["xmlschema.XMLSchemaValidationError"]:
    schema = judge(member)
    if member != CUSTOMIZATIONS or root.tag != "ImportExportXml":
        yield from schema.iter_errors(root)
        return
    # The root is open. xmlschema takes `xsi:nil` amiss in children that no schema declares, so only the declared
    # ones are shown to it, which is what "lax" means.
    for child in root.iterchildren("*"):
        if child.tag in schema.elements:
            yield from schema.iter_errors(child)


def _problem(member: str, root: etree._Element, error: "xmlschema.XMLSchemaValidationError") -> Problem:
    element = error.elem if isinstance(error.elem, etree._Element) else root
    return Problem(
        _sentence(element, error), member, line_of(element), element.getroottree().getpath(element), _expected(error)
    )


def _sentence(element: etree._Element, error: "xmlschema.XMLSchemaValidationError") -> str:
    reason = " ".join(str(error.reason or "does not have the form of its kind").split())
    return printable(f"<{etree.QName(element).localname}>: {reason}")


def _expected(error: "xmlschema.XMLSchemaValidationError") -> str:
    expected = getattr(error, "expected", None)
    if not expected:
        return ""
    items = expected if isinstance(expected, list | tuple) else [expected]
    names = [str(getattr(item, "local_name", None) or getattr(item, "name", None) or item) for item in items]
    return f"Expected here: {', '.join(names)}."
