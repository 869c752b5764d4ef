"""Requests on entity sets, single rows, their navigation properties and `$ref`."""

import dataclasses
from collections.abc import Callable

from builder.model import AccessRight
from builder.sandbox.faults import WebApiFault, bad_request, coded, missing_row, not_here, unknown_segment
from builder.sandbox.keys import key_values, row_by_key
from builder.sandbox.odata.options import Options
from builder.sandbox.odata.path import Segment
from builder.sandbox.records import Row
from builder.sandbox.removal import Remover
from builder.sandbox.schema import Table
from builder.sandbox.web.collections import collection_of
from builder.sandbox.web.exchange import Answer, Exchange
from builder.sandbox.web.multiple import multiple_action
from builder.sandbox.web.payload import (
    missing_by_key,
    read_key,
    read_members,
    read_reference,
    read_values,
    table_of_set,
)
from builder.sandbox.web.query import Query, etag, plain

_JOB_TABLES = ("asyncoperation", "importjob")


def entity_request(exchange: Exchange) -> Answer:
    """Answer a request whose first segment is an entity set."""
    first, *rest = exchange.segments
    table = table_of_set(exchange.environment.schema, first.name)
    if first.key is None:
        return _set_request(exchange, table, rest)
    if "=" in first.key:
        return _by_alternate_key(exchange, table, first.key)
    row_id = read_key(first.key)
    if not rest:
        return _dispatch(exchange, _ROW_METHODS)(exchange, table, row_id)
    if len(rest) == 2 and rest[1].name == "$ref":
        return _reference_request(exchange, table, row_id, rest[0])
    if rest[0].name in table.properties and rest[0].key is None:
        return _property_request(exchange, table, row_id, rest)
    if len(rest) == 1 and exchange.method == "GET":
        return _navigate(exchange, table, row_id, rest[0])
    raise unknown_segment(rest[0].name)


def _by_alternate_key(exchange: Exchange, table: Table, text: str) -> Answer:
    """Answer a request on the row that an alternate key names, as if its id stood there; PATCH makes a missing one."""
    environment = exchange.environment
    environment.demand(exchange.principal, table, _RIGHTS.get(exchange.method, AccessRight.READ))
    values = key_values(environment.store, table, text)
    row = row_by_key(environment.store, table, values)
    first, *rest = exchange.segments
    if row is not None:
        named = Segment(first.name, row[table.primary_id])
        return entity_request(dataclasses.replace(exchange, segments=[named, *rest]))
    if exchange.method != "PATCH" or rest or exchange.headers.get("if-match") is not None:
        raise missing_by_key(table)
    return _create(exchange, table, extra=values)


def _property_request(exchange: Exchange, table: Table, row_id: str, rest: list[Segment]) -> Answer:
    """One property: read (`/$value` bare), set by PUT {"value": ...}, emptied by DELETE."""
    column, raw = table.properties[rest[0].name], [segment.name for segment in rest[1:]] == ["$value"]
    if rest[1:] and not raw:
        raise unknown_segment(rest[-1].name)
    if exchange.method == "GET":
        value = plain(exchange.operations.read(exchange.principal, table, row_id)[column.name])
        if value is None:
            return Answer(204)
        context = exchange.context(f"{table.set_name}({row_id})/{rest[0].name}")
        return Answer(body=str(value) if raw else {**context, "value": value})
    if exchange.method not in ("PUT", "DELETE") or raw or column.is_lookup:
        raise WebApiFault(405, "", f"The requested resource does not support http method '{exchange.method}'.")
    members = {column.name: exchange.json().get("value") if exchange.method == "PUT" else None}
    exchange.operations.update(exchange.principal, table, row_id, read_members(exchange, table, members))
    return Answer(204)


_RIGHTS = {"GET": AccessRight.READ, "PATCH": AccessRight.WRITE, "PUT": AccessRight.WRITE, "DELETE": AccessRight.DELETE}


def _dispatch(exchange: Exchange, methods: dict[str, Callable[..., Answer]]) -> Callable[..., Answer]:
    handler = methods.get(exchange.method)
    if handler is None:
        text = f"The requested resource does not support http method '{exchange.method}'."
        raise WebApiFault(405, "", text)
    return handler


def _set_request(exchange: Exchange, table: Table, rest: list[Segment]) -> Answer:
    if [segment.name for segment in rest] == ["$count"] and exchange.method == "GET":
        query = Query(exchange, table, exchange.options)
        found = query.apply(exchange.environment.readable(exchange.principal, table, query.wanted))
        return Answer(body=str(min(len(found), 5000)))
    if rest:
        answer = multiple_action(exchange, table, rest[0].name) if len(rest) == 1 else None
        if answer is None:
            raise unknown_segment(rest[0].name)
        return answer
    return _dispatch(exchange, {"GET": _list, "POST": _create})(exchange, table)


def _list(exchange: Exchange, table: Table) -> Answer:
    query = Query(exchange, table, exchange.options)
    answer = Answer(body=query.collection(exchange.environment.readable(exchange.principal, table, query.wanted)))
    _note_poll(exchange, table)
    return answer


def _note_poll(exchange: Exchange, table: Table) -> None:
    if table.name in _JOB_TABLES:
        exchange.jobs.polled()


def _create(exchange: Exchange, table: Table, row_id: str | None = None, extra: Row | None = None) -> Answer:
    values = {**(extra or {}), **read_values(exchange, table)}
    if row_id is not None:
        values[table.primary_id] = row_id
    return _written(exchange, table, exchange.operations.create(exchange.principal, table, values), 201)


