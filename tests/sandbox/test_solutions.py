"""Solutions beyond the first import: upgrades, tables and other components, dependents, export, real packages."""

import base64
import dataclasses
import io
import time
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.validation import validate
from builder.validation.report import Severity
from tests.sandbox.client import (
    Client,
    Json,
    Role,
    bind,
    encode,
    error_code,
    finish_import,
    import_package,
    make_zip,
    refusal,
    root_unit,
    start_import,
    unique,
)
from tests.sandbox_process import running_sandbox
from tests.support import SHARED, needs_corpus

ZIPS = SHARED / "corpus" / "zips"


@pytest.fixture(scope="module")
def own() -> Iterator[Client]:
    with running_sandbox(import_seconds=0.3) as running, Client(running, running.admin) as client:
        yield client


def grants(client: Client, role_id: str) -> dict[str, str]:
    rows = client.read(f"RetrieveRolePrivilegesRole(RoleId={role_id})")["RolePrivileges"]
    return {row["PrivilegeName"]: row["Depth"] for row in rows if "SharePoint" not in row["PrivilegeName"]}


def solutions(client: Client, name: str) -> dict[str, str]:
    rows = client.read(f"solutions?$filter=startswith(uniquename,'{name}')")
    return {row["uniquename"]: row["version"] for row in rows}


def upgrade(client: Client, content: bytes) -> Json:
    body = {"OverwriteUnmanagedCustomizations": False, "PublishWorkflows": False, "CustomizationFile": encode(content)}
    return finish_import(client, client.post("StageAndUpgradeAsync", json=body))


def follow(client: Client, operation_id: str) -> Json:
    for _ in range(6):
        row: Json = client.read(f"asyncoperations({operation_id})")
        if row["completedon"]:
            return row
    raise AssertionError(row)


def two_versions(name: str) -> tuple[Role, Role, bytes, bytes]:
    """A role that stays and grants something else, and one that goes."""
    stays, goes = Role(unique("Stays "), {"prvReadAccount": "Global"}), Role(unique("Goes "), {})
    later = dataclasses.replace(stays, privileges={"prvReadContact": "Local"})
    return stays, goes, make_zip(stays, goes, name=name), make_zip(later, name=name, version="1.1")


def test_an_upgrade_removes_what_the_new_version_lacks_and_an_update_does_not(own: Client) -> None:
    for act, left in ((import_package, 200), (upgrade, 404)):
        name = unique("Trial")
        stays, goes, old, new = two_versions(name)
        import_package(own, old)
        job = act(own, new)
        assert job["statuscode"] == 30, job["message"]
        assert solutions(own, name) == {name: "1.1"}
        assert grants(own, stays.id) == {"prvReadContact": "Local"}
        assert own.get(f"roles({goes.id})").status_code == left
        (solution,) = own.read(f"solutions?$filter=uniquename eq '{name}'")
        assert own.read(f"roles({stays.id})")["solutionid"] == solution["solutionid"]
        assert own.delete(f"solutions({solution['solutionid']})").status_code == 204
        assert own.get(f"roles({stays.id})").status_code == 404
    assert (job["messagename"], job["operationtype"]) == ("StageAndUpgradeAsync", 211)


def test_holding_then_promoting(own: Client) -> None:
    name = unique("Trial")
    stays, goes, old, new = two_versions(name)
    import_package(own, old)
    assert import_package(own, new, HoldingSolution=True)["statuscode"] == 30
    assert solutions(own, name) == {name: "1.0.0.0", f"{name}_Upgrade": "1.1"}
    staged = own.post("StageSolution", json={"CustomizationFile": encode(new)}).json()["StageSolutionResults"]
    assert staged["SolutionDetails"]["HasPendingUpgrade"] is True
    again = import_package(own, new, HoldingSolution=True)
    assert (error_code(again), "already exists" in again["message"]) == ("0x80048539", True)
    assert own.get(f"roles({goes.id})").status_code == 200
    answer = own.post("DeleteAndPromoteAsync", json={"UniqueName": name}).json()
    job = follow(own, answer["AsyncOperationId"])
    assert (job["statuscode"], job["messagename"], job["operationtype"]) == (30, "DeleteAndPromoteAsync", 207)
    assert solutions(own, name) == {name: "1.1"}
    assert own.get(f"roles({goes.id})").status_code == 404
    assert grants(own, stays.id) == {"prvReadContact": "Local"}
    assert refusal(own.post("DeleteAndPromote", json={"UniqueName": name})) == (400, "0x8004853b")


