"""A role may change rows that it may not read.

Why: Write, Delete, Assign and Share work on rows that were found, and to find them takes Read on the same table. A role
with one of these and without Read works only where another role of the same user gives Read.

Fix: grant Read at the same depth, or remove the right.

Good: `prvReadAccount` and `prvWriteAccount`; `prvCreateAccount` alone, which creates rows and forgets them.

Bad: `prvWriteAccount` without `prvReadAccount`.
"""

from collections.abc import Iterator

from builder.model import AccessRight
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import HeldGrant, Subject

_NEED_READ = (AccessRight.WRITE, AccessRight.DELETE, AccessRight.ASSIGN, AccessRight.SHARE)


@rule("SOL413", Severity.WARNING, "A role may change rows that it may not read")
def right_without_read(subject: Subject) -> Iterator[Problem]:
    """Name the first right of each table that needs the missing Read."""
    for role in subject.roles:
        for rights in role.rights().values():
            orphans = [grant for right, grant in rights.items() if right in _NEED_READ]
            if orphans and AccessRight.READ not in rights and _has_read(orphans[0], subject):
                words = ", ".join(grant.right.words for grant in orphans if grant.right is not None)
                base = printable(orphans[0].base)
                yield role.problem_of(
                    orphans[0], f"has {words} on {base} without Read", hint=f"Grant prvRead{base} at the same depth."
                )


def _has_read(grant: HeldGrant, subject: Subject) -> bool:
    """Say whether the table has a Read at all: some of Dataverse's own are not known to."""
    return grant.known is None or subject.catalogue.privilege(f"prvRead{grant.base}") is not None
