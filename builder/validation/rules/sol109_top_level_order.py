"""The parts of customizations.xml stand in another order than in exports.

Why: the order is the same in 613 of 618 real packages, and Microsoft's schema prescribes it; an import that checks
the schema refuses another one (0x8004801a). Whether today's import still does is unconfirmed, hence a warning.

Fix: move the element to where exports have it.

Good: `<Entities>`, `<Roles>`, `<Workflows>`, ... `<Languages>`. Parts that this rule does not know may stand anywhere.

Bad: `<Roles>` before `<Entities>`; `<Languages>` first.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject

# Measured on 618 packages. Left out is what was seen in two places: EntityImageConfigs, AttributeImageConfigs and
# WebResources, and what stands after Languages.
ORDER = tuple(
    """
    Entities Roles Workflows FieldSecurityProfiles Templates RibbonDiffXml ConnectionRoles SiteMap EntityMaps
    EntityRelationships OrganizationSettings optionsets Reports Dashboards Dialogs InteractionCentricDashboards
    CustomControls SolutionPluginAssemblies SdkMessageProcessingSteps ServiceEndpoints AppModuleSiteMaps AppModules
    EntityDataProviders EntityDataSources CanvasApps AIModels Connectors connectionreferences Languages
    """.split()
)
_PLACE = {name: place for place, name in enumerate(ORDER)}


@rule("SOL109", Severity.WARNING, "The parts of customizations.xml stand in an unusual order")
def top_level_order(subject: Subject) -> Iterator[Problem]:
    """Name each child of the root that stands after one that it should stand before."""
    if subject.customizations is None:
        return
    last = ""
    for element in subject.customizations.iterchildren("*"):
        name = str(element.tag)
        if name not in _PLACE:
            continue
        if last and _PLACE[name] < _PLACE[last]:
            yield subject.problem(
                element, f"<{printable(name)}> stands after <{last}>; exports have it before", mark=name
            )
        else:
            last = name
