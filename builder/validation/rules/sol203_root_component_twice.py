"""A root component is listed twice.

Why: an import refuses it: "Duplicate Component is present in the XML" (0x80071153); so does SolutionPackager when it
packs. Braces and the case of letters make no difference.

Fix: remove one of the two.

Good: `<RootComponent type="20" id="{a}" />` and `<RootComponent type="20" id="{b}" />`

Bad: `<RootComponent type="20" id="{a}" />` and `<RootComponent type="20" id="A" />`
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL203", Severity.ERROR, "A root component is listed twice")
def root_component_twice(subject: Subject) -> Iterator[Problem]:
    """Name each root component whose type and id, or type and schema name, stand before."""
    seen: set[tuple[str, str]] = set()
    for component in subject.package.manifest.root_components:
        name = component.id or component.schema_name.lower()
        key = (component.type.strip().lstrip("0"), name)
        if name and key in seen:
            yield Problem(
                f"the root component {printable(name)} of type {printable(component.type)} is listed a second time",
                component.member,
                component.line,
                hint="Remove one of the two.",
                mark=component.schema_name or component.id,
            )
        seen.add(key)
