"""Tables that a package or a scenario brings: read from customizations.xml, or described by a person.

What a table has by itself (owner, stamps) is copied from the sandbox's own accounts; a column of a type that the
sandbox does not keep (files, images, party lists) is left out.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from builder.catalogue import Privilege
from builder.catalogue.lookup import Table as CatalogueTable
from builder.model import ALL_RIGHTS, AccessRight, Depth
from builder.sandbox.schema import CREATE, UPDATE, Column, Schema, Table, plural

_TYPES = {
    "primarykey": "Uniqueidentifier",
    "uniqueidentifier": "Uniqueidentifier",
    "nvarchar": "String",
    "ntext": "Memo",
    "int": "Integer",
    "bigint": "BigInt",
    "bit": "Boolean",
    "datetime": "DateTime",
    "decimal": "Decimal",
    "float": "Double",
    "money": "Money",
    "picklist": "Picklist",
    "state": "State",
    "status": "Status",
    "lookup": "Lookup",
    "customer": "Lookup",
}
_OWNERSHIP = {"UserOwned": "user", "TeamOwned": "user", "BusinessOwned": "business-unit"}
_WITHOUT_OWNER = tuple(right for right in ALL_RIGHTS if right not in (AccessRight.ASSIGN, AccessRight.SHARE))
# Ownership -> the rights that such tables have, and the depths of each (docs; measured on 989 tables).
_GUARDS = {
    "user": (ALL_RIGHTS, tuple(Depth)),
    "business-unit": (_WITHOUT_OWNER, (Depth.LOCAL, Depth.DEEP, Depth.GLOBAL)),
    "organization": (_WITHOUT_OWNER, (Depth.GLOBAL,)),
}
_STAMPS = ("createdon", "createdby", "modifiedon", "modifiedby", "versionnumber")
_OWNER_COLUMNS = ("ownerid", "owninguser", "owningteam", "owningbusinessunit")


@dataclass(frozen=True, slots=True)
class BroughtColumn:
    """A column: `targets` are pairs of table and navigation property; `write` holds "create" and "update"."""

    name: str
    type: str
    targets: tuple[tuple[str, str], ...] = ()
    write: tuple[str, ...] = (CREATE, UPDATE)
    max_length: int = 0
    default: int | None = None


@dataclass(frozen=True, slots=True)
class BroughtTable:
    """A table. `whole` is False where only columns are brought to a table that is there."""

    name: str
    schema_name: str
    set_name: str
    display: str
    ownership: str
    activity: bool
    primary_name: str
    columns: tuple[BroughtColumn, ...]
    whole: bool = True


# -- read from a package


def read_tables(customizations: etree._Element) -> Iterator[BroughtTable]:
    """The tables of customizations.xml, those too of which it has some columns only."""
    lookups = _lookups(customizations)
    for holder in customizations.iterfind("Entities/Entity"):
        name = (holder.findtext("Name") or "").strip()
        entity = holder.find("EntityInfo/entity")
        if name and entity is not None:
            yield _table(name, holder, entity, lookups)


def _lookups(customizations: etree._Element) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """The targets of lookups by table and column: table and navigation property."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for relationship in customizations.iterfind("EntityRelationships/EntityRelationship"):
        if relationship.findtext("EntityRelationshipType") != "OneToMany":
            continue
        column = (relationship.findtext("ReferencingAttributeName") or "").strip()
        table = (relationship.findtext("ReferencingEntityName") or "").lower()
        target = (relationship.findtext("ReferencedEntityName") or "").lower()
        navigation = column
        for role in relationship.iterfind("EntityRelationshipRoles/EntityRelationshipRole"):
            if role.findtext("RelationshipRoleType") == "1":
                navigation = role.findtext("NavigationPropertyName") or column
        found.setdefault((table, column.lower()), []).append((target, navigation))
    return found


