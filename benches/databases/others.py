"""What people do without a mapping: read every row, use scim2-filter-parser, or write SQLAlchemy by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from scim2_filter_parser.queries import SQLQuery

Run = Callable[[], Any]
NAMES = ("reads every row", "scim2-filter-parser", "SQLAlchemy, first try")

ATTR_MAP = {
    ("userName", None, None): "users.user_name",
    ("title", None, None): "users.title",
    ("emails", "type", None): "emails.type_key",
    ("emails", "value", None): "emails.value_key",
}
JOINS = ("LEFT JOIN emails ON emails.user_id = users.id",)
TABLES = sa.MetaData()
USERS = sa.Table("users", TABLES, *(sa.Column(name) for name in ("id", "user_name", "title", "active", "changed_us")))
EMAILS = sa.Table("emails", TABLES, *(sa.Column(name) for name in ("user_id", "type_key", "value_key")))


def others(database: Any, work: Any, sessions: sa.Connection) -> Iterator[tuple[str, Run]]:
    """The ways that can answer a request, with their names."""
    text = database.written(work).replace("from users", "from plain_users").replace("from emails", "from plain_emails")
    yield NAMES[0], lambda: database.connection.execute(text, work.values).fetchall()
    if parsed(work):
        yield NAMES[1], parsing(database, work)
    query = by_hand(work)
    if query is not None:
        yield NAMES[2], lambda: sessions.execute(query()).fetchall()


def parsed(work: Any) -> bool:
    """Whether scim2-filter-parser can answer it: it knows no instants, and has no order."""
    return work.sort is None and "meta" not in work.filter


def parsing(database: Any, work: Any) -> Run:
    what, cut = ("count(DISTINCT users.id)", "") if work.counts else ("DISTINCT users.id", " LIMIT 100")

    def run() -> Any:
        made = SQLQuery(work.filter, "users", ATTR_MAP, JOINS)
        values = {name: value for name, value in made.params_dict.items() if f"{{{name}}}" in made.where_sql}
        where = made.where_sql.format(**dict.fromkeys(values, database.mark))
        text = f"SELECT {what} FROM users {JOINS[0]} WHERE {where}{cut}"
        return database.connection.execute(text, list(values.values())).fetchall()

    return run


def by_hand(work: Any) -> Callable[[], Any] | None:
    """The query that one writes before anything is measured: `lower`, `ilike`, a join, an offset."""
    ids = sa.select(USERS.c.id)
    total = sa.select(sa.func.count()).select_from(USERS)
    name, (value, *_) = work.name, work.values or [None]
    if name == "look-up by userName":
        return lambda: ids.where(sa.func.lower(USERS.c.user_name) == value.lower()).limit(100)
    if name == "prefix of userName":
        return lambda: ids.where(USERS.c.user_name.ilike(f"{value}%")).limit(100)
    if name == "30 names":
        return lambda: ids.where(sa.or_(*(sa.func.lower(USERS.c.user_name) == one for one in work.values))).limit(100)
    if name == "work e-mail":
        mails = ids.join(EMAILS, EMAILS.c.user_id == USERS.c.id).distinct()
        wanted = sa.and_(EMAILS.c.type_key == "work", sa.func.lower(EMAILS.c.value_key) == value)
        return lambda: mails.where(wanted).limit(100)
    if name == "changed lately":
        return lambda: ids.where(USERS.c.changed_us > value).limit(100)
    if name.startswith("total of `not"):
        return lambda: total.where(sa.or_(USERS.c.title.is_(None), USERS.c.title == ""))
    if name.startswith("total of"):
        return lambda: total.where(USERS.c.title.ilike("%maps%"))
    if name.startswith("page"):
        offset = work.offset
        active = ids.where(USERS.c.active.is_(sa.true()))
        return lambda: active.order_by(sa.func.lower(USERS.c.user_name)).offset(offset).limit(100)
    return None
