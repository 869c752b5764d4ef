"""What is done to solutions as jobs: one change at a time, states that advance with time and with every poll.

A job waits, begins (its package is read and the import job's row appears), gets halfway, and is done. Each poll moves
it one step on, and so does each third of the configured time; nothing runs in the background, so the same requests
give the same answers.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from builder.sandbox.checks import ImportSettings
from builder.sandbox.environment import Environment
from builder.sandbox.export import export_solution
from builder.sandbox.faults import WebApiFault, coded, missing_row
from builder.sandbox.installation import Installer
from builder.sandbox.joblog import Outcome, job_data
from builder.sandbox.package import Package, read_package
from builder.sandbox.records import Reference, Row, new_id, stamp
from builder.sandbox.removal import Remover
from builder.sandbox.uploads import Uploads

_WAITING, _BEGUN, _HALFWAY, _DONE = range(4)
# Action -> message, and the operation's type: of the import recorded, of the others documented.
_ACTIONS = {
    "import": ("ImportSolution", 54),
    "upgrade": ("StageAndUpgrade", 211),
    "promote": ("DeleteAndPromote", 207),
    "export": ("ExportSolution", 202),
    "uninstall": ("UninstallSolution", 208),
}


@dataclass(slots=True)
class Job:
    """One job: an import or upgrade of `content`, or what `action` says about the solution `name`. `result` is an
    export's zip.
    """

    id: str
    async_id: str
    content: bytes
    settings: ImportSettings
    user_id: str
    started: datetime
    action: str = "import"
    name: str = ""
    result: bytes = b""
    polls: int = 0
    step: int = _WAITING
    package: Package | None = None
    outcome: Outcome | None = None

    @property
    def imports(self) -> bool:
        """Whether it brings a package, and has an import job's row."""
        return self.action in ("import", "upgrade")


@dataclass(slots=True)
class ImportJobs:
    """The jobs of an environment. `duration` is how long one takes without being polled."""

    environment: Environment
    duration: timedelta
    stage_lifetime: timedelta = timedelta(hours=1)
    jobs: dict[str, Job] = field(default_factory=dict)
    uploads: Uploads = field(init=False)

    def __post_init__(self) -> None:
        self.uploads = Uploads(self.environment.clock, self.stage_lifetime)

    @property
    def installer(self) -> Installer:
        """The installer of the environment."""
        return Installer(self.environment)

    def check_free(self, job_id: str | None) -> None:
        """Refuse a job id used before, and a second change at the same time (the HTTP status is unconfirmed)."""
        if job_id in self.jobs:
            raise coded("0x80071155", job_id)
        if any(job.step != _DONE and job.action != "export" for job in self.jobs.values()):
            raise coded("0x80071151")

    def start(self, job_id: str, content: bytes, settings: ImportSettings, user_id: str) -> Job:
        """Start an import; `check_free` has been asked before."""
        now = self.environment.clock()
        action = "upgrade" if settings.upgrade else "import"
        job = Job(job_id, new_id(), content, settings, user_id, now, action)
        self.jobs[job_id] = job
        self._add_operation(job)
        if self.environment.switches.import_job_row == "early":
            self._add_row(job)
        return job

    def start_other(self, action: str, name: str, user_id: str, *, managed: bool = False) -> Job:
        """Start a promotion, an export or an uninstall of a solution; `managed` is for exports."""
        settings = ImportSettings(upgrade=managed)
        job = Job(new_id(), new_id(), b"", settings, user_id, self.environment.clock(), action, name)
        self.jobs[job.id] = job
        self._add_operation(job)
        return job

    def exported(self, job_id: str) -> bytes:
        """The zip of an export that has ended; raises 404 for none, and refuses one that runs or failed."""
        job = self.jobs.get(job_id)
        if job is None or job.action != "export":
            raise missing_row("exportsolutionupload", job_id)
        if job.outcome is None or job.outcome.fault:
            raise job.outcome.fault if job.outcome and job.outcome.fault else coded("0x80048035")
        return job.result

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
            elif job.step == _HALFWAY and job.imports:
                self.environment.store.change("importjob", job.id, {"progress": 50.0})
            elif job.step == _DONE:
                self._carry_out(job)

    def _begin(self, job: Job) -> None:
        """Read the package; one that cannot be read fails before its import job has a row (seen in a public issue)."""
        self._change_operation(job, statecode=2, statuscode=20, startedon=self.environment.store.now())
        if not job.imports:
            return
        try:
            job.package = read_package(job.content)
        except WebApiFault as fault:
            self._end(job, fault)
            return
        self._add_row(job, job.package)

    def _carry_out(self, job: Job) -> None:
        try:
            self._import(job) if job.imports else self._do_other(job)
        except WebApiFault as fault:
            self._end(job, fault)
        else:
            self._end(job, None)
        job.content = b""

    def _import(self, job: Job) -> None:
        package, installer = job.package, self.installer
        if package is None:
            raise TypeError("a job is carried out after its package was read")
        grants = installer.check(package, self.environment.principal(job.user_id), job.settings)
        solution = installer.install(package, grants, job.settings, job.user_id, job.content)
        self.environment.store.change("importjob", job.id, {"solutionid": solution["solutionid"]})

    def _do_other(self, job: Job) -> None:
        if job.action == "promote":
            self.installer.promote(job.name, job.user_id)
            return
        remover = Remover(self.environment)
        solution = remover.by_name(job.name)
        if job.action == "export":
            job.result = export_solution(self.environment, solution, job.settings.upgrade)
        else:
            remover.uninstall(solution["solutionid"])

    def _end(self, job: Job, fault: WebApiFault | None) -> None:
        job.step = _DONE
        job.outcome = Outcome(job.started, self.environment.clock(), job.package, fault, 40.0 if fault else 100.0)
        self._end_operation(job, job.outcome)

    def _add_operation(self, job: Job) -> None:
        user = self.environment.store.get("systemuser", job.user_id)
        owner, moment = Reference("systemuser", job.user_id), stamp(job.started)
        message, operation_type = _ACTIONS[job.action]
        values: Row = {
            "asyncoperationid": job.async_id,
            "name": message,
            "messagename": f"{message}Async",
            "operationtype": operation_type,
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
        if job.imports and self.environment.store.find("importjob", job.id):
            changes = {"completedon": now, "progress": outcome.progress, "data": job_data(outcome)}
            self.environment.store.change("importjob", job.id, changes)

    def _add_row(self, job: Job, package: Package | None = None) -> None:
        values = {"importjobid": job.id, "startedon": self.environment.store.now(), "progress": 0.0}
        named = {"solutionname": package.unique_name, "name": "Customizations"} if package else {}
        if self.environment.store.find("importjob", job.id):
            self.environment.store.change("importjob", job.id, named)
        else:
            self.environment.store.add("importjob", {**values, **named}, job.user_id)
