"""customizations.xml names a member that is not in the package.

Why: a flow's definition, a web resource's content, an assembly or a canvas app lies in a member of its own, which
customizations.xml names; without it the component cannot be imported (0x80048021, 0x80048033). None is missing in
619 real packages.

Fix: put the member back under the name given, or remove the component and its root component.

Good: `<JsonFileName>/Workflows/a.json</JsonFileName>` beside the member `Workflows/a.json`.

Bad: the same without the member.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.parts import named_parts, part_names
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL110", Severity.ERROR, "A member that customizations.xml names is not there")
def named_member_absent(subject: Subject) -> Iterator[Problem]:
    """Name each member that a component says it lies in and that is not there."""
    if subject.customizations is None or subject.package.unpacked:
        return
    parts = part_names(subject.package.members)
    for element, name in named_parts(subject.customizations):
        if name.lower() not in parts:
            yield subject.problem(
                element,
                f"<{printable(str(element.tag))}> names {printable(name)}, which is not in the package",
                hint="Put the member back, or remove the component with its root component.",
                mark=name,
            )
