"""The tables that a package holds: their names, and which privileges they will have once it is imported."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from builder.model import ALL_RIGHTS, AccessRight, Depth

_ORGANIZATION = tuple(right for right in ALL_RIGHTS if right not in (AccessRight.ASSIGN, AccessRight.SHARE))
_EVERY_DEPTH = tuple(Depth)


@dataclass(frozen=True, slots=True)
class PackagedTable:
    """An `<Entity>`: `schema_name` in its exact case, `ownership` as in customizations.xml ("" where not stated).

    `defined` says whether the package holds the table itself and not only a part of it, such as a form or a column.
    """

    schema_name: str
    ownership: str
    defined: bool
    activity: bool
    element: etree._Element

    @property
    def rights(self) -> tuple[AccessRight, ...]:
        """The rights that have a privilege; organization-owned tables know neither Assign nor Share (measured)."""
        return _ORGANIZATION if self.ownership == "OrgOwned" else ALL_RIGHTS

    @property
    def depths(self) -> tuple[Depth, ...]:
        """The depths at which they can be granted; organization-owned tables have one alone (docs, measured)."""
        return (Depth.GLOBAL,) if self.ownership == "OrgOwned" else _EVERY_DEPTH


def packaged_tables(elements: Iterable[etree._Element]) -> Mapping[str, PackagedTable]:
    """Give the tables of `<Entity>` elements by their schema name in lower case, without those of Dataverse itself."""
    found: dict[str, PackagedTable] = {}
    for element in elements:
        name = (element.findtext("Name") or "").strip()
        if "_" in name:  # a publisher's prefix: Dataverse's own tables have none, and stand in the catalogue
            found[name.lower()] = _table(name, element)
    return found


def _table(name: str, element: etree._Element) -> PackagedTable:
    entity = element.find("EntityInfo/entity")
    ownership = (entity.findtext("OwnershipTypeMask") or "").strip() if entity is not None else ""
    activity = entity is not None and entity.findtext("IsActivity") == "1"
    return PackagedTable(name, ownership, bool(ownership), activity, element)
