"""EntityDefinitions: tables, their privileges and their columns."""

from collections.abc import Callable
from typing import Any

from builder.model import AccessRight, Depth
from builder.sandbox.faults import WebApiFault, unknown_segment
from builder.sandbox.odata.filters import Getter, parse_filter
from builder.sandbox.odata.options import Expand, Options
from builder.sandbox.odata.path import Segment
from builder.sandbox.schema import Column, Table, stable_id
from builder.sandbox.web.exchange import Answer, Exchange

_OWNERSHIP = {"user": "UserOwned", "organization": "OrganizationOwned", "business-unit": "BusinessOwned", "": "None"}
_RIGHT_NAMES = {right: right.token for right in AccessRight}
Described = dict[str, Any]


def definitions_request(exchange: Exchange) -> Answer:
    """Answer a request below EntityDefinitions. $top and $count are ignored there, and nothing is paged (recorded)."""
    if exchange.method != "GET":
        raise WebApiFault(405, "", f"The requested resource does not support http method '{exchange.method}'.")
    _demand(exchange, "prvReadEntity")
    first, *rest = exchange.segments
    if first.key is None:
        if rest:
            raise unknown_segment(rest[0].name)
        tables = [_table(exchange, table) for table in exchange.environment.schema.tables.values()]
        return Answer(body=_many(exchange, "EntityDefinitions", tables))
    table = _by_key(exchange, first)
    if not rest:
        return Answer(body=_one(exchange, "EntityDefinitions/$entity", _table(exchange, table)))
    if rest[0].name != "Attributes" or len(rest) > 1:
        raise unknown_segment(rest[-1].name)
    _demand(exchange, "prvReadAttribute")
    context = f"EntityDefinitions('{stable_id('table', table.name)}')/Attributes"
    if rest[0].key is None:
        return Answer(body=_many(exchange, context, _attributes(table)))
    return Answer(body=_one(exchange, f"{context}/$entity", _attribute_by_key(exchange, table, rest[0])))


def _demand(exchange: Exchange, privilege: str) -> None:
    if exchange.environment.switches.metadata_privileges == "required":
        exchange.environment.guard.demand_named(exchange.principal, privilege)


def _by_key(exchange: Exchange, segment: Segment) -> Table:
    wanted = _key(exchange, segment)
    for table in exchange.environment.schema.tables.values():
        if wanted in (table.name, stable_id("table", table.name)):
            return table
    text = f"Could not find an entity with name {wanted} and fields all"
    raise WebApiFault(404, "0x80040217", text)


def _attribute_by_key(exchange: Exchange, table: Table, segment: Segment) -> Described:
    wanted = _key(exchange, segment)
    for attribute in _attributes(table):
        if wanted in (attribute["LogicalName"], attribute["MetadataId"]):
            return attribute
    raise WebApiFault(404, "0x80040217", f"Could not find an attribute with name {wanted} on entity {table.name}")


def _key(exchange: Exchange, segment: Segment) -> str:
    """`LogicalName='account'` or a MetadataId."""
    key = segment.key or ""
    if "=" not in key:
        return key.strip("'").lower()
    return segment.arguments(exchange.aliases).get("LogicalName", "").strip("'")


def _many(exchange: Exchange, context: str, items: list[Described]) -> dict[str, Any]:
    options = exchange.options
    if options.filter:
        predicate = parse_filter(options.filter, _Model())
        items = [item for item in items if predicate(item)]
    return {**exchange.context(context), "value": [_shape(exchange, item, options) for item in items]}


def _one(exchange: Exchange, context: str, item: Described) -> dict[str, Any]:
    return {**exchange.context(context), **_shape(exchange, item, exchange.options)}


def _shape(exchange: Exchange, item: Described, options: Options) -> Described:
    """Apply $select and $expand; MetadataId always comes along."""
    chosen = {name: value for name, value in item.items() if name != "_table"}
    if options.select is not None:
        for name in options.select:
            if name not in chosen:
                raise _unknown(name)
        chosen = {name: chosen[name] for name in (*options.select, "MetadataId")}
        if "@odata.type" in item:
            chosen = {"@odata.type": item["@odata.type"], **chosen}
    for expand in options.expand:
        chosen[expand.name] = _expanded(exchange, item, expand)
    return chosen


