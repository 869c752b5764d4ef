"""Security roles: one copy a business unit, and only the copy of one's own unit can be given (docs)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from builder.connection.http import Connection, Row, member
from builder.dataverse.odata import literal, query
from builder.model import Depth, Grant, Role

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


def called(connection: Connection, name: str) -> tuple[RoleCopy, ...]:
    """Find the roles of a name in all units."""
    return tuple(_rows(connection, f"name eq {literal(name)}"))


def exists(connection: Connection, root_id: str) -> bool:
    """Say whether the environment has the role at all, in whatever unit."""
    return next(_rows(connection, f"roleid eq {root_id}"), None) is not None


def copies(connection: Connection, root_id: str) -> tuple[RoleCopy, ...]:
    """Give a role's copies in all units, by the id of the root copy."""
    return tuple(_rows(connection, f"_parentrootroleid_value eq {root_id}"))


def live(connection: Connection, role_id: str) -> Role | None:
    """Read a role with all that it grants; None where the environment has none of that id.

    The Web API tells neither its description nor whether it is given to everyone: they stay unstated.
    """
    row = connection.find(query(f"roles({role_id})", select=("name", "isinherited", "iscustomizable")))
    if row is None:
        return None
    inherited, customizable = row.get("isinherited"), row.get("iscustomizable")
    return Role(
        id=role_id.lower(),
        name=str(row.get("name") or ""),
        grants=grants(connection, role_id),
        inherits=None if inherited is None else bool(inherited),
        customizable=bool(customizable.get("Value", True)) if isinstance(customizable, dict) else True,
    )


def grants(connection: Connection, role_id: str) -> tuple[Grant, ...]:
    """Give what a role grants, sorted as exports are."""
    answer = connection.get(f"RetrieveRolePrivilegesRole(RoleId={role_id})")
    return broadest(connection, answer.get("RolePrivileges") or [])


def broadest(connection: Connection, rows: Iterable[Row]) -> tuple[Grant, ...]:
    """Read RolePrivilege values: each privilege once, at its broadest depth. A depth of RecordFilter is left out."""
    rows = list(rows)
    names = _names(connection) if any(not row.get("PrivilegeName") for row in rows) else {}
    found: dict[str, Grant] = {}
    for row in rows:
        level = str(row.get("Depth") or "")
        name = str(row.get("PrivilegeName") or names.get(str(row.get("PrivilegeId") or "").lower()) or "")
        if not name or level not in _LEVELS:
            continue
        grant = Grant(name, Depth.from_level(level))
        known = found.get(grant.key)
        if known is None or known.depth < grant.depth:
            found[grant.key] = grant
    return tuple(sorted(found.values(), key=lambda grant: grant.key))


def set_privileges(connection: Connection, role_id: str, depths: Mapping[str, Depth]) -> None:
    """Grant privileges by id at these depths: a change by hand, which leaves an unmanaged layer."""
    privileges = [{"PrivilegeId": one, "Depth": depth.level} for one, depth in depths.items()]
    connection.send(
        "POST", f"roles({role_id})/Microsoft.Dynamics.CRM.AddPrivilegesRole", body={"Privileges": privileges}
    )


def remove_privilege(connection: Connection, role_id: str, privilege_id: str) -> None:
    """Take a privilege away: a change by hand, which leaves an unmanaged layer."""
    path = f"roles({role_id})/Microsoft.Dynamics.CRM.RemovePrivilegeRole"
    connection.send("POST", path, body={"PrivilegeId": privilege_id})


def holders(connection: Connection, copies: Iterable[RoleCopy]) -> int:
    """Count the users that hold any of these copies themselves."""
    where = " or ".join(f"roleid eq {copy.id}" for copy in copies)
    if not where:
        return 0
    rows = connection.rows(query("systemuserrolescollection", select=("systemuserid",), where=where))
    return len({row.get("systemuserid") for row in rows})


_LEVELS = frozenset(depth.level for depth in Depth)


def _names(connection: Connection) -> dict[str, str]:
    rows = connection.rows(query("privileges", select=("privilegeid", "name")))
    return {str(row["privilegeid"]).lower(): str(row["name"]) for row in rows}


def _rows(connection: Connection, where: str) -> Iterator[RoleCopy]:
    return (read(row) for row in connection.rows(query("roles", select=COLUMNS, where=where)))
