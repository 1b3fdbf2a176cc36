"""What the adapters to SQLAlchemy and Django share."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bound(stored: str, value: Any) -> Any:
    """A value of a condition as a driver takes it for what is stored in this form."""
    if stored in ("timestamp", "utc_timestamp"):
        moment = _EPOCH + timedelta(microseconds=value)
        return moment if stored == "timestamp" else moment.replace(tzinfo=None)
    return uuid.UUID(value) if stored == "uuid" else value


def plain(value: Any) -> Any:
    """A value of a row as JSON has it, for the place of a page. A time without a zone is in UTC."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return (aware - _EPOCH) // timedelta(microseconds=1)
    return str(value) if isinstance(value, Decimal | uuid.UUID) else value


def after_all(prefix: str) -> str | None:
    """The least text that is greater than all texts with this prefix; none if there is none."""
    while prefix:
        prefix, last = prefix[:-1], ord(prefix[-1])
        if last < 0x10FFFF:
            return prefix + chr(0xE000 if last == 0xD7FF else last + 1)
    return None
