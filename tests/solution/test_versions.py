"""Versions: bumped, read from files and git tags, and written into a spec that stays as it is otherwise."""

import subprocess
from pathlib import Path

import pytest

from builder.errors import InputFaults, UnreadableInput, UsageError
from builder.model import Version
from builder.solution.spec import SCHEMA
from builder.solution.spec_edit import set_version
from builder.solution.versions import bumped, parse_tag, parse_version, version_of_file, version_of_git
from tests.support import REFERENCE_SPEC


@pytest.mark.parametrize(
    ("before", "part", "fixed", "after"),
    [
        ("1.0.1.365", "build", 365, "1.0.2.365"),
        ("1.0.1.365", "minor", 365, "1.1.0.365"),
        ("1.0.1.365", "major", 365, "2.0.0.365"),
        ("1.2.3.4", "build", None, "1.2.4.0"),
        ("1.2.3.4", "revision", None, "1.2.3.5"),
        ("1.2", "major", None, "2.0.0.0"),
    ],
)
def test_bump(before: str, part: str, fixed: int | None, after: str) -> None:
    assert str(bumped(Version.parse(before), part, fixed)) == after


def test_a_fixed_revision_is_not_bumped_and_no_number_grows_without_end() -> None:
    with pytest.raises(UsageError, match="fixes the fourth number"):
        bumped(Version.parse("1.0.1.365"), "revision", 365)
    with pytest.raises(UsageError, match="larger"):
        bumped(Version.parse(f"{2**31 - 1}.0"), "major")


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("v1.2.3", "1.2.3"),
        ("1.2.3.4", "1.2.3.4"),
        ("V1.2", "1.2"),
        ("ContosoSync-v1.0.1.365", "1.0.1.365"),
        ("contoso-sync/1.0.1", "1.0.1"),
        ("contososync_v1.0.1", "1.0.1"),
        ("release/v1.2.3", "1.2.3"),
        ("other-v1.2.3", None),
        ("v1", None),
        ("v1.2.3-rc1", None),
        ("v1.2.3.4.5", None),
        ("v1.99999999999", None),
        ("latest", None),
    ],
)
def test_tags(tag: str, version: str | None) -> None:
    found = parse_tag(tag, "ContosoSync")
    assert (str(found) if found else None) == version


def test_version_files(tmp_path: Path) -> None:
    path = tmp_path / "VERSION"
    path.write_bytes(b"\xef\xbb\xbfv1.2.3\r\n")
    assert str(version_of_file(path)) == "1.2.3"
    for raw in (b"", b"one", b"1.2.3\n1.2.4\n", b"1"):
        path.write_bytes(raw)
        with pytest.raises(UsageError, match="is no version"):
            version_of_file(path)
    path.write_bytes(b"\xff\xfe1")
    with pytest.raises(UnreadableInput):
        version_of_file(path)
    with pytest.raises(UnreadableInput):
        version_of_file(tmp_path / "absent")
    with pytest.raises(UsageError):
        parse_version("1.2\x1b[31m")


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


def test_version_of_the_commits_tag(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="git says of"):
        version_of_git(tmp_path, "ContosoSync")
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    git(tmp_path, "tag", "other-v9.9.9")
    with pytest.raises(UsageError, match=r"no tag .* \(it has: other-v9.9.9\)"):
        version_of_git(tmp_path, "ContosoSync")
    git(tmp_path, "tag", "v1.2.3")
    git(tmp_path, "tag", "v1.10.0")
    assert str(version_of_git(tmp_path, "ContosoSync")) == "1.10.0"
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "two")
    with pytest.raises(UsageError, match="no tag"):
        version_of_git(tmp_path, "ContosoSync")


STYLES = ("  version: 1.0.1.365", '  version: "1.0.1.365"  # why', "  version:   '1.0.1.365'")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff", "# ünï — \U0001f600\n"])
def test_only_the_version_changes(tmp_path: Path, style: str, line_end: str, start: str) -> None:
    text = start + REFERENCE_SPEC.read_text("utf-8")
    path = tmp_path / "solution.yaml"

    def raw(style: str) -> bytes:
        return text.replace("  version: 1.0.1.365", style).replace("\n", line_end).encode()

    path.write_bytes(raw(style))
    path.chmod(0o600)
    set_version(path, Version.parse("1.0.2.365"), SCHEMA)
    assert path.read_bytes() == raw(style.replace("1.0.1", "1.0.2"))
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "solution: {unique_name: A}\n",
        "solution:\n  version: >-\n    1.0\n",
        "x: &v 1.0.0.0\nsolution: {version: *v}\n",
        "- 1\n",
        "solution: [1]\n",
    ],
)
def test_a_version_that_stands_elsewhere_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "solution.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((UsageError, InputFaults)):
        set_version(path, Version.parse("1.0.2.0"), SCHEMA)
    assert path.read_text("utf-8") == text


def test_a_link_to_a_spec_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    real.write_bytes(REFERENCE_SPEC.read_bytes())
    link.symlink_to(real)
    set_version(link, Version.parse("1.0.2.365"), SCHEMA)
    assert link.is_symlink()
    assert b"1.0.2.365" in real.read_bytes()
