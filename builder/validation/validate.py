"""Package -> Report."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from builder.catalogue import load
from builder.errors import UnreadableInput
from builder.package.archive import Limits
from builder.package.opening import open_any
from builder.package.reader import Package, read_members
from builder.validation.excerpt import with_excerpts
from builder.validation.policy.model import Conditions
from builder.validation.registry import Rule, all_rules
from builder.validation.report import Finding, Report, Severity, Suppressed
from builder.validation.subject import Subject

UNREADABLE = "SOL100"


def validate(
    path: Path,
    limits: Limits | None = None,
    rules: Sequence[Rule] | None = None,
    conditions: Conditions | None = None,
) -> Report:
    """Validate the zip or the unpacked folder at a path, by all rules or by some, and by a policy where one is given.

    What cannot be read at all has that as its only finding.
    """
    try:
        package = open_any(path, limits)
        return validate_package(package, rules, conditions)
    except UnreadableInput as error:
        message = error.message.removeprefix(f"{path}: ")
        unreadable = Finding(UNREADABLE, Severity.ERROR, message, hint=error.hint)
        return Report(str(path), (unreadable,), readable=False)


def validate_package(
    package: Package, rules: Sequence[Rule] | None = None, conditions: Conditions | None = None
) -> Report:
    """Validate a package that was read."""
    subject = Subject(package, load(), conditions)
    chosen = all_rules() if rules is None else rules
    found = [finding for rule in chosen for finding in rule.findings(subject)]
    found.sort(key=lambda finding: (finding.member, finding.line, finding.rule))
    shown = with_excerpts(subject.read, found)
    return Report(
        package.source,
        tuple(finding for finding in shown if not finding.accepted),
        suppressed=tuple(Suppressed(finding, finding.accepted) for finding in shown if finding.accepted),
    )


def validate_members(source: str, members: Mapping[str, bytes]) -> Report:
    """Validate members that are at hand, such as those that are about to be packed."""
    return validate_package(read_members(source, members))
