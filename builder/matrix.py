"""A role as people look at it: tables by access rights, and the privileges that are about no table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from builder.catalogue import Catalogue
from builder.model import ALL_RIGHTS, AccessRight, Depth, Grant, plain_words, split_privilege


@dataclass(frozen=True, slots=True)
class TableRow:
    """What a role may do with the rows of a table. `table` is the logical name ("" where the catalogue does not know
    the privilege), `also` the tables that the same privileges cover."""

    label: str
    table: str
    group: str
    also: tuple[str, ...]
    depths: Mapping[AccessRight, Depth]

    @property
    def title(self) -> str:
        """The label, with the logical name where that is another word."""
        told = not self.table or plain_words(self.table) == plain_words(self.label)
        return self.label if told else f"{self.label} ({self.table})"


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
    spelt: dict[str, str] = {}
    others = []
    for grant in grants:
        table, right = on_table(grant.privilege, catalogue)
        if right is None:
            others.append(OtherRow(label_of(grant.privilege, catalogue), grant.privilege, grant.depth))
        else:
            cells.setdefault(table.lower(), {})[right] = grant.depth
            spelt.setdefault(table.lower(), table)
    rows = [_row(spelt[key], depths, catalogue) for key, depths in cells.items()]
    return Matrix(
        tuple(sorted(rows, key=lambda row: (row.label.lower(), row.table))),
        tuple(sorted(others, key=lambda row: row.label.lower())),
    )


@dataclass(frozen=True, slots=True)
class Reasoned:
    """Grants that share a reason ("" where none is stated), in words: `Account, Contact: Read, Write`."""

    what: str
    reason: str
    required: bool


def by_reason(grants: Iterable[Grant], catalogue: Catalogue) -> tuple[Reasoned, ...]:
    """Put grants into words, those together that share rights, reason, and whether they are required."""
    rights: dict[tuple[str, bool, str], set[AccessRight]] = {}
    for grant in grants:
        _, right = on_table(grant.privilege, catalogue)
        key = (grant.reason, grant.required, label_of(grant.privilege, catalogue))
        rights.setdefault(key, set()).update([right] if right else [])
    labels: dict[tuple[str, bool, str], list[str]] = {}
    for (reason, required, label), found in sorted(rights.items(), key=lambda item: item[0][2].lower()):
        words = ", ".join(right.words for right in ALL_RIGHTS if right in found)
        labels.setdefault((reason, required, words), []).append(label)
    return tuple(
        Reasoned(", ".join(names) + (f": {words}" if words else ""), reason, required)
        for (reason, required, words), names in labels.items()
    )


def on_table(privilege: str, catalogue: Catalogue) -> tuple[str, AccessRight | None]:
    """Say which right on which table a privilege is: the table's logical name, or, where the catalogue does not know
    the privilege, what its name says (a schema name). The right is None for what is about no table's rows.
    """
    known = catalogue.privilege(privilege)
    if known and known.right and known.tables:
        return known.tables[0], known.right
    if not known and (parts := split_privilege(privilege)):
        right, base = parts
        table = catalogue.table(base.lower())
        return (table.name if table and table.name == base.lower() else base), right
    return "", None


def label_of(privilege: str, catalogue: Catalogue) -> str:
    """Name what a privilege is about in the admin centre's words: its table, or itself."""
    table, right = on_table(privilege, catalogue)
    if right:
        return title_of(table, catalogue)
    known = catalogue.privilege(privilege)
    return known.display if known and known.display else privilege


def title_of(table: str, catalogue: Catalogue) -> str:
    """Name a table in the admin centre's words, with its logical name where that is another word."""
    return _row(table, {}, catalogue).title


def _row(name: str, depths: Mapping[AccessRight, Depth], catalogue: Catalogue) -> TableRow:
    ordered = {right: depths[right] for right in ALL_RIGHTS if right in depths}
    table = catalogue.table(name)
    if table is None or table.name != name:
        return TableRow(name, "", "", (), ordered)
    also = next((privilege.tables[1:] for privilege in catalogue.on(name).values()), ())
    return TableRow(table.display or table.schema_name or name, name, table.group, also, ordered)
