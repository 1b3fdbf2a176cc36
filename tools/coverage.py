#!/usr/bin/env python3
"""Lines and branches of each room that the crate's tests reach; fails if a room has less than 95 % of either.

python3 tools/coverage.py target/coverage/coverage.json   # written by `make coverage`
python3 tools/coverage.py target/coverage/coverage.json patch   # and which lines and branches of this room are not

What counts is the code of the crate: unit tests and the examples in its documentation do not. A branch of generic code
is reached if it is reached for any type.
"""

from __future__ import annotations

import collections
import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# The rooms that decide what requests mean.
JUDGED = ("syntax", "schema", "filter", "coerce", "patch", "resource")
LEAST = 95.0
# Files that are tests as a whole.
TESTS = ("patch/cost.rs",)


class File:
    """A file of the crate: the counts of its lines, and of both ways of its branches."""

    def __init__(self, file: dict[str, Any]) -> None:
        path = Path(file["filename"])
        self.name = str(path).rsplit("/src/", 1)[1]
        self.room = self.name.split("/")[0].removesuffix(".rs")
        self.text = path.read_text(encoding="utf-8").splitlines()
        self.lines = {at: count for at, count in lines(file["segments"]) if self.is_code(at)}
        self.branches: dict[tuple[int, int, int, int], list[int]] = collections.defaultdict(lambda: [0, 0])
        for branch in file["branches"]:
            if self.is_code(branch[0]):
                ways = self.branches[tuple(branch[:4])]
                ways[0] += branch[4]
                ways[1] += branch[5]

    def is_code(self, at: int) -> bool:
        """Whether a line is neither documentation nor in a module of tests, with which a file ends."""
        if at > len(self.text) or self.text[at - 1].lstrip().startswith(("///", "//!")):
            return False
        if self.name in TESTS:
            return False
        tests = next((line for line, text in enumerate(self.text, 1) if text.startswith("#[cfg(test)]")), None)
        return tests is None or at < tests or not self.text[tests].startswith("mod ")

    def left(self) -> Iterator[str]:
        """The lines and branches that are not reached."""
        for at, count in self.lines.items():
            if count == 0:
                yield f"{at}: not reached: {self.text[at - 1].strip()}"
        for (at, column, end, end_column), ways in sorted(self.branches.items()):
            code = self.text[at - 1][column - 1 : end_column - 1 if end == at else None]
            for way, count in zip(("true", "false"), ways, strict=True):
                if count == 0 and any(ways):
                    yield f"{at}: never {way}: {code}"


def lines(segments: list[list[Any]]) -> Iterator[tuple[int, int]]:
    """The lines that have code, with their counts, as llvm-cov shows them."""
    by_line = {at: list(there) for at, there in itertools.groupby(segments, key=lambda segment: segment[0])}
    wrapped = None
    for at in range(1, max(by_line, default=0) + 1):
        here = by_line.get(at, [])
        starts = [count for _, _, count, has_count, is_entry, is_gap in here if has_count and is_entry and not is_gap]
        is_skipped = bool(here) and not here[0][3] and here[0][4]
        if not is_skipped and (starts or (wrapped and wrapped[3])):
            yield at, max([*starts, *([wrapped[2]] if wrapped and wrapped[3] else [])])
        wrapped = here[-1] if here else wrapped


def main() -> None:
    found = json.loads(Path(sys.argv[1]).read_text())["data"][0]["files"]
    files = [File(file) for file in found if "/src/" in file["filename"]]
    reached: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for file in files:
        counts = reached[file.room]
        counts["lines"] += len(file.lines)
        counts["lines reached"] += sum(count > 0 for count in file.lines.values())
        counts["branches"] += 2 * len(file.branches)
        counts["branches reached"] += sum(count > 0 for ways in file.branches.values() for count in ways)
        if file.room in sys.argv[2:]:
            print("\n".join(f"{file.name}:{left}" for left in file.left()))
    too_few = []
    print("| room | lines | reached | branches | reached |")
    print("|---|---|---|---|---|")
    for room in sorted(reached, key=lambda room: (room not in JUDGED, room)):
        cells = [room]
        for what in ("lines", "branches"):
            count, there = reached[room][what], reached[room][f"{what} reached"]
            share = 100 * there / count if count else 100.0
            cells += [f"{count}", f"{share:.1f} %"]
            if room in JUDGED and share < LEAST:
                too_few.append(f"{what} of `{room}`")
        print("| " + " | ".join(cells) + " |")
    if too_few:
        raise SystemExit(f"less than {LEAST:.0f} % reached: " + ", ".join(too_few))


main()
