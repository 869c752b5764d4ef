"""Packages: staged, imported as a job, refused for named reasons, changed by hand, removed."""

import re
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.client import (
    Client,
    Json,
    Role,
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

SHAREPOINT = {
    "prvReadSharePointData",
    "prvCreateSharePointData",
    "prvWriteSharePointData",
    "prvReadSharePointDocument",
}


def role(**privileges: str) -> Role:
    return Role(unique("Role "), privileges or {"prvReadAccount": "Global", "prvWriteAccount": "Local"})


def grants(admin: Client, role_id: str) -> dict[str, str]:
    rows = admin.read(f"RetrieveRolePrivilegesRole(RoleId={role_id})")["RolePrivileges"]
    return {row["PrivilegeName"]: row["Depth"] for row in rows}


def stage(admin: Client, content: bytes) -> Json:
    answer = admin.post("StageSolution", json={"CustomizationFile": encode(content)})
    assert answer.status_code == 200
    results: Json = answer.json()["StageSolutionResults"]
    return results


def test_stage_then_import_then_look(admin: Client) -> None:
    name, made = unique("Trial"), role()
    staged = stage(admin, make_zip(made, name=name, version="1.0.1.365"))
    assert (staged["StageSolutionStatus"], staged["SolutionValidationResults"]) == ("Passed", [])
    details = staged["SolutionDetails"]
    assert (details["SolutionUniqueName"], details["SolutionVersion"]) == (name, "1.0.1.365")
    assert (details["PreviousSolutionVersion"], details["IsManaged"]) == (None, True)
    job_id = str(uuid.uuid4())
    upload = {"StageSolutionUploadId": staged["StageSolutionUploadId"]}
    body = {
        "OverwriteUnmanagedCustomizations": False,
        "PublishWorkflows": False,
        "SolutionParameters": upload,
        "ImportJobId": job_id,
    }
    assert admin.read(f"solutions?$filter=uniquename eq '{name}'") == []
    answer = admin.post("ImportSolutionAsync", json=body)
    assert answer.json()["ImportJobKey"] == job_id
    assert finish_import(admin, answer)["statuscode"] == 30
    (solution,) = admin.read(f"solutions?$filter=uniquename eq '{name}'&$expand=publisherid($select=uniquename)")
    assert (solution["version"], solution["ismanaged"], solution["friendlyname"]) == (
        "1.0.1.365",
        True,
        f"{name} shown",
    )
    assert solution["publisherid"]["uniquename"] == "trialpublisher"
    copy = admin.read(f"roles({made.id})")
    assert (copy["name"], copy["_parentrootroleid_value"], copy["ismanaged"]) == (made.name, made.id, True)
    assert copy["_businessunitid_value"] == root_unit(admin)
    assert grants(admin, made.id) == {**made.privileges, **dict.fromkeys(SHAREPOINT, "Global")}
    assert refusal(admin.post("ImportSolutionAsync", json={**body, "ImportJobId": None})) == (400, "0x8004f066")


def test_states_and_progress_advance_with_every_poll(admin: Client) -> None:
    answer = start_import(admin, make_zip(role(), name=unique("Trial")))
    key, operation = answer.json()["ImportJobKey"], answer.json()["AsyncOperationId"]
    assert refusal(admin.get(f"importjobs({key})")) == (404, "0x80040217"), "the row comes later"
    states, progress = [], []
    for _ in range(6):
        row = admin.read(f"asyncoperations({operation})?$select=statecode,statuscode,completedon,errorcode,message")
        states.append((row["statecode"], row["statuscode"], row["completedon"] is not None))
        found = admin.read(f"importjobs?$filter=importjobid eq {key}&$select=progress")
        progress += [row["progress"] for row in found]
    assert states[0] == (0, 0, False) or states[0] == (2, 20, False)
    assert states[-1] == (3, 30, True)
    assert progress == sorted(progress)
    assert progress[-1] == 100.0


def test_a_job_nobody_polls_ends_by_itself(admin: Client) -> None:
    name = unique("Trial")
    start_import(admin, make_zip(role(), name=name))
    time.sleep(1)
    assert len(admin.read(f"solutions?$filter=uniquename eq '{name}'")) == 1


def test_the_log_of_a_success(admin: Client) -> None:
    made = role()
    name = unique("Trial")
    answer = start_import(admin, make_zip(made, name=name))
    finish_import(admin, answer)
    key = answer.json()["ImportJobKey"]
    row = admin.read(f"importjobs({key})")
    assert (row["solutionname"], row["progress"]) == (name, 100.0)
    root = ET.fromstring(row["data"])
    results = [element.get("result") for element in root.iter("result")]
    assert results
    assert set(results) == {"success"}
    assert root.findtext("solutionManifests/solutionManifest/UniqueName") == name
    result = admin.read(f"RetrieveSolutionImportResult(ImportJobId={key})")["SolutionOperationResult"]
    assert (result["Type"], result["Status"], result["ErrorMessages"]) == ("Import", "Passed", [])
    formatted = admin.read(f"RetrieveFormattedImportJobResults(ImportJobId={key})")["FormattedResults"]
    assert formatted == result["FormattedResults"]
    assert made.name in formatted
    ET.fromstring(re.sub(r"<\?[^>]*\?>", "", formatted))


def broken(**changes: Any) -> bytes:
    return make_zip(role(), name=unique("Trial"), **changes)


def required(kind: str, name: str) -> str:
    return (
        f'<MissingDependency><Required type="{kind}" schemaName="{name}" displayName="X" solution="System" />'
        '<Dependent type="60" displayName="D" id="{00000000-0000-0000-0000-000000000500}" /></MissingDependency>'
    )


BILLION = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>"
UNREADABLE: dict[str, tuple[bytes, str]] = {
    "no zip": (b"PK nothing", "0x80048060"),
    "no manifest": (broken(members={"solution.xml": None}), "0x80048060"),
    "no content types": (broken(members={"[Content_Types].xml": None}), "0x80048060"),
    "customizations not well-formed": (broken(members={"customizations.xml": "<a>"}), "0x80048013"),
    "manifest not well-formed": (broken(members={"solution.xml": "<a>"}), "0x8004802c"),
    "entities": (broken(members={"solution.xml": f"{BILLION}<ImportExportXml>&b;</ImportExportXml>"}), "0x8004802c"),
    "no solution manifest": (broken(members={"solution.xml": "<ImportExportXml />"}), "0x8004801a"),
    "other root": (broken(members={"customizations.xml": "<Other />"}), "0x8004801a"),
    "bad unique name": (make_zip(role(), name="1 bad"), "0x8004f002"),
    "bad version": (broken(version="one"), "0x8004f01e"),
    "newer platform": (broken(package_version="9.3"), "0x80048068"),
    "bad level": (make_zip(role(prvReadAccount="Sometimes"), name=unique("Trial")), "0x8004801a"),
    "unknown attribute": (make_zip(Role(unique("R"), {}, extra=' colour="red"'), name=unique("Trial")), "0x8004801a"),
    "bad role id": (make_zip(Role(unique("R"), {}, id="x"), name=unique("Trial")), "0x8004801a"),
    "missing dependency": (broken(missing=required("1", "nobody_knows")), "0x8004801d"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_packages_that_staging_and_import_refuse(admin: Client, kind: str) -> None:
    content, code = UNREADABLE[kind]
    staged = stage(admin, content)
    assert (staged["StageSolutionStatus"], staged["StageSolutionUploadId"]) == ("Failed", str(uuid.UUID(int=0)))
    (result,) = staged["SolutionValidationResults"]
    assert result["SolutionValidationResultType"] == "Error"
    assert f"0x{result['ErrorCode'] & 0xFFFFFFFF:08x}" == code
    assert len(staged["MissingDependencies"]) == (1 if kind == "missing dependency" else 0)
    job = import_package(admin, content)
    assert (job["statecode"], job["statuscode"], error_code(job)) == (3, 31, code)
    assert job["errorcode"] == result["ErrorCode"]
    assert job["message"] == result["Message"]


def test_known_tables_are_no_missing_dependency(admin: Client) -> None:
    assert stage(admin, broken(missing=required("1", "Account")))["StageSolutionStatus"] == "Passed"


LEAD_ID = "a8ecac53-09e8-4a13-b598-8d8c87bc3d33"
USER_ID = "76faad15-bc44-4f4d-84dc-dd1e1dda74d9"
NAMED_ROLE = Role("Only in customizations", {})
REFUSED: dict[str, tuple[bytes, str, str]] = {
    "depth": (
        make_zip(Role("Depth", {"prvReadUser": "Basic"}, id="d0000000-0000-4000-8000-000000000001"), name="Refused1"),
        "0x8004140b",
        f"The privilege prvReadUser with id = {USER_ID} can't have depth = Basic, "
        "RoleId = d0000000-0000-4000-8000-000000000001",
    ),
    "unknown privilege": (make_zip(role(prvReadNothing="Global"), name="Refused2"), "0x80040217", "prvReadNothing"),
    "other case": (make_zip(role(PRVREADACCOUNT="Global"), name="Refused3"), "0x80040217", "PRVREADACCOUNT"),
    "not declared": (make_zip(NAMED_ROLE, name="Refused4", roots=[]), "0x8004803a", NAMED_ROLE.id),
    "not there": (
        make_zip(name="Refused5", roots=[("20", "{d0000000-0000-4000-8000-00000000ffff}")]),
        "0x8004801f",
        "Cannot add a Root Component {d0000000-0000-4000-8000-00000000ffff} of type 20",
    ),
    "table nowhere": (make_zip(name="Refused6", roots=[("1", "x")]), "0x8004801f", "Root Component x of type 1"),
    "name taken": (
        make_zip(Role("System Administrator", {}), name="Refused7"),
        "0x80048017",
        "role name is not unique",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_packages_that_only_the_import_refuses(admin: Client, kind: str) -> None:
    content, code, text = REFUSED[kind]
    assert stage(admin, content)["StageSolutionStatus"] == "Passed"
    answer = start_import(admin, content)
    job = finish_import(admin, answer)
    assert error_code(job) == code
    assert text in job["message"]
    name = f"Refused{list(REFUSED).index(kind) + 1}"
    assert admin.read(f"solutions?$filter=uniquename eq '{name}'") == [], "nothing is half installed"
    row = admin.read(f"importjobs({answer.json()['ImportJobKey']})")
    failures = [result for result in ET.fromstring(row["data"]).iter("result") if result.get("result") == "failure"]
    assert [failure.get("errorcode", "").lower() for failure in failures] == [code]
    assert text in failures[0].get("errortext", "")
    path = f"RetrieveSolutionImportResult(ImportJobId={answer.json()['ImportJobKey']})"
    result = admin.read(path)["SolutionOperationResult"]
    assert (result["Status"], result["ErrorMessages"]) == ("Failed", [job["message"]])


def test_a_role_of_a_failed_package_is_not_there(admin: Client) -> None:
    good, bad = role(), role(prvReadUser="Basic")
    assert error_code(import_package(admin, make_zip(good, bad, name=unique("Trial")))) == "0x8004140b"
    for made in (good, bad):
        assert refusal(admin.get(f"roles({made.id})")) == (404, "0x80040217")


def test_one_import_at_a_time_and_no_id_twice(admin: Client) -> None:
    job_id, content = str(uuid.uuid4()), make_zip(role(), name=unique("Trial"))
    first = start_import(admin, content, ImportJobId=job_id)
    answers = [start_import(admin, content, ImportJobId=str(uuid.uuid4())) for _ in range(5)]
    assert {refusal(answer) for answer in answers} == {(400, "0x80071151")}
    again = start_import(admin, content, ImportJobId=job_id)
    assert refusal(again) == (400, "0x80071155")
    assert job_id in again.json()["error"]["message"]
    assert finish_import(admin, first)["statuscode"] == 30
    assert refusal(start_import(admin, content, ImportJobId=job_id)) == (400, "0x80071155")


def test_update_same_and_lower_version(admin: Client) -> None:
    name, made = unique("Trial"), role()
    import_package(admin, make_zip(made, name=name, version="1.7"))
    (before,) = admin.read(f"solutions?$filter=uniquename eq '{name}'")
    wider = Role(made.name, {"prvReadAccount": "Global", "prvReadLead": "Basic"}, id=made.id)
    assert (
        stage(admin, make_zip(wider, name=name, version="1.61"))["SolutionDetails"]["PreviousSolutionVersion"] == "1.7"
    )
    assert import_package(admin, make_zip(wider, name=name, version="1.61"))["statuscode"] == 30
    (after,) = admin.read(f"solutions?$filter=uniquename eq '{name}'")
    assert (after["solutionid"], after["version"]) == (before["solutionid"], "1.61")
    assert {"prvReadLead": "Basic", "prvReadAccount": "Global"}.items() <= grants(admin, made.id).items()
    assert "prvWriteAccount" not in grants(admin, made.id)
    assert import_package(admin, make_zip(wider, name=name, version="1.61"))["statuscode"] == 30
    assert error_code(import_package(admin, make_zip(wider, name=name, version="1.7"))) == "0x80048541"


def test_managed_and_unmanaged_and_publisher_do_not_change(admin: Client) -> None:
    name, made = unique("Trial"), role()
    import_package(admin, make_zip(made, name=name))
    assert error_code(import_package(admin, make_zip(made, name=name, managed=False))) == "0x80048041"
    assert error_code(import_package(admin, make_zip(made, name=name, publisher="another"))) == "0x8004801c"
    unmanaged, own = unique("Trial"), role()
    import_package(admin, make_zip(own, name=unmanaged, managed=False))
    assert admin.read(f"roles({own.id})")["ismanaged"] is False
    assert error_code(import_package(admin, make_zip(own, name=unmanaged, managed=True))) == "0x80048040"
    assert error_code(import_package(admin, make_zip(made, name=unique("Trial")))) == "0x80048017"


def test_what_was_changed_by_hand_stays_unless_overwritten(admin: Client) -> None:
    name, made = unique("Trial"), role(prvReadAccount="Global", prvReadLead="Global")
    package = make_zip(made, name=name)
    import_package(admin, package)
    narrowed = {"Privileges": [{"PrivilegeId": LEAD_ID, "Depth": "Basic"}]}
    path = f"roles({made.id})/Microsoft.Dynamics.CRM"
    assert admin.post(f"{path}.AddPrivilegesRole", json=narrowed).status_code == 204
    removed = {"PrivilegeId": "886b280c-6396-4d56-a0a3-2c1b0a50ceb0"}
    assert admin.post(f"{path}.RemovePrivilegeRole", json=removed).status_code == 204
    import_package(admin, package)
    assert grants(admin, made.id).get("prvReadLead") == "Basic"
    assert "prvReadAccount" not in grants(admin, made.id)
    import_package(admin, package, OverwriteUnmanagedCustomizations=True)
    assert made.privileges.items() <= grants(admin, made.id).items()


def test_uninstall(admin: Client) -> None:
    name, made = unique("Trial"), role()
    import_package(admin, make_zip(made, name=name))
    (solution,) = admin.read(f"solutions?$filter=uniquename eq '{name}'")
    me = admin.read("WhoAmI")["UserId"]
    association = f"systemusers({me})/systemuserroles_association"
    admin.post(f"{association}/$ref", json={"@odata.id": admin.address(f"roles({made.id})")})
    held = admin.delete(f"solutions({solution['solutionid']})")
    assert refusal(held) == (400, "0x8004f01d")
    assert admin.delete(f"{association}({made.id})/$ref").status_code == 204
    assert admin.delete(f"solutions({solution['solutionid']})").status_code == 204
    assert refusal(admin.get(f"roles({made.id})")) == (404, "0x80040217")
    assert admin.read(f"solutions?$filter=uniquename eq '{name}'") == []


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({"OverwriteUnmanagedCustomizations": None}, 400),
        ({"CustomizationFile": "not base64!"}, 400),
        ({"CustomizationFile": None}, 400),
        ({"Colour": "red"}, 400),
        ({"ImportJobId": "x"}, 400),
        ({"ConvertToManaged": True}, 501),
        ({"ComponentParameters": [{}]}, 501),
    ],
)
def test_requests_that_make_no_sense(admin: Client, members: Json, status: int) -> None:
    answer = start_import(admin, make_zip(role(), name=unique("Trial")), **members)
    assert answer.status_code == status, answer.text
    assert refusal(admin.post("StageSolution", json={}))[1] == "0x80048d19"


def test_the_synchronous_import(admin: Client) -> None:
    name = unique("Trial")
    body = {
        "OverwriteUnmanagedCustomizations": False,
        "PublishWorkflows": False,
        "CustomizationFile": encode(make_zip(role(), name=name)),
        "ImportJobId": str(uuid.uuid4()),
    }
    assert admin.post("ImportSolution", json=body).status_code == 204
    assert len(admin.read(f"solutions?$filter=uniquename eq '{name}'")) == 1
    bad = {**body, "CustomizationFile": encode(b"PK"), "ImportJobId": str(uuid.uuid4())}
    assert refusal(admin.post("ImportSolution", json=bad)) == (400, "0x80048060")


def test_results_of_unknown_jobs(admin: Client) -> None:
    nobody = str(uuid.uuid4())
    assert refusal(admin.get(f"RetrieveSolutionImportResult(ImportJobId={nobody})")) == (404, "0x80040217")
    assert refusal(admin.get(f"asyncoperations({nobody})")) == (404, "0x80040217")


# -- the other side of the switches

LENIENT = (
    "unknown-privilege=drop",
    "privilege-case=any",
    "import-isinherited=honoured",
    "lower-version=accept",
    "stage-upload=reusable",
    "import-job-row=early",
    "held-role=drop",
)


@pytest.fixture(scope="module")
def lenient() -> Iterator[Client]:
    with running_sandbox(switches=LENIENT) as running, Client(running, running.admin) as client:
        yield client


def test_the_lenient_side_of_the_switches(lenient: Client) -> None:
    name = unique("Trial")
    made = Role("Lenient", {"prvReadNothing": "Global", "PRVREADACCOUNT": "Global"}, extra=' isinherited="0"')
    staged = stage(lenient, make_zip(made, name=name, version="2.0"))
    body = {
        "OverwriteUnmanagedCustomizations": False,
        "PublishWorkflows": False,
        "SolutionParameters": {"StageSolutionUploadId": staged["StageSolutionUploadId"]},
    }
    answer = lenient.post("ImportSolutionAsync", json=body)
    assert lenient.get(f"importjobs({answer.json()['ImportJobKey']})").status_code == 200
    assert finish_import(lenient, answer)["statuscode"] == 30
    assert set(grants(lenient, made.id)) == {"prvReadAccount"} | SHAREPOINT
    assert lenient.read(f"roles({made.id})")["isinherited"] == 0
    assert finish_import(lenient, lenient.post("ImportSolutionAsync", json=body))["statuscode"] == 30
    assert import_package(lenient, make_zip(made, name=name, version="1.0"))["statuscode"] == 30
    me = lenient.read("WhoAmI")["UserId"]
    reference = {"@odata.id": lenient.address(f"roles({made.id})")}
    lenient.post(f"systemusers({me})/systemuserroles_association/$ref", json=reference)
    (solution,) = lenient.read(f"solutions?$filter=uniquename eq '{name}'")
    assert lenient.delete(f"solutions({solution['solutionid']})").status_code == 204
    held = lenient.read(f"systemusers({me})/systemuserroles_association?$select=name")
    assert [row["name"] for row in held] == ["System Administrator"]


def test_an_unknown_privilege_as_a_missing_dependency() -> None:
    with (
        running_sandbox(switches=("unknown-privilege=missing-dependency",)) as running,
        Client(running, running.admin) as client,
    ):
        job = import_package(client, make_zip(role(prvReadNothing="Global"), name="Trial"))
        assert error_code(job) == "0x8004801d"
