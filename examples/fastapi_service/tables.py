"""The database, and where SCIM's attributes are in its tables."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import scim_engine as scim
from scim_engine.sql import Column, Mapping, Rows

SCHEMAS = Path(__file__).parents[1] / "service_schema"
LONGEST = 512
"""The most characters of what is indexed, because not every index has room for more."""


@dataclass(frozen=True)
class Database:
    """An engine, and the tables by their names."""

    engine: sa.Engine
    tables: Dict[str, sa.Table]


def open_database(place: str) -> Database:
    """The database at `postgresql://…`, or in a SQLite file. Its tables are created if they do not exist."""
    if place.startswith(("postgresql://", "postgres://")):
        url, schema = sa.make_url(place).set(drivername="postgresql+psycopg"), "postgres.sql"
    else:
        url, schema = sa.URL.create("sqlite", database=place), "sqlite.sql"
    # PostgreSQL may have been restarted since a connection was used. SQLite waits five seconds for another writer; its
    # driver begins a transaction with the first change, so that none is refused because of what was read before.
    engine = sa.create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", lambda connection, _: connection.execute("pragma foreign_keys = on"))
    if not sa.inspect(engine).has_table("audit"):  # the last one of the schema
        _create_tables(engine, schema)
    found = sa.MetaData()
    found.reflect(engine, views=True)
    return Database(engine, found.tables)


def _create_tables(engine: sa.Engine, schema: str) -> None:
    statements = (SCHEMAS / schema).read_text(encoding="utf-8").split(";\n")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Processes that start together must not create the same table at the same time.
            connection.exec_driver_sql("select pg_advisory_xact_lock(7644)")
        for statement in statements[:-1]:  # the file ends with a semicolon
            connection.exec_driver_sql(statement)


def users(attributes: list[str] | None) -> Mapping:
    """Where the attributes of users are. `attributes` names those that the product has; `None` means all."""
    # `groups` follows from the members of groups, so every product has it.
    kind = scim.USER if attributes is None else scim.USER.only([*attributes, "groups"])
    parts = {one["name"]: {part["name"] for part in one.get("subAttributes", [])} for one in kind.schema["attributes"]}
    emails = {
        "value": Column.text("value", folded="value_key"),
        "display": Column.text("display", folded="display_key"),
        "type": Column.text("type", folded="type_key"),
        "primary": Column.boolean("is_primary"),
    }
    groups: dict[str, Any] = {
        "value": Column.text("value"),
        "display": Column.text("display", folded="display_key"),
        "type": "direct",
    }
    columns: dict[str, Any] = {
        "userName": Column.text("user_name", folded="user_name_key", not_null=True, max_length=LONGEST),
        "active": Column.boolean("active"),
        "emails": Rows(
            "emails",
            {name: column for name, column in emails.items() if name in parts.get("emails", ())},
            on={"user_seq": "seq"},
            position="seq",
            complete=True,
        ),
        "groups": Rows("user_groups", groups, on={"user_id": "id"}, position="seq", complete=True),
        "password": None,  # the service has no log-in, so it keeps no password, not even a hash
    }
    known = {name: column for name, column in columns.items() if name in parts}
    return _mapping(kind, "users", known, rest="rest", rest_folded="rest_key")


def groups() -> Mapping:
    """Where the attributes of groups are. The `$ref` of a member is not kept, because it follows from its `value`."""
    members = {
        "value": Column.text("value", refers_to=["User", "Group"], not_null=True),
        "type": Column.text("type", folded="type_key"),
        "display": Column.text("display", folded="display_key"),
    }
    columns: dict[str, Any] = {
        "displayName": Column.text("display_name", folded="display_name_key", not_null=True, max_length=LONGEST),
        "members": Rows("members", members, on={"group_seq": "seq"}, position="seq", complete=True),
    }
    return _mapping(scim.GROUP, "groups", columns)


def _mapping(kind: scim.ResourceType, table: str, columns: dict[str, Any], **more: Any) -> Mapping:
    common = {
        "id": Column.text("id"),
        "externalId": Column.text("external_id", max_length=LONGEST),
        "meta.resourceType": kind.name,
        "meta.created": Column.micros("created"),
        "meta.lastModified": Column.micros("modified"),
    }
    key, version = Column.integer("seq"), Column.integer("version")
    return Mapping(kind, table, {**common, **columns}, key=key, version=version, schemas=True, **more)
