"""Every kind of component of the table, there and back: what few or no real packages at hand have, too."""

from pathlib import Path

import pytest

from builder.errors import InputFaults
from builder.package.packager.kinds import KINDS, RELATIONSHIPS
from builder.package.packager.manifest import PackageType
from builder.package.packager.unpacking import unpack_members
from builder.package.render import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from tests.package.packager.golden import packed, write_tree
from tests.package.packager.test_golden import canonical
from tests.package.packager.test_names import package

GUID = "{0000000a-0000-4000-8000-000000000000}"
# The children of an element, the files that it unpacks to, the members that it names.
COMPONENTS: dict[str, tuple[str, list[str], list[str]]] = {
    "Entities": (
        '<Entity><Name>x_T</Name><EntityInfo><entity Name="x_T"><attributes><attribute><FormulaDefinitionFileName>'
        "/Formulas/x_T-a.yaml</FormulaDefinitionFileName></attribute></attributes></entity></EntityInfo><FormXml>"
        f'<forms type="main"><systemform><formid>{GUID}</formid></systemform></forms></FormXml>'
        f"<SavedQueries><savedqueries><savedquery><savedqueryid>{GUID}</savedqueryid></savedquery></savedqueries>"
        f"</SavedQueries><Visualizations><visualization><savedqueryvisualizationid>{GUID}</savedqueryvisualizationid>"
        "</visualization></Visualizations><RibbonDiffXml><CustomActions /></RibbonDiffXml></Entity>",
        [
            "Entities/x_T/Entity.xml",
            f"Entities/x_T/FormXml/main/{GUID}{{managed}}.xml",
            "Entities/x_T/RibbonDiff.xml",
            f"Entities/x_T/SavedQueries/{GUID}.xml",
            f"Entities/x_T/Visualizations/{GUID}.xml",
            "Formulas/x_T-a.yaml",
        ],
        ["Formulas/x_T-a.yaml"],
    ),
    "Roles": (f'<Role id="{GUID}" name="r" />', ["Roles/r.xml"], []),
    "Workflows": (
        f'<Workflow WorkflowId="{GUID}"><XamlFileName>/Workflows/w.xaml</XamlFileName></Workflow>',
        ["Workflows/w.xaml", "Workflows/w.xaml.data.xml"],
        ["Workflows/w.xaml"],
    ),
    "FieldSecurityProfiles": ('<FieldSecurityProfile name="p" />', ["Other/FieldSecurityProfiles.xml"], []),
    "Templates": ("<KBArticleTemplates><a /></KBArticleTemplates>", ["Templates/KBArticleTemplates.xml"], []),
    "RibbonDiffXml": ("<CustomActions />", ["Other/RibbonCustomization.xml"], []),
    "ConnectionRoles": ("<ConnectionRole />", ["Other/ConnectionRoles.xml"], []),
    "SiteMap": ("<SiteMap><Area Id='a' /></SiteMap>", ["Other/SiteMap{managed}.xml"], []),
    "EntityMaps": ("<EntityMap />", ["Other/EntityMaps.xml"], []),
    "optionsets": ('<optionset Name="x_o" />', ["OptionSets/x_o.xml"], []),
    "Reports": (
        f"<Report><reportid>{GUID}</reportid><languagecode>1033</languagecode><filename>a.rdl</filename>"
        "<ExportedFileName>/Reports/a.rdl</ExportedFileName></Report>"
        "<ReportSignatureIdMappings><m /></ReportSignatureIdMappings>",
        [f"Reports/1033/{GUID}/a.rdl", f"Reports/1033/{GUID}/a.rdl.data.xml", "Reports/ReportSignatureIdMappings.xml"],
        ["Reports/a.rdl"],
    ),
    "Dashboards": (f"<Dashboard><FormId>{GUID}</FormId></Dashboard>", [f"Dashboards/{GUID}.xml"], []),
    "Dialogs": (f"<Dialog><FormId>{GUID}</FormId></Dialog>", [f"Dialogs/{GUID}.xml"], []),
    "InteractionCentricDashboards": (
        f"<InteractionCentricDashboard><FormId>{GUID}</FormId></InteractionCentricDashboard>",
        [f"InteractionCentricDashboards/{GUID}.xml"],
        [],
    ),
    "WebResources": (
        "<WebResource><Name>x_/a/b.js</Name><FileName>/WebResources/x_abjs0A</FileName></WebResource>",
        ["WebResources/x_/a/b.js", "WebResources/x_/a/b.js.data.xml"],
        ["WebResources/x_abjs0A"],
    ),
    "CustomControls": (
        "<CustomControl><Name>c</Name><FileName>/Controls/c/ControlManifest.xml</FileName></CustomControl>",
        ["Controls/c/ControlManifest.xml", "Controls/c/ControlManifest.xml.data.xml", "Controls/c/css/a.css"],
        ["Controls/c/ControlManifest.xml", "Controls/c/css/a.css"],
    ),
    "SolutionPluginAssemblies": (
        f'<PluginAssembly PluginAssemblyId="{GUID}"><FileName>/PluginAssemblies/p-1/p.dll</FileName></PluginAssembly>',
        ["PluginAssemblies/p-1/p.dll", "PluginAssemblies/p-1/p.dll.data.xml"],
        ["PluginAssemblies/p-1/p.dll"],
    ),
    "SdkMessageProcessingSteps": (
        f'<SdkMessageProcessingStep SdkMessageProcessingStepId="{GUID}" />',
        [f"SdkMessageProcessingSteps/{GUID}.xml"],
        [],
    ),
    "ServiceEndpoints": ("<ServiceEndpoint />", ["PluginAssemblies/ServiceEndpoints.xml"], []),
    "AppModuleSiteMaps": (
        "<AppModuleSiteMap><SiteMapUniqueName>m</SiteMapUniqueName></AppModuleSiteMap>",
        ["AppModuleSiteMaps/m/AppModuleSiteMap{managed}.xml"],
        [],
    ),
    "AppModules": ("<AppModule><UniqueName>m</UniqueName></AppModule>", ["AppModules/m/AppModule{managed}.xml"], []),
    "EntityDataProviders": (
        "<EntityDataProvider><EntityDataProviderId>1</EntityDataProviderId></EntityDataProvider>",
        ["EntityDataProviders/1.xml"],
        [],
    ),
    "EntityDataSources": (
        "<EntityDataSource><EntityDataSourceId>1</EntityDataSourceId></EntityDataSource>",
        ["EntityDataSources/1.xml"],
        [],
    ),
    "CanvasApps": (
        "<CanvasApp><Name>a</Name><DocumentUri>/CanvasApps/a.msapp</DocumentUri></CanvasApp>",
        ["CanvasApps/a.meta.xml", "CanvasApps/a.msapp"],
        ["CanvasApps/a.msapp"],
    ),
    "Connectors": (
        "<Connector><name>c</name><openapidefinition>/Connector/c_open.json</openapidefinition></Connector>",
        ["Connectors/c.xml", "Connectors/c_open.json"],
        ["Connector/c_open.json"],
    ),
    "StoredProcedures": ("<StoredProcedure><name>s</name></StoredProcedure>", ["StoredProcedures/s.sql.data.xml"], []),
    "EnvironmentVariables": (
        "<EnvironmentVariable><SchemaName>v</SchemaName></EnvironmentVariable>",
        ["EnvironmentVariables/v.xml"],
        [],
    ),
    RELATIONSHIPS: (
        '<EntityRelationship Name="a_b"><ReferencedEntityName>A</ReferencedEntityName></EntityRelationship>'
        '<EntityRelationship Name="c_d"><FirstEntityName>C</FirstEntityName></EntityRelationship>',
        ["Other/Relationships.xml", "Other/Relationships/A.xml", "Other/Relationships/C.xml"],
        [],
    ),
}
TYPES = b'<Types><Default Extension="xml" ContentType="x" /></Types>'
# The root components of those kinds that have to be listed.
ROOTS = {
    "Entities": 'type="1" schemaName="x_t"',
    "Roles": f'type="20" id="{GUID}"',
    "optionsets": 'type="9" schemaName="x_o"',
    "Workflows": f'type="29" id="{GUID}"',
    "WebResources": 'type="61" schemaName="x_/a/b.js"',
    "AppModules": 'type="80" schemaName="m"',
    "CanvasApps": 'type="300" schemaName="a"',
}


