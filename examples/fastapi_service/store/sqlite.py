"""The embedded default: one file in WAL mode, with many readers and one writer."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from typing import TYPE_CHECKING, Any

from .statements import Duplicate, Transaction, busy

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY = 5
"""The seconds to wait for another writer."""
SCHEMA = Path(__file__).parents[2] / "service_schema" / "sqlite.sql"


class SqliteStore:
    """A SQLite file. Each transaction has a connection of its own, which is kept for a later one."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        # SQLite allows one writer at a time and makes others poll. Within this process they wait for a lock instead.
        self._writing = threading.Lock()
        with self._connection() as connection:
            connection.executescript(SCHEMA.read_text(encoding="utf-8"))

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._connection() as connection, _transaction(connection, "begin"):
            yield Transaction(_Sqlite(connection))

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        if not self._writing.acquire(timeout=2 * BUSY):
            raise busy()
        try:
            with self._connection() as connection, _transaction(connection, "begin immediate"):
                yield Transaction(_Sqlite(connection))
        finally:
            self._writing.release()

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.get_nowait()
        except Empty:
            # With `isolation_level=None`, only `_transaction` begins transactions. No two threads share a connection.
            connection = sqlite3.connect(self._file, timeout=BUSY, isolation_level=None, check_same_thread=False)
            connection.execute("pragma foreign_keys = on")
        try:
            yield connection
        finally:
            self._idle.put(connection)


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    try:
        connection.execute(begin)
        yield
        connection.execute("commit")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("rollback")
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            raise busy() from None
        raise


class _Sqlite:
    for_update = ""  # `begin immediate` has locked the whole database

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.run_many = connection.executemany

    def run(self, sql: str, values: dict[str, Any]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except sqlite3.IntegrityError as error:
            if "UNIQUE" in str(error):
                raise Duplicate from None
            raise

    def next_seq(self, table: str) -> str:
        within = " and group_id = :group" if table == "members" else ""
        return f"(select coalesce(max(seq), 0) + 1 from {table} where tenant_id = :tenant{within})"

    def each(self, parameter: str) -> str:
        return f"json_each(:{parameter})"
