"""Annotations beside values: formatted values and what a lookup leads to, where `Prefer` asks for them (docs).

English (United States), as an organization's base language; times are in UTC.
"""

import fnmatch
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from builder.sandbox.environment import Environment
from builder.sandbox.records import Reference, Row
from builder.sandbox.schema import Column, Table, read_data

FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOGICAL_NAME = "Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"
_CHOICES = ("Picklist", "State", "Status")


class Annotations:
    """What a request wants annotated: `patterns` as the preference gives them, `*` at the end of each allowed."""

    def __init__(self, environment: Environment, patterns: str) -> None:
        self._environment = environment
        self._patterns = [pattern.strip() for pattern in patterns.split(",") if pattern.strip()]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def wants(self, name: str) -> bool:
        """Whether an annotation was asked for; a pattern that begins with "-" takes it away."""
        wanted = False
        for pattern in self._patterns:
            if fnmatch.fnmatchcase(name, pattern.removeprefix("-")):
                wanted = not pattern.startswith("-")
        return wanted

    def of(self, table: Table, column: Column, row: Row) -> Iterator[tuple[str, Any]]:
        """The annotations of one value."""
        value = row.get(column.name)
        if value is None or not self._patterns:
            return
        if self.wants(FORMATTED):
            text = self._formatted(table, column, value)
            if text is not None:
                yield f"{column.property_name}@{FORMATTED}", text
        if isinstance(value, Reference):
            if self.wants(NAVIGATION) and value.table in column.targets:
                yield f"{column.property_name}@{NAVIGATION}", column.targets[value.table]
            if self.wants(LOGICAL_NAME):
                yield f"{column.property_name}@{LOGICAL_NAME}", value.table

    def _formatted(self, table: Table, column: Column, value: Any) -> str | None:
        if isinstance(value, Reference):
            target = self._environment.schema.tables.get(value.table)
            found = self._environment.store.find(value.table, value.id)
            return found.get(target.primary_name) if found and target and target.primary_name else None
        if column.type in _CHOICES:
            return option_labels(table.name, column.name).get(value, str(value))
        return _FORMATS[column.type](value) if column.type in _FORMATS else None


@cache
def option_labels(table: str, column: str) -> dict[int, str]:
    """The labels of a choice; those of tables without own ones are the usual Active and Inactive."""
    rows = [row for row in read_data("options.tsv") if row["column"] == column]
    own = [row for row in rows if row["table"] == table] or [row for row in rows if not row["table"]]
    return {int(row["value"]): row["label"] for row in own}


def _moment(value: str) -> str:
    moment = datetime.fromisoformat(value)
    hour, half = moment.hour % 12 or 12, "AM" if moment.hour < 12 else "PM"
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment.minute:02} {half}"


_FORMATS: dict[str, Callable[[Any], str]] = {
    "Boolean": lambda value: "Yes" if value else "No",
    "Integer": lambda value: f"{value:,}",
    "BigInt": lambda value: f"{value:,}",
    "Decimal": lambda value: f"{value:,.2f}",
    "Double": lambda value: f"{value:,.2f}",
    "Money": lambda value: f"${value:,.2f}",
    "DateTime": _moment,
}
