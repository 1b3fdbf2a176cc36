"""Runs the Python contenders one at a time, on request, like `benches/peers/src/bin/contest.rs`.

contest.py CORPUS REQUESTS [--polars]    # with `--polars`, only Polars, with POLARS_MAX_THREADS threads
"""

from __future__ import annotations

import gc
import itertools
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import orjson
import polars as pl
import queries
from by_hand import PREDICATES
from data import FILTERS
from scim2_models import EnterpriseUser, Group, PatchOp, User
from scim2_models.path.filter import ScimFilter

import scim_engine as scim

SLOW = 20_000
"""The number of documents that are kept as objects."""
SLOWER = 500
JSONB = (3, 45)
"""The first version of SQLite that has it."""
Model = User[EnterpriseUser]


class Run(NamedTuple):
    """A contender on one filter: the number of matches, and their ids."""

    hits: Callable[[], int]
    which: Callable[[], list[str]]


class PatchRun(NamedTuple):
    """A contender on one PATCH, from the text of the request and a dict to the changed dict."""

    apply: Callable[[], dict[str, Any] | bytes]
    times: int


class Contender(NamedTuple):
    name: str
    kind: str
    input: str
    documents: int
    prepare: Callable[[str], Run | PatchRun]
    """Raises an exception if the contender cannot run the task."""
    threads: int = 1


def chosen(choose: Callable[[], Any], identify: Callable[[Any], str]) -> Run:
    return Run(lambda: len(choose()), lambda: [identify(one) for one in choose()])


def of_dict(user: dict[str, Any]) -> str:
    return str(user["id"])


def of_line(line: bytes) -> str:
    return of_dict(orjson.loads(line))


def ours(path: Path, text: bytes, dicts: list[dict[str, Any]], lines: list[bytes]) -> list[Contender]:
    filters = {name: scim.Filter(filter_, scim.USER) for name, filter_ in FILTERS.items()}

    def scanned(data: Any, threads: int = 1) -> Callable[[str], Run]:
        def prepare(name: str) -> Run:
            return chosen(lambda: filters[name].scan(data, threads=threads), of_line)

        return prepare

    def by_line(name: str) -> Run:
        matches = filters[name].matches
        return chosen(lambda: [line for line in lines if matches(line)], of_line)

    def on_dicts(name: str) -> Run:
        select = filters[name].select
        return chosen(lambda: select(dicts), of_dict)

    every = text.count(b"\n")
    return [
        Contender("scim-engine in Python, `Filter.scan` of bytes", "ours", "text", every, scanned(text)),
        Contender(
            "scim-engine in Python, `Filter.scan` of bytes, 2 threads", "ours", "text", every, scanned(text, 2), 2
        ),
        Contender("scim-engine in Python, `Filter.scan` of a file", "ours", "text", every, scanned(path)),
        Contender("scim-engine in Python, `matches` of bytes", "ours", "text", len(lines), by_line),
        Contender("scim-engine in Python, dicts", "ours", "dict", len(dicts), on_dicts),
    ]


def packages(dicts: list[dict[str, Any]], lines: list[bytes]) -> list[Contender]:
    few = lines[:SLOWER]
    models = [Model.model_validate_json(line) for line in few]

    def loaded(loads: Callable[[bytes], Any]) -> Callable[[str], Run]:
        def prepare(name: str) -> Run:
            holds = PREDICATES[name]
            return chosen(lambda: [user for user in map(loads, lines) if holds(user)], of_dict)

        return prepare

    def on_dicts(name: str) -> Run:
        holds = PREDICATES[name]
        return chosen(lambda: [user for user in dicts if holds(user)], of_dict)

    def of_model(model: Any) -> str:
        return str(model.id)

    def on_models(name: str) -> Run:
        matches = ScimFilter[Model](FILTERS[name]).match
        return chosen(lambda: [model for model in models if matches(model)], of_model)

    def to_models(name: str) -> Run:
        matches, read = ScimFilter[Model](FILTERS[name]).match, Model.model_validate_json
        return chosen(lambda: [model for model in map(read, few) if matches(model)], of_model)

    def parses_only(_: str) -> Run:
        raise ValueError("parses filters or translates them to SQL, does not match documents")

    return [
        Contender("Python `json` and a comprehension", "peer", "text", len(lines), loaded(json.loads)),
        Contender("orjson and a comprehension", "peer", "text", len(lines), loaded(orjson.loads)),
        Contender("scim2-models from JSON", "peer", "text", len(few), to_models),
        Contender("scim2-filter-parser", "peer", "text", len(few), parses_only),
        Contender("a comprehension over dicts", "peer", "dict", len(dicts), on_dicts),
        Contender("scim2-models, models made before", "peer", "dict", len(few), on_models),
    ]


