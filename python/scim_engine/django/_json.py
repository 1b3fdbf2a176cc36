"""Members of the JSON document in a column, for Django."""

from __future__ import annotations

from typing import Any

from django.db import NotSupportedError
from django.db.models import BooleanField, Func

from .._json import json_rows, json_value, unsupported

__all__ = ["Element", "Json", "JsonExists"]


class Element:
    """What stands for a model within a condition on the elements of a list."""

    def __init__(self, depth: int):
        self.depth = depth

    @property
    def alias(self) -> str:
        """The name of the rows of elements."""
        return f'"scim{self.depth}"'


class Json(Func):
    """A member of the JSON document in a column, as what is stored there."""

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        text = json_value(_vendor(connection), _plain(column), self.extra["path"], self.extra["stored"])
        return text.replace("%", "%%"), params


class JsonExists(Func):
    """Some element of a list satisfies a condition."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        column, _ = compiler.compile(self.source_expressions[0])
        within, params = compiler.compile(self.source_expressions[1])
        rows = json_rows(_vendor(connection), _plain(column), self.extra["path"]).replace("%", "%%")
        return f"EXISTS (SELECT 1 FROM {rows} AS {self.extra['alias']} WHERE {within})", params


def _vendor(connection: Any) -> str:
    vendor = "mariadb" if getattr(connection, "mysql_is_mariadb", False) else connection.vendor
    why = unsupported(vendor)
    if why is not None:
        raise NotSupportedError(why)
    return str(vendor)


def _plain(column: str) -> str:
    """The text without doubled percent signs."""
    return column.replace("%%", "%")
