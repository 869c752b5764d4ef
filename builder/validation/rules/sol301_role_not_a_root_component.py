"""A role is not listed as a root component.

Why: what an import finds in customizations.xml it must find among the root components of solution.xml as well
(0x8004803a); in 80 of 80 real packages with roles the two sets are equal.

Fix: add `<RootComponent type="20" id="{the role's id}" behavior="0" />` to solution.xml.

Good: every `<Role id="{...}">` has a root component of type 20 with that id.

Bad: a role pasted into customizations.xml alone.
"""

from collections.abc import Iterator

from builder.package.reader import ROLE_TYPE
from builder.package.render import CUSTOMIZATIONS, SOLUTION
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL301", Severity.ERROR, "A role is not listed as a root component")
def role_not_a_root_component(subject: Subject) -> Iterator[Problem]:
    """Name each role whose id no root component has."""
    package = subject.package
    if SOLUTION not in package.trees:
        return
    listed = {component.id for component in package.manifest.root_components if component.type == ROLE_TYPE}
    for role in package.packaged_roles:
        if role.id not in listed:
            yield Problem(
                f'the role "{printable(role.name)}" is no root component of solution.xml',
                CUSTOMIZATIONS,
                role.line,
                hint=f'Add <RootComponent type="20" id="{{{printable(role.id)}}}" behavior="0" /> there.',
            )
