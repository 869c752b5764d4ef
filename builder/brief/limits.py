"""What a role can not do, in plain words: what it lacks says more to a reviewer than what it has."""

from collections.abc import Iterator

from builder.brief.areas import CHANGES, closed
from builder.brief.lines import Line, line
from builder.catalogue import Catalogue
from builder.matrix import Matrix, TableRow, title_of
from builder.model import AccessRight, Depth

_DENIED = {
    AccessRight.CREATE: "create rows",
    AccessRight.WRITE: "change rows",
    AccessRight.DELETE: "delete rows",
    AccessRight.ASSIGN: "give rows to another owner",
    AccessRight.SHARE: "share rows with other users or teams",
}
_NAMED_IF_FEW = (AccessRight.DELETE, AccessRight.ASSIGN, AccessRight.SHARE)
_BEYOND = {
    Depth.BASIC: "rows that its user does not own and nobody shared with it",
    Depth.LOCAL: "rows of other business units",
    Depth.DEEP: "rows of business units that are not below its own",
}
# Tables that reviewers ask about, where a role has nothing on them.
_ASKED = (
    "contact", "account", "lead", "activitypointer", "annotation", "opportunity", "incident", "quote", "salesorder",
    "invoice", "contract", "campaign", "knowledgearticle", "queue",
)  # fmt: skip
_MOST_EXAMPLES = 6


def limits(drawn: Matrix, catalogue: Catalogue) -> Iterator[Line]:
    """Give what the role can not do, the plainest first."""
    if not drawn.tables:
        yield line("Read or change rows of any table")
    else:
        yield from _rights(drawn.tables)
        yield from _reach(drawn.tables, catalogue)
        yield _other_tables(drawn.tables, catalogue)
    yield from closed(drawn)


def _rights(rows: tuple[TableRow, ...]) -> Iterator[Line]:
    for right, words in _DENIED.items():
        holding = [row.title for row in rows if right in row.depths]
        said = words[0].upper() + words[1:]
        if not holding:
            yield line(f"{said}, of any table")
        elif right in _NAMED_IF_FEW and len(holding) <= len(rows) // 2:
            yield line(f"{said}, of any table but", holding)
    unchanged = [row for row in rows if not any(right in row.depths for right in CHANGES)]
    only_read = [row.title for row in unchanged if AccessRight.READ in row.depths]
    if only_read and len(unchanged) < len(rows):
        yield line("Change anything of the tables that it only reads:", only_read)


def _reach(rows: tuple[TableRow, ...], catalogue: Catalogue) -> Iterator[Line]:
    """Say where its reach ends; tables of the organization are left out, whose rows belong to nobody."""
    owned = [row for row in rows if (known := catalogue.table(row.table)) is None or known.ownership != "organization"]
    seeing = max((depth for row in owned for depth in row.depths.values()), default=Depth.GLOBAL)
    changing = max((row.depths[right] for row in owned for right in CHANGES if right in row.depths), default=seeing)
    where = ", where rows have owners" if len(owned) < len(rows) else ""
    if seeing in _BEYOND:
        yield line(f"See or change {_BEYOND[seeing]}{where}")
    if changing < seeing:
        yield line(f"Change {_BEYOND[changing]}{where}")


def _other_tables(rows: tuple[TableRow, ...], catalogue: Catalogue) -> Line:
    held = {table for row in rows for table in (row.table, *row.also)}
    examples = [title_of(table, catalogue) for table in _ASKED if table not in held]
    said = "Read or change rows of a table that this page does not name"
    return line(f"{said}, such as", examples[:_MOST_EXAMPLES]) if examples else line(said)
