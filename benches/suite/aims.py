"""The aims for the contest: how many times faster this engine should be, and whether it is."""

from __future__ import annotations

import statistics
from typing import Any

AT_LEAST = {
    "serde_json `Value` and scim-engine": 8.0,
    "sonic-rs `Value` and a predicate": 1.4,
    "validation alone: sonic-rs `LazyValue`": 1.0,
    "DuckDB, typed columns from the file": 2.0,
    "jaq": 15.0,
    "orjson and a comprehension": 5.0,
    "a predicate on `Value`": 0.8,
    "a comprehension over dicts": 1 / 1.4,
}
"""The lowest ratio of the time of each contender to ours."""

TRUSTED = {"miss": 4.0}
"""How many times faster the scan of a trusted text should be than that of a checked one; for the other filters, 1.8."""
THREADS = {"scim-engine, checked": 1.9, "scim-engine, trusted": 1.7}
"""How many times faster two threads should be than one."""


def cell(measured: float, aim: float) -> str:
    return f"{measured:.3g}" if measured >= aim else f"{measured:.3g}, missed by a factor of {aim / measured:.2f}"


def rows(contest: dict[str, Any]) -> list[list[str]]:
    """A row for each aim, with the measured ratio for each filter: medians over the rounds."""
    by_name = {one["name"]: one for one in contest["contenders"]}
    found = []

    def row(what: str, ratios: dict[str, float], aims: dict[str, float], aim: float) -> None:
        cells = [cell(ratios[task], aims.get(task, aim)) if task in ratios else "" for task in contest["filters"]]
        if any(cells):
            found.append([what, f"{aim:.2g}", *cells])

    def times_of_base(name: str) -> dict[str, float]:
        tasks = by_name[name]["tasks"] if name in by_name else {}
        return {task: row["ratio"][1] for task, row in tasks.items() if "ratio" in row}

    def between(slower: str, faster: str) -> dict[str, float]:
        tasks = [by_name[name]["tasks"] if name in by_name else {} for name in (slower, faster)]
        both = [task for task in contest["filters"] if all("samples" in of.get(task, {}) for of in tasks)]
        return {
            task: statistics.median(
                a / b for a, b in zip(tasks[0][task]["samples"], tasks[1][task]["samples"], strict=False)
            )
            for task in both
        }

    for name, aim in AT_LEAST.items():
        if name in by_name:
            row(f"{by_name[name]['beside']}, compared with {name}", times_of_base(name), {}, aim)
    trusted = between("scim-engine, checked", "scim-engine, trusted")
    row("trusted, compared with checked (`miss`: 4)", trusted, TRUSTED, 1.8)
    for name, aim in THREADS.items():
        row(f"{name}: 2 threads, compared with 1", between(name, f"{name}, 2 threads"), {}, aim)
    return found
