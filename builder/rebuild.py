"""A package and an overlay -> a package on disk."""

from dataclasses import dataclass
from pathlib import Path

from builder.errors import Fault, InputFaults, SolsmithError, UnreadableInput, UsageError
from builder.files import write_whole
from builder.package.archive import content_digest, dos_date, pack
from builder.package.opening import open_any
from builder.package.reader import Package
from builder.solution.overlay import Overlay
from builder.solution.overlaying import Overlaid, overlay_package
from builder.validation.report import Report, Severity
from builder.validation.validate import validate_members


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A package that was made from another one and written, and its content digest."""

    path: Path
    digest: str
    overlaid: Overlaid


def open_base(path: Path) -> Package:
    """Read a package that others are made from; raises UnreadableInput, and InputFaults where it does not validate."""
    package = open_any(path)
    if package.unpacked:
        raise UnreadableInput(f"{path}: a folder cannot be the base", "Pack it first, or change it with --into.")
    if faults := _faults(validate_members(str(path), package.members)):
        raise InputFaults(path, faults)
    return package


def rebuild(
    package: Package, overlay: Overlay, folder: Path, *, name: str = "", source_date_epoch: str | None = None
) -> Rebuilt:
    """Apply an overlay to a base, and write the result under a name of its own; nothing is written unless it validates.

    Raises InputFaults and UsageError; UsageError too where the result would take the base's place.
    """
    overlaid = overlay_package(package, overlay)
    if faults := _faults(validate_members(overlaid.unique_name, overlaid.members)):
        raise SolsmithError(
            f"the overlaid package would not validate: {faults[0].message}",
            "This is a fault of solsmith: please report it with the base and the overlay.",
        )
    path = folder / (name or file_name(overlaid))
    if path.exists() and path.resolve() == Path(package.source).resolve():
        raise UsageError(f"{path} is the base itself", "Choose another folder (-o) or version (--version).")
    write_whole(path, pack(overlaid.members, dos_date(source_date_epoch)))
    return Rebuilt(path, content_digest(overlaid.members), overlaid)


def file_name(overlaid: Overlaid) -> str:
    """Name the result as Dataverse names its exports: `Name_1_0_0_1_managed.zip`."""
    version = str(overlaid.version).replace(".", "_")
    return f"{overlaid.unique_name}_{version}{'_managed' if overlaid.managed else ''}.zip"


def _faults(report: Report) -> list[Fault]:
    return [
        Fault(f"{finding.rule}: {finding.message}", finding.member, finding.line, finding.hint)
        for finding in report.findings
        if finding.severity is Severity.ERROR
    ]
