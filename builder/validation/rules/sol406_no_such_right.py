"""A table does not know the right that a role grants on it.

Why: a table that the organization owns has no Assign and no Share, others lack Delete or Append: there is no such
privilege (measured on 1,014 tables; the package's own tables by what they say of themselves). What an import does
with it is not documented.

Fix: remove the grant.

Good: `prvReadTransactionCurrency`

Bad: `prvAssignTransactionCurrency`: currencies are the organization's.
"""

from collections.abc import Iterator

from builder.catalogue.lookup import seen_in_exports
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL406", Severity.WARNING, "A table does not know the right granted on it")
def no_such_right(subject: Subject) -> Iterator[Problem]:
    """Name each grant of a right that its table lacks."""
    for role in subject.roles:
        for grant in role.grants:
            if grant.known or grant.right is None or grant.key in seen_in_exports():
                continue
            if grant.table is not None:
                known = not grant.table.activity and grant.right in grant.table.rights
            else:
                known = not subject.knows_table(grant.base)
            if not known:
                yield role.problem_of(
                    grant,
                    f"there is no privilege {printable(grant.name)}: the table {printable(grant.base)} has no right to "
                    f"{grant.right.words}",
                    hint="Remove it.",
                )
