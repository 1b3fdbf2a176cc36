"""Counts instructions with valgrind, for `benches/count.sh`: reads the works, one on each line, and prints a table.

The table is also written to `target/counts.md`. It is only a report: the exit code is 0 even if the counts differ from
the kept ones, and without valgrind it reports that nothing was counted.
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
# A change of this many per cent is marked.
MUCH = 10


class Work:
    """A line of input."""

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
    """Builds benches; returns the path of each program."""
    command = ["cargo", "bench", "--locked", "--no-run", "--message-format=json-render-diagnostics"]
    command += [argument for bench in sorted(benches) for argument in ("--bench", bench)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    made = [message for message in messages if message["reason"] == "compiler-artifact" and message["executable"]]
    return {message["target"]["name"]: message["executable"] for message in made}


def compiler() -> str:
    return subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def change(now: int, before: int | None) -> str:
    """The change in per cent."""
    if not before:
        return "new"
    per_cent = (now - before) / before * 100
    mark = " **<-**" if abs(per_cent) >= MUCH else ""
    return f"{per_cent:+.1f} %{mark}"


def report(text: str) -> None:
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(text + "\n", encoding="utf-8")
    print(text)


def main() -> None:
    wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    works = [Work(line) for line in sys.stdin]
    works = [work for work in works if all(word in work.name for word in wanted)]
    if shutil.which("valgrind") is None:
        report("Instructions were NOT counted: `valgrind` is not installed.")
        return
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {"compiler": None, "counts": {}}
    programs = built({work.bench for work in works})
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counted = pool.map(lambda work: work.count(programs), works)
        counts = {work.name: count for work, count in zip(works, counted, strict=True)}
    before = kept["counts"]
    rows = [f"| {name} | {now:,} | {change(now, before.get(name))} |" for name, now in counts.items()]
    much = sum("<-" in row for row in rows)
    lines = ["| work | instructions | change from the kept count |", "|---|---|---|", *rows, ""]
    lines.append(f"{len(rows)} works counted; {much} changed by {MUCH} % or more.")
    if kept["compiler"] not in (None, compiler()):
        lines.append(f"The kept counts are of {kept['compiler']}; this compiler is {compiler()}.")
    report("\n".join(lines))
    if "--keep" in sys.argv[1:]:
        KEPT.parent.mkdir(exist_ok=True)
        merged = {**before, **counts} if wanted else counts
        KEPT.write_text(json.dumps({"compiler": compiler(), "counts": merged}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
