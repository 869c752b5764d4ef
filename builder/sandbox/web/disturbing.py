"""Every request is noted, and meets the troubles that were asked for (see builder.sandbox.disturbances)."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from builder.sandbox.disturbances import Disturbances, Trouble
from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault
from builder.sandbox.records import stamp
from builder.sandbox.requestlog import Asked, RequestLog

CONTROL = "/sandbox"
_LIMITS = {
    "requests": ("0x80072322", "Number of requests exceeded the limit of 6000 over time window of 300 seconds."),
    "time": (
        "0x80072321",
        "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of 300 "
        "seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.",
    ),
    "concurrent": ("0x80072326", "Number of concurrent requests exceeded the limit of 52."),
}
_PHRASES = {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
_RETRY_AFTER = 2.0
_PIECES = 10
Cut = Callable[[tuple[str, int] | None], None]


@dataclass
class Disturbing:
    """The outermost layer. `cut` ends a client's connection at once."""

    app: ASGIApp
    environment: Environment
    disturbances: Disturbances
    log: RequestLog
    cut: Cut = field(default=lambda _: None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].partition("?")[0].startswith(f"{CONTROL}/"):
            await self.app(scope, receive, send)
            return
        query = scope.get("query_string", b"").decode("ascii", "replace")
        target = scope["path"] + (f"?{query}" if query else "")
        asked = self.log.begin(stamp(self.environment.clock()), scope["method"], target)
        troubles = self.disturbances.meet(scope["method"], scope["path"])
        asked.faults = [_spelt(trouble) for trouble in troubles]
        scope.setdefault("state", {})["asked"] = asked
        await _Turn(self, scope, receive, send, asked, troubles).carry_out()


def _spelt(trouble: Trouble) -> str:
    return ":".join(
        [
            trouble.kind,
            *(["after"] if trouble.after and trouble.kind.isdigit() else []),
            *([trouble.word] if trouble.word else []),
            *([f"{trouble.number:g}"] if trouble.number is not None else []),
        ]
    )


@dataclass
class _Turn:
    """One request on its way."""

    layer: Disturbing
    scope: Scope
    receive: Receive
    send: Send
    asked: Asked
    troubles: list[Trouble]

    async def carry_out(self) -> None:
        """Meet what comes before, be served, meet what comes after."""
        for trouble in self.troubles:
            await self._prepare(trouble)
        early = next((t for t in self.troubles if not t.after and _answers(t)), None)
        late = next((t for t in self.troubles if t.after), None)
        lag = next((t for t in self.troubles if t.kind == "lag"), None)
        if early is not None:
            await self._drain()
            await self._instead(early)
            return
        start, body = await self._served(lag)
        if late is not None and late.kind != "cut-body":
            await self._instead(late)
            return
        slow = next((t.number for t in self.troubles if t.kind == "slow-body"), None)
        await self._answer(start, body, cut=late is not None, seconds=slow or 0.0)

    async def _prepare(self, trouble: Trouble) -> None:
        environment = self.layer.environment
        if trouble.kind == "skew":
            environment.clock.skew_by(trouble.number or 0.0)
        elif trouble.kind == "expire-tokens":
            environment.tenant.expire_tokens()
        elif trouble.kind == "401":
            self.scope["state"]["token_expired"] = True
        elif trouble.kind == "latency":
            await asyncio.sleep(trouble.number or 0.0)

    async def _served(self, lag: Trouble | None) -> tuple[Message, bytes]:
        """Have the request carried out, and keep the answer back."""
        start: Message = {}
        body = bytearray()
        store = self.layer.environment.store
        before = store.made

        async def keep(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            else:
                body.extend(message.get("body", b""))

        await self.layer.app(self.scope, self.receive, keep)
        if lag is not None:
            store.hide_since(before, lag.number or 0.0, timed=lag.word == "seconds")
        return start, bytes(body)

    async def _answer(self, start: Message, body: bytes, *, cut: bool = False, seconds: float = 0.0) -> None:
        headers = [*start["headers"], (b"date", _date(self.layer.environment))]
        if 200 <= start["status"] < 300:
            headers += [
                (b"x-ms-ratelimit-burst-remaining-xrm-requests", b"5999"),
                (b"x-ms-ratelimit-time-remaining-xrm-requests", b"1,200.00"),
            ]
        await self.send({**start, "headers": headers})
        if cut:
            await self.send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await self._cut()
            return
        self.asked.status = start["status"]
        if seconds and body:
            size = -(-len(body) // _PIECES)
            for at in range(0, len(body), size):
                await asyncio.sleep(seconds / _PIECES)
                await self.send({"type": "http.response.body", "body": body[at : at + size], "more_body": True})
            body = b""
        await self.send({"type": "http.response.body", "body": body})

    async def _instead(self, trouble: Trouble) -> None:
        """Answer with the trouble, or with nothing."""
        if trouble.kind.startswith("cut"):
            await self._cut()
            return
        status = int(trouble.kind)
        media_type, body, headers = "text/html", _page(status), {}
        if status in (429, 500) and self.scope["path"].startswith("/api/"):
            fault = WebApiFault(429, *_LIMITS[trouble.word]) if status == 429 else _INTERNAL
            media_type, body = "application/json; odata.metadata=minimal", json.dumps(fault.envelope()).encode()
        if status == 429 or trouble.number is not None:
            headers["retry-after"] = f"{_RETRY_AFTER if trouble.number is None else trouble.number:g}"
        headers |= {"content-type": media_type, "content-length": str(len(body))}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._answer({"type": "http.response.start", "status": status, "headers": raw}, body)

    async def _cut(self) -> None:
        self.asked.status = 0
        self.layer.cut(self.scope.get("client"))
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _drain(self) -> None:
        while (await self.receive()).get("more_body"):
            pass


_INTERNAL = WebApiFault(500, "0x80040216", "An unexpected error occurred.")


def _answers(trouble: Trouble) -> bool:
    return trouble.kind == "cut-before" or (trouble.kind.isdigit() and trouble.kind != "401")


def _page(status: int) -> bytes:
    """An error page as gateways send it: no JSON."""
    phrase = _PHRASES.get(status, "Error")
    return f"<html><head><title>{status} {phrase}</title></head><body><h1>{phrase}</h1></body></html>".encode()


def _date(environment: Environment) -> bytes:
    return format_datetime(environment.clock(), usegmt=True).encode("ascii")


def asked_of(scope: Any) -> Asked | None:
    """The log's entry about the request that is being served."""
    found = scope.get("state", {}).get("asked")
    return found if isinstance(found, Asked) else None
