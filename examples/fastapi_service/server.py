"""The process that serves the app until it is asked to stop."""

from __future__ import annotations

import signal
import socket

import uvicorn
from fastapi import FastAPI

GRACE = 10
"""The seconds that a stopping service waits for requests in progress, because a client may never end one."""


class Server(uvicorn.Server):
    """A server that says where it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        print(f"listening on http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serves an app until SIGTERM or SIGINT."""
    # uvicorn shuts down on these signals and then raises them again, which must not end the process.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: None)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE,
    )
    Server(config).run()
