"""Bearer tokens: shown once, when they are created; stored as SHA-256; revocable."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .store import Store


@dataclass(frozen=True)
class Caller:
    """The sender of a request: a token of a tenant."""

    tenant: str
    token: str
    """The id of the token, for the audit log; never the token itself."""
    absent: Literal["keep", "clear"]
    """Whether a PUT of this tenant keeps or clears attributes that it does not mention."""


def now() -> str:
    """The present time, as text for a column."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def issue(store: Store, tenant: str, label: str) -> str:
    """Creates a token for a tenant. It cannot be retrieved later."""
    token = secrets.token_urlsafe(32)
    with store.write() as tx:
        if not tx.has_tenant(tenant):
            raise LookupError(f"there is no tenant `{tenant}`")
        tx.add_token(secrets.token_hex(8), tenant, _digest(token), label, now())
    return token


def authenticate(store: Store, tenant: str, authorization: str | None) -> Caller | None:
    """The caller that the header `Authorization` identifies, if its token is valid for this tenant."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    digest = _digest(token.strip())
    with store.read() as tx:
        row = tx.token_by_hash(digest)
    if row is None:
        return None
    id, owner, stored, revoked, absent = row
    if not hmac.compare_digest(stored, digest) or revoked is not None or owner != tenant:
        return None
    return Caller(tenant=owner, token=id, absent=absent)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
