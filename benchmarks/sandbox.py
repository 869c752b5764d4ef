"""Filtered reads over 100,000 rows under the role check, against a bare Starlette answer over the same TLS.

Both servers are processes of their own, asked by the same number of connections at once. The caller's role reads
accounts of its own business unit (Local). One filter names a value (`eq`, which an index serves), the other looks at
every row (`contains`); both leave ten rows.
"""

import asyncio
import contextlib
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from tests.sandbox.acting import Setup
from tests.sandbox.client import Client, bind
from tests.sandbox_process import RunningSandbox, running_sandbox

ROWS = 100_000
MATCHES = 10
PERIOD = ROWS // MATCHES  # an even number: what an odd row has, an even one has not
IN_ONE_REQUEST = 1000
CONNECTIONS = 8
SECONDS = 10.0
BARE = """
import asyncio, socket, sys
sys.path.insert(0, sys.argv[1])
import uvicorn
from pathlib import Path
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from builder.sandbox.certificates import serve_tls

async def answer(request):
    return JSONResponse({"value": [{"name": "a", "accountid": "b"} for _ in range(10)]})

config = uvicorn.Config(Starlette(routes=[Route("/", answer)]), log_config=None, access_log=False, lifespan="off")
config.load()
config.ssl = serve_tls("127.0.0.1", Path(sys.argv[2]))
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listener.bind(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
asyncio.run(uvicorn.Server(config).serve([listener]))
"""


def fill(sandbox: RunningSandbox, admin: Client) -> None:
    """Let the application read its unit's accounts, and make the rows: half in its unit, half elsewhere."""
    setup = Setup(admin)
    unit = setup.unit()
    user = admin.make(
        "systemusers", applicationid=sandbox.app.client_id, businessunitid__bind=bind("businessunits", unit)
    )
    role = setup.copy(setup.role(prvReadAccount="Local"), unit)
    setup.associate(f"systemusers({user})/systemuserroles_association", f"roles({role})")
    owner = setup.user(unit, setup.role(prvReadAccount="Basic")).id
    inside = {"ownerid@odata.bind": bind("systemusers", owner)}
    for start in range(0, ROWS, IN_ONE_REQUEST):
        rows = [
            {
                "name": f"row {n}",
                "accountnumber": str(n % PERIOD),
                "fax": f"-{n % PERIOD}-",
                **(inside if n % 2 else {}),
            }
            for n in range(start, start + IN_ONE_REQUEST)
        ]
        answer = admin.post("accounts/Microsoft.Dynamics.CRM.CreateMultiple", json={"Targets": rows}, timeout=300)
        assert answer.status_code == 200, answer.text


async def measure(url: str, headers: dict[str, str], tls: ssl.SSLContext) -> tuple[float, float, float]:
    """Requests per second, median and 99th percentile of the time of one, in milliseconds."""
    times: list[float] = []

    async def ask(client: httpx.AsyncClient, until: float) -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            answer = await client.get(url, headers=headers)
            times.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.text
            assert len(answer.json()["value"]) == MATCHES

    limits = httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(verify=tls, trust_env=False, limits=limits, timeout=300) as client:
        await client.get(url, headers=headers)
        began = time.perf_counter()
        await asyncio.gather(*(ask(client, began + SECONDS) for _ in range(CONNECTIONS)))
        took = time.perf_counter() - began
    cuts = quantiles(times, n=100) if len(times) > 1 else times * 99
    return len(times) / took, cuts[49] * 1000, cuts[98] * 1000


@contextlib.contextmanager
def bare(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-c", BARE, str(Path(__file__).resolve().parent.parent), str(folder / "bare.pem")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield f"https://127.0.0.1:{process.stdout.readline().strip()}/"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def main() -> None:
    with running_sandbox() as sandbox, Client(sandbox, sandbox.admin) as admin:
        began = time.perf_counter()
        fill(sandbox, admin)
        filled = time.perf_counter() - began
        with Client(sandbox, sandbox.app) as app, bare(sandbox.ca_file.parent) as bare_url:
            authorized = {"Authorization": app.headers["Authorization"]}
            path = f"{app.base_url}accounts?$select=name&$filter="
            figures = {
                "filter by eq": asyncio.run(measure(f"{path}accountnumber eq '7'", authorized, sandbox.tls)),
                "by contains": asyncio.run(measure(f"{path}contains(fax,'-7-')", authorized, sandbox.tls)),
                "bare starlette": asyncio.run(
                    measure(bare_url, {}, ssl.create_default_context(cafile=sandbox.ca_file.parent / "bare.pem"))
                ),
            }
    print(f"{ROWS:,} rows made in {filled:.1f} s; {CONNECTIONS} connections at once")
    for name, (rate, middle, worst) in figures.items():
        print(f"{name:>15}: {rate:8.1f} requests/s   median {middle:8.1f} ms   p99 {worst:8.1f} ms")
    print(
        json.dumps(
            {name: dict(zip(("rate", "median_ms", "p99_ms"), each, strict=True)) for name, each in figures.items()}
        )
    )


if __name__ == "__main__":
    main()
