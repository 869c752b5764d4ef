"""Tables, columns, relationships and keys as metadata describes them."""

from collections.abc import Iterator
from typing import Any

from builder.model import AccessRight, Depth
from builder.sandbox.environment import Environment
from builder.sandbox.keys import keys_of
from builder.sandbox.odata.path import NAMESPACE
from builder.sandbox.relationships import MANY_TO_MANY, ManyToMany, OneToMany
from builder.sandbox.schema import Column, Table, stable_id
from builder.sandbox.web.annotations import option_labels

Described = dict[str, Any]
OWNERSHIP = {"user": "UserOwned", "organization": "OrganizationOwned", "business-unit": "BusinessOwned", "": "None"}
_CHOICES = ("Picklist", "State", "Status")
_CASCADE = ("Assign", "Share", "Unshare", "Reparent")


def describe_table(environment: Environment, table: Table) -> Described:
    """A table, EntityMetadata."""
    return {
        "_table": table,
        "MetadataId": stable_id("table", table.name),
        "LogicalName": table.name,
        "SchemaName": table.schema_name,
        "EntitySetName": table.set_name,
        "LogicalCollectionName": table.set_name,
        "CollectionSchemaName": table.set_name,
        "ObjectTypeCode": table.object_type_code,
        "PrimaryIdAttribute": table.primary_id,
        "PrimaryNameAttribute": table.primary_name or None,
        "OwnershipType": OWNERSHIP[table.ownership],
        "IsActivity": table.is_activity,
        "IsCustomEntity": "_" in table.name,
        "IsPrivate": False,
        "IsIntersect": any(table.name == relationship.intersect for relationship in MANY_TO_MANY),
        "IsManaged": True,
        "DisplayName": _label(table.display),
        "DisplayCollectionName": _label(table.display),
        "Description": _label(""),
        "Privileges": list(_privileges(environment, table)),
    }


def _privileges(environment: Environment, table: Table) -> Iterator[Described]:
    """The privileges of a table: a structural property, so it is selected and not expanded (docs)."""
    privileges = environment.privileges
    for right in AccessRight:
        privilege = privileges.guarding(table, right)
        if privilege is not None and table.name in privilege.tables:
            yield {
                **{f"CanBe{depth.level}": depth in privilege.depths for depth in Depth},
                "CanBeEntityReference": False,
                "CanBeParentEntityReference": False,
                "CanBeRecordFilter": False,
                "Name": privilege.name,
                "PrivilegeId": privileges.id(privilege),
                "PrivilegeType": right.token,
            }


def describe_columns(table: Table) -> list[Described]:
    """The columns of a table, AttributeMetadata."""
    return [_column(table, column) for column in table.columns.values()]


def _column(table: Table, column: Column) -> Described:
    kind = "Lookup" if column.is_lookup else column.type
    primary = column.name == table.primary_id
    described: Described = {
        "@odata.type": f"#{NAMESPACE}{kind}AttributeMetadata",
        "MetadataId": stable_id("column", table.name, column.name),
        "LogicalName": column.name,
        "SchemaName": column.name if "_" in column.name else column.name.title().replace(" ", ""),
        "EntityLogicalName": table.name,
        "AttributeType": column.type,
        "AttributeTypeName": {"Value": f"{column.type}Type"},
        "DisplayName": _label(column.name),
        "RequiredLevel": {"Value": "SystemRequired" if primary else "None", "CanBeChanged": not primary},
        "IsPrimaryId": primary,
        "IsPrimaryName": column.name == table.primary_name,
        "IsCustomAttribute": "_" in column.name,
        "IsValidForRead": True,
        "IsValidForCreate": "create" in column.write,
        "IsValidForUpdate": "update" in column.write,
        "AttributeOf": None,
    }
    if column.is_lookup:
        described["Targets"] = list(column.targets)
    if column.max_length:
        described["MaxLength"] = column.max_length
    if column.type in _CHOICES:
        described["OptionSet"] = _option_set(table, column)
    return described


