"""Carries requests to an endpoint: over HTTP to a URL, or directly into a WSGI or ASGI app.

It follows no redirects and uses no proxy, so that the token goes to the endpoint and nowhere else.
"""

from __future__ import annotations

import asyncio
import http.client
import inspect
import io
import ipaddress
import json
import os
import socket
import ssl
import sys
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, cast
from urllib.parse import unquote, urlsplit

Answer = tuple[int, list[tuple[str, str]], bytes]
"""The status, the headers and the body."""

MAX_BYTES = 64 * 1024 * 1024
"""The most bytes of an answer that are read."""


class Transport(ABC):
    """Carries requests. Several threads use it at the same time."""

    @abstractmethod
    def send(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes | None) -> Answer:
        """Sends one request; `path` includes the query. Raises an exception if there is no answer."""

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, *_error: object) -> None:
        return None


class _Clock:
    """The end of the time for a request. A socket's own timeout is for one call, and begins anew with each byte."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = 0.0

    def start(self) -> None:
        self._end = time.monotonic() + self._seconds

    def left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("not in time")
        return left


class _TimedReader(io.RawIOBase):
    """Reads from a socket until the clock ends, however many calls that takes."""

    def __init__(self, sock: socket.socket, clock: _Clock) -> None:
        self._sock = sock
        self._clock = clock
        # This file keeps the socket open until it is closed itself, which `http.client` relies on.
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._clock.left())
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _TimedSocket:
    """The part of a socket that `http.client` uses, with a clock that covers all its calls."""

    def __init__(self, sock: socket.socket, clock: _Clock) -> None:
        self._sock = sock
        self._clock = clock

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(self._clock.left())
            rest = rest[self._sock.send(rest) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self._clock))

    def close(self) -> None:
        self._sock.close()


def _connected(host: str, port: int, context: ssl.SSLContext | None, clock: _Clock) -> socket.socket:
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failed: OSError = OSError(f"there is no address of `{host}`")
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = None
        try:
            sock = socket.socket(family, kind, protocol)
            # Each address gets a share of the time, so that one that does not answer leaves some for the others.
            sock.settimeout(clock.left() / (len(addresses) - index))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            failed = error
            if sock is not None:
                sock.close()
            continue
        if context is None:
            return sock
        try:
            sock.settimeout(clock.left())
            return context.wrap_socket(sock, server_hostname=host)
        except BaseException:
            sock.close()
            raise
    raise failed


class _PlainConnection(http.client.HTTPConnection):
    """A connection whose requests end with the clock."""

    context: ssl.SSLContext | None = None

    def __init__(self, host: str, port: int | None, clock: _Clock) -> None:
        super().__init__(host, port)
        self.clock = clock

    def connect(self) -> None:
        self.sock = cast(
            "socket.socket", _TimedSocket(_connected(self.host, self.port, self.context, self.clock), self.clock)
        )


class _TlsConnection(_PlainConnection):
    default_port = http.client.HTTPS_PORT

    def __init__(self, host: str, port: int | None, clock: _Clock) -> None:
        super().__init__(host, port, clock)
        self.context = ssl.create_default_context()


class UrlTransport(Transport):
    """HTTP and HTTPS with the standard library. Connections are kept open, one for each thread."""

    def __init__(self, url: str, *, timeout: float, allow_http: bool) -> None:
        parts = urlsplit(url)
        # A wrong URL may contain a secret, so the message does not repeat it.
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the target is no URL: expected `https://HOST/PATH`, or a WSGI or ASGI app")
        if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
            raise ValueError("the URL of the target must have no user, query or fragment")
        if parts.scheme == "http" and not allow_http and not _is_loopback(parts.hostname):
            raise ValueError(
                f"the token would go to `{parts.hostname}` in clear text: use https, or `allow_http=True` if you must"
            )
        self._scheme = parts.scheme
        self._host = parts.hostname
        self._port = parts.port
        self._base = parts.path.rstrip("/")
        self._timeout = timeout
        self._own = threading.local()
        self._all: list[_PlainConnection] = []

    def _connection(self) -> _PlainConnection:
        kept: _PlainConnection | None = getattr(self._own, "connection", None)
        if kept is not None:
            return kept
        kind = _TlsConnection if self._scheme == "https" else _PlainConnection
        made = kind(self._host, self._port, _Clock(self._timeout))
        self._own.connection = made
        self._all.append(made)
        return made

    def send(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes | None) -> Answer:
        connection = self._connection()
        connection.clock.start()
        try:
            connection.request(method, self._base + path, body, dict(headers))
            response = connection.getresponse()
            read = response.read(MAX_BYTES + 1)
            if len(read) > MAX_BYTES:
                raise OSError("the answer is too long")
            return response.status, response.getheaders(), read
        except BaseException:
            # The next request opens the connection again.
            connection.close()
            raise

    def __exit__(self, *_error: object) -> None:
        for connection in self._all:
            connection.close()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class AppTransport(Transport):
    """The common part of WSGI and ASGI: the path under which the app has the endpoint."""

    def __init__(self, base: str) -> None:
        if base and not base.startswith("/"):
            raise ValueError("`base` must begin with a slash, such as `/scim/v2`")
        self._base = base.rstrip("/")

    def _split(self, path: str) -> tuple[str, str]:
        raw, _, query = (self._base + path).partition("?")
        return raw, query


def _raised(error: Exception, headers: list[tuple[str, str]]) -> Answer:
    """The answer of a server whose app raises an exception. Unlike a server's, it says what was raised and where."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}: " if frames else ""
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "500",
        "detail": f"{place}{type(error).__name__}: {error}",
    }
    accepted = [value for name, value in headers if name.lower() == "accept"]
    media_type = accepted[0] if accepted else "application/scim+json"
    return 500, [("Content-Type", media_type)], json.dumps(body).encode("ascii")


