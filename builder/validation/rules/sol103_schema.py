"""A core member does not have the form of its kind.

Why: the manifest, the root components, the roles and the content types have a known form (schemas/*.xsd, written from
real packages); an import checks one of its own and refuses what departs from it (0x8004801a).

Fix: the message says what stands there and what was expected.

Good: `<RolePrivilege name="prvReadAccount" level="Global" />`

Bad: `level="Everything"`; two `<UniqueName>`; `<Managed>yes</Managed>`; `<Role id="..." name="..." owner="me">`.
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.schema import problems
from builder.validation.subject import Subject


@rule("SOL103", Severity.ERROR, "A core member does not have the form of its kind")
def schema(subject: Subject) -> Iterator[Problem]:
    """Check each core member against its schema."""
    for member, tree in subject.package.trees.items():
        yield from problems(member, tree, subject.package.member_of)
