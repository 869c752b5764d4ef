"""Findings that count no longer, for a reason and until a day: `[[suppressions]]` of the settings.

Each says the `rule`, may narrow it down to a `member`, `role` or `privilege` (with `*` and `?`; without regard to
case), and must say a `reason` and the day after which it `expires`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any

from builder.errors import Fault, InputFaults
from builder.settings import Settings
from builder.validation.registry import all_rules
from builder.validation.report import Finding, Report, Severity, Suppressed
from builder.validation.validate import UNREADABLE

NAME = "suppressions"
_PATTERNS = ("member", "role", "privilege")
_KEYS = ("rule", *_PATTERNS, "reason", "expires")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One suppression; "" where it does not narrow its rule down. It holds up to and including the day it expires."""

    rule: str
    reason: str
    expires: date
    member: str = ""
    role: str = ""
    privilege: str = ""
    line: int = 0

    def matches(self, finding: Finding) -> bool:
        """Say whether a finding is one that is meant."""
        return finding.rule == self.rule and all(
            not pattern or fnmatchcase(value.lower(), pattern.lower())
            for pattern, value in (
                (self.member, finding.member),
                (self.role, finding.role),
                (self.privilege, finding.privilege),
            )
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """Reports after suppression. `expired` would have matched something and count no longer; `idle` match nothing.
    `threshold` is the least severe finding that fails.
    """

    reports: tuple[Report, ...]
    expired: tuple[Suppression, ...] = ()
    idle: tuple[Suppression, ...] = ()
    source: str = ""
    threshold: Severity = Severity.ERROR


def suppress(reports: Sequence[Report], suppressions: Iterable[Suppression], today: date, source: str = "") -> Outcome:
    """Take the findings that are suppressed out of the reports, and tell which suppressions are of no use."""
    active = [item for item in suppressions if item.expires >= today]
    past = [item for item in suppressions if item.expires < today]
    used: set[Suppression] = set()
    left = tuple(_suppressed(report, active, used) for report in reports)
    remaining = [finding for report in left for finding in report.findings]
    expired = tuple(item for item in past if any(item.matches(finding) for finding in remaining))
    idle = tuple(item for item in (*active, *past) if item not in used and item not in expired)
    return Outcome(left, expired, idle, source)


def read_suppressions(settings: Settings) -> tuple[Suppression, ...]:
    """Read the suppressions of the settings; raises InputFaults with every fault at once."""
    entries = settings.values.get(NAME, [])
    if not isinstance(entries, list):
        raise InputFaults(settings.path, [Fault(f"{NAME} is no list of tables", str(settings.path))])
    faults: list[Fault] = []
    found = []
    for index, entry in enumerate(entries):
        line = settings.line_of_table(NAME, index)
        wrong = list(_faults(entry))
        faults += [Fault(f"{NAME}[{index + 1}]: {message}", str(settings.path), line, hint) for message, hint in wrong]
        if not wrong:
            found.append(_suppression(entry, line))
    if faults:
        raise InputFaults(settings.path, faults)
    return tuple(found)


def _suppressed(report: Report, active: Sequence[Suppression], used: set[Suppression]) -> Report:
    kept: list[Finding] = []
    away: list[Suppressed] = []
    for finding in report.findings:
        matching = [item for item in active if item.matches(finding)] if finding.rule != UNREADABLE else []
        used.update(matching)
        if matching:
            away.append(Suppressed(finding, matching[0].reason))
        else:
            kept.append(finding)
    return replace(report, findings=tuple(kept), suppressed=(*report.suppressed, *away)) if away else report


def _faults(entry: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(entry, dict):
        yield "is no table", f"Write [[{NAME}]] and a line for each of {', '.join(_KEYS)}."
        return
    for key in entry:
        if key not in _KEYS:
            yield f"there is no key {key!r}", f"The keys are {', '.join(_KEYS)}."
    yield from _rule_faults(entry.get("rule"))
    for key in _PATTERNS:
        if key in entry and not (isinstance(entry[key], str) and entry[key].strip()):
            yield f"{key} is no text", f'Write {key} = "...", or leave it out.'
    reason = entry.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        yield "reason is missing", "Say why the finding is acceptable here."
    if not isinstance(entry.get("expires"), date):
        yield "expires is missing or no date", "Write the last day on which it holds: expires = 2030-12-31."


def _rule_faults(rule: Any) -> Iterator[tuple[str, str]]:
    known = {item.id for item in all_rules()}
    if rule == UNREADABLE:
        yield f"{UNREADABLE} cannot be suppressed", "What cannot be read cannot be judged."
    elif not isinstance(rule, str) or rule not in known:
        what = "rule is missing" if rule is None else f"there is no rule {rule!r}"
        yield what, "The rules are listed by `solsmith explain`."


def _suppression(entry: Mapping[str, Any], line: int) -> Suppression:
    expires = entry["expires"]
    return Suppression(
        rule=entry["rule"],
        reason=entry["reason"].strip(),
        expires=expires.date() if isinstance(expires, datetime) else expires,
        member=entry.get("member", ""),
        role=entry.get("role", ""),
        privilege=entry.get("privilege", ""),
        line=line,
    )
