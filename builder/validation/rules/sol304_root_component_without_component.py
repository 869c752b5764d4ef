"""A root component names a component that the package does not hold.

Why: an import then looks for it in the target environment and fails where it is not there either (0x8004801f). In real
packages the component is there, for tables, choices, processes, dashboards and forms, web resources, site maps, column
security profiles, apps, plug-in steps, connectors and AI models. Roles have a rule of their own, SOL302.

Fix: remove the root component, or bring the component back.

Good: `<RootComponent type="1" schemaName="contoso_permit" behavior="0" />` with `<Entity><Name>contoso_Permit</Name>`.

Bad: the same without the table.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.components import KINDS, identities, standing_for
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL304", Severity.WARNING, "A root component names a component that is not there")
def root_component_without_component(subject: Subject) -> Iterator[Problem]:
    """Name each root component of a known kind that stands for nothing in customizations.xml."""
    if subject.customizations is None:
        return
    kinds = {kind.type: kind for kind in KINDS}
    there = {type_: standing_for(kind, subject) for type_, kind in kinds.items()}
    for component in subject.package.manifest.root_components:
        names, held = identities(component), there.get(component.type)
        if held is not None and names and not names & held:
            yield Problem(
                f"the {kinds[component.type].words} {printable(component.schema_name or component.id)} is a root "
                "component, and is not in the package",
                component.member,
                component.line,
                hint="Remove the root component, or bring the component back.",
                mark=component.schema_name or component.id,
            )
