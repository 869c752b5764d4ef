"""Name patterns: what they give, and what they can never give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.errors import UsageError
from builder.model import Version
from builder.solution.file_names import DEFAULT_PATTERN, package_name, refuse_collisions
from builder.text import file_name

VERSION = Version.parse("1.0.1.365")


@pytest.mark.parametrize(
    ("pattern", "managed", "name"),
    [
        (DEFAULT_PATTERN, True, "Sync_1_0_1_365_managed.zip"),
        (DEFAULT_PATTERN, False, "Sync_1_0_1_365.zip"),
        ("{unique_name}-v{version}.zip", True, "Sync-v1.0.1.365.zip"),
        ("{unique_name}.{kind}.ZIP", False, "Sync.unmanaged.ZIP"),
    ],
)
def test_patterns(pattern: str, managed: bool, name: str) -> None:
    assert package_name(pattern, "Sync", VERSION, managed=managed) == name


@pytest.mark.parametrize(
    "pattern",
    [
        "{unique_name}", "{unique_name}.zip/..", "../{version}.zip", "a/b.zip", "a\\b.zip", "C:{version}.zip", ".zip ",
        "{0}.zip", "{version!r}.zip", "{version.__class__}.zip", "{unique_name[0]}.zip", "{{version}}.zip", "{.zip",
        "con.zip", "a\x00.zip", "a\u202e.zip", "a\n.zip", "", "x" * 300 + ".zip", "a?.zip",
    ],
)  # fmt: skip
def test_refused_patterns(pattern: str) -> None:
    with pytest.raises(UsageError, match="name pattern"):
        package_name(pattern, "Sync", VERSION, managed=True)


@given(st.text())
def test_whatever_comes_out_is_one_safe_name(pattern: str) -> None:
    try:
        name = package_name(pattern + ".zip", "Sync", VERSION, managed=True)
    except UsageError:
        return
    assert file_name(name) == name
    assert "/" not in name


def test_collisions_ignore_case() -> None:
    refuse_collisions(["a.zip", "b.zip"])
    with pytest.raises(UsageError, match="would both be called"):
        refuse_collisions(["a.zip", "A.zip"])
