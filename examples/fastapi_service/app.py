"""HTTP only: URLs, headers and bodies in; statuses, headers and bodies out.

Slow work (the database, the engine) is in `def` functions, which FastAPI runs in its pool of threads.
"""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Route

import scim_engine as scim
from scim_engine import protocol

from .bulk import bulk
from .service import Answer, Service, Session
from .store import KINDS, Kind, Store
from .tokens import authenticate

BULK_OPERATIONS = 1_000
PAGE, LARGEST_PAGE = 100, 1_000


def create_app(store: Store, *, max_body: int = 1_048_576, base_url: str | None = None) -> FastAPI:
    """The ASGI application over a store."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.service = Service(store, max_body)
    app.state.base_url = base_url
    app.include_router(router)
    app.add_exception_handler(scim.ScimError, _error)
    app.add_exception_handler(HTTPException, _http_error)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, _error)
    return app


router = APIRouter(prefix="/tenants/{tenant}/scim/v2")
READ = ["GET", "HEAD"]  # a HEAD is a GET whose body the server leaves out


# The parameters of the functions below.


def _session(request: Request, tenant: str) -> Session:
    """The session of an authenticated caller. Nothing else of the request is read before this succeeds."""
    service: Service = request.app.state.service
    caller = authenticate(service.store, tenant, request.headers.get("authorization"))
    if caller is None:
        raise scim.ScimError("a valid bearer token of this tenant is needed", status=401)
    origin = str(request.app.state.base_url or request.base_url).rstrip("/")
    return Session(service, caller, f"{origin}/tenants/{caller.tenant}/scim/v2")


def _kind(request: Request, endpoint: str) -> Kind:
    if request.method not in _methods(request):
        raise HTTPException(405)
    for kind in KINDS:
        if kind.type.endpoint == f"/{endpoint}":
            return kind
    raise scim.NotFound(f"there is no endpoint `/{endpoint}`")


def _methods(request: Request) -> set[str]:
    """The methods of a URL, from its most specific routes: `/Bulk` rather than `/{endpoint}`."""
    routes = [route for route in router.routes if isinstance(route, Route)]
    here = [route for route in routes if route.matches(request.scope)[0] != Match.NONE]
    fewest = min((len(route.param_convertors) for route in here), default=0)
    return set().union(*(route.methods or () for route in here if len(route.param_convertors) == fewest))


async def _body(request: Request) -> bytes:
    """Reads the body, if it is JSON, and stops once it is over the limit."""
    protocol.check_content_type(request.headers.get("content-type"))
    limit = request.app.state.service.max_body
    too_large = scim.PayloadTooLarge(f"the body is over the limit of {limit} bytes")
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise too_large
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > limit:
                raise too_large
    except ClientDisconnect:
        raise scim.InvalidSyntax("the body broke off") from None
    return bytes(body)


def _conditions(request: Request) -> protocol.Preconditions:
    def header(name: str) -> str | None:
        # A header that occurs twice is one list.
        return ",".join(request.headers.getlist(name)) if name in request.headers else None

    return protocol.Preconditions(if_match=header("if-match"), if_none_match=header("if-none-match"))


Caller = Annotated[Session, Depends(_session)]
Endpoint = Annotated[Kind, Depends(_kind)]
Body = Annotated[bytes, Depends(_body)]
Conditions = Annotated[protocol.Preconditions, Depends(_conditions)]


def _query(request: Request) -> str:
    return str(request.scope["query_string"], "latin-1")


def _respond(request: Request, answer: Answer) -> Response:
    headers = {}
    if answer.location is not None:
        headers["location" if answer.status == 201 else "content-location"] = answer.location
    if answer.version is not None:
        headers["etag"] = answer.version
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    asked = request.headers
    media_type = protocol.media_type(accept=asked.get("accept"), content_type=asked.get("content-type"))
    return Response(text.encode(), answer.status, headers, media_type)


# Discovery (RFC 7644, section 4).


def _discovery(request: Request, caller: Caller) -> Session:
    protocol.check_discovery_query(_query(request))
    return caller


Discovery = Annotated[Session, Depends(_discovery)]


@router.api_route("/ServiceProviderConfig", methods=READ)
def service_provider_config(request: Request, caller: Discovery) -> Response:
    """The capabilities of this service."""
    config = caller.service.registry.service_provider_config(
        base=caller.base,
        bulk={"maxOperations": BULK_OPERATIONS, "maxPayloadSize": caller.service.max_body},
        filter_max=LARGEST_PAGE,
        pagination={
            "cursor": True,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": PAGE,
            "maxPageSize": LARGEST_PAGE,
            "cursorTimeout": caller.service.cursors.lifetime,
        },
    )
    return _respond(request, Answer(body=config))


@router.api_route("/ResourceTypes", methods=READ)
def resource_types(request: Request, caller: Discovery) -> Response:
    return _respond(request, Answer(body=caller.service.registry.resource_types_response(base=caller.base)))


@router.api_route("/ResourceTypes/{name}", methods=READ)
def resource_type(request: Request, caller: Discovery, name: str) -> Response:
    return _respond(request, Answer(body=caller.service.registry.resource_type_response(name, base=caller.base)))


@router.api_route("/Schemas", methods=READ)
def schemas(request: Request, caller: Discovery) -> Response:
    return _respond(request, Answer(body=caller.service.registry.schemas_response(base=caller.base)))


@router.api_route("/Schemas/{urn}", methods=READ)
def schema(request: Request, caller: Discovery, urn: str) -> Response:
    return _respond(request, Answer(body=caller.service.registry.schema_response(urn, base=caller.base)))


# Requests that are not for one resource type.


@router.api_route("/Me", methods=[*READ, "POST", "PUT", "PATCH", "DELETE"])
def me(caller: Caller) -> Response:
    """Not supported, because a token belongs to a tenant and not to a user."""
    raise scim.ScimError("`/Me` is not supported: a token of a tenant is not a user", status=501)


@router.post("/Bulk")
def post_bulk(request: Request, caller: Caller, body: Body) -> Response:
    return _respond(request, Answer(body=bulk(caller, body, BULK_OPERATIONS)))


@router.post("/.search")
def search_all(request: Request, caller: Caller, body: Body) -> Response:
    """Searches users and groups."""
    query = protocol.ListQuery.from_body(body, default_count=PAGE, max_count=LARGEST_PAGE, cursors=True)
    return _respond(request, caller.search(KINDS, query))


# Users and Groups.


@router.api_route("/{endpoint}", methods=READ)
def list_resources(request: Request, caller: Caller, kind: Endpoint) -> Response:
    query = protocol.ListQuery(_query(request), kind.type, default_count=PAGE, max_count=LARGEST_PAGE, cursors=True)
    return _respond(request, caller.search([kind], query))


@router.post("/{endpoint}/.search")
def search_resources(request: Request, caller: Caller, kind: Endpoint, body: Body) -> Response:
    query = protocol.ListQuery.from_body(body, kind.type, default_count=PAGE, max_count=LARGEST_PAGE, cursors=True)
    return _respond(request, caller.search([kind], query))


@router.post("/{endpoint}")
def create(request: Request, caller: Caller, kind: Endpoint, body: Body) -> Response:
    return _respond(request, caller.create(kind, body, _query(request)))


@router.api_route("/{endpoint}/{id}", methods=READ)
def get(request: Request, caller: Caller, kind: Endpoint, id: str, conditions: Conditions) -> Response:
    return _respond(request, caller.get(kind, id, _query(request), conditions))


@router.put("/{endpoint}/{id}")
def replace(request: Request, caller: Caller, kind: Endpoint, id: str, body: Body, conditions: Conditions) -> Response:
    return _respond(request, caller.replace(kind, id, body, _query(request), conditions))


@router.patch("/{endpoint}/{id}")
def patch(request: Request, caller: Caller, kind: Endpoint, id: str, body: Body, conditions: Conditions) -> Response:
    return _respond(request, caller.patch(kind, id, body, _query(request), conditions))


@router.delete("/{endpoint}/{id}")
def delete(request: Request, caller: Caller, kind: Endpoint, id: str, conditions: Conditions) -> Response:
    return _respond(request, caller.delete(kind, id, conditions))


# Errors (RFC 7644, section 3.12).


def _error(request: Request, error: Exception) -> Response:
    """The answer of a SCIM error. Other exceptions are only logged; the client gets a 500 without details."""
    status, headers, body = protocol.error_response(
        error, accept=request.headers.get("accept"), content_type=request.headers.get("content-type")
    )
    if not isinstance(error, scim.ScimError):
        # The server closes the connection after an exception, and the client should know.
        headers["Connection"] = "close"
    return Response(body, status, headers)


def _http_error(request: Request, error: HTTPException) -> Response:
    """The answer of a request that the framework refuses: no such URL, no such method."""
    response = _error(request, scim.ScimError(str(error.detail).lower(), status=error.status_code))
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        # The framework lists the methods of one route, but several routes may match this URL.
        response.headers["allow"] = ", ".join(sorted(_methods(request)))
    return response
