"""Members as parts of an Open Packaging Conventions package: their content types, and who names them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from builder.package.render import CONTENT_TYPES
from builder.package.xml import line_of

_NAMESPACE = "{http://schemas.openxmlformats.org/package/2006/content-types}"
# Where components name the members they lie in, below the root of customizations.xml (measured; packager).
_NAMED = (
    "Workflows/Workflow/JsonFileName",
    "Workflows/Workflow/XamlFileName",
    "WebResources/WebResource/FileName",
    "SolutionPluginAssemblies/PluginAssembly/FileName",
    "CanvasApps/CanvasApp/BackgroundImageUri",
    "CanvasApps/CanvasApp/DocumentUri",
    "CustomControls/CustomControl/FileName",
    "Connectors/Connector/openapidefinition",
    "Connectors/Connector/connectionparameters",
    "Connectors/Connector/policytemplateinstances",
    "Connectors/Connector/iconblob",
)


@dataclass(frozen=True, slots=True)
class ContentTypes:
    """[Content_Types].xml: each declaration as (Default or Override, extension or part name, line)."""

    declared: tuple[tuple[str, str, int], ...]
    line: int
    extensions: frozenset[str]
    parts: frozenset[str]

    def cover(self, member: str) -> bool:
        """Say whether a member has a content type."""
        name = member.rsplit("/", 1)[-1]
        extension = name.rpartition(".")[2].lower() if "." in name else ""
        return member == CONTENT_TYPES or extension in self.extensions or bool(part_names([member]) & self.parts)


def content_types(root: etree._Element) -> ContentTypes:
    """Read the content types from the root of [Content_Types].xml."""
    attributes = {f"{_NAMESPACE}Default": "Extension", f"{_NAMESPACE}Override": "PartName"}
    declared = tuple(
        (str(child.tag).removeprefix(_NAMESPACE), child.get(attributes[str(child.tag)], ""), line_of(child))
        for child in root.iterchildren(*attributes)
    )
    return ContentTypes(
        declared,
        line_of(root),
        frozenset(key.lower() for kind, key, _ in declared if kind == "Default"),
        frozenset(key.lower() for kind, key, _ in declared if kind == "Override"),
    )


def part_names(members: Iterable[str]) -> frozenset[str]:
    """Give the names by which members can be named, in lower case: with a slash in front, raw and percent-decoded."""
    raw = {f"/{name.replace(chr(92), '/')}".lower() for name in members}
    return frozenset(raw | {unquote(name) for name in raw})


def named_parts(customizations: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Give each element that names a member, and the part name it gives."""
    for path in _NAMED:
        for element in customizations.iterfind(path):
            name = (element.text or "").strip()
            if name:
                yield element, name if name.startswith("/") else f"/{name}"
