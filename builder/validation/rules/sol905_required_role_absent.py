"""A role that the policy requires is absent.

Why: the policy that was asked for (`--policy`) names roles that every package must have, by name or id. A release
without one would take it away from those who hold it.

Fix: bring the role back, under the same id; or name the role that takes its place in the policy's `required_roles`.

Good: `required_roles: [Contoso Sync]` and a role of that name.

Bad: the same, and a role "Contoso Sync 2" alone.
"""

from collections.abc import Iterator

from builder.package.render import CUSTOMIZATIONS
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL905", Severity.ERROR, "A role that the policy requires is absent")
def required_role_absent(subject: Subject) -> Iterator[Problem]:
    """Look for each role by name and id."""
    if subject.conditions is None:
        return
    held = {word for role in subject.roles for word in (role.name.casefold(), role.packaged.id)}
    for wanted in subject.conditions.policy.required_roles:
        if wanted.strip().strip("{}").casefold() not in held:
            yield Problem(
                f'the policy requires the role "{printable(wanted)}", and the package has none of that name or id',
                "" if subject.package.unpacked else CUSTOMIZATIONS,
                hint="Bring it back under the same id, or change the policy's `required_roles`.",
            )
