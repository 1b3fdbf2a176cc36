"""SQLAlchemy and Django with columns that the random hosts do not have, and databases that are not tested."""

from __future__ import annotations

import doctest
import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from django.db import models
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import scim_engine as scim
import scim_engine.sqlalchemy
from scim_engine.django import order_by as django_order_by
from scim_engine.django import q
from scim_engine.sql import Column, Mapping, Rows, Source

from .engines import django_is_set_up

django_is_set_up()


ENTERPRISE = scim.USER.extensions[0]["id"]
MANAGER = uuid.UUID("0f6d0f6d-0000-4000-8000-00000000abcd")
USERS = Mapping(
    scim.USER,
    "users",
    {
        "userName": Column.folded("user_name_key"),
        "title": Column.folded(Source.expression("lower({table}.title)")),
        "meta.created": Column.timestamp("created"),
        "meta.lastModified": Column.utc_timestamp("changed"),
        f"{ENTERPRISE}:manager.value": Column.uuid("manager_id"),
        "emails": Rows(
            "emails",
            {"value": Column.folded("value_key")},
            on={"user_id": "id"},
            only={"deleted": False, "replaced_by": None},
            position="id",
            complete=True,
        ),
        "ims": Rows.json("extra", ["ims"], {"value": Column.folded(Source.json("value", "value"))}),
    },
    key=Column.integer("id"),
)
FILTERS = {
    'userName eq "ANN"': [1],
    'userName sw "a" and not (emails co "x")': [2],
    'meta.created ge "2026-01-01T01:00:00.5+01:00"': [1],
    'meta.created lt "12026-01-01T00:00:00Z"': [1, 2],
    'meta.lastModified eq "2026-01-02T00:00:00Z"': [1],
    f'{ENTERPRISE}:manager eq "{MANAGER}"': [1],
    f'{ENTERPRISE}:manager ne "{MANAGER}"': [2],
    "emails pr": [1],
}


class Base(DeclarativeBase):
    """The models of SQLAlchemy."""


