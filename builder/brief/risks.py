"""What is worth knowing of a role before it is approved: what its grants add up to, and what validation found."""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from builder.brief.areas import open_
from builder.brief.lines import Line, line
from builder.matrix import Matrix, TableRow
from builder.model import AccessRight, Depth, Role
from builder.text import printable
from builder.validation.report import Finding, Severity

# The rules about what a role grants; the others are about how its package is written.
ABOUT_ACCESS = (
    "SOL403", "SOL404", "SOL405", "SOL406", "SOL408", "SOL409", "SOL410", "SOL412", "SOL413", "SOL414", "SOL417",
    "SOL418", "SOL420", "SOL501", "SOL502",
)  # fmt: skip
POLICY = "SOL9"
"""What the ids of the rules begin with that judge by a policy."""
_MOST_OF_A_RULE = 6
_PERSONAL = {
    "activitypointer": "Activity (e-mails among them)",
    "annotation": "Note (attachments among them)",
    "contact": "Contact",
    "lead": "Lead",
    "systemuser": "User",
}


class Weight(enum.Enum):
    """How much a risk asks for attention, the most first."""

    HIGH = "high"
    WARNING = "warning"
    NOTE = "note"


_WEIGHTS = {Severity.ERROR: Weight.HIGH, Severity.WARNING: Weight.WARNING, Severity.NOTE: Weight.NOTE}


@dataclass(frozen=True, slots=True)
class Risk:
    """Something worth knowing; `rule` is the validation rule that found it, or ""."""

    weight: Weight
    what: Line
    rule: str = ""


def risks(role: Role, drawn: Matrix, findings: Iterable[Finding]) -> tuple[Risk, ...]:
    """Give the risks of a role, the heaviest first; `findings` are those on its package that concern access."""
    found = [*_own(drawn), *_found(role, findings)]
    return tuple(sorted(found, key=lambda risk: list(Weight).index(risk.weight)))


def _own(drawn: Matrix) -> Iterator[Risk]:
    for reaching in open_(drawn):
        yield Risk(Weight.HIGH, reaching)
    if names := _everywhere(drawn, AccessRight.DELETE):
        yield Risk(Weight.HIGH, line("May delete every row of the environment, whoever owns it, of", names))
    if names := _everywhere(drawn, AccessRight.WRITE):
        yield Risk(Weight.WARNING, line("May change every row of the environment, whoever owns it, of", names))
    if names := _everywhere(drawn, AccessRight.ASSIGN, AccessRight.SHARE):
        said = "May give every row of the environment to another owner, or share it, of"
        yield Risk(Weight.WARNING, line(said, names))
    if names := [_PERSONAL[row.table] for row in _reading(drawn) if row.table in _PERSONAL]:
        yield Risk(Weight.NOTE, line("Reads personal data of the whole environment:", names))


def _everywhere(drawn: Matrix, *rights: AccessRight) -> list[str]:
    return [row.title for row in drawn.tables if any(row.depths.get(right) is Depth.GLOBAL for right in rights)]


def _reading(drawn: Matrix) -> Iterator[TableRow]:
    return (row for row in drawn.tables if row.depths.get(AccessRight.READ) is Depth.GLOBAL)


def of_package(findings: Iterable[Finding]) -> tuple[Risk, ...]:
    """Give what was found of the package as a whole, such as a publisher that a policy does not allow."""
    return tuple(_risk(finding, finding.message) for finding in findings if not finding.role)


def _found(role: Role, findings: Iterable[Finding]) -> Iterator[Risk]:
    prefix = f'role "{printable(role.name)}": '
    of_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.role and finding.role == role.name:
            of_rule.setdefault(finding.rule, []).append(finding)
    for rule, found in of_rule.items():
        for finding in found[:_MOST_OF_A_RULE]:
            yield _risk(finding, finding.message.removeprefix(prefix))
        if (more := len(found) - _MOST_OF_A_RULE) > 0:
            yield Risk(_WEIGHTS[found[-1].severity], line(f"and {more:,} more of this kind"), rule)


def _risk(finding: Finding, message: str) -> Risk:
    if finding.accepted:
        return Risk(Weight.NOTE, Line("", note=f"{message} ({finding.accepted})"), finding.rule)
    return Risk(_WEIGHTS[finding.severity], Line("", note=message), finding.rule)
