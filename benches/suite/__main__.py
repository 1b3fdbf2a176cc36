"""Runs all benchmarks: this engine, the alternatives, and the limits of the machine.

    python benches/suite [STEP ...]

The steps, in this order, are `crate` (criterion and the tables of the crate), `peers` (comparisons with other crates),
`python` (comparisons with Python packages), `contest` (all filters by all contenders, in turns), `sizes` (cost against
size, threads), `memory`, and `report`; all of them if none is named. `make bench` first builds their programs. Each
step leaves its figures in `target/bench`. `report` collects them in `target/bench/results.json`, and makes the tables
and pictures of `benches/results` from it. A step that fails is named in the report, and the run goes on.

BENCH_USERS (default 200,000) and BENCH_ROUNDS (default 7) make a smaller run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import machine
import report
from contest import Contest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "target/bench"
PEERS = ROOT / "benches/peers/target/release"
USERS = int(os.environ.get("BENCH_USERS", "200000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
CORPUS = FOLDER / "users.ndjson"


class StepFailed(Exception):
    """A command of a step failed."""


def command(*words: str | Path, rows: Path | None = None, out: Path | None = None) -> None:
    """Runs a command. Rust benches append their rows to the file `rows`."""
    environment = dict(os.environ)
    if rows is not None:
        environment["SCIM_BENCH_ROWS"] = str(rows)
    with out.open("w", encoding="utf-8") if out else open(os.devnull, "w", encoding="utf-8") as file:
        done = subprocess.run([str(word) for word in words], cwd=ROOT, env=environment, stdout=file if out else None)
    if done.returncode != 0:
        raise StepFailed(f"`{Path(str(words[0])).name} {' '.join(str(word) for word in words[1:3])}` failed")


def fresh(name: str) -> Path:
    path = FOLDER / name
    path.unlink(missing_ok=True)
    return path


def crate() -> None:
    rows = fresh("rows-crate.jsonl")
    command("cargo", "bench", "--locked", "--bench", "filter", "--bench", "patch", "--bench", "scan", rows=rows)


def peers() -> None:
    command(PEERS / "peers", rows=fresh("rows-peers.jsonl"))


def python() -> None:
    quick = ["--quick"] if USERS < 20_000 else []
    command(sys.executable, "benches/python/bench.py", "--json", fresh("python.json"), *quick)


def contest() -> None:
    result = Contest(ROOT, FOLDER, ROUNDS).run()
    fresh("contest.json").write_text(json.dumps(result), encoding="utf-8")


def sizes() -> None:
    command(PEERS / "sizes", CORPUS, str(USERS * 5), rows=fresh("rows-sizes.jsonl"))


def memory() -> None:
    command(PEERS / "memory", CORPUS, rows=fresh("rows-memory.jsonl"))
    command(sys.executable, "benches/python/memory.py", CORPUS, out=fresh("memory-python.json"))
    if shutil.which("node"):
        command("node", "--expose-gc", "benches/node/memory.mjs", CORPUS, out=fresh("memory-node.json"))


STEPS: dict[str, Callable[[], None]] = {
    "crate": crate,
    "peers": peers,
    "python": python,
    "contest": contest,
    "sizes": sizes,
    "memory": memory,
}


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("steps", nargs="*", choices=[*STEPS, "report", []], help="all of them if none is named")
    steps = options.parse_args().steps or [*STEPS, "report"]
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = FOLDER / "steps.json"
    log: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if steps != ["report"]:
        # The data of all steps, which the Python and Node programs and the commands read.
        command(PEERS / "corpus", FOLDER, str(USERS))
    for name in steps:
        if name == "report":
            continue
        print(f"\n== {name}", flush=True)
        start, described = time.monotonic(), machine.describe()
        try:
            STEPS[name]()
            failed = None
        except (StepFailed, OSError, ValueError, KeyError, SystemExit) as error:
            failed = str(error)
            print(f"{name} failed: {failed}", file=sys.stderr, flush=True)
        log[name] = {"machine": described, "seconds": round(time.monotonic() - start), "failed": failed}
        kept.write_text(json.dumps(log), encoding="utf-8")
    if "report" in steps:
        report.write(ROOT, FOLDER, log)
    if any(log[name]["failed"] for name in steps if name in log):
        sys.exit(1)


if __name__ == "__main__":
    main()
