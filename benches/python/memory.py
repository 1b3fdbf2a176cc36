"""The bytes of a document in Python, as one line of JSON: `memory.py CORPUS`."""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import queries
from scim2_models import EnterpriseUser, User

DOCUMENTS = 2_000


def kept(lines: list[bytes], make: Callable[[bytes], Any]) -> int:
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    values = [make(line) for line in lines]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) // len(values)


def main() -> None:
    lines = Path(sys.argv[1]).read_bytes().splitlines()[:DOCUMENTS]
    frame = pl.read_ndjson(b"\n".join(lines), schema=queries.POLARS_SCHEMA)
    sizes = {
        "Python `bytes`": kept(lines, lambda line: b"".join([line[:1], line[1:]])),
        "Python dict (orjson)": kept(lines, orjson.loads),
        "Python dict (json)": kept(lines, json.loads),
        "pydantic model (scim2-models)": kept(lines, User[EnterpriseUser].model_validate_json),
        "Polars, the columns that the filters read": int(frame.estimated_size()) // len(lines),
    }
    rows = [{"kind": "memory", "what": what, "documents": len(lines), "bytes": size} for what, size in sizes.items()]
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
