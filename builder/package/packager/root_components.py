"""The root-component check of packing: what the folder holds against what its manifest lists (measured)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from builder.errors import Fault, InputFaults
from builder.package.packager.kinds import KINDS, Kind
from builder.package.packager.nodes import Element
from builder.text import number_in, printable

SOLUTION_FILE = "Other/Solution.xml"
_GUID = re.compile(r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
_JUDGED = {kind.component[0] for kind in KINDS.values() if kind.component}


class RootComponentFaults(InputFaults):
    """A folder and its manifest do not agree on what the solution consists of."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Component:
    """A component of the folder: its type, its id or name in lower case without braces, and where it stands."""

    type: str
    key: str
    file: str
    line: int


def component_of(kind: Kind, part: Element, file: str) -> Component | None:
    """Say which component a file holds; raises InputFaults where a role's id is none."""
    if kind.component is None:
        return None
    number, place = kind.component
    value = part.attributes.get(place[1:], "") if place.startswith("@") else part.text(place)
    if kind.element == "Roles":
        if value and not _GUID.fullmatch(value.strip()):
            raise InputFaults(file, [Fault(f"{printable(value)!r} is no id of a role", file, part.line, "Use a GUID.")])
        value = value or f"Role-{part.attributes.get('name', '')}"
    return Component(number, _key(value), file, part.line) if value else None


def check_root_components(source: str, manifest: Element, components: Iterable[Component]) -> list[Fault]:
    """Give what the manifest lists and the folder does not hold; raises RootComponentFaults for all else that differs:
    components that it does not list, ones that it lists twice, and types that are none."""
    present = {(item.type, item.key): item for item in components}
    listed: dict[tuple[str, str], Element] = {}
    faults: list[Fault] = []
    roots = manifest.find("RootComponents")
    for root in roots.elements if roots else ():
        number = root.attributes.get("type", "").strip()
        if number_in(number) is None:
            message = f"a root component's type is {printable(number)!r}, not a number"
            faults.append(Fault(message, SOLUTION_FILE, root.line))
            continue
        number = str(number_in(number))
        faults += _bad_id(root)
        for key in _keys(root):
            if key in ("", None) or (number, key) not in listed:
                listed.setdefault((number, key), root)
            elif key == _keys(root)[0]:
                message = f"the root component {_words(number, key)} is listed twice"
                faults.append(Fault(message, SOLUTION_FILE, root.line, "Remove one of the two."))
    faults += _twice(components)
    for (number, key), item in present.items():
        if number in _REQUIRED and (number, key) not in listed:
            message = f"{_words(number, key)} is in the folder and is no root component"
            hint = f"Add it to <RootComponents> of {SOLUTION_FILE}, or remove its file."
            faults.append(Fault(message, item.file, item.line, hint))
    if faults:
        raise RootComponentFaults(source, faults)
    return list(_undefined(listed, present))


# Kinds that are components of their own wherever they stand: each of theirs in 66 of 66 packages is listed (measured).
_REQUIRED = frozenset({"20", "1", "9", "29", "61", "80", "300"})


def _undefined(listed: dict[tuple[str, str], Element], present: dict[tuple[str, str], Component]) -> Iterator[Fault]:
    told: set[int] = set()
    for (number, _), root in listed.items():
        if number in _JUDGED and id(root) not in told:
            told.add(id(root))
            keys = _keys(root)
            if any(keys) and not any((number, key) in present for key in keys):
                words = _words(number, keys[0])
                yield Fault(f"the root component {words} is not in the folder", SOLUTION_FILE, root.line)


def _twice(components: Iterable[Component]) -> Iterator[Fault]:
    seen: dict[tuple[str, str], Component] = {}
    for item in components:
        first = seen.setdefault((item.type, item.key), item)
        if first is not item and item.type == "20":
            message = f"{printable(item.file)} holds the same role as {printable(first.file)} (by its id)"
            yield Fault(message, item.file, item.line, "Remove one of the two.")


def _bad_id(root: Element) -> Iterator[Fault]:
    value = root.attributes.get("id", "").strip()
    if value and not _GUID.fullmatch(value):
        yield Fault(f"a root component's id is {printable(value)!r}, no GUID", SOLUTION_FILE, root.line)


def _keys(root: Element) -> list[str]:
    values = [root.attributes.get(name, "") for name in ("id", "schemaName")]
    return [_key(value) for value in values if value.strip()] or [""]


def _key(value: str) -> str:
    return value.strip().strip("{}").lower()


def _words(number: str, key: str) -> str:
    from builder.catalogue.components import component_type  # read where something is wrong, and only then

    return f"{component_type(number).name.lower()} {printable(key)}"
