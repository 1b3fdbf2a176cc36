"""Bearer tokens: made once, shown once, stored as SHA-256, revocable."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .store import Store


@dataclass(frozen=True)
class Caller:
    """Who sends a request: a token of a tenant."""

    tenant: str
    token: str
    """The id of the token, for the audit log; never the token itself."""
    absent: Literal["keep", "clear"]
    """What a PUT that does not mention an attribute means to this tenant: `keep` or `clear`."""


def now() -> str:
    """The time for a column that people read."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def issue(store: Store, tenant: str, label: str) -> str:
    """A new token for a tenant. Nobody can ask for it again."""
    token = secrets.token_urlsafe(32)
    with store.write() as tx:
        if not tx.has_tenant(tenant):
            raise LookupError(f"there is no tenant `{tenant}`")
        tx.add_token(secrets.token_hex(8), tenant, _digest(token), label, now())
    return token


def authenticate(store: Store, tenant: str, authorization: str | None) -> Caller | None:
    """Who the header `Authorization` says it is, if it may speak for this tenant."""
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
