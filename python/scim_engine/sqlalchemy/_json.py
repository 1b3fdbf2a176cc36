"""Members of the JSON document in a column, for SQLAlchemy."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from .._json import json_rows, json_value, unsupported

__all__ = ["Json", "JsonRows"]


class Json(FunctionElement[Any]):
    """A member of the JSON document in a column, as what is stored there."""

    inherit_cache = False
    type = sa.types.NullType()

    def __init__(self, column: Any, path: tuple[str, ...], stored: str):
        super().__init__(column)
        self.path, self.stored = path, stored


class JsonRows(FunctionElement[Any]):
    """The elements of a list in the JSON document in a column."""

    inherit_cache = False
    type = sa.types.NullType()

    def __init__(self, column: Any, path: tuple[str, ...]):
        super().__init__(column)
        self.path = path


def _write(element: Json | JsonRows, compiler: Any, **more: Any) -> str:
    why = unsupported(compiler.dialect.name)
    if why is not None:
        raise CompileError(why)
    (column,) = (compiler.process(part, **more) for part in element.clauses)
    if isinstance(element, Json):
        text = json_value(compiler.dialect.name, column, element.path, element.stored)
    else:
        text = json_rows(compiler.dialect.name, column, element.path)
    return text.replace("%", "%%") if compiler.preparer._double_percents else text


compiles(Json)(_write)
compiles(JsonRows)(_write)
