"""The line of a member that a finding is about, cut to what one can read."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from builder.validation.report import Excerpt, Finding

_WIDTH = 160
_TAG_LINES = 12


def with_excerpts(read: Callable[[str], bytes | None], findings: Iterable[Finding]) -> list[Finding]:
    """Give the findings, each with the line it stands on; a member is read and split once, however many there are."""
    findings = list(findings)
    wanted = dict.fromkeys(finding.member for finding in findings if finding.line)
    lines = {name: data.split(b"\n") for name in wanted if (data := read(name)) is not None}
    return [_with_excerpt(finding, lines.get(finding.member, [])) for finding in findings]


def _with_excerpt(finding: Finding, lines: list[bytes]) -> Finding:
    if not 0 < finding.line <= len(lines):
        return finding
    line = _line_of(finding.mark.encode(), finding.line, lines)
    return replace(finding, line=line, excerpt=excerpt_of(lines[line - 1], finding.mark))


def _line_of(mark: bytes, last: int, lines: list[bytes]) -> int:
    """Find the mark in a start tag that ends on the last line: a parser knows the line on which a tag ends."""
    for line in range(last, max(0, last - _TAG_LINES), -1):
        if mark in lines[line - 1]:
            return line
        if b"<" in lines[line - 1]:
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
