"""A sandbox as its own process, for tests: started on a free port, ended by closing its standard input."""

import contextlib
import json
import ssl
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs in: client id, and a PEM with certificate and key."""

    client_id: str
    certificate_path: Path


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """What the ready line says, and the process."""

    dataverse_url: str
    authority_host: str
    tenant_id: str
    ca_file: Path
    admin: Identity
    app: Identity
    process: "subprocess.Popen[str]"

    @property
    def tls(self) -> ssl.SSLContext:
        """A client's TLS context that trusts the sandbox's authority and nothing else."""
        return ssl.create_default_context(cafile=self.ca_file)

    def set_faults(self, faults: Iterable[str]) -> None:
        """Put other faults in force, every count at one again, and forget the requests seen so far.

        To meet a fault at every request in turn: run once without, take `count = len(sandbox.requests())`, and then
        for each n up to it `sandbox.set_faults([f"* * {n} cut-after"])`.
        """
        self._control("PUT", "faults", {"faults": list(faults)})
        self._control("DELETE", "requests")

    def requests(self) -> list[dict[str, Any]]:
        """The requests seen since the start or `set_faults`: number, method, target, status (0: cut), faults..."""
        found: list[dict[str, Any]] = self._control("GET", "requests")["requests"]
        return found

    def _control(self, method: str, path: str, body: object = None) -> Any:
        with httpx.Client(verify=self.tls, trust_env=False) as client:
            answer = client.request(method, f"{self.dataverse_url}/sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def environment_variables(self) -> dict[str, str]:
        """The variables that the command line reads."""
        return {
            "DATAVERSE_URL": self.dataverse_url,
            "AZURE_AUTHORITY_HOST": self.authority_host,
            "AZURE_TENANT_ID": self.tenant_id,
            "AZURE_CLIENT_ID": self.admin.client_id,
            "AZURE_CLIENT_CERTIFICATE_PATH": str(self.admin.certificate_path),
            "SOLSMITH_CA_FILE": str(self.ca_file),
            "SOLSMITH_APP_CLIENT_ID": self.app.client_id,
            "SOLSMITH_APP_CERTIFICATE_PATH": str(self.app.certificate_path),
        }


@contextlib.contextmanager
def running_sandbox(
    *, switches: Iterable[str] = (), faults: Iterable[str] = (), **options: str | int | float
) -> Iterator[RunningSandbox]:
    """Run a sandbox. Options are those of its command line, `app_id="..."` for `--app-id ...`.

    Raises AssertionError with what it wrote to standard error where it does not start, or ended in another way than
    asked for.
    """
    command = [sys.executable, "-W", "error", "-m", "builder.sandbox", "--until-stdin-closes"]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    for switch in switches:
        command += ["--switch", switch]
    for fault in faults:
        command += ["--fault", fault]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout and process.stderr
    try:
        line = process.stdout.readline()
        assert line, f"the sandbox did not start: {process.stderr.read()}"
        yield read_ready(line, process)
    finally:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            code = process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        errors = process.stderr.read()
        process.stdout.close()
        process.stderr.close()
    assert (code, errors) == (0, ""), f"the sandbox ended with {code}: {errors}"


def read_ready(line: str, process: "subprocess.Popen[str]") -> RunningSandbox:
    said = json.loads(line)
    assert said["version"] == 1
    return RunningSandbox(
        dataverse_url=said["dataverse_url"],
        authority_host=said["authority_host"],
        tenant_id=said["tenant_id"],
        ca_file=Path(said["ca_file"]),
        admin=Identity(said["admin"]["client_id"], Path(said["admin"]["certificate_path"])),
        app=Identity(said["app"]["client_id"], Path(said["app"]["certificate_path"])),
        process=process,
    )
