"""Tables as the environment knows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from builder.connection.http import Connection
from builder.dataverse.odata import literal, query

_COLUMNS = ("LogicalName", "EntitySetName", "PrimaryIdAttribute")


@dataclass(frozen=True, slots=True)
class TableMetadata:
    """A table by its logical name, with the set its rows stand in and the column of their ids."""

    name: str
    entity_set: str
    primary_id: str


def tables(connection: Connection, names: Iterable[str]) -> dict[str, TableMetadata]:
    """Look tables up by logical name; those that the environment does not have are left out."""
    where = " or ".join(f"LogicalName eq {literal(name)}" for name in sorted(set(names)))
    if not where:
        return {}
    found = (
        TableMetadata(str(row["LogicalName"]), str(row["EntitySetName"]), str(row["PrimaryIdAttribute"]))
        for row in connection.rows(query("EntityDefinitions", select=_COLUMNS, where=where))
    )
    return {table.name: table for table in found}
