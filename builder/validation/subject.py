"""What a rule looks at: a package, and the views of it that many rules share."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lxml import etree

from builder.catalogue import Catalogue, Privilege
from builder.model import ALL_RIGHTS, AccessRight, Depth, split_privilege
from builder.package.archive import pieces_of
from builder.package.reader import Package, PackagedGrant, PackagedRole
from builder.package.render import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.package.xml import line_of
from builder.text import printable
from builder.validation.parts import ContentTypes, content_types
from builder.validation.policy.model import Conditions
from builder.validation.privileges import Guesses
from builder.validation.report import Problem
from builder.validation.tables import PackagedTable, packaged_tables
from builder.validation.unpacked import Unpacked, read_unpacked


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A `<RolePrivilege>`: `known` is what the catalogue knows of it, `table` the package's own table it is for.

    `right` and `base` are the two parts of a name such as prvReadAccount; None and "" where it has no such form.
    """

    name: str
    level: str
    line: int
    index: int
    known: Privilege | None
    right: AccessRight | None
    base: str
    table: PackagedTable | None

    @property
    def key(self) -> str:
        """What identifies the privilege."""
        return self.name.lower()

    @property
    def depth(self) -> Depth | None:
        """The depth; None where the level is none (which the schema says)."""
        try:
            return Depth.from_level(self.level)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A `<Role>`: where it stands, what it says, and its grants with what is known of each."""

    element: etree._Element
    member: str
    packaged: PackagedRole
    grants: tuple[HeldGrant, ...]

    @property
    def name(self) -> str:
        """The role's name as it is written."""
        return self.packaged.name

    def problem(self, message: str, *, hint: str = "", mark: str = "") -> Problem:
        """Say something of the role."""
        return Problem(
            f'role "{printable(self.name)}": {message}',
            self.member,
            self.packaged.line,
            _path(self.element),
            hint,
            self.name,
            mark=mark or self.name,
        )

    def problem_of(self, grant: HeldGrant, message: str, *, hint: str = "", mark: str = "") -> Problem:
        """Say something of one of the role's grants."""
        return Problem(
            f'role "{printable(self.name)}": {message}',
            self.member,
            grant.line,
            f"{_path(self.element)}/RolePrivileges/RolePrivilege[{grant.index}]",
            hint,
            self.name,
            grant.name,
            mark or grant.name,
        )

    def rights(self) -> dict[str, dict[AccessRight, HeldGrant]]:
        """The grants on tables, by the lower-case table part of their names and by right."""
        found: dict[str, dict[AccessRight, HeldGrant]] = {}
        for grant in self.grants:
            if grant.right is not None:
                found.setdefault(grant.base.lower(), {})[grant.right] = grant
        return found


@dataclass(frozen=True)
class Subject:
    """A package, and what to judge it by: the catalogue and, where asked for, a policy."""

    package: Package
    catalogue: Catalogue
    conditions: Conditions | None = None

    @cached_property
    def solution(self) -> etree._Element | None:
        """The root of solution.xml, None where it cannot be read."""
        return self.package.trees.get(SOLUTION)

    @cached_property
    def customizations(self) -> etree._Element | None:
        """The root of customizations.xml, None where it cannot be read."""
        return self.package.trees.get(CUSTOMIZATIONS)

    @cached_property
    def content_types(self) -> ContentTypes | None:
        """What [Content_Types].xml declares, None where it cannot be read."""
        root = self.package.trees.get(CONTENT_TYPES)
        return content_types(root) if root is not None else None

    @cached_property
    def roles(self) -> tuple[HeldRole, ...]:
        """The package's roles."""
        if self.customizations is None:
            return ()
        elements = self.customizations.iterfind("Roles/Role")
        return tuple(
            HeldRole(element, packaged.member, packaged, tuple(self._grants(packaged)))
            for element, packaged in zip(elements, self.package.packaged_roles, strict=True)
        )

    @cached_property
    def tables(self) -> Mapping[str, PackagedTable]:
        """The tables that the package holds, by their schema name in lower case."""
        return packaged_tables(self.components("Entities/Entity") or ())

    @cached_property
    def unpacked(self) -> Unpacked:
        """What an unpacked folder holds in further files; nothing for a zip."""
        return read_unpacked(Path(self.package.source)) if self.package.unpacked else Unpacked()

    def components(self, path: str) -> list[etree._Element] | None:
        """Give the components at a path below the root of customizations.xml; None where they are not to be seen.

        In an unpacked folder they lie in files of their own, and are seen where there is a place for them.
        """
        inline = list(self.customizations.iterfind(path)) if self.customizations is not None else []
        if not self.package.unpacked:
            return inline
        apart = self.unpacked.elements.get(path)
        return None if apart is None and not inline else [*inline, *(apart or ())]

    @cached_property
    def guesses(self) -> Guesses:
        """What names that nobody knows may mean."""
        return Guesses(self.catalogue, self.tables)

    def knows_table(self, base: str) -> bool:
        """Say whether the catalogue has any privilege with this table part."""
        return any(self.catalogue.privilege(f"prv{right.token}{base}") for right in ALL_RIGHTS)

    def read(self, member: str) -> Iterable[bytes | memoryview] | None:
        """Give a member, or a file of an unpacked folder, in pieces; None where there is none."""
        if not self.package.unpacked:
            return pieces_of(self.package.members, member)() if member in self.package.members else None
        try:
            return ((Path(self.package.source) / member).read_bytes(),)
        except OSError:
            return None

    def problem(self, element: etree._Element, message: str, *, hint: str = "", mark: str = "") -> Problem:
        """Say something of an element of solution.xml, customizations.xml or a component's own file."""
        above = (element, *element.iterancestors())
        apart = (self.unpacked.files[item] for item in above if item in self.unpacked.files)
        member = self.package.member_of(element) or next(apart, "")
        return Problem(message, member, line_of(element), _path(element), hint, mark=mark)

    def _grants(self, role: PackagedRole) -> Iterator[HeldGrant]:
        for index, grant in enumerate(role.grants, start=1):
            yield self._grant(index, grant)

    def _grant(self, index: int, grant: PackagedGrant) -> HeldGrant:
        known = self.catalogue.privilege(grant.privilege)
        right, base = parse_name(known.name if known else grant.privilege)
        table = self.tables.get(base.lower()) if right else None
        return HeldGrant(grant.privilege, grant.level, grant.line, index, known, right, base, table)


def parse_name(privilege: str) -> tuple[AccessRight | None, str]:
    """Split a name such as prvAppendToAccount into right and table part; None and "" where it has no such form."""
    return split_privilege(privilege) or (None, "")


def _path(element: etree._Element) -> str:
    return element.getroottree().getpath(element)
