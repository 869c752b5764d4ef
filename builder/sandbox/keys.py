"""Alternate keys: which columns name a row of a table, and the row that they name."""

from builder.sandbox.faults import WebApiFault, bad_request
from builder.sandbox.odata.literals import BadQuery, parse_guid, parse_literal
from builder.sandbox.odata.options import split
from builder.sandbox.records import Reference, Row, Store
from builder.sandbox.schema import LOOKUPS, Column, Table

# Keys that every environment has (docs: users by their id in Entra; the others are unconfirmed).
_BUILT_IN = {
    "systemuser": (("azureactivedirectoryobjectid",),),
    "solution": (("uniquename",),),
    "transactioncurrency": (("isocurrencycode",),),
}


def keys_of(store: Store, table: Table) -> list[Row]:
    """The keys that were declared on a table."""
    return [row for row in store.all("entitykey") if row["entitylogicalname"] == table.name]


def declare_key(store: Store, table: Table, schema_name: str, columns: list[str], by: str) -> str:
    """Declare a key; gives its id. Raises 400 for columns that the table does not have, 412 for a key that is there."""
    for column in columns:
        if column not in table.columns:
            raise bad_request(f"The table {table.name} has no column '{column}' for a key.")
    if not columns:
        raise bad_request("A key needs columns (KeyAttributes).")
    if any(row["schemaname"].lower() == schema_name.lower() for row in keys_of(store, table)):
        raise WebApiFault(412, "0x80040237", f"A key with the name {schema_name} already exists on {table.name}.")
    values = {
        "name": schema_name,
        "schemaname": schema_name,
        "logicalname": schema_name.lower(),
        "entitylogicalname": table.name,
        "keyattributes": ",".join(columns),
    }
    row_id: str = store.add("entitykey", values, by)["entitykeyid"]
    return row_id


def key_values(store: Store, table: Table, text: str) -> Row:
    """Read `column=value,...` in the parentheses of an address; raises 400 where no key has just these columns."""
    values: Row = {}
    for part in split(text, ","):
        name, _, literal = part.partition("=")
        column = table.properties.get(name.strip())
        if column is None:
            raise WebApiFault(400, "0x80060888", f"The table {table.name} has no property '{name.strip()}'.")
        values[column.name] = _value(column, literal.strip())
    declared = [tuple(row["keyattributes"].split(",")) for row in keys_of(store, table)]
    declared += _BUILT_IN.get(table.name, ())
    if set(values) not in [set(columns) for columns in (*declared, (table.primary_id,))]:
        text = f"The specified key ({', '.join(values)}) is not a defined alternate key of {table.name}."
        raise WebApiFault(400, "0x80060888", text)
    return values


def row_by_key(store: Store, table: Table, values: Row) -> Row | None:
    """The row that has these values."""
    for row in store.all(table.name):
        if all(_same(row[name], value) for name, value in values.items()):
            return row
    return None


def check_unique(store: Store, table: Table, values: Row, row_id: str | None) -> None:
    """Refuse values that another row has in all columns of a key (0x80060892, recorded as such for duplicates)."""
    for key in keys_of(store, table):
        columns = key["keyattributes"].split(",")
        if not set(columns) & set(values):
            continue
        there = store.find(table.name, row_id) if row_id else None
        wanted = {name: values.get(name, there and there[name]) for name in columns}
        twin = None if None in wanted.values() else row_by_key(store, table, wanted)
        if twin is not None and twin[table.primary_id] != row_id:
            text = f"A record that has the attribute values {', '.join(columns)} already exists. The entity key "
            raise WebApiFault(412, "0x80060892", f"{text}{key['schemaname']} requires that they are unique.")


def _value(column: Column, text: str) -> object:
    literal = parse_literal(text)
    if literal is None or literal.type == "Null":
        raise WebApiFault(400, "0x80060888", f"'{text}' is no value for the key column {column.name}.")
    if column.type in LOOKUPS or column.type == "Uniqueidentifier":
        try:
            value = parse_guid(text)
        except BadQuery as error:
            raise WebApiFault(400, "0x80060888", error.message) from None
        return Reference(next(iter(column.targets)), value) if column.type in LOOKUPS else value
    return literal.value


def _same(held: object, wanted: object) -> bool:
    if isinstance(held, str) and isinstance(wanted, str):
        return held.casefold() == wanted.casefold()
    if isinstance(held, Reference) and isinstance(wanted, Reference):
        return held.id == wanted.id
    return held == wanted