def test_every_kind_of_the_table_is_tried() -> None:
    assert COMPONENTS.keys() == {*KINDS, RELATIONSHIPS}


def members_of(element: str, *, managed: bool) -> dict[str, bytes]:
    children, _, named = COMPONENTS[element]
    members = package([])
    root = f"<RootComponent {ROOTS[element]} />" if element in ROOTS else ""
    members[SOLUTION] = (
        members[SOLUTION]
        .replace(b"</RootComponents>", f"{root}</RootComponents>".encode())
        .replace(b"<Managed>0", b"<Managed>1" if managed else b"<Managed>0")
    )
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    text = f"<ImportExportXml {xsi}><{element}>{children}</{element}></ImportExportXml>"
    members[CUSTOMIZATIONS] = text.encode()
    return {**members, **{name: f"content of {name}".encode() for name in named}}


@pytest.mark.parametrize("managed", [False, True], ids=["unmanaged", "managed"])
@pytest.mark.parametrize("element", list(COMPONENTS))
def test_there_and_back(element: str, managed: bool, tmp_path: Path) -> None:
    members = members_of(element, managed=managed)
    tree = unpack_members("test", members)
    suffix = "_managed" if managed else ""
    places = {place.replace("{managed}", suffix) for place in COMPONENTS[element][1]}
    assert set(tree.files) == {"Other/Customizations.xml", "Other/Solution.xml", *places}
    kind = PackageType.MANAGED if managed else PackageType.UNMANAGED
    made = packed(write_tree(tree, tmp_path), kind).members
    assert made.keys() == members.keys()
    for name in members.keys() - {CONTENT_TYPES}:
        if name in (CUSTOMIZATIONS, SOLUTION):
            assert canonical(made[name]) == canonical(members[name])
        else:
            assert made[name] == members[name]


