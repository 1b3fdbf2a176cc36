"""The rest of a SCIM endpoint, between HTTP, the host's database and the engine: pure functions, without I/O.

>>> from scim_engine import USER
>>> from scim_engine.protocol import ListQuery, stamp
>>> names = {7001: "otto", 7002: "ines"}
>>> users = [stamp({"userName": name}, USER, id=id, base="/scim/v2") for id, name in names.items()]
>>> query = ListQuery("filter=userName+pr&sortBy=userName&attributes=userName", USER)
>>> [user["userName"] for user in query.answer(users)["Resources"]]
['ines', 'otto']
>>> query.order.path, query.order.case_exact
('userName', False)
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from ._engine import (
    Bulk,
    BulkOperation,
    BulkResult,
    BulkSession,
    Cursors,
    ListQuery,
    Order,
    Preconditions,
    Projection,
    Registry,
    check_content_type,
    check_discovery_query,
    etag,
    media_type,
    stamp,
    touch,
)
from ._errors import ScimError

__all__ = [
    "Bulk",
    "BulkOperation",
    "BulkResult",
    "BulkSession",
    "Cursors",
    "ListQuery",
    "Order",
    "Preconditions",
    "Projection",
    "Registry",
    "check_content_type",
    "check_discovery_query",
    "error_response",
    "etag",
    "media_type",
    "run_bulk",
    "stamp",
    "touch",
]

_REFUSALS = {status.value: status.phrase.lower() for status in HTTPStatus if 400 <= status < 500}


def error_response(
    error: BaseException,
    *,
    accept: str | None = None,
    content_type: str | None = None,
    default: str = "application/scim+json",
) -> tuple[int, dict[str, str], bytes]:
    """The status, the headers and the body of the answer to a request that raised an exception.

    ``accept`` and ``content_type`` are headers of the request, as for ``media_type``. An exception of a web framework
    with a status from 400 to 499 (``code`` in Werkzeug, ``status_code`` in Starlette) keeps this status. Any other
    exception that is not a ``ScimError`` is a fault of the service: the status is 500. The body reveals nothing about
    exceptions that are not a ``ScimError``, so log them.
    """
    if not isinstance(error, ScimError):
        status = getattr(error, "status_code", getattr(error, "code", None))
        if isinstance(status, int) and status in _REFUSALS:
            error = ScimError(_REFUSALS[status], status=status)
        else:
            error = ScimError("the service failed to do this", status=500)
    headers = {"Content-Type": media_type(accept=accept, content_type=content_type, default=default)}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    # A text from a client may have a lone surrogate, which UTF-8 cannot encode, so `json.dumps` escapes it.
    return error.status, headers, json.dumps(error.to_dict()).encode()


async def run_bulk(
    bulk: Bulk,
    handle: Callable[[BulkOperation], Awaitable[BulkResult | dict[str, Any] | None]],
    *,
    base: str = "",
) -> dict[str, Any]:
    """Carries out all operations by a coroutine function that does one, and returns the ``BulkResponse``.

    It is ``Bulk.run`` for hosts that await their database. The operations are carried out one after the other.
    """
    session = bulk.start(base=base)
    for operation in session:
        result: BulkResult | dict[str, Any] | ScimError | None
        try:
            result = await handle(operation)
        except ScimError as error:
            result = error
        session.answer(result)
    return session.response()
