"""Importing a package: look first, have it staged, start once, follow the job, and believe only its result."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from builder.connection.http import Connection, unsettled
from builder.dataverse import jobs, solutions
from builder.deployment import explain
from builder.deployment.candidate import Candidate
from builder.deployment.explain import Problem
from builder.deployment.waiting import pauses, until
from builder.errors import OutcomeUnknown, Refused, Unreachable

_SETTLING = 60.0  # seconds in which a job that was just begun may not show yet
_MOMENTS = {403, 404}
_LOCKED = 600.0  # seconds for which another import's lock is waited for
_OTHER_IMPORT = frozenset({"0x80071151", "0x80071154", "0x80048543"})
_JOB_ID_USED = "0x80071155"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: `percent` None before the job runs; `job_id` "" before it may have begun."""

    stage: str
    percent: float | None = None
    job_id: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """An import that succeeded."""

    job_id: str
    warnings: tuple[Problem, ...]


class ImportFailed(Refused):
    """The environment checked a package, or tried to import it, and said no: every problem it named."""

    def __init__(self, message: str, problems: Iterable[Problem], hint: str = "") -> None:
        self.problems = tuple(problems)
        code = next((problem.code for problem in self.problems if problem.code), "")
        super().__init__(message, hint, code=code)


def carry_out(
    connection: Connection,
    package: Candidate,
    report: Callable[[Progress], None] = lambda _: None,
    *,
    upgrade: bool = False,
    overwrite: bool = False,
    limit: float = 3600.0,
) -> Imported:
    """Stage a package, import it and wait for its end, `limit` seconds at most.

    `report` is told of each step, of the job's id before it may have begun, and of its progress. Raises ImportFailed
    with all that the environment named; OutcomeUnknown, with the job's id, where the end was not seen.
    """
    report(Progress("check"))
    staged = solutions.stage(connection, package.content)
    found = explain.of_stage(staged)
    if not staged.passed or explain.errors(found):
        raise ImportFailed(
            f"{connection.origin} checked {package.label} and refused it; nothing was installed",
            found or (Problem("", "", "the check failed without a reason"),),
        )
    job_id = str(uuid.uuid4())
    report(Progress("start", job_id=job_id))
    start = partial(solutions.start_import, connection, staged.upload_id, job_id, upgrade=upgrade, overwrite=overwrite)
    operation_id = _start(connection, start, job_id, package.label, partial(report, Progress("wait", job_id=job_id)))
    return _follow(_Following(connection, package.label, job_id, operation_id, report, limit), found)


def resume(
    connection: Connection,
    job_id: str,
    report: Callable[[Progress], None] = lambda _: None,
    *,
    label: str = "the package",
    limit: float = 3600.0,
) -> Imported:
    """Follow an import job that was begun before, by its id; nothing is ever started. Raises as carry_out does."""
    return _follow(_Following(connection, label, job_id, "", report, limit), ())


def _follow(following: "_Following", staged: tuple[Problem, ...]) -> Imported:
    try:
        return following.to_the_end(staged)
    except ImportFailed:
        raise
    except (Refused, Unreachable) as error:
        why = f"the job was begun, and then: {error.message}"
        raise _unknown(following.label, following.job_id, why) from error


def _start(connection: Connection, start: Callable[[], str], job_id: str, label: str, waits: Callable[[], None]) -> str:
    """Start the job once; gives the operation's id, "" where the answer was lost and the job is there.

    Where another import holds the lock, the start was refused and is asked for again under the same job id.
    """
    for pause in (*pauses(_LOCKED, first=2.0, longest=30.0), None):
        try:
            return start()
        except (Refused, Unreachable) as error:
            locked = isinstance(error, Refused) and error.code in _OTHER_IMPORT and pause is not None
            if not (locked or unsettled(error) or getattr(error, "code", "") == _JOB_ID_USED):
                raise
            lost = error
        if not locked or pause is None:
            break
        waits()
        connection.sleep(pause)
    try:
        job = until(connection, lambda: jobs.import_job(connection, job_id), limit=_SETTLING)
    except (Refused, Unreachable) as error:
        raise _unknown(
            label, job_id, f"the answer to its start was lost ({lost.message}), and then: {error.message}"
        ) from error
    if job is None:
        raise _unknown(label, job_id, f"the answer to its start was lost ({lost.message}), and no job shows") from lost
    return ""


def _unknown(label: str, job_id: str, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"whether {label} was imported is unknown: {why}",
        f"look again with `solsmith import --resume {job_id}`, or in the environment (Solutions, See history), before "
        "importing again",
    )


@dataclass(slots=True)
class _Following:
    """A job that was begun. Without an operation's id, the import job's own end is waited for."""

    connection: Connection
    label: str
    job_id: str
    operation_id: str
    report: Callable[[Progress], None]
    limit: float
    percent: float = 0.0

    def to_the_end(self, staged: tuple[Problem, ...]) -> Imported:
        """Wait for the end, and give the warnings; raises ImportFailed and OutcomeUnknown."""
        operation = self._wait()
        job = jobs.import_job(self.connection, self.job_id, with_data=True)
        logged = explain.of_job_data(job.data) if job else ()
        failures = list(explain.errors(logged))
        if operation is not None and not operation.succeeded:
            failures = failures or list(explain.of_operation(operation)) or [Problem("", "", "no reason was given")]
        result = None if failures else jobs.import_result(self.connection, self.job_id)
        if result is not None and not result.passed:
            failures = [Problem("", "", text) for text in result.errors] or [Problem("", "", "no reason was given")]
        if failures:
            raise ImportFailed(
                f"the import of {self.label} into {self.connection.origin} failed (job {self.job_id})", failures
            )
        self.report(Progress("done", 100.0, self.job_id))
        said = [Problem("", "", text, "warning") for text in result.warnings] if result else []
        return Imported(self.job_id, (*staged, *logged, *said))

    def _wait(self) -> jobs.Operation | None:
        spent = 0.0
        for pause in pauses(self.limit):
            operation, ended = self._look(settling=spent <= _SETTLING)
            if ended:
                return operation
            self.connection.sleep(pause)
            spent += pause
        raise _unknown(self.label, self.job_id, f"the job has not ended after {spent:.0f} s, and goes on")

    def _look(self, *, settling: bool) -> tuple[jobs.Operation | None, bool]:
        """Look once: the operation where it has an id, and whether the job has ended."""
        try:
            operation = jobs.operation(self.connection, self.operation_id) if self.operation_id else None
            if operation is not None and operation.done:
                return operation, True
            job = jobs.import_job(self.connection, self.job_id)
        except Refused as refused:
            if settling and refused.status in _MOMENTS:
                return None, False
            raise
        if operation is None and job is None and not settling:
            raise _unknown(self.label, self.job_id, "the environment shows neither the job nor its operation")
        self.percent = max(self.percent, job.percent if job else 0.0)
        self.report(Progress("import", min(self.percent, 100.0), self.job_id))
        return operation, bool(job and job.completed and operation is None and not (self.operation_id and settling))
