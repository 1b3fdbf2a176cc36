"""Reads the figures of the last run of criterion."""

from __future__ import annotations

import json
import statistics
from pathlib import Path


def estimates(folder: Path) -> dict[str, list[float]]:
    """The quartiles of the seconds of one run, by the name of the benchmark."""
    found = {}
    for path in sorted(folder.glob("**/new/sample.json")):
        named = json.loads((path.parent / "benchmark.json").read_text(encoding="utf-8"))
        sample = json.loads(path.read_text(encoding="utf-8"))
        each = [time / times / 1e9 for time, times in zip(sample["times"], sample["iters"], strict=True)]
        found[named["full_id"]] = statistics.quantiles(each, n=4, method="inclusive")
    return found
