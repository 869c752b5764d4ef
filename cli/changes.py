"""Changes drawn for the terminal: by who has to care, then by what they belong to."""

from itertools import groupby
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from builder.catalogue import load
from builder.comparison.entries import Entry, entries
from builder.comparison.markdown import summary
from builder.text import printable
from cli.output import can_show, columns, show, tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from builder.comparison.changes import Changes

_NARROW = 76


def show_changes(changes: "Changes", old: str, new: str) -> None:
    """Print changes on stdout, and on stderr what was not compared; `old` and `new` name the two sides."""
    show(Text(f"{printable(old)} {_arrow()} {printable(new)}: {summary(changes)}", style="bold"))
    draw = _list if 0 < columns() < _NARROW else _table
    for concern, found in entries(changes, load()).items():
        click.echo()
        show(Text(concern.value[0].upper() + concern.value[1:], style="bold"))
        for group, lines in groupby(found, key=lambda entry: entry.group):
            show(Text(f"  {printable(group)}"))
            show(draw(lines))
    for note in changes.notes:
        tell(f"note: {printable(note)}")


def _table(lines: "Iterable[Entry]") -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    for _ in range(3):
        table.add_column(overflow="fold")
    for entry in lines:
        table.add_row(f"    {entry.kind.value}", printable(entry.what), _value(entry), printable(entry.remark))
    return table


def _list(lines: "Iterable[Entry]") -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=0)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for entry in lines:
        told = (f"{entry.kind.value} {printable(entry.what)}", _value(entry), printable(entry.remark))
        table.add_row("  - ", "\n".join(filter(None, told)))
    return table


def _value(entry: Entry) -> str:
    """Say what it was and is: of what comes or goes, the one; of what is unset or set, the other as nothing."""
    if entry.kind.value in ("added", "removed") or not (entry.before or entry.after):
        return printable(entry.before or entry.after)
    return f" {_arrow()} ".join(printable(text) or "-" for text in (entry.before, entry.after))


def _arrow() -> str:
    return "→" if can_show("→") else "->"
