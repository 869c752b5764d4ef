"""What policies forbid, and where in a spec it is told."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.build import build_solution
from builder.catalogue import load
from builder.errors import InputFaults
from builder.model import Depth
from builder.solution.spec import read_spec
from builder.solution.validated import predecessor
from builder.solution.validator import Validator
from builder.validation.policy.model import Conditions, Policy
from builder.validation.policy.reading import brought_policies, find_policy, read_policy
from builder.validation.policy.sentences import sentences
from builder.validation.report import Finding, Report
from tests.support import REFERENCE_SPEC, run_cli
from tests.validation.policy_cases import APPROVED, BAD, GOOD, READ_MORE, Case, Swap, approval

TODAY = date(2026, 11, 23)
SPEC = REFERENCE_SPEC.read_text(encoding="utf-8")


def spec(path: Path, change: Swap) -> Path:
    assert change[0] in SPEC
    path.write_text(SPEC.replace(*change), encoding="utf-8")
    return path


def conditions(case: Case, folder: Path) -> Conditions:
    (folder / "policy.yaml").write_text(case.policy, encoding="utf-8")
    before = () if case.before is None else (predecessor(spec(folder / "before.yaml", case.before)),)
    return Conditions(read_policy(folder / "policy.yaml"), TODAY, before)


def found(report: Report, rule: str) -> list[Finding]:
    assert report.readable, report.findings
    return [finding for finding in report.findings if finding.rule == rule]


def identify(case: Case) -> str:
    return f"{case.rule} {case.what}"


@pytest.mark.parametrize("case", BAD, ids=identify)
def test_what_breaks_a_policy_is_told_on_its_line(case: Case, tmp_path: Path) -> None:
    validator = Validator(conditions=conditions(case, tmp_path))
    path = spec(tmp_path / "solution.yaml", case.change)
    findings = found(validator(path), case.rule)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert findings
    for finding in findings:
        assert finding.member == ""
        assert case.line in (lines[finding.line - 1] if finding.line else ""), finding
    package = build_solution(read_spec(path).solution, tmp_path).path
    assert {finding.message for finding in found(validator(package), case.rule)} == {item.message for item in findings}


@pytest.mark.parametrize("case", GOOD, ids=identify)
def test_what_keeps_a_policy_passes(case: Case, tmp_path: Path) -> None:
    report = Validator(conditions=conditions(case, tmp_path))(spec(tmp_path / "solution.yaml", case.change))
    assert found(report, case.rule) == []


def test_without_a_policy_nothing_is_asked_for(tmp_path: Path) -> None:
    report = Validator()(spec(tmp_path / "solution.yaml", ("allow: read", "allow: read, delete")))
    assert not any(finding.rule.startswith("SOL9") for finding in report.findings)


def test_what_is_approved_is_told_as_suppressed(tmp_path: Path) -> None:
    case = Case("SOL908", "", approval(), READ_MORE, before=("", ""))
    report = Validator(conditions=conditions(case, tmp_path))(spec(tmp_path / "solution.yaml", READ_MORE))
    assert [(item.finding.privilege, item.reason) for item in report.suppressed] == [
        ("prvReadIncident", "approved by Jo until 2030-01-01: agreed")
    ]


def test_an_approval_that_is_over_is_named(tmp_path: Path) -> None:
    case = Case("SOL908", "", approval(until="2026-11-22"), READ_MORE, before=("", ""))
    report = Validator(conditions=conditions(case, tmp_path))(spec(tmp_path / "solution.yaml", READ_MORE))
    assert "The approval by Jo ended on 2026-11-22." in found(report, "SOL908")[0].hint


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("forbid:\n  - privileges: prvBulkDelet", 2, "there is no privilege `prvBulkDelet`"),
        ("forbid:\n  - privileges: prvNothing*", 2, "no privilege is called like `prvNothing*`"),
        ("forbid:\n  - rights: destroy\n    tables: any", 2, "there is no right `destroy`"),
        ("forbid:\n  - rights: write\n    tables: acount", 3, "there is no table `acount`"),
        ("forbid:\n  - rights: write", 2, "`tables` is missing"),
        ("forbid:\n  - reason: why", 2, "names either `privileges`, or `rights`"),
        ("forbid:\n  - privileges: prvBulkDelete\n    beyond: User", 3, "`beyond` goes with `rights`"),
        ("max_depth: everywhere", 1, "there is no depth `everywhere`"),
        ("extends: application", 1, "there is no policy `application`"),
        ("no_widenings: true", 1, "unknown key `no_widenings`"),
        (APPROVED.format(role="R", privileges="prvReadLead", depth="User", until="2026-02-30"), 2, "no day of the"),
        ("approvals:\n  - role: R\n    privileges: prvReadLead\n    depth: User", 2, "`by` is missing"),
    ],
)
def test_a_slip_of_the_pen_is_a_fault(text: str, line: int, message: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        read_policy(path)
    assert any(message in fault.message and fault.line == line for fault in caught.value.faults), caught.value.faults


def test_extending_keeps_the_stricter(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("extends: application-user\nmax_depth: User\n", encoding="utf-8")
    policy = find_policy("policy.yaml", tmp_path)
    base = find_policy("application-user", tmp_path)
    assert policy.no_widening
    assert policy.max_depth is Depth.BASIC
    assert policy.forbidden_rights == base.forbidden_rights


@pytest.mark.parametrize("name", brought_policies())
def test_the_reference_role_keeps_what_solsmith_brings(name: str) -> None:
    assert run_cli("validate", REFERENCE_SPEC, "--policy", name).returncode == 0


ANY = st.text(max_size=40)


@given(ANY, ANY, ANY)
def test_sentences_say_whatever_a_policy_says(name: str, role: str, publisher: str) -> None:
    policy = Policy(name, required_roles=(role,), allowed_publishers=(publisher,))
    assert any(role in text for text in sentences(policy, load(), TODAY)["A package must"])


def test_explain_says_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(
        "name: Ours\nmax_depth: Business Unit\nmax_depth_except: lead\nrequired_roles: [Sync]\n"
        "forbid: [{rights: delete, tables: any, reason: never}]\n" + approval(until="2020-01-01"),
        encoding="utf-8",
    )
    result = run_cli("policy", "explain", "policy.yaml", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for said in (
        "Ours\n",
        "- grant anything deeper than Business Unit, but for privileges on lead, and that exist at no narrower depth",
        "- grant Delete on any table (SOL903): never",
        "- have the role Sync (SOL905)",
        "until 2020-01-01, which is over: agreed (approved by Jo)",
    ):
        assert said in result.stdout


def test_explain_lists_what_is_brought() -> None:
    assert run_cli("policy", "explain").stdout.startswith("application-user: ")


def test_the_settings_can_ask_for_a_policy(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ours.yaml").write_text("forbid: [{rights: read, tables: lead}]", encoding="utf-8")
    (tmp_path / "solsmith.toml").write_text('policy = "rules/ours.yaml"\nname-pattern = "{unique_name}.zip"\n')
    spec(tmp_path / "solution.yaml", ("", ""))
    result = run_cli("validate", "solution.yaml", "--format", "json", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert {item["rule"] for item in json.loads(result.stdout)["packages"][0]["findings"]} == {"SOL903"}


def test_previous_without_a_policy_is_told() -> None:
    result = run_cli("validate", REFERENCE_SPEC, "--previous", REFERENCE_SPEC)
    assert result.returncode == 0
    assert "nothing compares with --previous" in result.stderr


def test_a_spec_with_faults_is_unreadable_line_by_line(tmp_path: Path) -> None:
    path = spec(tmp_path / "solution.yaml", ("allow: read", "allow: raed"))
    report = Validator()(path)
    assert not report.readable
    (finding,) = report.findings
    assert "raed" in path.read_text(encoding="utf-8").splitlines()[finding.line - 1]
    assert run_cli("validate", path).returncode == 2


def test_a_spec_whose_version_comes_from_outside_is_validated(tmp_path: Path) -> None:
    path = spec(tmp_path / "solution.yaml", ("  version: 1.0.1.365\n", ""))
    result = run_cli("validate", path, "--policy", "application-user", "--previous", REFERENCE_SPEC)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "make", [lambda path: path, lambda path: build_solution(read_spec(path).solution, path.parent).path]
)
def test_a_validator_goes_to_another_process(make: Callable[[Path], Path], tmp_path: Path) -> None:
    import pickle

    case = Case("SOL908", "", "no_widening: true", READ_MORE, before=("", ""))
    validator = Validator(conditions=conditions(case, tmp_path))
    path = make(spec(tmp_path / "solution.yaml", READ_MORE))
    assert pickle.loads(pickle.dumps(validator))(path).findings == validator(path).findings
