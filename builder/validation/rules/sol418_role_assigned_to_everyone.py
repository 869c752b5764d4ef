"""A role is assigned to every user by itself.

Why: `<IsAutoAssigned>1</IsAutoAssigned>` gives the role to every user who is added to the environment. None of 84 real
roles that state it does so; a role for one application never should.

Fix: write 0.

Good: `<IsAutoAssigned>0</IsAutoAssigned>`, or nothing.

Bad: `<IsAutoAssigned>1</IsAutoAssigned>`
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL418", Severity.WARNING, "A role is assigned to every user by itself")
def role_assigned_to_everyone(subject: Subject) -> Iterator[Problem]:
    """Look at the mark."""
    for role in subject.roles:
        if (role.packaged.auto_assigned or "").strip() == "1":
            yield role.problem("is assigned to every new user by itself", hint="Set IsAutoAssigned to 0.")
