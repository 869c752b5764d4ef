"""Solution layers of a component: what was changed by hand lies in the unmanaged layer on top (docs)."""

from builder.connection.http import Connection
from builder.dataverse.odata import literal, query
from builder.errors import Refused

_UNMANAGED = "Active"  # the name that the layer has in msdyn_componentlayers (docs)


def has_unmanaged(connection: Connection, role_id: str) -> bool | None:
    """Say whether a role was changed by hand; None where the environment does not tell."""
    where = f"msdyn_componentid eq {literal(role_id)} and msdyn_solutioncomponentname eq 'Role'"
    try:
        rows = list(connection.rows(query("msdyn_componentlayers", select=("msdyn_solutionname",), where=where)))
    except Refused as refused:
        if refused.status in (400, 403, 404, 501):
            return None
        raise
    return any(row.get("msdyn_solutionname") == _UNMANAGED for row in rows) if rows else None
