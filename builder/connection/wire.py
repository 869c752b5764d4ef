"""The one HTTP client under everything: sign-in and Web API share its trust, its proxies and its log."""

import ssl
import time
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from builder.connection.http_log import HttpLog
from builder.errors import UsageError

_LOOPBACK = ("all://127.0.0.1", "all://localhost", "all://[::1]")


class Wire:
    """Sends requests as they are: no redirect is followed, TLS is always verified, nothing is repeated.

    Trusted are the system's certificate authorities, those that Mozilla lists (certifi), and those in `ca_file` (PEM).
    Proxies are taken from the environment (HTTPS_PROXY, NO_PROXY); a loopback address is never asked for through one.
    """

    def __init__(
        self, ca_file: Path | None = None, *, transport: httpx.BaseTransport | None = None, log: HttpLog | None = None
    ) -> None:
        self._log = log
        self._client = httpx.Client(
            transport=transport,
            verify=_trust(ca_file),
            mounts=None if transport else dict.fromkeys(_LOOPBACK),
            follow_redirects=False,
            timeout=httpx.Timeout(120, connect=15),
        )

    def request(self, method: str, url: str, *, confidential: bool = False, **request: Any) -> httpx.Response:
        """Send one request; raises httpx.HTTPError. Of a confidential one no body is ever logged."""
        if self._log is None:
            return self._client.request(method, url, **request)
        started = time.monotonic()
        try:
            response = self._client.request(method, url, **request)
        except httpx.HTTPError as error:
            self._log.failure(method, url, time.monotonic() - started, error)
            raise
        self._log.exchange(response, time.monotonic() - started, confidential=confidential)
        return response

    def close(self) -> None:
        """End the connections."""
        self._client.close()


@cache
def _trust(ca_file: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)  # certifi's
    context.load_default_certs()
    if ca_file is not None:
        try:
            context.load_verify_locations(str(ca_file))
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"{ca_file}: no certificate authority can be read from it", "give a PEM file") from error
    return context
