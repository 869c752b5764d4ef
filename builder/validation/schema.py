"""The core members against our own schemas: xmlschema is the judge, libxml2 goes first.

libxml2 says in microseconds that a member is valid, with the same files; a test holds that the two agree. Only where
it objects is xmlschema asked, which names the elements that are wrong; `faults` says in words what is.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from lxml import etree

from builder.package.render import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.package.xml import line_of
from builder.resources import resource
from builder.text import printable
from builder.validation.faults import Fault, faults_in, faults_of, label, text_faults
from builder.validation.plain import instructions, plain
from builder.validation.report import Problem

if TYPE_CHECKING:
    import xmlschema

SCHEMAS = {SOLUTION: "solution.xsd", CUSTOMIZATIONS: "customizations.xsd", CONTENT_TYPES: "content-types.xsd"}
# The children of customizations.xml whose form is known. All others are open, and none of them is looked into: a
# `Role` inside a form or an app refers to a role, and is none.
_ROOT = "ImportExportXml"
_CLOSED = ("Roles", "Languages")
# The judge takes some 50 µs for an element; a larger part is left to libxml2.
_MOST_JUDGED = 10_000
_MOST_TOLD = 1_000
_PIECE = 1 << 16


def problems(
    member: str, root: etree._Element, origin: Callable[[etree._Element], str] | None = None
) -> Iterator[Problem]:
    """Give every departure of a core member from its schema; `origin` names the file that an element stands in."""
    found = [_faults_of(member, part) for part in parts(member, root)]
    if member == CUSTOMIZATIONS and root.tag == _ROOT:
        found.append(text_faults(root))  # xmlschema overlooks texts in an open element
    for fault in chain(*found):
        element = fault.element
        yield Problem(
            printable(fault.message),
            origin(element) if origin else member,
            line_of(element),
            element.getroottree().getpath(element),
            mark=fault.mark,
        )


@cache
def fast(member: str) -> etree.XMLSchema:
    """Give libxml2's schema of a member."""
    return etree.XMLSchema(etree.parse(resource("schemas", SCHEMAS[member])))


@cache
def judge(member: str) -> "xmlschema.XMLSchema10":
    """Give xmlschema's schema of a member."""
    import xmlschema

    return xmlschema.XMLSchema10(resource("schemas", SCHEMAS[member]), allow="local", defuse="always")


def parts(member: str, root: etree._Element) -> Iterator[etree._Element]:
    """Give the elements to validate: the root, or the closed ones below the open root of customizations.xml."""
    if member == CUSTOMIZATIONS and root.tag == _ROOT:
        yield from root.iterchildren(*_CLOSED)
    else:
        yield root


def _faults_of(member: str, part: etree._Element) -> Iterator[Fault]:
    for element, name in instructions(part):
        yield Fault(element, f"{label(element)} has the attribute xsi:{name}, which no export has", name)
    bare = plain(part)
    found: Iterable[Fault] = ()
    if sum(1 for _ in islice(bare.iter(), _MOST_JUDGED)) < _MOST_JUDGED:
        if not fast(member).validate(bare):
            found = _judged(member, bare)
    elif not _streams_through(member, bare):
        found = faults_in(judge(member), bare)
    originals = dict(zip(bare.iter(), part.iter(), strict=True)) if bare is not part else {}
    for fault in islice(found, _MOST_TOLD):
        yield replace(fault, element=originals.get(fault.element, fault.element))


def _judged(member: str, part: etree._Element) -> Iterator[Fault]:
    """Say what is wrong with each element that xmlschema objects to.

    Where it does not object, libxml2 has: one is more lenient than the other where a text of Unicode's other blanks
    stands between elements. Then all elements are looked at.
    """
    schema = judge(member)
    elements: Iterator[Any] = (error.elem for error in schema.iter_errors(part))
    found = [fault for element in dict.fromkeys(elements) for fault in faults_of(schema, part, element)]
    found = found or list(islice(faults_in(schema, part), _MOST_TOLD))
    yield from found or [Fault(part, f"{label(part)} does not have the form of its kind")]


class _Nothing:
    """What a parser builds when it only validates."""

    def close(self) -> None:
        """Give nothing."""


def _streams_through(member: str, part: etree._Element) -> bool:
    """Validate a large part up to the first fault.

    In a tree, lxml notes the path of every fault, at a cost that grows with the number of siblings: 160 seconds for a
    role of 100,000 faults (measured).
    """
    data = etree.tostring(part, encoding="utf-8", with_tail=False)
    parser = etree.XMLParser(schema=fast(member), target=_Nothing(), huge_tree=True)  # type: ignore[arg-type]
    try:
        for at in range(0, len(data), _PIECE):
            parser.feed(data[at : at + _PIECE])
            if len(parser.feed_error_log):
                return False
        parser.close()
    except etree.XMLSyntaxError:
        return False
    return True
