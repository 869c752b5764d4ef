"""Privileges that cannot be looked up.

Why: a role may grant privileges on custom tables that lie in other solutions. Whether they exist, and which depths they
have, only the target environment knows; they are counted here, so that the number can be compared with what is
expected. Where one does not exist the import may fail.

Fix: nothing to do, but to install the solutions of these tables first.

Good: a role on Dataverse's own tables and on those of its package.

Bad: `prvReadfabrikam_Order` in a package without that table.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject

_NAMED = 3


@rule("SOL502", Severity.NOTE, "Privileges that cannot be looked up")
def custom_privileges(subject: Subject) -> Iterator[Problem]:
    """Count, for each role, the privileges on custom tables that are not in the package."""
    for role in subject.roles:
        foreign = [grant for grant in role.grants if subject.guesses.names_custom_table(grant)]
        if foreign:
            tables = list(dict.fromkeys(grant.base for grant in foreign))
            listed = printable(", ".join(tables[:_NAMED])) + (", ..." if len(tables) > _NAMED else "")
            count = f"{len(foreign)} privilege{'s' * (len(foreign) != 1)}"
            where = f"{len(tables)} custom table{'s' * (len(tables) != 1)}"
            yield role.problem(f"{count} on {where} outside the package cannot be looked up: {listed}")
