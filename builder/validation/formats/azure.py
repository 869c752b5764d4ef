"""Logging commands of Azure Pipelines, which become the errors and warnings of a run.

`##vso[task.logissue type=...;sourcepath=...;linenumber=...;code=...]message` (learn.microsoft.com, "Logging commands");
what ends a property or the command is escaped as the agent unescapes it. There is no command for a note: it is a plain
line.
"""

from builder.validation.formats.commands import each, escaped, message, place
from builder.validation.report import Finding, Report, Severity
from builder.validation.suppressions import Outcome

_MESSAGE = {"%": "%AZP25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_MESSAGE, "]": "%5D", ";": "%3B"}


def render(outcome: Outcome) -> str:
    """Give a line a finding."""
    return "\n".join(_line(report, finding) for report, finding in each(outcome))


def _line(report: Report, finding: Finding) -> str:
    path, line = place(report, finding)
    text = message(report, finding)
    if finding.severity is Severity.NOTE:
        where = f"{path}:{line}" if line else path
        return f"{where}: {finding.rule} note: {text}"
    properties = {
        "type": finding.severity.value,
        "sourcepath": path,
        **({"linenumber": str(line)} if line else {}),
        "code": finding.rule,
    }
    told = "".join(f"{name}={escaped(value, _PROPERTY)};" for name, value in properties.items())
    return f"##vso[task.logissue {told}]{escaped(text, _MESSAGE)}"
