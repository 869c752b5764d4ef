"""Solutions: which are installed, checking one, and starting an import."""

from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import quote

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
    return with_holding(connection, unique_name, holding=False)[0]


def with_holding(
    connection: Connection, unique_name: str, *, holding: bool = True
) -> tuple[InstalledSolution | None, InstalledSolution | None]:
    """Find an installed solution, and what an unfinished upgrade left beside it (`NAME_Upgrade`)."""
    where = f"uniquename eq {literal(unique_name)}"
    if holding:
        where += f" or uniquename eq {literal(f'{unique_name}_Upgrade')}"
    path = query(
        "solutions",
        select=("solutionid", "uniquename", "version", "ismanaged"),
        where=where,
        expand="publisherid($select=uniquename)",
    )
    own: InstalledSolution | None = None
    left: InstalledSolution | None = None
    for row in connection.rows(path):
        found = _installed(row)
        if holding and found.unique_name.lower() == f"{unique_name}_Upgrade".lower():
            left = left or found
        else:
            own = own or found
    return own, left


def _installed(row: Row) -> InstalledSolution:
    return InstalledSolution(
        id=str(member(row, "solutionid")),
        unique_name=str(member(row, "uniquename")),
        version=_version(str(member(row, "version"))),
        managed=bool(member(row, "ismanaged")),
        publisher=str((row.get("publisherid") or {}).get("uniquename") or ""),
    )


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


def start_import(
    connection: Connection, upload_id: str, job_id: str, *, upgrade: bool = False, overwrite: bool = False
) -> str:
    """Start the import of a staged package under the caller's own job id, and give the operation's id.

    Never repeated by itself: whether it began is looked up by `job_id`. `upgrade` removes what the new version lacks;
    `overwrite` undoes what was changed by hand, which stays otherwise.
    """
    answer = connection.send(
        "POST",
        "StageAndUpgradeAsync" if upgrade else "ImportSolutionAsync",
        body={
            "OverwriteUnmanagedCustomizations": overwrite,
            "PublishWorkflows": False,
            "ImportJobId": job_id,
            "SolutionParameters": {"StageSolutionUploadId": upload_id},
        },
    )
    return str(member(answer.body, "AsyncOperationId"))


def roles_of(connection: Connection, solution_id: str) -> tuple[str, ...]:
    """Give the ids of the roles that are components of a solution."""
    where = f"_solutionid_value eq {solution_id} and componenttype eq {_ROLE}"
    rows = connection.rows(query("solutioncomponents", select=("objectid",), where=where))
    return tuple(str(member(row, "objectid")).lower() for row in rows)


def dependents(connection: Connection, unique_name: str) -> tuple[Row, ...] | None:
    """Give what stands in the way of an uninstall (docs); None where the environment does not tell."""
    path = f"RetrieveDependenciesForUninstall(SolutionUniqueName=@name)?@name={quote(literal(unique_name))}"
    try:
        return tuple(connection.rows(path))
    except Refused as refused:
        if refused.status in (404, 501):
            return None
        raise


def uninstall(connection: Connection, solution_id: str) -> None:
    """Remove a solution; of a managed one the components and their data go too."""
    try:
        connection.send("DELETE", f"solutions({solution_id})")
    except Refused as refused:
        if refused.status != 404 or not refused.code:
            raise


_ROLE = 20