def _table(
    name: str,
    holder: etree._Element,
    entity: etree._Element,
    lookups: Mapping[tuple[str, str], list[tuple[str, str]]],
) -> BroughtTable:
    attributes = entity.findall("attributes/attribute")
    label = holder.find("Name")
    mask = (entity.findtext("OwnershipTypeMask") or "").strip()
    primary = (_name(one) for one in attributes if "PrimaryName" in (one.findtext("DisplayMask") or "").split("|"))
    return BroughtTable(
        name=name.lower(),
        schema_name=name,
        set_name=(entity.findtext("EntitySetName") or plural(name.lower())).strip(),
        display=(label.get("LocalizedName", "") if label is not None else "") or name,
        ownership=_OWNERSHIP.get(mask, "organization"),
        activity=entity.findtext("IsActivity") == "1",
        primary_name=next(primary, "subject" if entity.findtext("IsActivity") == "1" else ""),
        columns=tuple(_columns(name.lower(), attributes, lookups)),
        whole=any(one.findtext("Type") == "primarykey" for one in attributes),
    )


def _columns(
    table: str, attributes: Iterable[etree._Element], lookups: Mapping[tuple[str, str], list[tuple[str, str]]]
) -> Iterator[BroughtColumn]:
    for attribute in attributes:
        name, kind = _name(attribute), _TYPES.get((attribute.findtext("Type") or "").strip())
        if not name or kind is None or name in (*_STAMPS, *_OWNER_COLUMNS):
            continue
        targets = tuple(lookups.get((table, name), ()))
        if kind == "Lookup" and not targets:
            continue
        length = (attribute.findtext("MaxLength") or attribute.findtext("Length") or "0").strip()
        yield BroughtColumn(
            name=name,
            type=kind,
            targets=targets,
            write=tuple(_writes(attribute)),
            max_length=int(length) if kind in ("String", "Memo") and length.isdigit() else 0,
            default={"State": 0, "Status": 1}.get(kind),
        )


def _writes(attribute: etree._Element) -> Iterator[str]:
    if attribute.findtext("ValidForCreateApi") != "0":
        yield CREATE
    if attribute.findtext("ValidForUpdateApi") != "0":
        yield UPDATE


def _name(attribute: etree._Element) -> str:
    return (attribute.findtext("LogicalName") or attribute.findtext("Name") or "").strip().lower()


# -- as the sandbox serves them


def as_table(brought: BroughtTable, schema: Schema, code: int) -> Table:
    """The table with what every table of its kind has; columns on top of those that are there already."""
    there = schema.tables.get(brought.name)
    own = {column.name: _column(column) for column in brought.columns}
    if there is not None and (not brought.whole or there.stored):
        return dataclasses.replace(there, columns={**own, **there.columns}, stored=True)
    like = schema["task"] if brought.activity else schema["account"]
    taken = [*_STAMPS, *(_OWNER_COLUMNS if brought.ownership == "user" else ())]
    common = {name: like.columns[name] for name in taken if name in like.columns}
    if brought.ownership == "business-unit":
        common["businessunitid"] = Column(
            "businessunitid", "Lookup", {"businessunit": "businessunitid"}, frozenset({CREATE})
        )
    primary_id = "activityid" if brought.activity else f"{brought.name}id"
    key = Column(primary_id, "Uniqueidentifier", {}, frozenset({CREATE}))
    subject = {"subject": like.columns["subject"]} if brought.activity else {}
    return Table(
        name=brought.name,
        set_name=brought.set_name,
        schema_name=brought.schema_name,
        display=brought.display,
        primary_id=primary_id,
        primary_name=brought.primary_name if brought.primary_name in {**own, **subject} else "",
        ownership=brought.ownership,
        object_type_code=there.object_type_code if there else code,
        columns={**own, **subject, primary_id: key, **common},
        stored=True,
    )


def _column(brought: BroughtColumn) -> Column:
    return Column(
        brought.name,
        brought.type,
        dict(brought.targets),
        frozenset(brought.write),
        brought.max_length,
        brought.default,
    )


def privileges_of(table: BroughtTable) -> Iterator[Privilege]:
    """The privileges that come with a table: prv + right + schema name (docs); an activity has none of its own."""
    if table.activity or not table.whole:
        return
    rights, depths = _GUARDS[table.ownership]
    for right in rights:
        yield Privilege(
            name=f"prv{right.token}{table.schema_name}",
            right=right,
            tables=(table.name,),
            depths=depths,
            depths_somewhere=(),
            depths_sure="certain",
            case_exact=True,
            id="",
            kind="table",
            display="",
            source="package",
        )


def as_catalogue_table(table: BroughtTable) -> CatalogueTable:
    """The table as the catalogue describes tables."""
    return CatalogueTable(
        table.name, table.display, table.schema_name, table.ownership, "certain", "", current=True, source="package"
    )
