"""A role drawn for the terminal: a matrix of tables and rights where there is room, a list where there is not."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from builder.catalogue import load
from builder.matrix import Matrix, TableRow, matrix
from builder.model import ALL_RIGHTS, AccessRight, Depth, Role
from builder.text import printable
from cli.output import can_show, columns, show

_CIRCLES = {None: "·", Depth.BASIC: "◔", Depth.LOCAL: "◑", Depth.DEEP: "◕", Depth.GLOBAL: "●"}
_LETTERS = {None: "-", Depth.BASIC: "U", Depth.LOCAL: "B", Depth.DEEP: "P", Depth.GLOBAL: "O"}
_NARROW = 88


def show_role(role: Role) -> None:
    """Print a role on stdout."""
    drawn = matrix(role.grants, load())
    marks = _CIRCLES if can_show("".join(_CIRCLES.values())) else _LETTERS
    show(Text(f"{printable(role.name)}  ({len(role.grants)} privileges)", style="bold"))
    narrow = 0 < columns() < _NARROW
    show(_list(drawn, marks) if narrow else _table(drawn, marks))
    used = sorted({d for row in drawn.tables for d in row.depths.values()} | {row.depth for row in drawn.others})
    legend = "   ".join(f"{marks[depth]} {depth.words}" for depth in used)
    show(Text(f"{legend}   {marks[None]} not granted", style="dim"))


def _table(drawn: Matrix, marks: dict[Depth | None, str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Table", no_wrap=True)
    for right in ALL_RIGHTS:
        table.add_column(right.words, justify="center")
    table.add_column("Depth", overflow="fold")
    for row in drawn.tables:
        cells = (marks[row.depths.get(right)] for right in ALL_RIGHTS)
        table.add_row(printable(row.title), *cells, _depth_words(row, marks))
    for other in drawn.others:
        blank = ("",) * len(ALL_RIGHTS)
        table.add_row(printable(other.label), *blank, f"{marks[other.depth]} {other.depth.words}")
    return table


def _list(drawn: Matrix, marks: dict[Depth | None, str]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(overflow="fold")
    for row in drawn.tables:
        table.add_row(Text(printable(row.title), style="bold"))
        for depth, rights in _by_depth(row).items():
            table.add_row(f"  {marks[depth]} {_join(rights)} ({depth.words})")
    for other in drawn.others:
        table.add_row(Text(printable(other.label), style="bold"))
        table.add_row(f"  {marks[other.depth]} ({other.depth.words})")
    return table


def _depth_words(row: TableRow, marks: dict[Depth | None, str]) -> str:
    by_depth = _by_depth(row)
    if len(by_depth) == 1:
        depth = next(iter(by_depth))
        return f"{marks[depth]} {depth.words}"
    return "; ".join(f"{marks[depth]} {depth.words}: {_join(rights)}" for depth, rights in by_depth.items())


def _by_depth(row: TableRow) -> dict[Depth, list[AccessRight]]:
    found: dict[Depth, list[AccessRight]] = {}
    for right, depth in row.depths.items():
        found.setdefault(depth, []).append(right)
    return dict(sorted(found.items(), reverse=True))


def _join(rights: Iterable[AccessRight]) -> str:
    return ", ".join(right.words for right in rights)
