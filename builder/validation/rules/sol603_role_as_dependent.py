"""A role is said to need another component.

Why: no export does so (0 of 32,675 dependencies): what a role grants makes no dependency, so the entry was made by
hand. An import then insists on the required component, where the role alone would do.

Fix: remove the dependency. To make sure that a table is there before the role, say so in the instructions.

Good: `<MissingDependencies />` in a package of roles.

Bad: a `<MissingDependency>` whose `<Dependent>` has `type="20"`.
"""

from collections.abc import Iterator

from builder.package.reader import ROLE_TYPE
from builder.validation.dependencies import dependencies
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL603", Severity.WARNING, "A role is said to need another component")
def role_as_dependent(subject: Subject) -> Iterator[Problem]:
    """Name each dependency of a role."""
    for _, _, dependent in dependencies(subject):
        if dependent.get("type") == ROLE_TYPE:
            yield subject.problem(
                dependent, "a role has dependencies in no export", hint="Remove this dependency.", mark='type="20"'
            )
