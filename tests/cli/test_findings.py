"""Findings fit the terminal, and show what is meant."""

import pytest

from cli.findings import fitted

LINES = [
    'solution.yaml:26: SOL904 error: role "Net-Results Sync for Dynamics 365": prvWriteUser reaches Organization',
    "     28 | - tables: account, activitypointer, contact, lead",
    "        |                    ^^^^^^^^^^^^^^^",
    "  Grant prvAppendToOpportunity if the role is to link the two.",
]


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert all(len(line) <= width for line in fitted(LINES, width))


@pytest.mark.parametrize("width", [30, 40, 80, 200])
def test_what_is_meant_is_shown_above_its_carets(width: int) -> None:
    lines = list(fitted(LINES, width))
    at = next(index for index, line in enumerate(lines) if line.endswith("^"))
    shown, carets = lines[at - 1], lines[at]
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "activitypointer"


def test_no_word_is_lost() -> None:
    words = " ".join(LINES[0].split())
    assert " ".join(" ".join(fitted(LINES[:1], 40)).split()) == words
