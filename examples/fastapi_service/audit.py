"""The audit log: each change has a row, which is written in the transaction of the change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from scim_engine.endpoint import Delete, Insert, Update
from scim_engine.sql import Mapping
from scim_engine.sqlalchemy import TableStorage

from .tables import Database
from .tenants import Token, text_of

ACTIONS = {Insert: "create", Update: "update", Delete: "delete"}


class AuditedStorage(TableStorage):
    """The users and groups of one tenant, for a request with one token."""

    def __init__(self, database: Database, mappings: Iterable[Mapping], token: Token) -> None:
        tables = {database.tables[mapping.table]: mapping for mapping in mappings}
        super().__init__(database.engine.begin, tables, scope={"tenant_id": token.tenant})
        self._audit, self._token = database.tables["audit"], token

    def written(self, call: Insert | Update | Delete, id: str, /) -> None:
        """Adds the row. Nothing secret is in an outcome."""
        outcome = None if isinstance(call, Delete) else call.outcome
        row = {
            "tenant_id": self._token.tenant,
            "at": text_of(call.now),
            "token_id": self._token.id,
            "action": ACTIONS[type(call)],
            "resource_type": call.resource_type.name,
            "resource_id": id,
            "changes": _json(outcome.changes if outcome else ()),
            "repairs": _json(outcome.repairs if outcome else ()),
        }
        self.session.execute(sa.insert(self._audit).values(row))


def _json(parts: Iterable[Any]) -> str:
    return json.dumps([part.to_dict() for part in parts], ensure_ascii=False, separators=(",", ":"))
