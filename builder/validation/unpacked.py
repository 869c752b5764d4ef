"""Components that lie in files of their own in a folder that SolutionPackager unpacked, beside roles and manifest.

Only those kinds whose folder is there are known to be complete: a folder often holds some kinds and not others.
"""

from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from builder.errors import Fault
from builder.package.limits import DEFAULT_LIMITS
from builder.package.xml import MalformedXml, parse

# Path of the component in customizations.xml, to the top folder or file it is unpacked to, and its files there
# (measured on Microsoft's tool).
_FILES = {
    "Entities/Entity": ("Entities", "*/Entity.xml"),
    "optionsets/optionset": ("OptionSets", "*.xml"),
    "Workflows/Workflow": ("Workflows", "*.data.xml"),
    "WebResources/WebResource": ("WebResources", "**/*.data.xml"),
    "AppModuleSiteMaps/AppModuleSiteMap": ("AppModuleSiteMaps", "*/AppModuleSiteMap*.xml"),
    "AppModules/AppModule": ("AppModules", "*/AppModule*.xml"),
    "SdkMessageProcessingSteps/SdkMessageProcessingStep": ("SdkMessageProcessingSteps", "*.xml"),
    "CanvasApps/CanvasApp": ("CanvasApps", "*.meta.xml"),
    "Connectors/Connector": ("Connectors", "*.xml"),
    "FieldSecurityProfiles/FieldSecurityProfile": ("Other/FieldSecurityProfiles.xml", ""),
}


@dataclass(frozen=True)
class Unpacked:
    """The components in files: `elements` by the path they have in customizations.xml, for the kinds that are there;
    `files` by root element, relative to the folder; `faults` of files that cannot be parsed.
    """

    elements: dict[str, list[etree._Element]] = field(default_factory=dict)
    files: dict[etree._Element, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_unpacked(folder: Path) -> Unpacked:
    """Read the component files of a folder, as far as they can be read."""
    found = Unpacked()
    for path, (top, pattern) in _FILES.items():
        place = folder / top
        if place.exists():
            files = sorted(place.glob(pattern)) if pattern else [place]
            roots = [root for file in files if (root := _root(folder, file, found)) is not None]
            inner = path.partition("/")[2]
            found.elements[path] = [item for root in roots for item in (root.iter(inner) if not pattern else [root])]
    return found


def _root(folder: Path, file: Path, found: Unpacked) -> etree._Element | None:
    name = file.relative_to(folder).as_posix()
    try:
        too_large = file.stat().st_size > DEFAULT_LIMITS.member_bytes
        root = parse(name, b"" if too_large else file.read_bytes())
    except OSError as error:
        found.faults.append(Fault(f"cannot be read: {error.strerror}", name))
    except MalformedXml as error:
        found.faults.append(Fault("too large to be read", name) if too_large else error.fault)
    else:
        found.files[root] = name
        return root
    return None
