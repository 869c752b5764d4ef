"""Every planted fault is found by the rule meant for it, and what it was planted in is silent."""

import os
from functools import cache
from pathlib import Path

import pytest

from builder.package.archive import Archive
from builder.validation.registry import all_rules
from builder.validation.report import Report, Severity
from builder.validation.validate import validate
from tests.support import SHARED, reference_package
from tests.validation.edits import Edit, Members, T, zipped
from tests.validation.faulty_folders import FOLDERS, Change, unpacked
from tests.validation.faulty_zips import RAW, Raw
from tests.validation.mutations import EVERY, GOOD, REFERENCE
from tests.validation.policy_cases import BAD as BAD_BY_POLICY
from tests.validation.policy_cases import GOOD as GOOD_BY_POLICY

ZIPS = SHARED / "corpus" / "zips"
REAL = {
    "columns": "microsoft__PowerApps-Samples__ColumnLevelSecuritySampleSolution_managed.zip",
    "machines": "microsoft__powercat-automation-kit__MachineStatusUpdate_1_0_0_0_unmanaged.zip",
    "invoices": "microsoft__PowerApps-Samples__AIBuilderInvoiceProcessingAutomationSK_1_0_0_12.zip",
}
BASES = ("reference", *REAL)


@cache
def members_of(base: str) -> Members:
    if base == "reference":
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            return dict(Archive.open(reference_package(Path(folder))))
    path = ZIPS / REAL[base]
    if not path.is_file():
        pytest.skip(f"the real package {path.name} is not here")
    return dict(Archive.open(path))


def validated(folder: Path, members: Members) -> Report:
    path = folder / "Package_1_0_1_365_managed.zip"
    path.write_bytes(zipped(members))
    return validate(path)


def rules_of(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


@cache
def rules_of_the_clean(base: str) -> set[str]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        report = validated(Path(folder), members_of(base))
    assert not report.count(Severity.ERROR)
    return rules_of(report) - {"SOL209"}  # real packages are given another name here


def test_the_reference_package_is_silent(tmp_path: Path) -> None:
    assert validate(reference_package(tmp_path)).findings == ()


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(("rule", "what", "edit"), EVERY, ids=[f"{rule} {what}" for rule, what, _ in EVERY])
def test_fault_is_found(rule: str, what: str, edit: Edit, base: str, tmp_path: Path) -> None:
    check(rule, edit, base, tmp_path)


@pytest.mark.parametrize(("rule", "what", "edit"), REFERENCE, ids=[f"{rule} {what}" for rule, what, _ in REFERENCE])
def test_fault_in_the_reference_package_is_found(rule: str, what: str, edit: Edit, tmp_path: Path) -> None:
    check(rule, edit, "reference", tmp_path)


def check(rule: str, edit: Edit, base: str, folder: Path) -> None:
    assert rule not in rules_of_the_clean(base) or rule in ("SOL502", "SOL209")
    report = validated(folder, edit(members_of(base)))
    assert rule in rules_of(report), [f"{finding.rule} {finding.message}" for finding in report.findings]
    for finding in report.findings:
        if finding.rule == rule and finding.line:
            assert finding.excerpt is not None


@pytest.mark.parametrize(("rule", "what", "edit"), GOOD, ids=[f"{rule} {what}" for rule, what, _ in GOOD])
def test_near_miss_is_silent(rule: str, what: str, edit: Edit, tmp_path: Path) -> None:
    report = validated(tmp_path, edit(members_of("reference")))
    assert rule not in rules_of(report), [finding.message for finding in report.findings if finding.rule == rule]


def test_every_rule_has_a_good_and_a_bad_case() -> None:
    bad = (
        {rule for rule, _, _ in (*EVERY, *REFERENCE)} | {rule for rule, _, _ in RAW} | {rule for rule, _, _ in FOLDERS}
    )
    assert {rule.id for rule in all_rules()} == bad | {case.rule for case in BAD_BY_POLICY}
    assert {rule.id for rule in all_rules()} == {rule for rule, _, _ in GOOD} | {case.rule for case in GOOD_BY_POLICY}


def test_there_are_enough_kinds() -> None:
    kinds = [*EVERY, *REFERENCE, *RAW, *FOLDERS]
    assert len({(rule, what) for rule, what, _ in kinds}) == len(kinds) >= 150


@pytest.mark.parametrize(("rule", "what", "make"), RAW, ids=[f"{rule} {what}" for rule, what, _ in RAW])
def test_faulty_zip_is_found(rule: str, what: str, make: Raw, tmp_path: Path) -> None:
    path = tmp_path / "Package_1_0_1_365_managed.zip"
    path.write_bytes(make(members_of("reference")))
    report = validate(path)
    assert rule in rules_of(report), [f"{finding.rule} {finding.message}" for finding in report.findings]
    assert report.readable == (rule != "SOL100")


def test_the_unpacked_reference_package_is_silent(tmp_path: Path) -> None:
    assert validate(unpacked(members_of("reference"), tmp_path / "solution")).findings == ()


@pytest.mark.parametrize(("rule", "what", "change"), FOLDERS, ids=[f"{rule} {what}" for rule, what, _ in FOLDERS])
def test_fault_in_a_folder_is_found_with_its_file(rule: str, what: str, change: Change, tmp_path: Path) -> None:
    folder = unpacked(members_of("reference"), tmp_path / "solution")
    change(folder)
    report = validate(folder)
    found = [finding for finding in report.findings if finding.rule == rule]
    assert found, [f"{finding.rule} {finding.message}" for finding in report.findings]
    for finding in found:
        assert not finding.member or finding.line == 0 or (folder / finding.member).is_file(), finding
        assert T not in finding.member and os.sep not in finding.member.replace("/", "")
