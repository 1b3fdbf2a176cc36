"""The pictures of the report, as SVG with a white background, so that they can be read on any page."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import matplotlib as mpl
import words

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

COLORS = {"ours": "#0969da", "peer": "#8c959f", "limit": "#d4a72c"}
LINES = ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#57606a"]
INK = "#1f2328"

SHOWN = [
    "memcpy",
    "memchr of an absent byte",
    "scim-engine, trusted, 2 threads",
    "scim-engine, trusted",
    "scim-engine, checked, 2 threads",
    "scim-engine, checked",
    "`scim-engine filter` on a file",
    "scim-engine in Python, `Filter.scan` of bytes",
    "validation alone: sonic-rs `LazyValue`",
    "validation alone: simdutf8 and serde_json `IgnoredAny`",
    "sonic-rs `Value` and a predicate",
    "sonic-rs structs and a predicate",
    "serde_json structs and a predicate",
    "DuckDB, typed columns from the file",
    "Polars, typed columns from the file",
    "simd-json and a predicate",
    "orjson and a comprehension",
    "serde_json `Value` and a predicate",
    "serde_json `Value` and scim-filter",
    "Node `JSON.parse` and scim2-parse-filter",
    "Node `JSON.parse` and scimmy",
    "SQLite, a column of JSON",
    "jaq",
    "jq",
    "scim2-models from JSON",
]
"""The contenders in the picture, from top to bottom; the table has all."""


def style() -> None:
    mpl.rcParams.update(
        {
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            # Text stays text, so that it can be searched and a change of a figure is a small diff. The widths are
            # measured with DejaVu Sans, which is wider than most: other fonts fit, too.
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "font.sans-serif": ["DejaVu Sans"],
            "font.size": 9,
            "text.color": INK,
            "axes.edgecolor": "#afb8c1",
            "axes.labelcolor": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "axes.grid": True,
            "grid.color": "#eaeef2",
            "xtick.color": INK,
            "ytick.color": INK,
            "legend.frameon": False,
            "legend.fontsize": 8,
            "svg.hashsalt": "scim-engine",
            "figure.constrained_layout.use": True,
        }
    )


def keep(figure: Any, path: Path, title: str, foot: str) -> None:
    figure.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    figure.supxlabel(foot, fontsize=7.5, color="#57606a", x=0.01, ha="left")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def plain(value: float, _: object = None) -> str:
    return f"{value:g}"


def throughput(contest: dict[str, Any], path: Path, foot: str) -> None:
    by_name = {contender["name"]: contender for contender in contest["contenders"]}
    shown = [by_name[name] for name in SHOWN if name in by_name]
    size = contest["corpus"]["bytes_per_document"]
    filters = list(contest["filters"])
    columns = 4
    figure, axes = plt.subplots(2, columns, figsize=(13, 0.34 * len(shown) + 2), sharex=True, sharey=True)
    names = [contender["name"].replace("`", "") for contender in shown]
    for axis, task in zip(axes.flat, filters, strict=False):
        for at, contender in enumerate(shown):
            row = contender["tasks"].get(task, {"reason": "not measured"})
            if "reason" in row:
                word = "not comparable" if row["reason"].startswith(("finds", "ends")) else "cannot"
                axis.text(0.0012, at, word, va="center", fontsize=7, color="#57606a")
                continue
            low, middle, high = (size / seconds / 1e9 for seconds in reversed(row["seconds_per_document"]))
            axis.barh(at, middle, color=COLORS[contender["kind"]], height=0.72, left=0)
            axis.plot([low, high], [at, at], color=INK, linewidth=0.8)
            axis.text(high * 1.15, at, f"{middle:.2g}", va="center", fontsize=7)
        axis.set_xscale("log")
        axis.set_xlim(0.001, 200)
        axis.set_title(task, fontsize=9, loc="left")
        axis.grid(axis="y", visible=False)
        axis.xaxis.set_major_formatter(FuncFormatter(plain))
        axis.xaxis.set_major_locator(LogLocator(numticks=8))
        axis.xaxis.set_minor_formatter(NullFormatter())
    for axis in axes[:, 0]:
        axis.set_yticks(range(len(names)), names, fontsize=7.5)
    axes.flat[0].invert_yaxis()
    for axis in axes.flat[len(filters) :]:
        axis.axis("off")
        axis.legend(
            handles=[Patch(color=color, label=kind) for kind, color in COLORS.items()],
            loc="upper left",
            fontsize=9,
        )
        named = [f"{name}: {text}" for name, text in contest["filters"].items()]
        short = [textwrap.shorten(text, 110, placeholder=" …") for text in named]
        lines = [line for text in short for line in textwrap.wrap(text, 46, break_on_hyphens=False)]
        axis.text(0.0, 0.7, "\n".join(lines), transform=axis.transAxes, fontsize=6.5, va="top")
    keep(figure, path, "Filters over JSON text: GB/s, median and quartiles, logarithmic", foot)


def scalings(rows: list[dict[str, Any]], path: Path, foot: str) -> None:
    units = ["document", "member", "operation", "term"]
    figure, axes = plt.subplots(2, 2, figsize=(13, 9))
    for axis, unit in zip(axes.flat, units, strict=True):
        for number, row in enumerate(row for row in rows if row["unit"] == unit):
            points = [(point["size"], point["cost"]["quartiles"][1]) for point in row["points"]]
            label = f"{row['table'].replace('`', '')}: slope {report_slope(row):.2f}"
            marker = "os^Dvx"[number // len(LINES) % 6]
            axis.plot(
                *zip(*points, strict=True), marker=marker, markersize=3.5, color=LINES[number % len(LINES)], label=label
            )
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_xlabel(f"{unit}s")
        axis.set_ylabel("seconds, median")
        # Room for the legend.
        axis.set_ylim(top=axis.get_ylim()[1] * 8)
        axis.legend(loc="upper left")
    keep(figure, path, words.SIZES, foot)


def report_slope(row: dict[str, Any]) -> float:
    """The slope that is judged: for work with a fixed cost, the slope of the cost above it."""
    which = "last_two_decades" if row["unit"] in ("document", "member") else "above_the_smallest"
    found = row["slope"][which]
    return float("nan") if found is None else float(found)


def threads(rows: list[dict[str, Any]], path: Path, foot: str) -> None:
    figure, axis = plt.subplots(figsize=(9, 4.5))
    series: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        speed = row["bytes"] / row["seconds"][1] / 1e9
        series.setdefault(f"{row['mode']}, {row['filter']}", []).append((row["threads"], speed))
    for (name, points), color in zip(series.items(), LINES, strict=False):
        one = points[0][1]
        two = dict(points).get(2, one)
        axis.plot(
            *zip(*points, strict=True), marker="o", color=color, label=f"{name}: {two / one:.2f} times with 2 threads"
        )
        axis.plot([1, 2], [one, 2 * one], linestyle=":", linewidth=1, color=color)
    axis.set_xticks(sorted({row["threads"] for row in rows}))
    axis.set_xlabel("threads (dotted: twice as fast with two)")
    axis.set_ylabel("GB/s, median")
    axis.set_ylim(bottom=0)
    axis.legend()
    keep(figure, path, "Scaling with threads", foot)


def memory(rows: list[dict[str, Any]], path: Path, foot: str) -> None:
    figure, axis = plt.subplots(figsize=(10, 0.38 * len(rows) + 1.4))
    rows = sorted(rows, key=lambda row: int(row["bytes"]))
    for at, row in enumerate(rows):
        kind = "ours" if row["what"].startswith("scim-engine") else "limit" if row["what"] == "JSON text" else "peer"
        axis.barh(at, row["bytes"], color=COLORS[kind], height=0.7)
        label, offset = f"{row['bytes']:,}", (4, 0)
        axis.annotate(label, (row["bytes"], at), offset, textcoords="offset points", va="center", fontsize=8)
    axis.set_yticks(range(len(rows)), [row["what"].replace("`", "") for row in rows])
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("bytes")
    keep(figure, path, "Memory of one document", foot)
