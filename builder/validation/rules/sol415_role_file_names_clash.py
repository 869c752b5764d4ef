"""SolutionPackager would write two roles into one file.

Why: Microsoft's SolutionPackager names a role's file after the role, with `_` for what a file name cannot hold, and
appends `.xml` where the name has no extension. Where two names give one, the later role overwrites the earlier
without a word, and is alone in what is packed again. On Windows, names that differ by case clash as well.

Fix: rename one of the roles.

Good: "Sales / Reader" and "Sales / Writer"

Bad: "a/b" and "a_b"; "x" and "x.xml"
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.packager import role_file
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL415", Severity.WARNING, "SolutionPackager would write two roles into one file")
def role_file_names_clash(subject: Subject) -> Iterator[Problem]:
    """Name each role whose file an earlier one has."""
    first: dict[str, str] = {}
    for role in subject.roles:
        file = role_file(role.name).lower()
        if file in first and first[file].lower() != role.name.lower():
            yield role.problem(
                f'SolutionPackager unpacks it over role "{printable(first[file])}": both go to Roles/{printable(file)}',
                hint="Rename one of them.",
            )
        first.setdefault(file, role.name)
