"""Members -> Package: what a zip says, every fact with its member and line.

Reading is lenient: a fact that is absent is "", so that validation can speak of all that is wrong. Who needs more than
that asks for `Package.roles` or `Package.version`, which raise InputFaults where the package does not say it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from lxml import etree

from builder.errors import Fault, InputFaults
from builder.model import Depth, Grant, Publisher, Role, Texts, Version
from builder.package.archive import Archive, content_digest, pieces_of
from builder.package.limits import DEFAULT_LIMITS, Limits
from builder.package.render import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.package.xml import MalformedXml, line_of, parse_pieces, text_of
from builder.text import number_in, printable

CORE_MEMBERS = (CUSTOMIZATIONS, SOLUTION, CONTENT_TYPES)
ROLE_TYPE = "20"


@dataclass(frozen=True, slots=True)
class RootComponent:
    """A `<RootComponent>`; `id` in lower case without braces, "" where the attribute is absent. `member` is the file
    it stands in: solution.xml, or Other/Solution.xml in a folder.
    """

    type: str
    id: str
    schema_name: str
    behavior: str
    line: int
    member: str = SOLUTION


@dataclass(frozen=True, slots=True)
class PackagedGrant:
    """A `<RolePrivilege>` as it is written."""

    privilege: str
    level: str
    line: int


@dataclass(frozen=True, slots=True)
class PackagedRole:
    """A `<Role>` as it is written; None for what it does not state, `id` in lower case without braces. `member` is
    the file in which the role and its grants stand: customizations.xml, or Roles/NAME.xml in a folder.
    """

    id: str
    name: str
    inherits: str | None
    customizable: str | None
    auto_assigned: str | None
    description: str
    grants: tuple[PackagedGrant, ...]
    line: int
    member: str = CUSTOMIZATIONS


@dataclass(frozen=True, slots=True)
class Manifest:
    """The `<SolutionManifest>` as it is written; `managed` is "0", "1" or, in folders, "2" for both. `member` is the
    file it stands in.
    """

    unique_name: str = ""
    names: Texts = field(default_factory=dict)
    descriptions: Texts = field(default_factory=dict)
    version: str = ""
    managed: str = ""
    publisher: Publisher | None = None
    language: str = ""
    root_components: tuple[RootComponent, ...] = ()
    member: str = SOLUTION


@dataclass(frozen=True)
class Package:
    """What a package says. `members` gives the bytes of each member by name, `trees` the parsed core members.

    `origins` names the file of each element that is the root of one. In a zip that is a core member; a folder that
    SolutionPackager unpacked (`unpacked`) has a file for each role, whose roots hang in the tree of customizations.xml.
    `remarks` is what is odd about the zip and harms no reader.
    """

    source: str
    members: Mapping[str, bytes]
    trees: Mapping[str, etree._Element]
    faults: tuple[Fault, ...]
    origins: Mapping[etree._Element, str] = field(default_factory=dict)
    unpacked: bool = False
    remarks: tuple[Fault, ...] = ()

    def member_of(self, element: etree._Element) -> str:
        """Name the file in which an element of the trees stands; its `line_of` counts in that file."""
        roots = (self.origins[above] for above in (element, *element.iterancestors()) if above in self.origins)
        return next(roots, "")

    @cached_property
    def digest(self) -> str:
        """The content digest."""
        return content_digest(self.members)

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest, empty where solution.xml is absent or malformed."""
        tree = self.trees.get(SOLUTION)
        return _manifest(tree, self.member_of(tree)) if tree is not None else Manifest()

    @cached_property
    def packaged_roles(self) -> tuple[PackagedRole, ...]:
        """The roles as they are written. `Role` elements elsewhere (forms, apps) are references, not roles."""
        tree = self.trees.get(CUSTOMIZATIONS)
        elements = tree.iterfind("Roles/Role") if tree is not None else ()
        return tuple(_role(element, self.member_of(element)) for element in elements)

    @property
    def version(self) -> Version:
        """The solution's version; raises InputFaults."""
        try:
            return Version.parse(self.manifest.version)
        except ValueError as error:
            raise InputFaults(self.source, [Fault(str(error), SOLUTION)]) from None

    @property
    def managed(self) -> bool:
        """Whether the package is managed; raises InputFaults where it says neither."""
        if self.manifest.managed not in ("0", "1"):
            raise InputFaults(self.source, [Fault(f"Managed is {self.manifest.managed!r}, not 0 or 1", SOLUTION)])
        return self.manifest.managed == "1"

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """The roles in the model's words; raises InputFaults with every level that does not exist."""
        faults = [
            Fault(f"{grant.privilege}: there is no level {grant.level!r}", role.member, grant.line)
            for role in self.packaged_roles
            for grant in role.grants
            if grant.level not in _LEVELS
        ]
        if faults:
            raise InputFaults(self.source, faults)
        return tuple(_model(role) for role in self.packaged_roles)


_LEVELS = frozenset(depth.level for depth in Depth)


