"""What is wrong with an element, in words: what was found, and what its schema expects there.

The words come from the schema itself: the documentation of a type says what it takes ("0 or 1", "a GUID, such as ...").
Our schemas use a part of what XML Schema has (sequences and choices of elements, attributes, simple types), and this
knows that part; that something is wrong is for the validators to say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

from builder.validation.plain import NIL

if TYPE_CHECKING:
    from xmlschema import XMLSchema10

# xmlschema's XsdElement and XsdType; its annotations do not say what is common to simple and complex types.
_Declaration = Any
_Type = Any
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_BLANKS = " \t\r\n"
_LONGEST = 60
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: the element it stands at, a sentence, and the text on the line to point at."""

    element: etree._Element
    message: str
    mark: str = ""


def faults_of(schema: "XMLSchema10", part: etree._Element, element: etree._Element) -> Iterator[Fault]:
    """Say what is wrong with one element within a part that the schema declares at its top level."""
    path = [element]
    while path[-1] is not part and (above := path[-1].getparent()) is not None:
        path.append(above)
    declared = schema.maps.elements.get(str(part.tag))
    for below in reversed(path[:-1]):
        declared = _children(declared.type).get(str(below.tag)) if declared is not None else None
    if declared is not None:
        yield from _faults(element, declared)
    elif element is part:
        expected = "ImportExportXml" if "ImportExportXml" in schema.elements else next(iter(schema.elements))
        of = _strange(str(part.tag), [f"{{{schema.target_namespace}}}{expected}"])
        yield Fault(element, f"the root element is {label(element)}{of}, not <{expected}>", _local(element.tag))


def faults_in(schema: "XMLSchema10", part: etree._Element) -> Iterator[Fault]:
    """Say what is wrong with all elements of a part, in their order."""
    waiting = [(part, schema.maps.elements.get(str(part.tag)))]
    while waiting:
        element, declared = waiting.pop()
        if declared is not None:
            yield from _faults(element, declared)
            children = _children(declared.type)
            waiting += [(child, children.get(str(child.tag))) for child in reversed(element)]


def label(element: etree._Element) -> str:
    """Name an element as it is written, without a namespace."""
    return f"<{_local(element.tag)}>"


def _faults(element: etree._Element, declared: _Declaration) -> Iterator[Fault]:
    yield from _attribute_faults(element, declared.type)
    yield from _nil_faults(element, declared)
    kind = declared.type
    if element.get(NIL) is not None:
        return
    if kind.is_simple() or kind.has_simple_content():
        if len(element):
            yield Fault(
                element, f"{label(element)} holds a text, and has {label(element[0])} in it", _local(element[0].tag)
            )
        elif fault := _value_fault(element, kind):
            yield fault
    elif kind.is_empty():
        if len(element) or element.text:
            yield Fault(element, f"{label(element)} holds nothing, and has {_inside(element)} in it")
    else:
        yield from text_faults(element)
        yield from _order_faults(element, kind)


def _attribute_faults(element: etree._Element, kind: _Type) -> Iterator[Fault]:
    attributes = kind.attributes if not kind.is_simple() else {}
    for key, value in element.attrib.items():
        name, text = str(key), str(value)
        if name == NIL:
            continue
        if name not in attributes:
            if None not in attributes:
                known = ", ".join(str(other) for other in attributes) or "none"
                of = _namespace(name) if name.startswith("{") else ""
                message = f"{label(element)} has an attribute {_local(name)}{of}, which it cannot have (it has {known})"
                yield Fault(element, message, _local(name))
        elif not attributes[name].type.is_valid(text):
            expected = _expected(attributes[name].type)
            yield Fault(element, f"{name} of {label(element)} is {_quoted(text)}, not {expected}", text or name)
    for other, attribute in attributes.items():
        if other is not None and attribute.use == "required" and other not in element.attrib:
            expected = _expected(attribute.type)
            yield Fault(element, f"{label(element)} lacks the attribute {other} ({expected})", _local(element.tag))


