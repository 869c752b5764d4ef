"""What can be granted in one environment: its own privileges and tables, custom ones included, as a file for later."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from builder.catalogue import Catalogue
from builder.catalogue.lookup import Privilege, Table
from builder.connection.http import Connection
from builder.dataverse import metadata, privileges
from builder.dataverse.privileges import EnvironmentPrivilege
from builder.document import read_json_document
from builder.model import AccessRight, Depth

SCHEMA = "environment-catalogue.schema.json"
_OWNERSHIP = {"UserOwned": "user", "OrganizationOwned": "organization", "BusinessOwned": "business-unit"}


def fetch(connection: Connection) -> dict[str, Any]:
    """Read an environment's privileges and tables: names in their exact case, and the depths they have there."""
    tables = sorted(metadata.with_privileges(connection), key=lambda table: table.name)
    covered: dict[str, list[str]] = {}
    for table in tables:
        for name in table.privileges:
            covered.setdefault(name.lower(), []).append(table.name)
    found = sorted(privileges.every(connection), key=lambda one: one.name.lower())
    return {
        "version": 1,
        "environment": connection.origin,
        "privileges": [_privilege(one, covered.get(one.name.lower(), [])) for one in found],
        "tables": [
            {
                "name": table.name,
                "display_name": table.display,
                "schema_name": table.schema_name,
                "ownership": _OWNERSHIP.get(table.ownership, ""),
            }
            for table in tables
        ],
    }


def unknown_to(known: Catalogue, document: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Name the privileges that the catalogue does not know, and those whose depths or case are other ones there."""
    new, other = [], []
    for row in document["privileges"]:
        shipped = known.privilege(row["name"])
        depths = {Depth.from_level(level) for level in row["depths"]}
        if shipped is None:
            new.append(row["name"])
        elif shipped.name != row["name"] or (depths and depths != set(shipped.depths)):
            other.append(row["name"])
    return new, other


def read(path: Path, known: Catalogue) -> Catalogue:
    """Give the shipped catalogue with what a file says of an environment; raises UnreadableInput and InputFaults."""
    document = read_json_document(path, SCHEMA).data
    source = f"read from {document['environment']}"
    return known.extended(
        (_as_privilege(row, source) for row in document["privileges"]),
        _as_tables(document["tables"], source),
    )


def _privilege(one: EnvironmentPrivilege, tables: list[str]) -> dict[str, Any]:
    return {
        "name": one.name,
        "id": one.id,
        "access_right": one.access_right,
        "depths": [depth.level for depth in sorted(one.depths)],
        "tables": tables,
    }


def _as_privilege(row: dict[str, Any], source: str) -> Privilege:
    right = next((right for right in AccessRight if int(right) == row["access_right"]), None)
    return Privilege(
        name=row["name"],
        right=right if row["tables"] else None,
        tables=tuple(row["tables"]),
        depths=tuple(Depth.from_level(level) for level in row["depths"]),
        depths_somewhere=(),
        depths_sure="certain",
        case_exact=True,
        id=row["id"],
        kind="table" if row["tables"] else "misc",
        display="",
        source=source,
    )


def _as_tables(rows: Iterable[dict[str, Any]], source: str) -> tuple[Table, ...]:
    return tuple(
        Table(row["name"], row["display_name"], row["schema_name"], row["ownership"], "certain", "", True, source)
        for row in rows
    )
