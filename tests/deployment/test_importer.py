"""Importing when things go wrong: what may have begun is looked up, and never begun twice."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from builder.connection.http import API
from builder.deployment import importer
from builder.deployment.candidate import Candidate
from builder.deployment.importer import ImportFailed, Progress
from builder.errors import OutcomeUnknown, Refused
from builder.model import Version
from tests.fake_api import FakeApi, Scripted, ok, refusal

PACKAGE = Candidate(b"zip", "Sync", Version.parse("1.0.1.365"), managed=True)
OPERATION = "310799b8-dc6c-ee11-9ae7-000d3aaae21d"
FAILURE = '<a><x id="r"><result result="failure" errorcode="0x8004140B" errortext="depth"/></x></a>'
PASSED = {"SolutionOperationResult": {"Status": "Passed", "WarningMessages": [], "ErrorMessages": []}}


def staging(status: str = "Passed", results: tuple[dict[str, Any], ...] = ()) -> httpx.Response:
    upload = "b3963d4b-dc6c-ee11-9ae7-000d3aaae21d"
    body = {"StageSolutionStatus": status, "StageSolutionUploadId": upload, "SolutionValidationResults": list(results)}
    return ok({"StageSolutionResults": body})


def operation(state: int = 3, status: int = 30, **more: Any) -> httpx.Response:
    ended = "2026-01-01T00:00:00Z" if state == 3 else None
    return ok({"statecode": state, "statuscode": status, "completedon": ended, **more})


def job(percent: float = 100.0, *, ended: bool = True, data: str | None = None) -> httpx.Response:
    return ok({"progress": percent, "completedon": "2026-01-01T00:00:00Z" if ended else None, "data": data})


class Server(FakeApi):
    """A scripted environment; the import job's id is known only once the client has made it."""

    def __init__(self) -> None:
        super().__init__()
        self.job_script: list[Scripted] = [job()]
        self.result: Scripted = ok(PASSED)
        self.on("POST StageSolution", staging())
        self.begins(ok({"ImportJobKey": "x", "AsyncOperationId": OPERATION}))
        self.on(f"GET asyncoperations({OPERATION})", operation())

    def begins(self, answer: Scripted) -> None:
        def begin(request: httpx.Request) -> httpx.Response:
            job_id = json.loads(request.content)["ImportJobId"]
            self.on(f"GET importjobs({job_id})", *self.job_script)
            self.on(f"GET RetrieveSolutionImportResult(ImportJobId={job_id})", self.result)
            if isinstance(answer, Exception):
                raise answer
            return answer if isinstance(answer, httpx.Response) else answer(request)

        self.on("POST ImportSolutionAsync", begin)

    def run(self, report: Callable[[Progress], None] = lambda _: None) -> importer.Imported:
        with self.connection() as connection:
            return importer.carry_out(connection, PACKAGE, report)

    def starts(self) -> int:
        return self.calls().count("POST ImportSolutionAsync")


def test_an_import_reports_how_far_it_is_and_what_its_job_is_before_it_begins() -> None:
    server, told = Server(), list[Progress]()
    running = operation(0, 20)
    server.on(f"GET asyncoperations({OPERATION})", running, running, operation())
    server.job_script = [job(12.5, ended=False), job(60, ended=False), job(data="<a/>")]
    imported = server.run(told.append)
    assert [(one.stage, one.percent) for one in told] == [
        ("check", None), ("start", None), ("import", 12.5), ("import", 60.0), ("done", 100.0),
    ]  # fmt: skip
    assert told[1].job_id == imported.job_id and imported.warnings == ()


def test_a_staging_that_failed_with_200_starts_nothing_and_tells_every_result() -> None:
    server = Server()
    results = (
        {"SolutionValidationResultType": "Error", "Message": "bad zip", "ErrorCode": -2147188640},
        {"SolutionValidationResultType": "Warning", "Message": "odd publisher", "ErrorCode": 0},
    )
    server.on("POST StageSolution", staging("Failed", results))
    with pytest.raises(ImportFailed) as caught:
        server.run()
    assert [problem.text for problem in caught.value.problems] == ["bad zip", "odd publisher"]
    assert caught.value.code == "0x80048060" and server.starts() == 0


def test_a_staging_that_failed_without_a_reason_is_a_failure_too() -> None:
    server = Server()
    server.on("POST StageSolution", staging("Failed"))
    with pytest.raises(ImportFailed):
        server.run()


