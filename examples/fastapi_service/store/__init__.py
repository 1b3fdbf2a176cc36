"""The storage: one set of statements (`statements.py`) for two databases (`sqlite.py`, `postgres.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .statements import GROUPS, KINDS, USERS, Clash, Duplicate, Kind, Row, Store, Transaction

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["GROUPS", "KINDS", "USERS", "Clash", "Duplicate", "Kind", "Row", "Store", "Transaction", "open_store"]


def open_store(place: str | Path) -> Store:
    """The store at a DSN (`postgresql://…`), or in a SQLite file, which is created if it does not exist."""
    place = str(place)
    if place.startswith(("postgresql://", "postgres://")):
        from .postgres import PostgresStore

        return PostgresStore(place)
    from .sqlite import SqliteStore

    return SqliteStore(place)
