"""The files of a folder that SolutionPackager unpacked -> the members of the package, as Microsoft's tool packs them.

Where that one loses something in silence (`X_managed` roles, hidden folders that it takes for components, members that
solsmith keeps in Other/Members), solsmith keeps it or refuses; `exact` does as it does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from builder.errors import Fault, InputFaults, UnreadableInput
from builder.package.core import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.package.layout import FileStyle, is_declaration, write_document
from builder.package.limits import DEFAULT_LIMITS, Limits
from builder.package.packager.content_types import content_types
from builder.package.packager.culture import sort_key
from builder.package.packager.folder_files import FolderFiles
from builder.package.packager.kinds import (
    ENTITY_PARTS,
    KEEP_SPELLING,
    KEPT,
    KINDS,
    LEFT_OUT,
    RELATIONSHIPS,
    Content,
    Kind,
    Nested,
)
from builder.package.packager.manifest import Manifest, PackageType, read_manifest, set_package_type
from builder.package.packager.mapping import FileMap
from builder.package.packager.names import is_passed_over, place_of
from builder.package.packager.nodes import Document, Element, read_document
from builder.package.packager.root_components import Component, check_root_components, component_of
from builder.package.packager.unpacking import CUSTOMIZATIONS_FILE, RELATIONSHIPS_FILE, SOLUTION_FILE, check_path
from builder.text import printable

_SERVER_OPEN = frozenset({"Entities", "Roles", "Workflows", "FieldSecurityProfiles"})


_NO_MAP = FileMap()


@dataclass(frozen=True, slots=True)
class PackOptions:
    """How members are written: their line ends; `server`: as exports have the three core members, not as the packager
    does; `exact`: all as Microsoft's tool does; `mapped` names files to read in place of those of the folder."""

    newline: str = "\r\n"
    server: bool = False
    exact: bool = False
    mapped: FileMap = _NO_MAP

    @property
    def style(self) -> FileStyle:
        """The style of the two XML members."""
        marks = not self.server
        return FileStyle(self.newline, bom=marks, declaration=marks, keep_returns=not self.exact)


@dataclass(slots=True)
class PackedFolder:
    """The members in their order, what a person should know, and whether root components are not in the folder
    (`undefined`)."""

    manifest: Manifest
    members: dict[str, bytes]
    notes: list[Fault]
    undefined: bool


def read_folder_manifest(files: FolderFiles) -> tuple[Document, Manifest]:
    """Read Other/Solution.xml; raises UnreadableInput where it or Other/Customizations.xml is absent."""
    for name in (CUSTOMIZATIONS_FILE, SOLUTION_FILE):
        if not files.has(name):
            raise UnreadableInput(
                f"{files.path}: no folder that SolutionPackager unpacked ({name} is not in it)",
                "Name the folder that has Other in it.",
            )
    document = read_document(SOLUTION_FILE, files.read(SOLUTION_FILE))
    return document, read_manifest(SOLUTION_FILE, document, both=True)


def pack_members(
    files: FolderFiles, package_type: PackageType, options: PackOptions = PackOptions(), limits: Limits = DEFAULT_LIMITS
) -> PackedFolder:
    """Give the members of the package of a type (not BOTH); raises InputFaults with all that is wrong."""
    return _Packing(files, package_type, options, limits).packed()


def component_files(files: FolderFiles) -> set[str]:
    """Name the files of a folder that packing would read as components, the core included."""
    if not files.has(CUSTOMIZATIONS_FILE):
        return set()
    return _Packing(files, PackageType.UNMANAGED, PackOptions(exact=True), DEFAULT_LIMITS).used()


