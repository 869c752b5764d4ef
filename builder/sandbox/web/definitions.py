"""EntityDefinitions and RelationshipDefinitions: tables, their privileges, columns, keys and relationships."""

from collections.abc import Callable
from typing import Any

from builder.model import AccessRight
from builder.sandbox.faults import WebApiFault, bad_request, unknown_segment
from builder.sandbox.keys import declare_key
from builder.sandbox.odata.filters import Getter, parse_filter
from builder.sandbox.odata.options import Expand, Options
from builder.sandbox.odata.path import NAMESPACE, Segment
from builder.sandbox.relationships import MANY_TO_MANY
from builder.sandbox.schema import Table, stable_id
from builder.sandbox.web.describing import (
    Described,
    describe_many_to_many,
    describe_one_to_many,
    describe_table,
    parts_of,
)
from builder.sandbox.web.exchange import Answer, Exchange

_READS = {"Attributes": "prvReadAttribute", "Keys": "prvReadEntityKey"}
_BOOLEANS = (
    "IsActivity",
    "IsCustomAttribute",
    "IsCustomEntity",
    "IsCustomRelationship",
    "IsIntersect",
    "IsManaged",
    "IsPrimaryId",
    "IsPrimaryName",
    "IsPrivate",
    "IsValidForCreate",
    "IsValidForRead",
    "IsValidForUpdate",
)


def definitions_request(exchange: Exchange) -> Answer:
    """Answer a request below EntityDefinitions. $top and $count are ignored there, and nothing is paged (recorded)."""
    first, *rest = exchange.segments
    if exchange.method != "GET":
        return _change(exchange, first, rest)
    _demand(exchange, "prvReadEntity")
    if first.key is None:
        if rest:
            raise unknown_segment(rest[0].name)
        tables = [describe_table(exchange.environment, table) for table in exchange.environment.schema.tables.values()]
        return Answer(body=_many(exchange, "EntityDefinitions", tables))
    table = _by_key(exchange, first)
    if not rest:
        described = describe_table(exchange.environment, table)
        return Answer(body=_one(exchange, "EntityDefinitions/$entity", described))
    return Answer(body=_part(exchange, table, rest))


def relationships_request(exchange: Exchange) -> Answer:
    """Answer RelationshipDefinitions, all or one by its SchemaName or MetadataId."""
    (first, *rest), environment = exchange.segments, exchange.environment
    if rest:
        raise unknown_segment(rest[0].name)
    if exchange.method != "GET":
        raise _not_allowed(exchange)
    _demand(exchange, "prvReadRelationship")
    found = [describe_one_to_many(environment, relationship) for relationship in environment.relationships]
    found += [describe_many_to_many(relationship) for relationship in MANY_TO_MANY]
    if first.key is None:
        return Answer(body=_many(exchange, "RelationshipDefinitions", found))
    one = _named(exchange, found, first, "SchemaName")
    return Answer(body=_one(exchange, "RelationshipDefinitions/$entity", one))


def _part(exchange: Exchange, table: Table, rest: list[Segment]) -> dict[str, Any]:
    """Attributes, keys and relationships of a table: all, one by its key, or those of one type (a cast)."""
    (first, *more), context = rest, f"EntityDefinitions('{stable_id('table', table.name)}')/{rest[0].name}"
    items = parts_of(exchange.environment, table, first.name)
    if items is None or len(more) > 1:
        raise unknown_segment(rest[-1].name)
    _demand(exchange, _READS.get(first.name, "prvReadRelationship"))
    cast = f"#{NAMESPACE}{more[0].name}" if more else None
    if cast and not more[0].name.endswith("Metadata"):
        raise unknown_segment(more[0].name)
    if first.key is None:
        return _many(exchange, context, [item for item in items if cast in (None, item.get("@odata.type"))])
    one = _named(exchange, items, first, "SchemaName" if "Relationships" in first.name else "LogicalName")
    if cast not in (None, one.get("@odata.type")):
        raise WebApiFault(404, "0x80060888", f"The attribute {one['LogicalName']} is no {more[0].name}.")
    return _one(exchange, f"{context}/$entity", one)


def _change(exchange: Exchange, first: Segment, rest: list[Segment]) -> Answer:
    """POST and DELETE of alternate keys; other metadata is changed by importing a solution."""
    environment = exchange.environment
    if [segment.name for segment in rest] != ["Keys"] or first.key is None:
        raise _not_allowed(exchange)
    table, keys = _by_key(exchange, first), environment.schema["entitykey"]
    if exchange.method == "POST" and rest[0].key is None:
        environment.demand(exchange.principal, keys, AccessRight.CREATE)
        body = exchange.json()
        name, columns = body.get("SchemaName"), body.get("KeyAttributes")
        if not isinstance(name, str) or not isinstance(columns, list):
            raise bad_request("A key needs SchemaName and KeyAttributes.")
        columns = [str(column).lower() for column in columns]
        key_id = declare_key(environment.store, table, name, columns, exchange.principal.user_id)
        address = f"{exchange.root}/EntityDefinitions({stable_id('table', table.name)})/Keys({key_id})"
        return Answer(204, headers={"OData-EntityId": address})
    if exchange.method == "DELETE" and rest[0].key is not None:
        environment.demand(exchange.principal, keys, AccessRight.DELETE)
        items = parts_of(environment, table, "Keys") or []
        environment.store.remove("entitykey", _named(exchange, items, rest[0], "LogicalName")["MetadataId"])
        return Answer(204)
    raise _not_allowed(exchange)


