"""Start the sandbox on loopback, say where it is, and end it cleanly."""

import asyncio
import contextlib
import dataclasses
import enum
import ipaddress
import json
import os
import shlex
import shutil
import signal
import socket
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from builder.errors import SolsmithError, UsageError
from builder.sandbox.assembly import Settings, assemble, open_state
from builder.sandbox.certificates import serve_tls
from builder.sandbox.disturbances import Disturbances
from builder.sandbox.state.scenario import read_scenario, set_up
from builder.sandbox.state.session import Session
from builder.sandbox.web.app import application

_GRACE_SECONDS = 1
_MARK = ".solsmith-sandbox"
_FILES = ("ca.pem", "admin.pem", "app.pem")


class Ended(enum.Enum):
    """Why the sandbox ended."""

    INTERRUPTED = "interrupted"
    TERMINATED = "terminated"
    INPUT_CLOSED = "input closed"


@dataclass(frozen=True, slots=True)
class Ready:
    """Where a started sandbox is, and who can sign in to it."""

    url: str
    tenant_id: str
    home: Path
    admin_id: str
    app_id: str

    def as_json(self) -> str:
        """One line of JSON."""
        admin, app = str(self.home / "admin.pem"), str(self.home / "app.pem")
        return json.dumps(
            {
                "version": 1,
                "dataverse_url": self.url,
                "authority_host": self.url,
                "tenant_id": self.tenant_id,
                "ca_file": str(self.home / "ca.pem"),
                "admin": {"client_id": self.admin_id, "certificate_path": admin},
                "app": {"client_id": self.app_id, "certificate_path": app},
            }
        )

    def as_exports(self) -> str:
        """Lines for a shell, under the names that the command line reads."""
        values = {
            "DATAVERSE_URL": self.url,
            "AZURE_AUTHORITY_HOST": self.url,
            "AZURE_TENANT_ID": self.tenant_id,
            "AZURE_CLIENT_ID": self.admin_id,
            "AZURE_CLIENT_CERTIFICATE_PATH": str(self.home / "admin.pem"),
            "SOLSMITH_CA_FILE": str(self.home / "ca.pem"),
            "SOLSMITH_APP_CLIENT_ID": self.app_id,
            "SOLSMITH_APP_CERTIFICATE_PATH": str(self.home / "app.pem"),
        }
        return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items())


def serve(settings: Settings, on_ready: Callable[[Ready], None]) -> Ended:
    """Run a sandbox until a signal or the end of standard input; raises UsageError for what cannot be started."""
    if not _is_loopback(settings.host):
        raise UsageError(f"the sandbox listens on loopback only, not on {settings.host}", "leave the host away")
    try:
        app_id = str(uuid.UUID(settings.app_id))
    except ValueError:
        raise UsageError(f"the application id is not a GUID: {settings.app_id}") from None
    settings = dataclasses.replace(settings, app_id=app_id)
    disturbances = Disturbances(settings.seed)
    disturbances.set(settings.faults)
    scenario = read_scenario(settings.scenario) if settings.scenario else None
    with _home(settings.home) as home, _listener(settings) as listener, open_state(settings.state) as file:
        url = f"https://{settings.host}:{listener.getsockname()[1]}"
        tls = serve_tls(settings.host, home / "ca.pem")
        environment, jobs, admin_id, save = assemble(settings, home, url, file)
        app = application(environment, jobs, disturbances, save)
        if scenario is not None:
            if file is not None and not file.is_new:
                hint = "Leave --scenario away, or name a new state file."
                raise UsageError(f"{file.path} holds an environment already", hint)
            try:
                set_up(scenario, Session(app.app, environment, admin_id), home)
            except SolsmithError:
                if file is not None:
                    file.discard()
                raise
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        config.load()
        config.ssl = tls
        ready = Ready(url, environment.tenant.id, home, admin_id, settings.app_id)
        server = _Server(config, lambda: on_ready(ready), settings.until_stdin_closes)
        app.cut = server.cut
        asyncio.run(server.serve([listener]))
        return server.ended


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextlib.contextmanager
def _home(folder: Path | None) -> Iterator[Path]:
    """The folder for the certificates: a temporary one, or the given one if it is empty or a sandbox's."""
    if folder is None:
        made = Path(tempfile.mkdtemp(prefix="solsmith-sandbox-"))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}", "name another folder") from error
    taken = [name for name in _FILES if (folder / name).exists()]
    if taken and not (folder / _MARK).exists():
        raise UsageError(f"{folder} holds {', '.join(taken)} of something else", "name an empty folder")
    (folder / _MARK).touch()
    yield folder.resolve()


@contextlib.contextmanager
def _listener(settings: Settings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # with the protocol named asyncio sets TCP_NODELAY; without, every answer waits 40 ms for the client's ACK
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise UsageError(f"port {settings.port} cannot be opened: {error.strerror}", "name another one") from error
        yield listener


class _Server(uvicorn.Server):
    """uvicorn with signals of our own: one ends the sandbox, and is not raised again to kill the process."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], watch_stdin: bool) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._watch_stdin = watch_stdin
        self.ended = Ended.TERMINATED

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM, and the end of standard input."""
        reasons = {signal.SIGINT: Ended.INTERRUPTED, signal.SIGTERM: Ended.TERMINATED}
        before = {
            number: signal.signal(number, lambda *_, r=reason: self._end(r)) for number, reason in reasons.items()
        }
        if self._watch_stdin:
            loop = asyncio.get_running_loop()
            threading.Thread(target=self._await_closed_stdin, args=(loop,), daemon=True).start()
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let running requests end, then cut the connections: idle clients do not answer a polite end of TLS."""
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_GRACE_SECONDS)
        for connection in list(self.server_state.connections):
            transport = connection.transport
            if transport is not None:
                transport.abort()
        await super().shutdown(sockets)

    def cut(self, client: tuple[str, int] | None) -> None:
        """End a client's connection at once, without a word."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == client and connection.transport is not None:
                connection.transport.abort()

    def _end(self, reason: Ended) -> None:
        self.ended = reason
        self.should_exit = True

    def _await_closed_stdin(self, loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        loop.call_soon_threadsafe(self._end, Ended.INPUT_CLOSED)
