"""The files of a folder that SolutionPackager unpacked -> the members of the package, as Microsoft's tool packs them.

Where that one loses something in silence (`X_managed` roles, hidden folders that it takes for components, members that
solsmith keeps in Other/Members), solsmith keeps it or refuses; `exact` does as it does.
"""

from dataclasses import dataclass

from builder.errors import Fault, InputFaults, UnreadableInput
from builder.package.core import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.package.layout import write_document
from builder.package.limits import DEFAULT_LIMITS, Limits
from builder.package.packager.content_types import content_types
from builder.package.packager.folder_files import FolderFiles
from builder.package.packager.kinds import KEPT, LEFT_OUT
from builder.package.packager.loading import Loading
from builder.package.packager.manifest import Manifest, PackageType, read_manifest, set_package_type
from builder.package.packager.nodes import Document, Element, read_document
from builder.package.packager.parts import PackOptions as PackOptions
from builder.package.packager.parts import PartFiles
from builder.package.packager.root_components import check_root_components
from builder.package.packager.tree import CUSTOMIZATIONS_FILE, SOLUTION_FILE
from builder.text import number_in, printable

_DEFAULT = PackOptions()
_SERVER_OPEN = frozenset({"Entities", "Roles", "Workflows", "FieldSecurityProfiles"})


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
    files: FolderFiles, package_type: PackageType, options: PackOptions = _DEFAULT, limits: Limits = DEFAULT_LIMITS
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
        self._type = package_type
        self._options = options
        self._parts = PartFiles(files, options, limits, managed=package_type is PackageType.MANAGED)
        self._loading = Loading(self._parts)

    def packed(self) -> PackedFolder:
        """Assemble the members."""
        solution, manifest = read_folder_manifest(self._files)
        document = self._filled()
        self._parts.raise_faults()
        undefined = check_root_components(str(self._files.path), manifest.element, self._loading.components)
        set_package_type(solution, self._type)
        if self._options.server:
            _as_server(document.root, manifest.element)
        members = {
            CUSTOMIZATIONS: write_document(document, self._options.style),
            SOLUTION: write_document(solution, self._options.style),
            **self._loading.contents,
        }
        self._add_unclaimed(members)
        self._parts.raise_faults()
        members[CONTENT_TYPES] = content_types(members, server=self._options.server)
        return PackedFolder(manifest, members, [*self._parts.notes, *undefined], bool(undefined))

    def used(self) -> set[str]:
        """Name the files that components are read from, for either package type."""
        try:
            self._filled()
        except InputFaults:
            return self._parts.used
        for file in self._parts.apart:
            self._parts.parse(file)
        return self._parts.used

    def _filled(self) -> Document:
        """Give customizations.xml with all that the files hold."""
        document = self._parts.parse(CUSTOMIZATIONS_FILE)
        if document is None:
            raise InputFaults(self._files.path, self._parts.faults)
        root = document.root
        if root.name != "ImportExportXml":
            message = f"the root element is <{printable(root.name)}>, not <ImportExportXml>"
            raise InputFaults(self._files.path, [Fault(message, CUSTOMIZATIONS_FILE, root.line)])
        self._parts.namespaces = root.attributes
        for index, child in enumerate(root.children):
            if isinstance(child, Element):
                root.children[index] = self._loading.fill(child)
        return Document(root, standalone=document.standalone)

    def _add_unclaimed(self, members: dict[str, bytes]) -> None:
        """Add the folders that no component claims, and the members that unpacking kept apart."""
        for top in self._files.top_folders:
            if top.lower() in self._loading.claimed or top.lower() in LEFT_OUT:
                continue
            if top.startswith(".") and not self._options.exact:
                self._parts.notes.append(
                    Fault(f"the folder {printable(top)} is not packed: its name begins with a dot", top)
                )
                continue
            for file in self._files.below(top):
                members.setdefault(file, self._files.read(file))
        if not self._options.exact:
            for file in self._files.below(KEPT):
                self._parts.used.add(file)
                name = file[len(KEPT) + 1 :]
                if name.lower() in (CUSTOMIZATIONS, SOLUTION, CONTENT_TYPES.lower()):
                    self._parts.faults.append(Fault("a core member cannot be kept here", file, hint="Remove it."))
                members.setdefault(name, self._files.read(file))


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
    return number_in(text) or 0
