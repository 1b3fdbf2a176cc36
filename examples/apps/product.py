"""A product with SQLAlchemy: its tables, and where SCIM's attributes are in them. Flask and FastAPI mount it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping as Dict
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

import scim_engine as scim
from scim_engine.endpoint import Caller, Endpoint
from scim_engine.protocol import Registry
from scim_engine.sql import Column, Mapping, Rows, fold_source, register_functions
from scim_engine.sqlalchemy import TableStorage


class Base(DeclarativeBase):
    """The models."""


class Tenant(Base):
    """A customer of the product."""

    __tablename__ = "tenants"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str]


class Account(Base):
    """A user. The last three columns are there for SCIM."""

    __tablename__ = "accounts"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "login_key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    login: Mapped[str] = mapped_column(sa.String(150))
    given_name: Mapped[str | None] = mapped_column(sa.String(150))
    family_name: Mapped[str | None] = mapped_column(sa.String(150))
    is_active: Mapped[bool] = mapped_column(default=True)
    department: Mapped[str | None] = mapped_column(sa.String(150))
    boss_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), default=lambda: datetime.now(UTC))
    updated_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), default=lambda: datetime.now(UTC))
    login_key: Mapped[str] = mapped_column(sa.String(300))
    external_id: Mapped[str | None] = mapped_column(sa.String(255), index=True)


class Address(Base):
    """An e-mail address of a user."""

    __tablename__ = "addresses"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"), index=True)
    mail: Mapped[str] = mapped_column(sa.String(254))
    kind: Mapped[str | None] = mapped_column(sa.String(20))
    is_main: Mapped[bool] = mapped_column(default=False)


class Team(Base):
    """A group."""

    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(sa.String(150))
    external_id: Mapped[str | None] = mapped_column(sa.String(255))
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class Membership(Base):
    """Who is in which team."""

    __tablename__ = "memberships"
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"), primary_key=True, index=True)


ENTERPRISE = scim.USER.extensions[0]["id"]


def mappings(dialect: str) -> dict[type[Base], Mapping]:
    """Where each attribute is: `postgresql` and `sqlite` fold by functions, others need columns."""

    def text(column: str, length: int, **more: bool) -> Column:
        return Column.text(column, folded=fold_source(column, dialect), max_length=length, **more)

    common = {
        "id": Column.digits("id"),
        "externalId": Column.text("external_id", max_length=255),
        "meta.created": Column.timestamp("created_at"),
        "meta.lastModified": Column.timestamp("updated_at"),
    }
    users = {
        **common,
        # A column of its own, because names are unique in it.
        "userName": Column.text("login", folded="login_key", not_null=True, max_length=150),
        "name.givenName": text("given_name", 150),
        "name.familyName": text("family_name", 150),
        "active": Column.boolean("is_active", not_null=True, default=True),
        f"{ENTERPRISE}:department": text("department", 150),
        f"{ENTERPRISE}:manager.value": Column.digits("boss_id", refers_to="User"),
        "emails": Rows(
            "addresses",
            {
                "value": text("mail", 254, not_null=True),
                "type": text("kind", 20),
                "primary": Column.boolean("is_main", not_null=True, default=False),
            },
            on={"account_id": "id"},
            position="id",
            complete=True,
        ),
        "meta.resourceType": "User",
    }
    groups = {
        **common,
        "displayName": text("name", 150, not_null=True),
        "members": Rows(
            "memberships",
            {"value": Column.digits("account_id", refers_to="User", not_null=True), "type": "User"},
            on={"team_id": "id"},
            complete=True,
        ),
        "meta.resourceType": "Group",
    }
    made = {}
    for model, kind, columns in ((Account, scim.USER, users), (Team, scim.GROUP, groups)):
        table = model.__tablename__
        made[model] = Mapping(
            kind, table, columns, key=Column.integer("id"), schemas=True, complete=True, tailored=True
        )
    return made


class Scim:
    """The endpoint, and who may ask it."""

    def __init__(self, engine: sa.Engine):
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", lambda connection, _: register_functions(connection))
        self.sessions = sessionmaker(engine)
        self.tables = mappings(engine.dialect.name)
        registry = Registry([mapping.resource_type for mapping in self.tables.values()])
        # What the product does not have is ignored, in bodies and in paths.
        self.endpoint = Endpoint(registry, unknown="ignore", unknown_paths="ignore")

    def guard(self, headers: Dict[str, str], path: str) -> Caller:
        """The users of the tenant whose token it is."""
        token = headers.get("authorization", "").removeprefix("Bearer ").encode()
        with self.sessions() as session:
            for tenant in session.scalars(sa.select(Tenant)):
                if hmac.compare_digest(tenant.token.encode(), token):
                    storage = TableStorage(self.sessions.begin, self.tables, scope={"tenant_id": tenant.id})
                    return Caller(storage, context=str(tenant.id))
        raise scim.ScimError("a valid bearer token is needed", status=401)
