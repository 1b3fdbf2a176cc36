"""Puts the cases of the differential test to other libraries, and counts the differences by topic.

    .venv/bin/python -m tests.differential.peers scim-patch --count 20000 --seed 1
    .venv/bin/python -m tests.differential.peers scim2-models filters --count 4000
    .venv/bin/python -m tests.differential.peers scim2-models patch --case 1:4711

Without a peer, all are run. docs/differences.md decides the topics by the text of the RFCs.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from .. import cases, oracle
from ..compare import Difference
from ..jsontext import dumps
from ..report import Found, shown, signature, snippet
from ..shrink import shrink
from .judge import PEERS, LeftOut, Peer, run, sides_with
from .topics import topic

PART = 100


@dataclass
class Sums:
    """The sums of a run, or of a part of it."""

    cases: int = 0
    alike: int = 0
    left_out: Counter = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)
    alone: list[Found] = field(default_factory=list)
    """The differences in which the reference does not give the answer of the product."""

    def add(self, other: "Sums") -> None:
        """Adds the sums of a part."""
        self.cases += other.cases
        self.alike += other.alike
        self.left_out += other.left_out
        self.found += other.found
        self.alone += other.alone


def part(name: str, operation: str, seed: int, start: int, count: int, seconds: float) -> Sums:
    """Runs the cases from `start` on, and makes the case of every difference smaller."""
    peer, sums = PEERS[name], Sums()
    for number in range(start, start + count):
        case, productions = cases.make(operation, seed, number)
        sums.cases += 1
        try:
            differences = run(peer, operation, case)
        except LeftOut as reason:
            sums.left_out[str(reason)] += 1
            continue
        sums.alike += not differences
        for difference in differences:
            found = smallest(peer, operation, difference, f"{seed}:{number}", productions, seconds)
            sums.found.append(found)
            if not sides_with(operation, found.case):
                sums.alone.append(found)
    return sums


def smallest(
    peer: Peer, operation: str, difference: Difference, address: str, productions: set[str], seconds: float
) -> Found:
    """A difference with a case made smaller."""

    def again(case: dict) -> Difference | None:
        try:
            return next((one for one in run(peer, operation, case) if one.kind == difference.kind), None)
        except Exception:
            return None

    case = shrink(difference.case, lambda candidate: again(candidate) is not None, seconds)
    found = again(case) or difference
    ours, theirs = shown(found.product), shown(found.reference)
    return Found(found.kind, address, found.case, ours, theirs, tuple(sorted(productions)), ())


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential.peers", description=__doc__.split("\n")[0])
    parser.add_argument("peer", nargs="?", choices=sorted(PEERS))
    parser.add_argument("operation", nargs="?", choices=("filters", "patch", "create", "replace"))
    parser.add_argument("--count", type=int, default=20_000, help="cases of each operation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0.5, help="how long the case of a difference is made smaller")
    parser.add_argument("--case", metavar="SEED:N", help="one case again, of a peer and an operation")
    parser.add_argument("--groups", action="store_true", help="also groups the differences by kind and shape")
    parser.add_argument("--output", type=Path, help="a folder for the differences, as JSON lines")
    given = parser.parse_args()
    for peer in [PEERS[given.peer]] if given.peer else PEERS.values():
        for operation in [given.operation] if given.operation else peer.operations:
            if operation not in peer.operations:
                print(f"{peer.name} does not claim {operation}", file=sys.stderr)
                return 2
            if given.case:
                again(peer, operation, given)
            else:
                report(peer, operation, all_parts(peer, operation, given), given)
    return 0


def again(peer: Peer, operation: str, given: argparse.Namespace) -> None:
    """Prints the differences of one case."""
    seed, _, number = given.case.partition(":")
    oracle.load()
    for found in part(peer.name, operation, int(seed), int(number), 1, given.seconds).found:
        print(f"{found.kind} ({topic(peer.name, operation, found)})\n{snippet(operation, found.case)}")
        print(f"    scim_engine: {found.product}\n    {peer.name}: {found.reference}")


def all_parts(peer: Peer, operation: str, given: argparse.Namespace) -> Sums:
    """Runs all cases, in several processes."""
    begun, sums = time.perf_counter(), Sums()
    with ProcessPoolExecutor(given.processes, initializer=oracle.load) as pool:
        starts = range(0, given.count, PART)
        sizes = [min(PART, given.count - start) for start in starts]
        tasks = [
            pool.submit(part, peer.name, operation, given.seed, start, size, given.seconds)
            for start, size in zip(starts, sizes, strict=True)
        ]
        for task in tasks:
            sums.add(task.result())
            sys.stderr.write(f"\r{sums.cases}/{given.count} cases, {len(sums.found)} differences ")
            sys.stderr.flush()
    sys.stderr.write(f"in {time.perf_counter() - begun:.0f} s\n")
    return sums


def report(peer: Peer, operation: str, sums: Sums, given: argparse.Namespace) -> None:
    """Prints what was left out, and the topics with their smallest examples."""
    compared = sums.cases - sums.left_out.total()
    print(f"\n{peer.name}, {operation}: {compared} of {sums.cases} cases compared, {sums.alike} answered alike")
    for reason, count in sums.left_out.most_common():
        print(f"  {count:6} left out: {reason}")
    topics = defaultdict(list)
    for found in sums.found:
        topics[topic(peer.name, operation, found)].append(found)
    for name, found in sorted(topics.items(), key=lambda pair: -len(pair[1])):
        print(f"{len(found):6}  {name}")
        print_smallest(peer, found)
        for one in found if name == "other" else ():
            print_smallest(peer, [one])
    if given.groups:
        groups = defaultdict(list)
        for one in sums.found:
            groups[one.kind, signature(one)].append(one)
        print("groups by kind and shape")
        for (kind, _), found in sorted(groups.items(), key=lambda pair: (pair[0][0], -len(pair[1]))):
            print(f"{len(found):6}  {kind}")
            print_smallest(peer, found)
    print(f"the reference does not give the answer of the product: {len(sums.alone)} differences")
    for one in sums.alone:
        print_smallest(peer, [one])
    if given.output:
        given.output.mkdir(parents=True, exist_ok=True)
        lines = (dumps(found.to_dict(operation)) + "\n" for found in sums.found)
        (given.output / f"{peer.name}-{operation}.jsonl").write_text("".join(lines))


def print_smallest(peer: Peer, found: list[Found]) -> None:
    """Prints the smallest of some differences."""
    one = min(found, key=lambda found: len(dumps(found.case)))
    case = {name: value for name, value in one.case.items() if name not in ("options", "kind")}
    kind = one.case["kind"] if isinstance(one.case["kind"], str) else "own schemas"
    print(f"            {one.address} {kind} {dumps(case)}")
    print(f"            scim_engine {one.product[:200]}\n            {peer.name} {one.reference[:200]}")


if __name__ == "__main__":
    raise SystemExit(main())
