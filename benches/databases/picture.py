"""The picture of the benchmark: how long each way takes, by request."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "suite"))

import plots
from matplotlib import pyplot as plt

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
COLORS = dict(zip(("ours", "expert"), (plots.LINES[0], plots.INK), strict=True))


def draw(results: dict[str, dict[str, dict[str, float]]], path: Path, rows: int) -> None:
    """A panel for each database, a group of bars for each request. `results` has seconds."""
    plots.style()
    figure, axes = plt.subplots(1, len(results), figsize=(13, 8), sharey=True)
    names = list(dict.fromkeys(name for tasks in results.values() for task in tasks.values() for name in task))
    colors = COLORS | dict(zip([name for name in names if name not in COLORS], plots.LINES[1:], strict=False))
    for axis, (database, tasks) in zip(axes, results.items(), strict=True):
        panel(axis, database, tasks, names, colors)
    axes[0].invert_yaxis()
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=len(names))
    limits = "at most 100 ids, or a total. What has no bar cannot answer or is wrong."
    foot = f"{rows:,} users, one e-mail address each; {limits}"
    plots.keep(figure, path, "Filters over columns: milliseconds, median, logarithmic", foot)


def panel(
    axis: Any, database: str, tasks: dict[str, dict[str, float]], names: list[str], colors: dict[str, str]
) -> None:
    height = 0.8 / len(names)
    for at, name in enumerate(names):
        found = [(row, tasks[task][name] * 1000) for row, task in enumerate(tasks) if name in tasks[task]]
        places = [row + (at - (len(names) - 1) / 2) * height for row, _ in found]
        values = [value for _, value in found]
        axis.barh(places, values, height=height, color=colors[name], label=name)
        for place, value in zip(places, values, strict=True):
            axis.text(value * 1.1, place, f"{value:,.0f}" if value >= 100 else f"{value:.2g}", va="center", fontsize=6)
    axis.set_xscale("log")
    axis.margins(x=0.15)
    axis.set_yticks(range(len(tasks)), [task.replace("`", "") for task in tasks], fontsize=8)
    axis.set_title(NAMES[database], fontsize=9, loc="left")
    axis.set_xlabel("milliseconds")
    axis.grid(axis="y", visible=False)
    axis.xaxis.set_major_formatter(plots.FuncFormatter(plots.plain))