@pytest.mark.parametrize(
    "lost", [httpx.ReadTimeout("slow"), refusal(502), refusal(500), httpx.Response(200, text="<p>")]
)
def test_a_lost_answer_is_looked_up_by_the_job_and_the_import_is_begun_once(lost: Scripted) -> None:
    server = Server()
    late = refusal(404, "0x80040217")
    server.job_script = [late, late, job(5, ended=False), job(50, ended=False), job(data="<a/>")]
    server.begins(lost)
    assert server.run().job_id and server.starts() == 1


def test_a_lost_answer_of_a_failed_import_is_a_failure() -> None:
    server = Server()
    server.job_script = [job(data=FAILURE)]
    server.begins(httpx.ReadTimeout("slow"))
    with pytest.raises(ImportFailed, match="failed"):
        server.run()


@pytest.mark.parametrize("look", [refusal(404, "0x80040217"), refusal(403, "0x80040220"), httpx.ConnectError("gone")])
def test_what_no_look_up_settles_is_unknown_and_names_the_job(look: Scripted) -> None:
    server, told = Server(), list[Progress]()
    server.job_script = [look]
    server.begins(httpx.ReadTimeout("slow"))
    with pytest.raises(OutcomeUnknown) as caught:
        server.run(told.append)
    assert told[-1].job_id and told[-1].job_id in caught.value.hint and server.starts() == 1


def test_a_start_that_was_refused_is_refused_and_not_looked_up() -> None:
    server = Server()
    server.begins(refusal(403, "0x80048018", "no privilege"))
    with pytest.raises(Refused) as caught:
        server.run()
    assert caught.value.status == 403 and "importjobs" not in "".join(server.calls())


def test_a_start_that_never_left_is_no_unknown_outcome() -> None:
    server = Server()
    server.begins(httpx.ConnectError("refused"))
    with pytest.raises(Exception, match="no connection") as caught:
        server.run()
    assert not isinstance(caught.value, OutcomeUnknown)


@pytest.mark.parametrize("early", [refusal(404, "0x80040217"), refusal(403, "0x80040220"), refusal(404, "0x80060888")])
def test_a_job_that_does_not_show_at_first_is_waited_for(early: httpx.Response) -> None:
    server = Server()
    server.on(f"GET asyncoperations({OPERATION})", early, early, operation())
    server.job_script = [refusal(404, "0x80040217"), job(data="<a/>")]
    server.run()


def test_a_job_that_stays_away_is_unknown() -> None:
    server = Server()
    server.on(f"GET asyncoperations({OPERATION})", refusal(404, "0x80040217"))
    server.job_script = [refusal(404, "0x80040217")]
    with pytest.raises(OutcomeUnknown, match="neither the job nor its operation"):
        server.run()


def test_a_line_that_breaks_while_the_job_runs_leaves_it_unknown_and_names_it() -> None:
    server = Server()
    server.on(f"GET asyncoperations({OPERATION})", operation(0, 20), httpx.ReadError("gone"))
    server.job_script = [job(10, ended=False)]
    with pytest.raises(OutcomeUnknown, match="was begun"):
        server.run()


def test_a_job_that_does_not_end_in_time_is_unknown() -> None:
    server = Server()
    server.on(f"GET asyncoperations({OPERATION})", operation(0, 20))
    server.job_script = [job(10, ended=False)]
    with server.connection() as connection, pytest.raises(OutcomeUnknown, match="goes on"):
        importer.carry_out(connection, PACKAGE, limit=30)
    assert sum(server.slept) <= 30


@pytest.mark.parametrize(
    ("end", "data", "result", "told"),
    [
        (operation(3, 31, errorcode=-2147188707, message="missing"), None, PASSED, "0x8004801d"),
        (operation(3, 31), None, PASSED, "no reason"),
        (operation(3, 32), FAILURE, PASSED, "depth"),
        (operation(), FAILURE, PASSED, "0x8004140b"),
        (operation(), "<a/>", {"SolutionOperationResult": {"Status": "Failed", "ErrorMessages": ["role"]}}, "role"),
        (operation(), None, {"SolutionOperationResult": {"Status": "Failed"}}, "no reason"),
    ],
)
def test_only_a_job_that_succeeded_in_every_way_is_a_success(
    end: httpx.Response, data: str | None, result: dict[str, Any], told: str
) -> None:
    server = Server()
    server.on(f"GET asyncoperations({OPERATION})", end)
    server.job_script, server.result = [job(99, data=data)], ok(result)
    with pytest.raises(ImportFailed) as caught:
        server.run()
    assert told in "".join(map(str, caught.value.problems)) and caught.value.exit_code == 3


