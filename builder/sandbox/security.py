"""Who may do what: pure rules, no rows and no HTTP (rules and answers: Microsoft's documentation, recorded 403s).

Two checks, in this order: the privilege on the table at any depth, then whether it reaches the row, or the row is
shared. Roles unite, one's own and those of one's teams; each is measured where it was given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from builder.catalogue import Privilege
from builder.model import AccessRight, Depth
from builder.sandbox.faults import WebApiFault
from builder.sandbox.privileges import Privileges
from builder.sandbox.schema import Table

ACCESS_WORDS = {right: f"{right.token}Access" for right in AccessRight}
_KINDS = {"user": 8, "team": 9}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: its owner (None for a table without owners) and its business unit."""

    owner_id: str | None
    unit_id: str | None


class UnitTree:
    """The business units, child to parent."""

    def __init__(self, parents: Mapping[str, str | None]) -> None:
        self._parents = parents

    def within(self, unit: str | None, ancestor: str) -> bool:
        """Whether a unit is `ancestor` or stands below it."""
        while unit is not None and unit != ancestor:
            unit = self._parents.get(unit)
        return unit is not None

    def below(self, ancestor: str) -> frozenset[str]:
        """A unit and all below it."""
        return frozenset(unit for unit in self._parents if self.within(unit, ancestor)) | {ancestor}


@dataclass(frozen=True, slots=True)
class Holding:
    """A role as somebody holds it: `unit_id` is where Local and Deep are measured, `owners` whose rows Basic covers."""

    grants: Mapping[str, Depth]
    unit_id: str
    owners: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reach:
    """The rows a privilege covers for somebody: `everywhere`, or those of these owners and in these units."""

    depth: Depth
    owners: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()

    @property
    def everywhere(self) -> bool:
        """Whether it covers all rows."""
        return self.depth is Depth.GLOBAL

    def covers(self, place: Place) -> bool:
        """Whether it covers a row at this place. A wider depth covers one's own rows too, wherever they stand."""
        return self.everywhere or place.owner_id in self.owners or place.unit_id in self.units


@dataclass(frozen=True)
class Principal:
    """A user (or team) and what it holds. `identities` are its own id and those of its teams: whose shares are its own.

    `behind` is the user who impersonates this one: both must be allowed what is asked.
    """

    user_id: str
    unit_id: str
    holdings: tuple[Holding, ...]
    tree: UnitTree
    identities: frozenset[str]
    role_count: int
    access_mode: int = 4
    kind: str = "user"
    behind: "Principal | None" = None
    _reaches: dict[str, Reach | None] = field(default_factory=dict, compare=False)

    @cached_property
    def held(self) -> Mapping[str, Depth]:
        """Privilege id to the widest depth of all roles."""
        return united(holding.grants for holding in self.holdings)

    def reach(self, privilege_id: str) -> Reach | None:
        """What a privilege covers; None where it is not held."""
        if privilege_id not in self._reaches:
            self._reaches[privilege_id] = self._measure(privilege_id)
        return self._reaches[privilege_id]

    def _measure(self, privilege_id: str) -> Reach | None:
        found = [(holding, holding.grants[privilege_id]) for holding in self.holdings if privilege_id in holding.grants]
        if not found:
            return None
        owners: frozenset[str] = frozenset()
        units: frozenset[str] = frozenset()
        for holding, depth in found:
            owners |= holding.owners
            if depth is Depth.LOCAL:
                units |= {holding.unit_id}
            elif depth is Depth.DEEP:
                units |= self.tree.below(holding.unit_id)
        return Reach(max(depth for _, depth in found), owners, units)


def united(grants: Iterable[Mapping[str, Depth]]) -> Mapping[str, Depth]:
    """Roles together: each privilege at its widest depth."""
    all_grants = list(grants)
    if len(all_grants) == 1:
        return all_grants[0]
    together: dict[str, Depth] = {}
    for each in all_grants:
        for privilege_id, depth in each.items():
            together[privilege_id] = max(depth, together.get(privilege_id, depth))
    return together


@dataclass(frozen=True, slots=True)
class Warrant:
    """A right on a table that was asked for and is held: by the caller, and by who impersonates it, each so far."""

    right: AccessRight
    parts: tuple[tuple[Principal, Reach], ...]

    @property
    def everywhere(self) -> bool:
        """Whether it holds for all rows."""
        return all(reach.everywhere for _, reach in self.parts)


