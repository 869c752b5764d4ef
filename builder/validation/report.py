"""Findings, and the report of one package."""

import enum
from dataclasses import dataclass


class Severity(enum.Enum):
    """How bad a finding is: an error would fail at import, a warning may hurt, a note is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule says: `line` counts from 1 and is 0 where there is none."""

    message: str
    member: str = ""
    line: int = 0
    xpath: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, and the rule that found it."""

    rule: str
    severity: Severity
    message: str
    member: str = ""
    line: int = 0
    xpath: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings on one package, in the order of members and lines. `readable` is False where it is no package."""

    path: str
    findings: tuple[Finding, ...]
    readable: bool = True

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(finding.severity is severity for finding in self.findings)
