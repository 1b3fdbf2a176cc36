"""A SCIM endpoint without HTTP and without a database: requests and answers as data, over a storage of yours.

>>> import json
>>> from scim_engine.endpoint import Endpoint, MemoryStorage
>>> endpoint, storage = Endpoint(), MemoryStorage()
>>> user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bjensen"}
>>> created = endpoint.handle(
...     storage,
...     "POST",
...     "/Users",
...     base="https://app.example/scim/v2",
...     headers={"Content-Type": "application/scim+json"},
...     body=json.dumps(user).encode(),
... )
>>> created.status, dict(created.headers)["Location"]
(201, 'https://app.example/scim/v2/Users/1')

A storage has five methods: `get`, `find`, `insert`, `update` and `delete`, each with one argument that says what is
asked. It is that of one tenant: the host authenticates a request first. `wsgi` and `asgi` make an app of an endpoint.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from ._engine import (
    Delete,
    EndpointCore,
    Exchange,
    Find,
    Get,
    Insert,
    MemoryStorage,
    Needs,
    Outcome,
    Response,
    Update,
)
from ._errors import InvalidSyntax, PayloadTooLarge, ScimError

__all__ = [
    "AsyncStorage",
    "Busy",
    "Caller",
    "Delete",
    "Endpoint",
    "EndpointCore",
    "Event",
    "Exchange",
    "Find",
    "Found",
    "Get",
    "Insert",
    "MemoryStorage",
    "Missing",
    "Needs",
    "Response",
    "Stale",
    "Storage",
    "Stored",
    "Update",
    "asgi",
    "wsgi",
]

_LOG = logging.getLogger("scim_engine.endpoint")
Headers = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Stored:
    """A resource as it is stored."""

    resource: Mapping[str, Any]
    """The resource with its `id`, and with `meta.created` and `meta.lastModified` if the storage has them."""
    version: str
    """Its version, which is the ETag (`W/"3"`). It changes with each `Update`."""


@dataclass(frozen=True)
class Found:
    """Resources that were found."""

    page: Iterable[Stored]
    """Those of the page."""
    total: int | None = None
    """How many there are in all, if it was asked for."""
    next: Any = None
    """The place behind the last of the page, as any JSON value; `None` if no resource follows."""


@dataclass(frozen=True)
class Event:
    """What a request did to one resource, for an audit log. It is picklable."""

    op: Literal["created", "replaced", "patched", "deleted"]
    """What was done."""
    resource_type: str
    """The name of the resource type: `User`."""
    id: str
    """The id of the resource."""
    outcome: Outcome
    """The changes, and the repairs of the request. No secret is in it, and its `resource` is empty. A PUT or PATCH that
    changes nothing has an event, too: `changed` is then false."""
    secrets: tuple[str, ...]
    """The paths of the secrets that the request set or unassigned, such as `password`."""


class Stale(Exception):
    """A storage raises this if the resource has another version than the one that was read."""


class Missing(Exception):
    """A storage raises this if there is no such resource."""


class Busy(Exception):
    """A storage raises this if the database is busy: the client is asked to try again."""


class Storage(Protocol):
    """The resources of one tenant. Each method is one transaction.

    It refuses what the request asks by raising a `ScimError`: `Uniqueness` if another resource has the name,
    `InvalidFilter` for a filter that it cannot answer. `update` and `delete` raise `Stale` or `Missing`. What else it
    raises is logged, and the client gets a 500 without it. If it has a method `release`, that is called when the
    request is answered: for a row that `get` holds, say.
    """

    def get(self, get: Get, /) -> Stored | None:
        """Reads a resource."""

    def find(self, find: Find, /) -> Found:
        """Finds the resources that a filter selects: those of a page, in an order."""

    def insert(self, insert: Insert, /) -> Stored:
        """Stores a new resource under an id of its own."""

    def update(self, update: Update, /) -> Stored | None:
        """Writes a resource if it still has the version that was read.

        Returns the resource as it is now, if it is at hand with all its lists.
        """

    def delete(self, delete: Delete, /) -> None:
        """Deletes a resource, and its references in other resources."""


class AsyncStorage(Protocol):
    """The same as `Storage`, for a host that awaits its database."""

    async def get(self, get: Get, /) -> Stored | None:
        """Reads a resource."""

    async def find(self, find: Find, /) -> Found:
        """Finds the resources that a filter selects: those of a page, in an order."""

    async def insert(self, insert: Insert, /) -> Stored:
        """Stores a new resource under an id of its own."""

    async def update(self, update: Update, /) -> Stored | None:
        """Writes a resource if it still has the version that was read.

        Returns the resource as it is now, if it is at hand with all its lists.
        """

    async def delete(self, delete: Delete, /) -> None:
        """Deletes a resource, and its references in other resources."""


_METHODS = {Get: "get", Find: "find", Insert: "insert", Update: "update", Delete: "delete"}


class Endpoint(EndpointCore):
    __doc__ = EndpointCore.__doc__

    def handle(
        self,
        storage: Storage,
        method: str,
        path: str,
        *,
        base: str,
        query: str = "",
        headers: Headers = (),
        body: bytes | None = None,
        me: str | None = None,
        context: str = "",
        now: datetime | None = None,
    ) -> Response:
        """Answers a request from a storage that blocks. The other arguments are those of `begin`."""
        try:
            exchange = self.begin(
                method, path, base=base, query=query, headers=headers, body=body, me=me, context=context, now=now
            )
        except UnicodeError:
            return self.refuse(_NOT_TEXT)
        step = exchange.start()
        try:
            while not isinstance(step, Response):
                try:
                    reply = getattr(storage, _METHODS[type(step)])(step)
                except Exception as failure:
                    step = _failed(exchange, failure)
                else:
                    step = _answered(exchange, reply)
        finally:
            _release(storage)
        return step

    async def handle_async(
        self,
        storage: AsyncStorage,
        method: str,
        path: str,
        *,
        base: str,
        query: str = "",
        headers: Headers = (),
        body: bytes | None = None,
        me: str | None = None,
        context: str = "",
        now: datetime | None = None,
    ) -> Response:
        """Answers a request from a storage that is awaited."""
        try:
            exchange = self.begin(
                method, path, base=base, query=query, headers=headers, body=body, me=me, context=context, now=now
            )
        except UnicodeError:
            return self.refuse(_NOT_TEXT)
        step = exchange.start()
        try:
            while not isinstance(step, Response):
                try:
                    reply = await getattr(storage, _METHODS[type(step)])(step)
                except Exception as failure:
                    step = _failed(exchange, failure)
                else:
                    step = _answered(exchange, reply)
        finally:
            released = _release(storage)
            if released is not None:
                await released
        return step


_NOT_TEXT = ScimError("the request has text that is not Unicode", status=400)
Step: TypeAlias = Get | Find | Insert | Update | Delete | Response


def _release(storage: Any) -> Any:
    """Tells a storage that no call follows, if it wants to know."""
    release = getattr(storage, "release", None)
    return None if release is None else release()


def _answered(exchange: Exchange, reply: Any) -> Step:
    """The step after an answer. One that cannot be read is the storage's fault, whatever is wrong with it."""
    try:
        return exchange.answer(reply)
    except Exception as failure:
        return _broken(exchange, failure)


