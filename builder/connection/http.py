"""The one way a request leaves solsmith: `Connection.send`."""

import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

import httpx

from builder.connection import refusals
from builder.connection.address import https_origin
from builder.connection.wire import Wire
from builder.errors import Refused, Unreachable

API = "/api/data/v9.2/"
REPLAYABLE = frozenset({"GET", "PATCH", "PUT", "DELETE"})
BUSY = frozenset({429, 502, 503, 504})
ATTEMPTS = 5
WAIT_LIMIT = 330.0  # seconds in all: service protection looks back over 300 (docs)
NOT_SERVED = "0x80060888"  # a set or property that the model does not have: not the same as an absent row
NOT_DATAVERSE = "that is not how Dataverse answers: check --url"

_PROTOCOL = {"Accept": "application/json", "OData-MaxVersion": "4.0", "OData-Version": "4.0"}
_TENANT = re.compile(
    r"authorization_uri=\"?https://[^/,\s]+/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})[/\",\s]"
)

Row = dict[str, Any]


class TokenSource(Protocol):
    """Where the tokens come from."""

    def token(self) -> str:
        """Give a token that is still good."""

    def renew(self) -> None:
        """Forget the tokens at hand."""

    def close(self) -> None:
        """End what it holds."""


class NoAnswer(Unreachable):
    """A request left, and no answer came: it may have been carried out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: `body` is the JSON object, {} where there is none."""

    status: int
    headers: Mapping[str, str]
    body: Row


