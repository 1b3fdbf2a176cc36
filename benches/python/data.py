"""The data of all benches, read from `target/bench`, where the program `corpus` of `benches/peers` writes it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).resolve().parents[2] / "target/bench"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

FILTERS: dict[str, str] = dict(orjson.loads((FOLDER / "filters.json").read_bytes()))
THIRTY: list[str] = [orjson.loads(term.split(" eq ")[1]) for term in FILTERS["or30"].split(" or ")]
"""The names that `or30` looks up."""


def users(count: int) -> list[dict[str, Any]]:
    with (FOLDER / "users.ndjson").open("rb") as lines:
        return list(map(orjson.loads, islice(lines, count)))


def requests() -> dict[str, Any]:
    """A `user`, a `group`, PATCH `requests` by name, and the `positions` of the members that `remove_100` removes."""
    found: dict[str, Any] = orjson.loads((FOLDER / "requests.json").read_bytes())
    return found
