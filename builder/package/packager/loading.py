"""The children of ImportExportXml, filled from the files of a folder by the table of kinds."""

from builder.errors import Fault, InputFaults
from builder.package.core import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.package.packager.kinds import KEEP_SPELLING, KINDS, RELATIONSHIPS, Content, Kind
from builder.package.packager.names import is_passed_over, place_of
from builder.package.packager.nodes import Element
from builder.package.packager.parts import PartFiles, by_name
from builder.package.packager.root_components import Component, component_of
from builder.package.packager.tables import fill_relationships, fill_table, fill_template
from builder.package.packager.tree import CUSTOMIZATIONS_FILE, check_path
from builder.text import printable


class Loading:
    """Fills elements. `contents` are the members that components name, in the order in which they go into the zip;
    `components` what was loaded; `claimed` the top folders (in lower case) of the kinds that are there."""

    def __init__(self, parts: PartFiles) -> None:
        self.parts = parts
        self.contents: dict[str, bytes] = {}
        self.components: list[Component] = []
        self.claimed: set[str] = set()

    def fill(self, element: Element) -> Element:
        """Load a child of ImportExportXml out of its files, if it is of a known kind and has no children."""
        kind = KINDS.get(element.name)
        if kind is None and element.name != RELATIONSHIPS:
            return element if element.children else _emptied(element)
        if element.elements:
            message = f"<{element.name}> has children: they are packed as they stand, and its files are not read"
            self.parts.notes.append(Fault(message, CUSTOMIZATIONS_FILE, element.line))
            return element
        if kind is None:
            fill_relationships(self.parts, element)
            return element if element.children else _emptied(element)
        self.claimed |= {folder.lower() for folder in kind.claims}
        if kind.whole:
            return self._whole(kind, element)
        for file in self._files_of(kind):
            if (part := self.parts.part(file)) is not None:
                self._component(kind, part, file)
                element.children.append(part)
        return element if element.children else _emptied(element)

    def _files_of(self, kind: Kind) -> list[str]:
        pattern = kind.found
        folder = pattern.partition("/")[0]
        found = self.parts.choose(folder, pattern, apart=kind.managed_apart)
        if kind.element == "Roles":
            found = self._role_files(found)
        return by_name(found) if kind.by_name else found

    def _role_files(self, found: list[str]) -> list[str]:
        passed_over = [file for file in found if is_passed_over(file.rpartition("/")[2])]
        for file in passed_over if not self.parts.options.exact else ():
            message = f"Microsoft's tool leaves {printable(file)} out of every package, for its name ends in _managed"
            self.parts.faults.append(Fault(message, file, hint="Rename the file: its name means nothing else."))
        return [file for file in found if file not in passed_over]

    def _component(self, kind: Kind, part: Element, file: str) -> None:
        try:
            component = component_of(kind, part, file)
            if component:
                self.components.append(component)
            if kind.element == "Entities":
                fill_table(self.parts, part, file.rpartition("/")[0])
            if kind.element == "Templates":
                fill_template(self.parts, part)
            for content in kind.contents:
                self._content(content, part, file)
        except InputFaults as error:
            self.parts.faults += error.faults

    def _whole(self, kind: Kind, element: Element) -> Element:
        folder = kind.found.rpartition("/")[0]
        pattern = kind.found
        files = self.parts.choose(folder, pattern, apart=kind.managed_apart)
        part = self.parts.part(files[0]) if files else None
        return part if part is not None else (element if element.children else _emptied(element))

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
            for beside in self.parts.files.below(folder) if content.whole_folder else ():
                if beside not in (place, file):
                    self._add_content(beside, beside, file)

    def _add_content(self, member: str, place: str, file: str) -> None:
        check_path(place, file)
        mapped = self.parts.options.mapped.find(place)
        if mapped is None and not self.parts.files.has(place):
            message = f"the file {printable(place)} is named and not in the folder"
            self.parts.faults.append(Fault(message, file, hint="Put it there, or remove the component."))
            return
        if mapped is None:
            self.parts.used.add(place)
        if member in self.contents or member in (CUSTOMIZATIONS, SOLUTION, CONTENT_TYPES):
            return
        self.contents[member] = (
            self.parts.files.read(place) if mapped is None else self.parts.files.read_elsewhere(mapped)
        )


def _emptied(element: Element) -> Element:
    """Spell an element that stays empty as packing does (measured)."""
    if element.name not in KEEP_SPELLING:
        element.self_closed = True
    return element
