"""Our answers against recorded ones: the same members, and values of the same types."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.client import (
    Client,
    Role,
    bind,
    encode,
    finish_import,
    import_package,
    make_zip,
    root_unit,
    start_import,
    unique,
)
from tests.support import SHARED, needs_reference

pytestmark = needs_reference
RECORDED = SHARED / "reference" / "webapi-fixtures"


def recorded(name: str) -> Any:
    return json.loads((RECORDED / "terraform-power-platform" / name).read_text(encoding="utf-8"))


def differences(expected: Any, found: Any, where: str = "") -> Iterator[str]:
    """What differs in members and types; null goes with everything, and lists are compared by their first items."""
    if expected is None or found is None:
        return
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(expected.keys() ^ found.keys()):
            yield f"{where}/{name}: {'missing' if name in expected else 'not recorded'}"
        for name in expected.keys() & found.keys():
            yield from differences(expected[name], found[name], f"{where}/{name}")
    elif isinstance(expected, list) and isinstance(found, list):
        if expected and found:
            yield from differences(expected[0], found[0], f"{where}[]")
    elif isinstance(expected, bool) != isinstance(found, bool) or not (
        isinstance(found, type(expected)) or {type(expected), type(found)} == {int, float}
    ):
        yield f"{where}: {type(expected).__name__} was recorded, {type(found).__name__} found"


def assert_alike(expected: Any, found: Any) -> None:
    assert list(differences(expected, found)) == []


def test_the_comparison_finds_differences() -> None:
    assert list(differences({"a": 1, "b": "x"}, {"a": "1", "c": None})) == [
        "/b: missing",
        "/c: not recorded",
        "/a: int was recorded, str found",
    ]
    assert list(differences({"a": [True]}, {"a": [1]})) == ["/a[]: bool was recorded, int found"]


@pytest.fixture(scope="module")
def package() -> tuple[str, Role, bytes]:
    name, role = unique("Shapes"), Role(unique("Role "), {"prvReadAccount": "Global"})
    return name, role, make_zip(role, name=name, managed=False)


def test_staging(admin: Client, package: tuple[str, Role, bytes]) -> None:
    answer = admin.post("StageSolution", json={"CustomizationFile": encode(package[2])}).json()
    assert_alike(recorded("solution_stage_passed.json"), answer)


def test_staging_that_fails(admin: Client) -> None:
    answer = admin.post("StageSolution", json={"CustomizationFile": encode(b"PK")}).json()
    expected = json.loads((RECORDED / "stage" / "stage_failed_bad_zip_shape.json").read_text(encoding="utf-8"))
    assert_alike(expected, answer)
    assert expected["StageSolutionResults"] == answer["StageSolutionResults"]


def test_import_job_and_solution(admin: Client, package: tuple[str, Role, bytes]) -> None:
    name, _, content = package
    started = start_import(admin, content)
    assert_alike(recorded("solution_import_async_response.json"), started.json())
    finish_import(admin, started)
    job = admin.get(f"asyncoperations({started.json()['AsyncOperationId']})").json()
    expected = recorded("asyncoperation_completed.json")
    job.pop("@odata.etag")  # left out by the recording
    job.pop("versionnumber", None)
    assert_alike(expected, job)
    for member in ("statecode", "statuscode", "messagename", "name", "operationtype", "message", "errorcode"):
        assert job[member] == expected[member]
    solutions = admin.get(f"solutions?$filter=uniquename eq '{name}'&$expand=publisherid").json()
    assert_alike(recorded("solutions_query_expand_publisher.json"), solutions)
    result = admin.get(f"RetrieveSolutionImportResult(ImportJobId={started.json()['ImportJobKey']})").json()
    expected = recorded("retrieve_solution_import_result_passed.json")
    assert_alike(expected, result)
    log = ET.fromstring(admin.read(f"importjobs({started.json()['ImportJobKey']})")["data"])
    shape = ET.parse(RECORDED / "importjob" / "importjob_success_shape.xml").getroot()
    assert set(log.attrib) == set(shape.attrib)
    assert {child.tag for child in log} <= {child.tag for child in shape}
    assert set(next(log.iter("result")).attrib) == set(next(shape.iter("result")).attrib)


def test_roles(admin: Client) -> None:
    admin.make("roles", name=unique("Role "), businessunitid__bind=bind("businessunits", root_unit(admin)))
    expected, found = recorded("roles_list.json"), admin.get("roles").json()
    for role in found["value"]:
        for other in expected["value"]:
            assert_alike(other, role)


def test_users(admin: Client) -> None:
    expanded = "systemuserroles_association($select=roleid,name,ismanaged,_businessunitid_value)"
    found = admin.get(f"systemusers?$expand={expanded}").json()
    assert_alike(recorded("systemusers_list.json")["value"][0], found["value"][0])
    user = found["value"][0]["systemuserid"]
    single = admin.get(f"systemusers({user})?$expand={expanded}").json()
    single.pop("@odata.context")  # left out by the recording
    assert_alike(recorded("systemuser_single_with_roles.json"), single)


def test_a_failed_import_leaves_a_log_of_the_known_shape(admin: Client) -> None:
    missing = (
        '<MissingDependency><Required key="521" type="59" schemaName="x" displayName="X" solution="Active" />'
        '<Dependent key="500" type="60" displayName="D" /></MissingDependency>'
    )
    name = unique("Trial")
    job = import_package(admin, make_zip(Role("R", {}), name=name, missing=missing))
    assert job["message"].startswith(
        f"The following solution cannot be imported: {name}. Some dependencies are missing."
    )
    (row,) = admin.read(f"importjobs?$filter=solutionname eq '{name}'")
    shape = ET.parse(RECORDED / "importjob" / "importjob_failure_missing_dependency_shape.xml").getroot()
    log = ET.fromstring(row["data"])
    path = "solutionManifests/solutionManifest/result"
    ours, theirs = log.find(path), shape.find(path)
    assert ours is not None
    assert theirs is not None
    assert set(ours.attrib) == set(theirs.attrib)
    assert ours.get("errorcode") == theirs.get("errorcode")
    assert ours.get("errortext", "").startswith("Solution manifest import: FAILURE: The following solution cannot be")
    assert ours.get("errortext", "").endswith(" , ProductUpdatesOnly : False")
    assert {child.tag for child in log} == {child.tag for child in shape}
