"""A role drawn for the terminal: a matrix of tables and rights where there is room, a list where there is not."""

from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from builder.brief.words import MANY, NO_REASON, NOT_GRANTED, attributes, by_depth, counted, covered, grouped, joined
from builder.brief.words import depth_words as words_of
from builder.catalogue import load
from builder.matrix import Matrix, OtherRow, TableRow, by_reason, matrix
from builder.model import ALL_RIGHTS, Depth, Role
from builder.text import printable
from cli.output import can_show, columns, show

_CIRCLES = {None: "·", Depth.BASIC: "◔", Depth.LOCAL: "◑", Depth.DEEP: "◕", Depth.GLOBAL: "●"}
_LETTERS = {None: "-", Depth.BASIC: "U", Depth.LOCAL: "B", Depth.DEEP: "P", Depth.GLOBAL: "O"}
# From here on a matrix has room; from there on, for its depths in words, too.
_MATRIX, _WIDE = 76, 112
Marks = dict[Depth | None, str]


def show_role(role: Role, *, reasons: bool = False) -> None:
    """Print a role on stdout; with `reasons`, why it grants what it grants, as far as that is stated."""
    drawn = matrix(role.grants, load())
    marks = _CIRCLES if can_show("".join(_CIRCLES.values())) else _LETTERS
    show(Text(f"{printable(role.name)}  ({counted(len(role.grants), 'privilege')})", style="bold"))
    for line in _attributes(role):
        show(Text(line, style="dim"))
    width = columns() or _WIDE
    show(_list(drawn, marks) if width < _MATRIX else _table(drawn, marks, wide=width >= _WIDE))
    used = sorted({d for row in drawn.tables for d in row.depths.values()} | {row.depth for row in drawn.others})
    show(
        Text("   ".join([*(f"{marks[depth]} {depth.words}" for depth in used), f"{marks[None]} {NOT_GRANTED}"]), "dim")
    )
    for line in _covered(drawn):
        show(Text(line, style="dim"))
    if reasons:
        _show_reasons(role)


def _attributes(role: Role) -> Iterator[str]:
    yield from (printable(line) for line in role.description.splitlines())
    yield printable(attributes(role))


def _covered(drawn: Matrix) -> Iterator[str]:
    """Say what the same privileges grant beside the tables that are named."""
    for row in drawn.tables:
        yield from map(printable, covered(row, load()))


def _table(drawn: Matrix, marks: Marks, *, wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2 if wide else 1, 0, 0))
    table.add_column("Table", overflow="fold")
    for right in ALL_RIGHTS:
        table.add_column(right.words, justify="center", no_wrap=True)
    if wide:
        table.add_column("Depth", overflow="fold")
    for group, rows in grouped(drawn.tables):
        if group:
            table.add_row(Text(group, style="italic"))
        for row in rows:
            cells = (marks[row.depths.get(right)] for right in ALL_RIGHTS)
            table.add_row(printable(row.title), *cells, *([_depth_words(row, marks)] if wide else []))
    if drawn.others and _is_long(drawn.tables):
        table.add_row(Text("No table", style="italic"))
    for other in drawn.others:
        label = printable(other.label)
        if wide:
            table.add_row(label, *("",) * len(ALL_RIGHTS), _other_words(other, marks))
        else:
            table.add_row(f"{marks[other.depth]} {label}")
    return table


def _list(drawn: Matrix, marks: Marks) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=0)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")

    def section(title: str, lines: Iterable[str]) -> None:
        table.add_row("- ", "\n".join([printable(title), *lines]))

    for group, rows in grouped(drawn.tables):
        if group:
            table.add_row("", Text(group, style="italic"))
        for row in rows:
            section(row.title, (f"{marks[d]} {joined(rights)} ({d.words})" for d, rights in by_depth(row).items()))
    for other in drawn.others:
        section(other.label, [_other_words(other, marks)])
    return table


def _is_long(rows: tuple[TableRow, ...]) -> bool:
    return len(rows) >= MANY


def _show_reasons(role: Role) -> None:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for each in by_reason(role.grants, load()):
        optional = "" if each.required else " (optional)"
        table.add_row(printable(each.what) + optional, printable(each.reason) or NO_REASON)
    show(Text("Why", style="bold"))
    show(table)


def _depth_words(row: TableRow, marks: Marks) -> str:
    return words_of(row, {depth: mark for depth, mark in marks.items() if depth})


def _other_words(row: OtherRow, marks: Marks) -> str:
    return f"{marks[row.depth]} {row.depth.words}"
