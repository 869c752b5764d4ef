"""Imports as jobs: staged uploads, one import at a time, states that advance with time and with every poll.

A job waits, begins (its package is read and the import job's row appears), gets halfway, and is done. Each poll moves
it one step on, and so does each third of the configured time; nothing runs in the background, so the same requests
give the same answers.
"""

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault, coded, missing_row
from builder.sandbox.installation import ImportSettings, Installer
from builder.sandbox.joblog import Outcome, job_data
from builder.sandbox.package import Package, read_package
from builder.sandbox.records import Reference, Row, new_id, stamp

_WAITING, _BEGUN, _HALFWAY, _DONE = range(4)
_OPERATION_TYPE = 54


@dataclass(slots=True)
class Job:
    """One import."""

    id: str
    async_id: str
    content: bytes
    settings: ImportSettings
    user_id: str
    started: datetime
    polls: int = 0
    step: int = _WAITING
    package: Package | None = None
    outcome: Outcome | None = None


@dataclass(slots=True)
class ImportJobs:
    """The imports of an environment. `duration` is how long one takes without being polled."""

    environment: Environment
    duration: timedelta
    jobs: dict[str, Job] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)

    @property
    def installer(self) -> Installer:
        """The installer of the environment."""
        return Installer(self.environment)

    def stage(self, file: str) -> str:
        """Keep an upload for a later import; gives its id."""
        upload_id = new_id()
        self.uploads[upload_id] = decode_file(file)
        return upload_id

    def staged(self, upload_id: str) -> bytes:
        """Take a staged upload; raises 0x8004f066 for an id that is unknown or used up (recorded; its life is not)."""
        content = self.uploads.get(upload_id)
        if content is None:
            text = f"The stage solution upload with id {upload_id} was not found or has expired."
            raise WebApiFault(400, "0x8004f066", text)
        if self.environment.switches.stage_upload == "once":
            del self.uploads[upload_id]
        return content

    def check_free(self, job_id: str | None) -> None:
        """Refuse a job id used before and a second import at the same time (the HTTP status is unconfirmed)."""
        if job_id in self.jobs:
            raise coded("0x80071155", job_id)
        if any(job.step != _DONE for job in self.jobs.values()):
            raise coded("0x80071151")

    def start(self, job_id: str, content: bytes, settings: ImportSettings, user_id: str) -> Job:
        """Start an import; `check_free` has been asked before."""
        now = self.environment.clock()
        job = Job(job_id, new_id(), content, settings, user_id, now)
        self.jobs[job_id] = job
        self._add_operation(job)
        if self.environment.switches.import_job_row == "early":
            self._add_row(job)
        return job

    def finish(self, job: Job) -> Outcome:
        """Carry a job through at once, as the synchronous import does."""
        self._advance(job, _DONE)
        if job.outcome is None:
            raise missing_row("importjob", job.id)
        return job.outcome

    def settle(self) -> None:
        """Move jobs on to where time and polls have brought them."""
        now = self.environment.clock()
        for job in self.jobs.values():
            if job.step != _DONE:
                elapsed = _DONE if not self.duration else int((now - job.started) * _DONE / self.duration)
                self._advance(job, min(_DONE, max(elapsed, job.polls)))

    def polled(self) -> None:
        """Note that somebody asked how the jobs stand."""
        for job in self.jobs.values():
            job.polls += 1

    def outcome(self, job_id: str) -> Outcome:
        """How an import ended; raises 404 for an unknown one and refuses one that runs."""
        job = self.jobs.get(job_id)
        if job is None or self.environment.store.find("importjob", job_id) is None:
            raise missing_row("importjob", job_id)
        if job.outcome is None:
            raise WebApiFault(400, "0x80048033", f"The import job {job_id} is still running.")
        return job.outcome

    def _advance(self, job: Job, step: int) -> None:
        while job.step < step:
            job.step += 1
            if job.step == _BEGUN:
                self._begin(job)
            elif job.step == _HALFWAY:
                self.environment.store.change("importjob", job.id, {"progress": 50.0})
            else:
                self._carry_out(job)

    def _begin(self, job: Job) -> None:
        """Read the package; one that cannot be read fails before its import job has a row (seen in a public issue)."""
        self._change_operation(job, statecode=2, statuscode=20, startedon=self.environment.store.now())
        try:
            job.package = read_package(job.content)
        except WebApiFault as fault:
            self._end(job, fault)
            return
        job.content = b""
        self._add_row(job, job.package)

    def _carry_out(self, job: Job) -> None:
        package = job.package
        if package is None:
            raise TypeError("a job is carried out after its package was read")
        try:
            grants = self.installer.check(package, self.environment.principal(job.user_id))
        except WebApiFault as fault:
            self._end(job, fault)
            return
        solution = self.installer.install(package, grants, job.settings, job.user_id)
        self.environment.store.change("importjob", job.id, {"solutionid": solution["solutionid"]})
        self._end(job, None)

    def _end(self, job: Job, fault: WebApiFault | None) -> None:
        job.step = _DONE
        job.outcome = Outcome(job.started, self.environment.clock(), job.package, fault, 40.0 if fault else 100.0)
        self._end_operation(job, job.outcome)

    def _add_operation(self, job: Job) -> None:
        user = self.environment.store.get("systemuser", job.user_id)
        owner, moment = Reference("systemuser", job.user_id), stamp(job.started)
        values: Row = {
            "asyncoperationid": job.async_id,
            "name": "ImportSolution",
            "messagename": "ImportSolutionAsync",
            "operationtype": _OPERATION_TYPE,
            "statecode": 0,
            "statuscode": 0,
            "correlationid": new_id(),
            "correlationupdatedtime": moment,
            "expanderstarttime": moment,
            "sequence": len(self.jobs),
            "hostid": "sandbox",
            "dependencytoken": f"SolutionOperation_{{{self.environment.organization_id}}}",
            "ownerid": owner,
            "owninguser": owner,
            "owningbusinessunit": user["businessunitid"],
        }
        self.environment.store.add("asyncoperation", values, job.user_id)

    def _change_operation(self, job: Job, **values: Any) -> None:
        self.environment.store.change("asyncoperation", job.async_id, values, job.user_id)

    def _end_operation(self, job: Job, outcome: Outcome) -> None:
        now, fault = self.environment.store.now(), outcome.fault
        ended: Row = {"statecode": 3, "statuscode": 31 if fault else 30, "completedon": now}
        ended["executiontimespan"] = (outcome.ended - outcome.started).total_seconds()
        if fault:
            ended.update(errorcode=fault.signed, message=fault.message, friendlymessage=fault.message)
        self._change_operation(job, **ended)
        if self.environment.store.find("importjob", job.id):
            changes = {"completedon": now, "progress": outcome.progress, "data": job_data(outcome)}
            self.environment.store.change("importjob", job.id, changes)

    def _add_row(self, job: Job, package: Package | None = None) -> None:
        values = {"importjobid": job.id, "startedon": self.environment.store.now(), "progress": 0.0}
        named = {"solutionname": package.unique_name, "name": "Customizations"} if package else {}
        if self.environment.store.find("importjob", job.id):
            self.environment.store.change("importjob", job.id, named)
        else:
            self.environment.store.add("importjob", {**values, **named}, job.user_id)


def decode_file(file: str) -> bytes:
    """Read a base64 file; raises the Web API's answer to a body that cannot be read."""
    try:
        return base64.b64decode(file, validate=True)
    except (binascii.Error, ValueError):
        text = "Cannot convert the value of CustomizationFile to the expected type 'Edm.Binary'."
        raise WebApiFault(400, "0x80048d19", text) from None
