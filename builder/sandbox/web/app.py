"""The web application: routes, who is let in, and what becomes of a fault."""

import logging
import re
import uuid
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, parse_qsl

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from builder.sandbox.assertions import EntraRefusal
from builder.sandbox.disturbances import Disturbances
from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault, bad_request, fault_of, unknown_segment
from builder.sandbox.impersonation import impersonated
from builder.sandbox.jobs import ImportJobs
from builder.sandbox.odata.literals import BadQuery
from builder.sandbox.odata.options import parse_options
from builder.sandbox.odata.path import Segment, parse_path
from builder.sandbox.requestlog import Asked, RequestLog
from builder.sandbox.web.actions import bound_action, unbound_action
from builder.sandbox.web.batch import batch_request
from builder.sandbox.web.control import Control
from builder.sandbox.web.definitions import definitions_request, relationships_request
from builder.sandbox.web.disturbing import CONTROL, Disturbing, asked_of
from builder.sandbox.web.entities import entity_request
from builder.sandbox.web.exchange import Answer, Exchange
from builder.sandbox.web.functions import bound_function, unbound_function
from builder.sandbox.web.limits import refuse_what_is_not_here
from builder.sandbox.web.metadata import metadata_document

_LOG = logging.getLogger(__name__)
_MAX_BODY = 256 * 1024 * 1024
_API = "/api/data"
_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
Endpoint = Callable[[Request], Awaitable[Response]]


def application(
    environment: Environment,
    jobs: ImportJobs,
    disturbances: Disturbances | None = None,
    save: Callable[[], None] = lambda: None,
) -> Disturbing:
    """Make the application. It keeps no threads: one request is carried out after the other. `save` is called with
    every change before the answer goes out.
    """
    web = _Web(environment, jobs, save)
    log, disturbances = RequestLog(), disturbances or Disturbances()
    control = Control(environment, disturbances, log)
    app = Starlette(
        routes=[
            *control.routes(CONTROL),
            Route("/{tenant}/v2.0/.well-known/openid-configuration", web.discovery),
            Route("/{tenant}/discovery/v2.0/keys", web.keys),
            Route("/{tenant}/oauth2/v2.0/token", web.token, methods=["POST"]),
            Route("/api/data/{rest:path}", web.web_api, methods=_METHODS),
        ]
    )
    return Disturbing(app, environment, disturbances, log)


class _Web:
    def __init__(self, environment: Environment, jobs: ImportJobs, save: Callable[[], None]) -> None:
        self._environment = environment
        self._save = save
        self._tenant = environment.tenant
        self._jobs = jobs

    # -- Entra

    async def discovery(self, request: Request) -> Response:
        return self._for_tenant(request) or JSONResponse(self._tenant.discovery())

    async def keys(self, request: Request) -> Response:
        return self._for_tenant(request) or JSONResponse(self._tenant.keys())

    async def token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await _body(request)).decode("utf-8", "replace")).items()}
        refused = self._for_tenant(request)
        if refused:
            return refused
        try:
            return JSONResponse(self._tenant.token(form), headers={"Cache-Control": "no-store"})
        except EntraRefusal as refusal:
            return self._refuse(request, refusal)

    def _for_tenant(self, request: Request) -> Response | None:
        name = request.path_params["tenant"]
        if name.lower() == self._tenant.id:
            return None
        text = f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the "
        text += "correct cloud. Check with your subscription administrator, this may happen if there are no active"
        return self._refuse(request, EntraRefusal("invalid_tenant", 90002, f"{text} subscriptions for the tenant."))

    def _refuse(self, request: Request, refusal: EntraRefusal) -> Response:
        correlation_id = request.headers.get("client-request-id") or str(uuid.uuid4())
        return JSONResponse(refusal.body(self._environment.clock(), correlation_id), refusal.status)

    # -- Dataverse

    async def web_api(self, request: Request) -> Response:
        request_id = request.headers.get("x-ms-client-request-id") or str(uuid.uuid4())
        asked = asked_of(request.scope)
        try:
            answer = self._kept(request, await _body(request), asked)
        except WebApiFault as fault:
            asks = "odata.include-annotations" in request.headers.get("prefer", "")
            answer = Answer(fault.status, fault.annotated() if asks else fault.envelope())
            if asked:
                asked.code, asked.message, asked.refusal = fault.code, fault.message, fault.why
        except BadQuery as error:
            refusal = fault_of(error.message, error.supported)
            answer = Answer(refusal.status, refusal.envelope())
        except Exception:  # noqa: BLE001  (a bug answers 500 and is logged; the sandbox goes on)
            _LOG.exception("%s %s failed unexpectedly", request.method, request.url.path)
            text = "The sandbox failed unexpectedly; its standard error says more."
            answer = Answer(500, WebApiFault(500, "0x80040216", text).envelope())
        if request.method == "GET":
            self._environment.store.count_read()
        return _response(answer, request_id)

    def _kept(self, request: Request, body: bytes, asked: Asked | None) -> Answer:
        """Answer, and keep what changed, also where the answer is a refusal."""
        try:
            return self._answer(request, body, asked)
        finally:
            if request.method != "GET" or self._environment.store.journal:
                self._save()

    def _answer(self, request: Request, body: bytes, asked: Asked | None) -> Answer:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        caller = self._tenant.caller(token) if scheme.lower() == "bearer" else None
        if caller is None or request.scope.get("state", {}).get("token_expired"):
            return self._unauthorized(bool(token))
        version, segments = _split_version(request)
        principal = impersonated(self._environment, self._environment.authenticate(caller), request.headers)
        if asked:
            asked.user_id = principal.user_id
        self._jobs.settle()
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        options = parse_options({name: value for name, value in query.items() if name != "$id"})
        return _route(
            Exchange(
                method=request.method,
                root=f"{self._tenant.resource}{_API}/{version}",
                segments=segments,
                query=query,
                options=options,
                headers=request.headers,
                raw_body=body,
                principal=principal,
                environment=self._environment,
                jobs=self._jobs,
            )
        )

    def _unauthorized(self, token_given: bool) -> Answer:
        """401: no body, everything in the headers (recorded)."""
        reason = "token_invalid" if token_given else "token_missing"
        challenge = f"Bearer authorization_uri={self._tenant.base}/{self._tenant.id}/oauth2/authorize, "
        challenge += f"resource_id={self._tenant.resource}/"
        return Answer(401, headers={"WWW-Authenticate": challenge, "401_error_reason": reason})


