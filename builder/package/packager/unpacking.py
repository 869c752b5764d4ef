"""Members of a package -> the files of a folder, as SolutionPackager lays them out.

What Microsoft's tool loses in silence is kept: roles whose files would clash or be passed over get a name of their
own, and members that it does not copy go to Other/Members, which it leaves out and solsmith packs again. `exact`
does as it does.
"""

from collections.abc import Mapping

from builder.errors import Fault, InputFaults
from builder.package.core import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.package.layout import with_namespaces, write_document
from builder.package.packager.content_types import DeclaredTypes
from builder.package.packager.culture import sort_key
from builder.package.packager.kinds import ENTITY_PARTS, KEPT, KINDS, LEFT_OUT, RELATIONSHIPS, Content, Kind, Nested
from builder.package.packager.manifest import PackageType, read_manifest, sort_manifest
from builder.package.packager.names import kept_role_file_name, place_of, portable, role_file_name
from builder.package.packager.nodes import Document, Element, Markup, read_document
from builder.package.packager.tree import (
    CUSTOMIZATIONS_FILE,
    RELATIONSHIPS_FILE,
    SOLUTION_FILE,
    UnpackedFile,
    UnpackedTree,
    UnpackOptions,
    check_path,
)
from builder.text import printable

_DEFAULT = UnpackOptions()
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def unpack_members(source: str, members: Mapping[str, bytes], options: UnpackOptions = _DEFAULT) -> UnpackedTree:
    """Give the files of one package; raises InputFaults where it is no solution, or a name would leave the folder."""
    return _Unpacking(source, members, options).tree()


