"""Every SQL statement of the service, in SQL that both databases accept, and the interface of a database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import scim_engine as scim

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager


IN_ORDER = "order by +seq"
"""The order for a few rows that another index finds. With a plain `seq`, SQLite would scan all rows in order."""


class Duplicate(Exception):
    """A unique index refused a row: another resource has the name."""


class Clash(Exception):
    """The database rolled back the transaction because of a deadlock or a conflict. It may be tried again."""


def busy() -> scim.ScimError:
    """The error if others locked the database, or a row, for too long. Nothing was written."""
    return scim.ScimError("the service is busy: try again", status=503)


@dataclass(eq=False)
class Kind:
    """A resource type and its table. There are two instances, `USERS` and `GROUPS`, which are compared by identity."""

    type: scim.ResourceType
    table: str
    name: str
    """The attribute that is unique in a tenant, ignoring case."""
    column: str
    """The column with its key: the form in which filters compare it."""
    apart: str
    """The attribute that is not in the stored JSON, but is computed from the table `members`."""

    def name_key(self, name: str) -> str:
        """The key by which a name is unique and is looked up."""
        return scim.username_key(name) if self.name == "userName" else scim.fold_case(name)


USERS = Kind(scim.USER, "users", "userName", "user_name", "groups")
GROUPS = Kind(scim.GROUP, "groups", "displayName", "display_name", "members")
KINDS = (USERS, GROUPS)


class Row(NamedTuple):
    """A stored resource; `resource` is JSON text."""

    id: str
    version: int
    seq: int
    resource: str


TokenRow = tuple[str, str, str, str | None, Literal["keep", "clear"]]
"""Id, tenant, hash, time of revocation, and the tenant's policy for attributes that a PUT does not mention."""


