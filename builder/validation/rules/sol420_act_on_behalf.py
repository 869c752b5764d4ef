"""A role may act on behalf of other users.

Why: prvActOnBehalfOfAnotherUser lets its holder call as any other user; and whoever imports such a role may be refused
with "Act on Behalf of Another User privilege cannot be added or removed" (0x8004ed43). No real role of those looked
at grants it.

Fix: leave it out; assign Dataverse's own role Delegate where it is needed.

Good: a role without it.

Bad: `prvActOnBehalfOfAnotherUser`
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL420", Severity.WARNING, "A role may act on behalf of other users")
def act_on_behalf(subject: Subject) -> Iterator[Problem]:
    """Look for the privilege."""
    for role in subject.roles:
        for grant in role.grants:
            if grant.key == "prvactonbehalfofanotheruser":
                yield role.problem_of(
                    grant,
                    "may act on behalf of any other user",
                    hint="Leave it out; assign Dataverse's own role Delegate where it is needed.",
                )
