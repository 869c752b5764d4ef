"""Workflow commands of GitHub Actions, which become annotations on the lines of a pull request.

`::error file=...,line=...,title=...::message` (docs.github.com, "Workflow commands"); what ends a property or the
command is escaped as the runner unescapes it.
"""

from builder.validation.formats.commands import each, escaped, message, place
from builder.validation.report import Finding, Report, Severity
from builder.validation.suppressions import Outcome

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def render(outcome: Outcome) -> str:
    """Give a command a finding."""
    return "\n".join(_command(report, finding) for report, finding in each(outcome))


def _command(report: Report, finding: Finding) -> str:
    path, line = place(report, finding)
    properties = {"file": path, **({"line": str(line)} if line else {}), "title": f"solsmith {finding.rule}"}
    told = ",".join(f"{name}={escaped(value, _PROPERTY)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {told}::{escaped(message(report, finding), _DATA)}"
