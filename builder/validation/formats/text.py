"""For people: findings by package, each with its place first, the line it stands on, and what to do.

What the finding above said already, its line and its hint, is not said again.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.report import Excerpt, Finding, Report
from builder.validation.suppressions import Outcome


def render(outcome: Outcome) -> str:
    """Give `path: member:line: rule severity: message`, the line with what is meant underlined, and the hint."""
    packages = ("\n".join(_package(report)) for report in outcome.reports if report.findings)
    return "\n\n".join(packages)


def _package(report: Report) -> Iterator[str]:
    above: Finding | None = None
    for finding in report.findings:
        yield f"{_place(report, finding)}: {finding.rule} {finding.severity.value}: {printable(finding.message)}"
        if finding.excerpt and (above is None or _shown(finding) != _shown(above)):
            yield from _excerpt(finding, finding.excerpt)
        if finding.hint and (above is None or (finding.rule, finding.hint) != (above.rule, above.hint)):
            yield f"  {printable(finding.hint)}"
        above = finding


def _place(report: Report, finding: Finding) -> str:
    """Give `path: member:line`, or `path:line` where the line is one of the file itself."""
    path, member = printable(report.path), printable(finding.member)
    inside = f"{member}:{finding.line}" if finding.line else member
    return f"{path}: {inside}" if member else f"{path}{inside}"


def _shown(finding: Finding) -> tuple[str, int, Excerpt | None]:
    return finding.member, finding.line, finding.excerpt


def _excerpt(finding: Finding, excerpt: Excerpt) -> Iterator[str]:
    number = str(finding.line).rjust(5)
    yield f"  {number} | {printable(excerpt.text)}"
    if excerpt.length > 0:
        before = printable(excerpt.text[: excerpt.column - 1])
        meant = printable(excerpt.text[excerpt.column - 1 : excerpt.column - 1 + excerpt.length])
        yield f"  {' ' * len(number)} | {' ' * len(before)}{'^' * len(meant)}"
