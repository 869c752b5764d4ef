"""Read a solution zip the way the server does: by itself, bounded, and refusing with the import's own error codes.

Codes and texts: SDK error codes. Limits are the sandbox's own.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from builder.sandbox.brought import BroughtTable, read_tables
from builder.sandbox.components import Key, Requirement, keys_inside, normal
from builder.sandbox.faults import WebApiFault, coded

MAX_MEMBER = 64 * 1024 * 1024
MAX_MEMBERS = 20_000
_ROLE = "20"
_CONTENT_TYPES = "[Content_Types].xml"
_LEVELS = ("Basic", "Local", "Deep", "Global")
_NEWEST = (9, 2)
_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")


@dataclass(frozen=True, slots=True)
class PackagedRole:
    """A role as the package states it: privileges by name with their level; `is_inherited` None where not stated."""

    id: str
    name: str
    is_inherited: int | None
    customizable: bool
    privileges: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PackagedPublisher:
    """Who publishes."""

    unique_name: str
    name: str
    description: str
    email: str
    website: str
    prefix: str
    option_value_prefix: int


@dataclass(frozen=True, slots=True)
class Package:
    """What a solution zip says."""

    unique_name: str
    name: str
    description: str
    version: str
    managed: bool
    publisher: PackagedPublisher
    roles: tuple[PackagedRole, ...]
    root_components: tuple[tuple[str, str], ...]
    requirements: tuple[Requirement, ...]
    tables: tuple[BroughtTable, ...]
    inside: tuple[Key, ...]
    language: str
    manifest: bytes

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version as four numbers."""
        return version_numbers(self.version)


def version_numbers(text: str) -> tuple[int, ...]:
    """A version as four numbers, missing ones 0."""
    return tuple([int(part) for part in text.split(".")] + [0, 0, 0])[:4]


def read_package(content: bytes) -> Package:
    """Read a zip; raises WebApiFault with the code that the import gives."""
    members = _members(content)
    _parse(members[_CONTENT_TYPES], "0x80048060")
    manifest_root = _parse(members["solution.xml"], "0x8004802c")
    customizations = _parse(members["customizations.xml"], "0x80048013")
    manifest = manifest_root.find("SolutionManifest")
    if manifest_root.tag != "ImportExportXml" or manifest is None:
        raise _invalid("SolutionManifest is missing", manifest_root)
    if customizations.tag != "ImportExportXml":
        raise _invalid("the root element is not ImportExportXml", customizations)
    _check_package_version(manifest_root.get("SolutionPackageVersion", ""))
    languages = customizations.findtext("Languages/Language")
    return Package(
        unique_name=_unique_name(manifest),
        name=_label(manifest, "LocalizedNames/LocalizedName") or _required(manifest, "UniqueName"),
        description=_label(manifest, "Descriptions/Description"),
        version=_version(manifest),
        managed=_managed(manifest),
        publisher=_publisher(manifest),
        roles=tuple(_role(role) for role in customizations.iterfind("Roles/Role")),
        root_components=tuple(_root_components(manifest)),
        requirements=tuple(_requirements(manifest)),
        tables=tuple(read_tables(customizations)),
        inside=tuple(keys_inside(customizations)),
        language=(languages or "1033").strip(),
        manifest=etree.tostring(manifest),
    )


