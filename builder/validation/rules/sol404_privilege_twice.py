"""A role grants a privilege twice.

Why: an import refuses it (0x8004140f, "Privilege is duplicated"), or keeps one of two depths that nobody can foretell.
None of 190 real roles does. Case makes no difference.

Fix: keep the one that is meant.

Good: `prvReadAccount` once.

Bad: `prvReadAccount` at Basic and at Global; `prvReadAccount` and `prvreadaccount`.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import HeldGrant, Subject


@rule("SOL404", Severity.ERROR, "A role grants a privilege twice")
def privilege_twice(subject: Subject) -> Iterator[Problem]:
    """Name each grant whose privilege the role has before."""
    for role in subject.roles:
        first: dict[str, HeldGrant] = {}
        for grant in role.grants:
            other = first.setdefault(grant.key, grant)
            if other is not grant and grant.name:
                yield role.problem_of(
                    grant,
                    f"grants {printable(grant.name)} a second time; line {other.line} says {printable(other.level)}",
                    hint="Keep the one that is meant.",
                )