def _expanded(exchange: Exchange, item: Described, expand: Expand) -> list[Described]:
    if expand.name != "Attributes" or "_table" not in item:
        raise _unknown(expand.name)
    _demand(exchange, "prvReadAttribute")
    attributes = _attributes(item["_table"])
    if expand.options.filter:
        predicate = parse_filter(expand.options.filter, _Model())
        attributes = [attribute for attribute in attributes if predicate(attribute)]
    return [_shape(exchange, attribute, expand.options) for attribute in attributes]


def _unknown(name: str) -> WebApiFault:
    text = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.EntityMetadata'."
    return WebApiFault(400, "0x80060888", text)


class _Model:
    """The members of metadata that a filter may name; the types are read off the descriptions."""

    _TYPES: dict[str, str] = dict.fromkeys(
        ("IsActivity", "IsCustomEntity", "IsValidForCreate", "IsValidForUpdate"), "Boolean"
    )

    def property(self, path: str) -> tuple[str, Getter]:
        """Resolve a name."""
        if path in self._TYPES:
            return self._TYPES[path], _member(path)
        if path == "MetadataId":
            return "Guid", _member(path)
        if path == "ObjectTypeCode":
            return "Number", _member(path)
        if path in _TEXT_MEMBERS:
            return "String", _member(path)
        raise _unknown(path)


_TEXT_MEMBERS = (
    "LogicalName",
    "SchemaName",
    "EntitySetName",
    "LogicalCollectionName",
    "PrimaryIdAttribute",
    "PrimaryNameAttribute",
    "EntityLogicalName",
)


def _member(name: str) -> Callable[[Described], Any]:
    return lambda item: item.get(name)


def _table(exchange: Exchange, table: Table) -> Described:
    return {
        "_table": table,
        "MetadataId": stable_id("table", table.name),
        "LogicalName": table.name,
        "SchemaName": table.schema_name,
        "EntitySetName": table.set_name,
        "LogicalCollectionName": table.set_name,
        "ObjectTypeCode": table.object_type_code,
        "PrimaryIdAttribute": table.primary_id,
        "PrimaryNameAttribute": table.primary_name or None,
        "OwnershipType": _OWNERSHIP[table.ownership],
        "IsActivity": table.is_activity,
        "IsCustomEntity": "_" in table.name,
        "DisplayName": _label(table.display),
        "Privileges": _privileges(exchange, table),
    }


def _privileges(exchange: Exchange, table: Table) -> list[Described]:
    """The privileges of a table: a structural property, so it is selected and not expanded (docs)."""
    privileges = exchange.environment.privileges
    found = []
    for right in AccessRight:
        privilege = privileges.guarding(table, right)
        if privilege is not None and table.name in privilege.tables:
            found.append(
                {
                    **{f"CanBe{depth.level}": depth in privilege.depths for depth in Depth},
                    "CanBeEntityReference": False,
                    "CanBeParentEntityReference": False,
                    "CanBeRecordFilter": False,
                    "Name": privilege.name,
                    "PrivilegeId": privileges.id(privilege),
                    "PrivilegeType": _RIGHT_NAMES[right],
                }
            )
    return found


def _attributes(table: Table) -> list[Described]:
    return [_attribute(table, column) for column in table.columns.values()]


def _attribute(table: Table, column: Column) -> Described:
    kind = "Lookup" if column.is_lookup else column.type
    return {
        "@odata.type": f"#Microsoft.Dynamics.CRM.{kind}AttributeMetadata",
        "MetadataId": stable_id("column", table.name, column.name),
        "LogicalName": column.name,
        "EntityLogicalName": table.name,
        "AttributeType": column.type,
        "AttributeTypeName": {"Value": f"{column.type}Type"},
        "IsPrimaryId": column.name == table.primary_id,
        "IsPrimaryName": column.name == table.primary_name,
        "IsValidForRead": True,
        "IsValidForCreate": "create" in column.write,
        "IsValidForUpdate": "update" in column.write,
        **({"Targets": list(column.targets)} if column.is_lookup else {}),
        **({"MaxLength": column.max_length} if column.max_length else {}),
    }


def _label(text: str) -> Described:
    label = {"Label": text, "LanguageCode": 1033, "IsManaged": True, "MetadataId": None, "HasChanged": None}
    return {"LocalizedLabels": [label], "UserLocalizedLabel": label}
