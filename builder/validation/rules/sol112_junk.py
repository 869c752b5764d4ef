"""The package holds files that are no part of a solution.

Why: what operating systems and editors leave behind gets into packages that are zipped by hand. An import ignores it
or stumbles over it, and it may tell what nobody meant to publish.

Fix: remove the members; zip with a tool that knows what belongs in, such as solsmith or SolutionPackager.

Good: the core members, and what customizations.xml names.

Bad: `.DS_Store`; `__MACOSX/._solution.xml`; `Thumbs.db`; `.git/config`; `solution.xml.bak`.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.junk import is_junk
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL112", Severity.WARNING, "The package holds files that are no part of a solution")
def junk(subject: Subject) -> Iterator[Problem]:
    """Name each member that an operating system or an editor left."""
    for name in subject.package.members:
        if is_junk(name):
            yield Problem(f"{printable(name)} is no part of a solution", name, hint="Remove it from the zip.")