class WsgiTransport(AppTransport):
    """A WSGI app (PEP 3333), called directly."""

    def __init__(self, app: Callable[..., Iterable[bytes]], base: str) -> None:
        super().__init__(base)
        self._app = app

    def send(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes | None) -> Answer:
        raw, query = self._split(path)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            # PEP 3333: each byte of the path becomes one character.
            "PATH_INFO": unquote(raw, "latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "testserver",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body or b""),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if body is not None:
            environ["CONTENT_LENGTH"] = str(len(body))
        for name, value in headers:
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        said: list[tuple[str, list[tuple[str, str]]]] = []
        written: list[bytes] = []

        def start_response(
            status: str, response_headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            if exc_info is not None:
                said.clear()
            said.append((status, response_headers))
            return written.append

        try:
            chunks = self._app(environ, start_response)
            try:
                written.extend(chunks)
            finally:
                close = getattr(chunks, "close", None)
                if close is not None:
                    close()
        except Exception as error:
            return _raised(error, headers)
        if not said:
            raise RuntimeError("the app has not called `start_response`")
        status, answer_headers = said[-1]
        return int(status.split(" ", 1)[0]), list(answer_headers), b"".join(written)


AsgiApp = Callable[[MutableMapping[str, Any], Callable[[], Any], Callable[[Any], Any]], Awaitable[None]]


class AsgiTransport(AppTransport):
    """An ASGI app (version 3) on an event loop of its own, with the lifespan protocol if the app supports it."""

    def __init__(self, app: AsgiApp, base: str, timeout: float) -> None:
        super().__init__(base)
        self._app = app
        self._timeout = timeout
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scim-push-asgi", daemon=True)
        self._state: dict[str, Any] = {}
        self._lifespan: asyncio.Task[None] | None = None
        self._events: asyncio.Queue[dict[str, Any]] | None = None
        self._replies: asyncio.Queue[dict[str, Any]] | None = None

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(self._timeout)

    def __enter__(self) -> Transport:
        self._thread.start()
        try:
            self._run(self._startup())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self._run(self._shutdown())
        finally:
            self._stop()

    def _stop(self) -> None:
        self._run(self._cancel())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _cancel(self) -> None:
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self._loop.shutdown_asyncgens()

    async def _startup(self) -> None:
        events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        replies: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._events, self._replies = events, replies
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}

        async def live() -> None:
            try:
                await self._app(scope, events.get, replies.put)
            except Exception as error:
                # An app without support for lifespan raises an exception here, which is not an error.
                await replies.put({"type": "lifespan.unsupported", "error": error})

        self._lifespan = asyncio.ensure_future(live())
        await events.put({"type": "lifespan.startup"})
        reply = await self._reply()
        if reply is not None and reply["type"] == "lifespan.startup.failed":
            raise RuntimeError(f"the app does not start: {reply.get('message', '')}")
        if reply is None or reply["type"] != "lifespan.startup.complete":
            self._lifespan = None

    async def _reply(self) -> dict[str, Any] | None:
        """The next reply of the app about its lifespan; None if the app ends without one."""
        if self._replies is None or self._lifespan is None:
            return None
        reply = asyncio.ensure_future(self._replies.get())
        await asyncio.wait({reply, self._lifespan}, return_when=asyncio.FIRST_COMPLETED)
        if not reply.done() and self._replies.empty():
            reply.cancel()
            return None
        return await reply

    async def _shutdown(self) -> None:
        if self._lifespan is None or self._events is None:
            return
        await self._events.put({"type": "lifespan.shutdown"})
        reply = await self._reply()
        await self._lifespan
        if reply is not None and reply["type"] == "lifespan.shutdown.failed":
            raise RuntimeError(f"the app does not stop: {reply.get('message', '')}")

    def send(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes | None) -> Answer:
        return cast("Answer", self._run(self._request(method, path, headers, body)))

    async def _request(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes | None) -> Answer:
        raw, query = self._split(path)
        sent = [(b"host", b"testserver")]
        sent += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        if body is not None:
            sent.append((b"content-length", str(len(body)).encode("ascii")))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(raw),
            "raw_path": raw.encode("ascii"),
            "query_string": query.encode("ascii"),
            "root_path": "",
            "headers": sent,
            "client": ("127.0.0.1", 40000),
            "server": ("testserver", 80),
            "state": dict(self._state),
        }
        requests = [{"type": "http.request", "body": body or b"", "more_body": False}]
        is_complete = asyncio.Event()
        started: dict[str, Any] = {}
        chunks: list[bytes] = []

        async def receive() -> dict[str, Any]:
            if requests:
                return requests.pop()
            await is_complete.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))
                if not message.get("more_body", False):
                    is_complete.set()

        try:
            await self._app(scope, receive, send)
        except Exception as error:
            return _raised(error, headers)
        if not started:
            raise RuntimeError("the app has not answered")
        read = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in started.get("headers", [])]
        return int(started["status"]), read, b"".join(chunks)


def is_asgi(app: Any) -> bool:
    """Whether an app has the interface of ASGI: it is a coroutine function, or has three required arguments."""
    call = app if inspect.isfunction(app) or inspect.ismethod(app) else getattr(app, "__call__", app)  # noqa: B004
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call):
        return True
    try:
        parameters = inspect.signature(app).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(1 for one in parameters if one.kind in positional and one.default is one.empty) == 3


def transport_to(target: Any, *, base: str, timeout: float, allow_http: bool) -> Transport:
    """The transport for a URL, a WSGI app or an ASGI app."""
    if isinstance(target, str):
        if base:
            raise ValueError("`base` is for apps: a URL has the path in it")
        return UrlTransport(target, timeout=timeout, allow_http=allow_http)
    if not callable(target):
        raise TypeError("the target must be a URL, a WSGI app or an ASGI app")
    if is_asgi(target):
        return AsgiTransport(target, base, timeout)
    return WsgiTransport(target, base)
