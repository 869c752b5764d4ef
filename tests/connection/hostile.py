"""Servers that mean harm, on loopback TLS: they note every credential that reaches them."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Server:
    """A server that answers by a function of method, path and headers."""

    answer: Callable[[str, str], Reply]
    port: int = 0
    seen: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    """Method, path, Authorization header, body."""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def credentials(self) -> list[str]:
        """What reached it that only its owner should have."""
        return [line for _, _, token, body in self.seen for line in (token, body.decode("latin-1")) if _secret(line)]


def _secret(text: str) -> bool:
    return "Bearer" in text or "client_assertion" in text or "client_secret" in text


@contextmanager
def serving(authority: trustme.CA, *servers: Server, names: tuple[str, ...] = ("127.0.0.1",)) -> Iterator[None]:
    """Serve until the block ends, with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    running = []
    for server in servers:
        http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
        http.socket = context.wrap_socket(http.socket, server_side=True)
        server.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        running.append((http, thread))
    try:
        yield
    finally:
        for http, thread in running:
            http.shutdown()
            thread.join()
            http.server_close()


def trust(authority: trustme.CA, folder: Path) -> Path:
    """Write the authority's certificate, as --ca-file takes it."""
    file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            server.seen.append((self.command, self.path, self.headers.get("authorization", ""), body))
            status, headers, content = server.answer(self.command, self.path)
            self.send_response(status)
            for name, value in {"content-length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    return Handler
