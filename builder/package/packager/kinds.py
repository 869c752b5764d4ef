"""Where SolutionPackager puts each kind of component: the layout as a table (measured on 614 real packages; what is
marked unconfirmed was seen too seldom or not at all).

A place is a path with fields. `{Name}` is the text of a child element, `{@name}` an attribute, `{A|B}` the first that
is there; `{/Name}` is a path itself, where in all others `/` becomes `_`. `{managed}` is `_managed` in files of managed
packages, where the two package types may differ.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Content:
    """A file beside the one of the component: a member that the text of a child element names (`*`: of any that begins
    with `below`), and the place it goes to; "" for its own path. `anywhere` looks below
    the children too; `whole_folder` takes all that lies with the file."""

    element: str
    place: str = ""
    below: str = ""
    anywhere: bool = False
    whole_folder: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A child of ImportExportXml that goes into files of its own.

    `place` is that of each of its children, or of the element itself (`whole`); `otherwise` that of children that lack
    a field of it (`needs_file`: which Microsoft's tool loses). `found` are the files that packing
    reads for it, as a pattern: `*` within one name, `**` over folders. `claims` are the top folders out of which only
    what components name is copied. `by_name` says that packing sorts by file name, as against the order in which
    folders are listed. `keeps_spelling`: left empty while packing, `<X></X>` stays so. `namespaces`: the root's
    declarations go to the part. `component` is the type and the place of the id (or name) of its root component.
    """

    element: str
    place: str
    found: str
    claims: tuple[str, ...]
    whole: bool = False
    namespaces: bool = True
    by_name: bool = False
    keeps_spelling: bool = False
    contents: tuple[Content, ...] = ()
    component: tuple[str, str] | None = None
    otherwise: str = ""
    needs_file: bool = False

    @property
    def managed_apart(self) -> bool:
        """Whether managed and unmanaged packages have files of their own."""
        return "{managed}" in self.place


@dataclass(frozen=True, slots=True)
class Nested:
    """A child of a table that goes into files of its own: each `item` (in each `group`), under a new root (`root`, with
    the namespace of xsi), or as it is. `place` is relative to the table's folder; `{group@type}` an attribute of the
    group. With `item` empty, the child itself is the part.
    """

    element: str
    place: str
    group: str = ""
    item: str = ""
    root: str = ""


ENTITY_PARTS = (
    Nested("FormXml", "FormXml/{group@type}/{formid}{managed}.xml", "forms", "systemform", "forms"),
    Nested("SavedQueries", "SavedQueries/{savedqueryid}.xml", "savedqueries", "savedquery", "savedqueries"),
    Nested("Visualizations", "Visualizations/{savedqueryvisualizationid}.xml", "", "visualization"),
    Nested("RibbonDiffXml", "RibbonDiff.xml"),
)


def _simple(element: str, place: str, folder: str, component: tuple[str, str] | None = None) -> Kind:
    return Kind(
        element, place, f"{folder}/*", (folder,), by_name=True, keeps_spelling=True, component=component
    )  # fmt: skip


def _whole(element: str, file: str) -> Kind:
    top = file.partition("/")[0]
    claims = () if top == "Other" else (top,)
    return Kind(element, file, file.replace("{managed}", ""), claims, whole=True)


