"""Who asks, and where."""

from dataclasses import dataclass

from builder.connection.http import Connection, member


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