class Guard:
    """Asks for privileges, and says which one is missing."""

    def __init__(self, privileges: Privileges) -> None:
        self._privileges = privileges

    def holds(self, principal: Principal, privilege: Privilege) -> Depth | None:
        """The depth at which the principal holds a privilege."""
        return principal.held.get(self._privileges.id(privilege))

    def demand_named(self, principal: Principal, name: str) -> None:
        """Ask for a privilege that is not about a table's rows; raises 0x80040220 (text recorded in public issues)."""
        privilege = self._privileges.known(name)
        for asked in _line(principal):
            if self.holds(asked, privilege) is None:
                raise self._unprivileged(asked, privilege)

    def _unprivileged(self, principal: Principal, privilege: Privilege) -> WebApiFault:
        depth = min(privilege.depths).level
        fault = WebApiFault(
            403,
            "0x80040220",
            f"SecLib::CheckPrivilege failed. User: {principal.user_id}, PrivilegeName: {privilege.name}, "
            f"PrivilegeId: {self._privileges.id(privilege)}, Required Depth: {depth}, "
            f"BusinessUnitId: {principal.unit_id}, MetadataCache Privileges Count: {len(self._privileges)}, "
            f"User Privileges Count: {len(principal.held)}",
        )
        fault.why = {"principal": principal.user_id, "privilege": privilege.name, "asked": depth, "held": ""}
        return fault

    def demand(self, principal: Principal, table: Table, right: AccessRight) -> Warrant:
        """Ask for a right on a table at any depth, and give how far it goes; raises 0x80040220, or 405 where no
        privilege guards that right, since then nobody has it.
        """
        privilege = self._privileges.guarding(table, right)
        if privilege is None:
            raise WebApiFault(405, "", f"The '{right.token}' method does not support entities of type '{table.name}'.")
        parts = []
        for asked in _line(principal):
            reach = asked.reach(self._privileges.id(privilege))
            if reach is None:
                raise self.missing(asked, privilege, table)
            parts.append((asked, reach))
        return Warrant(right, tuple(parts))

    def missing(self, principal: Principal, privilege: Privilege, table: Table) -> WebApiFault:
        """The answer to a missing privilege (text recorded in public issues)."""
        fault = WebApiFault(
            403,
            "0x80040220",
            f"Principal {principal.kind} (Id={principal.user_id}, type={_KINDS[principal.kind]}, "
            f"roleCount={principal.role_count}, "
            f"privilegeCount={len(principal.held)}, accessMode={principal.access_mode}), is missing {privilege.name} "
            f"privilege (Id={self._privileges.id(privilege)}) on OTC={table.object_type_code} for entity "
            f"'{table.name}'. context.Caller={principal.user_id}",
        )
        asked = min(privilege.depths).level if privilege.depths else ""
        right = privilege.right.token if privilege.right else ""
        fault.why = {
            "principal": principal.user_id,
            "privilege": privilege.name,
            "right": right,
            "table": table.name,
            "asked": asked,
            "held": "",
        }
        return fault

    def out_of_reach(self, principal: Principal, table: Table, right: AccessRight, row_id: str) -> WebApiFault:
        """The answer where the privilege is held and the row is neither within its depth nor shared (recorded)."""
        fault = WebApiFault(
            403,
            "0x80048306",
            f"Principal with id {principal.user_id} does not have {ACCESS_WORDS[right]} right(s) for record with id "
            f"{row_id} of entity {table.name}",
        )
        privilege = self._privileges.guarding(table, right)
        held = privilege and self.holds(principal, privilege)
        fault.why = {
            "principal": principal.user_id,
            "privilege": privilege.name if privilege else "",
            "right": right.token,
            "table": table.name,
            "row": row_id,
            "asked": "wider, or a share",
            "held": held.level if held else "",
        }
        return fault

    def roleless(self, principal: Principal) -> WebApiFault:
        """The answer to a caller, or an owning team, without any role: it names prvReadUser (recorded as such)."""
        privilege = self._privileges.known("prvReadUser")
        return WebApiFault(
            403,
            "0x80042f09" if principal.kind == "user" else "0x80042f0a",
            f"The {principal.kind} has not been assigned any roles. Principal {principal.kind} "
            f"(Id={principal.user_id}, type={_KINDS[principal.kind]}, roleCount=0, "
            f"privilegeCount=0, accessMode={principal.access_mode}) is missing {privilege.name} privilege "
            f"(Id={self._privileges.id(privilege)}).",
        )


def _line(principal: Principal) -> tuple[Principal, ...]:
    """Everybody who must be allowed: the principal, and who impersonates it."""
    return (principal,) if principal.behind is None else (principal, principal.behind)
