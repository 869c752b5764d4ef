"""What Dataverse says about a failed import comes apart into component, code and text; nothing of it is lost."""

import json

import pytest

from builder.dataverse.jobs import Operation
from builder.dataverse.solutions import Staged
from builder.deployment import explain
from builder.deployment.explain import Problem
from tests.support import SHARED, needs_reference

FIXTURES = SHARED / "reference" / "webapi-fixtures"
DEPENDENCY = (
    '<MissingDependencies><MissingDependency><Required key="1" type="1" schemaName="new_thing" displayName="Thing" '
    'solution="Base" id="{1}" /><Dependent key="2" type="20" displayName="Our role" id="{2}" /></MissingDependency>'
    "</MissingDependencies>"
)


@needs_reference
def test_a_log_of_success_has_nothing_to_say() -> None:
    data = (FIXTURES / "importjob" / "importjob_success_shape.xml").read_text(encoding="utf-8")
    assert explain.of_job_data(data) == ()


@needs_reference
def test_missing_dependencies_of_a_failed_log_are_named_one_by_one() -> None:
    data = (FIXTURES / "importjob" / "importjob_failure_missing_dependency_shape.xml").read_text(encoding="utf-8")
    failure, missing = explain.of_job_data(data)
    assert failure.code == "0x8004801d" and failure.component == "solutionManifest Sample"
    assert "cannot be imported: SolutionId" in failure.text and "<" not in failure.text
    assert str(missing) == "x of account (type 59): is missing (of solution Active), needed by D of Account (type 60)"


@needs_reference
def test_a_failed_staging_is_read_with_its_signed_code() -> None:
    answer = json.loads((FIXTURES / "stage" / "stage_failed_bad_zip_shape.json").read_text(encoding="utf-8"))
    (problem,) = explain.of_stage(
        Staged(False, "", tuple(answer["StageSolutionResults"]["SolutionValidationResults"]), ())
    )
    assert problem.code == "0x80048060" and "solution.xml" in problem.text


@needs_reference
def test_missing_dependencies_of_a_failed_staging_are_named() -> None:
    results = json.loads((FIXTURES / "stage" / "stage_missing_dependency_validation_shape.json").read_text("utf-8"))
    failure, missing = explain.of_stage(Staged(False, "", tuple(results), ()))
    assert failure.code == "0x8004801d" and failure.name and "msdyn_MRFolder" in str(missing)


def test_the_list_of_missing_dependencies_is_read() -> None:
    dependency = {
        "RequiredComponentSchemaName": "new_thing",
        "RequiredComponentParentSchemaName": None,
        "RequiredSolutionName": "Base",
        "DependentComponentDisplayName": "Our role",
    }
    (problem,) = explain.of_stage(Staged(True, "", (), (dependency,)))
    assert str(problem) == "new_thing: is missing (of solution Base), needed by Our role"


def test_information_is_no_problem_and_a_warning_is_none_that_stops() -> None:
    results = (
        {"SolutionValidationResultType": "Information", "Message": "fine", "ErrorCode": 0},
        {"SolutionValidationResultType": "Warning", "Message": "older publisher", "ErrorCode": 0},
    )
    found = explain.of_stage(Staged(True, "", results, ()))
    assert [problem.severity for problem in found] == ["warning"] and explain.errors(found) == ()


def test_every_failure_of_a_log_is_found_wherever_it_stands() -> None:
    data = """<importexportxml><securityroles><securityrole id="r-1" LocalizedName="Our role"><result result="failure"
    errorcode="0x8004140B" errortext="depth"/></securityrole></securityroles><rootComponents><rootComponent>
    <result result="failure" errorcode="-2147188705" errortext="absent"/></rootComponent></rootComponents>
    <x><result result="warning" errorcode="0" errortext="mind this"/></x></importexportxml>"""
    role, component, warning = explain.of_job_data(data)
    assert (role.component, role.code) == ("securityrole Our role", "0x8004140b")
    assert (component.component, component.code, component.text) == ("rootComponent", "0x8004801f", "absent")
    assert (warning.severity, warning.code) == ("warning", "")


def test_the_original_text_stays_where_its_dependencies_cannot_be_read() -> None:
    text = "missing : <MissingDependencies><oops</MissingDependencies>"
    data = f'<a><result result="failure" errorcode="0x8004801D" errortext="{text.replace("<", "&lt;")}"/></a>'
    assert [problem.text for problem in explain.of_job_data(data)] == [text]


def test_a_log_that_cannot_be_read_is_a_warning_and_none_is_nothing() -> None:
    assert [problem.severity for problem in explain.of_job_data("<broken")] == ["warning"]
    assert explain.of_job_data("") == explain.of_job_data("  \n") == ()


def test_entities_of_a_log_are_not_expanded() -> None:
    data = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///x">]><a><result result="failure" errortext="x">&e;</result></a>'
    assert [problem.text for problem in explain.of_job_data(data)] == ["x"]


@pytest.mark.parametrize(
    ("message", "friendly", "code", "expected"),
    [
        ("long", "short", None, [Problem("", "", "short")]),
        ("long", "", -2147188707, [Problem("0x8004801d", "", "long")]),
        ("", "", -2147188707, [Problem("0x8004801d", "", "")]),
        ("", "", None, []),
    ],
)
def test_what_a_failed_operation_says(message: str, friendly: str, code: int | None, expected: list[Problem]) -> None:
    assert list(explain.of_operation(Operation(True, False, code, message, friendly))) == expected


def test_an_operations_friendly_message_may_carry_the_dependencies() -> None:
    found = explain.of_operation(Operation(True, False, None, "", f"Some are missing: {DEPENDENCY} , x"))
    assert [problem.component for problem in found] == ["", "new_thing (type 1)"]


@pytest.mark.parametrize(
    ("code", "told"),
    [(-2147188640, "0x80048060"), ("0x8004801D", "0x8004801d"), ("-2147188707", "0x8004801d"), (0, ""), ("0", ""),
     ("", ""), (None, ""), ("none", "")],
)  # fmt: skip
def test_codes_are_spelt_one_way(code: object, told: str) -> None:
    assert explain.hex_code(code) == told