_KINDS = (
    Kind("Entities", "Entities/{Name}/Entity.xml", "Entities/*/Entity.xml", ("Entities", "Formulas"),
         keeps_spelling=True, contents=(Content("FormulaDefinitionFileName", anywhere=True),), component=("1", "Name")),
    _simple("Roles", "Roles/{@name|@id}", "Roles", ("20", "@id")),
    Kind("Workflows", "{/JsonFileName|/XamlFileName}.data.xml", "Workflows/**.data.xml", ("Workflows",),
         contents=(Content("JsonFileName"), Content("XamlFileName")), component=("29", "@WorkflowId"),
         otherwise="Workflows/{@WorkflowId|@Name}.data.xml", needs_file=True),
    _whole("FieldSecurityProfiles", "Other/FieldSecurityProfiles.xml"),
    Kind("Templates", "Templates/{.}.xml", "Templates/*.xml", ("Templates",), keeps_spelling=True),
    _whole("RibbonDiffXml", "Other/RibbonCustomization.xml"),
    _whole("ConnectionRoles", "Other/ConnectionRoles.xml"),
    _whole("SiteMap", "Other/SiteMap{managed}.xml"),
    _whole("EntityMaps", "Other/EntityMaps.xml"),
    _simple("optionsets", "OptionSets/{@Name}.xml", "OptionSets", ("9", "@Name")),
    Kind("Reports", "Reports/{languagecode}/{reportid}/{filename}.data.xml", "Reports/**.xml", ("Reports",),
         namespaces=False, otherwise="Reports/{.}.xml",
         contents=(Content("ExportedFileName", "Reports/{languagecode}/{reportid}/{filename}"),)),
    _simple("Dashboards", "Dashboards/{FormId}.xml", "Dashboards"),
    _simple("Dialogs", "Dialogs/{FormId}.xml", "Dialogs"),
    _simple("InteractionCentricDashboards", "InteractionCentricDashboards/{FormId}.xml",
            "InteractionCentricDashboards"),
    Kind("WebResources", "WebResources/{/Name}.data.xml", "WebResources/**.data.xml", ("WebResources",),
         contents=(Content("FileName", "WebResources/{/Name}"),), component=("61", "Name"), needs_file=True),
    Kind("CustomControls", "{/FileName}.data.xml", "Controls/**.data.xml", ("Controls",), keeps_spelling=True,
         contents=(Content("FileName", whole_folder=True),)),
    Kind("SolutionPluginAssemblies", "{/FileName}.data.xml", "PluginAssemblies/**.data.xml", ("PluginAssemblies",),
         contents=(Content("FileName"),), component=("91", "@PluginAssemblyId")),
    _simple("SdkMessageProcessingSteps", "SdkMessageProcessingSteps/{@SdkMessageProcessingStepId}.xml",
            "SdkMessageProcessingSteps", ("92", "@SdkMessageProcessingStepId")),
    _whole("ServiceEndpoints", "PluginAssemblies/ServiceEndpoints.xml"),
    Kind("AppModuleSiteMaps", "AppModuleSiteMaps/{SiteMapUniqueName}/AppModuleSiteMap{managed}.xml",
         "AppModuleSiteMaps/*/AppModuleSiteMap.xml", ("AppModuleSiteMaps",), keeps_spelling=True,
         component=("62", "SiteMapUniqueName")),
    Kind("AppModules", "AppModules/{UniqueName}/AppModule{managed}.xml", "AppModules/*/AppModule.xml", ("AppModules",),
         namespaces=False, keeps_spelling=True, component=("80", "UniqueName")),
    _simple("EntityDataProviders", "EntityDataProviders/{@EntityDataProviderId|EntityDataProviderId}.xml",
            "EntityDataProviders"),  # unconfirmed: never seen with content
    _simple("EntityDataSources", "EntityDataSources/{@EntityDataSourceId|EntityDataSourceId}.xml", "EntityDataSources"),
    Kind("CanvasApps", "CanvasApps/{Name}.meta.xml", "CanvasApps/*.meta.xml", ("CanvasApps",),
         contents=(Content("BackgroundImageUri"), Content("DocumentUri")), component=("300", "Name")),
    Kind("Connectors", "Connectors/{name}.xml", "Connectors/*.xml", ("Connectors", "Connector"),
         contents=(Content("*", "Connectors/", below="Connector/"),)),
    Kind("StoredProcedures", "StoredProcedures/{name|@name}.sql.data.xml", "StoredProcedures/*.sql.data.xml",
         ("StoredProcedures",), contents=(Content("FileName"),)),  # unconfirmed: how the member is named
    Kind("EnvironmentVariables", "EnvironmentVariables/{SchemaName|@SchemaName|Name|@Name}.xml",
         "EnvironmentVariables/*.xml", ("EnvironmentVariables",), by_name=True),
)  # fmt: skip

KINDS = {kind.element: kind for kind in _KINDS}
RELATIONSHIPS = "EntityRelationships"
# Known to Microsoft's tool, never seen with content: left inline here, and spelled as it does when they stay empty.
_NEVER_SEEN = {"MobileOfflineProfiles", "SdkMessages", "ComplexControls"}
KEEP_SPELLING = frozenset(_NEVER_SEEN | {kind.element for kind in _KINDS if kind.keeps_spelling})
# Folders that packing leaves out unless a component names what is in them.
LEFT_OUT = frozenset({"other", "bin", "obj", "resources"})
# Where solsmith keeps the members that Microsoft's tool would lose; that one leaves out what it does not know in Other.
KEPT = "Other/Members"
