"""Tables and columns as the sandbox serves them: those it keeps rows of (data/*.tsv), and the catalogue's other tables.

Member names and types of systemuser, role, solution, publisher and asyncoperation are those of recorded answers; of the
business tables a small part of the documented columns; of a table that only the catalogue knows, what every table has.
"""

import copy
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from builder.catalogue import load
from builder.catalogue.lookup import Table as CatalogueTable

_DATA = Path(__file__).resolve().parent / "data"
_IDS = uuid.UUID("5f0c0b8e-6d0b-4d0e-9a52-6e1d6a0f3f11")
LOOKUPS = ("Lookup", "Owner", "Customer")
CREATE, UPDATE = "create", "update"


def stable_id(*words: str) -> str:
    """A GUID that is the same in every sandbox for the same words."""
    return str(uuid.uuid5(_IDS, "/".join(words)))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `type` is AttributeType of the metadata, `targets` map a lookup's tables to its navigation properties,
    `write` says when a client may set it, `max_length` is 0 where there is none.
    """

    name: str
    type: str
    targets: dict[str, str]
    write: frozenset[str] = frozenset()
    max_length: int = 0
    default: object = None

    @property
    def is_lookup(self) -> bool:
        """Whether its value is a reference to another row."""
        return self.type in LOOKUPS

    @property
    def property_name(self) -> str:
        """How the Web API spells it in answers and queries."""
        return f"_{self.name}_value" if self.is_lookup else self.name


@dataclass(frozen=True)
class Table:
    """A table: `ownership` as in the catalogue; `stored` where rows of it are kept."""

    name: str
    set_name: str
    schema_name: str
    display: str
    primary_id: str
    primary_name: str
    ownership: str
    object_type_code: int
    columns: dict[str, Column]
    stored: bool

    @property
    def is_activity(self) -> bool:
        """Whether its rows are activities."""
        return self.primary_id == "activityid"

    @cached_property
    def properties(self) -> dict[str, Column]:
        """The columns by the names that the Web API gives them."""
        return {column.property_name: column for column in self.columns.values()}

    @cached_property
    def navigation(self) -> dict[str, tuple[Column, tuple[str, ...]]]:
        """The single-valued navigation properties: lookup column and the tables it leads to (an owner's are two)."""
        found: dict[str, tuple[Column, tuple[str, ...]]] = {}
        for column in self.columns.values():
            for target, name in column.targets.items():
                found[name] = (column, (*found[name][1], target) if name in found else (target,))
        return found


class Schema:
    """All tables, by logical name and by entity set."""

    def __init__(self) -> None:
        catalogue = {table.name: table for table in load().tables}
        kept = {table.name: table for table in _kept(catalogue)}
        others = (_from_catalogue(table, len(kept) + place) for place, table in enumerate(catalogue.values()))
        self.tables = {**{table.name: table for table in others}, **kept}
        self.by_set = {table.set_name: table for table in self.tables.values()}

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    @property
    def activities(self) -> tuple[Table, ...]:
        """The tables whose rows are activities, but for the one that shows them all together."""
        tables = self.tables.values()
        return tuple(t for t in tables if t.stored and t.is_activity and t.name != "activitypointer")

    def copied(self) -> "Schema":
        """The same tables, to which an environment adds its own."""
        made = copy.copy(self)
        made.tables, made.by_set = dict(self.tables), dict(self.by_set)
        return made

    def put(self, table: Table) -> None:
        """Add a table, or put it in the place of the one of that name."""
        there = self.tables.get(table.name)
        if there is not None:
            self.by_set.pop(there.set_name, None)
        self.tables[table.name] = self.by_set[table.set_name] = table

    def drop(self, name: str) -> None:
        """Take a table away."""
        self.by_set.pop(self.tables.pop(name).set_name, None)


@cache
def schema() -> Schema:
    """Read the tables; once a process."""
    return Schema()


def read_data(name: str) -> Iterator[dict[str, str]]:
    """Read a data file of the sandbox, row by row."""
    with (_DATA / name).open(encoding="utf-8") as file:
        header = file.readline().rstrip("\n").split("\t")
        for line in file:
            yield dict(zip(header, line.rstrip("\n").split("\t"), strict=True))


def _kept(catalogue: dict[str, CatalogueTable]) -> Iterator[Table]:
    columns: dict[str, dict[str, Column]] = {}
    for row in read_data("columns.tsv"):
        columns.setdefault(row["table"], {})[row["column"]] = _column(row)
    for row in read_data("tables.tsv"):
        known = catalogue.get(row["table"])
        yield Table(
            name=row["table"],
            set_name=row["set"],
            schema_name=(known and known.schema_name) or row["table"].title(),
            display=(known and known.display) or row["table"].title(),
            primary_id=row["primary_id"],
            primary_name=row["primary_name"],
            ownership=known.ownership if known else "",
            object_type_code=int(row["object_type_code"]),
            columns=columns[row["table"]],
            stored=True,
        )


def _column(row: dict[str, str]) -> Column:
    targets = dict(target.split(":") for target in row["targets"].split())
    write = {"both": frozenset({CREATE, UPDATE}), "create": frozenset({CREATE})}.get(row["write"], frozenset())
    return Column(
        row["column"], row["type"], targets, write, int(row["max_length"] or 0), _default(row["type"], row["default"])
    )


def _default(kind: str, text: str) -> object:
    if not text:
        return None
    if kind == "Boolean":
        return text == "true"
    if kind in ("Integer", "Picklist", "State", "Status", "Decimal"):
        return int(text)
    return text


def _from_catalogue(table: CatalogueTable, place: int) -> Table:
    """Describe a table of which no rows are kept. Set name and primary columns follow the platform's usual rule; for a
    few tables the platform departs from it (unconfirmed).
    """
    id_column, name_column = Column(f"{table.name}id", "Uniqueidentifier", {}), Column("name", "String", {})
    columns = [id_column, name_column, Column("createdon", "DateTime", {}), Column("modifiedon", "DateTime", {})]
    if table.ownership == "user":
        columns.append(Column("ownerid", "Owner", {"systemuser": "ownerid", "team": "ownerid"}))
    columns.append(Column("versionnumber", "BigInt", {}))
    return Table(
        name=table.name,
        set_name=plural(table.name),
        schema_name=table.schema_name or table.name,
        display=table.display or table.schema_name or table.name,
        primary_id=id_column.name,
        primary_name=name_column.name,
        ownership=table.ownership,
        object_type_code=10_000 + place,
        columns={column.name: column for column in columns},
        stored=False,
    )


def plural(name: str) -> str:
    """The name of an entity set by the platform's usual rule."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}es"
    return f"{name}s"