class User(Base):
    """A user."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column("user_name_key")
    title: Mapped[str | None]
    created: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    changed: Mapped[datetime]
    manager_id: Mapped[uuid.UUID | None]


class Email(Base):
    """An e-mail address."""

    __tablename__ = "emails"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    value_key: Mapped[str]
    deleted: Mapped[bool]
    replaced_by: Mapped[int | None]


def rows() -> tuple[list[dict], list[dict]]:
    """Two users, and e-mails of which one counts."""
    first = {"id": 1, "name": "ann", "title": "GUIDE", "manager_id": MANAGER}
    second = {"id": 2, "name": "ab%", "title": None, "manager_id": None}
    times = [datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]
    users = [
        {**user, "created": created, "changed": datetime(2026, 1, at + 2)}
        for at, (user, created) in enumerate(zip((first, second), times, strict=True))
    ]
    mail = {"value_key": "ann@x.example", "deleted": False, "replaced_by": None}
    mails = [
        {"id": 1, "user_id": 1, **mail},
        {"id": 2, "user_id": 2, **mail, "deleted": True},
        {"id": 3, "user_id": 2, **mail, "replaced_by": 1},
    ]
    return users, mails


def test_sqlalchemy_over_models():
    engine = sa.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    users, mails = rows()
    with sa.orm.Session(engine) as session:
        session.execute(sa.insert(User), users)
        session.execute(sa.insert(Email), mails)
        for text, wanted in FILTERS.items():
            condition = scim_engine.sqlalchemy.where(USERS.bind(text), User)
            assert list(session.scalars(sa.select(User.id).where(condition).order_by(User.id))) == wanted, text
        other = sa.orm.aliased(User)
        condition = scim_engine.sqlalchemy.where(USERS.bind("emails pr"), other)
        assert [user.name for user in session.scalars(sa.select(other).where(condition))] == ["ann"]
        condition = scim_engine.sqlalchemy.where(USERS.bind('title eq "guide"'), User)
        assert session.scalars(sa.select(User.id).where(condition)).all() == [1]
        order = scim_engine.sqlalchemy.order_by(USERS.order_by("emails", descending=True), User)
        assert session.scalars(sa.select(User.id).order_by(*order)).all() == [2, 1]
    engine.dispose()


def test_what_sqlalchemy_cannot_say_is_refused():
    condition = scim_engine.sqlalchemy.where(USERS.bind('userName co "a"'), User)
    with pytest.raises(sa.exc.CompileError, match="not on `mysql`: see `untested`"):
        sa.select(User.id).where(condition).compile(dialect=mysql.dialect())
    documents = sa.Table("users", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("extra", sa.JSON))
    condition = scim_engine.sqlalchemy.where(USERS.bind('ims co "a"'), documents)
    with pytest.raises(
        sa.exc.CompileError, match="JSON columns are supported on PostgreSQL and SQLite, and not on `mysql`"
    ):
        sa.select(documents.c.id).where(condition).compile(dialect=mysql.dialect())
    with pytest.raises(KeyError):
        scim_engine.sqlalchemy.where(
            USERS.bind("emails pr"), sa.Table("users", sa.MetaData(), sa.Column("id", sa.Integer))
        )


def test_untested_databases_have_standard_functions_of_sqlalchemy():
    condition = USERS.bind('userName co "a" and userName ew "b" and userName gt "c" and userName eq "d"')
    where = scim_engine.sqlalchemy.where(condition, User, untested=True)
    order = scim_engine.sqlalchemy.order_by(USERS.order_by("title", descending=True), User, untested=True)
    query = sa.select(User.id).where(where).order_by(*order)
    text = str(query.compile(dialect=mysql.dialect())).replace("\n", "")
    assert text == (
        "SELECT users.id FROM users WHERE position(%s IN users.user_name_key) > %s "
        "AND right(users.user_name_key, %s) = %s AND users.user_name_key > %s AND users.user_name_key = %s "
        "ORDER BY CASE WHEN (lower(users.title)) IS NULL THEN 0 ELSE 1 END, (lower(users.title)) DESC, users.id ASC"
    )
    # Where the database is tested, nothing changes.
    tested = sa.select(User.id).where(scim_engine.sqlalchemy.where(condition, User))
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        assert str(sa.select(User.id).where(where).compile(dialect=dialect)) == str(tested.compile(dialect=dialect))


def test_the_example_of_sqlalchemy():
    assert doctest.testmod(scim_engine.sqlalchemy).attempted > 5
    assert doctest.testmod(scim_engine.sqlalchemy).failed == 0


class DjangoUser(models.Model):
    """A user."""

    name = models.TextField(db_column="user_name_key")
    title = models.TextField(null=True)
    created = models.DateTimeField()
    manager_id = models.UUIDField(null=True)

    class Meta:
        app_label = "tests"
        db_table = "users"


class DjangoEmail(models.Model):
    """An e-mail address."""

    user = models.ForeignKey(DjangoUser, models.CASCADE)
    value_key = models.TextField()
    deleted = models.BooleanField()
    replaced_by = models.IntegerField(null=True)

    class Meta:
        app_label = "tests"
        db_table = "emails"


def test_django_over_models():
    from django.db import connection

    with connection.schema_editor() as editor:
        editor.create_model(DjangoUser)
        editor.create_model(DjangoEmail)
    users, mails = rows()
    for user in users:
        DjangoUser.objects.create(**{name: value for name, value in user.items() if name != "changed"})
    for mail in mails:
        DjangoEmail.objects.create(**mail)
    for text, wanted in FILTERS.items():
        if "lastModified" not in text:
            found = DjangoUser.objects.filter(q(USERS.bind(text), DjangoUser)).order_by("id")
            assert list(found.values_list("id", flat=True)) == wanted, text
    order = django_order_by(USERS.order_by("userName", descending=True), DjangoUser)
    assert [user.id for user in DjangoUser.objects.order_by(*order)] == [1, 2]
    for text, wanted in {'title eq "guide"': [1], "not (title pr)": [2]}.items():
        found = DjangoUser.objects.filter(q(USERS.bind(text), DjangoUser))
        assert list(found.values_list("id", flat=True)) == wanted, text
    order = django_order_by(USERS.order_by("title", descending=True), DjangoUser)
    assert [user.id for user in DjangoUser.objects.order_by(*order)] == [2, 1]
    connection.close()


def test_untested_databases_have_standard_functions_of_django():
    from django.db import NotSupportedError, connections

    usual = connections["default"]

    class Other(type(usual)):
        """A connection to a database of another vendor."""

        vendor = "other"

    def compiled(untested):
        condition = q(
            USERS.bind('userName co "a" and userName ew "b" and userName gt "c"'), DjangoUser, untested=untested
        )
        order = django_order_by(USERS.order_by("userName"), DjangoUser, untested=untested)
        query = DjangoUser.objects.filter(condition).order_by(*order).values("id").query
        return query.get_compiler(connection=Other(usual.settings_dict)).as_sql()

    with pytest.raises(NotSupportedError, match="not on `other`: see `untested`"):
        compiled(untested=False)
    text, _ = compiled(untested=True)
    key = '"users"."user_name_key"'
    for part in (f"position(%s IN {key}) >", f"right({key}, %s) = %s", f"{key} > %s", f"ORDER BY {key} ASC NULLS LAST"):
        assert part in text


def test_what_django_cannot_say_is_refused():
    with pytest.raises(ValueError, match="has no column `changed`"):
        q(USERS.bind('meta.lastModified gt "2026-01-01T00:00:00Z"'), DjangoUser)
    with pytest.raises(ValueError, match="has no column `extra`"):
        q(USERS.bind('ims co "a"'), DjangoUser)


def test_conditions_over_json_columns():
    from django.db import NotSupportedError, connections

    connection = connections["default"]
    mapping = Mapping.of_folded(scim.USER, "documents", "folded")
    where = mapping.bind('emails[value eq "A@x"] and not (title pr)')
    rows = [(1, scim.sql.fold({"emails": [{"value": "a@X"}]}, scim.USER)), (2, scim.sql.fold({}, scim.USER))]

    class Document(models.Model):
        """A document."""

        folded = models.JSONField()

        class Meta:
            app_label = "documents"
            db_table = "documents"

    with connection.schema_editor() as editor:
        editor.create_model(Document)
    for number, copy in rows:
        Document.objects.create(id=number, folded=copy)
    text, values = where.sql("sqlite", style="format")
    assert [one.id for one in Document.objects.extra(where=[text], params=values)] == [1]
    found = Document.objects.filter(q(where, Document))
    assert [one.id for one in found] == [1]

    class Other(type(connection)):
        """A connection to a database of another vendor."""

        vendor = "other"

    untested = Document.objects.filter(q(where, Document, untested=True)).query
    with pytest.raises(
        NotSupportedError, match="JSON columns are supported on PostgreSQL and SQLite, and not on `other`"
    ):
        untested.get_compiler(connection=Other(connection.settings_dict)).as_sql()
    connection.close()

    engine = sa.create_engine("sqlite://")
    documents = sa.Table("documents", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("folded", sa.JSON))
    text, values = where.sql("sqlite", style="named")
    with engine.begin() as session:
        documents.create(session)
        session.execute(sa.insert(documents), [{"id": number, "folded": copy} for number, copy in rows])
        query = sa.select(documents.c.id).where(sa.text(text).bindparams(**values))
        assert session.scalars(query).all() == [1]
        query = sa.select(documents.c.id).where(scim_engine.sqlalchemy.where(where, documents))
        assert session.scalars(query).all() == [1]
    engine.dispose()
