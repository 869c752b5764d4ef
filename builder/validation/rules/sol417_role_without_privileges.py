"""A role grants nothing.

Why: no real role is empty. Who holds it can do nothing with it but sign in, and whoever imports it expects otherwise.

Fix: grant what is needed, or remove the role and its root component.

Good: one `<RolePrivilege>` or more.

Bad: `<RolePrivileges />`
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL417", Severity.WARNING, "A role grants nothing")
def role_without_privileges(subject: Subject) -> Iterator[Problem]:
    """Name each role without a grant."""
    for role in subject.roles:
        if not role.grants:
            yield role.problem("grants nothing", hint="Grant what is needed, or remove the role.")
