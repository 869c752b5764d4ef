"""JSON bodies to column values: every property is checked against the table."""

import re
from datetime import datetime
from typing import Any

from builder.sandbox.faults import WebApiFault, bad_request, not_here, unknown_segment
from builder.sandbox.keys import key_values, row_by_key
from builder.sandbox.odata.literals import BadQuery, parse_guid
from builder.sandbox.records import Reference, Row
from builder.sandbox.schema import Column, Schema, Table
from builder.sandbox.web.exchange import Exchange

_BIND = "@odata.bind"
_NUMBERS = ("Integer", "BigInt", "Picklist", "State", "Status")
_FRACTIONS = ("Double", "Decimal", "Money")


def read_values(exchange: Exchange, table: Table) -> Row:
    """Read the body of a create or update; raises WebApiFault for what the table does not have."""
    return read_members(exchange, table, exchange.json())


def read_members(exchange: Exchange, table: Table, members: dict[str, Any]) -> Row:
    """Read the members of a row; raises WebApiFault for what the table does not have."""
    values: Row = {}
    for name, value in members.items():
        if name.endswith(_BIND):
            column, reference = _bound(exchange, table, name.removesuffix(_BIND), value)
            values[column.name] = reference
        elif "@" not in name:
            column = _property(table, name)
            values[column.name] = _value(table, column, value)
    return values


def _property(table: Table, name: str) -> Column:
    column = table.properties.get(name)
    if name in table.navigation:
        raise not_here(f"creating or changing a related row together with its {table.name} ('{name}')")
    if column is None or column.is_lookup:
        raise bad_request(
            f"Error identified in Payload provided by the user for Entity :'{table.set_name}'. "
            f"Does not support untyped value in non-open type: the property '{name}' does not exist on type "
            f"'Microsoft.Dynamics.CRM.{table.name}'."
        )
    return column


def _bound(exchange: Exchange, table: Table, name: str, value: object) -> tuple[Column, Reference | None]:
    if name not in table.navigation:
        raise bad_request(
            f"An undeclared property '{name}' which only has property annotations in the payload but no property value "
            "was found in the payload. In OData, only declared navigation properties and declared named streams can be "
            "represented as properties without values."
        )
    column, targets = table.navigation[name]
    if value is None:
        return column, None
    reference = read_reference(exchange, value)
    if reference.table not in targets:
        leads = " or ".join(targets)
        raise bad_request(f"The navigation property '{name}' leads to {leads}, not to {reference.table}.")
    return column, reference


def read_reference(exchange: Exchange, value: object, absolute: bool = False) -> Reference:
    """Read an address of a row, `/accounts(id)` or absolute; `$ref` bodies ask for an absolute one (docs)."""
    text = value if isinstance(value, str) else ""
    local = text.removeprefix(exchange.root)
    if (absolute or "://" in text) and local == text:
        raise bad_request(f"'{text}' is not an absolute address below {exchange.root}.")
    match = re.fullmatch(r"/?(?:api/data/v9\.[0-2]/)?(\w+)\(([^()]+)\)", local)
    if match is None:
        raise bad_request(f"'{text}' is not the address of a row.")
    table = table_of_set(exchange.environment.schema, match[1])
    if "=" not in match[2]:
        return Reference(table.name, read_key(match[2]))
    store = exchange.environment.store
    row = row_by_key(store, table, key_values(store, table, match[2]))
    if row is None:
        raise missing_by_key(table)
    return Reference(table.name, row[table.primary_id])


def missing_by_key(table: Table) -> WebApiFault:
    """No row has the values of an alternate key."""
    text = f"A record with the specified key values does not exist in {table.name} entity"
    return WebApiFault(404, "0x80060891", text)


def table_of_set(schema: Schema, set_name: str) -> Table:
    """The table of an entity set; raises 404."""
    table = schema.by_set.get(set_name)
    if table is None:
        raise unknown_segment(set_name)
    return table


def read_key(text: str) -> str:
    """Read a row's id; here an alternate key will not do."""
    if "=" in text:
        raise not_here(f"the alternate key '{text}'")
    try:
        return parse_guid(text)
    except BadQuery as error:
        raise WebApiFault(400, "0x80060888", error.message) from None


def _value(table: Table, column: Column, value: Any) -> Any:
    if value is None:
        return None
    if not _fits(column, value):
        text = f"Cannot convert the literal '{value}' to the expected type 'Edm.{column.type}'"
        raise bad_request(f"Error identified in Payload provided by the user for Entity :'{table.set_name}'. {text}.")
    if column.max_length and len(value) > column.max_length:
        text = f"The length of the '{column.name}' attribute of the '{table.name}' entity exceeded the maximum allowed"
        raise WebApiFault(400, "0x80044331", f"A validation error occurred. {text} length of '{column.max_length}'.")
    return value.lower() if column.type == "Uniqueidentifier" else value


def _fits(column: Column, value: Any) -> bool:
    if column.type == "Boolean" or isinstance(value, bool):
        return column.type == "Boolean" and isinstance(value, bool)
    if column.type in _NUMBERS:
        return isinstance(value, int)
    if column.type in _FRACTIONS:
        return isinstance(value, int | float)
    return isinstance(value, str) and _readable(column, value)


def _readable(column: Column, text: str) -> bool:
    try:
        if column.type == "DateTime":
            datetime.fromisoformat(text)
        elif column.type == "Uniqueidentifier":
            parse_guid(text)
    except (ValueError, BadQuery):
        return False
    return True
