"""Who may do what: pure rules, no rows and no HTTP (rules and answers: Microsoft's documentation, recorded 403s).

Two checks, in this order: the privilege on the table at any depth, then whether its depth reaches the row.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from builder.catalogue import Privilege
from builder.model import AccessRight, Depth
from builder.sandbox.faults import WebApiFault
from builder.sandbox.privileges import Privileges
from builder.sandbox.schema import Table

ACCESS_WORDS = {right: f"{right.token}Access" for right in AccessRight}


@dataclass(frozen=True, slots=True)
class Principal:
    """A user who calls: `held` is what its roles grant together, privilege id to depth."""

    user_id: str
    unit_id: str
    held: Mapping[str, Depth]
    role_count: int
    access_mode: int = 4


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


def reaches(depth: Depth, principal: Principal, place: Place, tree: UnitTree) -> bool:
    """Whether a depth held by the principal covers a row at this place.

    Basic: own rows. Local: rows of one's unit. Deep: of one's unit and those below. Global: all. A wider depth covers
    what a narrower one does, and own rows wherever they stand.
    """
    if depth is Depth.GLOBAL or (place.owner_id is not None and place.owner_id == principal.user_id):
        return True
    if depth is Depth.LOCAL:
        return place.unit_id == principal.unit_id
    return depth is Depth.DEEP and tree.within(place.unit_id, principal.unit_id)


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
        if self.holds(principal, privilege) is None:
            raise WebApiFault(
                403,
                "0x80040220",
                f"SecLib::CheckPrivilege failed. User: {principal.user_id}, PrivilegeName: {privilege.name}, "
                f"PrivilegeId: {self._privileges.id(privilege)}, Required Depth: {min(privilege.depths).level}, "
                f"BusinessUnitId: {principal.unit_id}, MetadataCache Privileges Count: {len(self._privileges)}, "
                f"User Privileges Count: {len(principal.held)}",
            )

    def demand(self, principal: Principal, table: Table, right: AccessRight) -> Depth:
        """Ask for a right on a table at any depth, and give the depth; raises 0x80040220, or 405 where no privilege
        guards that right, since then nobody has it.
        """
        privilege = self._privileges.guarding(table, right)
        if privilege is None:
            raise WebApiFault(405, "", f"The '{right.token}' method does not support entities of type '{table.name}'.")
        depth = self.holds(principal, privilege)
        if depth is None:
            raise self.missing(principal, privilege, table)
        return depth

    def missing(self, principal: Principal, privilege: Privilege, table: Table) -> WebApiFault:
        """The answer to a missing privilege (text recorded in public issues)."""
        return WebApiFault(
            403,
            "0x80040220",
            f"Principal user (Id={principal.user_id}, type=8, roleCount={principal.role_count}, "
            f"privilegeCount={len(principal.held)}, accessMode={principal.access_mode}), is missing {privilege.name} "
            f"privilege (Id={self._privileges.id(privilege)}) on OTC={table.object_type_code} for entity "
            f"'{table.name}'. context.Caller={principal.user_id}",
        )

    def out_of_reach(self, principal: Principal, table: Table, right: AccessRight, row_id: str) -> WebApiFault:
        """The answer where the privilege is held and the row is beyond its depth (recorded)."""
        return WebApiFault(
            403,
            "0x80048306",
            f"Principal with id {principal.user_id} does not have {ACCESS_WORDS[right]} right(s) for record with id "
            f"{row_id} of entity {table.name}",
        )

    def roleless(self, principal: Principal) -> WebApiFault:
        """The answer to a caller without any role: it names prvReadUser (recorded as such)."""
        privilege = self._privileges.known("prvReadUser")
        return WebApiFault(
            403,
            "0x80042f09",
            f"The user has not been assigned any roles. Principal user (Id={principal.user_id}, type=8, roleCount=0, "
            f"privilegeCount=0, accessMode={principal.access_mode}) is missing {privilege.name} privilege "
            f"(Id={self._privileges.id(privilege)}).",
        )