def test_a_holding_solution_that_is_removed_gives_back_what_was(own: Client) -> None:
    name = unique("Trial")
    stays, _, old, new = two_versions(name)
    import_package(own, old)
    import_package(own, new, HoldingSolution=True)
    assert grants(own, stays.id) == {"prvReadContact": "Local"}
    (holding,) = own.read(f"solutions?$filter=uniquename eq '{name}_Upgrade'")
    assert own.delete(f"solutions({holding['solutionid']})").status_code == 204
    assert grants(own, stays.id) == {"prvReadAccount": "Global"}
    assert solutions(own, name) == {name: "1.0.0.0"}


def test_what_an_upgrade_refuses(own: Client) -> None:
    name = unique("Trial")
    _, _, old, _ = two_versions(name)
    assert "not installed" in upgrade(own, old)["message"]
    import_package(own, old)
    assert error_code(upgrade(own, old)) == "0x80048541"
    unmanaged = unique("Trial")
    import_package(own, make_zip(name=unmanaged, managed=False))
    failed = upgrade(own, make_zip(name=unmanaged, managed=False, version="2.0"))
    assert "must both be managed for upgrade" in failed["message"]


def test_a_role_edited_by_hand_before_an_upgrade(own: Client) -> None:
    name = unique("Trial")
    stays, _, old, new = two_versions(name)
    import_package(own, old)
    (lead,) = own.read("privileges?$filter=name eq 'prvReadLead'")
    body = {"Privileges": [{"PrivilegeId": lead["privilegeid"], "Depth": "Basic"}]}
    own.post(f"roles({stays.id})/Microsoft.Dynamics.CRM.AddPrivilegesRole", json=body)
    upgrade(own, new)
    assert grants(own, stays.id) == {"prvReadContact": "Local", "prvReadLead": "Basic"}
    import_package(own, new, OverwriteUnmanagedCustomizations=True)
    assert grants(own, stays.id) == {"prvReadContact": "Local"}


def test_a_staged_upload_expires() -> None:
    with running_sandbox(stage_seconds=0.2) as running, Client(running, running.admin) as client:
        file = {"CustomizationFile": encode(make_zip(name="Trial"))}
        staged = client.post("StageSolution", json=file).json()["StageSolutionResults"]
        time.sleep(0.25)
        parameters = {"StageSolutionUploadId": staged["StageSolutionUploadId"]}
        body = {"OverwriteUnmanagedCustomizations": False, "PublishWorkflows": False, "SolutionParameters": parameters}
        assert refusal(client.post("ImportSolutionAsync", json=body)) == (400, "0x8004f066")


# -- tables

TABLE = """
<Entity><Name LocalizedName="Permit">{schema}</Name><EntityInfo><entity Name="{schema}">
<attributes>
<attribute PhysicalName="{schema}Id"><Type>primarykey</Type><LogicalName>{name}id</LogicalName></attribute>
<attribute PhysicalName="tri_Name"><Type>nvarchar</Type><LogicalName>tri_name</LogicalName><MaxLength>20</MaxLength>
<DisplayMask>PrimaryName|ValidForForm</DisplayMask></attribute>
<attribute PhysicalName="tri_Fee"><Type>money</Type><LogicalName>tri_fee</LogicalName></attribute>
<attribute PhysicalName="tri_Account"><Type>lookup</Type><LogicalName>tri_account</LogicalName></attribute>
</attributes><EntitySetName>{name}s</EntitySetName><OwnershipTypeMask>{ownership}</OwnershipTypeMask></entity>
</EntityInfo></Entity>
"""
RELATIONSHIP = """
<EntityRelationship Name="tri_account_{name}"><EntityRelationshipType>OneToMany</EntityRelationshipType>
<ReferencingEntityName>{schema}</ReferencingEntityName><ReferencedEntityName>Account</ReferencedEntityName>
<ReferencingAttributeName>tri_Account</ReferencingAttributeName></EntityRelationship>
"""


