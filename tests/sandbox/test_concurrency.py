"""Two hundred importers at once: one wins, the others are told so, and nothing happens twice."""

import asyncio
import uuid
from collections import Counter

import httpx
import pytest

from tests.sandbox.client import Client, Role, acquire, encode, make_zip
from tests.sandbox_process import RunningSandbox, running_sandbox

IMPORTERS = 200


async def import_at_once(sandbox: RunningSandbox, token: str, bodies: list[dict[str, object]]) -> list[httpx.Response]:
    """Send all bodies at the same time, each over a connection of its own."""
    limits = httpx.Limits(max_connections=len(bodies))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=f"{sandbox.dataverse_url}/api/data/v9.2/",
        verify=sandbox.tls,
        trust_env=False,
        headers=headers,
        limits=limits,
        timeout=90,
    ) as client:
        return await asyncio.gather(*(client.post("ImportSolutionAsync", json=body) for body in bodies))


@pytest.mark.parametrize("same_job", [False, True])
def test_one_of_two_hundred_wins(same_job: bool) -> None:
    content = encode(make_zip(Role("Trial", {"prvReadAccount": "Global"}), name="Trial"))
    settings = {"OverwriteUnmanagedCustomizations": False, "PublishWorkflows": False, "CustomizationFile": content}
    one = str(uuid.uuid4())
    bodies = [{**settings, "ImportJobId": one if same_job else str(uuid.uuid4())} for _ in range(IMPORTERS)]
    with running_sandbox(import_seconds=60) as sandbox, Client(sandbox, sandbox.admin) as admin:
        token = acquire(sandbox, sandbox.admin)["access_token"]
        answers = asyncio.run(import_at_once(sandbox, token, bodies))
        codes = Counter(answer.json().get("error", {}).get("code", "won") for answer in answers)
        refused = "0x80071155" if same_job else "0x80071151"
        assert codes == {"won": 1, refused: IMPORTERS - 1}
        (winner,) = [answer.json() for answer in answers if answer.status_code == 200]
        for _ in range(4):
            (job,) = admin.read("asyncoperations?$filter=messagename eq 'ImportSolutionAsync'")
        assert (job["asyncoperationid"], job["statuscode"]) == (winner["AsyncOperationId"], 30)
        assert [row["importjobid"] for row in admin.read("importjobs")] == [winner["ImportJobKey"]]
        assert len(admin.read("solutions?$filter=uniquename eq 'Trial'")) == 1
        assert len(admin.read("roles?$filter=name eq 'Trial'")) == 1
