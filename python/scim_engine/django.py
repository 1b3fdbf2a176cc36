"""Conditions and orders of `scim_engine.sql` for Django's ORM. Needs `django`.

    from scim_engine.django import order_by, q

    User.objects.filter(q(MAPPING.bind(query.filter), User)).order_by(*order_by(MAPPING.order_by("userName"), User))

The columns and tables of a mapping have their names in the database (`db_column`, `db_table`). Nothing is joined, so no
row comes twice.
"""

from __future__ import annotations

from typing import Any

from django.db import NotSupportedError
from django.db.models import Case, Exists, F, Func, IntegerField, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.expressions import OrderBy as DjangoOrder
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, In, LessThan, LessThanOrEqual

from ._adapters import after_all, bound
from .sql import OrderBy, Where

__all__ = ["order_by", "q"]

_COMPARE = {"=": Exact, ">": GreaterThan, ">=": GreaterThanOrEqual, "<": LessThan, "<=": LessThanOrEqual}


def q(condition: Where, model: Any) -> Q:
    """A condition as a `Q` for a query of this model.

    Raises `ValueError` for a mapping with JSON columns or expressions, and for a column or table that no model has. A
    query is refused when it is run on a database other than PostgreSQL and SQLite.
    """
    return _condition(condition.tree(), model)


def order_by(order: OrderBy, model: Any) -> list[Any]:
    """An order as arguments of `QuerySet.order_by`. For the next page, `q(order.after(values), model)` selects the rows
    after one that has these values."""
    return [_order_key(key, model) for key in order.keys]


def _condition(node: dict[str, Any], model: Any) -> Q:
    ((kind, of),) = node.items()
    if kind == "constant":
        return Q(Exact(Value(1), Value(1 if of else 0)))
    if kind in ("all", "any"):
        found = _condition(of[0], model)
        for term in of[1:]:
            found = found & _condition(term, model) if kind == "all" else found | _condition(term, model)
        return found
    if kind == "exists":
        inner = _model(of["rows"], model)
        rows = inner._base_manager.filter(_only(of["rows"], inner), _condition(of["within"], inner))
        pairs = of["rows"]["on"]
        if of["negated"] or len(pairs) > 1:
            found = Q(Exists(rows.filter(_belong(of["rows"], inner, model))))
            return ~found if of["negated"] else found
        # SQLite begins with what is within `IN`, and so in an index of these rows, but never with what is in `EXISTS`.
        ((own, other),) = pairs
        return Q(**{f"{_name(other, model)}__in": rows.values(_name(own, inner))})
    return _test(of, model)


def _model(rows: dict[str, Any], outer: Any) -> Any:
    if "table" not in rows:
        raise ValueError("lists in JSON columns are not supported here: use `Where.sql`")
    for models in outer._meta.apps.all_models.values():
        for model in models.values():
            if model._meta.db_table.replace('"', "") == rows["table"]:
                return model
    raise ValueError(f"no model has the table `{rows['table']}`")


def _belong(rows: dict[str, Any], inner: Any, outer: Any) -> Q:
    """Which rows belong to the row around them."""
    return Q(**{_name(own, inner): OuterRef(_name(other, outer)) for own, other in rows["on"]})


def _only(rows: dict[str, Any], inner: Any) -> Q:
    """Which rows count."""
    found = Q()
    for column, value in rows["only"]:
        name = _name(column, inner)
        found &= Q(**({f"{name}__isnull": True} if value is None else {name: value}))
    return found


def _name(source: Any, model: Any) -> str:
    """The name of the field that a column belongs to."""
    if not isinstance(source, str):
        raise ValueError("JSON columns and expressions are not supported here: use `Where.sql`")
    for field in model._meta.concrete_fields:
        if field.column == source:
            return str(field.attname)
    raise ValueError(f"`{model._meta.label}` has no column `{source}`")


def _test(test: dict[str, Any], model: Any) -> Q:
    name, op, negated = _name(test["source"], model), test["op"], test["negated"]
    if op == "not_null":
        return Q(**{f"{name}__isnull": negated})
    value = bound(test["stored"], test["value"])
    if op == "is":
        found = Q(**{name: value})
    elif op == "in":
        found = Q(In(_Equal(F(name)), value))
    elif op == "contains":
        found = Q(GreaterThan(_Position(F(name), Value(value)), 0))
    elif op == "starts_with":
        found = Q(GreaterThanOrEqual(_CodePoints(F(name)), value))
        after = after_all(value)
        if after is not None:
            found &= Q(LessThan(_CodePoints(F(name)), after))
    elif op == "ends_with":
        found = Q(Exact(_Ending(F(name), Value(len(value))), value))
    elif test["stored"] in ("text", "folded"):
        found = Q(_COMPARE[op]((_Equal if op == "=" else _CodePoints)(F(name)), value))
    else:
        found = Q(_COMPARE[op](F(name), value))
    return Q(**{f"{name}__isnull": True}) | ~found if negated else found


def _order_key(key: dict[str, Any], model: Any) -> Any:
    of = key["first_of"]
    if of is None:
        value = _ordered(key, model)
    else:
        inner = _model(of["rows"], model)
        name = _name(key["source"], inner)
        ranks = [] if of["primary"] is None else [When(**{_name(of["primary"], inner): True}, then=0)]
        rank = Case(*ranks, When(**{f"{name}__isnull": False}, then=1), default=2, output_field=IntegerField())
        belong = _belong(of["rows"], inner, model) & _only(of["rows"], inner)
        rows = inner._base_manager.filter(belong).order_by(rank, _name(of["position"], inner))
        value = Subquery(rows.annotate(_scim_value=_ordered(key, inner)).values("_scim_value")[:1])
    nulls = {} if key["not_null"] else {"nulls_first" if key["descending"] else "nulls_last": True}
    return DjangoOrder(value, descending=key["descending"], **nulls)


def _ordered(key: dict[str, Any], model: Any) -> Any:
    field = F(_name(key["source"], model))
    return _CodePoints(field) if key["stored"] in ("text", "folded") else field


class _OnTested(Func):
    """A part of a query for the databases on which it is tested."""

    postgresql: str
    sqlite: str

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        raise NotSupportedError(f"scim_engine is tested on PostgreSQL and SQLite, and not on `{connection.vendor}`")

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template=self.postgresql, **more)

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template=self.sqlite, **more)


class _Equal(_OnTested):
    """A text that is compared for equality, character by character."""

    postgresql, sqlite = "%(expressions)s", "%(expressions)s COLLATE BINARY"
    output_field = TextField()


class _CodePoints(_OnTested):
    """A text that is in the order of its code points."""

    postgresql, sqlite = '%(expressions)s COLLATE "C"', "%(expressions)s COLLATE BINARY"
    output_field = TextField()


class _Position(_OnTested):
    """The position of a text in another one, from 1, or 0."""

    postgresql, sqlite = "strpos(%(expressions)s)", "instr(%(expressions)s)"
    output_field = IntegerField()


class _Ending(_OnTested):
    """The last characters of a text."""

    postgresql, sqlite = "right(%(expressions)s)", "substr(%(expressions)s)"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        column, length = self.source_expressions
        turned = self.copy()
        turned.source_expressions = [column, Value(-length.value)]
        return super(_OnTested, turned).as_sql(compiler, connection, template=self.sqlite, **more)
