"""Foreign text on terminals, in pipelines and in Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.text import markdown_code, printable


@pytest.mark.parametrize(
    "command", ["##vso[task.setvariable variable=x]y", "##VSO[x]", "##[error]x", "::error::x", "  ::stop-commands::x"]
)
def test_no_text_is_a_pipeline_command(command: str) -> None:
    shown = printable(command)
    assert "##vso[" not in shown.lower()
    assert "##[" not in shown
    assert not shown.lstrip().startswith("::")


def test_ordinary_text_stays() -> None:
    assert printable("Contoso::Permit (Größe #1) [a]") == "Contoso::Permit (Größe #1) [a]"


@given(st.text())
def test_markdown_code_is_one_span_in_one_cell(text: str) -> None:
    span = markdown_code(text)
    assert span[0] == span[-1] == "`"
    assert span[1:-1]
    assert not set("`|\n\r") & set(span[1:-1])
