"""What a base says of tables that the catalogue does not know, or whose letter case it only guesses.

A package spells its tables in their exact case: in the `<Name>` of those it brings, and in the privileges it grants on
others. Who owns the rows of a table is said by those it brings; else the grants tell: only tables that users own have
Assign and Share, or a grant at User (measured, with few exceptions).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from builder.catalogue import Catalogue, Privilege, Table
from builder.model import ALL_RIGHTS, AccessRight, Depth, Grant, Role, split_privilege
from builder.package.reader import Package
from builder.package.render import CUSTOMIZATIONS
from builder.package.xml import text_of
from builder.solution.tables import OWNERSHIPS

_OWNERSHIP_BY_MASK = {
    "UserOwned": "user",
    "TeamOwned": "user",
    "BusinessOwned": "business-unit",
    "OrgOwned": "organization",
}
UNKNOWN = "unknown"
"""`Privilege.depths_sure` of a privilege of which nobody knows at which depths it exists."""


@dataclass(frozen=True, slots=True)
class BaseTable:
    """A table as the base tells of it; `ownership` is "" where it does not say."""

    schema_name: str
    ownership: str


def packaged_tables(package: Package) -> tuple[BaseTable, ...]:
    """Give the tables that a package brings."""
    tree = package.trees.get(CUSTOMIZATIONS)
    found = []
    for entity in tree.iterfind("Entities/Entity") if tree is not None else ():
        mask = text_of(entity, "EntityInfo/entity/OwnershipTypeMask")
        if name := text_of(entity, "Name"):
            found.append(BaseTable(name, _OWNERSHIP_BY_MASK.get(mask, "")))
    return tuple(found)


def with_base_tables(
    catalogue: Catalogue, roles: Iterable[Role], tables: Iterable[BaseTable] = (), schema_names: Iterable[str] = ()
) -> Catalogue:
    """Extend a catalogue by what a base's roles and tables say, and by table names that a person spells out."""
    said = {name.lower(): BaseTable(name, "") for name in schema_names}
    said.update({table.schema_name.lower(): table for table in tables})
    for name, table in _granted_on(catalogue, roles).items():
        said.setdefault(name, table)
    new_privileges: list[Privilege] = []
    new_tables = []
    for name, table in said.items():
        known = catalogue.table(name)
        if known is not None and known.name == name:
            new_privileges += _spelt(catalogue, name, table.schema_name)
        else:
            new_tables.append(Table(name, "", table.schema_name, table.ownership, "", "", current=True, source="base"))
            new_privileges += _privileges(name, table)
    return catalogue.extended(new_privileges, new_tables) if said else catalogue


def _granted_on(catalogue: Catalogue, roles: Iterable[Role]) -> dict[str, BaseTable]:
    """Tell tables from the privileges on them, where the catalogue does not know these or their exact case."""
    found: dict[str, tuple[str, list[tuple[AccessRight, Grant]]]] = {}
    for grant in (grant for role in roles for grant in role.grants):
        known = catalogue.privilege(grant.privilege)
        parts = split_privilege(grant.privilege)
        if parts and (known is None or not known.case_exact):
            right, schema_name = parts
            found.setdefault(schema_name.lower(), (schema_name, []))[1].append((right, grant))
    return {name: BaseTable(schema_name, _ownership(granted)) for name, (schema_name, granted) in found.items()}


def _ownership(granted: Iterable[tuple[AccessRight, Grant]]) -> str:
    owned = {AccessRight.ASSIGN, AccessRight.SHARE}
    if any(right in owned or grant.depth is Depth.BASIC for right, grant in granted):
        return "user"
    return "business-unit" if any(grant.depth is not Depth.GLOBAL for _, grant in granted) else ""


def _spelt(catalogue: Catalogue, name: str, schema_name: str) -> Iterator[Privilege]:
    """Give the privileges of a table in the case that the base shows, where the catalogue only guesses it."""
    for right, privilege in catalogue.on(name).items():
        exact = f"prv{right.token}{schema_name}"
        if not privilege.case_exact and privilege.name.lower() == exact.lower():
            yield replace(privilege, name=exact, case_exact=True)


def _privileges(name: str, table: BaseTable) -> Iterator[Privilege]:
    rights, depths = OWNERSHIPS.get(table.ownership, (ALL_RIGHTS, tuple(Depth)))
    sure = "certain" if table.ownership else UNKNOWN
    for right in rights:
        yield Privilege(
            name=f"prv{right.token}{table.schema_name}",
            right=right,
            tables=(name,),
            depths=depths,
            depths_somewhere=(),
            depths_sure=sure,
            case_exact=True,
            id="",
            kind="table",
            display="",
            source="base",
        )
