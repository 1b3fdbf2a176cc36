"""A storage of an endpoint over tables that SQLAlchemy knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from .. import sql
from .._tables import Columns, Elements, Part, Row, Secrets, conflict
from .._tables import TableStorage as Tables
from ._conditions import _belong, _column, _rows, _selectable, named, order_by, table_of, where

__all__ = ["TableStorage"]


class TableStorage(Tables):
    __doc__ = Tables.__doc__
    _broken = (IntegrityError, DataError)

    def __init__(
        self,
        begin: Callable[[], AbstractContextManager[Any]],
        tables: Mapping[Any, sql.Mapping],
        *,
        scope: Columns | None = None,
        secrets: Secrets | None = None,
        deleted: Mapping[str, str] | None = None,
    ) -> None:
        """`begin` begins a transaction and gives a `Session` or a `Connection`: `sessionmaker(engine).begin`. The keys
        of `tables` are mapped classes or tables."""
        super().__init__({_selectable(table): mapping for table, mapping in tables.items()}, scope, secrets, deleted)
        self._begin = begin
        self._session: Any = None

    @property
    def session(self) -> Any:
        """The `Session` or `Connection` of the transaction, for what a subclass does in `written`."""
        return self._session

    @contextmanager
    def _transaction(self, *, keeps: bool = False) -> Iterator[None]:
        if keeps:
            self.release()
        kept, self._kept = self._kept, None
        try:
            with kept or ExitStack() as stack:
                if kept is None:
                    self._session = stack.enter_context(self._begin())
                yield
                if keeps:
                    self._kept = stack.pop_all()
        except IntegrityError:
            raise
        except DBAPIError as failure:
            raise (conflict(failure) or failure) from failure.orig

    def _equal(self, part: Part, column: str, value: Any) -> Any:
        own = part.table.c[column]
        if value is None and isinstance(own.type, sa.Boolean):
            return own.is_not(sa.true())
        return self._matches(part.table, {column: value})

    def _matches(self, table: Any, columns: Columns) -> sa.ColumnElement[bool]:
        """The rows whose columns have values, where NULL is one."""
        each = [table.c[name].is_(None) if value is None else table.c[name] == value for name, value in columns.items()]
        return sa.and_(sa.true(), *each)

    def _where(self, part: Part, condition: sql.Where) -> Any:
        return where(condition, part.table)

    def _lock(self, part: Part, wanted: list[Any]) -> None:
        # A change of nothing locks in each database.
        column = part.table.c[part.mapping.id_column]
        self._session.execute(sa.update(part.table).where(*wanted).values({column: column}))

    def _count(self, part: Part, wanted: list[Any]) -> int:
        query = sa.select(sa.func.count()).select_from(part.table).where(*wanted)
        return int(self._session.execute(query).scalar_one())

    def _query(
        self,
        part: Part,
        wanted: list[Any],
        sources: list[dict[str, Any]],
        order: sql.OrderBy | None,
        limit: int,
        skip: int,
    ) -> Iterable[Sequence[Any]]:
        selected = [_column(of["source"], part.table, of["stored"]).label(f"c{at}") for at, of in enumerate(sources)]
        query = sa.select(*selected).select_from(part.table).where(*wanted).limit(limit).offset(skip)
        if order is not None:
            query = query.order_by(*order_by(order, part.table))
        rows: Iterable[Sequence[Any]] = self._session.execute(query)
        return rows

    def _elements(self, part: Part, listed: dict[str, Any], rows: list[Row], most: int | None) -> Elements:
        inner, pairs = named(listed["rows"]["table"], part.table), listed["rows"]["on"]
        own = self._matches(inner, dict(listed["rows"]["only"]))
        keys = [inner.c[column] for column, _ in pairs]
        wanted = [tuple(row.outer[column] for _, column in pairs) for row in rows]
        belong = keys[0].in_([key for (key,) in wanted]) if len(keys) == 1 else sa.tuple_(*keys).in_(wanted)
        selected = [*keys, *(_column(source, inner) for source, _ in listed["columns"])]
        query = sa.select(*(column.label(f"c{at}") for at, column in enumerate(selected))).where(own, belong)
        if listed["among"] is not None:
            query = query.where(_column(listed["among"]["source"], inner).in_(listed["among"]["values"]))
        if most is not None and len(rows) == 1:
            # A longer list is not shown: one of its rows stands for all, and none is sorted.
            another = self._session.execute(query.select_from(inner).offset(most).limit(1)).one_or_none()
            if another is not None:
                yield from [(tuple(another[: len(keys)]), list(another[len(keys) :]))] * (most + 1)
                return
        if listed["position"] is not None:
            query = query.order_by(_column(listed["position"], inner))
        for row in self._session.execute(query.select_from(inner)):
            yield tuple(row[: len(keys)]), list(row[len(keys) :])

    def _values(self, part: Part, column: str, wanted: list[Any], among: list[Any] | None = None) -> list[Any]:
        query = sa.select(part.table.c[column]).where(*wanted)
        if among is None:
            query = query.limit(2)
        else:
            query = query.where(part.table.c[column].in_(among)).with_for_update(read=True)
        return list(self._session.execute(query).scalars())

    def _insert(self, part: Part, values: Columns) -> dict[str, Any]:
        table = table_of(part.table)
        made = self._session.execute(sa.insert(table).values(_held(table, values)))
        same = [column == value for column, value in zip(table.primary_key, made.inserted_primary_key, strict=True)]
        outer = self._outer_of(part, same)
        assert outer is not None, "the row was added in this transaction"
        return outer

    def _outer_of(self, part: Part, wanted: list[Any]) -> dict[str, Any] | None:
        outer = part.outer
        row = self._session.execute(sa.select(*(part.table.c[name] for name in outer)).where(*wanted)).one_or_none()
        return None if row is None else dict(zip(outer, row, strict=True))

    def _set(self, part: Part, wanted: list[Any], values: Columns) -> dict[str, Any] | None:
        outer = self._outer_of(part, wanted)
        changed = self._session.execute(sa.update(part.table).where(*wanted).values(_held(part.table, values))).rowcount
        return outer if changed == 1 else None

    def _change(self, part: Part, change: dict[str, Any], outer: dict[str, Any]) -> None:
        table = named(change["table"], part.table)
        own = {column: outer[of] for column, of in change["on"]} | dict(change["only"])
        for known in change["deleted"]:
            self._session.execute(sa.delete(table).where(self._matches(table, {**own, **known})))
        for known, new in change["updated"]:
            changes = {table.c[name]: value for name, value in new.items()}
            self._session.execute(sa.update(table).where(self._matches(table, {**own, **known})).values(changes))
        # One statement for rows with the same columns.
        rows = [{**own, **row} for row in change["inserted"]]
        if rows:
            self._session.execute(sa.insert(table), [{table.c[name].key: row[name] for name in row} for row in rows])

    def _forget(self, part: Part, rows: dict[str, Any] | None, column: str, value: Any, now: datetime) -> None:
        grows, columns = part.mapping.touch(now)
        touched = {part.table.c[name]: value for name, value in columns.items()}
        if grows is not None:
            touched[part.table.c[grows]] = part.table.c[grows] + 1
        if rows is None:
            had = [*self._own(part), part.table.c[column] == value]
            self._session.execute(sa.update(part.table).where(*had).values({part.table.c[column]: None, **touched}))
            return
        inner, own = _rows(rows, part.table)
        had = [*self._own(part), sa.exists().where(inner.c[column] == value, own, *_belong(rows, inner, part.table))]
        if touched:
            self._session.execute(sa.update(part.table).where(*had).values(touched))
        table = named(rows["table"], part.table)
        tenant = sa.exists().where(*self._own(part), *_belong(rows, table, part.table)).correlate(table)
        gone = self._matches(table, {column: value, **dict(rows["only"])})
        self._session.execute(sa.delete(table).where(gone, tenant))

    def _remove(self, part: Part, wanted: list[Any], now: datetime) -> None:
        if part.deleted is not None:
            gone = True if isinstance(part.table.c[part.deleted].type, sa.Boolean) else now
            self._session.execute(sa.update(part.table).where(*wanted).values({part.table.c[part.deleted]: gone}))
            return
        outer = self._outer_of(part, wanted) or {}
        for rows in part.lists:
            table = named(rows["table"], part.table)
            own = {column: outer[of] for column, of in rows["on"]} | dict(rows["only"])
            self._session.execute(sa.delete(table).where(self._matches(table, own)))
        self._session.execute(sa.delete(part.table).where(*wanted))


def _held(table: Any, values: Columns) -> dict[Any, Any]:
    """The values by their columns. A JSON object is a text where the column has no type for it."""
    held = {}
    for name, value in values.items():
        column = table.c[name]
        if isinstance(column.type, sa.JSON):
            value = sa.null() if value is None else value
        elif isinstance(value, dict):
            value = json.dumps(value, ensure_ascii=False)
        held[column] = value
    return held
