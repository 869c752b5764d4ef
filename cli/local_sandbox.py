"""A sandbox of one's own: started as a process, and ended with the block that asked for it."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builder.errors import SolsmithError, UsageError

if TYPE_CHECKING:
    from builder.connection.http import Connection
    from builder.model import Solution


@dataclass(frozen=True, slots=True)
class LocalSandbox:
    """A sandbox that runs: its address, and the two identities it knows."""

    url: str
    ready: dict[str, Any]

    @contextmanager
    def connect_administrator(self) -> Iterator["Connection"]:
        """Connect as its administrator."""
        with self._connect(self.ready["admin"]) as connection:
            yield connection

    @contextmanager
    def connect_application(self) -> Iterator["Connection"]:
        """Connect as its application."""
        with self._connect(self.ready["app"]) as connection:
            yield connection

    @contextmanager
    def _connect(self, who: dict[str, str]) -> Iterator["Connection"]:
        from builder.connection.credentials import CertificateFile, Identity
        from builder.connection.opening import open_connection

        credential = CertificateFile(Path(who["certificate_path"]), None)
        identity = Identity(self.ready["tenant_id"], who["client_id"], credential, self.ready["authority_host"])
        with open_connection(self.url, identity, ca_file=Path(self.ready["ca_file"])) as connection:
            yield connection


@contextmanager
def local_sandbox(home: Path, solution: "Solution") -> Iterator[LocalSandbox]:
    """Start a sandbox whose tenant knows the solution's application; it ends when its standard input closes."""
    if importlib.util.find_spec("starlette") is None or importlib.util.find_spec("uvicorn") is None:
        raise UsageError("the sandbox is not installed", "Install solsmith with it: pipx install 'solsmith[sandbox]'.")
    command = [sys.executable, "-m", "builder.sandbox", "--home", str(home), "--until-stdin-closes"]
    if solution.application:
        command += ["--app-id", solution.application.app_id, "--app-name", solution.application.name]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise SolsmithError("the sandbox did not start", "Run `solsmith sandbox start` to see why.")
            ready = json.loads(line)
            yield LocalSandbox(ready["dataverse_url"], ready)
        finally:
            if process.stdin:
                process.stdin.close()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
