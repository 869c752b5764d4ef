"""Two roles have one id.

Why: the id is what a role is known by: an import updates the role with that id, so that only one of the two remains,
or refuses the package (0x80071153).

Fix: give the second one an id of its own, and a root component.

Good: `<Role id="{a}" name="Reader">` and `<Role id="{b}" name="Writer">`

Bad: `<Role id="{a}" name="Reader">` and `<Role id="{A}" name="Writer">`
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL401", Severity.ERROR, "Two roles have one id")
def role_id_twice(subject: Subject) -> Iterator[Problem]:
    """Name each role whose id another one has, braces and case aside."""
    first: dict[str, str] = {}
    for role in subject.roles:
        id_ = role.packaged.id
        if id_ and id_ in first:
            yield role.problem(
                f'has the id of role "{printable(first[id_])}"', hint="Give it an id of its own.", mark=id_
            )
        first.setdefault(id_, role.name)
