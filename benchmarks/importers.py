"""200 importers at once against the sandbox: how long until all have an answer, in memory and with a state file.

Each has a connection of its own, opened before the clock starts. Most of the time is the client's, which makes 200 TLS
requests in one thread; the sandbox's own processor time is told apart (on Linux).
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.sandbox.client import Role, acquire, encode, make_zip
from tests.sandbox_process import RunningSandbox, running_sandbox

IMPORTERS = 200


def processor_seconds(pid: int) -> float:
    """What a process has used so far; NaN where that cannot be read."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def at_once(sandbox: RunningSandbox, token: str) -> tuple[list[float], Counter[int]]:
    """Each import start's seconds, and the statuses of the starts."""
    content = encode(make_zip(Role("Trial", {"prvReadAccount": "Global"}), name="Trial"))
    settings = {"OverwriteUnmanagedCustomizations": False, "PublishWorkflows": False, "CustomizationFile": content}
    async with httpx.AsyncClient(
        base_url=f"{sandbox.dataverse_url}/api/data/v9.2/",
        verify=sandbox.tls,
        trust_env=False,
        headers={"Authorization": f"Bearer {token}"},
        limits=httpx.Limits(max_connections=IMPORTERS, max_keepalive_connections=IMPORTERS),
        timeout=120,
    ) as client:
        await asyncio.gather(*(client.get("WhoAmI") for _ in range(IMPORTERS)))  # opens the connections
        taken: list[float] = []
        statuses: Counter[int] = Counter()

        async def start() -> None:
            since = time.perf_counter()
            answer = await client.post("ImportSolutionAsync", json={**settings, "ImportJobId": str(uuid.uuid4())})
            taken.append(time.perf_counter() - since)
            statuses[answer.status_code] += 1

        await asyncio.gather(*(start() for _ in range(IMPORTERS)))
        return taken, statuses


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        for name, options in (("in memory", {}), ("with a state file", {"state": f"{folder}/state.sqlite"})):
            with running_sandbox(import_seconds=60, **options) as sandbox:
                token = acquire(sandbox, sandbox.admin)["access_token"]
                before = processor_seconds(sandbox.process.pid)
                taken, statuses = asyncio.run(at_once(sandbox, token))
                used = processor_seconds(sandbox.process.pid) - before
            ranked = sorted(taken)
            print(
                f"{IMPORTERS} imports at once, {name}: all answered in {ranked[-1] * 1000:.0f} ms "
                f"(median {statistics.median(ranked) * 1000:.0f} ms), {statuses[200]} won, {statuses[400]} refused; "
                f"the sandbox used {used * 1000:.0f} ms of processor time"
            )
            if statuses != {200: 1, 400: IMPORTERS - 1}:
                return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
