"""solsmith validate."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.text import printable
from cli.output import tell

if TYPE_CHECKING:
    from builder.validation import Finding, Report


@click.command(short_help="Say what is wrong with a package, offline.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def validate(paths: tuple[Path, ...], form: str) -> int:
    """Validate solution packages: their form, and what would fail at import.

    Exit code 0 where there is no error, 1 where there is one, 2 where a file is no readable package.

    \b
    Example:
      solsmith validate dist/*.zip
    """
    from builder.validation import Severity
    from builder.validation import validate as run

    reports = [run(path) for path in paths]
    if form == "json":
        _show_json(reports)
    else:
        for report in reports:
            _show_text(report)
    if not all(report.readable for report in reports):
        return 2
    return int(any(report.count(Severity.ERROR) for report in reports))


def _show_text(report: "Report") -> None:
    from builder.validation import Severity

    path = printable(report.path)
    for finding in report.findings:
        place = ":".join(filter(None, (printable(finding.member), str(finding.line or ""))))
        where = f"{path}: {place}: " if place else f"{path}: "
        message = finding.message.removeprefix(f"{report.path}: ")
        click.echo(f"{where}{finding.rule} {finding.severity.value}: {printable(message)}")
        if finding.hint:
            click.echo(f"  {printable(finding.hint)}")
    counts = {severity.value: report.count(severity) for severity in Severity}
    if any(counts.values()):
        tell(f"{path}: " + ", ".join(f"{n} {word}{'s' * (n != 1)}" for word, n in counts.items() if n))
    else:
        tell(f"{path}: no findings")


def _show_json(reports: list["Report"]) -> None:
    import json

    packages = [{"path": r.path, "findings": [_as_json(finding) for finding in r.findings]} for r in reports]
    click.echo(json.dumps({"version": 1, "packages": packages}, indent=2))


def _as_json(finding: "Finding") -> dict[str, object]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "member": finding.member,
        "line": finding.line,
        "xpath": finding.xpath,
        "hint": finding.hint,
    }
