"""Answers that real services gave are read as they stand, unknown members included."""

import json
from typing import Any

import httpx
import pytest

from builder.connection.http import Row
from builder.dataverse import jobs, roles, solutions, users
from builder.model import Depth, Grant, Version
from tests.fake_api import FakeApi, ok
from tests.support import SHARED, needs_reference

FIXTURES = SHARED / "reference" / "webapi-fixtures"
ID = "00000000-0000-4000-8000-000000000001"

pytestmark = needs_reference


def recorded(name: str) -> Row:
    content: Row = json.loads((FIXTURES / name).read_text(encoding="utf-8"))
    return content


def of_terraform(name: str) -> Row:
    return recorded(f"terraform-power-platform/{name}")


@pytest.mark.parametrize(
    ("name", "version", "managed"),
    [
        ("solutions_query_expand_publisher.json", "1.1.0.0", False),
        ("managed_solution_get_solution.json", "1.0.0.1", True),
    ],
)
def test_an_installed_solution(name: str, version: str, managed: bool) -> None:
    api = FakeApi().on("GET solutions", ok(of_terraform(name)))
    with api.connection() as connection:
        found = solutions.installed(connection, "Terraform'Test")
    assert found is not None
    assert (found.id, found.version, found.managed) == (
        "86928ed8-df37-4ce2-add5-47030a833bff", Version.parse(version), managed,
    )  # fmt: skip
    assert api.requests[0].url.params["$filter"] == "uniquename eq 'Terraform''Test'"


def test_a_package_that_passed_staging() -> None:
    api = FakeApi().on("POST StageSolution", ok(of_terraform("solution_stage_passed.json")))
    with api.connection() as connection:
        staged = solutions.stage(connection, b"zip")
    assert (
        staged.passed and staged.upload_id == "b3963d4b-dc6c-ee11-9ae7-000d3aaae21d" and not staged.missing_dependencies
    )
    assert json.loads(api.requests[0].content) == {"CustomizationFile": "emlw"}


def test_a_started_import() -> None:
    api = FakeApi().on("POST ImportSolutionAsync", ok(of_terraform("solution_import_async_response.json")))
    with api.connection() as connection:
        assert solutions.start_import(connection, "upload", ID) == "310799b8-dc6c-ee11-9ae7-000d3aaae21d"
    assert json.loads(api.requests[0].content) == {
        "OverwriteUnmanagedCustomizations": False,
        "PublishWorkflows": False,
        "ImportJobId": ID,
        "SolutionParameters": {"StageSolutionUploadId": "upload"},
    }


def test_an_operation_that_succeeded() -> None:
    api = FakeApi().on(f"GET asyncoperations({ID})", ok(of_terraform("asyncoperation_completed.json")))
    with api.connection() as connection:
        found = jobs.operation(connection, ID)
    assert found == jobs.Operation(done=True, succeeded=True, error_code=None, message="", friendly_message="")


@pytest.mark.parametrize("name", ["retrieve_solution_import_result_passed.json", "managed_solution_import_result.json"])
def test_a_result_that_passed(name: str) -> None:
    api = FakeApi().on(f"GET RetrieveSolutionImportResult(ImportJobId={ID})", ok(of_terraform(name)))
    with api.connection() as connection:
        assert jobs.import_result(connection, ID) == jobs.ImportResult(passed=True, errors=(), warnings=())


def test_all_roles_of_an_environment() -> None:
    found = [roles.read(row) for row in of_terraform("roles_list.json")["value"]]
    assert len(found) == 72
    assert all(role.root_id == role.id for role in found)
    assert [role.name for role in found if role.is_system_administrator] == ["System Administrator"]


def test_a_user_with_its_roles() -> None:
    user = of_terraform("systemuser_single_with_roles.json")
    user["applicationid"] = ID.upper()

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.params["$filter"] == f"applicationid eq {ID}"
        return ok({"value": [user]})

    held = f"GET systemusers({user['systemuserid']})/systemuserroles_association"
    api = FakeApi().on("GET systemusers", answer).on(held, ok({"value": user["systemuserroles_association"]}))
    with api.connection() as connection:
        found = users.of_application(connection, ID)
    assert found is not None and not found.disabled and not found.deleted
    assert found.business_unit_id == "1360fdcb-b6e1-ee11-904c-002248dad9c1"
    assert [role.name for role in found.roles] == ["Environment Maker"]


def test_effective_privileges_unite_at_the_broadest_depth_whatever_members_they_have() -> None:
    def row(depth: str, name: str | None, privilege_id: str = ID) -> dict[str, Any]:
        return {"Depth": depth, "PrivilegeId": privilege_id, "BusinessUnitId": ID, "PrivilegeName": name, "New": 1}

    rows = [
        row("Basic", "prvReadAccount"),
        row("Global", "prvReadAccount"),
        row("Local", "prvReadAccount"),
        row("RecordFilter", "prvReadLead"),
        row("Deep", None),
    ]
    path = f"GET systemusers({ID})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
    api = FakeApi().on(path, ok({"RolePrivileges": rows}))
    api.on("GET privileges", ok({"value": [{"privilegeid": ID.upper(), "name": "prvReadContact"}]}))
    with api.connection() as connection:
        found = users.effective_privileges(connection, ID)
    assert found == (Grant("prvReadAccount", Depth.GLOBAL), Grant("prvReadContact", Depth.DEEP))
