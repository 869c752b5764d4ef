"""Requests to the sandbox from within, as its administrator: the same way through as from outside, without TLS."""

import asyncio
import json
from typing import Any

from starlette.types import ASGIApp, Message

from builder.errors import Refused
from builder.sandbox.environment import Environment
from builder.sandbox.records import new_id


class Session:
    """An administrator's requests."""

    def __init__(self, app: ASGIApp, environment: Environment, admin_id: str) -> None:
        self._app = app
        self.environment = environment
        application = environment.tenant.applications[admin_id]
        self._token = environment.tenant.issue(application, environment.tenant.resource)["access_token"]
        self._root = f"{environment.tenant.resource}/api/data/v9.2"
        user = environment.application_user(admin_id)
        self.user_id = str(user["systemuserid"]) if user else ""

    new_id = staticmethod(new_id)

    def make(self, entity_set: str, body: dict[str, Any]) -> str:
        """Make a row; gives its id. Raises Refused."""
        headers = self.call("POST", entity_set, body)
        return headers["odata-entityid"].rpartition("(")[2].rstrip(")")

    def associate(self, association: str, target: str) -> None:
        """Add a row to a collection; raises Refused."""
        self.call("POST", f"{association}/$ref", {"@odata.id": f"{self._root}/{target}"})

    def call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, str]:
        """Send one request; gives the answer's headers. Raises Refused with what was answered."""
        status, headers, text = asyncio.run(self._send(method, f"/api/data/v9.2/{path}", json.dumps(body).encode()))
        if status >= 300:
            error = json.loads(text).get("error", {}) if text else {}
            raise Refused(str(error.get("message", f"{method} {path}")), code=str(error.get("code", "")), status=status)
        return headers

    async def _send(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {self._token}".encode()), (b"host", b"127.0.0.1")],
            "client": None,
            "server": None,
        }
        status, headers, text = 0, {}, b""

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers, text
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                text += message.get("body", b"")

        await self._app(scope, receive, send)
        return status, headers, text
