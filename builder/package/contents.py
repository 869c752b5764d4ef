"""What a package holds beside its roles and its manifest's own words: missing dependencies, and every other component
that customizations.xml defines, each with a digest that does not depend on how its XML is laid out."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from builder.package.reader import Package
from builder.package.render import CUSTOMIZATIONS, SOLUTION

_NAMES = ("Name", "UniqueName", "SchemaName", "displayname")
_NOT_NAMES = ("solution", "key", "displayName", "parentDisplayName")
Named = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MissingDependency:
    """A `<MissingDependency>`: the attributes of `<Required>` and of the `<Dependent>` that needs it, as written."""

    required: Named
    dependent: Named


def missing_dependencies(package: Package) -> tuple[MissingDependency, ...]:
    """Give what the package needs and does not hold, in its order."""
    tree = package.trees.get(SOLUTION)
    if tree is None:
        return ()
    return tuple(
        MissingDependency(_attributes(item.find("Required")), _attributes(item.find("Dependent")))
        for item in tree.iterfind("SolutionManifest/MissingDependencies/MissingDependency")
    )


def identity(component: Named) -> str:
    """Name the component of a dependency by what identifies it: schema names and ids, not display names or order."""
    return " ".join(
        value.strip("{}").lower() for name, value in sorted(component.items()) if name not in (*_NOT_NAMES, "type")
    )


def components(package: Package) -> dict[str, str]:
    """Give the components of customizations.xml but the roles: `Section: name` to the sha256 of its canonical XML.

    A section whose children have no names counts as one; two of the same name count as one, in any order.
    """
    tree = package.trees.get(CUSTOMIZATIONS)
    if tree is None:
        return {}
    found: dict[str, list[str]] = {}
    for section in tree:
        if isinstance(section.tag, str) and section.tag != "Roles":
            for name, digest in _in_section(section):
                found.setdefault(name, []).append(digest)
    return {
        name: digests[0] if len(digests) == 1 else _hash("".join(sorted(digests)).encode())
        for name, digests in found.items()
    }


def _in_section(section: etree._Element) -> Iterator[tuple[str, str]]:
    children = [child for child in section if isinstance(child.tag, str)]
    names = [_name(child) for child in children]
    if children and all(names):
        for child, name in zip(children, names, strict=True):
            yield f"{section.tag}: {name}", _digest(child)
    elif children or (section.text or "").strip():
        yield str(section.tag), _digest(section)


def _name(element: etree._Element) -> str:
    """Find what names a component: its id or name, wherever this kind of component keeps it."""
    for attribute, value in element.attrib.items():
        if str(attribute).lower() in ("name", "uniquename", "schemaname") or str(attribute).endswith("logicalname"):
            return str(value)
    for tag in _NAMES:
        if text := (element.findtext(tag) or "").strip():
            return text
    return ""


def _digest(element: etree._Element) -> str:
    layout_free: dict[str, Any] = {"method": "c14n2", "strip_text": True}  # strip_text: lxml-stubs lack it
    return _hash(etree.tostring(element, with_tail=False, **layout_free))


def _hash(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _attributes(element: etree._Element | None) -> dict[str, str]:
    return {} if element is None else {str(name): str(value) for name, value in element.attrib.items()}