def table_zip(*roles: Role, schema: str, ownership: str = "UserOwned", **options: str) -> bytes:
    """A package with a table."""
    words = {"schema": schema, "name": schema.lower(), "ownership": ownership}
    plain = zipfile.ZipFile(io.BytesIO(make_zip(*roles))).read("customizations.xml").decode()
    relationships = f"<EntityRelationships>{RELATIONSHIP.format(**words)}</EntityRelationships>"
    text = plain.replace("<Entities />", f"<Entities>{TABLE.format(**words)}</Entities>")
    text = text.replace("<Workflows />", f"<Workflows />{relationships}")
    roots = "".join(f'<RootComponent type="20" id="{{{role.id}}}" behavior="0" />' for role in roles)
    table = f'<RootComponent type="1" schemaName="{schema}" behavior="0" />'
    made = make_zip(*roles, members={"customizations.xml": text}, **options)  # type: ignore[arg-type]
    manifest = zipfile.ZipFile(io.BytesIO(made)).read("solution.xml").decode()
    start, end = manifest.index("<RootComponents>"), manifest.index("</RootComponents>")
    manifest = f"{manifest[:start]}<RootComponents>{table}{roots}{manifest[end:]}"
    return make_zip(
        *roles,
        members={"customizations.xml": text, "solution.xml": manifest},
        **options,  # type: ignore[arg-type]
    )


def test_a_table_that_a_package_brings_can_be_used_as_its_role_says(own: Client) -> None:
    schema = unique("tri_Permit")
    name, solution = schema.lower(), unique("Tables")
    reader = Role(unique("Reader "), {f"prvRead{schema}": "Basic", "prvReadUser": "Global"})
    assert import_package(own, table_zip(reader, schema=schema, name=solution))["statuscode"] == 30
    described = own.read(f"EntityDefinitions(LogicalName='{name}')")
    assert (described["EntitySetName"], described["PrimaryNameAttribute"]) == (f"{name}s", "tri_name")
    assert {privilege["Name"] for privilege in described["Privileges"]} >= {f"prvRead{schema}", f"prvAssign{schema}"}
    account = own.make("accounts", name="A")
    row = own.make(f"{name}s", tri_name="One", tri_fee=1.5, tri_Account__bind=bind("accounts", account))
    found = own.read(f"{name}s({row})?$expand=tri_Account($select=name)")
    assert (found["tri_name"], found["tri_Account"]["name"], found["_tri_account_value"]) == ("One", "A", account)
    assert grants(own, reader.id)[f"prvRead{schema}"] == "Basic"
    (held,) = own.read(f"solutions?$filter=uniquename eq '{solution}'")
    assert own.delete(f"solutions({held['solutionid']})").status_code == 204
    assert own.get(f"{name}s").status_code == 404
    assert own.read(f"privileges?$filter=name eq 'prvRead{schema}'") == []


def test_an_organization_owned_table_has_global_and_no_owner(own: Client) -> None:
    schema = unique("tri_Region")
    local = Role(unique("R "), {f"prvRead{schema}": "Local"})
    failed = import_package(own, table_zip(local, schema=schema, ownership="OrgOwned", name=unique("Tables")))
    assert (error_code(failed), "can't have depth = Local" in failed["message"]) == ("0x8004140b", True)
    assert (
        import_package(own, table_zip(schema=schema, ownership="OrgOwned", name=unique("Tables")))["statuscode"] == 30
    )
    own.make(f"{schema.lower()}s", tri_name="North")
    assert own.read(f"privileges?$filter=name eq 'prvAssign{schema}'") == []


def needs_table(schema: str) -> str:
    return (
        f'<MissingDependency><Required type="1" schemaName="{schema}" displayName="X" solution="Active" />'
        '<Dependent type="60" displayName="D" id="{00000000-0000-0000-0000-000000000500}" /></MissingDependency>'
    )


def test_a_solution_that_another_one_needs_stays(own: Client) -> None:
    schema, base, above = unique("tri_Permit"), unique("Base"), unique("Above")
    needing = make_zip(name=above, missing=needs_table(schema))
    assert error_code(import_package(own, needing)) == "0x8004801d"
    import_package(own, table_zip(schema=schema, name=base))
    assert import_package(own, needing)["statuscode"] == 30
    (base_row,) = own.read(f"solutions?$filter=uniquename eq '{base}'")
    refused = own.delete(f"solutions({base_row['solutionid']})")
    assert refusal(refused) == (400, "0x8004f01d")
    assert f"DependentSolution: {above}" in refused.json()["error"]["message"]
    (one,) = own.read(f"RetrieveDependenciesForUninstall(SolutionUniqueName='{base}')")
    assert one["requiredcomponenttype"] == 1
    assert error_code(upgrade(own, make_zip(name=base, version="2.0"))) == "0x8004f01d"
    (above_row,) = own.read(f"solutions?$filter=uniquename eq '{above}'")
    assert own.delete(f"solutions({above_row['solutionid']})").status_code == 204
    job = follow(own, own.post("UninstallSolutionAsync", json={"SolutionUniqueName": base}).json()["AsyncOperationId"])
    assert (job["statuscode"], job["operationtype"]) == (30, 208)
    assert own.get(f"{schema.lower()}s").status_code == 404


