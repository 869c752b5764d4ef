"""A privilege is not known.

Why: the name is neither in the catalogue nor that of a table of the package, nor does it look like a custom table's.
Nearly always it is misspelt. What an import does with a privilege that does not exist is not documented: it fails, or
the role comes out with less than it says. The catalogue cannot know all of Dataverse, hence a warning.

Fix: take the name that the message proposes, or suppress the finding with the reason why the name is right.

Good: `prvReadAuditSummary`

Bad: `privReadAuditSummary`; `prvReadAcount`; `prvReadSystemUser`, which is called `prvReadUser`.
"""

from collections.abc import Iterator

from builder.catalogue.lookup import seen_in_exports
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL405", Severity.WARNING, "A privilege is not known")
def unknown_privilege(subject: Subject) -> Iterator[Problem]:
    """Name each privilege that nothing explains, with the nearest one that exists."""
    for role in subject.roles:
        for grant in role.grants:
            if not grant.name or grant.known or grant.table or grant.key in seen_in_exports():
                continue
            if subject.guesses.names_custom_table(grant):
                continue  # SOL502 counts it
            if grant.right and subject.knows_table(grant.base):
                continue  # the table is known, the right is not: SOL406
            near = subject.guesses.nearest(grant)
            yield role.problem_of(
                grant,
                f"there is no privilege {printable(grant.name)}" + (f"; did you mean {near}?" if near else ""),
                hint=f"Write {near}." if near else "Take the name from `solsmith catalogue show`, or from an export.",
            )
