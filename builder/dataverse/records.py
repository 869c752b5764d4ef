"""Rows of tables, as far as trying a grant needs them."""

from builder.connection.http import Connection, Row
from builder.dataverse.metadata import TableMetadata
from builder.dataverse.odata import query
from builder.errors import Refused


def path(table: TableMetadata, row_id: str) -> str:
    """Give the path of a row below the API."""
    return f"{table.entity_set}({row_id})"


def read_any(connection: Connection, table: TableMetadata) -> int:
    """Read the id of at most one row, and say how many came back: 0 or 1."""
    return len(connection.get(query(table.entity_set, select=(table.primary_id,), top=1)).get("value", []))


def read(connection: Connection, table: TableMetadata, row_id: str) -> None:
    """Read one row; raises Refused where that is not allowed, or where it is absent."""
    connection.get(query(path(table, row_id), select=(table.primary_id,)))


def create(connection: Connection, table: TableMetadata, row_id: str, columns: Row) -> None:
    """Make a row under an id of the caller's (docs), so that it can be found again whatever becomes of the answer."""
    connection.send("POST", table.entity_set, body={table.primary_id: row_id, **columns})


def update(connection: Connection, table: TableMetadata, row_id: str, columns: Row) -> None:
    """Change a row; If-Match keeps the request from making one."""
    connection.send("PATCH", path(table, row_id), body=columns, headers={"If-Match": "*"})


def delete(connection: Connection, table: TableMetadata, row_id: str) -> bool:
    """Delete a row; False where the environment says that it has none of that id."""
    try:
        connection.send("DELETE", path(table, row_id))
    except Refused as refused:
        if refused.status == 404 and refused.code:
            return False
        raise
    return True