def read_members(source: str, members: Mapping[str, bytes], limits: Limits | None = None) -> Package:
    """Parse the core members that are there; what cannot be parsed is a fault of the package, not an error."""
    trees: dict[str, etree._Element] = {}
    faults = []
    for name in CORE_MEMBERS:
        if name in members:
            try:
                trees[name] = parse_pieces(name, pieces_of(members, name), limits or DEFAULT_LIMITS)
            except MalformedXml as error:
                faults.append(error.fault)
    return Package(source, members, trees, tuple(faults), {root: name for name, root in trees.items()})


def open_package(path: Path, limits: Limits | None = None) -> Package:
    """Read a zip as far as it can be read; raises UnreadableInput where it is no zip, damaged, hostile or too large.

    Every member is inflated, and held against its checksum; the core members are parsed, no other is kept.
    """
    archive = Archive.open(path, limits)
    package = read_members(str(path), archive, limits)
    archive.verify()
    return replace(package, remarks=archive.remarks)


def whereabouts(members: Iterable[str]) -> str:
    """Say where a solution package lies in a zip that is none itself; "" where nothing in it looks like one."""
    names = sorted(members, key=lambda name: (name.count("/"), name))
    for name in names:
        folder, _, last = name.replace("\\", "/").rpartition("/")
        if last.lower() != SOLUTION or not folder:
            continue
        if f"/{folder}".lower().endswith("/other"):
            top = folder[:-6] or "its root"
            return f"It holds a folder that SolutionPackager unpacked, in {printable(top)}: unzip it, and pack that."
        return f"The package lies in the folder {printable(folder)}: zip what is in that folder, not the folder."
    inner = next((name for name in names if name.lower().endswith(".zip")), "")
    return f"It holds other zips: unzip it, and name the solution among them ({printable(inner)}?)." if inner else ""


def read_package(path: Path, limits: Limits | None = None) -> Package:
    """Read a solution package; raises UnreadableInput, and InputFaults where a core member is absent or malformed."""
    return require_core(open_package(path, limits))


def require_core(package: Package) -> Package:
    """Give a package back whose core members are all there and well-formed; raises InputFaults for any other."""
    hint = whereabouts(package.members) or "A solution package has its three core members in the zip's root."
    absent = [Fault(f"{name} is absent", hint=hint) for name in CORE_MEMBERS if name not in package.members]
    if faults := [*package.faults, *absent]:
        raise InputFaults(package.source, faults)
    return package


def _manifest(root: etree._Element, member: str) -> Manifest:
    manifest = root.find("SolutionManifest")
    if manifest is None:
        return Manifest()
    return Manifest(
        unique_name=text_of(manifest, "UniqueName"),
        names=_texts(manifest, "LocalizedNames/LocalizedName"),
        descriptions=_texts(manifest, "Descriptions/Description"),
        version=text_of(manifest, "Version"),
        managed=text_of(manifest, "Managed"),
        publisher=_publisher(manifest.find("Publisher")),
        language=root.get("languagecode", ""),
        root_components=tuple(
            _root_component(item, member) for item in manifest.iterfind("RootComponents/RootComponent")
        ),
        member=member,
    )


def _texts(parent: etree._Element, path: str) -> dict[int, str]:
    return {
        language: item.get("description", "")
        for item in parent.iterfind(path)
        if (language := number_in(item.get("languagecode", ""))) is not None
    }


def _publisher(element: etree._Element | None) -> Publisher | None:
    if element is None:
        return None
    return Publisher(
        unique_name=text_of(element, "UniqueName"),
        names=_texts(element, "LocalizedNames/LocalizedName"),
        prefix=text_of(element, "CustomizationPrefix"),
        option_value_prefix=number_in(text_of(element, "CustomizationOptionValuePrefix")) or 0,
        descriptions=_texts(element, "Descriptions/Description"),
        email=text_of(element, "EMailAddress"),
        website=text_of(element, "SupportingWebsiteUrl"),
        addresses=tuple(
            {str(field.tag): field.text.strip() for field in address if field.text and field.text.strip()}
            for address in element.iterfind("Addresses/Address")
        ),
    )


def _root_component(element: etree._Element, member: str) -> RootComponent:
    return RootComponent(
        type=element.get("type", ""),
        id=_guid(element.get("id", "")),
        schema_name=element.get("schemaName", ""),
        behavior=element.get("behavior", ""),
        line=line_of(element),
        member=member,
    )


def _role(element: etree._Element, member: str) -> PackagedRole:
    return PackagedRole(
        id=_guid(element.get("id", "")),
        name=element.get("name", ""),
        inherits=element.get("isinherited"),
        customizable=element.findtext("IsCustomizable"),
        auto_assigned=element.findtext("IsAutoAssigned"),
        description=element.findtext("Description") or "",
        grants=tuple(
            PackagedGrant(item.get("name", ""), item.get("level", ""), line_of(item))
            for item in element.iterfind("RolePrivileges/RolePrivilege")
        ),
        line=line_of(element),
        member=member,
    )


def _guid(text: str) -> str:
    return text.strip("{}").lower()


def _model(role: PackagedRole) -> Role:
    flags = {"0": False, "1": True}
    return Role(
        id=role.id,
        name=role.name,
        grants=tuple(Grant(grant.privilege, Depth.from_level(grant.level)) for grant in role.grants),
        inherits=flags.get(role.inherits or ""),
        customizable=flags.get(role.customizable or "", True),
        auto_assigned=flags.get(role.auto_assigned or ""),
        description=role.description,
    )