def in_duckdb(path: Path) -> list[Contender]:
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in queries.DUCKDB_COLUMNS.items())
    file = f"read_ndjson('{path}', columns = {{{columns}}})"
    objects = f"read_ndjson_objects('{path}')"
    root = duckdb.connect()
    root.execute(f"CREATE TABLE typed AS SELECT * FROM {file}")
    root.execute(f"CREATE TABLE texts AS SELECT json FROM {objects} LIMIT {SLOW}")
    (every,), (few,) = (root.execute(f"SELECT count(*) FROM {name}").fetchall()[0] for name in ("typed", "texts"))

    def asked(source: str, filters: dict[str, str], id_: str, threads: int) -> Callable[[str], Run]:
        def prepare(name: str) -> Run:
            def ask(what: str) -> list[tuple[Any, ...]]:
                root.execute(f"SET threads = {threads}")
                return root.execute(f"SELECT {what} FROM {source} WHERE {filters[name]}").fetchall()

            return Run(lambda: int(ask("count(*)")[0][0]), lambda: [str(row[0]) for row in ask(id_)])

        return prepare

    contenders = []
    for threads in (1, 2):
        more = "" if threads == 1 else f", {threads} threads"
        typed = asked(file, queries.DUCKDB_TYPED, "id", threads)
        contenders.append(
            Contender(f"DuckDB, typed columns from the file{more}", "peer", "text", every, typed, threads)
        )
        table = asked("typed", queries.DUCKDB_TYPED, "id", threads)
        contenders.append(Contender(f"DuckDB, a table of typed columns{more}", "peer", "loaded", every, table, threads))
    texts = asked("texts", queries.DUCKDB_JSON, "json->>'$.id'", 1)
    contenders.append(Contender("DuckDB, a column of JSON", "peer", "text", few, texts))
    return contenders


def in_sqlite(lines: list[bytes]) -> list[Contender]:
    def table(make: str, index: bool) -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE TABLE users (id TEXT, doc)")
        rows = ((of_line(line), line.decode()) for line in lines)
        connection.executemany(f"INSERT INTO users VALUES (?, {make})", rows)
        if index:
            connection.execute(queries.SQLITE_INDEX)
        return connection

    def asked(connection: sqlite3.Connection, names: tuple[str, ...] = tuple(FILTERS)) -> Callable[[str], Run]:
        def prepare(name: str) -> Run:
            if name not in names:
                raise ValueError("has no index for it")

            def ask(what: str) -> list[tuple[Any, ...]]:
                return connection.execute(f"SELECT {what} FROM users WHERE {queries.SQLITE[name]}").fetchall()

            return Run(lambda: int(ask("count(*)")[0][0]), lambda: [str(row[0]) for row in ask("id")])

        return prepare

    text = asked(table("?", index=False))
    contenders = [Contender("SQLite, a column of JSON", "peer", "text", len(lines), text)]
    if sqlite3.sqlite_version_info >= JSONB:
        binary = asked(table("jsonb(?)", index=False))
        contenders.append(Contender("SQLite, a column of JSONB", "peer", "loaded", len(lines), binary))
    index = asked(table("?", index=True), ("equality", "miss", "or30"))
    contenders.append(Contender("SQLite, an index on `userName`", "peer", "loaded", len(lines), index))
    return contenders


def in_polars(path: Path) -> list[Contender]:
    threads = pl.thread_pool_size()
    more = "" if threads == 1 else f", {threads} threads"
    typed = pl.scan_ndjson(path, schema=queries.POLARS_SCHEMA).collect()
    every = typed.height
    with path.open(encoding="utf-8") as file:
        some = list(itertools.islice(file, SLOW))
    texts = pl.DataFrame({"json": some}).with_columns(pl.col("json").str.json_path_match("$.id").alias("id"))

    def asked(frame: Callable[[], pl.LazyFrame], filters: dict[str, pl.Expr]) -> Callable[[str], Run]:
        def prepare(name: str) -> Run:
            def ask(what: pl.Expr) -> list[Any]:
                return frame().filter(filters[name]).select(what).collect().to_series().to_list()

            return Run(lambda: int(ask(pl.len())[0]), lambda: [str(id_) for id_ in ask(pl.col("id"))])

        return prepare

    read = asked(lambda: pl.scan_ndjson(path, schema=queries.POLARS_SCHEMA), queries.POLARS_TYPED)
    ready = asked(typed.lazy, queries.POLARS_TYPED)
    contenders = [
        Contender(f"Polars, typed columns from the file{more}", "peer", "text", every, read, threads),
        Contender(f"Polars, a frame of typed columns{more}", "peer", "loaded", every, ready, threads),
    ]
    if threads == 1:
        by_path = asked(texts.lazy, queries.POLARS_JSON)
        contenders.append(Contender("Polars, a column of JSON", "peer", "text", len(some), by_path))
    return contenders


