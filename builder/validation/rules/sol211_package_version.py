"""The SolutionPackageVersion is none that an import takes.

Why: it says for which release the package was exported, such as 9.2. An import refuses what is newer than itself or
from 2011 or earlier (0x80048068); what is no version at all it cannot place.

Fix: write two numbers, such as `SolutionPackageVersion="9.2"`; for an older target export again and choose it there.

Good: `SolutionPackageVersion="9.2"`; 7.0 to 9.2 were seen. Packages of 2011, which have none, are left alone.

Bad: `SolutionPackageVersion="latest"`; `SolutionPackageVersion="5.0"`.
"""

import re
from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject

_FORM = re.compile(r"([0-9]{1,4})\.[0-9]{1,4}(\.[0-9]{1,10}){0,2}")
_OLDEST = 6


@rule("SOL211", Severity.ERROR, "The SolutionPackageVersion is none that an import takes")
def package_version(subject: Subject) -> Iterator[Problem]:
    """Look at the attribute of the root."""
    version = subject.solution.get("SolutionPackageVersion") if subject.solution is not None else None
    if subject.solution is None or version is None:
        return
    form = _FORM.fullmatch(version.strip())
    if form is None or int(form[1]) < _OLDEST:
        yield subject.problem(
            subject.solution,
            f"SolutionPackageVersion is {printable(version) or 'empty'}",
            hint="Write the release that it was made for, such as 9.2.",
            mark=f'SolutionPackageVersion="{version}"',
        )
