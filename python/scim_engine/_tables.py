"""A storage of an endpoint over the tables of a product: what does not depend on who asks the database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from . import sql
from ._adapters import plain
from ._engine import Delete, Find, Get, Insert, Update, attr
from ._errors import InvalidValue, Uniqueness
from .endpoint import Busy, Found, Missing, Stale, Stored

Columns = Mapping[str, Any]
Secrets = Callable[[str, Columns], Columns]


@dataclass(frozen=True)
class Part:
    """A resource type and where its resources are."""

    table: Any
    """What the database knows it by: a table, or a model."""
    mapping: sql.Mapping
    deleted: str | None
    """The column that says that a row is deleted."""
    outer: list[str]
    """The columns by which rows of other tables belong to a row, and the column of its id."""
    lists: list[dict[str, Any]]
    """The rows of the lists that clients can change."""


@dataclass
class Row:
    """A row that was read."""

    outer: dict[str, Any]
    """The columns by which other rows belong to it."""
    values: list[Any]
    """What a reading asked for."""
    place: list[Any]
    """What the rows are sorted by."""


Elements = Iterable[tuple[tuple[Any, ...], Sequence[Any]]]
"""The rows of a list, in order: the columns by which each belongs to a row, and what was read of it."""


class Deadlock(Busy):
    """Two transactions have waited for each other, and the database has undone this one."""


Call = TypeVar("Call")
Made = TypeVar("Made")


def _tried(change: Callable[[Call], Made], call: Call) -> Made:
    """Makes a change, also again after a deadlock."""
    for _ in range(2):
        with suppress(Deadlock):
            return change(call)
    return change(call)


class TableStorage(ABC):
    """The resources of one tenant, in tables that a product has anyhow: a storage for an `Endpoint`.

    `tables` has the mapping of each table. `scope` has what all rows of the tenant have in their columns, such as
    `{"tenant_id": 7}`; new rows get it. `deleted` names for each resource type the column, a boolean or a time, that is
    set in place of deleting a row: such rows are not found. `secrets` is asked for the columns that keep what is never
    shown: it is given the name of the resource type and what the request sets, such as `{"password": "..."}` (`None`
    unassigns it), and returns values of columns. Without it, secrets are not kept.

    A storage serves one request. Each of its methods is a transaction. A subclass can write more in the transaction of
    a change: see `written`.
    """

    def __init__(
        self,
        tables: Mapping[Any, sql.Mapping],
        scope: Columns | None,
        secrets: Secrets | None,
        deleted: Mapping[str, str] | None,
    ) -> None:
        self._scope, self._secrets = dict(scope or {}), secrets
        self._kept: ExitStack | None = None
        self._parts: dict[str, Part] = {}
        for table, mapping in tables.items():
            name, lists = mapping.resource_type.name, mapping.reading().lists
            outer = [column for listed in lists for _, column in listed["rows"]["on"]]
            self._parts[name] = Part(
                table,
                mapping,
                (deleted or {}).get(name),
                [*dict.fromkeys([*outer, mapping.id_column])],
                [listed["rows"] for listed in lists if listed["written"]],
            )
        for name in deleted or {}:
            if name not in self._parts:
                raise ValueError(f"`deleted` names `{name}`, of which there is no table")

    # What the endpoint asks.

    def get(self, get: Get, /) -> Stored | None:
        part = self._part(get)
        with self._transaction(keeps=get.locks):
            at = self._at(part, get.id)
            if at is None:
                return None
            if get.locks:
                self._lock(part, at)
            reading = part.mapping.reading(get.needs)
            rows = self._select(part, at, reading, limit=1)
            found = self._stored(part, reading, rows, get.needs.most_elements)
        return found[0] if found else None

    def find(self, find: Find, /) -> Found:
        part = self._part(find)
        order = part.mapping.order_by(find.sort_by, descending=find.descending)
        wanted = self._own(part)
        if find.filter is not None:
            wanted.append(self._where(part, part.mapping.bind(find.filter)))
        # An attribute with several values has no place after which a page could begin.
        has_place = all(key["first_of"] is None for key in order.keys)
        skip = find.skip if find.after is None or has_place else find.after["skip"]
        with self._transaction():
            there = wanted
            if find.after is not None and has_place:
                there = [*wanted, self._where(part, order.after(find.after))]
            reading = part.mapping.reading(find.needs)
            rows = self._select(part, there, reading, order=order, limit=find.limit + 1, skip=skip)
            page = rows[: find.limit]
            # The last page says how many there are.
            is_last = find.after is None and len(rows) == len(page) and (rows or not skip)
            total = None
            if find.counts:
                total = skip + len(rows) if is_last else self._count(part, wanted)
            stored = self._stored(part, reading, page)
        if not page or len(rows) == len(page):
            return Found(stored, total)
        return Found(stored, total, page[-1].place if has_place else {"skip": skip + len(page)})

    def insert(self, insert: Insert, /) -> Stored:
        return _tried(self._insert_once, insert)

    def update(self, update: Update, /) -> None:
        _tried(self._update_once, update)

    def delete(self, delete: Delete, /) -> None:
        _tried(self._delete_once, delete)

    def release(self) -> None:
        """Ends the transaction that `get` has kept for an update which does not come."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

    def written(self, call: Insert | Update | Delete, id: str, /) -> None:  # noqa: B027  (nothing more is the default)
        """Is called at the end of the transaction of each change, for a subclass that adds to it: a row of an audit
        log with the changes and repairs of `call.outcome`, say. What it raises undoes the change."""

    # What is asked of the database.

    _broken: ClassVar[tuple[type[Exception], ...]]
    """What is raised if a constraint is broken, or a value is none that the database can hold."""

    @abstractmethod
    def _transaction(self, *, keeps: bool = False) -> AbstractContextManager[None]:
        """A transaction: the one that `get` has kept, if there is one."""

    @abstractmethod
    def _equal(self, part: Part, column: str, value: Any) -> Any:
        """A condition: a column has a value. A boolean column that is NULL is false."""

    @abstractmethod
    def _where(self, part: Part, condition: sql.Where) -> Any:
        """A condition of the mapping."""

    @abstractmethod
    def _lock(self, part: Part, wanted: list[Any]) -> None:
        """Holds the rows until the transaction ends."""

    @abstractmethod
    def _count(self, part: Part, wanted: list[Any]) -> int:
        """How many rows satisfy the conditions."""

    @abstractmethod
    def _query(
        self,
        part: Part,
        wanted: list[Any],
        sources: list[dict[str, Any]],
        order: sql.OrderBy | None,
        limit: int,
        skip: int,
    ) -> Iterable[Sequence[Any]]:
        """What sources have in the rows that satisfy the conditions. Each has its `source` and the form `stored`."""

    @abstractmethod
    def _elements(self, part: Part, listed: dict[str, Any], rows: list[Row], most: int | None) -> Elements:
        """The rows of a list that belong to some rows."""

    @abstractmethod
    def _values(self, part: Part, column: str, wanted: list[Any], among: list[Any] | None = None) -> list[Any]:
        """What a column has in the rows that satisfy the conditions: of some values, in rows that are held until the
        transaction ends, or the first two."""

    @abstractmethod
    def _insert(self, part: Part, values: Columns) -> dict[str, Any]:
        """Adds a row, and gives the columns by which others belong to it."""

    @abstractmethod
    def _set(self, part: Part, wanted: list[Any], values: Columns) -> dict[str, Any] | None:
        """Changes the row that satisfies the conditions, and gives the columns by which others belong to it."""

    @abstractmethod
    def _change(self, part: Part, change: dict[str, Any], outer: dict[str, Any]) -> None:
        """Changes the rows of a list that belong to a row."""

    @abstractmethod
    def _forget(self, part: Part, rows: dict[str, Any] | None, column: str, value: Any, now: datetime) -> None:
        """Removes a reference from the rows that have it, which changes their resources."""

    @abstractmethod
    def _remove(self, part: Part, wanted: list[Any], now: datetime) -> None:
        """Deletes the row that satisfies the conditions, and the rows of its lists."""

    # What follows.

    def _insert_once(self, insert: Insert) -> Stored:
        part = self._part(insert)
        writing = part.mapping.insertion(insert)
        with self._constraints(), self._transaction():
            self._check_references(part, writing["references"])
            self._check_unique(part, insert.resource)
            outer = self._insert(part, {**self._scope, **writing["columns"], **self._secret(part, insert.secrets)})
            for change in writing["lists"]:
                self._change(part, change, outer)
            reading = part.mapping.reading()
            same = [self._equal(part, column, value) for column, value in outer.items()]
            (stored,) = self._stored(part, reading, self._select(part, same, reading, limit=1))
            self._written(insert, stored.resource["id"])
        return stored

    def _update_once(self, update: Update) -> None:
        part = self._part(update)
        writing = part.mapping.alteration(update)
        secrets = self._secret(part, update.secrets)
        if writing["unchanged"] and not secrets:
            return
        with self._constraints(), self._transaction():
            self._check_references(part, writing["references"])
            changed = {change.path for change in update.outcome.changes}
            self._check_unique(part, update.resource, update.id, changed)
            values = {**writing["columns"], **secrets}
            outer = self._set(part, self._expected(part, update.id, update.version), values)
            if outer is None:
                raise self._reason(part, update.id)
            for change in writing["lists"]:
                self._change(part, change, outer)
            self._written(update, update.id)

    def _delete_once(self, delete: Delete) -> None:
        part = self._part(delete)
        with self._constraints(), self._transaction():
            wanted = self._expected(part, delete.id, delete.version)
            self._lock(part, wanted)
            if not self._count(part, wanted):
                raise self._reason(part, delete.id)
            (_, id) = part.mapping.identified(delete.id) or ("", None)
            for other in self._parts.values():
                for rows, column in other.mapping.references(part.mapping.resource_type.name):
                    self._forget(other, rows, column, id, delete.now)
            # Without the version, which is another one now if the resource referred to itself.
            self._remove(part, self._expected(part, delete.id, None), delete.now)
            self._written(delete, delete.id)

    def _part(self, call: Get | Find | Insert | Update | Delete) -> Part:
        name = call.resource_type.name
        if name not in self._parts:
            raise ValueError(f"there is no table for `{name}`")
        return self._parts[name]

    def _own(self, part: Part) -> list[Any]:
        """The conditions for all rows of the tenant."""
        own = [self._equal(part, column, value) for column, value in self._scope.items()]
        return own if part.deleted is None else [*own, self._equal(part, part.deleted, None)]

    def _at(self, part: Part, id: str) -> list[Any] | None:
        """Where the resource with an id is."""
        found = None if "\0" in id else part.mapping.identified(id)  # databases refuse to compare it
        return None if found is None else [*self._own(part), self._equal(part, *found)]

    def _expected(self, part: Part, id: str, version: str | None) -> list[Any]:
        """Where the resource with an id and a version is."""
        at = self._at(part, id)
        if at is None:
            raise Missing
        if version is None:
            return at
        expected = part.mapping.expected(version)
        if expected is None:
            raise self._reason(part, id)
        return [*at, self._equal(part, *expected)]

    def _reason(self, part: Part, id: str) -> Exception:
        """Why nothing has an id and a version."""
        at = self._at(part, id)
        return Stale() if at is not None and self._count(part, at) else Missing()

    def _written(self, call: Insert | Update | Delete, id: str) -> None:
        """Calls `written`. A constraint that it breaks is not the client's fault."""
        try:
            self.written(call, id)
        except self._broken as failure:
            raise RuntimeError("what `written` adds is refused by the database") from failure

    @contextmanager
    def _constraints(self) -> Iterator[None]:
        """Makes errors of a client of broken constraints, which a database may tell at the end of a transaction."""
        try:
            yield
        except self._broken as failure:
            cause = _cause(failure)
            if _state(cause) == "23505" or any(word in str(cause).lower() for word in ("unique", "duplicate")):
                raise Uniqueness("another resource has a value that must be unique") from failure
            raise InvalidValue("a value is refused by the database") from failure

    def _select(
        self,
        part: Part,
        wanted: list[Any],
        reading: sql.Reading,
        *,
        order: sql.OrderBy | None = None,
        limit: int,
        skip: int = 0,
    ) -> list[Row]:
        """The rows that satisfy the conditions."""
        keys = [] if order is None else [key for key in order.keys if key["first_of"] is None]
        read: list[dict[str, Any]] = [{"source": source, "stored": stored} for source, stored in reading.columns]
        sources: list[dict[str, Any]] = [*({"source": name, "stored": ""} for name in part.outer), *read, *keys]
        found = []
        for row in self._query(part, wanted, sources, order, limit, skip):
            values = iter(row)
            outer = {name: next(values) for name in part.outer}
            found.append(Row(outer, [next(values) for _ in read], [plain(value) for value in values]))
        return found

    def _stored(self, part: Part, reading: sql.Reading, rows: list[Row], most: int | None = None) -> list[Stored]:
        lists = []
        for listed in reading.lists:
            found: dict[tuple[Any, ...], list[Any]] = {}
            if listed["among"] is not None:  # databases refuse to compare what has a NUL
                listed["among"]["values"] = [value for value in listed["among"]["values"] if "\0" not in str(value)]
            if rows and (listed["among"] is None or listed["among"]["values"]):
                for key, values in self._elements(part, listed, rows, most):
                    found.setdefault(key, []).append(values)
            lists.append(([column for _, column in listed["rows"]["on"]], found))
        made = []
        for row in rows:
            own = [found.get(tuple(row.outer[column] for column in on), []) for on, found in lists]
            version = reading.version(row.values)
            if version is None:
                raise ValueError("a row has no version: name a column by `version`, or map `meta.lastModified`")
            made.append(Stored(reading.resource(row.values, own), version))
        return made

    def _secret(self, part: Part, secrets: Columns) -> Columns:
        return self._secrets(part.mapping.resource_type.name, secrets) if self._secrets and secrets else {}

    def _check_references(self, part: Part, references: list[dict[str, Any]]) -> None:
        """Refuses a reference to what is not there, or belongs to another tenant."""
        if references:
            # What is found must still be there when the transaction ends. SQLite locks nothing before the first change,
            # which here is one of no row; other databases hold the rows.
            self._lock(part, [self._equal(part, part.mapping.id_column, None)])
        there: dict[str, set[Any]] = {}
        for name in {name: None for reference in references for name in reference["types"]}:
            some = [reference for reference in references if name in reference["types"]]
            if name not in self._parts:
                raise ValueError(f"`{some[0]['path']}` refers to `{name}`, for which there is no table")
            other, values = self._parts[name], [*{reference["value"] for reference in some}]
            there[name] = set()
            for start in range(0, len(values), 500):
                among = values[start : start + 500]
                there[name].update(self._values(other, other.mapping.id_column, self._own(other), among))
        for reference in references:
            if not any(reference["value"] in there[name] for name in reference["types"]):
                raise reference["missing"]

    def _check_unique(
        self, part: Part, resource: Columns, id: str | None = None, changed: set[str] | None = None
    ) -> None:
        """Refuses a value that another resource has, if values are unique."""
        own = None if id is None else part.mapping.identified(id)
        for attribute in part.mapping.resource_type.schema["attributes"]:
            name = attribute["name"]
            is_unique = attribute.get("uniqueness", "none") != "none" and attribute["type"] == "string"
            if not is_unique or resource.get(name) is None or (changed is not None and name not in changed):
                continue
            taken = self._where(part, part.mapping.bind(attr(name).eq(resource[name])))
            for other in self._values(part, part.mapping.id_column, [*self._own(part), taken]):
                if own is None or other != own[1]:
                    raise Uniqueness(f"`{name}`: another resource has this value")


def conflict(failure: Exception) -> Busy | None:
    """What is raised if a database refuses because of others: two wait for each other, or one writes at a time."""
    cause = _cause(failure)
    if _state(cause) in ("40001", "40P01") or any(word in str(cause) for word in ("eadlock", "serialize")):
        return Deadlock()
    return Busy() if "locked" in str(cause) else None


def _cause(failure: Exception) -> BaseException:
    """What the driver has raised: SQLAlchemy and Django have errors of their own around it."""
    return getattr(failure, "orig", None) or failure.__cause__ or failure


def _state(cause: BaseException) -> str:
    """The code of an error, if the driver has codes."""
    return str(getattr(cause, "sqlstate", ""))
