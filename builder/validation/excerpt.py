"""The line of a member that a finding is about, cut to what one can read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from builder.validation.report import Excerpt, Finding

_WIDTH = 160
_TAG_LINES = 12
_LONGEST_LINE = 1 << 20


Pieces = Iterable[bytes | memoryview]


def with_excerpts(read: Callable[[str], Pieces | None], findings: Iterable[Finding]) -> list[Finding]:
    """Give the findings, each with the line it stands on; a member is read through once, however many there are, and
    only the lines around the findings are kept.
    """
    findings = list(findings)
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        if finding.line:
            around = range(max(1, finding.line - _TAG_LINES + 1), finding.line + 1)
            wanted.setdefault(finding.member, set()).update(around)
    lines = {
        name: _lines_of(pieces, numbers)
        for name, numbers in wanted.items()
        if numbers and (pieces := read(name)) is not None
    }
    return [_with_excerpt(finding, lines.get(finding.member, {})) for finding in findings]


def _lines_of(pieces: Pieces, wanted: set[int]) -> dict[int, bytes]:
    """Give the lines of a member that are wanted, by their number."""
    found: dict[int, bytes] = {}
    waiting = sorted(wanted, reverse=True)
    number, rest = 1, b""
    for each in pieces:
        *whole, rest = (rest + bytes(each)).split(b"\n")
        while waiting and waiting[-1] < number + len(whole):
            at = waiting.pop()
            found[at] = whole[at - number]
        number += len(whole)
        rest = rest[:_LONGEST_LINE]
        if not waiting:
            return found
    if waiting[-1] == number:
        found[number] = rest
    return found


def _with_excerpt(finding: Finding, lines: Mapping[int, bytes]) -> Finding:
    if finding.line not in lines:
        return finding
    line = _line_of(finding.mark.encode(), finding.line, lines)
    return replace(finding, line=line, excerpt=excerpt_of(lines[line], finding.mark))


def _line_of(mark: bytes, last: int, lines: Mapping[int, bytes]) -> int:
    """Find the mark in a start tag that ends on the last line: a parser knows the line on which a tag ends."""
    for line in range(last, max(0, last - _TAG_LINES), -1):
        if mark in lines[line]:
            return line
        if b"<" in lines[line]:
            break
    return last


def excerpt_of(line: bytes, mark: str) -> Excerpt:
    """Give what can be read of a line, with what to point at in it."""
    text = line.decode("utf-8", "replace").lstrip("\ufeff").rstrip("\r").replace("\t", " ")
    indent = len(text) - len(text.lstrip())
    start = text.find(mark) if mark else -1
    column, length = (start, len(mark)) if start >= 0 else (indent, 0)
    first = max(indent, column - _WIDTH // 4) if len(text) > _WIDTH else indent
    shown = text[first : first + _WIDTH].rstrip()
    return Excerpt(shown, column - first + 1, min(length, len(shown) - (column - first)), first)
