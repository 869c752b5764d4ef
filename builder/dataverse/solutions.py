"""Solutions: which are installed, checking one, and starting an import."""

from base64 import b64encode
from dataclasses import dataclass

from builder.connection.http import Connection, Row, member
from builder.dataverse.odata import literal, query
from builder.errors import Refused
from builder.model import Version


@dataclass(frozen=True, slots=True)
class InstalledSolution:
    """A solution as the environment has it; `id` is the environment's own and changes with a new installation."""

    id: str
    unique_name: str
    version: Version
    managed: bool
    publisher: str


@dataclass(frozen=True, slots=True)
class Staged:
    """StageSolution's answer: results and dependencies are as the Web API gives them (docs, recorded)."""

    passed: bool
    upload_id: str
    results: tuple[Row, ...]
    missing_dependencies: tuple[Row, ...]


def installed(connection: Connection, unique_name: str) -> InstalledSolution | None:
    """Find an installed solution; None where the environment has none of that name."""
    path = query(
        "solutions",
        select=("solutionid", "uniquename", "version", "ismanaged"),
        where=f"uniquename eq {literal(unique_name)}",
        expand="publisherid($select=uniquename)",
    )
    for row in connection.rows(path):
        return InstalledSolution(
            id=str(member(row, "solutionid")),
            unique_name=str(member(row, "uniquename")),
            version=_version(str(member(row, "version"))),
            managed=bool(member(row, "ismanaged")),
            publisher=str((row.get("publisherid") or {}).get("uniquename") or ""),
        )
    return None


def _version(text: str) -> Version:
    try:
        return Version.parse(text)
    except ValueError:
        raise Refused(f"the environment names a version that is none: {text}") from None


def stage(connection: Connection, package: bytes) -> Staged:
    """Upload a package and have it checked; nothing is installed. The answer is 200 even where it failed (recorded)."""
    answer = connection.send("POST", "StageSolution", body={"CustomizationFile": b64encode(package).decode("ascii")})
    results: Row = member(answer.body, "StageSolutionResults")
    return Staged(
        passed=results.get("StageSolutionStatus") == "Passed",
        upload_id=str(results.get("StageSolutionUploadId") or ""),
        results=tuple(results.get("SolutionValidationResults") or ()),
        missing_dependencies=tuple(results.get("MissingDependencies") or ()),
    )


def start_import(connection: Connection, upload_id: str, job_id: str) -> str:
    """Start the import of a staged package under the caller's own job id, and give the operation's id.

    Never repeated by itself: whether it began is looked up by `job_id`. What a customer changed by hand stays.
    """
    answer = connection.send(
        "POST",
        "ImportSolutionAsync",
        body={
            "OverwriteUnmanagedCustomizations": False,
            "PublishWorkflows": False,
            "ImportJobId": job_id,
            "SolutionParameters": {"StageSolutionUploadId": upload_id},
        },
    )
    return str(member(answer.body, "AsyncOperationId"))
