"""`$metadata`: the model as CSDL, as far as clients read it: sets, keys, properties, navigation properties."""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from builder.sandbox.faults import WebApiFault
from builder.sandbox.schema import Table
from builder.sandbox.web.exchange import Answer, Exchange

_EDM = {
    "BigInt": "Int64",
    "Boolean": "Boolean",
    "DateTime": "DateTimeOffset",
    "Decimal": "Decimal",
    "Double": "Double",
    "Integer": "Int32",
    "Money": "Decimal",
    "Picklist": "Int32",
    "State": "Int32",
    "Status": "Int32",
    "Uniqueidentifier": "Guid",
}
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" '
    'xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
    '<EntityType Name="crmbaseentity" Abstract="true" />'
)
_TAIL = "</Schema></edmx:DataServices></edmx:Edmx>"


def metadata_document(exchange: Exchange) -> Answer:
    """Answer `$metadata`. Operations and managed properties' types are left out."""
    if exchange.method != "GET":
        raise WebApiFault(405, "", f"The requested resource does not support http method '{exchange.method}'.")
    schema = exchange.environment.schema
    collections: dict[str, list[tuple[str, str]]] = {}
    for relationship in exchange.environment.relationships:
        collections.setdefault(relationship.target, []).append((relationship.collection, relationship.table))
    types = "".join(_entity_type(schema.tables, table, collections) for table in schema.tables.values())
    sets = "".join(
        f'<EntitySet Name={quoteattr(table.set_name)} EntityType="Microsoft.Dynamics.CRM.{table.name}" />'
        for table in schema.tables.values()
    )
    body = f'{_HEAD}{types}<EntityContainer Name="System">{sets}</EntityContainer>{_TAIL}'
    return Answer(body=body, headers={"Content-Type": "application/xml"})


def _entity_type(tables: dict[str, Table], table: Table, collections: dict[str, list[tuple[str, str]]]) -> str:
    return (
        f'<EntityType Name={quoteattr(table.name)} BaseType="mscrm.crmbaseentity">'
        f"<Key><PropertyRef Name={quoteattr(table.primary_id)} /></Key>"
        f"{''.join(_properties(table))}{''.join(_navigation(tables, table, collections))}</EntityType>"
    )


def _properties(table: Table) -> Iterator[str]:
    for column in table.columns.values():
        kind = "Guid" if column.is_lookup else _EDM.get(column.type, "String")
        yield f'<Property Name={quoteattr(column.property_name)} Type="Edm.{kind}" />'


def _navigation(tables: dict[str, Table], table: Table, collections: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    names = set(table.properties)
    for name, (_, targets) in table.navigation.items():
        if targets[0] in tables and name not in names:
            names.add(name)
            kind = targets[0] if len(targets) == 1 else "crmbaseentity"
            yield f'<NavigationProperty Name={quoteattr(name)} Type="mscrm.{kind}" />'
    for name, child in collections.get(table.name, ()):
        if name not in names:
            names.add(name)
            yield f'<NavigationProperty Name={quoteattr(name)} Type="Collection(mscrm.{child})" />'
