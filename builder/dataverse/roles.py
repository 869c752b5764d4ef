"""Security roles: one copy a business unit, and only the copy of one's own unit can be given (docs)."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.connection.http import Connection, Row, member
from builder.dataverse.odata import literal, query

COLUMNS = ("roleid", "name", "_businessunitid_value", "_parentrootroleid_value", "_roletemplateid_value")
_SYSTEM_ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"  # role template (docs)


@dataclass(frozen=True, slots=True)
class RoleCopy:
    """A role's copy in one business unit; `root_id` is the copy of the root unit, whose id is the package's."""

    id: str
    name: str
    business_unit_id: str
    root_id: str
    template_id: str

    @property
    def is_system_administrator(self) -> bool:
        """Whether it is the role that may do everything."""
        return self.template_id.lower() == _SYSTEM_ADMINISTRATOR


def read(row: Row) -> RoleCopy:
    """Read a row that has COLUMNS; a root copy that names no root is its own."""
    return RoleCopy(
        id=str(member(row, "roleid")).lower(),
        name=str(row.get("name") or ""),
        business_unit_id=str(row.get("_businessunitid_value") or "").lower(),
        root_id=str(row.get("_parentrootroleid_value") or row["roleid"]).lower(),
        template_id=str(row.get("_roletemplateid_value") or ""),
    )


def copy_in_unit(connection: Connection, root_id: str, business_unit_id: str) -> RoleCopy | None:
    """Find a role's copy in a business unit by the id that its package gives it."""
    where = f"_parentrootroleid_value eq {root_id} and _businessunitid_value eq {business_unit_id}"
    return next(_rows(connection, where), None)


def named(connection: Connection, name: str, business_unit_id: str) -> list[RoleCopy]:
    """Find the roles of a name in a business unit: different solutions may bring one each."""
    return list(_rows(connection, f"name eq {literal(name)} and _businessunitid_value eq {business_unit_id}"))


def exists(connection: Connection, root_id: str) -> bool:
    """Say whether the environment has the role at all, in whatever unit."""
    return next(_rows(connection, f"roleid eq {root_id}"), None) is not None


def _rows(connection: Connection, where: str) -> Iterator[RoleCopy]:
    return (read(row) for row in connection.rows(query("roles", select=COLUMNS, where=where)))