def _written(exchange: Exchange, table: Table, row_id: str, status: int) -> Answer:
    """204, or the row itself where the caller prefers it and may read it."""
    headers = {"OData-EntityId": f"{exchange.root}/{table.set_name}({row_id})"}
    if exchange.preference("return") != "representation":
        return Answer(204, headers=headers)
    row = exchange.operations.read(exchange.principal, table, row_id)
    headers["Preference-Applied"] = "return=representation"
    return Answer(status, Query(exchange, table, exchange.options).entity(row), headers)


def _read(exchange: Exchange, table: Table, row_id: str) -> Answer:
    query = Query(exchange, table, _row_options(exchange.options))
    row = exchange.operations.read(exchange.principal, table, row_id)
    if exchange.headers.get("if-none-match") == etag(row):
        return Answer(304)
    answer = Answer(body=query.entity(row), headers={"ETag": etag(row)})
    _note_poll(exchange, table)
    return answer


def _row_options(options: Options) -> Options:
    if options.filter or options.order or options.top is not None or options.count:
        raise bad_request("$filter, $orderby, $top and $count make no sense on a single row.")
    return options


def _update(exchange: Exchange, table: Table, row_id: str) -> Answer:
    """PATCH: an update, or a create where the row does not exist and the caller does not forbid it by If-Match."""
    row = exchange.environment.store.find(table.name, row_id)
    match, none_match = exchange.headers.get("if-match"), exchange.headers.get("if-none-match")
    if row is None:
        if match is not None:
            exchange.environment.guard.demand(exchange.principal, table, AccessRight.WRITE)
            raise missing_row(table.name, row_id)
        return _create(exchange, table, row_id)
    if none_match == "*":
        raise WebApiFault(412, "0x80040237", "A record with matching key values already exists.")
    _check_version(row, match)
    exchange.operations.update(exchange.principal, table, row_id, read_values(exchange, table))
    return _written(exchange, table, row_id, 200)


def _delete(exchange: Exchange, table: Table, row_id: str) -> Answer:
    row = exchange.environment.store.find(table.name, row_id)
    if row is not None:
        _check_version(row, exchange.headers.get("if-match"))
    if table.name == "solution":
        exchange.environment.guard.demand(exchange.principal, table, AccessRight.DELETE)
        exchange.jobs.check_free(None)
        Remover(exchange.environment).uninstall(row_id)
    else:
        exchange.operations.delete(exchange.principal, table, row_id)
    return Answer(204)


def _check_version(row: Row, match: str | None) -> None:
    if match not in (None, "*", etag(row)):
        raise coded("0x80060882", status=412)


_ROW_METHODS: dict[str, Callable[..., Answer]] = {"GET": _read, "PATCH": _update, "DELETE": _delete}


def _navigate(exchange: Exchange, table: Table, row_id: str, segment: Segment) -> Answer:
    row = exchange.operations.read(exchange.principal, table, row_id)
    collection = collection_of(exchange.environment, table, segment.name)
    if collection is not None and segment.key is None:
        rows = collection.rows(exchange.environment, exchange.principal, row_id)
        target = exchange.environment.schema[collection.target]
        return Answer(body=Query(exchange, target, exchange.options).collection(rows))
    if segment.name in table.navigation:
        column, targets = table.navigation[segment.name]
        value = row[column.name]
        if value is None or value.table not in targets:
            return Answer(204)
        return _read(exchange, exchange.environment.schema[value.table], value.id)
    raise unknown_segment(segment.name)


def _reference_request(exchange: Exchange, table: Table, row_id: str, segment: Segment) -> Answer:
    """`$ref`: add to a collection, take from it, set or clear a single-valued property."""
    collection = collection_of(exchange.environment, table, segment.name)
    if collection is None:
        return _single_reference(exchange, table, row_id, segment)
    change = {"POST": collection.add, "DELETE": collection.remove}.get(exchange.method)
    if change is None:
        raise not_here(f"{exchange.method} of {segment.name}/$ref")
    if exchange.method == "POST":
        related = read_reference(exchange, exchange.json().get("@odata.id"), absolute=True)
    elif segment.key is not None:
        related = read_reference(exchange, f"/{_set_of(exchange, collection.target)}({segment.key})")
    else:
        related = read_reference(exchange, exchange.query.get("$id"), absolute=True)
    if related.table != collection.target:
        raise bad_request(f"'{segment.name}' leads to {collection.target}, not to {related.table}.")
    change(exchange.environment, exchange.principal, row_id, related.id)
    return Answer(204)


def _set_of(exchange: Exchange, table_name: str) -> str:
    return exchange.environment.schema[table_name].set_name


def _single_reference(exchange: Exchange, table: Table, row_id: str, segment: Segment) -> Answer:
    if segment.name not in table.navigation:
        raise unknown_segment(segment.name)
    column, targets = table.navigation[segment.name]
    if exchange.method == "DELETE":
        value = None
    elif exchange.method == "PUT":
        value = read_reference(exchange, exchange.json().get("@odata.id"), absolute=True)
        if value.table not in targets:
            raise bad_request(f"'{segment.name}' leads to {' or '.join(targets)}, not to {value.table}.")
    else:
        raise not_here(f"{exchange.method} of {segment.name}/$ref")
    exchange.operations.associate(exchange.principal, table, row_id, column.name, value)
    return Answer(204)
