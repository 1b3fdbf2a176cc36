"""Collects the figures of all steps, and writes the tables and pictures of `benches/results`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aims
import criterion
import machine as machines
import words

SECTIONS = {
    "text": "from JSON text",
    "value": "from serde_json `Value`s made before",
    "loaded": "from tables and frames loaded before",
    "dict": "from Python objects made before",
    "object": "from Node objects made before",
}
KINDS = ["limit", "ours", "peer"]
Rows = list[dict[str, Any]]


def lines_of(path: Path) -> Rows:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def json_of(path: Path) -> Any:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return json.loads(text) if text.strip() else None


def human(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def times(ratio: float) -> str:
    return f"{ratio:.3g}" if ratio < 100 else f"{ratio:,.0f}"


class Notes:
    """Reasons, numbered in the order of their first use."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def mark(self, reason: str) -> str:
        number = self.numbers.setdefault(reason, len(self.numbers) + 1)
        return f"[{number}]"

    def lines(self) -> list[str]:
        return [f"{number}. {reason}" for reason, number in self.numbers.items()]


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    return [line(head), "|" + "---|" * len(head), *map(line, rows), ""]


def shown(one: dict[str, Any], tasks: list[str], notes: Notes, show: Callable[[dict[str, Any]], str]) -> list[str]:
    """The result of a contender in each task, or the number of the reason why there is none."""
    cells = [one["tasks"].get(task, {"reason": "not measured"}) for task in tasks]
    return [notes.mark(f"{one['name']}: {cell['reason']}") if "reason" in cell else show(cell) for cell in cells]


def ratios(contest: dict[str, Any], notes: Notes) -> list[str]:
    tasks = list(contest["filters"])
    rows: list[list[str]] = []
    for input_, title in SECTIONS.items():
        chosen = [one for one in contest["contenders"] if one["input"] == input_]
        if not chosen:
            continue
        base = min(chosen, key=lambda one: int(one["threads"]))["beside"]
        rows.append([f"**{title}**, compared with *{base}*", "", *("" for _ in tasks)])
        for one in sorted(chosen, key=lambda one: KINDS.index(one["kind"])):
            if all("reason" in cell for cell in one["tasks"].values()):
                for cell in one["tasks"].values():
                    notes.mark(f"{one['name']}: {cell['reason']}")
                continue
            cells = shown(one, tasks, notes, lambda cell: times(cell["ratio"][1]) if "ratio" in cell else "?")
            name = f"**{one['name']}**" if one["kind"] == "ours" else one["name"]
            rows.append([name, f"{one['documents']:,}", *cells])
    return table(["", "documents", *tasks], rows)


def costs(contest: dict[str, Any]) -> list[str]:
    tasks = list(contest["filters"])
    rows = []
    for one in contest["contenders"]:
        if one["input"] not in SECTIONS or all("reason" in cell for cell in one["tasks"].values()):
            continue
        cells = []
        for task in tasks:
            cell = one["tasks"].get(task, {})
            low, middle, high = cell.get("seconds_per_document", (0.0, 0.0, 0.0))
            cells.append(f"{human(middle)} ({low * 1e9:,.0f} to {high * 1e9:,.0f})" if middle else "")
        rows.append([one["name"], *cells])
    return table(["", *tasks], rows)


def time_and_ratio(cell: dict[str, Any]) -> str:
    ratio = f": {times(cell['ratio'][1])}" if "ratio" in cell else ""
    return f"{human(cell['seconds_per_document'][1])}{ratio}"


def patches(contest: dict[str, Any], notes: Notes) -> list[str]:
    tasks = [task for task in contest["tasks"] if task not in contest["filters"]]
    rows = []
    for one in sorted(contest["contenders"], key=lambda one: (str(one["input"]), KINDS.index(one["kind"]))):
        if one["input"] in SECTIONS:
            continue
        rows.append([one["name"], one["beside"], *shown(one, tasks, notes, time_and_ratio)])
    return table(["", "compared with", *tasks], rows)


def slopes(rows: Rows) -> list[str]:
    import plots

    body = []
    for row in rows:
        found = plots.report_slope(row)
        sizes = f"{row['points'][0]['size']:,.0f} to {row['points'][-1]['size']:,.0f}"
        cells = [row["slope"][name] for name in ("all", "last_two_decades", "above_the_smallest")]
        fits = ["" if cell is None else f"{cell:.2f}" for cell in cells]
        verdict = "linear" if 0.95 <= found <= 1.05 else "below" if found < 0.95 else "above"
        body.append([row["table"], f"{row['unit']}s, {sizes}", *fits, verdict])
    head = ["work", "size", "all", "last two decades", "there, above the smallest", "0.95 to 1.05"]
    return table(head, body)


def rows_with_aims(rows: Rows, python: Rows) -> list[str]:
    body = []
    for row in rows:
        if row["aim"] is not None:
            low, middle, high = row["ratio"]
            verdict = "met" if middle <= row["aim"] else f"missed by a factor of {middle / row['aim']:.2f}"
            work = f"{row['table']}: {row['work']}; compared with {row['beside']}"
            body.append([work, f"≤ {row['aim']:g}", f"{middle:.3g} ({low:.3g} to {high:.3g})", verdict])
    for row in python:
        if row["aim"] is not None:
            low, high = row["quartiles"]
            verdict = "met" if row["met"] else f"missed by a factor of {row['aim'] / row['ratio']:.2f}"
            work = f"Python, {row['work']}: faster than {row['beside']}"
            body.append([work, f"≥ {row['aim']:g}", f"{row['ratio']:.3g} ({low:.3g} to {high:.3g})", verdict])
    return table(["work", "aim", "measured, with quartiles", ""], body)