def test_a_success_may_stop_short_of_a_hundred_percent_and_its_warnings_are_kept() -> None:
    server = Server()
    server.job_script = [job(98.99, data='<a><result result="warning" errorcode="0" errortext="mind"/></a>')]
    server.result = ok(
        {"SolutionOperationResult": {"Status": "Passed", "WarningMessages": ["again", {"Message": "x"}]}}
    )
    assert [problem.text for problem in server.run().warnings] == ["mind", "again", '{"Message": "x"}']


def test_an_interrupt_while_the_job_runs_passes_through() -> None:
    server, told = Server(), list[Progress]()
    server.on(f"GET asyncoperations({OPERATION})", operation(0, 20))
    server.job_script = [job(10, ended=False)]

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with server.connection() as connection, pytest.raises(KeyboardInterrupt):
        connection.sleep = interrupt
        importer.carry_out(connection, PACKAGE, told.append)
    assert told[-1].job_id and server.requests[-1].url.path.startswith(API)


def test_another_imports_lock_is_waited_for_under_the_same_job_id() -> None:
    server, told = Server(), list[Progress]()
    ids: list[str] = []
    answers = [refusal(400, "0x80071151"), refusal(400, "0x80048543"), ok({"AsyncOperationId": OPERATION})]

    def begin(request: httpx.Request) -> httpx.Response:
        ids.append(json.loads(request.content)["ImportJobId"])
        return answers.pop(0)

    server.begins(begin)
    script = server.scripts["POST ImportSolutionAsync"]
    server.on("POST ImportSolutionAsync", *script * 3)
    assert server.run(told.append).job_id == ids[0] and len(set(ids)) == 1 and len(ids) == 3
    assert [one.stage for one in told].count("wait") == 2


def test_a_lock_that_stays_is_told_and_nothing_was_begun() -> None:
    server = Server()
    server.begins(refusal(400, "0x80071151", "another import runs"))
    with pytest.raises(Refused, match="another import runs") as caught:
        server.run()
    assert not isinstance(caught.value, OutcomeUnknown)


def test_a_job_id_that_is_used_means_that_it_was_begun() -> None:
    server = Server()
    server.begins(refusal(400, "0x80071155", "job id in use"))
    assert server.run().job_id and server.starts() == 1


def test_an_upgrade_says_so_and_overwriting_only_where_it_is_asked_for() -> None:
    bodies: list[Any] = []
    for upgrade, overwrite in ((True, False), (False, True)):
        server = Server()
        server.begins(ok({"AsyncOperationId": OPERATION}))
        begin = server.scripts["POST ImportSolutionAsync"][0]

        def note(request: httpx.Request, begin: Any = begin) -> httpx.Response:
            bodies.append((request.url.path.rsplit("/", 1)[-1], json.loads(request.content)))
            answer: httpx.Response = begin(request)
            return answer

        server.on("POST ImportSolutionAsync", note).on("POST StageAndUpgradeAsync", note)
        with server.connection() as connection:
            importer.carry_out(connection, PACKAGE, upgrade=upgrade, overwrite=overwrite)
    told = [(name, body["OverwriteUnmanagedCustomizations"], body["PublishWorkflows"]) for name, body in bodies]
    assert told == [("StageAndUpgradeAsync", False, False), ("ImportSolutionAsync", True, False)]


def test_a_resumed_job_is_followed_and_never_begun() -> None:
    server = Server()
    job_id = "0f8c0000-0000-4000-8000-000000000001"
    server.on(f"GET importjobs({job_id})", job(10, ended=False), job(data="<a/>"))
    server.on(f"GET RetrieveSolutionImportResult(ImportJobId={job_id})", ok(PASSED))
    with server.connection() as connection:
        assert importer.resume(connection, job_id).job_id == job_id
        server.on(f"GET importjobs({job_id})", refusal(404, "0x80040217"))
        with pytest.raises(OutcomeUnknown, match="neither the job nor its operation"):
            importer.resume(connection, job_id)
    assert all(call.startswith("GET") for call in server.calls())
