"""A role as people look at it: tables by access rights, and the privileges that are about no table."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from builder.catalogue import Catalogue
from builder.model import ALL_RIGHTS, AccessRight, Depth, Grant

# Append To before Append: prvAppendToAccount is no append to a table "ToAccount".
_NAME = re.compile(
    "prv(" + "|".join(sorted((right.token for right in ALL_RIGHTS), key=len, reverse=True)) + ")(.+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TableRow:
    """What a role may do with the rows of a table. `table` is the logical name ("" where the catalogue does not know
    the privilege), `also` the tables that the same privileges cover."""

    label: str
    table: str
    group: str
    also: tuple[str, ...]
    depths: Mapping[AccessRight, Depth]


@dataclass(frozen=True, slots=True)
class OtherRow:
    """A privilege that is about no table's rows."""

    label: str
    privilege: str
    depth: Depth


@dataclass(frozen=True, slots=True)
class Matrix:
    """Both, each by label."""

    tables: tuple[TableRow, ...]
    others: tuple[OtherRow, ...]


def matrix(grants: Iterable[Grant], catalogue: Catalogue) -> Matrix:
    """Arrange grants by table and right."""
    cells: dict[str, dict[AccessRight, Depth]] = {}
    covered: dict[str, tuple[str, ...]] = {}
    others = []
    for grant in grants:
        known = catalogue.privilege(grant.privilege)
        if known and known.right and known.tables:
            cells.setdefault(known.tables[0], {})[known.right] = grant.depth
            covered[known.tables[0]] = known.tables[1:]
        elif not known and (parts := _NAME.fullmatch(grant.privilege)):
            cells.setdefault(parts[2], {})[AccessRight.parse(parts[1])] = grant.depth
        else:
            label = known.display if known and known.display else grant.privilege
            others.append(OtherRow(label, grant.privilege, grant.depth))
    rows = [_row(name, depths, covered.get(name), catalogue) for name, depths in cells.items()]
    return Matrix(
        tuple(sorted(rows, key=lambda row: (row.label.lower(), row.table))),
        tuple(sorted(others, key=lambda row: row.label.lower())),
    )


def _row(name: str, depths: dict[AccessRight, Depth], also: tuple[str, ...] | None, catalogue: Catalogue) -> TableRow:
    ordered = {right: depths[right] for right in ALL_RIGHTS if right in depths}
    if also is None:
        return TableRow(name, "", "", (), ordered)
    table = catalogue.table(name)
    label = (table.display or table.schema_name) if table else ""
    return TableRow(label or name, name, table.group if table else "", also, ordered)