class _Packing:
    def __init__(self, files: FolderFiles, package_type: PackageType, options: PackOptions, limits: Limits) -> None:
        self._files = files
        self._managed = package_type is PackageType.MANAGED
        self._type = package_type
        self._options = options
        self._limits = limits
        self._contents: dict[str, bytes] = {}
        self._components: list[Component] = []
        self._claimed: set[str] = set()
        self._notes: list[Fault] = []
        self._faults: list[Fault] = []
        self._used = {CUSTOMIZATIONS_FILE, SOLUTION_FILE}
        self._apart: list[str] = []

    def packed(self) -> PackedFolder:
        """Assemble the members."""
        solution, manifest = read_folder_manifest(self._files)
        document = self._parse(CUSTOMIZATIONS_FILE)
        if document is None:
            raise InputFaults(self._files.path, self._faults)
        self._root = document.root
        if self._root.name != "ImportExportXml":
            message = f"the root element is <{printable(self._root.name)}>, not <ImportExportXml>"
            raise InputFaults(self._files.path, [Fault(message, CUSTOMIZATIONS_FILE, self._root.line)])
        for index, child in enumerate(self._root.children):
            if isinstance(child, Element):
                self._root.children[index] = self._filled(child)
        self._raise_faults()
        undefined = check_root_components(str(self._files.path), manifest.element, self._components)
        self._notes += undefined
        set_package_type(solution, self._type)
        if self._options.server:
            _as_server(self._root, manifest.element)
        members = {
            CUSTOMIZATIONS: write_document(Document(self._root, standalone=document.standalone), self._options.style),
            SOLUTION: write_document(solution, self._options.style),
            **self._contents,
        }
        self._add_unclaimed(members)
        self._raise_faults()
        members[CONTENT_TYPES] = content_types(members, server=self._options.server)
        return PackedFolder(manifest, members, self._notes, bool(undefined))

    def used(self) -> set[str]:
        """Name the files that components are read from, for either package type."""
        if (document := self._parse(CUSTOMIZATIONS_FILE)) is not None:
            self._root = document.root
            for child in self._root.elements:
                self._filled(child)
            for file in self._apart:
                self._parse(file)
        return self._used

    def _raise_faults(self) -> None:
        if self._faults:
            raise InputFaults(self._files.path, self._faults)

    # Components

    def _filled(self, element: Element) -> Element:
        """Load a child of ImportExportXml out of its files, if it is of a known kind and has no children."""
        kind = KINDS.get(element.name)
        if kind is None and element.name != RELATIONSHIPS:
            return element if element.children else _emptied(element)
        if element.elements:
            message = f"<{element.name}> has children: they are packed as they stand, and its files are not read"
            self._notes.append(Fault(message, CUSTOMIZATIONS_FILE, element.line))
            return element
        if kind is None:
            self._relationships(element)
        elif kind.whole:
            return self._whole(kind, element)
        else:
            self._claimed |= {folder.lower() for folder in kind.claims}
            for file in self._files_of(kind):
                if (part := self._part(file)) is not None:
                    self._component(kind, part, file)
                    element.children.append(part)
        return element if element.children else _emptied(element)

    def _files_of(self, kind: Kind) -> list[str]:
        pattern = kind.found
        folder = pattern.partition("/")[0]
        found = self._choose(folder, pattern, apart=kind.managed_apart)
        if kind.element == "Roles":
            found = self._role_files(found)
        return _by_name(found) if kind.by_name else found

    def _role_files(self, found: list[str]) -> list[str]:
        passed_over = [file for file in found if is_passed_over(file.rpartition("/")[2])]
        for file in passed_over if not self._options.exact else ():
            message = f"Microsoft's tool leaves {printable(file)} out of every package, for its name ends in _managed"
            self._faults.append(Fault(message, file, hint="Rename the file: its name means nothing else."))
        return [file for file in found if file not in passed_over]

    def _choose(self, folder: str, pattern: str, *, apart: bool) -> list[str]:
        """Find the files of a pattern; where package types have files of their own, those of this one.

        A managed package takes the plain files where no managed ones exist (measured). Where some do, Microsoft's tool
        takes those alone; here the plain ones fill in for what is missing.
        """
        files = self._files.below(folder)
        plain = [file for file in files if _matcher(pattern).fullmatch(file)]
        if not apart:
            return plain
        stem, dot, extension = pattern.rpartition(".")
        managed = [file for file in files if _matcher(f"{stem}_managed{dot}{extension}").fullmatch(file)]
        self._apart += plain + managed
        plain = [file for file in plain if file not in managed]
        if not self._managed:
            return plain
        if not managed or self._options.exact:
            return managed or plain
        filled = [file for file in plain if f"{file[:-4]}_managed.xml" not in managed]
        for file in filled:
            self._notes.append(Fault("the managed package takes this file: it has none of its own", file))
        return [file for file in files if file in managed or file in filled]

    def _parse(self, file: str) -> Document | None:
        try:
            document = read_document(file, self._files.read(file), self._limits)
        except InputFaults as error:
            self._faults += error.faults
            return None
        self._used.add(file)
        return document

    def _part(self, file: str) -> Element | None:
        """Read a component's file, and move its namespaces to the root."""
        document = self._parse(file)
        return self._hoisted(document.root) if document else None

    def _hoisted(self, part: Element) -> Element:
        for name, value in list(part.attributes.items()):
            if is_declaration(name) and name != "xmlns" and self._root.attributes.setdefault(name, value) == value:
                del part.attributes[name]
        return part

    def _component(self, kind: Kind, part: Element, file: str) -> None:
        try:
            component = component_of(kind, part, file)
            if component:
                self._components.append(component)
            if kind.element == "Entities":
                self._entity(part, file.rpartition("/")[0])
            for content in kind.contents:
                self._content(content, part, file)
        except InputFaults as error:
            self._faults += error.faults

    def _whole(self, kind: Kind, element: Element) -> Element:
        folder = kind.found.rpartition("/")[0]
        pattern = kind.found
        files = self._choose(folder, pattern, apart=kind.managed_apart)
        part = self._part(files[0]) if files else None
        return part if part is not None else (element if element.children else _emptied(element))

    def _relationships(self, element: Element) -> None:
        """Put the full relationships into the order of the list."""
        listed = self._parse(RELATIONSHIPS_FILE) if self._files.has(RELATIONSHIPS_FILE) else None
        full: dict[str, Element] = {}
        for file in self._files.below("Other/Relationships"):
            if (document := self._parse(file)) is not None:
                self._hoisted(document.root)
                full.update({item.attributes.get("Name", ""): item for item in document.root.elements})
        for child in listed.root.children if listed else ():
            element.children.append(self._full(child, full) if isinstance(child, Element) else child)
        if listed:
            self._hoisted(listed.root)
        for name, item in full.items():
            if not self._options.exact:
                message = f"the relationship {printable(name)} is not in the list, which gives the order: it goes last"
                self._notes.append(Fault(message, RELATIONSHIPS_FILE, item.line))
                element.children.append(item)

    def _full(self, listed: Element, full: dict[str, Element]) -> Element:
        """Take the full form of a listed relationship."""
        name = listed.attributes.get("Name", "")
        if name not in full:
            message = f"the relationship {printable(name)} is listed, and in no file of Other/Relationships"
            self._faults.append(Fault(message, RELATIONSHIPS_FILE, listed.line))
        return full.pop(name, listed)

    def _entity(self, entity: Element, folder: str) -> None:
        """Load the nested parts of a table."""
        nested = {part.element: part for part in ENTITY_PARTS}
        for index, child in enumerate(entity.children):
            if isinstance(child, Element) and child.name in nested and not child.elements:
                entity.children[index] = self._nested(nested[child.name], child, folder)

    def _nested(self, nested: Nested, element: Element, folder: str) -> Element:
        if not nested.item:
            file = f"{folder}/{nested.place}"
            part = self._part(file) if self._files.has(file) else None
            return part if part is not None else element
        place = nested.place.partition("/")[0]
        depth = nested.place.count("/") * "/*"
        pattern = f"{folder}/{place}{depth}.xml"
        found = self._choose(f"{folder}/{place}", pattern, apart="{managed}" in nested.place)
        groups: dict[str, Element] = {}
        for file in _by_name(found):
            if (root := self._part(file)) is None:
                continue
            if not nested.root:
                element.children.append(root)
                continue
            kind = PurePosixPath(file).parent.name if "group@" in nested.place else ""
            if kind not in groups:
                groups[kind] = Element(nested.root, {"type": kind} if kind else {})
                element.children.append(groups[kind])
            groups[kind].children += root.children
        return element

    # Members

    def _content(self, content: Content, part: Element, file: str) -> None:
        """Add the members that a component names."""
        named: list[tuple[str, str]] = []
        for element in part.walk() if content.anywhere else part.elements:
            member = element.inner_text.strip().replace("\\", "/").lstrip("/")
            if content.element == "*":
                if member.startswith(content.below):
                    named.append((member, content.place + member[len(content.below) :]))
            elif content.element == element.name and member:
                named.append((member, place_of(content.place, part) if content.place else member))
        if content.element == "*":
            named.sort(key=lambda pair: pair[1].upper())  # as the folder lists them (measured)
        for member, place in named:
            check_path(member, file)
            self._add_content(member, place, file)
            folder = place.rpartition("/")[0]
            for beside in self._files.below(folder) if content.whole_folder else ():
                if beside not in (place, file):
                    self._add_content(beside, beside, file)

    def _add_content(self, member: str, place: str, file: str) -> None:
        check_path(place, file)
        mapped = self._options.mapped.find(place)
        if mapped is None and not self._files.has(place):
            message = f"the file {printable(place)} is named and not in the folder"
            self._faults.append(Fault(message, file, hint="Put it there, or remove the component."))
            return
        if mapped is None:
            self._used.add(place)
        if member in self._contents or member in (CUSTOMIZATIONS, SOLUTION, CONTENT_TYPES):
            return
        self._contents[member] = self._files.read(place) if mapped is None else self._files.read_elsewhere(mapped)

    def _add_unclaimed(self, members: dict[str, bytes]) -> None:
        """Add the folders that no component claims, and the members that unpacking kept apart."""
        for top in self._files.top_folders:
            if top.lower() in self._claimed or top.lower() in LEFT_OUT:
                continue
            if top.startswith(".") and not self._options.exact:
                self._notes.append(Fault(f"the folder {printable(top)} is not packed: its name begins with a dot", top))
                continue
            for file in self._files.below(top):
                members.setdefault(file, self._files.read(file))
        if not self._options.exact:
            for file in self._files.below(KEPT):
                self._used.add(file)
                name = file[len(KEPT) + 1 :]
                if name.lower() in (CUSTOMIZATIONS, SOLUTION, CONTENT_TYPES.lower()):
                    self._faults.append(Fault("a core member cannot be kept here", file, hint="Remove it."))
                members.setdefault(name, self._files.read(file))


def _emptied(element: Element) -> Element:
    """Spell an element that stays empty as packing does (measured)."""
    if element.name not in KEEP_SPELLING:
        element.self_closed = True
    return element


def _by_name(files: list[str]) -> list[str]:
    return sorted(files, key=lambda file: sort_key(file.rpartition("/")[2]))


@cache
def _matcher(pattern: str) -> re.Pattern[str]:
    """Compile a pattern: `*` within one name, `**` over folders."""
    parts = (".+" if part == "**" else "[^/]+" if part == "*" else re.escape(part) for part in _split(pattern))
    return re.compile("".join(parts), re.DOTALL)


def _split(pattern: str) -> Iterator[str]:
    yield from re.split(r"(\*\*|\*)", pattern)


def _as_server(root: Element, manifest: Element) -> None:
    """Spell empty containers, and sort root components, as exports do (measured): by the number of their type."""
    for child in root.elements:
        if child.name in _SERVER_OPEN and not child.children:
            child.self_closed = False
    if (roots := manifest.find("RootComponents")) is not None:
        roots.children.sort(
            key=lambda item: _number(item.attributes.get("type", "")) if isinstance(item, Element) else 0
        )


def _number(text: str) -> int:
    return int(text) if text.strip().isdecimal() else 0
