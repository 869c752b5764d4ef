"""What the catalogue says of one table or privilege, and which it has."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.catalogue.lookup import Catalogue, Privilege, Table
from builder.model import AccessRight, plain_words


@dataclass(frozen=True, slots=True)
class TableOverview:
    """A table, and the privileges on its rows by right, in the admin centre's order."""

    table: Table
    privileges: dict[AccessRight, Privilege]


def table_overview(text: str, catalogue: Catalogue) -> TableOverview | None:
    """Find a table by any of its names; None where there is none."""
    table = catalogue.table(text)
    return TableOverview(table, catalogue.on(table.name)) if table else None


def tables_like(words: str, catalogue: Catalogue) -> Iterator[Table]:
    """Give the tables whose logical name, schema name, display name or group holds the words; all where "" is asked."""
    wanted = plain_words(words)
    for table in catalogue.tables:
        if any(wanted in plain_words(text) for text in (table.name, table.schema_name, table.display, table.group)):
            yield table


def miscellaneous_like(words: str, catalogue: Catalogue) -> Iterator[Privilege]:
    """Give the privileges that are about no table's rows, by name or the admin centre's words."""
    wanted = plain_words(words)
    for privilege in catalogue:
        if privilege.right is None and any(wanted in plain_words(text) for text in (privilege.name, privilege.display)):
            yield privilege
