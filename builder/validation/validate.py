"""Package -> Report."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from builder.catalogue import Catalogue, load
from builder.errors import UnreadableInput
from builder.package.archive import Limits
from builder.package.reader import Package, open_package, read_members
from builder.validation.excerpt import with_excerpts
from builder.validation.registry import Rule, all_rules
from builder.validation.report import Finding, Report, Severity
from builder.validation.subject import Subject

UNREADABLE = "SOL100"


def validate(path: Path, limits: Limits | None = None, rules: Sequence[Rule] | None = None) -> Report:
    """Validate the zip at a path. One that cannot be read at all has that as its only finding."""
    try:
        package = open_package(path, limits)
        findings = tuple(_findings(package, load(), rules))
    except UnreadableInput as error:
        unreadable = Finding(UNREADABLE, Severity.ERROR, error.message, hint=error.hint)
        return Report(str(path), (unreadable,), readable=False)
    return Report(str(path), findings)


def validate_members(source: str, members: Mapping[str, bytes]) -> Report:
    """Validate members that are at hand, such as those that are about to be packed."""
    return Report(source, tuple(_findings(read_members(source, members), load())))


def _findings(package: Package, catalogue: Catalogue, rules: Iterable[Rule] | None = None) -> list[Finding]:
    subject = Subject(package, catalogue)
    chosen = all_rules() if rules is None else rules
    found = [finding for rule in chosen for finding in rule.findings(subject)]
    return with_excerpts(package.members, sorted(found, key=lambda found: (found.member, found.line, found.rule)))
