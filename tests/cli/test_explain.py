"""solsmith explain, as a process."""

import pytest

from builder.validation.registry import all_rules
from tests.support import run_cli


def test_prints_a_rules_page() -> None:
    result = run_cli("explain", "sol404")
    assert result.returncode == 0
    assert result.stdout.startswith("SOL404 (error): ")
    assert all(f"\n{head}: " in result.stdout for head in ("Why", "Fix", "Good", "Bad"))


def test_lists_the_rules() -> None:
    lines = run_cli("explain").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [rule.id for rule in all_rules()]


@pytest.mark.parametrize("code", ["0x8004140F", "8004140f", "-2147216369"])
def test_explains_an_error_code_however_it_is_written(code: str) -> None:
    result = run_cli("explain", code) if not code.startswith("-") else run_cli("explain", "--", code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("0x8004140f DuplicatedPrivilege")
    assert "SOL404" in result.stdout


@pytest.mark.parametrize(
    ("what", "hint"), [("SOL440", "Did you mean"), ("nonsense", "lists the rules"), ("0xffffffff", "Look it up")]
)
def test_what_is_not_known_is_exit_code_2(what: str, hint: str) -> None:
    result = run_cli("explain", what)
    assert result.returncode == 2
    assert hint in result.stderr
