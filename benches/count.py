"""Counts instructions with valgrind, for `benches/count.sh`: reads what to count, a line each, and prints a table.

The table also goes to `target/counts.md`. It is a report: however the counts differ from those that are kept, the exit
code is 0. Where there is no valgrind it says that nothing was counted.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "benches" / "results" / "counts.json"
REPORT = ROOT / "target" / "counts.md"
# Per cent of change that are pointed out.
MUCH = 10


class Work:
    """A line of what to count."""

    def __init__(self, line: str) -> None:
        self.bench, times, *self.arguments = line.split()
        self.times = int(times)
        self.name = " ".join([self.bench, *self.arguments])

    def count(self, programs: dict[str, str]) -> int:
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        command += [f"--toggle-collect={self.bench}::run*", programs[self.bench], "--count", *self.arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        collected = re.search(r"Collected : (\d+)", done.stderr)
        if done.returncode != 0 or collected is None or int(collected[1]) == 0:
            raise SystemExit(f"{self.name}: nothing was counted\n{done.stdout}{done.stderr}")
        return round(int(collected[1]) / self.times)


def built(benches: set[str]) -> dict[str, str]:
    """The programs of benches."""
    command = ["cargo", "bench", "--locked", "--no-run", "--message-format=json-render-diagnostics"]
    command += [argument for bench in sorted(benches) for argument in ("--bench", bench)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    made = [message for message in messages if message["reason"] == "compiler-artifact" and message["executable"]]
    return {message["target"]["name"]: message["executable"] for message in made}


def compiler() -> str:
    return subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def beside(now: int, before: int | None) -> str:
    """The change in per cent."""
    if not before:
        return "new"
    change = (now - before) / before * 100
    mark = " **<-**" if abs(change) >= MUCH else ""
    return f"{change:+.1f} %{mark}"


def report(text: str) -> None:
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(text + "\n", encoding="utf-8")
    print(text)


def main() -> None:
    wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    works = [Work(line) for line in sys.stdin]
    works = [work for work in works if all(word in work.name for word in wanted)]
    if shutil.which("valgrind") is None:
        report("Instructions were NOT counted: there is no `valgrind` on this machine.")
        return
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {"compiler": None, "counts": {}}
    programs = built({work.bench for work in works})
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = dict(zip([work.name for work in works], pool.map(lambda work: work.count(programs), works)))
    before = kept["counts"]
    rows = [f"| {name} | {now:,} | {beside(now, before.get(name))} |" for name, now in counts.items()]
    much = sum("<-" in row for row in rows)
    lines = ["| work | instructions | beside those kept |", "|---|---|---|", *rows, ""]
    lines.append(f"{len(rows)} counted, {much} of them changed by {MUCH} % or more.")
    if kept["compiler"] not in (None, compiler()):
        lines.append(f"Those kept were made by another compiler: {kept['compiler']}; this is {compiler()}.")
    report("\n".join(lines))
    if "--keep" in sys.argv[1:]:
        KEPT.parent.mkdir(exist_ok=True)
        merged = {**before, **counts} if wanted else counts
        KEPT.write_text(json.dumps({"compiler": compiler(), "counts": merged}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
