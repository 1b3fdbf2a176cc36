"""Tenants and their bearer tokens, which are shown once, stored as SHA-256, and revocable."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa

from .tables import Database

Absent = Literal["keep", "clear"]


class Refused(Exception):
    """An administrator asks for what cannot be done."""


@dataclass(frozen=True)
class Token:
    """A valid token."""

    id: str
    """Its id, for the audit log; never the token itself."""
    tenant: str
    absent: Absent
    """Whether a PUT of this tenant keeps or clears attributes that it does not mention."""


def add_tenant(database: Database, id: str, name: str, absent: Absent) -> None:
    """Adds a tenant."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", id):
        raise Refused(
            f"`{id}` is not an id for a tenant: expected 1 to 64 letters, digits, `.`, `_` or `-`,"
            " the first a letter or digit"
        )
    row = {"id": id, "name": name, "absent": absent, "created": text_of(datetime.now(UTC))}
    try:
        with database.engine.begin() as connection:
            connection.execute(sa.insert(database.tables["tenants"]).values(row))
    except sa.exc.IntegrityError:
        raise Refused("that id is in use") from None


def add_token(database: Database, tenant: str, label: str) -> str:
    """Creates a token for a tenant. It cannot be retrieved later."""
    token = secrets.token_urlsafe(32)
    row = {
        "id": secrets.token_hex(8),
        "tenant_id": tenant,
        "hash": _digest(token),
        "label": label,
        "created": text_of(datetime.now(UTC)),
    }
    with database.engine.begin() as connection:
        _check_tenant(database, connection, tenant)
        connection.execute(sa.insert(database.tables["tokens"]).values(row))
    return token


def tokens_of(database: Database, tenant: str) -> Sequence[Any]:
    """Id, creation, revocation and label of the tokens of a tenant."""
    tokens = database.tables["tokens"].c
    query = sa.select(tokens.id, tokens.created, tokens.revoked, tokens.label).where(tokens.tenant_id == tenant)
    with database.engine.connect() as connection:
        _check_tenant(database, connection, tenant)
        return connection.execute(query.order_by(tokens.created, tokens.id)).all()


def revoke(database: Database, id: str) -> None:
    """Revokes a token. The time of the first revocation is kept."""
    tokens = database.tables["tokens"]
    revoked = sa.func.coalesce(tokens.c.revoked, text_of(datetime.now(UTC)))
    with database.engine.begin() as connection:
        if not connection.execute(sa.update(tokens).where(tokens.c.id == id).values(revoked=revoked)).rowcount:
            raise Refused(f"there is no token with the id `{id}`")


def authenticate(database: Database, tenant: str, authorization: str) -> Token | None:
    """The token in the header `Authorization`, if it is valid for this tenant."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    tokens, tenants = database.tables["tokens"], database.tables["tenants"]
    query = sa.select(tokens.c.id, tokens.c.tenant_id, tenants.c.absent).join_from(tokens, tenants)
    query = query.where(tokens.c.hash == _digest(token.strip()), tokens.c.revoked.is_(None))
    with database.engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    return Token(*row) if row is not None and row.tenant_id == tenant else None


def cursor_key(database: Database) -> bytes:
    """The key that seals cursors. It is made once for a database."""
    with database.engine.begin() as connection:
        # Of processes that start together, one makes it.
        connection.execute(
            sa.text("insert into settings values ('cursor key', :key) on conflict (name) do nothing"),
            {"key": secrets.token_hex(32)},
        )
        settings = database.tables["settings"].c
        return bytes.fromhex(connection.scalars(sa.select(settings.value).where(settings.name == "cursor key")).one())


def text_of(time: datetime) -> str:
    """A time as text for a column."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _check_tenant(database: Database, connection: sa.Connection, id: str) -> None:
    tenants = database.tables["tenants"].c
    if connection.execute(sa.select(tenants.id).where(tenants.id == id)).one_or_none() is None:
        raise Refused(f"there is no tenant `{id}`")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
