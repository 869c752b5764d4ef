"""Business units."""

import uuid
from dataclasses import dataclass

from builder.connection.http import Connection, Row, member
from builder.dataverse.odata import literal, query
from builder.errors import Refused, UsageError

_COLUMNS = ("businessunitid", "name", "_parentbusinessunitid_value")


@dataclass(frozen=True, slots=True)
class BusinessUnit:
    """A business unit."""

    id: str
    name: str
    parent_id: str = ""


def root(connection: Connection) -> BusinessUnit:
    """Give the one unit that has no parent."""
    path = query("businessunits", select=_COLUMNS, where="_parentbusinessunitid_value eq null")
    for row in connection.rows(path):
        return _read(row)
    raise Refused(f"{connection.origin} shows no root business unit", "the user needs Read on business units")


def named(connection: Connection, text: str) -> BusinessUnit:
    """Find a unit by its GUID or name; raises UsageError where none or several have it."""
    try:
        where = f"businessunitid eq {uuid.UUID(text)}"
    except ValueError:
        where = f"name eq {literal(text)}"
    found = [_read(row) for row in connection.rows(query("businessunits", select=_COLUMNS, where=where))]
    if len(found) != 1:
        count = "no business unit" if not found else f"{len(found)} business units"
        raise UsageError(
            f"{count} called {text} in {connection.origin}", "give its GUID: the list stands in the admin centre"
        )
    return found[0]


def every(connection: Connection) -> tuple[BusinessUnit, ...]:
    """Give all units."""
    return tuple(_read(row) for row in connection.rows(query("businessunits", select=_COLUMNS)))


def _read(row: Row) -> BusinessUnit:
    parent = str(row.get("_parentbusinessunitid_value") or "").lower()
    return BusinessUnit(str(member(row, "businessunitid")).lower(), str(row.get("name") or ""), parent)
