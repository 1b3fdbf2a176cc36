#!/usr/bin/env python3
"""Lines and branches of each room that the crate's tests reach; fails if a room has less than 95 % of either.

python3 tools/coverage.py target/coverage/coverage.json   # written by `make coverage`
"""

from __future__ import annotations

import collections
import json
import sys
from pathlib import Path

# The rooms that decide what requests mean.
JUDGED = ("syntax", "schema", "filter", "coerce", "patch", "resource")
LEAST = 95.0


def main() -> None:
    files = json.loads(Path(sys.argv[1]).read_text())["data"][0]["files"]
    reached: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for file in files:
        parts = file["filename"].rsplit("/src/", 1)
        if len(parts) == 1:
            continue
        room = parts[1].split("/")[0].removesuffix(".rs")
        for what in ("lines", "branches"):
            reached[room][what] += file["summary"][what]["count"]
            reached[room][f"{what} reached"] += file["summary"][what]["covered"]
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
