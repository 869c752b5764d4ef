"""A package and an overlay -> a package on disk."""

from dataclasses import dataclass
from pathlib import Path

from builder.build import Output, checksum_of, checksum_path, refuse_foreign
from builder.comparison.sides import with_reasons
from builder.errors import Fault, InputFaults, SolsmithError, UnreadableInput, UsageError
from builder.files import write_all
from builder.package.archive import content_digest, dos_date, pack
from builder.package.opening import open_any, packed_package
from builder.package.reader import Package, read_members
from builder.solution.access_statement import AccessStatement, statement_path
from builder.solution.file_names import package_name
from builder.solution.overlay import Overlay
from builder.solution.overlaying import Overlaid, overlay_package
from builder.solution.releases import refuse_lower
from builder.validation.report import Report, Severity
from builder.validation.validate import validate_members


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A package that was made from another one and written, its content digest, and the files beside it: its access
    statement, if the base has one, and its checksum, if it was asked for."""

    path: Path
    digest: str
    overlaid: Overlaid
    statement: Path | None
    checksum: Path | None


def open_base(path: Path) -> Package:
    """Read a package that others are made from; raises UnreadableInput, and InputFaults where it does not validate."""
    package = open_any(path)
    if package.unpacked:
        packed, complete = packed_package(path)
        if not complete:
            raise UnreadableInput(
                f"{path}: a folder cannot be the base that does not hold all components that its manifest lists",
                "Name the zip, or change the folder with --into.",
            )
        package = read_members(str(path), packed.members)  # of both package types, the unmanaged one
    if faults := _faults(validate_members(str(path), package.members)):
        raise InputFaults(path, faults)
    return package


def rebuild(
    package: Package,
    overlay: Overlay,
    output: Output,
    *,
    statement: AccessStatement | None = None,
    allow_lower: bool = False,
) -> Rebuilt:
    """Apply an overlay to a base, and write the result under a name of its own; nothing is written unless it validates.

    Where the base has an access statement, the result gets one too: with its reasons, and those of the overlay.
    Raises InputFaults and UsageError; UsageError too where the result would take the place of the base or of anything
    else, or (but for `allow_lower`) fall behind a package that is in the folder already.
    """
    stated = with_reasons(package.roles, statement.roles) if statement else ()
    overlaid = overlay_package(package, overlay, stated=stated)
    if faults := _faults(validate_members(overlaid.unique_name, overlaid.members)):
        raise SolsmithError(
            f"the overlaid package would not validate: {faults[0].message}",
            "This is a fault of solsmith: please report it with the base and the overlay.",
        )
    if not allow_lower:
        refuse_lower(overlaid.version, output.folder, overlaid.unique_name)
    name = package_name(output.pattern, overlaid.unique_name, overlaid.version, managed=overlaid.managed)
    path = output.folder / name
    if path.exists() and path.resolve() == Path(package.source).resolve():
        raise UsageError(f"{path} is the base itself", "Choose another folder (-o) or version (--version).")
    refuse_foreign(path, overlaid.unique_name)
    digest = content_digest(overlaid.members)
    files = {path: pack(overlaid.members, dos_date(output.source_date_epoch))}
    beside, checksum = statement_path(path), checksum_path(path)
    if statement:
        files[beside] = _restated(statement, overlaid, digest).to_bytes()
    if output.sha256 or checksum.exists():
        files[checksum] = checksum_of(path, files[path])
    write_all(files)
    return Rebuilt(path, digest, overlaid, beside if beside in files else None, checksum if checksum in files else None)


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
