"""What every command prints with: data to stdout, all else to stderr, in what the stream can show."""

import io
import shutil
import sys
from typing import TYPE_CHECKING, TextIO

import click

from builder.errors import InputFaults, SolsmithError
from builder.text import printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_PLAIN_WIDTH = 1000


def prepare_streams() -> None:
    """Make both streams show as an escape what they cannot encode, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def can_show(text: str, stream: TextIO | None = None) -> bool:
    """Say whether a stream (stdout) can encode a text."""
    try:
        text.encode(getattr(stream or sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def columns() -> int:
    """Give the width of the terminal that stdout is, 0 where it is none: then no line need be broken."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def console(stream: TextIO | None = None) -> "Console":
    """Give a rich console on stdout or another stream: as wide as the terminal, or as wide as need be when piped."""
    from rich.console import Console

    stream = stream or sys.stdout
    terminal = shutil.get_terminal_size()  # rich takes a dumb terminal for 80 columns, unless it is told both
    width, height = (terminal.columns, terminal.lines) if stream.isatty() else (_PLAIN_WIDTH, None)
    return Console(
        file=stream, width=width, height=height, highlight=False, markup=False, emoji=False,
        soft_wrap=not stream.isatty(),
    )  # fmt: skip


def show(renderable: "RenderableType") -> None:
    """Print a table or another renderable on stdout; piped, without colour, frames or trailing blanks."""
    target = console()
    if target.is_terminal:
        target.print(renderable)
        return
    with target.capture() as capture:
        target.print(renderable)
    for line in capture.get().splitlines():
        click.echo(line.rstrip())


def tell(message: str = "") -> None:
    """Say something that is not data, on stderr."""
    click.echo(message, err=True)


def tell_error(error: SolsmithError) -> None:
    """Say what went wrong: every fault with its place, then what to do."""
    if isinstance(error, InputFaults):
        for fault in error.faults:
            where = "" if fault.where == error.source else fault.where  # which the last line names
            place = f"{printable(fault.where)}:{fault.line}: " if fault.line else printable(where) + ": " * bool(where)
            tell(f"{place}error: {_lines(fault.message)}")
            if fault.hint:
                tell(f"  {_lines(fault.hint)}")
    tell(f"Error: {_lines(error.message)}")
    if error.hint:
        tell(f"  {_lines(error.hint)}")


def _lines(text: str) -> str:
    """Keep the line breaks that we wrote, and nothing else that could steer a terminal."""
    return "\n".join(printable(line) for line in text.split("\n"))
