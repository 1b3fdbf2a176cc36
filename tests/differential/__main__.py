"""Runs the differential test.

    python -m tests.differential filters --count 1000000 --seed 1
    python -m tests.differential patch --count 100000
    python -m tests.differential patch --case 1:4711

The operations are filters, patch, create, replace, diff, lists, projection and versions. `--alone` runs the product
without the reference. After a warm-up, one half of the cases favours productions that reach the rules that have been
reached least: their numbers are `code * 10**9 + n`, so that each case can still be made alone.
"""

import argparse
import sys
import time
from collections import Counter, deque
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from . import cases, compare, oracle, plant, work
from .chooser import code
from .jsontext import dumps, loads
from .report import Found, Tally, compact, printed

RARE = 40
AHEAD = 6
"""So many parts are begun at a time; with more processes, some of them have nothing to do."""


def main(arguments: list[str] | None = None) -> int:
    """The command line; the exit code is 1 if there are differences."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__.split("\n")[0])
    parser.add_argument("operation", choices=sorted(cases.MAKERS))
    parser.add_argument("--count", type=int, default=20_000, help="cases (filters: pairs of a filter and a document)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--case", metavar="SEED:N", help="one case again")
    parser.add_argument("--alone", action="store_true", help="the product without the reference")
    parser.add_argument(
        "--smallest", type=int, default=work.KEPT, help="how many differences of a kind to make smaller"
    )
    parser.add_argument("--plant", choices=sorted(plant.PLANTS), help="a wrong answer to find")
    parser.add_argument("--orders", action="store_true", help="compare the order of repairs and in changes, too")
    parser.add_argument("--output", type=Path, help="where the differences go (differences-OPERATION.jsonl)")
    parser.add_argument("--read", type=Path, help="a file of differences: only lists its groups, in few lines")
    given = parser.parse_args(arguments)
    if given.read:
        with given.read.open() as lines:
            print(compact([Found.of(loads(line)) for line in lines]))
        return 0
    compare.ORDERS = given.orders
    if not given.alone:
        missing = oracle.load()
        if not oracle.has("errors", "options", "schema", *compare.NEEDS[given.operation]):
            print("the reference is not complete:", *missing, sep="\n  ")
            return 2
    if given.plant:
        plant.PLANTS[given.plant]()
    if given.case:
        seed, _, number = given.case.partition(":")
        print(work.one(given.operation, int(seed), int(number), given.alone))
        return 0
    begun = time.perf_counter()
    tally = run(given)
    print(printed(tally, given.operation, time.perf_counter() - begun))
    output = given.output or Path(f"differences-{given.operation}.jsonl")
    output.write_text("".join(dumps(item.to_dict(given.operation)) + "\n" for item in tally.found))
    return 1 if tally.kinds else 0


def run(given: argparse.Namespace) -> Tally:
    """Runs all cases, in several processes.

    What a part favours depends on the parts that are at least `AHEAD` before it, whenever they end. So the cases are
    the same in every run, with any number of processes.
    """
    total = max(1, given.count // 7) if given.operation == "filters" else given.count
    plan = Plan(total, max(50, min(1000, total // 20)))
    tally, begun = Tally(), time.perf_counter()
    with ProcessPoolExecutor(
        given.processes, initializer=_start, initargs=(given.alone, given.plant, given.orders)
    ) as pool:
        running: deque[Future[Tally]] = deque()
        while True:
            while len(running) < AHEAD and (task := plan.next(tally)) is not None:
                running.append(pool.submit(work.part, given.operation, given.seed, *task, given.alone, given.smallest))
            if not running:
                break
            tally.add(running.popleft().result())
            _progress(tally, total, begun)
    tally.boosted = plan.boosted
    sys.stderr.write("\n")
    return tally


def _start(alone: bool, planted: str | None, orders: bool) -> None:
    compare.ORDERS = orders
    if not alone:
        oracle.load()
    if planted:
        plant.PLANTS[planted]()


def _progress(tally: Tally, total: int, begun: float) -> None:
    rate = tally.pairs / (time.perf_counter() - begun)
    sys.stderr.write(f"\r{tally.cases}/{total} cases, {rate:.0f} pairs/s, {tally.kinds.total()} differences ")
    sys.stderr.flush()


class Plan:
    """Which cases come next: after the warm-up, every second part favours a production."""

    def __init__(self, total: int, size: int):
        self.left = total
        self.size = size
        self.plain = 0
        self.warm = total // 4
        self.turn = 0
        self.boosted: Counter = Counter()
        self.starts: Counter = Counter()

    def next(self, tally: Tally) -> tuple[int, int] | None:
        """The number of the first case and how many."""
        if self.left <= 0:
            return None
        count = min(self.size, self.left)
        self.left -= count
        self.warm -= count
        self.turn += 1
        if self.warm < 0 and self.turn % 2:
            production = self.rare(tally)
            if production:
                count_boosted = min(count, 250)
                self.left += count - count_boosted
                start = cases.SPAN * code(production) + self.starts[production]
                self.starts[production] += count_boosted
                self.boosted[production] += count_boosted
                return start, count_boosted
        start = self.plain
        self.plain += count
        return start, count

    def rare(self, tally: Tally) -> str | None:
        """The production with the best prospect of one of the rules that have been reached least."""
        if not tally.productions:
            return None
        if not oracle.functions:
            return min(tally.productions, key=lambda name: (self.boosted[name], tally.productions[name], name))
        counts = sorted((tally.reached[index], index) for index in range(len(oracle.functions)))
        rare = [index for count, index in counts[:RARE] if count]
        pick = self.boosted.total() // 250
        if rare and pick % 3:
            together = tally.together.get(rare[pick % len(rare)]) or Counter()
            best = [name for name in together if tally.productions[name]]
            if best:
                return max(
                    best,
                    key=lambda name: (
                        together[name] / tally.productions[name] ** 0.8 / (1 + self.boosted[name] / 500),
                        name,
                    ),
                )
        return min(tally.productions, key=lambda name: (tally.productions[name] + 20 * self.boosted[name], name))


if __name__ == "__main__":
    raise SystemExit(main())
