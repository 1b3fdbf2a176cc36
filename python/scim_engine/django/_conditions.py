"""Conditions and orders of `scim_engine.sql` for Django."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.db import NotSupportedError
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    DateTimeField,
    DecimalField,
    Exists,
    F,
    Field,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    TextField,
    UUIDField,
    Value,
    When,
)
from django.db.models.expressions import OrderBy as DjangoOrder
from django.db.models.expressions import RawSQL
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, In, IsNull, LessThan, LessThanOrEqual

from .._adapters import after_all, bound
from ..sql import OrderBy, Where
from ._json import Element, Json, JsonExists

__all__ = ["order_by", "q"]

_COMPARE = {"=": Exact, ">": GreaterThan, ">=": GreaterThanOrEqual, "<": LessThan, "<=": LessThanOrEqual}


def q(condition: Where, model: Any, *, untested: bool = False) -> Q:
    """A condition as a `Q` for a query of this model.

    Raises `ValueError` for a column or table that no model has. A query is refused when it is run on a database other
    than PostgreSQL, SQLite and MariaDB, which has no JSON columns here. With `untested` it has the functions of
    standard SQL there, and no collation: the columns of texts must have one that tells all texts apart, trailing spaces
    included, and is in the order of code points. Compare the answers by `testing.check_filters`.
    """
    return _Writer(untested).condition(condition.tree(), model)


def order_by(order: OrderBy, model: Any, *, untested: bool = False) -> list[Any]:
    """An order as arguments of `QuerySet.order_by`. For the next page, `q(order.after(values), model)` selects the rows
    after one that has these values. See `q` for `untested`."""
    return [_Writer(untested).order_key(key, model) for key in order.keys]


class _Writer:
    """Writes conditions and orders for tested databases, or for all."""

    def __init__(self, untested: bool):
        self.untested = untested

    def _part(self, kind: type[_Part], *parts: Any) -> _Part:
        return kind(*parts, untested=self.untested)

    def condition(self, node: dict[str, Any], model: Any) -> Q:
        ((kind, of),) = node.items()
        if kind == "constant":
            return Q(Exact(Value(1), Value(1 if of else 0)))
        if kind in ("all", "any"):
            found = self.condition(of[0], model)
            for term in of[1:]:
                found = found & self.condition(term, model) if kind == "all" else found | self.condition(term, model)
            return found
        if kind == "exists" and "json" in of["rows"]:
            element = Element(model.depth + 1 if isinstance(model, Element) else 1)
            document, within = _document(of["rows"]["json"], model), self.condition(of["within"], element)
            found = Q(JsonExists(document, within, path=of["rows"]["path"], alias=element.alias))
            return ~found if of["negated"] else found
        if kind == "exists":
            inner = _model(of["rows"], model)
            rows = inner._base_manager.filter(_only(of["rows"], inner), self.condition(of["within"], inner))
            pairs = of["rows"]["on"]
            if of["negated"] or len(pairs) > 1:
                found = Q(Exists(rows.filter(_belong(of["rows"], inner, model))))
                return ~found if of["negated"] else found
            # SQLite begins with what is in `IN`, and so in an index of these rows, but never with what is in `EXISTS`.
            ((own, other),) = pairs
            return Q(**{f"{_name(other, model)}__in": rows.values(_name(own, inner))})
        return self._test(of, model)

    def _test(self, test: dict[str, Any], model: Any) -> Q:
        column, op, negated = _column(test, model), test["op"], test["negated"]
        if op == "not_null":
            return Q(IsNull(column, negated))
        value = bound(test["stored"], test["value"])
        if op == "is":
            found = Q(Exact(column, value))
        elif op == "in":
            found = Q(In(self._part(_Equal, column), value))
        elif op == "contains":
            found = Q(GreaterThan(self._part(_Position, column, Value(value)), 0))
        elif op == "starts_with":
            found = Q(GreaterThanOrEqual(self._part(_CodePoints, column), value))
            after = after_all(value)
            if after is not None:
                found &= Q(LessThan(self._part(_CodePoints, column), after))
        elif op == "ends_with":
            found = Q(Exact(self._part(_Ending, column, Value(len(value))), value))
        elif test["stored"] in ("text", "folded"):
            found = Q(_COMPARE[op](self._part(_Equal if op == "=" else _CodePoints, column), value))
        else:
            found = Q(_COMPARE[op](column, value))
        return Q(IsNull(column, True)) | ~found if negated else found

    def order_key(self, key: dict[str, Any], model: Any) -> Any:
        of = key["first_of"]
        if of is None:
            value = self._ordered(key, model)
        else:
            inner = _model(of["rows"], model)
            ranks = [When(Q(IsNull(_column(key, inner), False)), then=1)]
            if of["primary"] is not None:
                primary = _column({"source": of["primary"], "stored": "boolean"}, inner)
                ranks.insert(0, When(Q(Exact(primary, True)), then=0))
            rank = Case(*ranks, default=2, output_field=IntegerField())
            belong = _belong(of["rows"], inner, model) & _only(of["rows"], inner)
            position = _column({"source": of["position"], "stored": "integer"}, inner)
            rows = inner._base_manager.filter(belong).order_by(rank, position)
            value = Subquery(rows.annotate(_scim_value=self._ordered(key, inner)).values("_scim_value")[:1])
        nulls = {} if key["not_null"] else {"nulls_first" if key["descending"] else "nulls_last": True}
        return DjangoOrder(value, descending=key["descending"], **nulls)

    def _ordered(self, key: dict[str, Any], model: Any) -> Any:
        column = _column(key, model)
        return self._part(_CodePoints, column) if key["stored"] in ("text", "folded") else column


def _model(rows: dict[str, Any], outer: Any) -> Any:
    every = [model for models in outer._meta.apps.all_models.values() for model in models.values()]
    # Several apps may have a model of one table.
    for model in sorted(every, key=lambda model: bool(model._meta.app_label != outer._meta.app_label)):
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


def _column(of: dict[str, Any], model: Any) -> Any:
    """What a test or a part of an order reads."""
    source, stored = of["source"], of["stored"]
    if isinstance(source, str):
        return F(_name(source, model))
    if "json" in source:
        field = _FIELDS[stored]()
        return Json(_document(source["json"], model), path=source["path"], stored=stored, output_field=field)
    own = model._meta.concrete_fields[0].attname
    text = source["expression"]
    paths = [F(path) for path in _PATH.findall(text)]
    return _Expression(F(own), *paths, text=text, output_field=_FIELDS[stored]())


def _document(column: str, model: Any) -> Any:
    """A JSON column, of which there is one in the elements of a list."""
    return RawSQL(f'{model.alias}."{column}"', ()) if isinstance(model, Element) else F(_name(column, model))


def _name(source: str, model: Any) -> str:
    """The name of the field that a column belongs to. A path to another table is one already."""
    if "__" in source:
        return source
    for field in model._meta.concrete_fields:
        if field.column == source:
            return str(field.attname)
    raise ValueError(f"`{model._meta.label}` has no column `{source}`")


# A path to the one row of another table, in an expression.
_PATH = re.compile(r"\{(\w+__\w+)\}")


class _Expression(Func):
    """An expression of the mapping. Its first argument is any column of the table, whose name or alias it takes; the
    others are the paths in it."""

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        table = compiler.quote_name_unless_alias(self.source_expressions[0].alias)
        columns = [compiler.compile(path)[0] for path in self.source_expressions[1:]]
        text = self.extra["text"].replace("{table}", table).replace("%", "%%")
        return _PATH.sub(lambda _: columns.pop(0), text), []


_FIELDS: dict[str, type[Field[Any, Any]]] = {
    "text": TextField,
    "folded": TextField,
    "boolean": BooleanField,
    "integer": BigIntegerField,
    "float": FloatField,
    "decimal": DecimalField,
    "micros": BigIntegerField,
    "timestamp": DateTimeField,
    "utc_timestamp": DateTimeField,
    "digits": BigIntegerField,
    "uuid": UUIDField,
}


class _Part(Func):
    """A part of a query, written for each database."""

    texts: ClassVar[dict[str, str]]
    standard: str

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        vendor = "mariadb" if getattr(connection, "mysql_is_mariadb", False) else connection.vendor
        text = self.texts.get(vendor, self.standard if self.extra["untested"] else None)
        if text is None:
            tested = "PostgreSQL, SQLite and MariaDB"
            raise NotSupportedError(f"scim_engine is tested on {tested}, and not on `{vendor}`: see `untested`")
        texts: list[str] = []
        params: list[Any] = []
        for place in re.findall(r"\{(\d)\}", text):
            written, values = compiler.compile(self.source_expressions[int(place)])
            texts.append(written)
            params += values
        return re.sub(r"\{\d\}", lambda _: texts.pop(0), text), params


# Collations of MariaDB ignore trailing spaces, if they do not say otherwise.
_EXACT = "COLLATE utf8mb4_nopad_bin"


class _Equal(_Part):
    """A text that is compared for equality, character by character."""

    texts: ClassVar = {"postgresql": "{0}", "sqlite": "{0} COLLATE BINARY", "mariadb": f"{{0}} {_EXACT}"}
    standard = "{0}"
    output_field = TextField()


class _CodePoints(_Part):
    """A text that is in the order of its code points."""

    texts: ClassVar = {**_Equal.texts, "postgresql": '{0} COLLATE "C"'}
    standard = "{0}"
    output_field = TextField()


class _Position(_Part):
    """The position of a text in another one, from 1, or 0."""

    texts: ClassVar = {
        "postgresql": "strpos({0}, {1})",
        "sqlite": "instr({0}, {1})",
        "mariadb": f"locate({{1}}, {{0}} {_EXACT})",
    }
    standard = "position({1} IN {0})"
    output_field = IntegerField()


class _Ending(_Part):
    """The last characters of a text."""

    texts: ClassVar = {
        "postgresql": "right({0}, {1})",
        "sqlite": "substr({0}, -{1})",
        "mariadb": f"right({{0}}, {{1}}) {_EXACT}",
    }
    standard = "right({0}, {1})"
    output_field = TextField()
