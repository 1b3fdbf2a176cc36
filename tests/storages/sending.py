"""Requests to an endpoint over a storage."""

from __future__ import annotations

import json
from typing import Any

from scim_engine.endpoint import Endpoint, Storage


def send(
    endpoint: Endpoint, storage: Storage, method: str, path: str, body: Any = None, query: str = ""
) -> tuple[int, Any]:
    """The status of the answer, and its body."""
    response = endpoint.handle(
        storage,
        method,
        path,
        base="https://app.example",
        query=query,
        headers={"Content-Type": "application/scim+json"},
        body=None if body is None else json.dumps(body).encode(),
    )
    return response.status, json.loads(response.body or b"null")
