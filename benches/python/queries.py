"""The filters for DuckDB, SQLite and Polars: over typed columns, and over columns of JSON text."""

from __future__ import annotations

from typing import Any

import polars as pl
from data import ENTERPRISE, THIRTY

NOBODY = "nobody.of.that.name@nowhere.example"
NAMES = ", ".join(f"'{name}'" for name in THIRTY)

DUCKDB_COLUMNS = {
    "id": "VARCHAR",
    "userName": "VARCHAR",
    "title": "VARCHAR",
    "userType": "VARCHAR",
    "active": "BOOLEAN",
    "emails": 'STRUCT("type" VARCHAR, "value" VARCHAR)[]',
    "meta": "STRUCT(lastModified TIMESTAMP)",
    ENTERPRISE: "STRUCT(department VARCHAR)",
}


def duckdb_filters(
    name: str, title: str, kind: str, emails: str, modified: str, active: str, department: str
) -> dict[str, str]:
    work_mail = "lower(e.\"type\") = 'work' AND contains(lower(e.\"value\"), '@example.org')"
    return {
        "equality": f"lower({name}) = 'bjensen@example.com'",
        "conjunction": f"{title} <> '' AND lower({kind}) = 'employee'",
        "value path": f"lower({kind}) = 'employee' AND len([e FOR e IN {emails} IF {work_mail}]) > 0",
        "date": f"{modified} >= TIMESTAMP '2024-06-01 00:00:00' AND {active}",
        "extension": f"lower({department}) = 'engineering'",
        "miss": f"lower({name}) = '{NOBODY}'",
        "or30": f"lower({name}) IN ({NAMES})",
    }


DUCKDB_TYPED = duckdb_filters(
    "userName",
    "title",
    "userType",
    "emails",
    "meta.lastModified",
    "active IS DISTINCT FROM false",
    f'"{ENTERPRISE}".department',
)
DUCKDB_JSON = duckdb_filters(
    "(json->>'$.userName')",
    "(json->>'$.title')",
    "(json->>'$.userType')",
    """from_json(json->'$.emails', '[{"type":"VARCHAR","value":"VARCHAR"}]')""",
    "CAST(json->>'$.meta.lastModified' AS TIMESTAMP)",
    "(json->>'$.active') IS DISTINCT FROM 'false'",
    f"(json->>'$.\"{ENTERPRISE}\".department')",
)


def _sqlite() -> dict[str, str]:
    def at(path: str) -> str:
        return f"json_extract(doc, '$.{path}')"

    name = f"lower({at('userName')})"
    department = at(f'"{ENTERPRISE}".department')
    work_mail = "lower(e.value ->> 'type') = 'work' AND instr(lower(e.value ->> 'value'), '@example.org')"
    return {
        "equality": f"{name} = 'bjensen@example.com'",
        "conjunction": f"{at('title')} <> '' AND lower({at('userType')}) = 'employee'",
        "value path": f"lower({at('userType')}) = 'employee' "
        f"AND EXISTS (SELECT 1 FROM json_each(doc, '$.emails') e WHERE {work_mail})",
        # All dates of the documents are in UTC and in one format.
        "date": f"{at('meta.lastModified')} >= '2024-06-01T00:00:00Z' AND {at('active')} IS NOT 0",
        "extension": f"lower({department}) = 'engineering'",
        "miss": f"{name} = '{NOBODY}'",
        "or30": f"{name} IN ({NAMES})",
    }


SQLITE = _sqlite()
SQLITE_INDEX = "CREATE INDEX name ON users (lower(json_extract(doc, '$.userName')))"
"""The index that answers `equality`, `miss` and `or30`."""

POLARS_SCHEMA: dict[str, Any] = {
    "id": pl.String,
    "userName": pl.String,
    "title": pl.String,
    "userType": pl.String,
    "active": pl.Boolean,
    "emails": pl.List(pl.Struct({"type": pl.String, "value": pl.String})),
    "meta": pl.Struct({"lastModified": pl.String}),
    ENTERPRISE: pl.Struct({"department": pl.String}),
}


def _lower(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase()


def polars_filters(
    name: pl.Expr,
    title: pl.Expr,
    kind: pl.Expr,
    emails: pl.Expr,
    modified: pl.Expr,
    is_active: pl.Expr,
    department: pl.Expr,
) -> dict[str, pl.Expr]:
    email = pl.element().struct.field
    work_mail = (_lower(email("type")) == "work") & _lower(email("value")).str.contains("@example.org", literal=True)
    since = pl.datetime(2024, 6, 1)
    return {
        "equality": _lower(name) == "bjensen@example.com",
        "conjunction": (title != "") & (_lower(kind) == "employee"),
        "value path": (_lower(kind) == "employee") & emails.list.eval(work_mail).list.any(),
        "date": (modified.str.to_datetime("%Y-%m-%dT%H:%M:%SZ") >= since) & is_active,
        "extension": _lower(department) == "engineering",
        "miss": _lower(name) == NOBODY,
        "or30": _lower(name).is_in(THIRTY),
    }


POLARS_TYPED = polars_filters(
    pl.col("userName"),
    pl.col("title"),
    pl.col("userType"),
    pl.col("emails"),
    pl.col("meta").struct.field("lastModified"),
    pl.col("active").ne_missing(False),
    pl.col(ENTERPRISE).struct.field("department"),
)


def _path(path: str) -> pl.Expr:
    return pl.col("json").str.json_path_match(path)


POLARS_JSON = polars_filters(
    _path("$.userName"),
    _path("$.title"),
    _path("$.userType"),
    pl.col("json").str.json_decode(pl.Struct({"emails": POLARS_SCHEMA["emails"]})).struct.field("emails"),
    _path("$.meta.lastModified"),
    _path("$.active").ne_missing("false"),
    _path(f"$['{ENTERPRISE}'].department"),
)
