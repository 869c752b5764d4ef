"""solution.xml and Other/Solution.xml: what both directions ask of it, and the order that unpacking gives it."""

import re
from dataclasses import dataclass
from enum import Enum

from builder.errors import Fault, InputFaults
from builder.package.packager.culture import sort_key
from builder.package.packager.nodes import Document, Element, Markup
from builder.text import printable

_VERSION = re.compile(r"\s*\d{1,10}(\.\d{1,10}){1,3}\s*")


class PackageType(Enum):
    """What a package is, or what a folder packs to; the value is that of `<Managed>`."""

    UNMANAGED = "0"
    MANAGED = "1"
    BOTH = "2"

    @property
    def word(self) -> str:
        """The type as people write it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says, as far as packing and unpacking ask; `element` is `<SolutionManifest>`."""

    unique_name: str
    version: str
    package_type: PackageType
    element: Element


def read_manifest(source: str, document: Document, *, both: bool = False) -> Manifest:
    """Check a manifest as Microsoft's tool does (measured); raises InputFaults with all that is wrong. `both` lets
    `<Managed>` be 2, which only a folder may say."""
    root, faults = document.root, []
    element = root.find("SolutionManifest")
    if root.name != "ImportExportXml" or element is None:
        message = "no <SolutionManifest> in <ImportExportXml>: this is no solution"
        raise InputFaults(source, [Fault(message, source, root.line)])
    if not root.attributes.get("languagecode", "").strip():
        faults.append(Fault("<ImportExportXml> has no languagecode", source, root.line))
    if not (unique_name := element.text("UniqueName")):
        faults.append(Fault("the solution has no <UniqueName>", source, element.line))
    if element.find("Publisher") is None:
        faults.append(Fault("the solution has no <Publisher>", source, element.line))
    version = element.text("Version")
    if version and not _VERSION.fullmatch(version):
        faults.append(Fault(f"{printable(version)!r} is no version: 2 to 4 whole numbers with dots", source))
    managed = element.text("Managed")
    allowed = [kind.value for kind in PackageType if both or kind is not PackageType.BOTH]
    if managed not in allowed:
        message = f"<Managed> is {printable(managed)!r}, not {' or '.join(allowed)}"
        faults.append(Fault(message, source, element.line))
    if faults:
        raise InputFaults(source, faults)
    return Manifest(unique_name, version, PackageType(managed), element)


def set_package_type(document: Document, package_type: PackageType) -> None:
    """Have a manifest say another type."""
    manifest = document.root.find("SolutionManifest")
    if manifest is not None and (element := manifest.find("Managed")) is not None:
        element.children = [package_type.value]


def sort_manifest(manifest: Element) -> list[str]:
    """Sort root components and missing dependencies as unpacking does (measured); name what that loses.

    Numbers are compared as texts: 1, 10, 2. Other elements, and comments, in the two lists do not survive.
    """
    lost = []
    if (roots := manifest.find("RootComponents")) is not None:
        lost += _keep_only(roots, "RootComponent")
        roots.children.sort(key=lambda item: _attributes(item, "type", "schemaName", "id"))
    if (missing := manifest.find("MissingDependencies")) is not None:
        lost += _keep_only(missing, "MissingDependency")
        missing.children.sort(key=_required)
    return lost


def _keep_only(element: Element, name: str) -> list[str]:
    kept = [child for child in element.elements if child.name == name]
    lost = [child.name for child in element.elements if child.name != name]
    lost += ["a comment" for child in element.children if isinstance(child, Markup)]
    element.children = list(kept)
    element.self_closed = element.self_closed or not kept
    return lost


def _attributes(item: object, *names: str) -> tuple[object, ...]:
    attributes = item.attributes if isinstance(item, Element) else {}
    return tuple(sort_key(attributes.get(name, "")) for name in names)


def _required(item: object) -> tuple[object, ...]:
    first = item.elements[:1] if isinstance(item, Element) else []
    return _attributes(first[0] if first else None, "type", "schemaName")
