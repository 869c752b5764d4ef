"""The sandbox's own addresses, below /sandbox: a status page, the faults in force, the requests. They need no token.

A page of another site that a browser shows cannot use them: a foreign Origin or Host is refused.
"""

import ipaddress
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from builder.sandbox.disturbances import Disturbances
from builder.sandbox.environment import Environment
from builder.sandbox.requestlog import RequestLog
from builder.sandbox.web.status import policy, status_page

_VERSION = {"version": 1}
Endpoint = Callable[[Request], Awaitable[Response]]


class Control:
    """Answers below /sandbox."""

    def __init__(self, environment: Environment, disturbances: Disturbances, log: RequestLog) -> None:
        self._environment = environment
        self._disturbances = disturbances
        self._log = log

    def routes(self, root: str) -> list[Route]:
        """The routes."""
        return [
            Route(f"{root}/", _guarded(self._status), methods=["GET"]),
            Route(f"{root}/faults", _guarded(self._faults), methods=["GET", "PUT"]),
            Route(f"{root}/requests", _guarded(self._requests), methods=["GET", "DELETE"]),
        ]

    async def _status(self, _request: Request) -> Response:
        page = status_page(self._environment, self._disturbances, self._log)
        headers = {
            "Content-Security-Policy": policy(),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        return HTMLResponse(page, headers=headers)

    async def _faults(self, request: Request) -> Response:
        """GET gives the rules in force, PUT `{"faults": [...]}` puts others in force and starts every count anew."""
        if request.method == "PUT":
            try:
                body = json.loads(await request.body())
                rules = [str(rule) for rule in body["faults"]]
                self._disturbances.set(rules)
            except (ValueError, KeyError, TypeError) as error:
                return _said(400, f"faults cannot be set: {error}")
        return _json({"faults": [rule.text for rule in self._disturbances.rules]})

    async def _requests(self, request: Request) -> Response:
        """GET gives the latest requests, DELETE forgets them."""
        if request.method == "DELETE":
            self._log.clear()
        return _json({"requests": self._log.as_json()})


def _guarded(endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        own = f"https://{request.headers.get('host', '')}"
        if not _is_loopback(request.url.hostname) or request.headers.get("origin", own) != own:
            return _said(403, "only programs on this machine may ask this")
        return await endpoint(request)

    return guarded


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _json(body: dict[str, Any]) -> Response:
    return JSONResponse({**_VERSION, **body}, headers={"Cache-Control": "no-store"})


def _said(status: int, text: str) -> Response:
    return JSONResponse({**_VERSION, "error": text}, status)