def patchers(requests: dict[str, Any]) -> list[Contender]:
    def asked(task: str) -> tuple[bytes, dict[str, Any], bool]:
        is_user = task == "patch_user"
        return orjson.dumps(requests["requests"][task]), requests["user" if is_user else "group"], is_user

    def ours(task: str) -> PatchRun:
        text, resource, is_user = asked(task)
        of = scim.USER if is_user else scim.GROUP
        return PatchRun(lambda: scim.Patch(text, of).apply(resource).resource, 200 if is_user else 1)

    def on_text(task: str) -> PatchRun:
        text, resource, is_user = asked(task)
        of = scim.USER if is_user else scim.GROUP
        body = orjson.dumps(resource)
        return PatchRun(lambda: scim.Patch(text, of).apply_json(body), 200 if is_user else 3)

    def models(task: str) -> PatchRun:
        if task == "remove_100":
            raise ValueError("left out: takes half a minute, since each operation reads all members")
        text, resource, is_user = asked(task)
        kind: Any = Model if is_user else Group

        def apply() -> dict[str, Any]:
            model = kind.model_validate(resource)
            PatchOp[kind].model_validate_json(text).patch(model)
            dumped: dict[str, Any] = model.model_dump()
            return dumped

        return PatchRun(apply, 20 if is_user else 1)

    return [
        Contender("scim-engine in Python, PATCH of dicts", "ours", "patch of dicts", 1, ours),
        Contender("scim2-models, PATCH of dicts", "peer", "patch of dicts", 1, models),
        Contender("scim-engine in Python, PATCH on text", "ours", "patch of text", 1, on_text),
    ]


def outcome(task: str, changed: dict[str, Any] | bytes) -> list[Any]:
    """The part of the result on which all contenders must agree."""
    resource: dict[str, Any] = orjson.loads(changed) if isinstance(changed, bytes) else changed
    if task != "patch_user":
        return [len(resource["members"])]
    work = next(email["value"] for email in resource["emails"] if email.get("type") == "work")
    return [resource["active"], resource["name"]["familyName"], work, len(resource["phoneNumbers"])]


def versions() -> dict[str, str]:
    names = ("duckdb", "orjson", "polars", "pydantic", "scim2-models", "scim2-filter-parser")
    return {
        "Python": sys.version.split()[0],
        "SQLite": sqlite3.sqlite_version,
        **{name: metadata.version(name) for name in names},
    }


def say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


def answer(run: Run | PatchRun, task: str, numbers: dict[str, int], which: bool) -> dict[str, Any]:
    if isinstance(run, PatchRun):
        if which:
            return {"which": outcome(task, run.apply())}
        start = time.perf_counter()
        for _ in range(run.times):
            run.apply()
        return {"seconds": (time.perf_counter() - start) / run.times}
    if which:
        return {"which": sorted(numbers[id_] for id_ in run.which())}
    start = time.perf_counter()
    hits = run.hits()
    return {"seconds": time.perf_counter() - start, "hits": hits}


def main() -> None:
    path, requests = Path(sys.argv[1]), orjson.loads(Path(sys.argv[2]).read_bytes())
    text = path.read_bytes()
    lines = text.splitlines()
    numbers = {of_line(line): number for number, line in enumerate(lines)}
    # DuckDB and Polars read fewer documents.
    many = path.with_name("users-many.ndjson")
    some = lines[:SLOW]
    dicts = [orjson.loads(line) for line in some]
    makers: dict[str, Callable[[], list[Contender]]] = {
        "scim-engine in Python": lambda: ours(path, text, dicts, some),
        "Python packages": lambda: packages(dicts, some),
        "DuckDB": lambda: in_duckdb(many),
        "SQLite": lambda: in_sqlite(some),
        "PATCH in Python": lambda: patchers(requests),
        "Polars": lambda: in_polars(many),
    }
    if "--polars" in sys.argv:
        makers = {"Polars": makers["Polars"]}
    contenders: list[Contender] = []
    missing: dict[str, str] = {}
    if "--polars" not in sys.argv and sqlite3.sqlite_version_info < JSONB:
        missing["SQLite, a column of JSONB"] = f"SQLite here is {sqlite3.sqlite_version}"
    for name, make in makers.items():
        try:
            contenders += make()
        except Exception as error:
            missing[name] = str(error).split("\n")[0]
    runs: dict[tuple[int, str], Run | PatchRun] = {}
    listed = []
    for number, contender in enumerate(contenders):
        cannot = {}
        for task in requests["requests"] if contender.input.startswith("patch") else FILTERS:
            try:
                runs[number, task] = contender.prepare(task)
            except Exception as error:
                cannot[task] = str(error).split("\n")[0]
        listed.append({**contender._asdict(), "prepare": None, "cannot": cannot})
    say({"contenders": listed, "versions": versions(), "missing": missing})
    gc.collect()
    gc.freeze()
    gc.disable()
    for question in map(json.loads, sys.stdin):
        try:
            run = runs[question["contender"], question["task"]]
            say(answer(run, question["task"], numbers, bool(question.get("which"))))
        except Exception as error:
            say({"error": str(error).split("\n")[0]})
        gc.collect()


if __name__ == "__main__":
    main()
