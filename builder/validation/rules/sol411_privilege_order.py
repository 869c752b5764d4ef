"""The privileges of a role stand in another order than in exports.

Why: nothing fails. Exports sort by name, in lower case (234 of 234 real roles), so that two versions can be compared
line by line; the next export brings that order back, and with it a difference that means nothing.

Fix: sort the `<RolePrivilege>` elements by name, in lower case; what solsmith builds is sorted.

Good: `prvAppendAccount`, `prvAppendToAccount`, `prvCreateAccount`

Bad: `prvCreateAccount`, `prvAppendAccount`
"""

from collections.abc import Iterator
from itertools import pairwise

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL411", Severity.NOTE, "The privileges of a role stand in an unusual order")
def privilege_order(subject: Subject) -> Iterator[Problem]:
    """Name the first grant of each role that stands after a later one."""
    for role in subject.roles:
        for before, grant in pairwise(role.grants):
            if grant.key < before.key:
                yield role.problem_of(
                    grant,
                    f"{printable(grant.name)} stands after {printable(before.name)}; exports sort by lower-case name",
                )
                break
