"""A package and an overlay -> a package on disk."""

from dataclasses import dataclass
from pathlib import Path

from builder.comparison.sides import with_reasons
from builder.errors import Fault, InputFaults, SolsmithError, UnreadableInput, UsageError
from builder.files import write_all
from builder.package.archive import content_digest, dos_date, pack
from builder.package.opening import open_any
from builder.package.reader import Package
from builder.solution.access_statement import AccessStatement, statement_path
from builder.solution.file_names import DEFAULT_PATTERN, package_name
from builder.solution.overlay import Overlay
from builder.solution.overlaying import Overlaid, overlay_package
from builder.validation.report import Report, Severity
from builder.validation.validate import validate_members


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A package that was made from another one and written, its content digest, and its access statement, if the base
    has one."""

    path: Path
    digest: str
    overlaid: Overlaid
    statement: Path | None


def open_base(path: Path) -> Package:
    """Read a package that others are made from; raises UnreadableInput, and InputFaults where it does not validate."""
    package = open_any(path)
    if package.unpacked:
        raise UnreadableInput(f"{path}: a folder cannot be the base", "Pack it first, or change it with --into.")
    if faults := _faults(validate_members(str(path), package.members)):
        raise InputFaults(path, faults)
    return package


def rebuild(
    package: Package,
    overlay: Overlay,
    folder: Path,
    *,
    pattern: str = DEFAULT_PATTERN,
    statement: AccessStatement | None = None,
    source_date_epoch: str | None = None,
) -> Rebuilt:
    """Apply an overlay to a base, and write the result under a name of its own; nothing is written unless it validates.

    Where the base has an access statement, the result gets one too: with its reasons, and those of the overlay.
    Raises InputFaults and UsageError; UsageError too where the result would take the base's place.
    """
    stated = with_reasons(package.roles, statement.roles) if statement else ()
    overlaid = overlay_package(package, overlay, stated=stated)
    if faults := _faults(validate_members(overlaid.unique_name, overlaid.members)):
        raise SolsmithError(
            f"the overlaid package would not validate: {faults[0].message}",
            "This is a fault of solsmith: please report it with the base and the overlay.",
        )
    path = folder / package_name(pattern, overlaid.unique_name, overlaid.version, managed=overlaid.managed)
    if path.exists() and path.resolve() == Path(package.source).resolve():
        raise UsageError(f"{path} is the base itself", "Choose another folder (-o) or version (--version).")
    digest = content_digest(overlaid.members)
    contents: dict[Path, bytes | None] = {path: pack(overlaid.members, dos_date(source_date_epoch))}
    if statement:
        contents[statement_path(path)] = _restated(statement, overlaid, digest).to_bytes()
    write_all(contents)
    return Rebuilt(path, digest, overlaid, statement_path(path) if statement else None)


def _restated(statement: AccessStatement, overlaid: Overlaid, digest: str) -> AccessStatement:
    return AccessStatement(
        digest, overlaid.unique_name, overlaid.version, overlaid.managed, statement.application, overlaid.roles.after
    )


def _faults(report: Report) -> list[Fault]:
    return [
        Fault(f"{finding.rule}: {finding.message}", finding.member, finding.line, finding.hint)
        for finding in report.findings
        if finding.severity is Severity.ERROR
    ]