class _Unpacking:
    def __init__(self, source: str, members: Mapping[str, bytes], options: UnpackOptions) -> None:
        self._source = source
        self._members = members
        self._options = options
        self._core = self._core_members()
        types = DeclaredTypes(members[self._core[CONTENT_TYPES]])
        self._untyped = {name for name in members if name not in types and name not in self._core.values()}
        self._by_lower = {name.lower(): name for name in members if not (options.exact and name in self._untyped)}
        self._used = set(self._core.values())
        self._taken: dict[str, str] = {}
        solution = read_document(SOLUTION, members[self._core[SOLUTION]])
        self._tree = UnpackedTree(read_manifest(SOLUTION, solution), solution)
        self._is_managed = self._tree.manifest.package_type is PackageType.MANAGED

    def _core_members(self) -> dict[str, str]:
        """Find the three core members, in whatever case."""
        by_lower = {name.lower(): name for name in self._members}
        found = {name: by_lower.get(name.lower(), "") for name in (CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION)}
        if absent := [Fault(f"{name} is absent", name) for name, actual in found.items() if not actual]:
            raise InputFaults(self._source, absent)
        return found

    def tree(self) -> UnpackedTree:
        """Give all files."""
        document = read_document(CUSTOMIZATIONS, self._members[self._core[CUSTOMIZATIONS]])
        self._root = document.root
        if self._root.name != "ImportExportXml":
            message = f"the root element is <{printable(self._root.name)}>, not <ImportExportXml>"
            raise InputFaults(self._source, [Fault(message, CUSTOMIZATIONS, self._root.line)])
        emptied = self._root.copy([self._taken_out(child) for child in self._root.elements])
        core = Document(emptied, standalone=document.standalone)
        self._write(CUSTOMIZATIONS_FILE, core)
        lost = sort_manifest(self._tree.manifest.element)
        if lost and not self._options.exact:
            self._note(
                f"RootComponents or MissingDependencies hold what no tool keeps: {', '.join(lost[:3])}", SOLUTION
            )
        self._write(SOLUTION_FILE, self._tree.solution)
        self._copy_others()
        return self._tree

    # Components

    def _taken_out(self, element: Element) -> Element:
        """Write the files of a child of ImportExportXml, and give what stays of it."""
        if element.name == RELATIONSHIPS:
            self._relationships(element)
        elif (kind := KINDS.get(element.name)) is None:
            return element
        elif kind.whole:
            if element.elements:
                self._part(kind, element, place_of(kind.place, element, managed=self._suffix))
        else:
            for part in element.elements:
                self._component(kind, part)
        rest = Element(element.name, {} if self._options.exact else element.attributes, element.line)
        rest.self_closed = True
        return rest

    @property
    def _suffix(self) -> str:
        return "_managed" if self._is_managed else ""

    def _component(self, kind: Kind, part: Element) -> None:
        if kind.needs_file and not any(part.find(content.element) for content in kind.contents):
            if self._options.exact:
                return None
            self._note(
                f"a child of <{kind.element}> names no file; Microsoft's tool loses it", CUSTOMIZATIONS, part.line
            )
        if kind.element == "Roles":
            return self._role(kind, part)
        place = kind.place
        try:
            path = place_of(place, part, managed=self._suffix)
        except InputFaults:
            if not kind.otherwise:
                raise
            path = place_of(kind.otherwise, part)
        if kind.element == "Entities":
            part = self._entity(part, path.rpartition("/")[0])
        elif kind.element == "AppModules":
            _sort_app_module(part)
        self._part(kind, part, path)
        for content in kind.contents:
            self._content(kind, content, part)
        return None

    def _role(self, kind: Kind, role: Element) -> None:
        name = role.attributes.get("name", "")
        if self._options.exact:
            path = (
                f"Roles/{role_file_name(name or role.attributes.get('id', ''))}"
                if name or "name" not in (role.attributes)
                else "Roles.xml"
            )
            return self._part(kind, role, path)
        file = kept_role_file_name(role, lambda file: f"roles/{file.casefold()}" in self._taken)
        if file != role_file_name(name):
            self._note(f'the role "{printable(name)}" goes to Roles/{printable(file)}, lest it be lost', "", role.line)
        return self._part(kind, role, f"Roles/{file}")

    def _part(self, kind: Kind, part: Element, path: str) -> None:
        root = with_namespaces(part, self._root) if kind.namespaces else part
        self._write(path, Document(root), kind.element, managed_form=kind.managed_apart)

    def _entity(self, entity: Element, folder: str) -> Element:
        """Write the nested parts of a table, and give what stays of it."""
        nested = {part.element: part for part in ENTITY_PARTS}
        children = [
            self._nested(nested[child.name], child, folder)
            if isinstance(child, Element) and child.name in nested
            else child
            for child in entity.children
        ]
        return entity.copy(children)

    def _nested(self, nested: Nested, element: Element, folder: str) -> Element:
        parts: list[tuple[Element | None, Element]] = [(None, element)]
        if nested.item:
            groups = [group for group in element.elements if group.name == nested.group] if nested.group else [element]
            parts = [(group, part) for group in groups for part in group.elements if part.name == nested.item]
        for group, part in parts:
            path = f"{folder}/{place_of(nested.place, part, managed=self._suffix, group=group)}"
            root = with_namespaces(part, self._root)
            if nested.root:
                root = _under(nested.root, [part])
            self._write(path, Document(root), "Entities", managed_form="{managed}" in nested.place)
        rest = Element(element.name, {} if self._options.exact else element.attributes, element.line)
        rest.self_closed = True
        return rest

    def _relationships(self, element: Element) -> None:
        """Write the list of relationships, and the full ones by the table that they refer to."""
        if not element.elements:
            return
        listed = [child.copy([]) if isinstance(child, Element) else child for child in element.children]
        for item in listed:
            if isinstance(item, Element):
                item.self_closed = True
        by_table: dict[str, list[Element]] = {}
        for item in element.elements:
            table = portable(item.text("ReferencedEntityName") or item.text("FirstEntityName"))
            by_table.setdefault(table, []).append(item)
        self._write(RELATIONSHIPS_FILE, Document(_under(RELATIONSHIPS, listed)), RELATIONSHIPS)
        for table, items in by_table.items():
            self._write(f"Other/Relationships/{table}.xml", Document(_under(RELATIONSHIPS, items)), RELATIONSHIPS)

    # Members

    def _content(self, kind: Kind, content: Content, part: Element) -> None:
        """Copy the members that a component names."""
        for element in part.walk() if content.anywhere else part.elements:
            if content.element not in (element.name, "*"):
                continue
            named = element.inner_text.strip().replace("\\", "/").lstrip("/")
            if content.element == "*" and not named.startswith(content.below):
                continue
            if (member := self._by_lower.get(named.lower())) is None:
                if named:
                    self._note(
                        f"the file {printable(named)} is named and not in the package", CUSTOMIZATIONS, element.line
                    )
                continue
            if content.element == "*":
                path = content.place + member[len(content.below) :]
            else:
                path = place_of(content.place, part) if content.place else named
            self._copy(member, path, kind.element)
            if content.whole_folder:
                folder = member.rpartition("/")[0] + "/"
                for name in [name for name in self._by_lower.values() if name.startswith(folder) and name != member]:
                    self._copy(name, name, kind.element)

    def _copy_others(self) -> None:
        """Copy the members that no component names, out of the folders that none claims."""
        present = {element.name for element in self._root.elements}
        claimed = {"other"} | {
            folder.lower() for kind in KINDS.values() if kind.element in present for folder in kind.claims
        }
        for name in self._members:
            if name in self._used:
                continue
            top, slash, _ = name.replace("\\", "/").partition("/")
            if slash and top.lower() not in claimed and name not in self._untyped and not self._is_left_out(top):
                self._copy(name, name)
            elif not self._options.exact:
                self._copy(name, f"{KEPT}/{name}")

    def _is_left_out(self, top: str) -> bool:
        """Say whether packing would leave a folder out; Microsoft's tool unpacks it nevertheless."""
        return not self._options.exact and (top.lower() in LEFT_OUT or top.startswith("."))

    def _copy(self, member: str, path: str, kind: str = "") -> None:
        self._used.add(member)
        self._put(path.replace("\\", "/"), UnpackedFile(self._members[member], kind))

    # Files

    def _write(self, path: str, document: Document, kind: str = "", *, managed_form: bool = False) -> None:
        data = write_document(document, self._options.style)
        self._put(path, UnpackedFile(data, kind, is_xml=True, managed_form=managed_form))

    def _put(self, path: str, file: UnpackedFile) -> None:
        check_path(path, self._source)
        path_there = self._taken.setdefault(path.casefold(), path)
        there = self._tree.files.get(path_there)
        if there is not None and there.data != file.data and not self._options.exact:
            message = f"two components would have the file {printable(path)}, and one would be lost"
            raise InputFaults(self._source, [Fault(message, CUSTOMIZATIONS, hint="Rename one of them.")])
        self._tree.files[path_there] = file

    def _note(self, message: str, where: str = "", line: int = 0) -> None:
        self._tree.notes.append(Fault(message, where, line))


def _under(name: str, children: "list[Element] | list[Element | Markup | str]") -> Element:
    """Put elements under a new root, which declares xsi."""
    root = Element(name, {"xmlns:xsi": _XSI})
    root.children = list(children)
    return root


def _sort_app_module(module: Element) -> None:
    for components in module.elements:
        if components.name == "AppModuleComponents":
            components.children.sort(
                key=lambda item: tuple(
                    sort_key(item.attributes.get(name, "") if isinstance(item, Element) else "")
                    for name in ("type", "schemaName")
                )
            )
