"""The log of what was sent and answered (`--http-log`): one JSON object a line, and no secret in it.

No header of a request is logged, no body and no query of a sign-in; bodies of the Web API only where asked for, with
long texts (packages) cut.
"""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import httpx

from builder.errors import UsageError

_BODY_LIMIT = 4000
_TOLD_HEADERS = ("retry-after", "x-ms-service-request-id", "req_id", "odata-entityid", "www-authenticate")
_TOKEN = re.compile(r"eyJ[\w-]{8,}(\.[\w-]*)*")


class HttpLog:
    """Appends to a file of mode 0600; raises UsageError where it cannot be written."""

    def __init__(self, path: Path, *, bodies: bool = False) -> None:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.chmod(path, 0o600)  # noqa: PTH101 - it may have been there before, with another mode
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}", "name another file for --http-log") from error
        self._file: IO[str] = os.fdopen(descriptor, "a", encoding="utf-8")
        self._bodies = bodies

    def exchange(self, response: httpx.Response, seconds: float, *, confidential: bool) -> None:
        """Note a request and its answer."""
        request = response.request
        entry: dict[str, Any] = {"status": response.status_code}
        told = {name: response.headers[name] for name in _TOLD_HEADERS if name in response.headers}
        if told:
            entry["headers"] = told
        if self._bodies and not confidential:
            entry["request"] = _body(request.content)
            entry["response"] = _body(response.content)
        url = _without_query(str(request.url)) if confidential else str(request.url)
        self._write(request.method, url, seconds, entry)

    def failure(self, method: str, url: str, seconds: float, error: Exception) -> None:
        """Note a request that had no answer."""
        self._write(method, _without_query(url), seconds, {"error": type(error).__name__})

    def close(self) -> None:
        """End the log."""
        self._file.close()

    def _write(self, method: str, url: str, seconds: float, entry: dict[str, Any]) -> None:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": moment, "method": method, "url": url, "ms": round(seconds * 1000), **entry})
        self._file.write(_TOKEN.sub("(token)", line) + "\n")
        self._file.flush()


def _without_query(url: str) -> str:
    return urlsplit(url)._replace(query="").geturl()


def _body(content: bytes) -> str:
    text = content[:_BODY_LIMIT].decode("utf-8", "replace")
    return text if len(content) <= _BODY_LIMIT else f"{text} ... ({len(content)} bytes)"