def _broken(exchange: Exchange, failure: Exception) -> Step:
    """The step after a failure that the client does not learn."""
    _LOG.error("the storage failed", exc_info=failure)
    return exchange.fail(type(failure).__name__)


def _failed(exchange: Exchange, failure: Exception) -> Step:
    """The step after a storage has raised an exception."""
    for kind, word in ((Stale, "stale"), (Missing, "missing"), (Busy, "busy")):
        if isinstance(failure, kind):
            return exchange.fail(word)
    if isinstance(failure, ScimError):
        try:
            return exchange.fail(failure)
        except Exception as other:  # an error that cannot be sent
            return _broken(exchange, other)
    return _broken(exchange, failure)


@dataclass(frozen=True)
class Caller:
    """Who sends a request, as a guard finds."""

    storage: Any
    """The storage of its tenant."""
    context: str = ""
    """Where cursors are valid, such as the tenant."""
    me: str | None = None
    """What `/Me` is, such as `/Users/17`."""


Guard = Callable[[Mapping[str, str], str], Caller]
"""Authenticates a request by its headers, whose names are in lower case, and its path below the app. It raises a
`ScimError` of status 401, or `TooManyRequests`."""
AsyncGuard = Callable[[Mapping[str, str], str], Awaitable[Caller]]