def _option_set(table: Table, column: Column) -> Described:
    options = [
        {"Value": value, "Label": _label(label)} for value, label in option_labels(table.name, column.name).items()
    ]
    return {
        "MetadataId": stable_id("option set", table.name, column.name),
        "Name": f"{table.name}_{column.name}",
        "OptionSetType": column.type,
        "IsGlobal": False,
        "Options": options,
    }


def describe_one_to_many(environment: Environment, relationship: OneToMany) -> Described:
    """A relationship of a lookup, OneToManyRelationshipMetadata."""
    schema = environment.schema
    target = schema.tables.get(relationship.target)
    column = schema[relationship.table].columns[relationship.column]
    cascade = dict.fromkeys(_CASCADE, "Cascade" if relationship.cascades else "NoCascade")
    return {
        "@odata.type": f"#{NAMESPACE}OneToManyRelationshipMetadata",
        "MetadataId": stable_id("relationship", relationship.name, relationship.table, relationship.target),
        "SchemaName": relationship.name,
        "RelationshipType": "OneToManyRelationship",
        "ReferencedEntity": relationship.target,
        "ReferencedAttribute": target.primary_id if target else f"{relationship.target}id",
        "ReferencingEntity": relationship.table,
        "ReferencingAttribute": relationship.column,
        "ReferencedEntityNavigationPropertyName": relationship.collection,
        "ReferencingEntityNavigationPropertyName": column.targets[relationship.target],
        "IsCustomRelationship": "_" in relationship.table,
        "CascadeConfiguration": {**cascade, "Delete": "RemoveLink", "Merge": "NoCascade"},
    }


def describe_many_to_many(relationship: ManyToMany) -> Described:
    """A relationship with an intersect table, ManyToManyRelationshipMetadata."""
    return {
        "@odata.type": f"#{NAMESPACE}ManyToManyRelationshipMetadata",
        "MetadataId": stable_id("relationship", relationship.name),
        "SchemaName": relationship.name,
        "RelationshipType": "ManyToManyRelationship",
        "Entity1LogicalName": relationship.left,
        "Entity1IntersectAttribute": relationship.left_column,
        "Entity1NavigationPropertyName": relationship.name,
        "Entity2LogicalName": relationship.right,
        "Entity2IntersectAttribute": relationship.right_column,
        "Entity2NavigationPropertyName": relationship.name,
        "IntersectEntityName": relationship.intersect,
        "IsCustomRelationship": False,
    }


def describe_keys(environment: Environment, table: Table) -> list[Described]:
    """The alternate keys declared on a table, EntityKeyMetadata."""
    return [
        {
            "MetadataId": row["entitykeyid"],
            "LogicalName": row["logicalname"],
            "SchemaName": row["schemaname"],
            "EntityLogicalName": table.name,
            "KeyAttributes": row["keyattributes"].split(","),
            "EntityKeyIndexStatus": "Active",
            "IsManaged": False,
            "DisplayName": _label(row["schemaname"]),
        }
        for row in keys_of(environment.store, table)
    ]


def parts_of(environment: Environment, table: Table, name: str) -> list[Described] | None:
    """What a table's metadata holds under a name; None where there is no such part."""
    if name == "Attributes":
        return describe_columns(table)
    if name == "Keys":
        return describe_keys(environment, table)
    if name == "ManyToOneRelationships":
        found = environment.relationships.many_to_one(table.name)
        return [describe_one_to_many(environment, relationship) for relationship in found]
    if name == "OneToManyRelationships":
        found = environment.relationships.one_to_many(table.name)
        return [describe_one_to_many(environment, relationship) for relationship in found]
    if name == "ManyToManyRelationships":
        sides = (relationship for relationship in MANY_TO_MANY if table.name in (relationship.left, relationship.right))
        return [describe_many_to_many(relationship) for relationship in sides]
    return None


def _label(text: str) -> Described:
    label = {"Label": text, "LanguageCode": 1033, "IsManaged": True, "MetadataId": None, "HasChanged": None}
    return {"LocalizedLabels": [label], "UserLocalizedLabel": label}