def gather(root: Path, folder: Path, steps: dict[str, Any]) -> dict[str, Any]:
    rows = {name: lines_of(folder / f"rows-{name}.jsonl") for name in ("crate", "peers", "sizes", "memory")}
    everywhere = [{**row, "step": name} for name, some in rows.items() for row in some]
    memory = rows["memory"]
    for name in ("python", "node"):
        memory = memory + (json_of(folder / f"memory-{name}.json") or [])
    return {
        "machine": next((step["machine"] for step in steps.values()), machines.describe()),
        "steps": steps,
        "contest": json_of(folder / "contest.json"),
        "scaling": [row for row in everywhere if row["kind"] == "scaling"],
        "threads": [row for row in everywhere if row["kind"] == "threads"],
        "memory": [row for row in memory if row["kind"] == "memory"],
        "ratios": [row for row in everywhere if row["kind"] == "ratio"],
        "python": (json_of(folder / "python.json") or {"rows": []})["rows"],
        "criterion": criterion.estimates(root / "target/criterion"),
    }


def absent(results: dict[str, Any]) -> list[str]:
    reasons = [f"{name}: {step['failed']}" for name, step in results["steps"].items() if step["failed"]]
    if results["contest"]:
        reasons += [f"{name}: {reason}" for name, reason in results["contest"]["not_measured"].items()]
    return [f"- not measured: {reason}" for reason in reasons] or ["Nothing is left out."]


def text_of(results: dict[str, Any]) -> str:
    contest = results["contest"]
    out = [
        "# Measured in one run",
        "",
        words.SOURCE.format(machine=machines.in_words(results["machine"])),
        "",
    ]
    if contest:
        corpus = contest["corpus"]
        versions = ", ".join(f"{name} {version}" for name, version in contest["versions"].items())
        notes = Notes()
        out += [
            words.CONTEST.format(**corpus, megabytes=corpus["bytes"] / 1e6, rounds=contest["rounds"]),
            "",
            *(
                f"- {name}: `{text if len(text) < 200 else text[:120] + ' …'}`"
                for name, text in contest["filters"].items()
            ),
            "",
            f"Versions: {versions}; Rust crates as in `benches/peers/Cargo.lock`.",
            "",
            "![throughput](throughput.svg)",
            "",
            "## Ratios",
            "",
            words.RATIOS,
            "",
            *ratios(contest, notes),
            "## Aims",
            "",
            words.AIMS,
            "",
            *table(["", "aim", *contest["filters"]], aims.rows(contest)),
            "## PATCH",
            "",
            words.PATCH,
            "",
            *patches(contest, notes),
            "## Left out, and why",
            "",
            *absent(results),
            "",
            *notes.lines(),
            "",
        ]
    else:
        out += [*absent(results), ""]
    if results["scaling"]:
        out += [
            "## Cost against size",
            "",
            words.SLOPES,
            "",
            "![cost against size](sizes.svg)",
            "",
            *slopes(results["scaling"]),
        ]
    if results["threads"]:
        out += ["## Threads", "", "![threads](threads.svg)", ""]
        body = [
            [
                f"{row['mode']}, {row['filter']}",
                str(row["threads"]),
                f"{row['bytes'] / row['seconds'][1] / 1e9:.2f} GB/s",
            ]
            for row in results["threads"]
        ]
        out += table(["", "threads", "median"], body)
    if results["memory"]:
        out += ["## Memory", "", words.MEMORY, "", "![memory](memory.svg)", ""]
        out += table(["", "bytes"], [[row["what"], f"{row['bytes']:,}"] for row in results["memory"]])
    if results["ratios"] or results["python"]:
        out += ["## Other aims", "", "These rows come from the tables of the crate, of other crates and of Python.", ""]
        out += rows_with_aims(results["ratios"], results["python"])
    if contest:
        out += ["## Time of one document", "", "A cell shows the median, and the quartiles in ns.", "", *costs(contest)]
    return "\n".join(out)


def write(root: Path, folder: Path, steps: dict[str, Any]) -> None:
    results = gather(root, folder, steps)
    (folder / "results.json").write_text(json.dumps(results, ensure_ascii=False) + "\n", encoding="utf-8")
    render(results, root / "benches/results")


def render(results: dict[str, Any], into: Path) -> None:
    text = text_of(results)
    (into / "README.md").write_text(text + "\n", encoding="utf-8")
    print(f"\n{text}")
    try:
        draw(results, into)
    except Exception as error:
        print(f"pictures were not drawn: {error!r}")
        raise SystemExit(1) from error


def draw(results: dict[str, Any], into: Path) -> None:
    import plots

    plots.style()
    foot = f"make bench: {machines.in_words(results['machine'])}"
    if results["contest"]:
        plots.throughput(results["contest"], into / "throughput.svg", foot)
    if results["scaling"]:
        plots.scalings([row for row in results["scaling"] if row["step"] == "sizes"], into / "sizes.svg", foot)
    if results["threads"]:
        plots.threads(results["threads"], into / "threads.svg", foot)
    if results["memory"]:
        plots.memory(results["memory"], into / "memory.svg", foot)
