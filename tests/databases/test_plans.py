"""With the recommended indexes, the databases find what clients ask for in an index."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from django.db import connections, models
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect

import scim_engine as scim
from scim_engine import sql
from scim_engine.django import q
from scim_engine.sql import Column, Mapping, Rows
from scim_engine.sqlalchemy import where as sqlalchemy_where

from .engines import PostgreSql, django_is_set_up

django_is_set_up()

COUNT = 20_000
USERS = Mapping(
    scim.USER,
    "users",
    {
        "id": Column.digits("id"),
        "externalId": Column.text("external_id"),
        "userName": Column.folded("user_name_key", not_null=True),
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
GROUPS = Mapping(
    scim.GROUP, "groups", {"members": Rows("members", {"value": Column.digits("user_id")}, on={"group_id": "id"})}
)
TABLES = (
    "create table users (id integer primary key, external_id text, user_name_key text not null, changed_us bigint)",
    "create table emails (user_id integer, type_key text, value_key text)",
    "create table groups (id integer primary key, name text)",
    "create table members (group_id integer, user_id integer)",
)
MANY = " or ".join(f'userName eq "user{number * 7}"' for number in range(30))
FILTERS = {
    "userName": (USERS, 'userName eq "USER77"'),
    "a prefix": (USERS, 'userName sw "user777"'),
    "externalId": (USERS, 'externalId eq "E77"'),
    "id": (USERS, 'id eq "77"'),
    "an element": (USERS, 'emails[type eq "work" and value eq "user77@x.example"]'),
    "a value": (USERS, 'emails.value eq "user77@x.example"'),
    "members": (GROUPS, 'members eq "77"'),
    "thirty": (USERS, MANY),
    "lastModified": (USERS, 'meta.lastModified gt "1970-01-01T05:33:00Z"'),
}


def rows() -> dict[str, list[tuple]]:
    numbers = range(COUNT)
    return {
        "users": [(number, f"E{number}", f"user{number}", number * 1_000_000) for number in numbers],
        "emails": [(number, "work", f"user{number}@x.example") for number in numbers],
        "groups": [(number, f"Group {number}") for number in range(COUNT // 2)],
        "members": [(number // 2, number) for number in numbers],
    }


class Planner:
    """A database that says how it would run a query."""

    def __init__(self, dialect: str, connection: Any):
        self.dialect, self.connection = dialect, connection
        for statement in TABLES:
            connection.execute(statement)
        mark = "?" if dialect == "sqlite" else "%s"
        for table, all_of in rows().items():
            places = ", ".join([mark] * len(all_of[0]))
            connection.cursor().executemany(f"insert into {table} values ({places})", all_of)
        for mapping in (USERS, GROUPS):
            for statement in mapping.recommended_ddl(dialect):
                connection.execute(statement)
        connection.execute("analyze")

    def plan(self, query: str, values: Any) -> str:
        """The plan, as text."""
        explain = "explain query plan " if self.dialect == "sqlite" else "explain "
        found = self.connection.execute(explain + query, values).fetchall()
        return "\n".join(str(row[-1]) for row in found)

    def scans(self, plan: str) -> bool:
        """Whether a whole table is read."""
        return any(line.startswith("SCAN ") and "INDEX" not in line for line in plan.splitlines()) or "Seq Scan" in plan


@pytest.fixture(scope="module")
def postgresql():
    """A server, and a connection that writes values into the text, since `explain` takes none."""
    server = PostgreSql()
    with server.connect(cursor_factory=psycopg.ClientCursor) as connection:
        yield connection
    server.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def planner(request):
    if request.param == "postgresql":
        yield Planner("postgresql", request.getfixturevalue("postgresql"))
        return
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        yield Planner("sqlite", connection)


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_uses_an_index(planner, name):
    mapping, asked = FILTERS[name]
    where, values = mapping.bind(asked).sql(planner.dialect)
    plan = planner.plan(f"select id from {mapping.table} where {where}", values)
    assert not planner.scans(plan), plan


def by_sqlalchemy(dialect: str, condition: sql.Where, table: str) -> tuple[str, Any]:
    """The query of SQLAlchemy, and its values."""
    tables = sa.MetaData()
    sa.Table(
        "users", tables, sa.Column("id", sa.Integer), *map(sa.Column, ("external_id", "user_name_key", "changed_us"))
    )
    sa.Table("emails", tables, *map(sa.Column, ("user_id", "type_key", "value_key")))
    sa.Table("groups", tables, sa.Column("id", sa.Integer))
    sa.Table("members", tables, *map(sa.Column, ("group_id", "user_id")))
    query = sa.select(tables.tables[table].c.id).where(sqlalchemy_where(condition, tables.tables[table]))
    written = {"sqlite": sqlite_dialect.dialect(), "postgresql": psycopg_dialect.dialect()}[dialect]
    compiled = query.compile(dialect=written, compile_kwargs={"render_postcompile": True})
    if dialect == "sqlite":
        return compiled.string, [compiled.params[name] for name in compiled.positiontup]
    return compiled.string, compiled.params


class PlannedUser(models.Model):
    """A user."""

    external_id = models.TextField()
    user_name_key = models.TextField()
    changed_us = models.BigIntegerField()

    class Meta:
        app_label = "plans"
        db_table = "users"


class PlannedEmail(models.Model):
    """An e-mail address."""

    user_id = models.IntegerField(primary_key=True)
    type_key = models.TextField()
    value_key = models.TextField()

    class Meta:
        app_label = "plans"
        db_table = "emails"


class PlannedGroup(models.Model):
    """A group."""

    class Meta:
        app_label = "plans"
        db_table = "groups"


class PlannedMember(models.Model):
    """A member of a group."""

    group_id = models.IntegerField(primary_key=True)
    user_id = models.IntegerField()

    class Meta:
        app_label = "plans"
        db_table = "members"


def by_django(dialect: str, condition: sql.Where, table: str) -> tuple[str, Any]:
    """The query of Django, and its values."""
    model = {"users": PlannedUser, "groups": PlannedGroup}[table]
    kind = {"sqlite": "sqlite3", "postgresql": "postgresql"}[dialect]
    settings = connections.configure_settings({"default": {"ENGINE": f"django.db.backends.{kind}", "NAME": "plans"}})
    connections.settings[f"plans-{dialect}"] = settings["default"]
    found = model.objects.filter(q(condition, model)).values("id")
    text, values = found.query.get_compiler(connection=connections.create_connection(f"plans-{dialect}")).as_sql()
    return text.replace("%s", "?") if dialect == "sqlite" else text, values


@pytest.mark.parametrize("adapter", [by_sqlalchemy, by_django])
@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_of_an_adapter_uses_an_index(planner, name, adapter):
    mapping, asked = FILTERS[name]
    text, values = adapter(planner.dialect, mapping.bind(asked), mapping.table)
    where, own = mapping.bind(asked).sql(planner.dialect)
    wanted = planner.connection.execute(f"select id from {mapping.table} where {where}", own).fetchall()
    assert sorted(planner.connection.execute(text, values).fetchall()) == sorted(wanted) != []
    plan = planner.plan(text, values)
    assert not planner.scans(plan), plan


@pytest.mark.parametrize("page", [1, 1000])
def test_a_page_begins_in_an_index(planner, page):
    order = USERS.order_by("userName")
    by, _ = order.sql(planner.dialect)
    where, values = order.after([f"user{page * 10}", page * 10]).sql(planner.dialect)
    plan = planner.plan(f"select id from users where {where} order by {by} limit 10", values)
    assert not planner.scans(plan), plan
    found = planner.connection.execute(f"select id from users where {where} order by {by} limit 1", values).fetchall()
    names = sorted((f"user{number}", number) for number in range(COUNT))
    assert found[0][0] == names[names.index((f"user{page * 10}", page * 10)) + 1][1]


def test_the_recommended_statements_are_those_of_every_database():
    for mapping in (USERS, GROUPS):
        for dialect in ("postgresql", "sqlite", "duckdb"):
            statements = [text for text in mapping.recommended_ddl(dialect) if "INDEX" in text]
            assert len(statements) == len(set(statements)) >= 1


def test_a_path_uses_the_index_of_folded_copies(postgresql):
    connection = postgresql
    connection.execute("create table people (id integer, folded jsonb)")
    copies = [
        (number, json.dumps(sql.fold({"userName": f"User{number}", "emails": [{"value": f"u{number}@x"}]}, scim.USER)))
        for number in range(COUNT)
    ]
    connection.cursor().executemany("insert into people values (%s, %s)", copies)
    connection.execute("create index people_folded on people using gin (folded jsonb_path_ops)")
    connection.execute("analyze people")
    mapping = Mapping.of_folded(scim.USER, "people", "folded")
    for asked in ('userName eq "USER77"', 'emails[value eq "U77@x"]', 'userName eq "user77" and emails.value co "77"'):
        query = "select id from people where folded @? %s::jsonpath"
        path = mapping.bind(asked).jsonpath()
        plan = "\n".join(row[0] for row in connection.execute(f"explain {query}", [path]).fetchall())
        assert "people_folded" in plan, plan
        assert connection.execute(query, [path]).fetchall() == [(77,)]
    with pytest.raises(ValueError, match="not in a JSON column"):
        USERS.bind('userName eq "a"').jsonpath()
