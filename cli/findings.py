"""Findings on a terminal: broken between words, their lines cut to what is meant, severities in colour."""

import re
from collections.abc import Iterator
from textwrap import wrap

from rich.text import Text

from cli.output import columns, show

_EXCERPT = re.compile(r" +\d* \| ")
_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_HEAD = re.compile(rf" SOL\d+ ({'|'.join(_STYLES)}): ")


def show_findings(text: str) -> None:
    """Print what the text format says on the terminal that stdout is."""
    for line in fitted(text.splitlines(), columns()):
        shown = Text(line)
        if head := _HEAD.search(line):
            shown.stylize(_STYLES[head[1]], head.start(1), head.end(1))
        show(shown)


def fitted(lines: list[str], width: int) -> Iterator[str]:
    """Give lines that are no wider than a terminal."""
    for index, line in enumerate(lines):
        if prefix := _EXCERPT.match(line):
            follows = lines[index + 1] if index + 1 < len(lines) else ""
            marked = line if line.endswith("^") else follows
            yield _cut(line, prefix.end(), marked.rfind("^") + 1 if _EXCERPT.match(marked) else 0, width)
        elif not line:
            yield ""
        else:
            indent = " " * (len(line) - len(line.lstrip()) or 4)
            first = indent if line.startswith(" ") else ""
            yield from wrap(
                line.lstrip(), width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
            )


def _cut(line: str, start: int, end: int, width: int) -> str:
    """Cut the text after a prefix so that it fits, and shows what ends at a column."""
    skipped = max(0, end - width)
    return line[:start] + line[start + skipped :][: max(0, width - start)]
