"""Findings, and the report of one package."""

import enum
from dataclasses import dataclass
from typing import Literal

Aspect = Literal["", "right", "depth"]
"""Which part of a grant a finding is about: all of it, its right or its depth; a spec states each on its own line."""


class Severity(enum.Enum):
    """How bad a finding is: an error would fail at import or breaks the policy, a warning may hurt or widen, a note is
    worth knowing.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]

    def reaches(self, threshold: "Severity") -> bool:
        """Say whether this is at least as bad as a threshold."""
        return self.rank <= threshold.rank


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule says: `line` counts from 1 and is 0 where there is none.

    `role` and `privilege` name what it is about, where that is one; `mark` is the text on the line to point at.
    `accepted` says who accepts it, and why, where somebody does: it counts no longer.
    """

    message: str
    member: str = ""
    line: int = 0
    xpath: str = ""
    hint: str = ""
    role: str = ""
    privilege: str = ""
    mark: str = ""
    aspect: Aspect = ""
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line of a member as it stands there, and what to point at: `column` counts from 1, `length` 0 is nothing.

    `skipped` is how many characters of the line stand before the text.
    """

    text: str
    column: int = 0
    length: int = 0
    skipped: int = 0


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
    role: str = ""
    privilege: str = ""
    mark: str = ""
    aspect: Aspect = ""
    accepted: str = ""
    excerpt: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that counts no longer, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """All findings on one package, in the order of members and lines. `readable` is False where it is no package."""

    path: str
    findings: tuple[Finding, ...]
    readable: bool = True
    suppressed: tuple[Suppressed, ...] = ()

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def fails(self, threshold: Severity) -> bool:
        """Say whether any finding is at least as bad as a threshold."""
        return any(finding.severity.reaches(threshold) for finding in self.findings)
