"""Root components and what they stand for, by type, both ways.

The pairs below are those that hold in every real package looked at: each such element has its root component, and each
root component of the type its element (forms and dashboards share type 60, and forms lie inside tables).
"""

from dataclasses import dataclass

from lxml import etree

from builder.package.reader import RootComponent
from builder.validation.subject import Subject


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of component: `words` for people, and where customizations.xml holds it and says its id or name.

    `key` is an attribute (`@Name`) or the path of an element with a text, in the component's element.
    """

    type: str
    words: str
    path: str
    key: str


# Roles (20) have rules of their own. Left out are site maps without a name (62) and what is kept in folders.
KINDS = (
    Kind("1", "table", "Entities/Entity", "Name"),
    Kind("9", "choice", "optionsets/optionset", "@Name"),
    Kind("29", "process", "Workflows/Workflow", "@WorkflowId"),
    Kind("60", "dashboard", "Dashboards/Dashboard", "FormId"),
    Kind("61", "web resource", "WebResources/WebResource", "Name"),
    Kind("62", "site map", "AppModuleSiteMaps/AppModuleSiteMap", "SiteMapUniqueName"),
    Kind("70", "column security profile", "FieldSecurityProfiles/FieldSecurityProfile", "@fieldsecurityprofileid"),
    Kind("80", "model-driven app", "AppModules/AppModule", "UniqueName"),
    Kind("92", "plug-in step", "SdkMessageProcessingSteps/SdkMessageProcessingStep", "@SdkMessageProcessingStepId"),
    Kind("300", "canvas app", "CanvasApps/CanvasApp", "Name"),
    Kind("372", "connector", "Connectors/Connector", "name"),
    Kind("401", "AI model", "AIModels/AIModel", "msdyn_aimodelid"),
)
# Other elements that a root component of the type may stand for.
ALSO = {"60": "Entities/Entity/FormXml/forms/systemform/formid"}


def name_of(kind: Kind, element: etree._Element) -> str:
    """Give the id or name of a component, in lower case and without braces; "" where it says none."""
    said = element.get(kind.key[1:]) if kind.key.startswith("@") else element.findtext(kind.key)
    return plain(said or "")


def standing_for(kind: Kind, subject: Subject) -> frozenset[str] | None:
    """Give the ids and names that a root component of a kind may have; None where the components are not to be seen."""
    elements = subject.components(kind.path)
    also = subject.components(ALSO[kind.type]) if kind.type in ALSO else []
    if elements is None or also is None:
        return None
    return frozenset({name_of(kind, element) for element in elements} | {plain(item.text or "") for item in also})


def plain(name: str) -> str:
    """Fold what makes no difference in an id or name: braces, blanks around, and case."""
    return name.strip().strip("{}").lower()


def identities(component: RootComponent) -> frozenset[str]:
    """Give the id and the schema name of a root component, as far as it says them."""
    return frozenset({component.id, plain(component.schema_name)} - {""})
