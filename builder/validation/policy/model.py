"""A policy, and what else a package is judged under: the release before it, and the day."""

from dataclasses import dataclass
from datetime import date

from builder.model import AccessRight, Depth, Role, Version
from builder.package.reader import Package


@dataclass(frozen=True, slots=True)
class ForbiddenPrivileges:
    """Privileges that no role may hold, by lower-case name; `words` is what the policy calls them."""

    privileges: frozenset[str]
    words: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ForbiddenRights:
    """Rights on tables (by logical name; None: on any) that no role may hold; with `beyond`, none deeper than that."""

    rights: tuple[AccessRight, ...]
    tables: tuple[str, ...] | None
    beyond: Depth | None = None
    reason: str = ""

    def means(self, right: AccessRight | None, tables: tuple[str, ...]) -> bool:
        """Say whether a right on any of some tables is meant."""
        return right in self.rights and (self.tables is None or not set(self.tables).isdisjoint(tables))


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's word that a role (by name or id) may hold a privilege, up to a depth and up to and including a day."""

    role: str
    privileges: frozenset[str]
    depth: Depth
    by: str
    reason: str
    until: date

    def covers(self, role_id: str, role_name: str, privilege: str, depth: Depth | None) -> bool:
        """Say whether it is about a grant, whenever."""
        named = self.role.casefold() in (role_name.casefold(), role_id)
        return named and privilege.lower() in self.privileges and depth is not None and depth <= self.depth


@dataclass(frozen=True, slots=True)
class Policy:
    """What packages may never do. `max_depth` does not count for tables in `max_depth_except`."""

    name: str
    description: str = ""
    max_depth: Depth | None = None
    max_depth_except: tuple[str, ...] = ()
    forbidden_privileges: tuple[ForbiddenPrivileges, ...] = ()
    forbidden_rights: tuple[ForbiddenRights, ...] = ()
    required_roles: tuple[str, ...] = ()
    allowed_publishers: tuple[str, ...] = ()
    version_must_rise: bool = False
    no_widening: bool = False
    approvals: tuple[Approval, ...] = ()

    @property
    def compares(self) -> bool:
        """Whether it asks for a comparison with the release before."""
        return self.version_must_rise or self.no_widening


@dataclass(frozen=True, slots=True)
class Predecessor:
    """What counts of the release before: plain data, that may go to another process."""

    source: str
    unique_name: str
    version: Version
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a package is judged under. `previous` are releases before, of which the one of the same solution counts."""

    policy: Policy
    today: date
    previous: tuple[Predecessor, ...] = ()

    def predecessor(self, unique_name: str) -> Predecessor | None:
        """Give the release of a solution before this one; None where none is given."""
        wanted = unique_name.casefold()
        return next((each for each in self.previous if each.unique_name.casefold() == wanted), None)


def predecessor_of(package: Package) -> Predecessor:
    """Take a package for the release before; raises InputFaults where its version or a depth is none."""
    return Predecessor(package.source, package.manifest.unique_name, package.version, package.roles)
