from datetime import date
from pathlib import Path

import pytest

from builder.errors import InputFaults, UnreadableInput
from builder.settings import find_settings, read_settings
from builder.validation.report import Finding, Report, Severity
from builder.validation.suppressions import Outcome, read_suppressions, suppress

TODAY = date(2026, 11, 23)
FINDING = Finding("SOL410", Severity.WARNING, "m", "customizations.xml", 3, role="Contoso Sync", privilege="prvReadX")
WHOLE = 'rule = "SOL410"\nreason = "known"\nexpires = 2027-01-31\n'


def settings(folder: Path, *entries: str, name: str = "solsmith.toml") -> Path:
    head = "[[tool.solsmith.suppressions]]" if name == "pyproject.toml" else "[[suppressions]]"
    path = folder / name
    path.write_text("\n".join(f"{head}\n{entry}" for entry in entries), encoding="utf-8")
    return path


def outcome(path: Path, *findings: Finding) -> Outcome:
    return suppress([Report("a.zip", findings)], read_suppressions(read_settings(path)), TODAY, str(path))


@pytest.mark.parametrize("name", ["solsmith.toml", "pyproject.toml"])
def test_a_suppressed_finding_counts_no_longer_and_keeps_its_reason(tmp_path: Path, name: str) -> None:
    done = outcome(settings(tmp_path, WHOLE, name=name), FINDING)
    assert done.reports[0].findings == ()
    assert [item.reason for item in done.reports[0].suppressed] == ["known"]
    assert (done.expired, done.idle) == ((), ())


@pytest.mark.parametrize("narrow", ['role = "contoso *"', 'privilege = "prvread?"', 'member = "Customizations.xml"'])
def test_matches_by_pattern_without_regard_to_case(tmp_path: Path, narrow: str) -> None:
    assert outcome(settings(tmp_path, WHOLE + narrow), FINDING).reports[0].findings == ()


@pytest.mark.parametrize("narrow", ['role = "Other"', 'privilege = "prvWrite*"', 'member = "solution.xml"'])
def test_leaves_what_it_does_not_mean_and_is_told_to_be_idle(tmp_path: Path, narrow: str) -> None:
    done = outcome(settings(tmp_path, WHOLE + narrow), FINDING)
    assert done.reports[0].findings == (FINDING,)
    assert [(item.rule, item.line) for item in done.idle] == [("SOL410", 1)]


def test_holds_on_its_last_day_and_not_after(tmp_path: Path) -> None:
    last = WHOLE.replace("2027-01-31", "2026-11-23")
    assert outcome(settings(tmp_path, last), FINDING).reports[0].findings == ()
    past = outcome(settings(tmp_path, last.replace("-23", "-22")), FINDING)
    assert past.reports[0].findings == (FINDING,)
    assert len(past.expired) == 1
    assert past.idle == ()


def test_one_that_expired_and_matches_nothing_is_idle(tmp_path: Path) -> None:
    done = outcome(settings(tmp_path, WHOLE.replace("2027", "2020")))
    assert (len(done.expired), len(done.idle)) == (0, 1)


def test_what_cannot_be_read_cannot_be_suppressed(tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as caught:
        outcome(settings(tmp_path, WHOLE.replace("SOL410", "SOL100")))
    assert "cannot be suppressed" in caught.value.faults[0].message


def test_says_every_fault_at_once_with_its_line(tmp_path: Path) -> None:
    path = settings(
        tmp_path,
        'rule = "SOL999"\nexpires = "soon"',
        WHOLE,
        'reason = " "\nexpires = 2027-01-01\nroles = "x"\nrole = 3',
    )
    with pytest.raises(InputFaults) as caught:
        read_suppressions(read_settings(path))
    told = [(fault.line, fault.message) for fault in caught.value.faults]
    assert told == [
        (1, "suppressions[1]: there is no rule 'SOL999'"),
        (1, "suppressions[1]: reason is missing"),
        (1, "suppressions[1]: expires is missing or no date"),
        (9, "suppressions[3]: there is no key 'roles'"),
        (9, "suppressions[3]: rule is missing"),
        (9, "suppressions[3]: role is no text"),
        (9, "suppressions[3]: reason is missing"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("suppressions = 3", "no list"),
        ("suppressions = [3]", "no table"),
        ("surpressions = []", "unknown key"),
        ("suppressions = [", "not TOML"),
        ("x = " + "[" * 5000, "not TOML"),
    ],
)
def test_refuses_what_is_no_settings(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "solsmith.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((InputFaults, UnreadableInput)) as caught:
        read_suppressions(read_settings(path))
    faults = getattr(caught.value, "faults", ())
    assert message in " ".join(fault.message for fault in faults) or "nested" in caught.value.message


def test_settings_hold_below_their_folder_up_to_the_root_of_the_repository(tmp_path: Path) -> None:
    outer, inner = tmp_path / "solsmith.toml", tmp_path / "repository"
    outer.write_text("", encoding="utf-8")
    deep = inner / "a" / "b"
    deep.mkdir(parents=True)
    assert find_settings(deep) == outer
    (inner / ".git").mkdir()
    assert find_settings(deep) is None
    (inner / "pyproject.toml").write_text('[project]\nname = "x"', encoding="utf-8")
    assert find_settings(deep) is None
    (inner / "pyproject.toml").write_text("[tool.solsmith]", encoding="utf-8")
    assert find_settings(deep) == inner / "pyproject.toml"
    (inner / "solsmith.toml").write_text("", encoding="utf-8")
    assert find_settings(deep) == inner / "solsmith.toml"


def test_the_rest_of_a_pyproject_is_of_no_concern(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool.other]\nx = 1\n[tool.solsmith]\nsuppressions = []", encoding="utf-8")
    assert read_suppressions(read_settings(path)) == ()
