"""Bulk (RFC 7644, section 3.7): the engine reads the request and resolves its references, this does one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .service import Session


def bulk(session: Session, body: bytes, operations: int) -> dict[str, Any]:
    """The BulkResponse. Each operation is a transaction of its own, as the RFC has it: those before an error stand."""
    raise NotImplementedError
