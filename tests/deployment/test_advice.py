"""Errors come with their cause and what to do, from a running import and from a saved log alike."""

from pathlib import Path

import pytest

from builder.catalogue.lookup import error_texts
from builder.deployment.advice import _CODES, advise
from builder.deployment.explain import Problem
from builder.deployment.saved_log import problems_of
from builder.errors import UnreadableInput
from tests.support import SHARED, needs_reference, run_cli

FIXTURES = SHARED / "reference" / "webapi-fixtures"
SECLIB = (
    "SecLib::CheckPrivilege failed. User: 11111111-1111-4111-8111-111111111111, PrivilegeName: prvWriteRole, "
    "PrivilegeId: bd123e14-17ba-40f6-8d8b-18f4bffa7e50, Required Depth: Basic, "
    "BusinessUnitId: 22222222-2222-4222-8222-222222222222, MetadataCache Privileges Count: 5798"
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SECLIB, "lacks prvWriteRole at depth Basic in business unit 22222222"),
        (
            "Principal user (Id=x-1, type=8), is missing prvReadAccount privilege (Id=..)",
            "user x-1 lacks prvReadAccount",
        ),
        (
            "The privilege prvDeleteUserSettings with id = 00bcb198 can't have depth = Basic",
            "does not have prvDeleteUserSettings at depth Basic",
        ),
        ("ImportAsHolding failed with exception :Holding solution Sync_Upgrade already exists.", "Sync_Upgrade"),
        ("is missing (of solution Base), needed by Our role", "does not have a component"),
    ],
)
def test_a_text_that_says_more_than_its_code_counts(text: str, told: str) -> None:
    advice = advise(Problem("0x80048033", "", text))
    assert advice and told in advice.cause and advice.remedy


def test_every_code_that_is_explained_is_a_known_one() -> None:
    unknown = {code for code in _CODES if code not in error_texts()}
    assert unknown <= {"0x80072560", "0x8004f066", "0x80097376", "0x80072031"}  # of live answers, in no SDK list


@needs_reference
@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("importjob/importjob_failure_missing_dependency_shape.xml", {"0x8004801d", ""}),
        ("importjob/importjob_success_shape.xml", set()),
        ("stage/stage_failed_bad_zip_shape.json", {"0x80048060"}),
        ("stage/stage_missing_dependency_validation_shape.json", {"0x8004801d", ""}),
        ("terraform-power-platform/solution_stage_passed.json", set()),
        ("terraform-power-platform/asyncoperation_completed.json", set()),
        ("terraform-power-platform/retrieve_solution_import_result_passed.json", set()),
    ],
)
def test_saved_answers_are_explained(name: str, codes: set[str]) -> None:
    assert {problem.code for problem in problems_of(FIXTURES / name)} == codes


def test_any_text_with_codes_in_it_is_explained(tmp_path: Path) -> None:
    log = tmp_path / "pipeline.log"
    log.write_text(
        f"Importing...\n##[error] code -2147188707 came back\n{SECLIB}\nall other lines\n", encoding="utf-16"
    )
    done = run_cli("explain", log)
    assert done.returncode == 1 and "\n  do: " in done.stdout
    assert "error: 0x8004801d" in done.stdout and "lacks prvWriteRole" in done.stdout
    assert "##[error]" not in done.stdout and "all other" not in done.stdout
    quiet = tmp_path / "quiet.log"
    quiet.write_text("nothing here")
    assert run_cli("explain", quiet).returncode == 0
    quiet.write_bytes(b"\x80\x81")
    with pytest.raises(UnreadableInput):
        problems_of(quiet)


def test_a_code_is_explained_with_what_to_do() -> None:
    told = run_cli("explain", "0x80048017").stdout
    assert "Cause: A role of the same name" in told and "Do: Rename" in told