def _members(content: bytes) -> dict[str, bytes]:
    """The three members, bounded; anything else about the zip being wrong is one and the same answer (recorded)."""
    wanted = ("solution.xml", "customizations.xml", _CONTENT_TYPES)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > MAX_MEMBERS:
                raise coded("0x80048060")
            return {name: _member(archive, name) for name in wanted}
    except (zipfile.BadZipFile, KeyError, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise coded("0x80048060") from None


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        data = file.read(MAX_MEMBER + 1)
    if len(data) > MAX_MEMBER:
        raise coded("0x80048000")
    return data


def _parse(data: bytes, code: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise coded(code) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise coded(code)
    return root


def _check_package_version(text: str) -> None:
    match = re.match(r"(\d+)\.(\d+)", text)
    if match and (int(match[1]), int(match[2])) > _NEWEST:
        raise coded("0x80048068", ".".join(map(str, _NEWEST)))


def _invalid(what: str, element: etree._Element) -> WebApiFault:
    around = etree.tostring(element)[:120].decode("utf-8", "replace")
    return coded("0x8004801a", what, "", around)


def _required(parent: etree._Element, path: str) -> str:
    text = (parent.findtext(path) or "").strip()
    if not text:
        raise _invalid(f"The element '{path}' is missing or empty", parent)
    return text


def _text(parent: etree._Element, path: str) -> str:
    return (parent.findtext(path) or "").strip()


def _label(parent: etree._Element, path: str) -> str:
    label = parent.find(path)
    return "" if label is None else label.get("description", "")


def _unique_name(manifest: etree._Element) -> str:
    name = _required(manifest, "UniqueName")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise coded("0x8004f002")
    return name


def _version(manifest: etree._Element) -> str:
    version = _required(manifest, "Version")
    if not re.fullmatch(r"\d{1,10}(\.\d{1,10}){1,3}", version):
        raise coded("0x8004f01e")
    return version


def _managed(manifest: etree._Element) -> bool:
    flag = _required(manifest, "Managed")
    if flag not in ("0", "1"):
        raise _invalid(f"The value '{flag}' of the element 'Managed' is invalid", manifest)
    return flag == "1"


def _publisher(manifest: etree._Element) -> PackagedPublisher:
    publisher = manifest.find("Publisher")
    if publisher is None:
        raise _invalid("The element 'Publisher' is missing", manifest)
    option_prefix = _required(publisher, "CustomizationOptionValuePrefix")
    if not re.fullmatch(r"\d{5}", option_prefix):
        raise _invalid("The element 'CustomizationOptionValuePrefix' is invalid", publisher)
    return PackagedPublisher(
        unique_name=_required(publisher, "UniqueName"),
        name=_label(publisher, "LocalizedNames/LocalizedName"),
        description=_label(publisher, "Descriptions/Description"),
        email=_text(publisher, "EMailAddress"),
        website=_text(publisher, "SupportingWebsiteUrl"),
        prefix=_required(publisher, "CustomizationPrefix"),
        option_value_prefix=int(option_prefix),
    )


def _root_components(manifest: etree._Element) -> Iterator[tuple[str, str]]:
    for component in manifest.iterfind("RootComponents/RootComponent"):
        kind = component.get("type", "")
        name = component.get("schemaName") or component.get("id") or ""
        yield kind, _guid(name, component) if kind == _ROLE else normal(name)


def _requirements(manifest: etree._Element) -> Iterator[Requirement]:
    for missing in manifest.iterfind("MissingDependencies/MissingDependency"):
        required, dependent = missing.find("Required"), missing.find("Dependent")
        if required is None or dependent is None:
            raise _invalid("MissingDependency holds no Required or no Dependent", missing)
        yield Requirement(_attributes(required), _attributes(dependent))


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def _role(role: etree._Element) -> PackagedRole:
    unknown = set(role.attrib) - {"id", "name", "isinherited", "unmodified"}
    if unknown or not role.get("name"):
        raise _invalid(f"The 'Role' element is invalid: {', '.join(map(str, unknown)) or 'name is missing'}", role)
    inherited = role.get("isinherited")
    if inherited not in (None, "0", "1"):
        raise _invalid("The 'isinherited' attribute is invalid", role)
    return PackagedRole(
        id=_guid(role.get("id", ""), role),
        name=role.get("name", ""),
        is_inherited=None if inherited is None else int(inherited),
        customizable=_text(role, "IsCustomizable") != "0",
        privileges=tuple(_privilege(entry) for entry in role.iterfind("RolePrivileges/RolePrivilege")),
    )


def _privilege(entry: etree._Element) -> tuple[str, str]:
    name, level = entry.get("name", ""), entry.get("level", "")
    if not name or level not in _LEVELS:
        raise _invalid(f"The 'level' attribute is invalid - The value '{level}' is invalid", entry)
    return name, level


def _guid(text: str, element: etree._Element) -> str:
    match = _GUID.fullmatch(text)
    if match is None:
        raise _invalid(f"The 'id' attribute is invalid - The value '{text}' is invalid", element)
    return match[1].lower()
