"""Application users, the roles they hold, and what those let them do."""

import re
from dataclasses import dataclass

from builder.connection.http import Connection, Row, member
from builder.dataverse import roles
from builder.dataverse.odata import query
from builder.errors import Refused
from builder.model import Grant

_COLUMNS = (
    "systemuserid",
    "applicationid",
    "fullname",
    "isdisabled",
    "deletedstate",
    "accessmode",
    "_businessunitid_value",
)
_NON_INTERACTIVE = 4


@dataclass(frozen=True, slots=True)
class ApplicationUser:
    """The user of an Entra application in one environment; `name` is "# " and the application's name."""

    id: str
    application_id: str
    name: str
    business_unit_id: str
    disabled: bool
    deleted: bool
    roles: tuple[roles.RoleCopy, ...]


def of_application(connection: Connection, application_id: str) -> ApplicationUser | None:
    """Find an application's user, disabled and soft-deleted ones too; None where there is none."""
    wanted = application_id.lower()
    path = query("systemusers", select=_COLUMNS, where=f"applicationid eq {wanted}")
    for row in connection.rows(path):
        if str(row.get("applicationid") or "").lower() == wanted:
            return _read(row, roles_of(connection, str(member(row, "systemuserid"))))
    return None


def roles_of(connection: Connection, user_id: str) -> tuple[roles.RoleCopy, ...]:
    """Give the roles a user holds itself; those of its teams are not among them."""
    path = query(f"systemusers({user_id})/systemuserroles_association", select=roles.COLUMNS)
    return tuple(roles.read(row) for row in connection.rows(path))


def create(connection: Connection, application_id: str, business_unit_id: str) -> str:
    """Make the user of an application, and give its id; name and address come from Entra (docs)."""
    answer = connection.send(
        "POST",
        "systemusers",
        body={
            "applicationid": application_id.lower(),
            "businessunitid@odata.bind": f"/businessunits({business_unit_id})",
            "accessmode": _NON_INTERACTIVE,
        },
    )
    return created_id(connection, answer.headers.get("OData-EntityId", ""))


def give_role(connection: Connection, user_id: str, role_id: str) -> None:
    """Give a user a role; whether it has it already is for the caller to ask first."""
    path = f"systemusers({user_id})/systemuserroles_association/$ref"
    connection.send("POST", path, body={"@odata.id": connection.url(f"roles({role_id})")})


def effective_privileges(connection: Connection, user_id: str) -> tuple[Grant, ...]:
    """Give what a user may do, each privilege once at its broadest depth.

    Whether roles of its teams count is told both ways (docs, live).
    """
    answer = connection.get(f"systemusers({user_id})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")
    return roles.broadest(connection, answer.get("RolePrivileges") or [])


def privilege_names(connection: Connection, user_id: str) -> set[str]:
    """Give the lower-case names of what a user may do, at whatever depth; an unnamed privilege is left out."""
    answer = connection.get(f"systemusers({user_id})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")
    return {str(row.get("PrivilegeName") or "").lower() for row in answer.get("RolePrivileges") or []}


def enable(connection: Connection, user_id: str) -> None:
    """Switch a disabled user on again."""
    connection.send("PATCH", f"systemusers({user_id})", body={"isdisabled": False}, headers={"If-Match": "*"})


def purge(connection: Connection, user_id: str) -> None:
    """Delete a soft-deleted user for good: its application can have a new one then (source: a public client)."""
    try:
        connection.send("DELETE", f"systemusers({user_id})")
    except Refused as refused:
        if refused.status != 404 or not refused.code:
            raise


def move(connection: Connection, user_id: str, business_unit_id: str) -> None:
    """Move a user to another business unit: it loses its roles, unless the organization keeps them (docs)."""
    unit = {"businessunitid@odata.bind": f"/businessunits({business_unit_id})"}
    connection.send("PATCH", f"systemusers({user_id})", body=unit, headers={"If-Match": "*"})


@dataclass(frozen=True, slots=True)
class TeamRole:
    """A role that a user has through a team; it is measured at the team's business unit."""

    team: str
    role: roles.RoleCopy


def team_roles(connection: Connection, user_id: str) -> tuple[TeamRole, ...] | None:
    """Give the roles of a user's teams; None where the environment does not tell."""
    path = query(f"systemusers({user_id})/teammembership_association", select=("teamid", "name"))
    try:
        teams = list(connection.rows(path))
        return tuple(
            TeamRole(str(team.get("name") or ""), roles.read(row))
            for team in teams
            for row in connection.rows(query(f"teams({team['teamid']})/teamroles_association", select=roles.COLUMNS))
        )
    except Refused as refused:
        if refused.status in (404, 501):
            return None
        raise


def created_id(connection: Connection, location: str) -> str:
    """Read the id out of OData-EntityId; raises Refused where it names another origin or no id."""
    found = re.search(r"\(([0-9a-fA-F-]{36})\)$", location)
    if not found or not location.lower().startswith(f"{connection.origin}/"):
        raise Refused(f"{connection.origin} does not say which row it made", "look it up: the row is there", status=204)
    return found.group(1).lower()


def _read(row: Row, held: tuple[roles.RoleCopy, ...]) -> ApplicationUser:
    return ApplicationUser(
        id=str(row["systemuserid"]).lower(),
        application_id=str(row["applicationid"]).lower(),
        name=str(row.get("fullname") or ""),
        business_unit_id=str(row.get("_businessunitid_value") or "").lower(),
        disabled=bool(row.get("isdisabled")),
        deleted=bool(row.get("deletedstate")),
        roles=held,
    )