# -- export


def test_an_unmanaged_solution_is_exported_as_it_is_now(own: Client) -> None:
    name, made = unique("Trial"), Role(unique("R "), {"prvReadAccount": "Global"})
    import_package(own, make_zip(made, name=name, managed=False))
    (lead,) = own.read("privileges?$filter=name eq 'prvReadLead'")
    body = {"Privileges": [{"PrivilegeId": lead["privilegeid"], "Depth": "Basic"}]}
    own.post(f"roles({made.id})/Microsoft.Dynamics.CRM.AddPrivilegesRole", json=body)
    started = own.post("ExportSolutionAsync", json={"SolutionName": name, "Managed": True}).json()
    early = own.post("DownloadSolutionExportData", json={"ExportJobId": started["ExportJobId"]})
    assert refusal(early) == (400, "0x80048035")
    assert follow(own, started["AsyncOperationId"])["operationtype"] == 202
    file = own.post("DownloadSolutionExportData", json={"ExportJobId": started["ExportJobId"]}).json()
    content = base64.b64decode(file["ExportSolutionFile"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert ET.fromstring(archive.read("solution.xml")).findtext("SolutionManifest/Managed") == "1"
        privileges = {
            element.get("name"): element.get("level")
            for element in ET.fromstring(archive.read("customizations.xml")).iter("RolePrivilege")
        }
    assert (privileges["prvReadAccount"], privileges["prvReadLead"]) == ("Global", "Basic")
    now = own.post("ExportSolution", json={"SolutionName": name, "Managed": False}).json()
    with running_sandbox() as other, Client(other, other.admin) as client:
        exported = base64.b64decode(now["ExportSolutionFile"])
        assert import_package(client, exported)["statuscode"] == 30
        assert grants(client, made.id) == {"prvReadAccount": "Global", "prvReadLead": "Basic"}


def test_what_is_not_exported(own: Client) -> None:
    name = unique("Trial")
    import_package(own, make_zip(name=name))
    answer = own.post("ExportSolution", json={"SolutionName": name, "Managed": False})
    assert refusal(answer) == (400, "0x80048036")
    missing = own.post("ExportSolution", json={"SolutionName": "Nothing", "Managed": False})
    assert refusal(missing) == (400, "0x80048037")


# -- real packages

BROKEN = {"0x80048060", "0x80048013", "0x8004802c", "0x8004801a"}
# What a package meets in an environment that lacks something, or has something already.
FACTS = {
    "0x8004801d": "components are missing",
    "0x8004801f": "a table is not here",
    "0x80040217": "a privilege is not here",
    "0x8004140b": "a privilege does not have this depth here",
}


@needs_corpus
@pytest.mark.parametrize("path", sorted(ZIPS.glob("*.zip")), ids=lambda path: path.name[-40:])
def test_real_packages_are_imported_or_refused_for_a_reason(own: Client, path: Path) -> None:
    content = path.read_bytes()
    staged = own.post("StageSolution", json={"CustomizationFile": encode(content)}).json()["StageSolutionResults"]
    job = finish_import(own, start_import(own, content))
    code = error_code(job)
    if code in BROKEN:
        report = validate(path)
        assert not report.readable or any(finding.severity is Severity.ERROR for finding in report.findings)
        assert staged["StageSolutionStatus"] == "Failed"
    elif code:
        assert code in FACTS, job["message"]
        assert (staged["StageSolutionStatus"] == "Failed") == (code == "0x8004801d")
        assert bool(staged["MissingDependencies"]) == (code == "0x8004801d")
    else:
        details = staged["SolutionDetails"]
        (row,) = own.read(f"solutions?$filter=uniquename eq '{details['SolutionUniqueName']}'")
        assert row["version"] == details["SolutionVersion"]
        ids = [
            made["objectid"]
            for made in own.read(f"solutioncomponents?$filter=_solutionid_value eq {row['solutionid']}")
        ]
        for role in own.read("roles?$select=roleid,_businessunitid_value"):
            assert role["roleid"] not in ids or role["_businessunitid_value"] == root_unit(own)
        assert own.delete(f"solutions({row['solutionid']})").status_code == 204
