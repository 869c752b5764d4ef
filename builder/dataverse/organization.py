"""Who asks, and where."""

from dataclasses import dataclass

from builder.connection.http import Connection, member
from builder.dataverse.odata import query
from builder.errors import Refused


@dataclass(frozen=True, slots=True)
class Caller:
    """The user behind the token, its business unit (not always the root), and its organization: GUIDs."""

    user_id: str
    business_unit_id: str
    organization_id: str


def who_am_i(connection: Connection) -> Caller:
    """Ask who the token's user is; raises Refused where the environment has none for it."""
    answer = connection.get("WhoAmI")
    return Caller(*(str(member(answer, name)) for name in ("UserId", "BusinessUnitId", "OrganizationId")))


def user_name(connection: Connection, caller: Caller) -> str:
    """Give the caller's full name; "" where it may not read it."""
    return _column(connection, f"systemusers({caller.user_id})", "fullname")


def business_unit_name(connection: Connection, caller: Caller) -> str:
    """Give the name of the caller's business unit; "" where it may not read it."""
    return _column(connection, f"businessunits({caller.business_unit_id})", "name")


def name_of(connection: Connection, caller: Caller) -> str:
    """Give the organization's name; "" where the caller may not read it."""
    return _column(connection, f"organizations({caller.organization_id})", "name")


def _column(connection: Connection, path: str, column: str) -> str:
    try:
        return str((connection.find(query(path, select=(column,))) or {}).get(column) or "")
    except Refused as refused:
        if refused.status != 403:
            raise
        return ""
