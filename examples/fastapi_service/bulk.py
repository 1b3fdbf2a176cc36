"""Bulk (RFC 7644, section 3.7): the engine reads the request and resolves references; this module runs an operation."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import scim_engine as scim
from scim_engine import protocol

from .store import KINDS

if TYPE_CHECKING:
    from .service import Answer, Session


def bulk(session: Session, body: bytes, max_operations: int) -> dict[str, Any]:
    """The BulkResponse. Each operation is a transaction of its own, so those before an error keep their effect."""
    service = session.service
    request = protocol.Bulk(body, service.registry, max_operations=max_operations, max_payload=service.max_body)

    def handle(operation: protocol.BulkOperation) -> dict[str, Any]:
        try:
            answer = _do(session, operation)
        except scim.ScimError:
            raise
        except Exception as error:
            # As for any request, the failure is rolled back and logged, and the client gets no details.
            logging.getLogger("uvicorn.error").exception("operation %s of a bulk request", operation.index)
            raise scim.ScimError("internal error", status=500) from error
        return {"status": answer.status, "location": answer.location, "version": answer.version}

    return request.run(handle, base=session.base)


def _do(session: Session, operation: protocol.BulkOperation) -> Answer:
    [kind] = [kind for kind in KINDS if kind.type == operation.resource_type]
    if operation.method == "POST":
        return session.create(kind, operation.data, "")
    id, conditions = operation.id or "", protocol.Preconditions(if_match=operation.version)
    if operation.method == "PUT":
        return session.replace(kind, id, operation.data, "", conditions)
    if operation.method == "PATCH":
        return session.patch(kind, id, operation.data, "", conditions)
    return session.delete(kind, id, conditions)
