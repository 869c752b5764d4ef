"""Solution -> a package on disk."""

from dataclasses import dataclass
from pathlib import Path

from builder.errors import SolsmithError
from builder.files import write_whole
from builder.model import Solution
from builder.package.archive import content_digest, dos_date, pack
from builder.package.render import render
from builder.validation.report import Severity
from builder.validation.validate import validate_members


@dataclass(frozen=True, slots=True)
class Built:
    """A package that was written, and its content digest."""

    path: Path
    digest: str


def build_solution(solution: Solution, folder: Path, *, source_date_epoch: str | None = None) -> Built:
    """Render, validate, pack and write a solution's package; nothing is written unless it validates."""
    members = render(solution)
    report = validate_members(solution.unique_name, members)
    if errors := [finding for finding in report.findings if finding.severity is Severity.ERROR]:
        raise SolsmithError(
            f"the package of {solution.unique_name} would not validate: {errors[0].message}",
            "This is a fault of solsmith: please report it with the spec.",
        )
    path = folder / file_name(solution)
    write_whole(path, pack(members, dos_date(source_date_epoch)))
    return Built(path, content_digest(members))


def file_name(solution: Solution) -> str:
    """Name a package's file as Dataverse names its exports: `Name_1_0_0_0_managed.zip`."""
    version = str(solution.version).replace(".", "_")
    return f"{solution.unique_name}_{version}{'_managed' if solution.managed else ''}.zip"
