"""Roles into a folder that SolutionPackager unpacked: their files, their root components, and not one byte more.

A role that the folder has already is found by its id, wherever its file lies, and changed in place: only what differs
is written. Its file gets another name only when the role does. A new role's file is what SolutionPackager would write,
with the line ends and the byte order mark of the folder's other role files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from builder.errors import Fault, InputFaults
from builder.files import write_all
from builder.model import Role
from builder.package.edit import ManifestChange, edit_manifest, edit_role_file
from builder.package.folder import CUSTOMIZATIONS_FILE, ROLES_FOLDER, SOLUTION_FILE, is_passed_over, open_folder
from builder.package.layout import FileStyle, role_files
from builder.package.packager.names import role_file_name as role_file_name
from builder.package.reader import ROLE_TYPE, Package
from builder.package.render import CUSTOMIZATIONS, SOLUTION
from builder.package.spans import Text
from builder.text import printable

_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class PlacedRole:
    """A role in the folder: `before` None where it is new there, `file` relative to the folder."""

    before: Role | None
    after: Role
    file: str


@dataclass(frozen=True, slots=True)
class Placement:
    """What is to be written into a folder: contents by relative path, None for a file that goes."""

    folder: Path
    files: Mapping[str, bytes | None]
    roles: tuple[PlacedRole, ...]

    def write(self) -> None:
        """Write all of it or nothing; raises UsageError where a place cannot be written."""
        write_all({self.folder / name: data for name, data in self.files.items()}, mode=None)


def place_roles(folder: Path, source: Package) -> Placement:
    """Work out how the roles of a package go into a folder; raises UnreadableInput, and InputFaults where they can't.

    Roles of the folder that the package does not have are left alone.
    """
    target = open_folder(folder)
    if target.faults:
        raise InputFaults(folder, target.faults)
    return _Placing(folder, target, source).placement()


class _Placing:
    def __init__(self, folder: Path, target: Package, source: Package) -> None:
        self._folder = folder
        self._target = target
        self._source = source
        self._files = {role.id: role.member for role in target.packaged_roles}
        self._before = {role.id: role for role in target.roles}
        self._faults: list[Fault] = []

    def placement(self) -> Placement:
        """Give the files that change."""
        self._refuse_inline()
        self._refuse_twins()
        names = {role.id: self._file_of(role) for role in self._source.roles}
        self._refuse_clashes(names)
        if self._faults:
            raise InputFaults(self._folder, self._faults)
        written = dict(self._core_changes())
        for index, role in enumerate(self._source.roles):
            file, data = names[role.id], self._content(index, role)
            if self._files.get(role.id) != file or (self._folder / file).read_bytes() != data:
                written[file] = data
        placed = [PlacedRole(self._before.get(role.id), role, names[role.id]) for role in self._source.roles]
        return Placement(self._folder, self._in_order(written, names), tuple(placed))

    # What stands in the way

    def _refuse_inline(self) -> None:
        tree = self._target.trees.get(CUSTOMIZATIONS)
        if tree is None:
            self._faults.append(Fault(f"{CUSTOMIZATIONS_FILE} is absent", CUSTOMIZATIONS_FILE))
            return
        inline = [role for role in self._target.packaged_roles if role.member == CUSTOMIZATIONS_FILE]
        for role in inline[:1]:
            hint = f"SolutionPackager would not read {ROLES_FOLDER} then. Move it to a file of its own."
            message = f'the role "{printable(role.name)}" stands in {CUSTOMIZATIONS_FILE} itself'
            self._faults.append(Fault(message, CUSTOMIZATIONS_FILE, role.line, hint))

    def _refuse_twins(self) -> None:
        seen: dict[str, str] = {}
        for role in self._target.packaged_roles:
            if role.id in seen:
                message = f"{printable(role.member)} holds the same role as {printable(seen[role.id])} (by its id)"
                self._faults.append(Fault(message, role.member, role.line, "Remove one of the two."))
            seen[role.id] = role.member

    def _refuse_clashes(self, names: Mapping[str, str]) -> None:
        """No two roles may have one file, not even where only letter case tells the names apart."""
        own = {**self._files, **names}
        holders: dict[str, str] = {}
        for role_id, file in own.items():
            holder = holders.setdefault(file.casefold(), role_id)
            if holder != role_id:
                hint = "Give one of the roles another name; or, if they are one role, the same id."
                self._faults.append(Fault(f"two roles would have the file {printable(file)}", file, 0, hint))
        folder = self._folder / ROLES_FOLDER
        there = {f"{ROLES_FOLDER}/{file.name}".casefold() for file in folder.iterdir()} if folder.is_dir() else set()
        strangers = there - {file.casefold() for file in self._files.values()}
        for file in names.values():
            if file.casefold() in strangers:
                message = f"{printable(file)} exists and is no role that SolutionPackager reads"
                self._faults.append(Fault(message, file, hint="Move it away."))

    def _file_of(self, role: Role) -> str:
        """Give the file of a role: where it is already, unless its name changes."""
        before = self._before.get(role.id)
        if before is not None and before.name == role.name:
            return self._files[role.id]
        name = role_file_name(role.name)
        if is_passed_over(name):
            hint = "SolutionPackager passes such files over for every package type, and loses the role. Rename it."
            message = f'the file of the role "{printable(role.name)}" would end in _managed'
            self._faults.append(Fault(message, str(self._source.source), hint=hint))
        if len(name.encode()) > _LONGEST_NAME:
            message = f'the name of the role "{printable(role.name)}" is too long for a file'
            self._faults.append(Fault(message, str(self._source.source)))
        return f"{ROLES_FOLDER}/{name}"

    # What is written

    def _content(self, index: int, role: Role) -> bytes:
        """Give a role's file: the folder's own, changed where it differs, or the one SolutionPackager would write."""
        before = self._before.get(role.id)
        likely = [file for file in self._files.values() if file.startswith(f"{ROLES_FOLDER}/")] or [SOLUTION_FILE]
        file = self._files.get(role.id, likely[0])
        old = (self._folder / file).read_bytes()
        if before is not None and _same_but_grants(before, role):
            return edit_role_file(file, old, role)
        return role_files(self._source.members[CUSTOMIZATIONS], FileStyle.of(old))[index]

    def _in_order(self, written: Mapping[str, bytes], names: Mapping[str, str]) -> dict[str, bytes | None]:
        """Add the files that roles have left: last, lest a role be lost; but first where only the case of a name
        changes, since both may be one file."""
        left = {self._files[role_id] for role_id, file in names.items() if self._files.get(role_id, file) != file}
        taken = {file.casefold() for file in written}
        gone = sorted(left - written.keys())
        first: dict[str, bytes | None] = {file: None for file in gone if file.casefold() in taken}
        return {**first, **written, **{file: None for file in gone if file not in first}}

    def _core_changes(self) -> Iterator[tuple[str, bytes]]:
        listed = {item.id for item in self._target.manifest.root_components if item.type == ROLE_TYPE}
        added = [role.id for role in self._source.roles if role.id not in listed]
        if added:
            change = ManifestChange(added_roles=added)
            yield SOLUTION_FILE, edit_manifest(self._target.members[SOLUTION], change, source=SOLUTION_FILE)
        tree = self._target.trees[CUSTOMIZATIONS]
        if tree.find("Roles") is None:
            yield CUSTOMIZATIONS_FILE, self._with_place_for_roles()

    def _with_place_for_roles(self) -> bytes:
        """Give Other/Customizations.xml an empty `<Roles />`, without which SolutionPackager reads no role files."""
        data = (self._folder / CUSTOMIZATIONS_FILE).read_bytes()
        text = Text(CUSTOMIZATIONS_FILE, data, ["ImportExportXml/Entities"])
        beside = text.root.all("Entities")
        if not beside:
            hint = "Add <Roles /> below its root element."
            raise InputFaults(
                self._folder, [Fault("neither <Roles> nor <Entities> is in it", CUSTOMIZATIONS_FILE, 1, hint)]
            )
        text.insert(beside[0], b"<Roles />", after=True)
        return text.result()


def _same_but_grants(one: Role, other: Role) -> bool:
    """Say whether two roles differ in name and grants at most. What one of them does not state is no difference: which
    of two marks a role carries depends on the server that exported it."""
    marks = ((one.inherits, other.inherits), (one.auto_assigned, other.auto_assigned))
    stated = all(mine == theirs or mine is None or theirs is None for mine, theirs in marks)
    return stated and (one.customizable, one.description) == (other.customizable, other.description)
