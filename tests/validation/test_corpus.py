"""Real packages, whichever lie in ../shared/corpus: no error in what can be read, a reason where something cannot."""

from collections import Counter
from pathlib import Path

import pytest

from builder.validation.report import Report, Severity
from builder.validation.targets import packages_at
from builder.validation.validate import validate
from tests.support import SHARED, needs_corpus

CORPUS = SHARED / "corpus"
PACKAGES = packages_at([CORPUS]) if CORPUS.is_dir() else []
# Kept there because they are broken, by their own account (PROVENANCE.tsv, solution-format.md).
DAMAGED = {
    "microsoft__terraform-provider-power-platform__TerraformTestCustomConnector_1_0_0_1-30875d00.zip": "line ends",
    "microsoft__terraform-provider-power-platform__exampleagent_1_0_0_1_managed.zip": "line ends",
}
NO_PACKAGE = {
    "MicrosoftLearning__PL-400_Microsoft-Power-Platform-Developer__PermitManagement_1_0_0_1.zip": "lies in the folder",
}


def told(report: Report) -> list[str]:
    return [f"{item.member}:{item.line}: {item.rule} {item.message} {item.hint}" for item in report.findings]


@needs_corpus
@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: path.name)
def test_real_package_validates_or_says_why_not(path: Path) -> None:
    report = validate(path)
    reason = DAMAGED.get(path.name) or NO_PACKAGE.get(path.name)
    if reason:
        assert report.readable == (path.name in NO_PACKAGE)
        assert any(reason in text for text in told(report)), told(report)
    else:
        assert report.readable
        assert not report.count(Severity.ERROR), told(report)


@needs_corpus
def test_warnings_and_notes_are_few() -> None:
    reports = [validate(path) for path in PACKAGES if path.name not in DAMAGED | NO_PACKAGE]
    found = Counter(finding.rule for report in reports for finding in report.findings)
    roles = sum(len(list((path / "Roles").glob("*"))) if path.is_dir() else 1 for path in PACKAGES)
    assert sum(found.values()) <= len(reports) + roles, found
    warnings = [finding for report in reports for finding in report.findings if finding.severity is Severity.WARNING]
    assert len(warnings) <= len(reports) / 4, [(item.rule, item.message) for item in warnings]


@needs_corpus
def test_findings_in_folders_name_a_file_that_is_there() -> None:
    folders = [path for path in PACKAGES if path.is_dir()]
    for folder in folders:
        for finding in validate(folder).findings:
            assert (folder / finding.member).is_file(), finding
            assert finding.line > 0
            assert finding.excerpt is not None
