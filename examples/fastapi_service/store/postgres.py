"""PostgreSQL by DSN, with a pool of connections."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from .statements import Clash, Duplicate, Transaction, busy

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = Path(__file__).parents[2] / "service_schema" / "postgres.sql"


class PostgresStore:
    """A PostgreSQL database."""

    def __init__(self, dsn: str) -> None:
        self._pool = ConnectionPool(dsn, min_size=1, max_size=20, timeout=30, open=True)
        with self._pool.connection() as connection:
            # The lock keeps processes that start together from creating the tables at the same time.
            connection.execute("select pg_advisory_xact_lock(7644)")
            connection.execute(SCHEMA.read_text(encoding="utf-8"))

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        connection = None
        try:
            with self._pool.connection() as connection:
                yield Transaction(_Postgres(connection))
        except psycopg.errors.DeadlockDetected:
            raise Clash from None
        except PoolTimeout:
            raise busy() from None
        except psycopg.OperationalError:
            if connection is None or not connection.closed:
                raise
            # The server closed this connection, and perhaps idle ones, which `check` replaces before the next request.
            self._pool.check()
            raise busy() from None

    write = read  # the pool commits at the end of the block, and rolls back if it raises

    def close(self) -> None:
        self._pool.close()


class _Postgres:
    for_update = " for update"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def run(self, sql: str, values: dict[str, Any]) -> psycopg.Cursor[Any]:
        try:
            return self._connection.execute(_named(sql), values)
        except psycopg.errors.UniqueViolation:
            raise Duplicate from None

    def run_many(self, sql: str, rows: list[dict[str, Any]]) -> None:
        self._connection.cursor().executemany(_named(sql), rows)

    def next_seq(self, table: str) -> str:
        return "default"

    def each(self, parameter: str) -> str:
        return f"json_array_elements_text(cast(:{parameter} as json))"


@cache
def _named(sql: str) -> str:
    """The statement with `:name` in the syntax of psycopg."""
    return re.sub(r":(\w+)", r"%(\1)s", sql)
