"""Package -> Report."""

from collections.abc import Mapping
from pathlib import Path

from builder.catalogue import Catalogue, load
from builder.errors import UnreadableInput
from builder.package.archive import Limits
from builder.package.reader import Package, open_package, read_members
from builder.validation.registry import Subject, all_rules
from builder.validation.report import Finding, Report, Severity


def validate(path: Path, limits: Limits | None = None) -> Report:
    """Validate the zip at a path. One that cannot be read at all has that as its only finding."""
    try:
        package = open_package(path, limits)
        findings = tuple(_findings(package, load()))
    except UnreadableInput as error:
        unreadable = Finding("SOL100", Severity.ERROR, error.message, hint=error.hint)
        return Report(str(path), (unreadable,), readable=False)
    return Report(str(path), findings)


def validate_members(source: str, members: Mapping[str, bytes]) -> Report:
    """Validate members that are at hand, such as those that are about to be packed."""
    return Report(source, tuple(_findings(read_members(source, members), load())))


def _findings(package: Package, catalogue: Catalogue) -> list[Finding]:
    subject = Subject(package, catalogue)
    found = [finding for rule in all_rules() for finding in rule.findings(subject)]
    return sorted(found, key=lambda finding: (finding.member, finding.line, finding.rule))
