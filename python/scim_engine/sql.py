"""Filters as conditions over the columns of a database.

A platform that keeps its users in columns says once, in a `Mapping`, where each attribute is and in which form:

>>> import scim_engine as scim
>>> from scim_engine.sql import Column, Mapping, Rows
>>> users = Mapping(
...     scim.USER,
...     "users",
...     {
...         "userName": Column.text("user_name", folded="user_name_key"),
...         "title": Column.text("title", folded="title_key"),
...         "emails": Rows("emails", {"value": Column.folded("address_key")}, on={"user_id": "id"}),
...     },
... )
>>> text, values = users.bind('not (title pr) and emails co "@example.com"').sql("sqlite")
>>> values
['', '@example.com']

The rows that the condition selects are those that `Filter.matches` accepts. What the mapping cannot say is an error,
or, by `bind_widest`, a condition that selects more, and a filter for the rest. Values are bound, never written into the
text, and names come from the mapping alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._engine import (
    FOLD_VERSION,
    Column,
    Filter,
    Mapping,
    OrderBy,
    Reading,
    ResourceType,
    Rows,
    Source,
    Where,
    Widest,
    fold,
    fold_case,
    username_key,
)
from ._errors import BindError, InvalidFilter

__all__ = [
    "FOLD_VERSION",
    "BindError",
    "Column",
    "Mapping",
    "OrderBy",
    "Reading",
    "Rows",
    "Source",
    "Where",
    "Widest",
    "fold",
    "fold_source",
    "from_attr_map",
    "register_functions",
    "username_source",
]


def from_attr_map(
    resource_type: ResourceType,
    table: str,
    attr_map: dict[tuple[str, str | None, str | None], str],
    *,
    on: dict[str, dict[str, str]] | None = None,
    folded: Callable[[str], str | Source] | None = None,
    columns: dict[str, Column | Rows | str | list[str] | bool | None] | None = None,
    key: Column | None = None,
    schemas: bool = False,
    complete: bool = False,
) -> Mapping:
    """The mapping of an `attr_map` of scim2-filter-parser, which has a column (`users.username`) for each attribute.

    A column of another table than `table` is in the rows of a multi-valued attribute; `on` says for each such table
    which of its columns are equal to which of `table`. The map does not say what holds the folded text of an attribute
    that is not `caseExact`: `folded` gives it for the name of a column. Without it, most comparisons of texts are
    refused, because a column of the text itself is not in the form in which they compare. `columns` says of some
    attributes what `Mapping` takes, in place of the map: a dateTime that is not a timestamp, or a list in one column.

    >>> import scim_engine as scim
    >>> users = from_attr_map(
    ...     scim.USER,
    ...     "users",
    ...     {
    ...         ("userName", None, None): "users.username",
    ...         ("name", "familyName", None): "users.last_name",
    ...         ("active", None, None): "users.is_active",
    ...         ("emails", None, None): "emails.text",
    ...     },
    ...     on={"emails": {"user_id": "id"}},
    ...     folded=lambda column: f"{column}_key",
    ... )
    >>> users.bind('userName eq "Ann"').sql("sqlite")
    ('"users"."username_key" COLLATE BINARY = ?', ['ann'])
    """
    found: dict[str, Any] = {}
    rows: dict[str, tuple[str, dict[str, Column]]] = {}
    for (name, sub, urn), place in attr_map.items():
        owner, _, column = place.rpartition(".")
        path = (f"{urn}:" if urn else "") + (f"{name}.{sub}" if sub else name)
        plan = _plan(path, resource_type)
        if "test" in plan:
            found[plan["test"]["path"]] = _column(plan["test"], column, folded)
            continue
        list_path, leaf = plan["exists"]["path"], plan["exists"]["within"]["test"]
        if list_path in (columns or {}):
            continue
        if owner in ("", table):
            problem = f"`{list_path}` has several values, and `{place}` is a column of `{table}`"
            raise ValueError(f"{problem}: say by `columns` where its rows are")
        own = leaf["path"][len(list_path) + 1 :] or "value"
        rows.setdefault(list_path, (owner, {}))[1][own] = _column(leaf, column, folded)
    for path, (owner, owned) in rows.items():
        if owner not in (on or {}):
            raise ValueError(f"`on` does not say which rows of `{owner}` belong to a row of `{table}`")
        found[path] = Rows(owner, owned, on=(on or {})[owner], complete=complete)
    return Mapping(resource_type, table, found | (columns or {}), key=key, schemas=schemas, complete=complete)


def _plan(path: str, resource_type: ResourceType) -> dict[str, Any]:
    """The plan of a filter that asks whether an attribute is there. A complex attribute stands for its `value`."""
    problem: InvalidFilter | None = None
    for asked in (path, f"{path}.value"):
        try:
            plan = Filter(f"{asked} ne null", resource_type).plan()
        except InvalidFilter as error:
            problem = problem or error
            continue
        if "test" in plan or ("exists" in plan and "test" in plan["exists"]["within"]):
            return plan
    raise ValueError(f"`{path}`: {problem.detail if problem else 'is complex: name its sub-attributes'}")


def _column(leaf: dict[str, Any], name: str, folded: Callable[[str], str | Source] | None) -> Column:
    kinds = {"boolean": Column.boolean, "integer": Column.integer, "decimal": Column.decimal}
    if leaf["type"] in kinds:
        return kinds[leaf["type"]](name)
    if leaf["type"] == "dateTime":
        return Column.timestamp(name)
    return Column.text(name, folded=folded(name) if folded and leaf["text_form"] != "exact" else None)


def fold_source(column: str, dialect: str) -> Source:
    """What gives the folded text of a column, if no other column holds it: an expression, for which an index should
    exist. It needs PostgreSQL 18, or SQLite with `register_functions`.

    >>> from scim_engine.sql import Column
    >>> title = Column.text("title", folded=fold_source("title", "postgresql"))
    """
    return _expression(dialect, f'casefold({_quoted(column)} COLLATE "pg_c_utf8")', f"scim_fold({_quoted(column)})")


def username_source(column: str, dialect: str) -> Source:
    """The same for `userName`, whose form is that of `username_key`.

    >>> from scim_engine.sql import Column
    >>> name = Column.text("login", folded=username_source("login", "sqlite"), not_null=True)
    """
    wide, usual = _widths()
    narrow = f"normalize(translate({_quoted(column)}, '{wide}', '{usual}'), NFD)"
    postgresql = f'normalize(casefold({narrow} COLLATE "pg_c_utf8"), NFC)'
    return _expression(dialect, postgresql, f"scim_username_key({_quoted(column)})")


def register_functions(connection: Any) -> None:
    """Gives a connection of `sqlite3` the functions that `fold_source` and `username_source` name."""
    for name, function in (("scim_fold", fold_case), ("scim_username_key", username_key)):
        connection.create_function(name, 1, _null_is_null(function), deterministic=True)


def _null_is_null(function: Callable[[str], str]) -> Callable[[str | None], str | None]:
    return lambda text: None if text is None else function(text)


def _expression(dialect: str, postgresql: str, sqlite: str) -> Source:
    texts = {"postgresql": postgresql, "sqlite": sqlite}
    if dialect not in texts:
        raise ValueError(f"`{dialect}` has no function that folds as SCIM does: store the folded text in a column")
    return Source.expression(texts[dialect])


def _quoted(column: str) -> str:
    if "__" in column:
        return f"{{{column}}}"  # a path of Django's
    name = column.replace('"', '""')
    return f'{{table}}."{name}"'


def _widths() -> tuple[str, str]:
    """Wide and narrow characters, and the usual ones."""
    pairs = [(chr(code), username_key(chr(code), case_exact=True)) for code in (0x3000, *range(0xFF01, 0xFFEF))]
    changed = [(one, usual) for one, usual in pairs if one != usual and len(usual) == 1]
    return "".join(one for one, _ in changed), "".join(usual for _, usual in changed).replace("'", "''")
