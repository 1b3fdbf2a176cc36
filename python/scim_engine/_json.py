"""Members of the JSON document in a column, as the text of a query, for the adapters to SQLAlchemy and Django."""

from __future__ import annotations

# What a text that is read from JSON is converted to in PostgreSQL; in SQLite it has its type.
_CASTS = {
    "boolean": "boolean",
    **dict.fromkeys(("integer", "micros", "digits", "decimal"), "numeric"),
    "float": "double precision",
    "timestamp": "timestamptz",
    "utc_timestamp": "timestamp",
    "uuid": "uuid",
}


def json_value(database: str, column: str, path: tuple[str, ...], stored: str) -> str:
    """A member of the document in a column, as what is stored there."""
    place = _place(database, path)
    if database == "sqlite":
        # The elements of `json_each` that are simple are not JSON, but values.
        return f"json_extract({column}, {place})" if path else column
    cast = _CASTS.get(stored)
    return f"({column} #>> {place})" if cast is None else f"CAST({column} #>> {place} AS {cast})"


def json_rows(database: str, column: str, path: tuple[str, ...]) -> str:
    """The elements of a list, as rows with the column `value`."""
    place = _place(database, path)
    if database == "sqlite":
        return f"json_each({column}, {place})"
    listed = f"{column} #> {place}"
    return f"jsonb_array_elements(CASE jsonb_typeof({listed}) WHEN 'array' THEN {listed} END)"


def unsupported(database: str) -> str | None:
    """Why a database cannot be asked for what is in a JSON column; `None` if it can."""
    if database in ("postgresql", "sqlite"):
        return None
    return f"JSON columns are supported on PostgreSQL and SQLite, and not on `{database}`: use `Where.sql`"


def _place(database: str, path: tuple[str, ...]) -> str:
    """The place of a member, as a literal: its names come from the mapping."""
    names = ['"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in path]
    text = "{" + ",".join(names) + "}" if database == "postgresql" else "".join(["$", *(f".{name}" for name in names)])
    return "'" + text.replace("'", "''") + "'"
