"""A role's name has blanks around it, or characters that cannot be seen.

Why: names are compared as they are: nobody finds "Sync " by typing "Sync", and a look-alike with an invisible character
passes for another role in a review.

Fix: remove them.

Good: `name="Contoso Sync"`

Bad: `name="Contoso Sync "`; a name with a zero-width blank.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL419", Severity.WARNING, "A role's name has blanks around it, or invisible characters")
def role_name_spacing(subject: Subject) -> Iterator[Problem]:
    """Look at each name."""
    for role in subject.roles:
        if role.name != role.name.strip():
            yield role.problem("has blanks around its name", hint="Remove them.")
        elif printable(role.name) != role.name:
            yield role.problem("has invisible characters in its name", hint="Remove them.")