async def _body(request: Request) -> bytes:
    chunks = bytearray()
    try:
        async for chunk in request.stream():
            chunks += chunk
            if len(chunks) > _MAX_BODY:
                raise WebApiFault(413, "", "The request is too large.")
    except ClientDisconnect:  # killed in the middle of its request: nothing is carried out
        raise WebApiFault(400, "", "The client went away.") from None
    return bytes(chunks)


def _split_version(request: Request) -> tuple[str, list[Segment]]:
    raw = request.scope.get("raw_path", b"").decode("ascii").partition("?")[0].removeprefix(_API).lstrip("/")
    version, _, path = raw.partition("/")
    if not re.fullmatch(r"v\d+\.\d+", version):
        text = "Requested API Version must be provided. Please provide in the format /api/data/v<Major>.<Minor>/"
        raise VersionMissing(text)
    if version not in ("v9.0", "v9.1", "v9.2"):
        raise WebApiFault(501, "0x8006088a", f"The API version '{version}' is not served.")
    return version, parse_path(path)


class VersionMissing(WebApiFault):
    """An address without a version: the one refusal that does not come in the usual envelope (recorded)."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "", message)

    def envelope(self) -> dict[str, object]:
        """The JSON body."""
        return {"Message": self.message}


def _route(exchange: Exchange) -> Answer:
    refuse_what_is_not_here(exchange)
    first = exchange.segments[0]
    if first.name == "$batch":
        return batch_request(exchange, _route)
    if first.name == "$metadata":
        return metadata_document(exchange)
    if first.name == "EntityDefinitions":
        return definitions_request(exchange)
    if first.name == "RelationshipDefinitions":
        return relationships_request(exchange)
    if len(exchange.segments) == 1:
        answer = unbound_function(exchange, first) or unbound_action(exchange, first)
    else:
        answer = bound_function(exchange) or bound_action(exchange)
    if answer is not None:
        return answer
    if first.name not in exchange.environment.schema.by_set:
        raise unknown_segment(first.name)
    if "$id" in exchange.query and exchange.segments[-1].name != "$ref":
        raise bad_request("The query option '$id' belongs to $ref.")
    return entity_request(exchange)


def _response(answer: Answer, request_id: str) -> Response:
    headers = {"OData-Version": "4.0", "x-ms-service-request-id": request_id, **answer.headers}
    if isinstance(answer.body, str):
        return PlainTextResponse(answer.body, answer.status, headers)
    if answer.body is None:
        return Response(None, answer.status, headers)
    media_type = "application/json; odata.metadata=minimal"
    return JSONResponse(answer.body, answer.status, headers, media_type)
