"""A component is not listed as a root component.

Why: what an import finds in customizations.xml it must find among the root components of solution.xml (0x8004803a);
real packages list every one of their tables, choices, processes, dashboards, web resources, site maps, column security
profiles, apps, plug-in steps, connectors and AI models. Roles have a rule of their own, SOL301.

Fix: add the root component, or remove the component.

Good: `<Entity><Name>contoso_Permit</Name>` with `<RootComponent type="1" schemaName="contoso_permit" behavior="0" />`.

Bad: the same without the root component.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.components import KINDS, identities, name_of
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL303", Severity.ERROR, "A component is not listed as a root component")
def component_not_a_root_component(subject: Subject) -> Iterator[Problem]:
    """Name each component of a known kind that no root component stands for."""
    if subject.customizations is None or subject.solution is None:
        return
    listed = {(item.type, name) for item in subject.package.manifest.root_components for name in identities(item)}
    for kind in KINDS:
        for element in subject.components(kind.path) or ():
            name = name_of(kind, element)
            if name and (kind.type, name) not in listed:
                yield subject.problem(
                    element,
                    f"the {kind.words} {printable(name)} is no root component of solution.xml",
                    hint=f'Add a <RootComponent type="{kind.type}" ... /> for it there.',
                )
