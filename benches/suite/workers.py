"""Workers run contenders: processes in Rust, Python and Node, which read one task per line, and commands."""

from __future__ import annotations

import json
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

PATIENCE = 180.0
"""The seconds that a worker has for one answer."""


class Failed(Exception):
    """A contender did not answer."""


@dataclass
class Contender:
    """One way to run filters, or to apply PATCH requests."""

    name: str
    kind: str
    """`ours`, `peer` or `limit`."""
    input: str
    """The input. Ratios compare contenders with the same input."""
    threads: int
    documents: int
    worker: Worker
    number: int
    cannot: dict[str, str] = field(default_factory=dict)
    """The reason why a task is not measured, by task."""


class Worker(Protocol):
    def run(self, number: int, task: str) -> tuple[float, int | None]:
        """Returns the seconds, and the number of matches."""

    def which(self, number: int, task: str) -> list[Any]:
        """Returns the positions of the matches, or the outcome of a PATCH."""


class Process:
    """A worker that is a process: it answers each line of JSON with a line of JSON."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        with log.open("w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment, text=True
            )
        self.log = log
        self.answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.hello = self._answer()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put("")

    def _answer(self) -> dict[str, Any]:
        try:
            line = self.answers.get(timeout=PATIENCE)
        except queue.Empty:
            self.process.kill()
            raise Failed(f"no answer in {PATIENCE:.0f} s") from None
        if not line:
            self.answers.put("")
            last = self.log.read_text(encoding="utf-8").strip().split("\n")[-1]
            raise Failed(f"its process ended: {last}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        except OSError:
            pass
        return self._answer()

    def contenders(self) -> list[Contender]:
        names = ("name", "kind", "input", "threads", "documents", "cannot")
        return [
            Contender(worker=self, number=number, **{name: one[name] for name in names})
            for number, one in enumerate(self.hello["contenders"])
        ]

    def run(self, number: int, task: str) -> tuple[float, int | None]:
        answer = self._ask({"contender": number, "task": task})
        return answer["seconds"], answer.get("hits")

    def which(self, number: int, task: str) -> list[Any]:
        found: list[Any] = self._ask({"contender": number, "task": task, "which": True})["which"]
        return found

    def end(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Command:
    """A worker that starts a command for each run. The time on an empty file is measured before each run and
    subtracted."""

    def __init__(
        self,
        arguments: Callable[[str, Path, bool], list[str]],
        file: Path,
        numbers: dict[str, int],
        identify: Callable[[str], str],
        through_pipe: bool = False,
    ) -> None:
        """`arguments` makes the command from the task, the file, and whether to count; `identify` returns the id in a
        line of output."""
        self.arguments = arguments
        self.file = file
        self.numbers = numbers
        self.identify = identify
        self.through_pipe = through_pipe
        self.empty = Path(tempfile.mkdtemp()) / "empty.ndjson"
        self.empty.touch()

    def _output(self, task: str, file: Path, count: bool) -> str:
        with file.open("rb") as given:
            done = subprocess.run(
                self.arguments(task, file, count),
                stdin=given if self.through_pipe else subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        # Some commands exit with 1 if nothing matches.
        if done.returncode not in (0, 1) or done.stderr:
            raise Failed((done.stderr.strip() or f"exit code {done.returncode}").split("\n")[0])
        return done.stdout

    def _timed(self, task: str, file: Path) -> tuple[float, str]:
        start = time.perf_counter()
        output = self._output(task, file, True)
        return time.perf_counter() - start, output

    def run(self, number: int, task: str) -> tuple[float, int | None]:
        start_up = min(self._timed(task, self.empty)[0] for _ in range(2))
        took, output = self._timed(task, self.file)
        lines = output.split()
        hits = int(lines[0]) if len(lines) == 1 and lines[0].isdigit() else len(lines)
        return max(took - start_up, 1e-9), hits

    def which(self, number: int, task: str) -> list[Any]:
        output = self._output(task, self.file, False)
        return sorted(self.numbers[self.identify(line)] for line in output.split("\n") if line)