def wsgi(endpoint: Endpoint, guard: Guard, *, base: str | None = None) -> Callable[..., Iterator[bytes]]:
    """A WSGI app. `base` is the URL of the service; otherwise it is that of the request.

    >>> from wsgiref.util import setup_testing_defaults
    >>> from scim_engine.endpoint import Caller, Endpoint, MemoryStorage, wsgi
    >>> app = wsgi(Endpoint(), lambda headers, path: Caller(MemoryStorage()), base="https://app.example/scim/v2")
    >>> environ = {"PATH_INFO": "/Users/7"}
    >>> setup_testing_defaults(environ)
    >>> body = b"".join(app(environ, lambda status, headers: print(status)))
    404 Not Found
    """
    from http import HTTPStatus
    from wsgiref.util import application_uri

    def answer(environ: dict[str, Any]) -> Response:
        headers = {
            key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")
        }
        for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.get(key):
                headers[key.replace("_", "-").lower()] = environ[key]
        # WSGI has decoded the path, in which a slash may have been escaped: what was sent is in some servers' RAW_URI.
        raw = str(environ.get("PATH_INFO", "")).encode("latin-1")
        path = _quoted(raw)
        try:
            caller = guard(headers, raw.decode("utf-8", "replace"))
            body = _read(environ, headers, endpoint.max_body)
            return endpoint.handle(
                caller.storage,
                environ["REQUEST_METHOD"],
                path,
                base=base or application_uri(environ).rstrip("/"),
                query=environ.get("QUERY_STRING", ""),
                headers=headers,
                body=body,
                me=caller.me,
                context=caller.context,
            )
        except ScimError as refused:
            return endpoint.refuse(refused, headers=headers, path=path)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        response = answer(environ)
        headers = _with_length(response)
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
        return iter([response.body])

    return app


def asgi(endpoint: Endpoint, guard: AsyncGuard, *, base: str | None = None) -> Callable[..., Awaitable[None]]:
    """An ASGI app. `base` is the URL of the service; otherwise it is that of the request.

    A `Storage` whose methods are not `async def` is asked in a thread, so nobody else waits for it.
    """

    async def answer(scope: Mapping[str, Any], receive: Callable[[], Awaitable[Any]]) -> Response:
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            headers[key] = f"{headers[key]},{text}" if key in headers else text
        # Of the raw path, servers leave out nothing; `root_path` is decoded.
        root = _quoted(scope.get("root_path", "").encode("utf-8", "surrogateescape"))
        raw = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else _quoted(scope["path"].encode())
        path = raw.removeprefix(root)
        try:
            caller = await guard(headers, path)
            body = await _received(receive, headers, endpoint.max_body)
            origin = f"{scope.get('scheme', 'http')}://{headers.get('host', 'localhost')}"
            request: dict[str, Any] = {
                "base": base or f"{origin}{root}",
                "query": scope.get("query_string", b"").decode("latin-1"),
                "headers": headers,
                "body": body,
                "me": caller.me,
                "context": caller.context,
            }
            if inspect.iscoroutinefunction(caller.storage.get):
                return await endpoint.handle_async(caller.storage, scope["method"], path, **request)
            return await asyncio.to_thread(endpoint.handle, caller.storage, scope["method"], path, **request)
        except ScimError as refused:
            return endpoint.refuse(refused, headers=headers, path=path)

    async def app(scope: Mapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] != "http":
            raise ValueError(f"a SCIM endpoint has no `{scope['type']}`")
        response = await answer(scope, receive)
        headers = [
            (name.lower().encode(), value.encode("latin-1", "replace")) for name, value in _with_length(response)
        ]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    return app


def _with_length(response: Response) -> list[tuple[str, str]]:
    """The headers, and the length of a body. An answer to HEAD does not say how long that to GET would be."""
    return [*response.headers, *([("Content-Length", str(len(response.body)))] if response.body else [])]


def _quoted(path: bytes) -> str:
    from urllib.parse import quote

    return quote(path, safe="/!$&'()*+,;=:@~")


_BROKEN_OFF = InvalidSyntax("the body broke off")


def _length(headers: Mapping[str, str], limit: int) -> int:
    """The declared length of a body; one over the limit is not read."""
    declared = headers.get("content-length", "0")
    # `int` refuses texts of thousands of digits.
    length = int(declared[:20]) if declared.isascii() and declared.isdigit() else 0
    if length > limit:
        raise PayloadTooLarge(f"the body is too large: at most {limit} bytes are allowed")
    return length


def _read(environ: Mapping[str, Any], headers: Mapping[str, str], limit: int) -> bytes:
    """The body. Servers that decode chunks say that the input ends."""
    if "content-length" in headers:
        length = _length(headers, limit)
        body = bytes(environ["wsgi.input"].read(length))
        if len(body) < length:
            raise _BROKEN_OFF
        return body
    return bytes(environ["wsgi.input"].read(limit + 1)) if environ.get("wsgi.input_terminated") else b""


async def _received(receive: Callable[[], Awaitable[Any]], headers: Mapping[str, str], limit: int) -> bytes:
    _length(headers, limit)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _BROKEN_OFF
        body += message.get("body", b"")
        # What is over the limit by one byte is refused as a whole.
        if not message.get("more_body") or len(body) > limit:
            return bytes(body)