def test_the_texts_of_mail_templates_are_put_back(tmp_path: Path) -> None:
    """As Microsoft's tool takes them out."""
    members = package([])
    members[CUSTOMIZATIONS] = b"<ImportExportXml><Templates><EmailTemplates><EmailDocument><templateid>{1}</templateid>"
    members[CUSTOMIZATIONS] += b"<languagecode>1033</languagecode><body></body></EmailDocument></EmailTemplates>"
    members[CUSTOMIZATIONS] += b"</Templates></ImportExportXml>"
    folder = write_tree(unpack_members("test", members), tmp_path)
    text = folder / "Templates" / "EmailDocuments" / "1033" / "{1}" / "body.xsl"
    text.parent.mkdir(parents=True)
    text.write_bytes(b"\xef\xbb\xbf<p>Dear</p>")
    assert b"<body>&lt;p&gt;Dear&lt;/p&gt;</body>" in packed(folder).members[CUSTOMIZATIONS]


def test_every_missing_file_is_named(tmp_path: Path) -> None:
    for element in ("Workflows", "CanvasApps", "Connectors"):
        folder = write_tree(unpack_members("test", members_of(element, managed=False)), tmp_path / element)
        missing = next(
            file for file in COMPONENTS[element][1] if not file.endswith((".data.xml", ".meta.xml", "c.xml"))
        )
        (folder / missing).unlink()
        with pytest.raises(InputFaults) as caught:
            packed(folder)
        assert missing in str(caught.value.faults[0])
