"""Versions of a solution: completed, bumped, and read from a file or a git tag."""

import re
from pathlib import Path

from builder.errors import UnreadableInput, UsageError
from builder.model import Version, plain_words
from builder.text import printable

PARTS = ("major", "minor", "build", "revision")
# Dataverse reads each number into 32 bits with a sign; real packages go up to 20260603 (measured).
_LARGEST = 2**31 - 1
# v1.2.3, 1.2.3.4, name-v1.0.1.365, release/1.2
_TAG = re.compile(r"(?:(?P<name>.+)[-_/])?[vV]?(?P<version>[0-9]+(?:\.[0-9]+){1,3})")
_ANY_NAME = {"release", "releases", "version", "versions"}


def completed(version: Version, fixed_revision: int | None = None) -> Version:
    """Fill a version up to four numbers, the fourth being the fixed one where there is one; raises ValueError."""
    major, minor, build, revision = version.padded
    if fixed_revision is not None:
        if len(version.parts) == len(PARTS) and revision != fixed_revision:
            raise ValueError(f"version {version}: the spec fixes the fourth number at {fixed_revision}")
        revision = fixed_revision
    full = Version((major, minor, build, revision))
    if max(full.parts) > _LARGEST:
        raise ValueError(f"version {version}: a number is larger than {_LARGEST}")
    return full


def bumped(version: Version, part: str, fixed_revision: int | None = None) -> Version:
    """Raise one of the four numbers by one and set those after it to 0, but for a fixed fourth; raises UsageError."""
    index = PARTS.index(part)
    if part == "revision" and fixed_revision is not None:
        raise UsageError(f"the spec fixes the fourth number at {fixed_revision}", "Bump another part.")
    numbers = version.padded
    raised = (*numbers[:index], numbers[index] + 1, *(0,) * (len(PARTS) - index - 1))
    if fixed_revision is not None:
        raised = (*raised[:-1], fixed_revision)
    try:
        return completed(Version(raised))
    except ValueError as error:
        raise UsageError(str(error)) from None


def parse_version(text: str) -> Version:
    """Read a version as people write it, with or without a `v` before it; raises UsageError."""
    try:
        return Version.parse(re.sub("^[vV]", "", text.strip()))
    except ValueError:
        raise UsageError(
            f"`{printable(text.strip()[:60])}` is no version", "Write two to four numbers, such as 1.0.1.365."
        ) from None


def version_of_file(path: Path) -> Version:
    """Read the version that is a file's only line; raises UnreadableInput, UsageError."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return parse_version(file.read(200))
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror}", "Name a file that holds a version.") from error
    except UnicodeDecodeError:
        raise UnreadableInput(f"{path}: not UTF-8", "Name a file that holds a version and nothing else.") from None
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", error.hint) from None


def parse_tag(tag: str, unique_name: str) -> Version | None:
    """Read the version that a tag gives a solution; None where it is no version, or that of something else."""
    parts = _TAG.fullmatch(tag)
    if parts is None:
        return None
    name = plain_words(parts["name"] or "release")
    if name not in {*_ANY_NAME, plain_words(unique_name)}:
        return None
    try:
        return Version.parse(parts["version"])
    except ValueError:
        return None


def version_of_git(folder: Path, unique_name: str) -> Version:
    """Read the version from the tags of the commit that a folder is at, the highest where there are several.

    Only tags of that very commit count: two commits never give two packages of one version. Raises UsageError.
    """
    tags = _git(folder, "tag", "--points-at", "HEAD").split()
    versions = [version for tag in tags if (version := parse_tag(tag, unique_name))]
    if not versions:
        others = f" (it has: {printable(', '.join(tags))})" if tags else ""
        raise UsageError(
            f"the commit that {folder} is at has no tag that is a version of {unique_name}{others}",
            f"Tag it (git tag v1.0.2, or {unique_name}-v1.0.2), or build with --version.",
        )
    return max(versions)


def _git(folder: Path, *arguments: str) -> str:
    import subprocess  # rarely needed

    try:
        answer = subprocess.run(  # noqa: S603 - fixed arguments, and no shell
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - whichever git the user has
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"cannot run git: {error}", "Install git, or build with --version.") from error
    if answer.returncode:
        reason = printable((answer.stderr.strip().splitlines() or ["it failed"])[-1])
        raise UsageError(f"git says of {folder}: {reason}", "Build from a git checkout, or with --version.")
    return answer.stdout
