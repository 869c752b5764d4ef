"""Solution -> packages on disk, each with its access statement beside it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from builder.errors import Fault, InputFaults, UnreadableInput, UsageError
from builder.files import write_all
from builder.model import Solution
from builder.package.archive import content_digest, dos_date, pack
from builder.package.reader import Manifest, open_package
from builder.package.render import PROFILES, Profile, render
from builder.solution.access_statement import AccessStatement, statement_of, statement_path
from builder.solution.file_names import DEFAULT_PATTERN, package_name, refuse_collisions
from builder.validation.report import Severity
from builder.validation.validate import validate_members


@dataclass(frozen=True, slots=True)
class Release:
    """A package that is ready to be written: its members, and what is stated of it."""

    members: Mapping[str, bytes]
    statement: AccessStatement


@dataclass(frozen=True, slots=True)
class Output:
    """Where and how packages are written: `pattern` names their files, `sha256` adds a file with that sum of the zip,
    `source_date_epoch` is the date in the zip, in seconds as SOURCE_DATE_EPOCH says it."""

    folder: Path
    pattern: str = DEFAULT_PATTERN
    sha256: bool = False
    source_date_epoch: str | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """A package that was written, its content digest, and the files beside it."""

    path: Path
    digest: str
    managed: bool
    statement: Path
    checksum: Path | None


def release_of(solution: Solution, profile: Profile = PROFILES["any"]) -> Release:
    """Render a solution; raises UsageError where packages for the platform cannot carry what its roles say."""
    for role in solution.roles:
        if role.inherits is False and not profile.isinherited:
            raise UsageError(
                f"{role.name}: packages for this platform cannot say `Team privileges only`",
                "Built without it, members would get more than asked for. Build for the platform `any`.",
            )
        if role.auto_assigned and not profile.is_auto_assigned:
            raise UsageError(
                f"{role.name}: packages for this platform cannot say `auto_assigned`",
                "Build for the platform 9.2.24084, or remove it from the spec.",
            )
    members = render(solution, profile)
    return Release(members, statement_of(solution, content_digest(members)))


def build_solution(solution: Solution, folder: Path, *, source_date_epoch: str | None = None) -> Built:
    """Build a solution's package into a folder, under the name that exports have."""
    return write_releases([release_of(solution)], Output(folder, source_date_epoch=source_date_epoch))[0]


def write_releases(releases: Sequence[Release], output: Output) -> tuple[Built, ...]:
    """Validate, pack and write packages; nothing is written unless all of them validate and have a place.

    Raises InputFaults with all that would fail at import, and UsageError where two would take one file, or one the
    place of another solution's package.
    """
    names = [
        package_name(output.pattern, stated.unique_name, stated.version, managed=stated.managed)
        for stated in (release.statement for release in releases)
    ]
    refuse_collisions(names)
    date = dos_date(output.source_date_epoch)
    files: dict[Path, bytes] = {}
    built = []
    for release, name in zip(releases, names, strict=True):
        path = output.folder / name
        _refuse_invalid(release)
        refuse_foreign(path, release.statement.unique_name, managed=release.statement.managed)
        files[path] = pack(release.members, date)
        files[statement_path(path)] = release.statement.to_bytes()
        checksum = checksum_path(path)
        if output.sha256 or checksum.exists():  # one that is there already is kept true
            files[checksum] = checksum_of(path, files[path])
        stated = release.statement
        built.append(
            Built(path, stated.digest, stated.managed, statement_path(path), checksum if checksum in files else None)
        )
    write_all(files)
    return tuple(built)


def checksum_path(package: Path) -> Path:
    """Say where the SHA-256 of a package lies: beside it."""
    return package.with_name(f"{package.name}.sha256")


def checksum_of(package: Path, data: bytes) -> bytes:
    """Give the content of that file, as sha256sum reads it."""
    return f"{hashlib.sha256(data).hexdigest()}  {package.name}\n".encode()


def _refuse_invalid(release: Release) -> None:
    """A spec can say what no environment takes, by `exact: true` above all; and our own faults would show here."""
    name = release.statement.unique_name
    report = validate_members(name, release.members)
    faults = [
        Fault(finding.message, finding.member, finding.line, finding.hint)
        for finding in report.findings
        if finding.severity is Severity.ERROR
    ]
    if faults:
        raise InputFaults(f"the package of {name} would not import, and is not written", faults)


def refuse_foreign(path: Path, unique_name: str, *, managed: bool | None = None) -> None:
    """Raise UsageError where a file is no package of the solution, or one of the other kind: a package is built over
    its own last build alone.
    """
    if not path.exists():
        return
    hint = "Choose another folder (-o) or name pattern, or remove the file."
    try:
        there = open_package(path).manifest
    except (UnreadableInput, InputFaults):
        there = Manifest()
    if there.unique_name != unique_name:
        raise UsageError(f"{path} is there already, and is no package of {unique_name}", hint)
    if managed is not None and there.managed != str(int(managed)):
        kind = "unmanaged" if managed else "managed"
        raise UsageError(f"{path} is there already, and is the {kind} package", hint)
