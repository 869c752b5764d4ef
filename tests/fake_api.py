"""A Web API that answers by script: for what no honest server does on demand. An unforeseen call fails by its name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from builder.connection.http import API, Connection

ORIGIN = "https://org.crm4.dynamics.com"
SECRET = "marked-secret-token"
Scripted = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


def ok(body: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
    if body is None:
        return httpx.Response(204, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return httpx.Response(200, json=body)


def refusal(status: int, code: str = "", message: str = "no", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"error": {"code": code, "message": message}}, headers=named)


@dataclass
class FakeTokens:
    renewed: int = 0

    def token(self) -> str:
        return f"{SECRET}-{self.renewed}"

    def renew(self) -> None:
        self.renewed += 1

    def close(self) -> None:
        pass


@dataclass
class FakeApi:
    """Scripted answers by method and path, each path's in turn and the last one for good."""

    scripts: dict[str, list[Scripted]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    tokens: FakeTokens = field(default_factory=FakeTokens)

    def on(self, call: str, *answers: Scripted) -> "FakeApi":
        """Script a call such as `GET systemusers`: method, and the path below the API without its query."""
        self.scripts[call] = list(answers)
        return self

    def connection(self, **settings: Any) -> Connection:
        transport = httpx.MockTransport(self._answer)
        return Connection(ORIGIN, self.tokens, transport=transport, sleep=self.slept.append, **settings)

    def calls(self) -> list[str]:
        return [_name(request) for request in self.requests]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        name = _name(request)
        answers = self.scripts.get(name)
        assert answers, f"no answer is scripted for {name}"
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer


def _name(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path.removeprefix(API)}"
