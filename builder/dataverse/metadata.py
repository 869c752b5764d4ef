"""Tables as the environment knows them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from builder.connection.http import Connection, member
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


@dataclass(frozen=True, slots=True)
class TableOfEnvironment:
    """A table with what can be granted on it: `ownership` as the Web API spells it, `privileges` by name."""

    name: str
    display: str
    schema_name: str
    ownership: str
    privileges: tuple[str, ...]


def with_privileges(connection: Connection) -> Iterator[TableOfEnvironment]:
    """Give all tables of the environment with the names of their privileges."""
    columns = ("LogicalName", "SchemaName", "DisplayName", "OwnershipType", "Privileges")
    for row in connection.rows(query("EntityDefinitions", select=columns)):
        label = ((row.get("DisplayName") or {}).get("UserLocalizedLabel") or {}).get("Label")
        yield TableOfEnvironment(
            name=str(member(row, "LogicalName")),
            display=str(label or ""),
            schema_name=str(row.get("SchemaName") or ""),
            ownership=str(row.get("OwnershipType") or ""),
            privileges=tuple(str(one.get("Name") or "") for one in row.get("Privileges") or ()),
        )
