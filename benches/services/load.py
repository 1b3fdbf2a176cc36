"""A small load generator: one thread per keep-alive connection over a plain socket, so that the client costs little."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


class Connection:
    """One connection to one server. It reconnects if the server closes it after an answer."""

    def __init__(self, base: str, token: str | None) -> None:
        url = urlsplit(base)
        self._address = (url.hostname or "127.0.0.1", url.port or 80)
        self._prefix = url.path
        self._headers = f"Host: {url.netloc}\r\nAccept: application/scim+json\r\n"
        if token:
            self._headers += f"Authorization: Bearer {token}\r\n"
        self._file: Any = None
        self._socket: socket.socket | None = None

    def close(self) -> None:
        if self._socket is not None:
            self._file.close()
            self._socket.close()
            self._socket = None

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Sends one request; returns status and body."""
        data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        head = f"{method} {self._prefix}{path} HTTP/1.1\r\n{self._headers}"
        if data:
            head += f"Content-Type: application/scim+json\r\nContent-Length: {len(data)}\r\n"
        if self._socket is None:
            self._socket = socket.create_connection(self._address)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._file = self._socket.makefile("rb")
        self._socket.sendall(head.encode() + b"\r\n" + data)
        return self._read()

    def _read(self) -> tuple[int, bytes]:
        first = self._file.readline().split()
        if len(first) < 2:
            raise ConnectionError("the server closed the connection without an answer")
        headers = {}
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            headers[name.strip().lower()] = value.strip().lower()
        if headers.get(b"transfer-encoding") == b"chunked":
            body = b""
            while size := int(self._file.readline(), 16):
                body += self._file.read(size)
                self._file.readline()
            self._file.readline()
        elif b"content-length" in headers:
            body = self._file.read(int(headers[b"content-length"]))
        elif first[1] in (b"204", b"304"):
            body = b""
        else:
            body = self._file.read()
            headers[b"connection"] = b"close"
        if headers.get(b"connection") == b"close" or first[0] == b"HTTP/1.0":
            self.close()
        return int(first[1]), body


@dataclass(frozen=True)
class Rate:
    """The requests per second, and the time of a request."""

    per_second: float
    median_ms: float
    worst_ms: float


def measure(
    base: str,
    token: str | None,
    seconds: float,
    threads: int,
    request: Callable[[int, int], tuple[str, str, Any]],
    ok: Callable[[int, bytes], bool],
) -> Rate:
    """Sends requests over several connections for some seconds. `request(thread, turn)` makes the next one."""
    times: list[list[float]] = [[] for _ in range(threads)]
    faults: list[str] = []
    start = threading.Barrier(threads + 1)

    def run(thread: int) -> None:
        connection = Connection(base, token)
        start.wait()
        until = time.perf_counter() + seconds
        turn = 0
        while (before := time.perf_counter()) < until and not faults:
            method, path, body = request(thread, turn)
            status, answer = connection.send(method, path, body)
            times[thread].append(time.perf_counter() - before)
            if not ok(status, answer):
                faults.append(f"{method} {path}: {status} {answer[:300]!r}")
            turn += 1
        connection.close()

    workers = [threading.Thread(target=run, args=(thread,)) for thread in range(threads)]
    for worker in workers:
        worker.start()
    start.wait()
    begun = time.perf_counter()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - begun
    if faults:
        raise RuntimeError(faults[0])
    every = sorted(value for one in times for value in one)
    return Rate(len(every) / took, every[len(every) // 2] * 1000, every[-1] * 1000)