def _not_allowed(exchange: Exchange) -> WebApiFault:
    return WebApiFault(405, "", f"The requested resource does not support http method '{exchange.method}'.")


def _demand(exchange: Exchange, privilege: str) -> None:
    if exchange.environment.switches.metadata_privileges == "required":
        exchange.environment.guard.demand_named(exchange.principal, privilege)


def _by_key(exchange: Exchange, segment: Segment) -> Table:
    wanted = _key(exchange, segment, "LogicalName")
    for table in exchange.environment.schema.tables.values():
        if wanted in (table.name, stable_id("table", table.name)):
            return table
    text = f"Could not find an entity with name {wanted} and fields all"
    raise WebApiFault(404, "0x80040217", text)


def _named(exchange: Exchange, items: list[Described], segment: Segment, name: str) -> Described:
    wanted = _key(exchange, segment, name).lower()
    for item in items:
        if wanted in (item[name].lower(), item["MetadataId"]):
            return item
    raise WebApiFault(404, "0x80040217", f"Could not find {segment.name} with {name} {wanted}")


def _key(exchange: Exchange, segment: Segment, name: str) -> str:
    """`LogicalName='account'` or a MetadataId."""
    key = segment.key or ""
    if "=" not in key:
        return key.strip("'").lower()
    return segment.arguments(exchange.aliases).get(name, "").strip("'")


def _many(exchange: Exchange, context: str, items: list[Described]) -> dict[str, Any]:
    items = _filtered(items, exchange.options)
    return {**exchange.context(context), "value": [_shape(exchange, item, exchange.options) for item in items]}


def _one(exchange: Exchange, context: str, item: Described) -> dict[str, Any]:
    return {**exchange.context(context), **_shape(exchange, item, exchange.options)}


def _filtered(items: list[Described], options: Options) -> list[Described]:
    if not options.filter:
        return items
    predicate = parse_filter(options.filter, _Model())
    return [item for item in items if predicate(item)]


def _shape(exchange: Exchange, item: Described, options: Options) -> Described:
    """Apply $select and $expand; MetadataId always comes along."""
    chosen = {name: value for name, value in item.items() if name not in ("_table", "OptionSet")}
    if options.select is not None:
        for name in options.select:
            if name not in chosen and name not in _ELSEWHERE:
                raise _unknown(name)
        chosen = {name: item.get(name) for name in (*options.select, "MetadataId")}
        if "@odata.type" in item:
            chosen = {"@odata.type": item["@odata.type"], **chosen}
    for expand in options.expand:
        chosen[expand.name] = _expanded(exchange, item, expand)
    return chosen


# Members of some kinds of attributes or relationships, which may be selected of them all.
_ELSEWHERE = ("Targets", "MaxLength", "OptionSet", "Format", "Precision", "MinValue", "MaxValue")


def _expanded(exchange: Exchange, item: Described, expand: Expand) -> Any:
    if expand.name == "OptionSet" and "OptionSet" in item:
        return _shape(exchange, item["OptionSet"], expand.options)
    parts = parts_of(exchange.environment, item["_table"], expand.name) if "_table" in item else None
    if parts is None:
        raise _unknown(expand.name)
    _demand(exchange, _READS.get(expand.name, "prvReadRelationship"))
    return [_shape(exchange, part, expand.options) for part in _filtered(parts, expand.options)]


def _unknown(name: str) -> WebApiFault:
    text = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.EntityMetadata'."
    return WebApiFault(400, "0x80060888", text)


class _Model:
    """The members of metadata that a filter may name."""

    def property(self, path: str) -> tuple[str, Getter]:
        """Resolve a name; enumerations such as AttributeType and OwnershipType compare as text."""
        if path in _BOOLEANS:
            return "Boolean", _member(path)
        if path in ("MetadataId", "PrivilegeId"):
            return "Guid", _member(path)
        if path in ("ObjectTypeCode", "MaxLength"):
            return "Number", _member(path)
        if path in _TEXT_MEMBERS:
            return "String", _member(path)
        raise _unknown(path)


_TEXT_MEMBERS = (
    "AttributeOf",
    "AttributeType",
    "Entity1LogicalName",
    "Entity2LogicalName",
    "EntityLogicalName",
    "EntitySetName",
    "IntersectEntityName",
    "LogicalCollectionName",
    "LogicalName",
    "OwnershipType",
    "PrimaryIdAttribute",
    "PrimaryNameAttribute",
    "ReferencedEntity",
    "ReferencingAttribute",
    "ReferencingEntity",
    "RelationshipType",
    "SchemaName",
)


def _member(name: str) -> Callable[[Described], Any]:
    return lambda item: item.get(name)
