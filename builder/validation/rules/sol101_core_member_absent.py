"""A core member is absent.

Why: an import reads solution.xml, customizations.xml and [Content_Types].xml from the root of the zip, under exactly
these names (616 of 616 real packages), and refuses a package without them (0x80048060).

Fix: zip the files themselves, not the folder that holds them; or build or export the package again.

Good: `customizations.xml`, `solution.xml`, `[Content_Types].xml` in the root.

Bad: `MySolution/solution.xml`; no `[Content_Types].xml`.
"""

from collections.abc import Iterator

from builder.package.folder import CUSTOMIZATIONS_FILE, SOLUTION_FILE
from builder.package.reader import CORE_MEMBERS, whereabouts
from builder.package.render import CUSTOMIZATIONS, SOLUTION
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject

_FILES = {SOLUTION: SOLUTION_FILE, CUSTOMIZATIONS: CUSTOMIZATIONS_FILE}


@rule("SOL101", Severity.ERROR, "A core member is absent")
def core_member_absent(subject: Subject) -> Iterator[Problem]:
    """Name each absent core member, and where it lies instead."""
    package = subject.package
    for name in CORE_MEMBERS:
        if name in package.members:
            continue
        if package.unpacked:
            yield Problem(f"{_FILES[name]} is absent from the folder", _FILES[name])
        else:
            yield Problem(f"{name} is absent from the zip's root", name, hint=whereabouts(package.members))
