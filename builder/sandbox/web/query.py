"""Rows to JSON, as a query asks for them: $select, $filter, $expand, $orderby, $top, pages."""

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from builder.model import AccessRight
from builder.sandbox.faults import WebApiFault, not_here
from builder.sandbox.odata.filters import Getter, Predicate, parse_filter
from builder.sandbox.odata.literals import BadQuery
from builder.sandbox.odata.options import Expand, Options
from builder.sandbox.records import Reference, Row
from builder.sandbox.schema import Column, Table
from builder.sandbox.security import Warrant
from builder.sandbox.web.annotations import Annotations
from builder.sandbox.web.collections import collection_of
from builder.sandbox.web.exchange import Exchange

PAGE_SIZE = 5000
_EDM = {
    "Integer": "Number",
    "BigInt": "Number",
    "Picklist": "Number",
    "State": "Number",
    "Status": "Number",
    "Double": "Number",
    "Decimal": "Number",
    "Money": "Number",
    "Boolean": "Boolean",
    "DateTime": "DateTimeOffset",
    "Uniqueidentifier": "Guid",
    "ManagedProperty": "ManagedProperty",
}


class Query:
    """A query on one table by one caller."""

    def __init__(self, exchange: Exchange, table: Table, options: Options) -> None:
        self._exchange = exchange
        self._environment = exchange.environment
        self.table = table
        self.options = options
        wanted = exchange.preference("odata.include-annotations") or ""
        self._annotations = Annotations(exchange.environment, wanted)
        self._selected = self._selection()
        self._expansions = [self._expansion(expand) for expand in options.expand]

    def collection(self, rows: Iterable[Row]) -> dict[str, Any]:
        """Answer with many rows, one page of them."""
        found = self.apply(rows)
        size = self._page_size()
        page = found[self.options.skip : self.options.skip + size]
        answer: dict[str, Any] = self._exchange.context(self.table.set_name + self._context_suffix())
        if self.options.count:
            answer["@odata.count"] = min(len(found), PAGE_SIZE)
        answer["value"] = [self.render(row) for row in page]
        if self.options.skip + size < len(found):
            answer["@odata.nextLink"] = self._next_link(self.options.skip + size)
        return answer

    def entity(self, row: Row) -> dict[str, Any]:
        """Answer with one row."""
        return {
            **self._exchange.context(f"{self.table.set_name}{self._context_suffix()}/$entity"),
            **self.render(row),
        }

    @cached_property
    def wanted(self) -> Predicate | None:
        """What the filter says of a row."""
        return parse_filter(self.options.filter, self) if self.options.filter else None

    def apply(self, rows: Iterable[Row]) -> list[Row]:
        """Filter, order and limit rows."""
        wanted = self.wanted
        found = list(rows) if wanted is None else [row for row in rows if wanted(row)]
        for name, descending in reversed(self.options.order):
            _, getter = self.property(name)
            found.sort(key=_sort_key(getter), reverse=descending)
        return found if self.options.top is None else found[: self.options.top]

    def render(self, row: Row) -> dict[str, Any]:
        """One row as JSON."""
        answer: dict[str, Any] = {"@odata.etag": etag(row)}
        for column in self._selected:
            if self._annotations:
                answer.update(self._annotations.of(self.table, column, row))
            answer[column.property_name] = plain(row.get(column.name))
        for name, expanded in self._expansions:
            answer[name] = expanded(row)
        return answer

    # -- names

    def property(self, path: str) -> tuple[str, Getter]:
        """Resolve a property path of $filter and $orderby."""
        name, _, rest = path.partition("/")
        column = self.table.properties.get(name)
        if column is not None and column.type == "ManagedProperty" and rest == "Value":
            return "Boolean", lambda row: (row[column.name] or {}).get("Value")
        if column is not None and not rest:
            return _EDM.get(column.type, "Guid" if column.is_lookup else "String"), _getter(column.name)
        if name in self.table.navigation:
            return self._navigated(name, rest)
        if rest and collection_of(self._environment, self.table, name):
            raise not_here(f"a filter on the collection '{name}'")
        raise self._unknown(path)

    def _navigated(self, name: str, rest: str) -> tuple[str, Getter]:
        column, (target, *_) = self.table.navigation[name]

        def related(row: Row) -> Reference | None:
            value = row[column.name]
            return value if isinstance(value, Reference) and value.table in column.targets else None

        if not rest:
            return "Entity", related
        table = self._environment.schema[target]
        self._environment.demand(self._exchange.principal, table, AccessRight.READ)
        kind, getter = Query(self._exchange, table, Options()).property(rest)
        find = self._environment.store.find

        def value_of(row: Row) -> Any:
            reference = related(row)
            found = find(target, reference.id) if reference and reference.table == target else None
            return getter(found) if found else None

        return kind, value_of

    def _unknown(self, name: str) -> WebApiFault:
        text = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{self.table.name}'."
        return WebApiFault(400, "0x80060888", text)

    def _selection(self) -> list[Column]:
        if self.options.select is None:
            return list(self.table.columns.values())
        for name in self.options.select:
            if name not in self.table.properties:
                raise self._unknown(name)
        chosen = [self.table.properties[name] for name in self.options.select]
        key = self.table.columns[self.table.primary_id]
        return chosen if key in chosen else [*chosen, key]

    def _expansion(self, expand: Expand) -> tuple[str, Callable[[Row], Any]]:
        if expand.name in self.table.navigation:
            return expand.name, self._single(expand)
        collection = collection_of(self._environment, self.table, expand.name)
        if collection is None:
            raise self._unknown(expand.name)
        target = self._environment.schema[collection.target]
        query = Query(self._exchange, target, expand.options)

        def rows(row: Row) -> list[dict[str, Any]]:
            related = collection.rows(self._environment, self._exchange.principal, row[self.table.primary_id])
            return [query.render(found) for found in query.apply(related)]

        return expand.name, rows

    def _single(self, expand: Expand) -> Callable[[Row], Any]:
        column, targets = self.table.navigation[expand.name]
        # an owner is a user or a team: what is selected is asked of whichever it is
        queries = {targets[0]: self._on(targets[0], expand)}

        def entity(row: Row) -> dict[str, Any] | None:
            value = row[column.name]
            if value is None or value.table not in targets:
                return None
            if value.table not in queries:
                queries[value.table] = self._on(value.table, expand)
            query, warrant = queries[value.table]
            found = self._environment.store.find(value.table, value.id)
            if found is None or not self._environment.covers(warrant, query.table, found):
                return None
            return query.render(found)

        return entity

    def _on(self, target: str, expand: Expand) -> tuple["Query", Warrant]:
        table = self._environment.schema[target]
        warrant = self._environment.demand(self._exchange.principal, table, AccessRight.READ)
        return Query(self._exchange, table, expand.options), warrant

    def _context_suffix(self) -> str:
        names = list(self.options.select or ())
        names += [f"{expand.name}({','.join(expand.options.select or ())})" for expand in self.options.expand]
        return f"({','.join(names)})" if names else ""

    def _page_size(self) -> int:
        wanted = self._exchange.preference("odata.maxpagesize") or str(PAGE_SIZE)
        if not re.fullmatch(r"[1-9]\d{0,8}", wanted):
            raise BadQuery(f"'{wanted}' is no value for odata.maxpagesize.")
        return min(int(wanted), PAGE_SIZE)

    def _next_link(self, skip: int) -> str:
        path = "/".join(
            segment.name + (f"({segment.key})" if segment.key is not None else "")
            for segment in self._exchange.segments
        )
        query = {**self._exchange.query, "$skiptoken": str(skip)}
        return f"{self._exchange.root}/{quote(path, safe='/()=,')}?{urlencode(query, quote_via=quote, safe='$(),')}"


def etag(row: Row) -> str:
    """The row's version as an etag."""
    return f'W/"{row["versionnumber"]}"'


def plain(value: Any) -> Any:
    """A value as JSON."""
    return value.id if isinstance(value, Reference) else value


def _getter(name: str) -> Getter:
    return lambda row: plain(row[name])


def _sort_key(getter: Getter) -> Callable[[Row], Any]:
    """Order nulls first and text without case."""

    def key(row: Row) -> tuple[bool, Any]:
        value = getter(row)
        if isinstance(value, Reference):
            raise BadQuery("Rows cannot be ordered by a navigation property.")
        return value is not None, value.casefold() if isinstance(value, str) else value or 0

    return key
