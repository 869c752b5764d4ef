"""Two members have one name but for the case of letters.

Why: part names of a package are compared without case (Open Packaging Conventions): the library that opens the
package refuses the second one, and where it does not, unpacking on Windows keeps one of the two.

Fix: remove one, or give it another name.

Good: `Workflows/a.json` and `Workflows/b.json`.

Bad: `Workflows/a.json` and `Workflows/A.json`.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL111", Severity.ERROR, "Two members have one name but for case")
def members_equal_but_for_case(subject: Subject) -> Iterator[Problem]:
    """Name each member that another one equals, ignoring case."""
    seen: dict[str, str] = {}
    for name in subject.package.members:
        first = seen.setdefault(name.lower(), name)
        if first != name:
            yield Problem(
                f"{printable(name)} and {printable(first)} are one name to what reads packages",
                name,
                hint="Remove one of them, or rename it.",
            )
