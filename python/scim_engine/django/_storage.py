"""A storage of an endpoint over models of Django's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, OperationalError, transaction
from django.db.models import BooleanField, F, JSONField, Model, Q, QuerySet

from .. import sql
from .._tables import Columns, Elements, Part, Row, Secrets, conflict
from .._tables import TableStorage as Tables
from ..endpoint import Busy
from ._conditions import _column, _model, _name, _only, order_by, q

__all__ = ["TableStorage"]


class TableStorage(Tables):
    __doc__ = Tables.__doc__
    _broken = (IntegrityError, DataError)

    def __init__(
        self,
        tables: Mapping[Any, sql.Mapping],
        *,
        scope: Columns | None = None,
        secrets: Secrets | None = None,
        deleted: Mapping[str, str] | None = None,
        using: str = "default",
    ) -> None:
        """The keys of `tables` are models. Rows are saved and deleted one by one, so signals are sent. `using` names
        the database."""
        super().__init__(tables, scope, secrets, deleted)
        self._using = using

    @contextmanager
    def _transaction(self, *, keeps: bool = False) -> Iterator[None]:
        if keeps:
            self.release()
        stack, self._kept = self._kept or ExitStack(), None
        try:
            with stack:
                if not transaction.get_connection(self._using).in_atomic_block or not keeps:
                    stack.enter_context(transaction.atomic(self._using))
                yield
                if keeps:
                    self._kept = stack.pop_all()
        except OperationalError as failure:
            if conflict(failure):
                # Not a deadlock, after which a change is tried again: this may be a part of a larger transaction.
                raise Busy from failure
            raise

    def _rows(self, model: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = model._base_manager.using(self._using)
        return rows

    def _equal(self, part: Part, column: str, value: Any) -> Any:
        name = _name(column, part.table)
        if value is None and isinstance(_field(part.table, name), BooleanField):
            return ~Q(**{name: True})
        return _matches(part.table, {column: value})

    def _where(self, part: Part, condition: sql.Where) -> Any:
        return q(condition, part.table)

    def _lock(self, part: Part, wanted: list[Any]) -> None:
        # A change of nothing locks in each database.
        own = _name(part.mapping.id_column, part.table)
        keys = self._rows(part.table).filter(*wanted).values_list("pk", flat=True)
        self._rows(part.table).filter(pk__in=list(keys)).update(**{own: F(own)})

    def _count(self, part: Part, wanted: list[Any]) -> int:
        return int(self._rows(part.table).filter(*wanted).count())

    def _query(
        self,
        part: Part,
        wanted: list[Any],
        sources: list[dict[str, Any]],
        order: sql.OrderBy | None,
        limit: int,
        skip: int,
    ) -> Iterable[Sequence[Any]]:
        named = {f"_scim{at}": _column(of, part.table) for at, of in enumerate(sources)}
        rows = self._rows(part.table).filter(*wanted).annotate(**named)
        rows = rows.order_by(*(order_by(order, part.table) if order is not None else ()))
        selected: Iterable[Sequence[Any]] = rows.values_list(*named)[skip : skip + limit]
        return selected

    def _elements(self, part: Part, listed: dict[str, Any], rows: list[Row], most: int | None) -> Elements:
        inner = _model(listed["rows"], part.table)
        pairs = listed["rows"]["on"]
        belong = Q()
        if len(pairs) == 1:
            ((own, outer),) = pairs
            belong = Q(**{f"{_name(own, inner)}__in": [row.outer[outer] for row in rows]})
        else:
            for row in rows:
                belong |= Q(**{_name(own, inner): row.outer[outer] for own, outer in pairs})
        sources = [{"source": own, "stored": ""} for own, _ in pairs]
        sources += [{"source": source, "stored": stored} for source, stored in listed["columns"]]
        named = {f"_scim{at}": _column(of, inner) for at, of in enumerate(sources)}
        found = self._rows(inner).filter(_only(listed["rows"], inner), belong).annotate(**named).order_by()
        if listed["among"] is not None:
            of = _name(listed["among"]["source"], inner)
            found = found.filter(**{f"{of}__in": listed["among"]["values"]})
        if listed["position"] is not None:
            found = found.order_by(_column({"source": listed["position"], "stored": "integer"}, inner))
        found = found.values_list(*named)
        for row in found[: most + 1] if most is not None and len(rows) == 1 else found:
            yield tuple(row[: len(pairs)]), list(row[len(pairs) :])

    def _values(self, part: Part, column: str, wanted: list[Any], among: list[Any] | None = None) -> list[Any]:
        name = _name(column, part.table)
        rows = self._rows(part.table).filter(*wanted)
        rows = rows if among is None else rows.filter(**{f"{name}__in": among})
        values = rows.values_list(name, flat=True)
        return list(values[:2] if among is None else values)

    def _insert(self, part: Part, values: Columns) -> dict[str, Any]:
        made = part.table()
        self._save(part.table, made, values, is_new=True)
        return {column: getattr(made, _name(column, part.table)) for column in part.outer}

    def _set(self, part: Part, wanted: list[Any], values: Columns) -> dict[str, Any] | None:
        self._lock(part, wanted)
        row = self._rows(part.table).filter(*wanted).first()
        if row is None:
            return None
        self._save(part.table, row, values, is_new=False)
        return {column: getattr(row, _name(column, part.table)) for column in part.outer}

    def _save(self, model: Any, row: Model, values: Columns, *, is_new: bool) -> None:
        """Saves a row, and the rows beside it that paths lead to."""
        own: dict[str, Any] = {}
        beside: dict[str, dict[str, Any]] = {}
        for column, value in values.items():
            path, _, name = column.rpartition("__")
            if isinstance(value, dict) and not isinstance(_field(model, _name(column, model)), JSONField):
                value = json.dumps(value, ensure_ascii=False)
            if path:
                beside.setdefault(path, {})[name] = value
            else:
                own[_name(column, model)] = value
        for name, value in own.items():
            setattr(row, name, value)
        if is_new:
            row.save(using=self._using, force_insert=True)
        elif own:
            row.save(using=self._using, update_fields=list(own))
        for path, those in beside.items():
            relation = model._meta.get_field(path)
            there = self._rows(relation.related_model).filter(**{relation.field.name: row}).first()
            one = there or relation.related_model(**{relation.field.name: row})
            for name, value in those.items():
                setattr(one, relation.related_model._meta.get_field(name).attname, value)
            one.save(using=self._using)

    def _change(self, part: Part, change: dict[str, Any], outer: dict[str, Any]) -> None:
        inner = _model(change, part.table)
        own = {column: outer[of] for column, of in change["on"]} | dict(change["only"])
        for known in change["deleted"]:
            self._rows(inner).filter(_matches(inner, {**own, **known})).delete()
        for known, new in change["updated"]:
            for row in self._rows(inner).filter(_matches(inner, {**own, **known})):
                self._save(inner, row, new, is_new=False)
        for new in change["inserted"]:
            self._save(inner, inner(), {**own, **new}, is_new=True)

    def _forget(self, part: Part, rows: dict[str, Any] | None, column: str, value: Any, now: datetime) -> None:
        grows, columns = part.mapping.touch(now)
        if rows is None:
            had = self._rows(part.table).filter(*self._own(part), _matches(part.table, {column: value}))
            changes: Columns = {column: None}
        else:
            inner = _model(rows, part.table)
            ((own, other), *_) = rows["on"]
            those = self._rows(inner).filter(_only(rows, inner), _matches(inner, {column: value}))
            chosen = list(those.values_list(_name(own, inner), flat=True))
            place = _name(other, part.table)
            had, changes = self._rows(part.table).filter(*self._own(part), **{f"{place}__in": chosen}), {}
            places = list(had.values_list(place, flat=True))
            had = self._rows(part.table).filter(pk__in=list(had.values_list("pk", flat=True)))
            those.filter(**{f"{_name(own, inner)}__in": places}).delete()
        for row in had:
            growing = {} if grows is None else {grows: getattr(row, _name(grows, part.table)) + 1}
            self._save(part.table, row, {**changes, **columns, **growing}, is_new=False)

    def _remove(self, part: Part, wanted: list[Any], now: datetime) -> None:
        row = self._rows(part.table).filter(*wanted).get()
        if part.deleted is not None:
            is_flag = isinstance(_field(part.table, _name(part.deleted, part.table)), BooleanField)
            self._save(part.table, row, {part.deleted: True if is_flag else now}, is_new=False)
            return
        for rows in part.lists:
            inner = _model(rows, part.table)
            own = {column: getattr(row, _name(of, part.table)) for column, of in rows["on"]} | dict(rows["only"])
            self._rows(inner).filter(_matches(inner, own)).delete()
        row.delete(using=self._using)


def _matches(model: Any, columns: Columns) -> Q:
    """The rows whose columns have values, where NULL is one."""
    found = Q()
    for column, value in columns.items():
        name = _name(column, model)
        found &= Q(**({f"{name}__isnull": True} if value is None else {name: value}))
    return found


def _field(model: Any, name: str) -> Any:
    """The field at the end of a path."""
    *path, last = name.split("__")
    for step in path:
        model = model._meta.get_field(step).related_model
    return next(field for field in model._meta.concrete_fields if last in (field.name, field.attname))
