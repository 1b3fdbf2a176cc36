"""No value of a request is ever part of a text, and hostile ones do no harm."""

from __future__ import annotations

import contextlib
import json
import random
import re
import sqlite3
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

import scim_engine as scim
from scim_engine.sql import Column, Mapping, Rows

from .engines import PostgreSql

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
PLACES = re.compile(r"\$\d+|:\d+|:scim_\d+|%\(scim_\d+\)s|%s")
# What the writer itself needs: `SELECT 1`, `> 0`, and paths of the mapping in JSON.
ALLOWED = {"0", "1", '{"ims"}', "array", '{"value"}', '{"enterprise","department"}', '$."ims"', '$."ims"[*]'}
ALLOWED |= {'$."value"', '$."enterprise"."department"'}
HOSTILE = (
    "'; drop table users; --",
    "' or '1'='1",
    "\\'; delete from users; --",
    '"; drop table users; --',
    "$1",
    "%s",
    "%(scim_1)s",
    ":scim_1",
    "?",
    "{table}",
    "/* */",
    "a\0b",
    "\u2028",
    "😀",
    "x" * 5000,
)
USERS = Mapping(
    scim.USER,
    "users",
    {
        "userName": Column.folded("name_key"),
        "id": Column.digits("id"),
        "externalId": Column.text("external"),
        "emails": Rows("emails", {"value": Column.folded("value_key")}, on={"user_id": "id"}, complete=True),
    },
)


@pytest.mark.parametrize("asked", GOLDEN)
def test_every_text_is_read_by_another_parser(asked):
    for style, written in GOLDEN[asked].items():
        if style == "refused" or isinstance(written, str):
            continue
        dialect = {"postgresql": "postgres"}.get(style.split()[0], style.split()[0])
        # The parser is told of one kind of placeholder.
        text = PLACES.sub("?", written[0])
        tree = sqlglot.parse_one(f"SELECT id FROM users WHERE {text}", dialect=dialect)
        literals = {literal.this for literal in tree.find_all(exp.Literal)}
        assert literals <= ALLOWED, (style, written[0])
        assert len(list(tree.find_all(exp.Placeholder))) == len(written[1]), (style, written[0])


def hostile(number: int) -> scim.Filter:
    """A filter with hostile values."""
    chooser = random.Random(number)
    terms = []
    for _ in range(chooser.randrange(1, 4)):
        path = chooser.choice(("userName", "id", "externalId", "emails.value", "emails"))
        operator = chooser.choice(("eq", "ne", "co", "sw", "ew", "lt", "ge"))
        operator = "eq" if path == "id" and operator not in ("eq", "ne") else operator
        value = "".join(chooser.sample(HOSTILE, chooser.randrange(1, 3)))[:6000]
        terms.append(f"{path} {operator} {json.dumps(value)}")
    return scim.Filter(chooser.choice((" and ", " or ")).join(terms), scim.USER, limits=scim.Limits(filter_bytes=10**6))


@pytest.fixture
def connections():
    """A connection to each database, of which PostgreSQL's has no rights but to read."""
    tables = (
        "create table users (id bigint, name_key text, external text)",
        "create table emails (user_id bigint, value_key text)",
        "insert into users values (1, 'ann', '? or 1=1')",
        "insert into emails values (1, 'a@x.example')",
    )
    server = PostgreSql()
    for statement in (*tables, "create role reader login", "grant select on users, emails to reader"):
        server.connection.execute(statement)
    with (
        server.connect(autocommit=True) as postgresql,
        contextlib.closing(sqlite3.connect(":memory:")) as sqlite,
        contextlib.closing(duckdb.connect()) as duck,
    ):
        postgresql.execute("set role reader")
        for statement in tables:
            sqlite.execute(statement)
            duck.execute(statement)
        yield {"postgresql": postgresql, "sqlite": sqlite, "duckdb": duck}
    server.close()


def test_hostile_values_do_no_harm(connections):
    user = {"userName": "ann", "id": "1", "externalId": "? or 1=1", "emails": [{"value": "a@x.example"}]}
    for number in range(10_000):
        asked = hostile(number)
        where = USERS.bind(asked)
        for dialect, connection in connections.items():
            text, values = where.sql(dialect)
            assert "drop" not in text
            assert "delete" not in text
            found = connection.execute(f"select id from users where {text}", values).fetchall()
            assert found == ([(1,)] if asked.matches(user) else []), (dialect, str(asked))
    for connection in connections.values():
        assert connection.execute("select count(*) from users").fetchall() == [(1,)]
