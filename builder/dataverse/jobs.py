"""Import jobs: how far they are, and what came of them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from builder.connection.http import Connection, member
from builder.dataverse.odata import literal, query

_COMPLETED, _SUCCEEDED = 3, 30
# What keeps another import from beginning: the messages of operations on solutions (docs; the first is recorded).
_SOLUTION_MESSAGES = ("ImportSolutionAsync", "StageAndUpgradeAsync", "DeleteAndPromoteAsync", "UninstallSolutionAsync")


@dataclass(frozen=True, slots=True)
class Operation:
    """A row of asyncoperations: `error_code` is a signed int32 or None; both messages may be empty."""

    done: bool
    succeeded: bool
    error_code: int | None
    message: str
    friendly_message: str


@dataclass(frozen=True, slots=True)
class ImportJob:
    """A row of importjobs: `percent` may end below 100 on success; `data` is XML, read on demand only."""

    percent: float
    completed: bool
    data: str


@dataclass(frozen=True, slots=True)
class ImportResult:
    """RetrieveSolutionImportResult's answer."""

    passed: bool
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """An operation on a solution that has not ended: what it is, and since when ("" before it began)."""

    id: str
    name: str
    started: str


def running(connection: Connection) -> tuple[Running, ...]:
    """Give the operations on solutions that have not ended."""
    messages = " or ".join(f"messagename eq {literal(name)}" for name in _SOLUTION_MESSAGES)
    columns = ("asyncoperationid", "messagename", "startedon")
    rows = connection.rows(
        query("asyncoperations", select=columns, where=f"statecode ne {_COMPLETED} and ({messages})")
    )
    return tuple(
        Running(
            str(member(row, "asyncoperationid")), str(row.get("messagename") or ""), str(row.get("startedon") or "")
        )
        for row in rows
    )


def operation(connection: Connection, operation_id: str) -> Operation | None:
    """Read an operation; None where the environment says that it has none of that id."""
    columns = ("statecode", "statuscode", "errorcode", "message", "friendlymessage", "completedon")
    row = connection.find(query(f"asyncoperations({operation_id})", select=columns))
    if row is None:
        return None
    code = row.get("errorcode")
    return Operation(
        done=row.get("statecode") == _COMPLETED or row.get("completedon") is not None,
        succeeded=row.get("statuscode") == _SUCCEEDED,
        error_code=code if isinstance(code, int) else None,
        message=str(row.get("message") or ""),
        friendly_message=str(row.get("friendlymessage") or ""),
    )


def import_job(connection: Connection, job_id: str, *, with_data: bool = False) -> ImportJob | None:
    """Read an import job, with its log where asked for; None where the environment has none of that id."""
    columns = ("progress", "completedon", *(("data",) if with_data else ()))
    row = connection.find(query(f"importjobs({job_id})", select=columns))
    if row is None:
        return None
    return ImportJob(
        percent=float(row.get("progress") or 0.0),
        completed=row.get("completedon") is not None,
        data=str(row.get("data") or ""),
    )


def import_result(connection: Connection, job_id: str) -> ImportResult:
    """Read what came of an import job that has ended."""
    answer = connection.get(f"RetrieveSolutionImportResult(ImportJobId={job_id})")
    result = member(answer, "SolutionOperationResult")
    return ImportResult(
        passed=result.get("Status") == "Passed",
        errors=_texts(result.get("ErrorMessages")),
        warnings=_texts(result.get("WarningMessages")),
    )


def _texts(messages: Iterable[object] | None) -> tuple[str, ...]:
    """Give messages as text; what an entry of them looks like is unconfirmed, so anything is taken."""
    return tuple(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in messages or ())