class Cursor(Protocol):
    """The part of a cursor that the drivers of both databases have."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Store(Protocol):
    """A database."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction that only reads."""

    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction that is committed at the end of the block, or rolled back by an exception."""

    def close(self) -> None: ...


class Transaction:
    """The statements within one transaction. `Database` has the parts that differ between databases."""

    def __init__(self, database: Database) -> None:
        self._run = database.run
        self._run_many = database.run_many
        self._words = database

    # tenants, tokens, settings

    def add_tenant(self, tenant: str, name: str, absent: str, now: str) -> None:
        self._run(
            "insert into tenants (id, name, absent, created) values (:tenant, :name, :absent, :now)",
            {"tenant": tenant, "name": name, "absent": absent, "now": now},
        )

    def has_tenant(self, tenant: str) -> bool:
        return bool(self._run("select 1 from tenants where id = :tenant", {"tenant": tenant}).fetchone())

    def add_token(self, token: str, tenant: str, digest: str, label: str, now: str) -> None:
        self._run(
            "insert into tokens (id, tenant_id, hash, label, created) values (:token, :tenant, :digest, :label, :now)",
            {"token": token, "tenant": tenant, "digest": digest, "label": label, "now": now},
        )

    def token_by_hash(self, digest: str) -> TokenRow | None:
        row: TokenRow | None = self._run(
            "select k.id, k.tenant_id, k.hash, k.revoked, t.absent from tokens k join tenants t on t.id = k.tenant_id"
            " where k.hash = :digest",
            {"digest": digest},
        ).fetchone()
        return row

    def tokens(self, tenant: str) -> list[tuple[str, str, str, str | None]]:
        return self._run(
            "select id, label, created, revoked from tokens where tenant_id = :tenant order by created, id",
            {"tenant": tenant},
        ).fetchall()

    def revoke_token(self, token: str, now: str) -> bool:
        """Revokes a token and returns whether it exists. The time of the first revocation is kept."""
        done = self._run(
            "update tokens set revoked = coalesce(revoked, :now) where id = :token", {"token": token, "now": now}
        )
        return done.rowcount == 1

    def setting(self, name: str, first: str) -> str:
        """The stored value of a setting. If there is none, `first` is stored."""
        self._run(
            "insert into settings (name, value) values (:name, :first) on conflict (name) do nothing",
            {"name": name, "first": first},
        )
        return str(self._run("select value from settings where name = :name", {"name": name}).fetchone()[0])

    # resources

    def find(self, kind: Kind, tenant: str, id: str, *, lock: bool = False) -> Row | None:
        """One resource. With `lock`, no other transaction can change it before this one ends."""
        found = self._rows(kind, "and id = :id" + (self._words.for_update if lock else ""), tenant, id=id)
        return found[0] if found else None

    def by_column(self, kind: Kind, tenant: str, column: str, value: str) -> list[Row]:
        """The resources with a value in a column: `id`, `external_id` or the column of the unique name."""
        return self._rows(kind, f"and {column} = :value {IN_ORDER}", tenant, value=value)

    def by_membership(self, kind: Kind, tenant: str, value: str) -> list[Row]:
        """The groups that a value is a member of; or the users that are members of a group."""
        mine, other = ("value", "group_id") if kind is USERS else ("group_id", "value")
        return self._rows(
            kind,
            f"and id in (select {mine} from members where tenant_id = :tenant and {other} = :value) {IN_ORDER}",
            tenant,
            value=value,
        )

    def page(self, kind: Kind, tenant: str, limit: int, *, after: int = -1, skip: int = 0) -> list[Row]:
        """Resources in the order of creation, with a `seq` over `after` (by the index) and without the first `skip`."""
        return self._rows(
            kind, "and seq > :after order by seq limit :limit offset :skip", tenant, after=after, limit=limit, skip=skip
        )

    def scan(self, kind: Kind, tenant: str, *, after: int = -1, batch: int = 1000) -> Iterator[list[Row]]:
        """All resources in the order of creation, in batches."""
        while rows := self.page(kind, tenant, batch, after=after):
            yield rows
            after = rows[-1].seq

    def count(self, kind: Kind, tenant: str) -> int:
        rows = self._run(f"select count(*) from {kind.table} where tenant_id = :tenant", {"tenant": tenant})
        return int(rows.fetchone()[0])

    def insert(self, kind: Kind, tenant: str, id: str, columns: dict[str, str | None], resource: str) -> None:
        """Inserts a resource with version 1. Raises `Duplicate`."""
        self._run(
            f"insert into {kind.table} (tenant_id, id, {kind.column}, external_id, version, seq, resource)"
            f" values (:tenant, :id, :name, :external, 1, {self._words.next_seq(kind.table)}, :resource)",
            {"tenant": tenant, "id": id, "resource": resource, **columns},
        )

    def update(
        self, kind: Kind, tenant: str, id: str, version: int, columns: dict[str, str | None], resource: str
    ) -> bool:
        """Updates a resource if it still has this version; returns whether it did so. Raises `Duplicate`."""
        done = self._run(
            f"update {kind.table} set {kind.column} = :name, external_id = :external, resource = :resource,"
            " version = version + 1 where tenant_id = :tenant and id = :id and version = :version",
            {"tenant": tenant, "id": id, "version": version, "resource": resource, **columns},
        )
        return done.rowcount == 1

    def delete(self, kind: Kind, tenant: str, id: str, version: int) -> bool:
        """Deletes a resource, and the members of a group, if it still has this version; returns whether it did so."""
        done = self._run(
            f"delete from {kind.table} where tenant_id = :tenant and id = :id and version = :version",
            {"tenant": tenant, "id": id, "version": version},
        )
        return done.rowcount == 1

    # membership

    def members(self, tenant: str, groups: Sequence[str], only: Sequence[str] | None = None) -> dict[str, list[str]]:
        """The members (JSON text) of each group in the order of joining; with `only`, those with these values."""
        found: dict[str, list[str]] = {group: [] for group in groups}
        only = None if only is None else [value for value in only if "\0" not in value]  # as in `_rows`
        values = "" if only is None else f" and value in (select value from {self._words.each('only')})"
        rows = self._run(
            "select group_id, element from members where tenant_id = :tenant"
            f" and group_id in (select value from {self._words.each('groups')}){values} order by group_id, +seq",
            {"tenant": tenant, "groups": json.dumps(list(groups)), "only": json.dumps(only)},
        )
        for group, element in rows.fetchall():
            found[group].append(element)
        return found

    def has_more_members(self, tenant: str, group: str, than: int) -> bool:
        row = self._run(
            "select 1 from members where tenant_id = :tenant and group_id = :group limit 1 offset :than",
            {"tenant": tenant, "group": group, "than": than},
        ).fetchone()
        return row is not None

    def put_members(self, tenant: str, group: str, elements: Iterable[tuple[str, str]]) -> None:
        """Adds members, or changes existing ones. Each is a `value` and its JSON text."""
        self._run_many(
            "insert into members (tenant_id, group_id, value, seq, element)"
            f" values (:tenant, :group, :value, {self._words.next_seq('members')}, :element)"
            " on conflict (tenant_id, group_id, value) do update set element = excluded.element",
            [{"tenant": tenant, "group": group, "value": value, "element": text} for value, text in elements],
        )

    def remove_members(self, tenant: str, group: str, values: Sequence[str]) -> None:
        self._run(
            "delete from members where tenant_id = :tenant and group_id = :group"
            f" and value in (select value from {self._words.each('values')})",
            {"tenant": tenant, "group": group, "values": json.dumps(values)},
        )

    def groups_of(self, tenant: str, users: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """For each user, the groups of which it is a direct member: id and JSON text."""
        found: dict[str, list[tuple[str, str]]] = {user: [] for user in users}
        rows = self._run(
            "select m.value, g.id, g.resource from members m"
            " join groups g on g.tenant_id = m.tenant_id and g.id = m.group_id"
            f" where m.tenant_id = :tenant and m.value in (select value from {self._words.each('users')})"
            " order by +g.seq",
            {"tenant": tenant, "users": json.dumps(list(users))},
        )
        for user, group, resource in rows.fetchall():
            found[user].append((group, resource))
        return found

    # audit

    def audit(self, entry: dict[str, str]) -> None:
        """Adds an audit row: the last statement of every transaction that writes."""
        self._run(
            "insert into audit (tenant_id, at, token_id, method, resource_type, resource_id, changes, repairs)"
            " values (:tenant, :at, :token, :method, :type, :id, :changes, :repairs)",
            entry,
        )

    def _rows(self, kind: Kind, where: str, tenant: str, **values: object) -> list[Row]:
        # No stored text has a NUL, and PostgreSQL refuses to compare one.
        if any(isinstance(value, str) and "\0" in value for value in values.values()):
            return []
        found = self._run(
            f"select id, version, seq, resource from {kind.table} where tenant_id = :tenant {where}",
            {"tenant": tenant, **values},
        )
        return [Row(*row) for row in found.fetchall()]


class Database(Protocol):
    """The way in which one database runs statements, and the parts of SQL that differ between databases."""

    for_update: str
    """The clause that locks the selected row."""

    def run(self, sql: str, values: dict[str, Any]) -> Cursor: ...
    def run_many(self, sql: str, rows: list[dict[str, Any]]) -> object: ...

    def next_seq(self, table: str) -> str:
        """The expression for the next number in the order of creation."""

    def each(self, parameter: str) -> str:
        """The expression for a table whose column `value` has the strings of a JSON array."""
