"""Actions on many rows of a table: CreateMultiple, UpdateMultiple, UpsertMultiple, BulkDelete. All or nothing."""

from typing import Any

from builder.sandbox.faults import WebApiFault, bad_request, not_here
from builder.sandbox.keys import keys_of, row_by_key
from builder.sandbox.odata.path import NAMESPACE
from builder.sandbox.records import Reference, Row, new_id
from builder.sandbox.schema import Table
from builder.sandbox.web.exchange import Answer, Exchange
from builder.sandbox.web.payload import read_key, read_members

_BULK_DELETE = 13


def multiple_action(exchange: Exchange, table: Table, name: str) -> Answer | None:
    """Carry out an action on the rows of a table; None where there is none of that name."""
    action = {"CreateMultiple": _create, "UpdateMultiple": _update, "UpsertMultiple": _upsert}.get(name)
    if action is None or exchange.method != "POST":
        return None
    with exchange.environment.store.all_or_nothing(), exchange.environment.roles.all_or_nothing():
        return action(exchange, table, [_values(exchange, table, target) for target in _targets(exchange)])


def _targets(exchange: Exchange) -> list[dict[str, Any]]:
    targets = exchange.json().get("Targets")
    if not isinstance(targets, list) or not all(isinstance(target, dict) for target in targets):
        raise bad_request("The required parameter 'Targets' is missing or no list of rows.")
    return targets


def _values(exchange: Exchange, table: Table, target: dict[str, Any]) -> Row:
    kind = target.get("@odata.type", "")
    if kind and str(kind).lstrip("#") != f"{NAMESPACE}{table.name}":
        raise bad_request(f"'{kind}' is not the type of {table.set_name}.")
    return read_members(exchange, table, {name: value for name, value in target.items() if name != "@odata.id"})


def _create(exchange: Exchange, table: Table, rows: list[Row]) -> Answer:
    ids = [exchange.operations.create(exchange.principal, table, values) for values in rows]
    return Answer(body={**exchange.context(f"{NAMESPACE}CreateMultipleResponse"), "Ids": ids})


def _update(exchange: Exchange, table: Table, rows: list[Row]) -> Answer:
    for values in rows:
        row_id = values.pop(table.primary_id, None) or _named_by_key(exchange, table, values)
        if row_id is None:
            raise bad_request(f"A row to be updated needs '{table.primary_id}'.")
        exchange.operations.update(exchange.principal, table, row_id, values)
    return Answer(204)


def _upsert(exchange: Exchange, table: Table, rows: list[Row]) -> Answer:
    results = []
    for values in rows:
        row_id = values.get(table.primary_id) or _named_by_key(exchange, table, values)
        there = row_id is not None and exchange.environment.store.find(table.name, row_id) is not None
        if there:
            changes = {name: value for name, value in values.items() if name != table.primary_id}
            exchange.operations.update(exchange.principal, table, str(row_id), changes)
        else:
            row_id = exchange.operations.create(exchange.principal, table, values)
        results.append({"RecordCreated": not there, "Target": {table.primary_id: row_id}})
    return Answer(body={**exchange.context(f"{NAMESPACE}UpsertMultipleResponse"), "Results": results})


def _named_by_key(exchange: Exchange, table: Table, values: Row) -> str | None:
    """The row that the values of a declared key name."""
    store = exchange.environment.store
    for key in keys_of(store, table):
        columns = key["keyattributes"].split(",")
        if set(columns) <= set(values):
            row = row_by_key(store, table, {name: values[name] for name in columns})
            return str(row[table.primary_id]) if row else None
    return None


def bulk_delete(exchange: Exchange, body: dict[str, Any]) -> Answer:
    """BulkDelete of rows named by their ids; it is done at once, and the job says so. Rows that the caller may not
    delete stay (docs: such jobs count failures).
    """
    exchange.environment.guard.demand_named(exchange.principal, "prvBulkDelete")
    done = failed = 0
    for table, row_id in _named_rows(exchange, body):
        try:
            exchange.operations.delete(exchange.principal, table, row_id)
        except WebApiFault:
            failed += 1
        else:
            done += 1
    return Answer(body={**exchange.context(f"{NAMESPACE}BulkDeleteResponse"), "JobId": _job(exchange, body, failed)})


def _named_rows(exchange: Exchange, body: dict[str, Any]) -> list[tuple[Table, str]]:
    """The rows of a QuerySet whose criteria are one condition, `In` or `Equal` on the primary id."""
    found: list[tuple[Table, str]] = []
    for query in body.get("QuerySet") or []:
        table = exchange.environment.schema.tables.get(query.get("EntityName", ""))
        conditions: list[dict[str, Any]] = (query.get("Criteria") or {}).get("Conditions") or []
        if table is None or len(conditions) != 1 or conditions[0].get("AttributeName") != table.primary_id:
            raise not_here("a BulkDelete of other rows than those named by their ids")
        values = conditions[0].get("Values") or []
        ids = (value.get("Value") if isinstance(value, dict) else value for value in values)
        found += [(table, read_key(str(row_id))) for row_id in ids]
    return found


def _job(exchange: Exchange, body: dict[str, Any], failed: int) -> str:
    store, owner = exchange.environment.store, Reference("systemuser", exchange.principal.user_id)
    job: Row = {
        "asyncoperationid": new_id(),
        "name": str(body.get("JobName") or "Bulk delete"),
        "messagename": "BulkDelete",
        "operationtype": _BULK_DELETE,
        "statecode": 3,
        "statuscode": 31 if failed else 30,
        "startedon": store.now(),
        "completedon": store.now(),
        "message": f"{failed} rows could not be deleted." if failed else None,
        "ownerid": owner,
        "owninguser": owner,
        "owningbusinessunit": store.get("systemuser", owner.id)["businessunitid"],
    }
    job_id: str = store.add("asyncoperation", job, exchange.principal.user_id)["asyncoperationid"]
    return job_id
