"""A role is not listed as a root component.

Why: what an import finds in customizations.xml it must find among the root components of solution.xml as well
(0x8004803a); in 80 of 80 real packages with roles the two sets are equal.

Fix: add `<RootComponent type="20" id="{the role's id}" behavior="0" />` to solution.xml.

Good: every `<Role id="{...}">` has a root component of type 20 with that id.

Bad: a role pasted into customizations.xml alone.
"""

from collections.abc import Iterator

from builder.package.reader import ROLE_TYPE
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL301", Severity.ERROR, "A role is not listed as a root component")
def role_not_a_root_component(subject: Subject) -> Iterator[Problem]:
    """Name each role whose id no root component has."""
    if subject.solution is None:
        return
    listed = {item.id for item in subject.package.manifest.root_components if item.type == ROLE_TYPE}
    for role in subject.roles:
        id_ = role.packaged.id
        if id_ not in listed:
            yield role.problem(
                "is no root component of solution.xml",
                hint=f'Add <RootComponent type="20" id="{{{printable(id_)}}}" behavior="0" /> there.',
                mark=id_,
            )
