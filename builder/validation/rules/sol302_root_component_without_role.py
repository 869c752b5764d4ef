"""A root component names a role that the package does not hold.

Why: an import looks for the role in customizations.xml, then in the target environment, and fails where neither has
it (0x8004801f); in 80 of 80 real packages with roles the two sets are equal.

Fix: remove the root component, or bring the role's `<Role>` back.

Good: every root component of type 20 has a `<Role>` with its id.

Bad: a role removed from customizations.xml alone; two root components for one role.
"""

from collections.abc import Iterator

from builder.package.reader import ROLE_TYPE
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL302", Severity.ERROR, "A root component names a role that is not there")
def root_component_without_role(subject: Subject) -> Iterator[Problem]:
    """Name each root component of type role whose id no role has."""
    if subject.customizations is None:
        return
    held = {role.packaged.id for role in subject.roles}
    for component in subject.package.manifest.root_components:
        if component.type == ROLE_TYPE and component.id not in held:
            yield Problem(
                f"the root component for role {printable(component.id) or '(no id)'} has no role in the package",
                component.member,
                component.line,
                hint="Remove it, or add the role.",
                mark=component.id,
            )
