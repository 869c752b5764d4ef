"""`$batch`: many requests in one; a change set in it is carried out wholly or not at all (docs)."""

import dataclasses
import email
import email.policy
import json
import re
import uuid
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qsl, unquote

from builder.sandbox.faults import WebApiFault, bad_request, fault_of
from builder.sandbox.odata.literals import BadQuery
from builder.sandbox.odata.options import parse_options
from builder.sandbox.odata.path import parse_path
from builder.sandbox.web.exchange import Answer, Exchange

Route = Callable[[Exchange], Answer]
_MAX_OPERATIONS = 1000
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
_PHRASES = {200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified", 400: "Bad Request", 403: "Forbidden"}


def batch_request(exchange: Exchange, route: Route) -> Answer:
    """Answer a batch: 200 whatever becomes of its parts. Without `odata.continue-on-error` it ends at the first error
    (docs).
    """
    if exchange.method != "POST":
        raise WebApiFault(405, "", f"The requested resource does not support http method '{exchange.method}'.")
    boundary = f"batchresponse_{uuid.uuid4()}"
    goes_on = "odata.continue-on-error" in exchange.headers.get("prefer", "")
    parts = _parts(exchange.headers.get("content-type", ""), exchange.raw_body)
    if sum(len(_inner(part)) or 1 for part in parts) > _MAX_OPERATIONS:
        raise bad_request(f"A batch holds at most {_MAX_OPERATIONS} operations.")
    answers: list[str] = []
    for part in parts:
        inner = _inner(part)
        text, failed = _change_set(exchange, route, inner) if inner else _single(exchange, route, part)
        answers.append(text)
        if failed and not goes_on:
            break
    body = "".join(f"--{boundary}\r\n{text}\r\n" for text in answers) + f"--{boundary}--\r\n"
    return Answer(200, body, {"Content-Type": f"multipart/mixed; boundary={boundary}"})


def _parts(content_type: str, body: bytes) -> list[EmailMessage]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    if message.get_content_maintype() != "multipart" or not message.is_multipart():
        raise bad_request("The body of a batch is multipart/mixed with a boundary.")
    return [part for part in message.iter_parts() if isinstance(part, EmailMessage)]


def _inner(part: EmailMessage) -> list[EmailMessage]:
    """The parts of a change set; none for a single request."""
    return [one for one in part.iter_parts() if isinstance(one, EmailMessage)] if part.is_multipart() else []


def _single(exchange: Exchange, route: Route, part: EmailMessage) -> tuple[str, bool]:
    answer = _answer(lambda: route(_request(exchange, part, {})))
    return _as_part(answer, part), answer.status >= 400


def _change_set(exchange: Exchange, route: Route, parts: list[EmailMessage]) -> tuple[str, bool]:
    """Carry out a change set; where one operation fails all are taken back, and its answer stands alone."""
    boundary = f"changesetresponse_{uuid.uuid4()}"
    addresses: dict[str, str] = {}
    texts: list[str] = []
    try:
        with exchange.environment.store.all_or_nothing(), exchange.environment.roles.all_or_nothing():
            for part in parts:
                request = _request(exchange, part, addresses)
                if request.method == "GET":
                    raise bad_request("A change set holds no GET.")
                answer = route(request)
                content_id = str(part.get("Content-ID", "")).strip()
                if content_id and "OData-EntityId" in answer.headers:
                    addresses[content_id] = answer.headers["OData-EntityId"]
                texts.append(_as_part(answer, part))
    except (WebApiFault, BadQuery) as error:
        return _as_part(_refusal(error), None), True
    body = "".join(f"--{boundary}\r\n{text}\r\n" for text in texts) + f"--{boundary}--\r\n"
    return f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n{body}", False


def _answer(carry_out: Callable[[], Answer]) -> Answer:
    try:
        return carry_out()
    except (WebApiFault, BadQuery) as error:
        return _refusal(error)


def _refusal(error: WebApiFault | BadQuery) -> Answer:
    fault = error if isinstance(error, WebApiFault) else fault_of(error.message, error.supported)
    return Answer(fault.status, fault.envelope())


def _request(exchange: Exchange, part: EmailMessage, addresses: dict[str, str]) -> Exchange:
    """Read one `application/http` part; `$1` stands for the row that the operation with that Content-ID made."""
    payload = part.get_payload(decode=True)
    head, _, body = (payload if isinstance(payload, bytes) else b"").lstrip().partition(b"\r\n\r\n")
    if not _:
        head, _, body = (payload if isinstance(payload, bytes) else b"").lstrip().partition(b"\n\n")
    lines = head.decode("utf-8", "replace").splitlines()
    match = re.fullmatch(r"([A-Z]+) (\S.*?)(?: HTTP/\d(?:\.\d)?)?", lines[0].strip()) if lines else None
    if match is None or match[1] not in _METHODS:
        raise bad_request("A part of a batch begins with its method and address.")
    text, target = body.decode("utf-8", "replace").strip(), match[2]
    for content_id, address in addresses.items():
        target = re.sub(rf"^/?\${re.escape(content_id)}(?=$|/)", address, target)
        text = re.sub(rf'"\${re.escape(content_id)}"', json.dumps(address), text)
    path, _, query_text = _below_root(exchange, target).partition("?")
    query = dict(parse_qsl(query_text, keep_blank_values=True))
    own = dict(_headers(lines[1:]))
    return dataclasses.replace(
        exchange,
        method=match[1],
        segments=parse_path(path),
        query=query,
        options=parse_options({name: value for name, value in query.items() if name != "$id"}),
        headers=own,
        raw_body=text.encode(),
    )


def _below_root(exchange: Exchange, target: str) -> str:
    local = target.removeprefix(exchange.root)
    if "://" in local:
        raise bad_request(f"'{unquote(target)}' is not an address below {exchange.root}.")
    return re.sub(r"^/?(api/data/v\d\.\d/)?", "", local)


def _headers(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def _as_part(answer: Answer, part: EmailMessage | None) -> str:
    content_id = str(part.get("Content-ID", "")).strip() if part else ""
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
    head += f"Content-ID: {content_id}\r\n" if content_id else ""
    headers = {"OData-Version": "4.0", **answer.headers}
    body = _text(answer.body)
    if body:
        kind = "text/plain" if isinstance(answer.body, str) else "application/json; odata.metadata=minimal"
        headers = {"Content-Type": kind, **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{head}\r\nHTTP/1.1 {answer.status} {_PHRASES.get(answer.status, '')}\r\n{lines}\r\n{body}"


def _text(body: Any) -> str:
    return "" if body is None else body if isinstance(body, str) else json.dumps(body)