def _nil_faults(element: etree._Element, declared: _Declaration) -> Iterator[Fault]:
    nil = element.get(NIL)
    if nil is None:
        return
    if not declared.nillable:
        yield Fault(element, f"{label(element)} cannot be nil: it needs {_expected(declared.type)}", "nil")
    elif str(nil).strip(_BLANKS) not in ("true", "false", "0", "1"):
        yield Fault(element, f"xsi:nil of {label(element)} is {_quoted(str(nil))}, not true or false", "nil")
    elif len(element) or element.text:
        yield Fault(element, f"{label(element)} is nil, and has {_inside(element)} in it", "nil")


def _value_fault(element: etree._Element, kind: _Type) -> Fault | None:
    simple = kind if kind.is_simple() else kind.content
    text = element.text or ""
    if simple.is_valid(text):
        return None
    found = f"is {_quoted(text)}, not" if text else "is empty, and should be"
    return Fault(element, f"{label(element)} {found} {_expected(simple)}", text.strip() or _local(element.tag))


def text_faults(element: etree._Element) -> Iterator[Fault]:
    """Say where a text stands between the children of an element that holds elements only."""
    for text in (element.text, *(child.tail for child in element)):
        if text and (found := text.strip(_BLANKS)):
            yield Fault(
                element, f"{label(element)} holds elements, and has the text {_quoted(found)} between them", found
            )
            return


def _order_faults(element: etree._Element, kind: _Type) -> Iterator[Fault]:
    """Say which children are unknown, too many, out of order or missing."""
    declared = _children(kind)
    names = list(declared)
    in_order = kind.content.model == "sequence"
    seen: dict[str, int] = {}
    furthest = 0
    for child in element:
        name = str(child.tag)
        if name not in declared:
            where = f"no place in {label(element)}, which has {_list(names)}"
            yield Fault(child, f"{label(child)}{_strange(name, names)} has {where}", _local(name))
            continue
        seen[name] = seen.get(name, 0) + 1
        most = declared[name].max_occurs
        if in_order and most is not None and seen[name] > most:
            yield Fault(child, f"one {label(child)} too many in {label(element)}: it has {most} at most", _local(name))
        elif in_order and names.index(name) < furthest:
            after = _local(names[furthest])
            yield Fault(child, f"{label(child)} stands after <{after}>, and belongs before it", _local(name))
        furthest = max(furthest, names.index(name))
    if in_order:
        yield from _missing(element, declared, seen)


def _missing(element: etree._Element, declared: dict[str, _Declaration], seen: dict[str, int]) -> Iterator[Fault]:
    names = list(declared)
    missing = [name for name in names if declared[name].min_occurs > seen.get(name, 0)]
    if missing:
        first = names.index(missing[0])
        place = f", after <{_local(names[first - 1])}>" if first and len(missing) == 1 else ""
        yield Fault(element, f"{label(element)} lacks {_list(missing)}{place}", _local(element.tag))


def _children(kind: _Type) -> dict[str, _Declaration]:
    """Give the elements that a type holds, by name, in their order."""
    if kind.is_simple() or kind.has_simple_content():
        return {}
    return {child.name: child for child in kind.content.iter_elements() if child.name and hasattr(child, "nillable")}


def _expected(kind: _Type) -> str:
    """Give what a simple type's documentation says that it takes."""
    simple = kind if kind.is_simple() else kind.content
    annotation = getattr(simple, "annotation", None)
    is_ours = not str(simple.name).startswith(_XSD)
    documented = annotation.documentation if annotation is not None and is_ours else ()
    return " ".join((documented[0].text or "").split()) if documented else "a text"


def _quoted(text: str) -> str:
    text = text.strip(_BLANKS) or text
    return f'"{text}"' if len(text) <= _LONGEST else f'"{text[:_LONGEST]}..."'


def _inside(element: etree._Element) -> str:
    return label(element[0]) if len(element) else _quoted(element.text or "")


def _strange(name: str, names: list[str]) -> str:
    """Say of which namespace a name is, where that alone makes it another name."""
    if name not in names and _local(name) in map(_local, names):
        return _namespace(name)
    return ""


def _namespace(name: str) -> str:
    namespace = name.rpartition("}")[0].lstrip("{")
    return f" of the namespace {namespace}" if namespace else " of no namespace"


def _list(names: list[str]) -> str:
    shown = [f"<{_local(name)}>" for name in names[:_MOST_NAMED]]
    return ", ".join(shown) + (f" and {len(names) - _MOST_NAMED} others" if len(names) > _MOST_NAMED else "")


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]
