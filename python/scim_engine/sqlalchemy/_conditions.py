"""Conditions and orders of `scim_engine.sql` for SQLAlchemy."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from .._adapters import after_all, bound
from ..sql import OrderBy, Where
from ._json import Json, JsonRows

__all__ = ["order_by", "where"]

_COMPARE = {"=": "__eq__", ">": "__gt__", ">=": "__ge__", "<": "__lt__", "<=": "__le__"}


def where(condition: Where, table: Any, *, untested: bool = False) -> sa.ColumnElement[bool]:
    """A condition as an expression. `table` is the mapped class, the table, or an alias of either, that the query
    selects from.

    Raises `KeyError` for a column or table that there is not. A query is refused when it is compiled for a database
    other than PostgreSQL, SQLite and MariaDB, which has no JSON columns here. With `untested` it has the functions of
    standard SQL there, and no collation: the columns of texts must have one that tells all texts apart, trailing spaces
    included, and is in the order of code points. Compare the answers by `testing.check_filters`.
    """
    return _Writer(untested).condition(condition.tree(), _selectable(table))


def order_by(order: OrderBy, table: Any, *, untested: bool = False) -> list[sa.ColumnElement[Any]]:
    """An order as arguments of `Select.order_by`. For the next page, `where(order.after(values), table)` selects the
    rows after one that has these values. See `where` for `untested`."""
    selectable = _selectable(table)
    return [_Writer(untested).order_key(key, selectable) for key in order.keys]


def _selectable(table: Any) -> Any:
    return table if isinstance(table, sa.FromClause) else sa.inspect(table).selectable


class _Writer:
    """Writes conditions and orders for tested databases, or for all."""

    def __init__(self, untested: bool):
        self.untested = untested

    def _part(self, kind: type[FunctionElement[Any]], *parts: Any) -> FunctionElement[Any]:
        made: FunctionElement[Any] = (_UNTESTED[kind] if self.untested else kind)(*parts)
        return made

    def condition(self, node: dict[str, Any], table: Any) -> sa.ColumnElement[bool]:
        ((kind, of),) = node.items()
        if kind == "constant":
            return sa.true() if of else sa.false()
        if kind in ("all", "any"):
            terms = [self.condition(term, table) for term in of]
            return sa.and_(*terms) if kind == "all" else sa.or_(*terms)
        if kind == "exists":
            rows, own = _rows(of["rows"], table)
            within = self.condition(of["within"], rows)
            if of["negated"] or "json" in of["rows"]:
                belong = _belong(of["rows"], rows, table)
                one: sa.Select[Any] = sa.select(sa.literal_column("1"))
                there = one.select_from(rows).where(*belong, own, within).correlate_except(rows).exists()
                return sa.not_(there) if of["negated"] else there
            # SQLite begins with what is in `IN`, and so in an index of these rows, but never with what is in `EXISTS`.
            pairs = of["rows"]["on"]
            chosen = sa.select(*(rows.c[column] for column, _ in pairs)).select_from(rows).where(own, within)
            outer = [table.c[column] for _, column in pairs]
            found: sa.ColumnElement[bool]
            found = (outer[0] if len(outer) == 1 else sa.tuple_(*outer)).in_(chosen.correlate_except(rows))
            return found
        return self._test(of, table)

    def _test(self, test: dict[str, Any], table: Any) -> sa.ColumnElement[bool]:
        column, op, negated = _column(test["source"], table, test["stored"]), test["op"], test["negated"]
        found: sa.ColumnElement[bool]
        if op == "not_null":
            found = column.is_(None) if negated else column.is_not(None)
            return found
        value = bound(test["stored"], test["value"])
        is_text = test["stored"] in ("text", "folded")
        if op == "is":
            found = column.is_(sa.true() if value else sa.false())
        elif op == "in":
            found = self._part(_Equal, column).in_(value)
        elif op == "contains":
            found = self._part(_Position, column, sa.literal(value, sa.Text())) > 0
        elif op == "starts_with":
            found = self._part(_CodePoints, column) >= sa.literal(value, sa.Text())
            after = after_all(value)
            if after is not None:
                found = sa.and_(found, self._part(_CodePoints, column) < sa.literal(after, sa.Text()))
        elif op == "ends_with":
            found = self._part(_Ending, column, sa.literal(len(value), sa.Integer())) == sa.literal(value, sa.Text())
        else:
            compared = self._part(_Equal if op == "=" else _CodePoints, column) if is_text else column
            found = getattr(compared, _COMPARE[op])(sa.literal(value, sa.Text()) if is_text else value)
        return found.is_not(sa.true()) if negated else found

    def order_key(self, key: dict[str, Any], table: Any) -> sa.ColumnElement[Any]:
        of = key["first_of"]
        value: sa.ColumnElement[Any]
        if of is None:
            value = self._ordered(key, table)
        else:
            rows, own = _rows(of["rows"], table)
            ranks = [] if of["primary"] is None else [(_column(of["primary"], rows, "boolean").is_(sa.true()), 0)]
            rank = sa.case(*ranks, (_column(key["source"], rows).is_not(None), 1), else_=2)
            first = sa.select(self._ordered(key, rows)).select_from(rows).where(*_belong(of["rows"], rows, table), own)
            first = first.order_by(rank, _column(of["position"], rows)).limit(1)
            value = first.correlate_except(rows).scalar_subquery()
        if key["not_null"]:
            return value.desc() if key["descending"] else value.asc()
        return self._part(_Descending if key["descending"] else _Ascending, value)

    def _ordered(self, key: dict[str, Any], table: Any) -> Any:
        column = _column(key["source"], table, key["stored"])
        return self._part(_CodePoints, column) if key["stored"] in ("text", "folded") else column


def _rows(rows: dict[str, Any], outer: Any) -> tuple[Any, sa.ColumnElement[bool]]:
    """The rows of a multi-valued attribute, and which of them count."""
    if "json" in rows:
        return JsonRows(outer.c[rows["json"]], rows["path"]).table_valued("value"), sa.true()
    inner = named(rows["table"], outer).alias()
    return inner, sa.and_(sa.true(), *(inner.c[column] == value for column, value in rows["only"]))


def _belong(rows: dict[str, Any], inner: Any, outer: Any) -> list[sa.ColumnElement[bool]]:
    """Which rows belong to the row around them."""
    return [inner.c[own] == outer.c[other] for own, other in rows.get("on", ())]


def table_of(selectable: Any) -> sa.Table:
    """The table of an alias."""
    while not isinstance(selectable, sa.Table):
        selectable = selectable.element
    return selectable


def named(name: str, beside: Any) -> sa.Table:
    """Another table of the same `MetaData`, by its name in the database."""
    return table_of(beside).metadata.tables[name]


def _column(source: Any, table: Any, stored: str = "text") -> Any:
    if isinstance(source, str):
        return table.c[source]
    if "expression" in source:
        return _Expression(next(iter(table.c)), source["expression"])
    return Json(table.c[source["json"]], source["path"], stored)


class _Expression(FunctionElement[Any]):
    """An expression of the mapping. Its argument is any column of the table, whose name or alias it takes."""

    inherit_cache = False
    type = sa.types.NullType()

    def __init__(self, own: Any, text: str):
        super().__init__(own)
        self.text = text


class _Equal(FunctionElement[str]):
    """A text that is compared for equality, character by character."""

    inherit_cache = True
    type = sa.Text()


class _CodePoints(FunctionElement[str]):
    """A text that is in the order of its code points."""

    inherit_cache = True
    type = sa.Text()


class _Position(FunctionElement[int]):
    """The position of a text in another one, from 1, or 0."""

    inherit_cache = True
    type = sa.Integer()


class _Ending(FunctionElement[str]):
    """The last characters of a text."""

    inherit_cache = True
    type = sa.Text()


class _Ascending(FunctionElement[Any]):
    """An order by a value that may be NULL, which comes last."""

    inherit_cache = True


class _Descending(FunctionElement[Any]):
    """An order by a value that may be NULL, which comes first."""

    inherit_cache = True


_NULLS: dict[type, str] = {_Ascending: "{0} ASC NULLS LAST", _Descending: "{0} DESC NULLS FIRST"}
# Collations of MariaDB ignore trailing spaces, if they do not say otherwise.
_EXACT = "COLLATE utf8mb4_nopad_bin"
_TEXTS: dict[str, dict[type, str]] = {
    "postgresql": {
        _Equal: "{0}",
        _CodePoints: '{0} COLLATE "C"',
        _Position: "strpos({0}, {1})",
        _Ending: "right({0}, {1})",
        **_NULLS,
    },
    "sqlite": {
        _Equal: "{0} COLLATE BINARY",
        _CodePoints: "{0} COLLATE BINARY",
        _Position: "instr({0}, {1})",
        _Ending: "substr({0}, -{1})",
        **_NULLS,
    },
    "mariadb": {
        _Equal: f"{{0}} {_EXACT}",
        _CodePoints: f"{{0}} {_EXACT}",
        _Position: f"locate({{1}}, {{0}} {_EXACT})",
        _Ending: f"right({{0}}, {{1}}) {_EXACT}",
        _Ascending: "{0} IS NULL, {0}",
        _Descending: "{0} IS NULL DESC, {0} DESC",
    },
}
_STANDARD: dict[type, str] = {
    _Equal: "{0}",
    _CodePoints: "{0}",
    _Position: "position({1} IN {0})",
    _Ending: "right({0}, {1})",
    _Ascending: "CASE WHEN {0} IS NULL THEN 1 ELSE 0 END, {0}",
    _Descending: "CASE WHEN {0} IS NULL THEN 0 ELSE 1 END, {0} DESC",
}
_UNTESTED = {kind: type(f"_Untested{kind.__name__}", (kind,), {"inherit_cache": True}) for kind in _STANDARD}


def _write(element: FunctionElement[Any], compiler: Any, **more: Any) -> str:
    kind, dialect = type(element), compiler.dialect
    is_untested = kind not in _STANDARD
    texts = _TEXTS.get("mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name)
    if texts is None and not is_untested:
        tested = "PostgreSQL, SQLite and MariaDB"
        raise CompileError(f"scim_engine is tested on {tested}, and not on `{dialect.name}`: see `untested`")
    text = (texts or _STANDARD)[kind.__bases__[0] if is_untested else kind]
    return text.format(*(compiler.process(part, **more) for part in element.clauses))


def _write_expression(element: _Expression, compiler: Any, **more: Any) -> str:
    (own,) = (compiler.process(part, **{**more, "include_table": True}) for part in element.clauses)
    text = element.text.replace("%", "%%") if compiler.preparer._double_percents else element.text
    return f"({text.replace('{table}', own.rpartition('.')[0])})"


compiles(_Expression)(_write_expression)
for _kind in (*_UNTESTED, *_UNTESTED.values()):
    compiles(_kind)(_write)
