"""Two roles have one name.

Why: within a business unit a role's name is unique, without regard to case: the import fails (0x80041403, 0x80048017).
No real package has two (190 roles).

Fix: rename one of them.

Good: "Sync" and "Sync, read only"

Bad: "Sync" and "sync"
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL402", Severity.ERROR, "Two roles have one name")
def role_name_twice(subject: Subject) -> Iterator[Problem]:
    """Name each role whose name another one has, case and blanks around aside."""
    seen: set[str] = set()
    for role in subject.roles:
        name = role.name.strip().lower()
        if name and name in seen:
            yield role.problem("another role of the package has this name", hint="Rename one of them.")
        seen.add(name)
