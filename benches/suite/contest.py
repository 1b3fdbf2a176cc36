"""Runs all contenders on all tasks, in turns: one round to check that they agree, then the measured rounds."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from workers import Contender, Failed, Process

import tools

BASES = {
    "text": "scim-engine, checked",
    "value": "scim-engine on `Value`",
    "loaded": "scim-engine on `Value`",
    "object": "scim-engine on `Value`",
    "dict": "scim-engine in Python, dicts",
    "patch": "scim-engine, PATCH on `Value`",
    "patch of text": "scim-engine, PATCH on text",
    "patch of dicts": "scim-engine in Python, PATCH of dicts",
}
"""The contender to which ratios refer, by the input. Contenders with two threads are compared with ours with two."""

MANY = 50_000
"""The number of documents in the file that DuckDB and Polars read."""

TOO_LONG = 3.0
"""In seconds. A contender that takes longer for a task runs it in the first three rounds only."""


def base_of(contender: Contender) -> str:
    base = BASES[contender.input]
    return f"{base}, 2 threads" if contender.threads == 2 and contender.input == "text" else base


def quartiles(values: list[float]) -> list[float]:
    if len(values) == 1:
        return values * 3
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return [low, middle, high]


class Contest:
    def __init__(self, root: Path, folder: Path, rounds: int) -> None:
        self.root = root
        self.folder = folder
        self.rounds = rounds
        self.corpus = folder / "users.ndjson"
        self.few = folder / "users-few.ndjson"
        self.many = folder / "users-many.ndjson"
        self.contenders: list[Contender] = []
        self.missing: dict[str, str] = {}
        self.versions: dict[str, str] = {}
        self.filters: dict[str, str] = {}
        self.tasks: list[str] = []
        self.samples: dict[tuple[str, str], dict[int, float]] = {}
        """Seconds per document of a contender on a task, by round."""
        self.hits: dict[tuple[str, str], int] = {}
        self.workers: list[Process] = []

    def run(self) -> dict[str, Any]:
        try:
            self._gather()
            self._agree()
            self._measure()
        finally:
            for worker in self.workers:
                worker.end()
        return self._result()

    def _gather(self) -> None:
        numbers = self._copy_parts()
        requests, filters = self.folder / "requests.json", self.folder / "filters.json"
        self.filters = dict(json.loads(filters.read_text(encoding="utf-8")))
        self.tasks = [*self.filters, *json.loads(requests.read_text(encoding="utf-8"))["requests"]]
        python = [sys.executable, str(self.root / "benches/python/contest.py"), str(self.corpus), str(requests)]
        commands = {
            "Rust": [str(self.root / "benches/peers/target/release/contest"), str(self.corpus), str(requests)],
            "Python": python,
            "Polars in 2 threads": [*python, "--polars"],
            "Node": [
                "node",
                str(self.root / "benches/node/contest.mjs"),
                str(self.corpus),
                str(filters),
                str(requests),
            ],
        }
        for name, command in commands.items():
            threads = "2" if "2 threads" in name else "1"
            environment = {**os.environ, "POLARS_MAX_THREADS": threads}
            log = self.folder / f"worker-{name.replace(' ', '-').lower()}.log"
            try:
                worker = Process(command, log, environment)
            except (Failed, OSError) as error:
                self.missing[f"everything in {name}"] = str(error)
                continue
            self.workers.append(worker)
            self.contenders += worker.contenders()
            self.missing.update(worker.hello.get("missing", {}))
            self.versions.update(worker.hello["versions"])
        found, missing, versions = tools.contenders(self.root, self.corpus, self.few, numbers, self.filters)
        self.contenders += found
        self.missing.update(missing)
        self.versions.update(versions)

    def _copy_parts(self) -> dict[str, int]:
        """Writes the first documents to files of their own; returns the positions of documents by their ids."""
        numbers = {}
        with self.corpus.open("rb") as lines, self.few.open("wb") as few, self.many.open("wb") as many:
            for number, line in enumerate(lines):
                numbers[str(json.loads(line)["id"])] = number
                if number < tools.SLOW:
                    few.write(line)
                if number < MANY:
                    many.write(line)
        return numbers

    def _able(self, task: str) -> list[Contender]:
        is_patch = task not in self.filters
        return [one for one in self.contenders if one.input.startswith("patch") is is_patch and task not in one.cannot]

    def _agree(self) -> None:
        """Excludes contenders with results other than ours. Limits have no result."""
        for task in self.tasks:
            first = BASES["text" if task in self.filters else "patch"]
            expected: list[Any] | None = None
            able = sorted(self._able(task), key=lambda one: one.name != first)
            for contender in able:
                if contender.kind == "limit":
                    continue
                try:
                    found = contender.worker.which(contender.number, task)
                except (Failed, OSError, ValueError, KeyError) as error:
                    contender.cannot[task] = f"fails: {error}"
                    continue
                if expected is None:
                    expected = found
                if task not in self.filters:
                    if found != expected:
                        contender.cannot[task] = f"ends with {json.dumps(found)}, ours with {json.dumps(expected)}"
                    continue
                ours = [number for number in expected if number < contender.documents]
                self.hits[contender.name, task] = len(ours)
                if found != ours:
                    contender.cannot[task] = f"finds {len(found)} of {contender.documents:,}, ours finds {len(ours)}"
                    both = len(set(found) & set(ours))
                    if len(found) == len(ours):
                        contender.cannot[task] += f", {both} of them the same"

    def _measure(self) -> None:
        slow: set[tuple[str, str]] = set()
        for turn in range(self.rounds):
            start = time.monotonic()
            for task in self.tasks:
                able = self._able(task)
                for contender in able if turn % 2 == 0 else reversed(able):
                    key = (contender.name, task)
                    if key in slow and turn >= 3:
                        continue
                    try:
                        seconds, hits = contender.worker.run(contender.number, task)
                    except (Failed, OSError, ValueError, KeyError) as error:
                        contender.cannot[task] = f"fails: {error}"
                        continue
                    if contender.kind != "limit" and hits is not None and hits != self.hits[key]:
                        contender.cannot[task] = f"finds {hits} at one time and {self.hits[key]} at another"
                        continue
                    if seconds > TOO_LONG:
                        slow.add(key)
                    self.samples.setdefault(key, {})[turn] = seconds / contender.documents
            print(f"round {turn + 1} of {self.rounds}: {time.monotonic() - start:.0f} s", flush=True)

    def _result(self) -> dict[str, Any]:
        listed = []
        for contender in self.contenders:
            base, tasks = base_of(contender), {}
            for task in self.tasks:
                if task in contender.cannot:
                    tasks[task] = {"reason": contender.cannot[task]}
                    continue
                samples = self.samples.get((contender.name, task))
                if not samples:
                    continue
                row: dict[str, Any] = {
                    "seconds_per_document": quartiles(list(samples.values())),
                    "samples": list(samples.values()),
                    "hits": self.hits.get((contender.name, task)),
                }
                ours = self.samples.get((base, task), {})
                ratios = [seconds / ours[turn] for turn, seconds in samples.items() if turn in ours]
                if ratios:
                    row["ratio"] = quartiles(ratios)
                tasks[task] = row
            listed.append(
                {
                    "name": contender.name,
                    "kind": contender.kind,
                    "input": contender.input,
                    "threads": contender.threads,
                    "documents": contender.documents,
                    "beside": base,
                    "tasks": tasks,
                }
            )
        bytes_ = self.corpus.stat().st_size
        documents = sum(1 for _ in self.corpus.open("rb"))
        return {
            "rounds": self.rounds,
            "corpus": {"documents": documents, "bytes": bytes_, "bytes_per_document": bytes_ / documents},
            "filters": self.filters,
            "tasks": self.tasks,
            "versions": self.versions,
            "not_measured": self.missing,
            "contenders": listed,
        }
