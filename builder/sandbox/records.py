"""The rows of all tables, in memory: who wrote them when, and nothing about who may."""

import contextlib
import copy
import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from builder.sandbox.faults import missing_row
from builder.sandbox.schema import Schema, Table

Row = dict[str, Any]
_REMEMBERED = 1000


@dataclass
class Clock:
    """The sandbox's clock: the machine's, and `skew` on top."""

    skew: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC) + self.skew

    def skew_by(self, seconds: float) -> None:
        """Set the clock that much ahead of the machine's."""
        self.skew = timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Reference:
    """The value of a lookup: which row of which table."""

    table: str
    id: str


def new_id() -> str:
    """A fresh GUID, lower case without braces."""
    return str(uuid.uuid4())


def stamp(moment: datetime) -> str:
    """A moment as the Web API writes it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_GONE = object()


class Index:
    """Rows by the value of one column, brought up to date when it is asked."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._ids: dict[object, dict[str, None]] = {}
        self._values: dict[str, object] = {}
        self.stale: dict[str, None] = {}

    def find(self, rows: Mapping[str, Row], value: object) -> Iterator[str]:
        """The ids of the rows with a value."""
        for row_id in self.stale:
            own = _folded(rows[row_id].get(self._column)) if row_id in rows else _GONE
            if row_id in self._values and self._values[row_id] != own:
                del self._ids[self._values.pop(row_id)][row_id]
            if own is not _GONE:
                self._values[row_id] = own
                self._ids.setdefault(own, {})[row_id] = None
        self.stale.clear()
        return iter(tuple(self._ids.get(value, ())))


def _folded(value: Any) -> object:
    if isinstance(value, Reference):
        return value.id
    return value.casefold() if isinstance(value, str) else value


