"""The work of one process: it makes cases, runs them, and makes the cases of differences smaller."""

import time
from collections import Counter

from . import cases, compare, oracle
from .jsontext import dumps
from .report import Found, Tally, relevant, shown, snippet
from .shrink import shrink

KEPT = 12
"""So many differences of one kind are made smaller in one process, in each part of the run."""
_shrunk: Counter = Counter()


def part(operation: str, seed: int, start: int, count: int, alone: bool, most: int) -> Tally:
    """Runs the cases from `start` on."""
    tally = Tally()
    oracle.forget()
    begun = time.process_time()
    paused = 0.0
    for number in range(start, start + count):
        case, productions = cases.make(operation, seed, number)
        oracle.reached.clear()
        verdict = compare.run(operation, case, alone=alone)
        reached = frozenset(oracle.reached)
        tally.cases += 1
        tally.pairs += verdict.pairs
        tally.outcomes.update(verdict.outcomes)
        tally.several += verdict.several
        tally.productions.update(productions)
        tally.reached.update(reached)
        if number % 8 == 0 or number >= cases.SPAN:
            for index in reached:
                tally.together[index].update(productions)
        for difference in verdict.differences:
            tally.kinds[difference.kind] += 1
            if _shrunk[difference.kind] < most:
                _shrunk[difference.kind] += 1
                since = time.process_time()
                tally.found.append(smallest(operation, difference, f"{seed}:{number}", productions, alone))
                paused += time.process_time() - since
    tally.busy = time.process_time() - begun - paused
    tally.together = dict(tally.together)
    return tally


def smallest(operation: str, difference: compare.Difference, address: str, productions: set[str], alone: bool) -> Found:
    """A difference with a case made smaller."""

    def again(case: dict) -> compare.Difference | None:
        try:
            verdict = compare.run(operation, case, alone=alone)
        except Exception:
            return None
        return next((other for other in verdict.differences if other.kind == difference.kind), None)

    case = shrink(difference.case, lambda candidate: again(candidate) is not None)
    oracle.reached.clear()
    found = again(case) or difference
    rules = tuple(sorted({rule for index in oracle.reached for rule in oracle.functions[index][1]}))
    ours, theirs = (shown(relevant(found.kind, outcome)) for outcome in (found.product, found.reference))
    return Found(difference.kind, address, case, ours, theirs, tuple(sorted(productions)), rules)


def one(operation: str, seed: int, number: int, alone: bool) -> str:
    """Everything about a single case, as text."""
    case, productions = cases.make(operation, seed, number)
    lines = [snippet(operation, case), "productions: " + " ".join(sorted(productions))]
    oracle.reached.clear()
    begun = time.perf_counter()
    verdict = compare.run(operation, case, alone=alone)
    lines.append(f"outcomes: {dict(verdict.outcomes)} in {1e6 * (time.perf_counter() - begun):.0f} µs")
    lines.append(
        "rules: " + " ".join(sorted({rule for index in oracle.reached for rule in oracle.functions[index][1]}))
    )
    for difference in verdict.differences:
        found = smallest(operation, difference, f"{seed}:{number}", productions, alone)
        lines += [
            "",
            f"--- {found.kind}",
            f"    product:   {shown(difference.product)}",
            f"    reference: {shown(difference.reference)}",
        ]
        lines += [
            "smallest:",
            snippet(operation, found.case),
            f"    product:   {found.product}",
            f"    reference: {found.reference}",
        ]
    return "\n".join(lines)


def case_text(operation: str, seed: int, number: int) -> str:
    """A case as JSON."""
    return dumps(cases.make(operation, seed, number)[0])
