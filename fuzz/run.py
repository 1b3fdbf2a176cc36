"""Runs the fuzz targets, one after the other, and writes a report: `make fuzz` and `make fuzz-short`.

`python3 fuzz/run.py [TARGET ...]` runs each target for at least 2,000,000 executions (`--runs`), on the inputs in
`fuzz/corpus`, and keeps new inputs there. With `--go-on` it goes on where an earlier run was stopped.
`--short` makes a run of a few minutes: inputs of the conformance cases alone, a fixed seed, and for each target a
number of executions. Two such runs are alike, but not the same, because hash tables have random seeds. The first crash,
hang or disagreement ends the run.

The targets are built before by `cargo fuzz build`. Only the standard library is needed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import seeds

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OUT = ROOT / "target" / "fuzz"
TOOL = ROOT / "target" / "tools" / "bin" / "cargo-fuzz"

# The targets; the dictionary of each; and the executions of a short run, which take about eight seconds, as measured on
# one core of a small virtual machine, without the time that the inputs of the cases take.
TARGETS = {
    "parse_display": ("filter", 60_000),
    "compile": (None, 20_000),
    "matching": (None, 6_000),
    "raw": ("filter", 5_000),
    "patch": (None, 5_000),
    "patch_text": ("request", 5_000),
    "create": (None, 10_000),
    "replace": (None, 8_000),
    "body_text": ("request", 5_000),
    "diff": (None, 8_000),
    "query": (None, 8_000),
    "endpoint": ("query", 8_000),
    "cursors": (None, 4_000),
    "template": ("template", 8_000),
    "schemas": ("schemas", 6_000),
    "packed": ("packed", 6_000),
}
# Executions of a target in a long run, and of those that are cheap: 50,000,000 in all.
RUNS, CHEAP = 2_000_000, {"parse_display": 11_000_000, "body_text": 11_000_000}
# After a part of so many executions, what was done is kept, so that a run that is stopped can go on.
PART = 50_000
# Inputs of generators are choices: twice as many bytes reach no more of the code, and take up to a third more time.
LONGEST_CHOICES = 256
# With these, an execution takes two thirds of the time: no stack is kept for each allocation (`cargo fuzz run` shows it
# when an input is repeated), and freed memory is not kept for long. A definition that two of the crates share is not a
# fault; cargo-fuzz sets the same.
ASAN = (
    "malloc_context_size=0:quarantine_size_mb=8:detect_stack_use_after_return=0:detect_odr_violation=0:detect_leaks=0"
)
# Without entropic scheduling, which chooses inputs by how rare their features are, twice as many are executed. Shorter
# inputs for those of the corpus, and checks for what is never freed (the crate is safe Rust), would take a fifth of the
# time. New functions need not be named.
LIBFUZZER = (
    "-entropic=0",
    "-reduce_inputs=0",
    "-detect_leaks=0",
    "-print_funcs=0",
    "-print_final_stats=1",
    "-reload=0",
)
# Seconds after which an input counts as a hang, and the most memory in MiB.
TIMEOUT, MEMORY = 30, 4096
# A line of libFuzzer's log: `#4096 NEW cov: 512 ft: 1024 corp: 64/2Kb …`.
STATUS = re.compile(r"^#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+)(?: corp: (\d+)/)?", re.MULTILINE)


running = set()
"""The processes of the targets that are running."""


def host():
    """The target triple for which `cargo fuzz` builds."""
    version = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    return re.search(r"^host: (.*)$", version, re.MULTILINE)[1]


def build(target=None):
    print("== building the fuzz targets (some minutes the first time)", flush=True)
    # The dictionaries have what comparisons would teach libFuzzer, and tracing them takes half of the time.
    command = [str(TOOL), "build", "--no-trace-compares", "--fuzz-dir", str(HERE), *([target] if target else [])]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "RUSTC_BOOTSTRAP": "1"})


def run(target, runs, is_short, row, keep):
    """Runs a target until it has made so many executions, and gives its row of the report to `keep` after each part.

    Returns whether nothing was found.
    """
    row = row or {"executions": 0, "seconds": 0.0, "points": [[0, 0], [0, 0], [0, 0]], "corpus": 0}
    while row["executions"] < runs:
        left = runs - row["executions"]
        text, seconds, code = execute(target, left if is_short else min(left, PART), is_short)
        done = re.search(r"^stat::number_of_executed_units:\s*(\d+)", text, re.MULTILINE)
        if code < 0:
            return False  # stopped, because another target failed
        if code != 0 or not done:
            fail(target, text, OUT / "logs" / f"{target}.log")
            return False
        for count, edges, features, size in STATUS.findall(text):
            # Coverage after 1 %, 10 % and all of the executions.
            for at, part in enumerate((100, 10, 1)):
                if row["executions"] + int(count) <= max(runs // part, 1):
                    row["points"][at] = [int(edges), int(features)]
            row["corpus"] = int(size or row["corpus"])
        row["executions"] += int(done[1])
        row["seconds"] += seconds
        keep(target, row)
    return True


def execute(target, runs, is_short):
    """Runs a target once. Returns its log, the seconds, and the code with which it ended."""
    dictionary, _ = TARGETS[target]
    corpus = (OUT / "short" if is_short else HERE / "corpus") / target
    artifacts = HERE / "artifacts" / target
    artifacts.mkdir(parents=True, exist_ok=True)
    log = OUT / "logs" / f"{target}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    longest = LONGEST_CHOICES if target in seeds.CHOSEN else seeds.LONGEST
    command = [
        HERE / "target" / host() / "release" / target,
        *[f"-runs={runs}", f"-timeout={TIMEOUT}", f"-rss_limit_mb={MEMORY}", f"-max_len={longest}"],
        *[*LIBFUZZER, f"-artifact_prefix={artifacts}/", *(["-seed=1"] if is_short else [])],
        *([f"-dict={HERE / 'dictionaries' / dictionary}.dict"] if dictionary else []),
        corpus,
    ]
    print(f"== {target}: {runs:,} executions", flush=True)
    started = time.monotonic()
    options = ":".join(filter(None, [ASAN, os.environ.get("ASAN_OPTIONS")]))
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "ASAN_OPTIONS": options})
        running.add(process)
        code = process.wait()
        running.discard(process)
    return log.read_text(encoding="utf-8", errors="replace"), time.monotonic() - started, code


def fail(target, text, log):
    found = re.search(r"Test unit written to (\S+)", text)
    lines = text.splitlines()
    at = next((at for at, line in enumerate(lines) if "panicked at" in line or "ERROR:" in line), None)
    print(f"\nThe fuzz target `{target}` found a fault. Its log is {log.relative_to(ROOT)}:\n")
    print("\n".join(f"    {line[:600]}" for line in (lines[at : at + 6] if at is not None else lines[-12:])))
    if found:
        artifact = Path(found[1]).resolve().relative_to(HERE)
        print("\nRepeat it:\n")
        print(f"    cd fuzz && RUSTC_BOOTSTRAP=1 ../{TOOL.relative_to(ROOT)} run {target} {artifact}\n")


def report(rows):
    lines = [
        "# Fuzzing",
        "",
        "Coverage is libFuzzer's: edges (`cov`) and features (`ft`), after 1 %, 10 % and all of the executions. These",
        "include the inputs at the start, so a target with a large corpus begins with most of its coverage.",
        "",
        "| target | executions | seconds | cov / ft at 1 % | at 10 % | at 100 % | corpus |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for target, row in rows.items():
        shown = " | ".join(f"{edges} / {features}" for edges, features in row["points"])
        lines.append(f"| `{target}` | {row['executions']:,} | {row['seconds']:,.0f} | {shown} | {row['corpus']} |")
    total, seconds = (sum(row[what] for row in rows.values()) for what in ("executions", "seconds"))
    lines += [f"| all | {total:,} | {seconds:,.0f} | | | | |", ""]
    (OUT / "report.md").write_text("\n".join(lines), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: all")
    parser.add_argument("--runs", type=int, help=f"executions of each target (default: {RUNS:,}, more of cheap ones)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="targets that run at once (%(default)s)")
    parser.add_argument("--go-on", action="store_true", help="go on where an earlier run was stopped")
    parser.add_argument("--short", action="store_true", help="a few minutes, from the cases alone")
    parser.add_argument("--no-build", action="store_true", help="the targets are built already")
    given = parser.parse_args()
    unknown = [target for target in given.targets if target not in TARGETS]
    if unknown:
        parser.error(f"unknown target `{unknown[0]}`: the targets are {', '.join(TARGETS)}")
    if not given.no_build:
        build(given.targets[0] if len(given.targets) == 1 else None)
    OUT.mkdir(parents=True, exist_ok=True)
    if given.short:
        shutil.rmtree(OUT / "short", ignore_errors=True)
    inputs = seeds.write(OUT / "short" if given.short else HERE / "corpus")
    kept = OUT / "rows.json"
    rows = json.loads(kept.read_text()) if given.go_on and kept.exists() else {}

    def one(target):
        # In a short run the inputs of the cases are executed, and then as many others.
        short = inputs[target] + TARGETS[target][1]
        runs = short if given.short else given.runs or CHEAP.get(target, RUNS)
        if not run(target, runs, given.short, rows.get(target), keep):
            for process in running:
                process.kill()
            sys.stdout.flush()
            os._exit(1)

    def keep(target, row):
        with saving:
            rows[target] = row
            if not given.short:
                kept.write_text(json.dumps(rows))
            report({target: rows[target] for target in TARGETS if target in rows})

    saving = Lock()
    with ThreadPoolExecutor(given.jobs) as pool:
        list(pool.map(one, given.targets or TARGETS))
    print(f"\nNo faults. The report is {(OUT / 'report.md').relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
