"""Validate a spec: it is built in memory, and each finding put on the spec's own line."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from builder.document import parse_document, read_bounded
from builder.errors import InputFaults, UnreadableInput
from builder.model import Version
from builder.package.opening import read_any
from builder.package.reader import read_members
from builder.package.render import CUSTOMIZATIONS, render
from builder.solution.file_names import is_spec
from builder.solution.origins import Origins, Place
from builder.solution.spec import SCHEMA, Spec, read_spec
from builder.validation.excerpt import excerpt_of
from builder.validation.policy.model import Conditions, Predecessor, predecessor_of
from builder.validation.registry import Rule
from builder.validation.report import Excerpt, Finding, Report, Severity, Suppressed
from builder.validation.validate import UNREADABLE, validate_package

_VERSION_RULE = "SOL907"
# Where the spec states what an element of solution.xml is made of, by the end of the element's path; the first counts.
_STATED = (
    ("SolutionManifest/Version", ("solution", "version")),
    ("SolutionManifest/UniqueName", ("solution", "unique_name")),
    ("SolutionManifest/Managed", ("solution", "managed")),
    ("SolutionManifest/LocalizedNames", ("solution", "display_name")),
    ("SolutionManifest/Descriptions", ("solution", "description")),
    ("Publisher/UniqueName", ("publisher", "unique_name")),
    ("Publisher/CustomizationPrefix", ("publisher", "prefix")),
    ("Publisher/CustomizationOptionValuePrefix", ("publisher", "option_value_prefix")),
    ("Publisher/LocalizedNames", ("publisher", "display_name")),
    ("Publisher/Addresses", ("publisher", "addresses")),
    ("/Publisher", ("publisher",)),
)
_FOLDED = 12


def validate_spec(path: Path, rules: Sequence[Rule], conditions: Conditions | None = None) -> Report:
    """Validate the package that a spec builds; what keeps it from building one is all that is found then."""
    try:
        raw = read_bounded(path)
        spec, rules = _read(path, raw, rules)
    except InputFaults as error:
        lines = raw.splitlines()
        faults = (
            Finding(UNREADABLE, Severity.ERROR, fault.message, line=fault.line, hint=fault.hint)
            for fault in error.faults
        )
        shown = (replace(finding, excerpt=_excerpt(lines, Place(finding.line))) for finding in faults)
        return Report(str(path), tuple(shown), readable=False)
    except UnreadableInput as error:
        message = error.message.removeprefix(f"{path}: ")
        return Report(str(path), (Finding(UNREADABLE, Severity.ERROR, message, hint=error.hint),), readable=False)
    report = validate_package(read_members(str(path), render(spec.solution)), rules, conditions)
    placed = _Placed(spec, raw.splitlines())
    return replace(
        report,
        findings=tuple(sorted(map(placed.finding, report.findings), key=lambda finding: (finding.line, finding.rule))),
        suppressed=tuple(Suppressed(placed.finding(item.finding), item.reason) for item in report.suppressed),
    )


def predecessor(path: Path) -> Predecessor:
    """Take the zip, the unpacked folder or the spec at a path for the release before; raises as reading it does."""
    if not is_spec(path) or path.is_dir():
        return predecessor_of(read_any(path))
    raw = read_bounded(path)
    spec, _ = _read(path, raw, (), guess_case=True)
    solution = spec.solution
    return Predecessor(str(path), solution.unique_name, solution.version, solution.roles)


def _read(path: Path, raw: bytes, rules: Sequence[Rule], *, guess_case: bool = False) -> tuple[Spec, Sequence[Rule]]:
    """Read a spec; where its version comes from outside (a tag, an option), no rule can judge that."""
    if parse_document(str(path), raw, SCHEMA).get("solution", "version") is not None:
        return read_spec(path, guess_case=guess_case), rules
    spec = read_spec(path, guess_case=guess_case, version=lambda _: Version((0, 0)))
    return spec, [rule for rule in rules if rule.id != _VERSION_RULE]


class _Placed:
    """Puts findings on a package on the lines of the spec that it was built from."""

    def __init__(self, spec: Spec, lines: list[bytes]) -> None:
        self._origins = spec.origins
        self._lines = lines
        self._roles = {role.name: role.id for role in spec.solution.roles}

    def finding(self, finding: Finding) -> Finding:
        """Give a finding with its place in the spec."""
        place = self._place(finding, self._origins) if self._origins else Place(0)
        line = _line_of(place, self._lines)
        excerpt = _excerpt(self._lines, Place(line, place.mark))
        return replace(finding, member="", line=line, xpath="", mark=place.mark, excerpt=excerpt)

    def _place(self, finding: Finding, origins: Origins) -> Place:
        if finding.role in self._roles:
            role = self._roles[finding.role]
            if finding.privilege:
                return origins.of_grant(role, finding.privilege, finding.aspect)
            return origins.of_role(role)
        stated = next((path for part, path in _STATED if part in finding.xpath), None)
        if stated:
            return origins.at(stated)
        if not finding.member:
            return Place(0)
        return origins.at(("roles",) if finding.member == CUSTOMIZATIONS else ("solution",))


def _line_of(place: Place, lines: Sequence[bytes]) -> int:
    """Find the line of what is meant, which a text that is folded may have after the first."""
    word = re.compile(rb"(?<!\w)" + re.escape(place.mark.encode()) + rb"(?!\w)")
    for line in range(place.line, min(place.line + _FOLDED, len(lines) + 1)) if place.mark else ():
        text = lines[line - 1]
        if line > place.line and b":" in text:
            break
        if word.search(text):
            return line
    return place.line


def _excerpt(lines: Sequence[bytes], place: Place) -> Excerpt | None:
    return excerpt_of(lines[place.line - 1], place.mark) if 0 < place.line <= len(lines) else None
