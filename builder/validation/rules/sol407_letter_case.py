"""A privilege is written in another case of letters than its own.

Why: whether an import matches names without regard to case is not documented. Exports always have the table's schema
name in its exact case (6,047 of 6,047 names that can be compared).

Fix: write the name as it is.

Good: `prvReadAccount`; `prvReadcontoso_Permit` for the table contoso_Permit.

Bad: `prvreadaccount`; `prvReadContoso_permit`.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import HeldGrant, Subject


@rule("SOL407", Severity.WARNING, "A privilege is written in the wrong case")
def letter_case(subject: Subject) -> Iterator[Problem]:
    """Compare each name with the catalogue's, where that is sure, and with the package's own tables."""
    for role in subject.roles:
        for grant in role.grants:
            right = _as_it_is(grant)
            if right and right != grant.name:
                yield role.problem_of(
                    grant, f"{printable(grant.name)} is written {printable(right)}", hint=f"Write {printable(right)}."
                )


def _as_it_is(grant: HeldGrant) -> str:
    if grant.table is not None and grant.right is not None:
        return f"prv{grant.right.token}{grant.table.schema_name}"
    return grant.known.name if grant.known and grant.known.case_exact else ""
