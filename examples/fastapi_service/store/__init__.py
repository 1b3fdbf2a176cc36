"""Where resources are kept: one set of statements (`statements.py`), two databases (`sqlite.py`, `postgres.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .statements import GROUPS, KINDS, USERS, Clash, Duplicate, Kind, Row, Store, Transaction

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["GROUPS", "KINDS", "USERS", "Clash", "Duplicate", "Kind", "Row", "Store", "Transaction", "open_store"]


def open_store(place: str | Path) -> Store:
    """The store at a DSN (`postgresql://…`), or in a file for SQLite; made if it is not there yet."""
    place = str(place)
    if place.startswith(("postgresql://", "postgres://")):
        from .postgres import PostgresStore

        return PostgresStore(place)
    from .sqlite import SqliteStore

    return SqliteStore(place)
