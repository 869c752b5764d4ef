"""For people: findings by package, each with its place first, the line it stands on, and what to do."""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.report import Excerpt, Finding, Report
from builder.validation.suppressions import Outcome


def render(outcome: Outcome) -> str:
    """Give `path: member:line: rule severity: message`, the line with what is meant underlined, and the hint."""
    packages = ("\n".join(_package(report)) for report in outcome.reports if report.findings)
    return "\n\n".join(packages)


def _package(report: Report) -> Iterator[str]:
    for finding in report.findings:
        place = ":".join(filter(None, (printable(finding.member), str(finding.line or ""))))
        where = f"{printable(report.path)}: {place}: " if place else f"{printable(report.path)}: "
        yield f"{where}{finding.rule} {finding.severity.value}: {printable(finding.message)}"
        if finding.excerpt:
            yield from _excerpt(finding, finding.excerpt)
        if finding.hint:
            yield f"  {printable(finding.hint)}"


def _excerpt(finding: Finding, excerpt: Excerpt) -> Iterator[str]:
    number = str(finding.line).rjust(5)
    yield f"  {number} | {printable(excerpt.text)}"
    if excerpt.length > 0:
        before = printable(excerpt.text[: excerpt.column - 1])
        meant = printable(excerpt.text[excerpt.column - 1 : excerpt.column - 1 + excerpt.length])
        yield f"  {' ' * len(number)} | {' ' * len(before)}{'^' * len(meant)}"
