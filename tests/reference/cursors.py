"""Pages by cursor in memory (RFC 9865; Q10, Q11, Q24, Q25)."""

import base64
import binascii
import hashlib
import json

from .errors import Refused


def encode(before: int, last: str | None, first: str | None, count: int, query: str) -> str:
    """Q25: A cursor: the number of resources before the page, the `id`s around its begin, and what it is bound to."""
    text = json.dumps([before, last, first, count, query], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, count: int, query: str) -> tuple[int, str | None, str | None]:
    """Q11: A cursor of another query is invalidCursor, and one with another count is invalidCount."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        before, last, first, bound_count, bound_query = json.loads(base64.b64decode(padded, b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, UnicodeError):
        raise Refused("invalidCursor", "this is not a cursor of this server") from None
    if not isinstance(before, int) or isinstance(before, bool) or before < 0 or bound_query != query:
        raise Refused("invalidCursor", "the cursor belongs to another query")
    if bound_count != count:
        raise Refused("invalidCount", "count is not that of the first request")
    return before, last, first


def bound_to(*parts: str | None) -> str:
    """Q11: What a cursor is bound to: filter, order and resource type."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def start(ids: list[str | None], before: int, last: str | None, first: str | None) -> int:
    """Q25: Where a page begins in a list that may have changed; nothing is left out."""
    if last is None:
        return min(before, len(ids))
    places = []
    if last in ids:
        places.append(ids.index(last) + 1)
    if first is not None and first in ids:
        places.append(ids.index(first))
    return min(places) if places else 0
