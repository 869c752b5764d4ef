"""Plan, import, application user and verification against a sandbox, against the bare sum of the same requests.

`python -m benchmarks.deployment`: the ratio of the two in one run, the median of several; at most 1.5.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, ClassVar

import httpx

from builder.build import build_solution
from builder.connection.credentials import CertificateFile, Identity
from builder.connection.opening import open_connection
from builder.connection.wire import Wire
from builder.deployment import application_user, importer, readback
from builder.deployment.candidate import candidate_of
from builder.deployment.planning import make_plan
from builder.deployment.verify import verify
from builder.package.reader import read_package
from builder.solution.spec import read_spec
from tests.sandbox_process import RunningSandbox, running_sandbox
from tests.support import REFERENCE_SPEC

RUNS = 5


class Timed(Wire):
    """A wire that adds up how long its requests take: what bare httpx would take for the same ones."""

    seconds: ClassVar[float] = 0.0
    count: ClassVar[int] = 0

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        started = time.perf_counter()
        super().__init__(*arguments, **settings)
        Timed.seconds += time.perf_counter() - started  # a bare client, too, has to be made

    def request(self, method: str, url: str, *, confidential: bool = False, **request: Any) -> httpx.Response:
        started = time.perf_counter()
        try:
            return super().request(method, url, confidential=confidential, **request)
        finally:
            Timed.seconds += time.perf_counter() - started
            Timed.count += 1


def deploy(sandbox: RunningSandbox, zip_file: Path) -> float:
    """Do the whole job, without any wait between polls, and give the seconds that it took."""
    started = time.perf_counter()
    candidate = candidate_of(read_package(zip_file), zip_file.read_bytes())

    def opened(who: Any) -> Any:
        identity = Identity(
            sandbox.tenant_id, who.client_id, CertificateFile(who.certificate_path), sandbox.authority_host
        )
        return open_connection(sandbox.dataverse_url, identity, ca_file=sandbox.ca_file)

    with opened(sandbox.admin) as connection, opened(sandbox.app) as own:
        connection.sleep = own.sleep = lambda _: None
        make_plan(connection, candidate)
        importer.carry_out(connection, candidate)
        assert not readback.read_back(connection, candidate.roles)
        wanted = [application_user.RoleWanted(role.name, role.id, role.grants) for role in candidate.roles]
        planned = application_user.plan(connection, sandbox.app.client_id, wanted)
        application_user.carry_out(connection, planned)
        assert verify(connection, sandbox.app.client_id, candidate.roles, own).passed
    return time.perf_counter() - started


def main() -> None:
    from builder.connection import opening

    opening.Wire = Timed  # type: ignore[attr-defined,misc]
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        zip_file = build_solution(read_spec(REFERENCE_SPEC).solution, Path(folder)).path
        for _ in range(RUNS):
            Timed.seconds, Timed.count = 0.0, 0
            with running_sandbox(import_seconds=0) as sandbox:
                own = deploy(sandbox, zip_file)
            ratios.append(own / Timed.seconds)
            print(f"{Timed.count} requests: {own:.3f} s, of it httpx {Timed.seconds:.3f} s, ratio {ratios[-1]:.2f}")
    print(json.dumps({"ratio": round(statistics.median(ratios), 2), "limit": 1.5}))


if __name__ == "__main__":
    main()
