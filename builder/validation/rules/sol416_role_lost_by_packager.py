"""SolutionPackager would lose the role.

Why: Microsoft's SolutionPackager takes a role's file whose name ends in `_managed` for the managed half of another one
and leaves it out of every package it packs, with a warning at most; a name that is too long for a file ends its run.

Fix: rename the role.

Good: "Team, managed"

Bad: "Team_managed"; a name of more than 251 bytes
"""

from collections.abc import Iterator

from builder.validation.packager import role_file
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject

_LONGEST = 255


@rule("SOL416", Severity.WARNING, "SolutionPackager would lose the role")
def role_lost_by_packager(subject: Subject) -> Iterator[Problem]:
    """Name each role whose file SolutionPackager would skip or cannot write."""
    for role in subject.roles:
        file = role_file(role.name)
        if file.rpartition(".")[0].lower().endswith("_managed"):
            yield role.problem(
                'SolutionPackager skips role files whose name ends in "_managed": packed again, it is lost',
                hint="Rename the role.",
            )
        elif len(file.encode()) > _LONGEST:
            yield role.problem("its name is too long for a file, and SolutionPackager fails", hint="Shorten the name.")