class Connection:
    """Requests to one environment as one identity.

    `sleep` and `now` (seconds since 1970) are there for tests; `on_wait` is told of every wait before it begins.
    """

    def __init__(
        self,
        url: str,
        tokens: TokenSource,
        *,
        ca_file: Path | None = None,
        wire: Wire | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
        on_wait: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.origin = https_origin(url, "the environment")
        self.sleep = sleep
        self._tokens, self._now, self._on_wait = tokens, now, on_wait
        self._wire = wire or Wire(ca_file, transport=transport)
        self._tenant: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._wire.close()
        self._tokens.close()

    @property
    def tenant(self) -> str:
        """The GUID of the tenant that the environment says it belongs to; nothing else of its challenge is used.

        Raises Refused where the environment does not name one, Unreachable. The request carries no token.
        """
        if self._tenant is None:
            answer = self._send("GET", self.url("WhoAmI"), None, {}, anonymous=True)
            self._tenant = answer.body["tenant"]
        return self._tenant

    def url(self, path: str) -> str:
        """Give the absolute address of a path below the API."""
        return f"{self.origin}{API}{path}"

    def send(
        self, method: str, path: str, *, body: Row | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and give its good answer; `path` stands below the API.

        What may be replayed is, within one budget; a POST only after 429, which is refused before it is carried out.
        Raises Refused (any answer but 2xx), Unreachable (it never left), NoAnswer (it left and may be
        carried out).
        """
        return self._send(method, self.url(path), body, headers or {})

    def get(self, path: str) -> Row:
        """Read one object; raises as `send` does, an absent one included."""
        return self.send("GET", path).body

    def find(self, path: str) -> Row | None:
        """Read one object that may be absent: None only where Dataverse itself says that it is (404)."""
        try:
            return self.get(path)
        except Refused as refused:
            if refused.status == 404 and refused.code and refused.code != NOT_SERVED:
                return None
            raise

    def rows(self, path: str) -> Iterator[Row]:
        """Read a collection, page by page; a next page of another origin is refused."""
        page = self.get(path)
        while True:
            yield from page.get("value", [])
            link = page.get("@odata.nextLink")
            if not link:
                return
            page = self._send("GET", self._own(str(link)), None, {}).body

    def _own(self, link: str) -> str:
        parts = urlsplit(link)
        if f"{parts.scheme}://{parts.netloc}".lower() != self.origin or not parts.path.startswith("/api/data/"):
            raise Refused(
                f"{self.origin} names a next page elsewhere; the token is not sent there",
                "check --url: it must be the environment's own address",
            )
        return link

    def _send(
        self, method: str, url: str, body: Row | None, headers: Mapping[str, str], *, anonymous: bool = False
    ) -> Answer:
        what = f"{method} {urlsplit(url).path.removeprefix(API)} at {self.origin}"
        waited, renewed = 0.0, False
        for attempt in range(1, ATTEMPTS + 1):
            failure, wait = self._try(method, url, body, headers, what, anonymous)
            if isinstance(failure, Answer):
                return failure
            if getattr(failure, "status", 0) == 401 and not (renewed or anonymous):  # refused before it is carried out
                self._tokens.renew()
                renewed = True
                continue
            wait = 2.0 ** (attempt - 1) if wait is None else wait
            if not _may_replay(method, failure) or attempt == ATTEMPTS or waited + wait > WAIT_LIMIT:
                raise failure
            self._on_wait(f"{failure.message}; trying again in {wait:.0f} s")
            self.sleep(wait)
            waited += wait
        raise AssertionError("the last attempt returns or raises")

    def _try(
        self, method: str, url: str, body: Row | None, headers: Mapping[str, str], what: str, anonymous: bool
    ) -> tuple[Answer | Refused | Unreachable, float | None]:
        """Send once: the answer or the error, and the seconds that the server asks to wait."""
        request_id = str(uuid.uuid4())
        own = {**_PROTOCOL, "x-ms-client-request-id": request_id}
        if not anonymous:
            own["Authorization"] = f"Bearer {self._tokens.token()}"
        if method == "GET":
            own["If-None-Match"] = "null"  # past every cache (docs)
        try:
            response = self._wire.request(method, url, json=body, headers={**own, **headers})
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            return Unreachable(f"{what}: no connection: {refusals.reason(error)}", refusals.NO_ANSWER_HINT), None
        except httpx.HTTPError as error:
            return NoAnswer(f"{what}: no answer: {refusals.reason(error)}", refusals.NO_ANSWER_HINT), None
        read = _read_challenge if anonymous else _read
        return read(response, what, request_id), self._retry_after(response)

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Read Retry-After, in seconds or as an HTTP date; None where it says nothing."""
        text = response.headers.get("retry-after", "").strip()
        if text.isdecimal():
            return float(text)
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - self._now())
        except (ValueError, TypeError):
            return None


def unsettled(failure: Refused | Unreachable) -> bool:
    """Say whether a request that failed so may have been carried out all the same.

    No answer, a server's own error, or a good answer that cannot be read leave it open; 3xx, 4xx and a refused sign-in
    settle it.
    """
    if isinstance(failure, Refused):
        return failure.status >= 500 or 200 <= failure.status < 300
    return isinstance(failure, NoAnswer)


def member(row: Row, name: str) -> Any:
    """Give a member that an answer must have; raises Refused where it has not: no Dataverse answers so."""
    try:
        return row[name]
    except KeyError:
        raise Refused(f"an answer has no member {name}", NOT_DATAVERSE, status=200) from None


def _may_replay(method: str, failure: Refused | Unreachable) -> bool:
    if isinstance(failure, Refused):
        return failure.status == 429 or (method in REPLAYABLE and failure.status in BUSY)
    return method in REPLAYABLE


def _read(response: httpx.Response, what: str, request_id: str) -> Answer | Refused:
    if response.is_redirect or 300 <= response.status_code < 400:
        return refusals.redirected(what, "the address", response.status_code)
    try:
        body: object = response.json() if response.content else {}
    except ValueError:
        body = response.text
    if response.is_success and isinstance(body, dict):
        return Answer(response.status_code, response.headers, body)
    if response.is_success:
        return Refused(f"{what}: the answer is no JSON object", NOT_DATAVERSE, status=response.status_code)
    return refusals.of_api(what, response.status_code, response.reason_phrase, body, response.headers, request_id)


def _read_challenge(response: httpx.Response, what: str, request_id: str) -> Answer | Refused:
    """Read the tenant's GUID, and nothing else, out of the 401 to a request without a token (recorded)."""
    if response.status_code != 401:
        refused = _read(response, what, request_id)
        return refused if isinstance(refused, Refused) else Refused(f"{what}: answered without a token", NOT_DATAVERSE)
    found = _TENANT.search(response.headers.get("www-authenticate", ""))
    if not found:
        return Refused(f"{what}: the answer does not say which tenant it is of", NOT_DATAVERSE, status=401)
    return Answer(401, {}, {"tenant": found[1].lower()})
