"""What the formats for build pipelines share: one line a finding, that nothing in it can end or add to."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from builder.text import printable
from builder.validation.report import Finding, Report
from builder.validation.suppressions import Outcome


def each(outcome: Outcome) -> Iterator[tuple[Report, Finding]]:
    """Give every finding that counts, with its report."""
    for report in outcome.reports:
        for finding in report.findings:
            yield report, finding


def place(report: Report, finding: Finding) -> tuple[str, int]:
    """Give the file that a finding is in, as repositories have it, and its line; a zip's lines are in no file (0)."""
    path = Path(report.path)
    if finding.member and path.is_dir():
        return printable(PurePosixPath(path.as_posix(), finding.member).as_posix()), finding.line
    return printable(path.as_posix()), 0 if finding.member else finding.line


def message(report: Report, finding: Finding) -> str:
    """Give what is found, where in a zip, and what to do: on one line, of characters that show themselves."""
    _, line = place(report, finding)
    inside = ""
    if finding.member and not Path(report.path).is_dir():
        inside = f"{finding.member}:{finding.line}: " if finding.line and not line else f"{finding.member}: "
    text = finding.message
    if finding.hint:
        text += f" {finding.hint}" if text.endswith((".", "?", "!")) else f". {finding.hint}"
    return printable(f"{inside}{text}")


def escaped(text: str, replacements: Mapping[str, str]) -> str:
    """Replace characters, each once, so that what stands for one is not taken for another."""
    return text.translate({ord(character): escape for character, escape in replacements.items()})