class Store:
    """Rows by table and id. Every write gives the row a new, higher `versionnumber`."""

    def __init__(self, schema: Schema, clock: Clock) -> None:
        self.schema = schema
        self.clock = clock
        self.version = 1_000_000
        self.made = 0
        self.journal: dict[tuple[str, str], None] | None = None  # what changed, in order, where a state file is kept
        self._rows: dict[str, dict[str, Row]] = {}
        self._revisions: dict[str, int] = {}
        self._indexes: dict[str, dict[str, Index]] = {}
        self._before: dict[tuple[str, str], Row | None] | None = None
        self._latest: deque[tuple[str, str]] = deque(maxlen=_REMEMBERED)
        self._hidden: dict[tuple[str, str], float | datetime] = {}

    def now(self) -> str:
        """The present moment, as written into rows."""
        return stamp(self.clock())

    def revision(self, *tables: str) -> tuple[int, ...]:
        """Something that changes with every write to one of these tables."""
        return tuple(self._revisions.get(table, 0) for table in tables)

    def all(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table in the order of their creation."""
        return iter(tuple(self._rows.get(table, {}).values()))

    def find(self, table: str, row_id: str) -> Row | None:
        """Give a row, or None."""
        return self._rows.get(table, {}).get(row_id)

    def matching(self, table: str, column: str, value: object) -> list[Row]:
        """The rows whose column has a value: text in any case, a lookup by its id."""
        index = self._indexes.setdefault(table, {}).get(column)
        rows = self._rows.get(table, {})
        if index is None:
            index = self._indexes[table][column] = Index(column)
            index.stale.update(dict.fromkeys(rows))
        return [rows[row_id] for row_id in index.find(rows, value)]

    def pointing(self, table: str, column: str, reference: Reference) -> list[Row]:
        """The rows of a table whose lookup leads to a row."""
        return [row for row in self._rows.get(table, {}).values() if row.get(column) == reference]

    def get(self, table: str, row_id: str) -> Row:
        """Give a row; raises the Web API's 404."""
        row = self.find(table, row_id)
        if row is None:
            raise missing_row(table, row_id)
        return row

    def add(self, table: str, values: Row, by: str | None = None) -> Row:
        """Add a row: every column of the table, with its default where `values` says nothing."""
        described = self.schema[table]
        row: Row = {name: copy.copy(column.default) for name, column in described.columns.items()}
        row.update(values)
        row[described.primary_id] = row[described.primary_id] or new_id()
        if table == "systemuser":
            row["ownerid"] = row["systemuserid"]  # a user owns itself, and as a plain GUID (recorded)
        row.update(self._stamps(described, ("createdon", "createdby", "modifiedon", "modifiedby"), by, row))
        self._note(table, row[described.primary_id])
        self._rows.setdefault(table, {})[row[described.primary_id]] = row
        self._touch(row)
        self.made += 1
        self._latest.append((table, row[described.primary_id]))
        return row

    def change(self, table: str, row_id: str, values: Row, by: str | None = None) -> Row:
        """Change columns of a row."""
        row = self.get(table, row_id)
        self._note(table, row_id)
        row.update(values)
        row.update(self._stamps(self.schema[table], ("modifiedon", "modifiedby"), by, values))
        self._touch(row)
        return row

    def remove(self, table: str, row_id: str) -> None:
        """Take a row away; lookups that point to it become empty (the platform's Remove Link), save those of audits."""
        self.get(table, row_id)
        self._note(table, row_id)
        del self._rows[table][row_id]
        gone = Reference(table, row_id)
        for name, rows in self._rows.items():
            columns = [column.name for column in self.schema[name].columns.values() if table in column.targets]
            if name == "audit" or not columns:
                continue
            for pointing_id, row in rows.items():
                for column in columns:
                    if row.get(column) == gone:
                        self._note(name, pointing_id)
                        row[column] = None

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take every write back if what is done within raises (a change set)."""
        self._before = {}
        try:
            yield
        except BaseException:
            for (table, row_id), row in self._before.items():
                self._touched(table, row_id)
                if row is None:
                    self._rows[table].pop(row_id, None)
                else:
                    self._rows[table][row_id] = row
            raise
        finally:
            self._before = None

    def _touched(self, table: str, row_id: str) -> None:
        self._revisions[table] = self._revisions.get(table, 0) + 1
        for index in self._indexes.get(table, {}).values():
            index.stale[row_id] = None

    def _note(self, table: str, row_id: str) -> None:
        """Note that a row is about to be written."""
        self._touched(table, row_id)
        if self.journal is not None:
            self.journal[table, row_id] = None
        if self._before is not None and (table, row_id) not in self._before:
            row = self._rows.get(table, {}).get(row_id)
            self._before[table, row_id] = row and dict(row)

    # -- rows that reads do not see yet (replication lag)

    def hide_since(self, made: int, number: float, *, timed: bool) -> None:
        """Hide the rows made since `made` rows were there: from `number` reads, or for as many seconds."""
        until = self.clock() + timedelta(seconds=number) if timed else number
        count = min(self.made - made, len(self._latest))
        for key in [self._latest[-1 - place] for place in range(count)]:
            self._hidden[key] = until

    def shows(self, table: str, row_id: str) -> bool:
        """Whether a read sees a row that is there."""
        until = self._hidden.get((table, row_id)) if self._hidden else None
        return until is None or (isinstance(until, datetime) and self.clock() >= until)

    def count_read(self) -> None:
        """Count a read off every lag."""
        if self._hidden:
            left = {key: until if isinstance(until, datetime) else until - 1 for key, until in self._hidden.items()}
            self._hidden = {key: until for key, until in left.items() if isinstance(until, datetime) or until > 0}

    def clear(self, table: str) -> None:
        """Take all rows of a table away."""
        self._revisions[table] = self._revisions.get(table, 0) + 1
        for row_id in list(self._rows.get(table, {})):
            self.remove(table, row_id)
        self._rows.pop(table, None)

    def keys(self) -> Iterator[tuple[str, str]]:
        """Table and id of every row."""
        for table, rows in self._rows.items():
            for row_id in rows:
                yield table, row_id

    def replace_all(self, rows: Iterable[tuple[str, str, Row]], version: int) -> None:
        """Hold these rows and no others."""
        for table in self._rows:
            self._revisions[table] = self._revisions.get(table, 0) + 1
        self._rows = {}
        self._indexes = {}
        for table, row_id, row in rows:
            self._rows.setdefault(table, {})[row_id] = row
            self._revisions[table] = self._revisions.get(table, 0) + 1
        self.version = version

    def _touch(self, row: Row) -> None:
        self.version += 1
        row["versionnumber"] = self.version

    def _stamps(self, table: Table, columns: tuple[str, ...], by: str | None, given: Row) -> Row:
        values: Row = {}
        for column in columns:
            if column in table.columns and given.get(column) is None:
                values[column] = self.now() if column.endswith("on") else by and Reference("systemuser", by)
        return values
