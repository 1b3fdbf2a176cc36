"""Seeded choices, each with the name of a production, so that a run can favour those that reach rare rules."""

import random
from bisect import bisect
from functools import cache
from itertools import accumulate
from zlib import crc32

CODES = 9973
BOOST = 40


@cache
def code(production: str) -> int:
    """The number of a production in the address of a case; two productions may share one."""
    return crc32(production.encode()) % CODES + 1


@cache
def _table(group: str, entries: tuple, boost: int) -> tuple:
    names = tuple(name for name, _ in entries)
    tags = tuple(f"{group}.{name}" for name in names)
    weights = [
        max(weight, 1) * BOOST if boost and code(tag) == boost else weight
        for (_, weight), tag in zip(entries, tags, strict=True)
    ]
    return names, tags, tuple(accumulate(weights)), sum(weights)


def copied(value: object) -> object:
    """A copy of a JSON value."""
    if isinstance(value, dict):
        return {name: copied(member) for name, member in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


class Chooser:
    """The random choices of one case. `boost` is the code of the production to favour, 0 for none."""

    __slots__ = ("boost", "oddness", "random", "rng", "shares", "used")

    def __init__(self, address: str, boost: int = 0):
        self.rng = random.Random(address)
        self.random = self.rng.random
        self.boost = boost
        self.used: set[str] = set()
        self.shares: dict[str, float] = {}  # of odd productions that shall be rarer than usual
        self.oddness = self.pick((0.0, 0.005, 0.02, 0.05, 0.15))

    def pick(self, options):
        """One of some options, all equally likely; a copy of an object or a list, so that it may be changed."""
        found = options[int(self.random() * len(options))]
        return copied(found) if found.__class__ in (dict, list) else found

    def take(self, options):
        """As `pick`, but never a copy."""
        return options[int(self.random() * len(options))]

    def number(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def chance(self, probability: float, production: str | None = None) -> bool:
        """Whether something happens; with a name it counts as a production."""
        if production is None:
            return self.random() < probability
        if self.boost and code(production) == self.boost:
            probability = max(probability, 0.6)
        if self.random() < probability:
            self.used.add(production)
            return True
        return False

    def odd(self, production: str, factor: float = 1.0) -> bool:
        """Whether something odd happens: rarely, and as often as this case is odd."""
        if production in self.shares and self.random() >= self.shares[production]:
            return False
        return self.chance(self.oddness * factor, production)

    def one(self, group: str, entries: tuple) -> str:
        """One of the names in `((name, weight), …)`."""
        names, tags, sums, total = _table(group, entries, self.boost)
        index = bisect(sums, self.random() * total)
        self.used.add(tags[index])
        return names[index]

    def sample(self, options: list, count: int) -> list:
        """Some of the options, in random order."""
        return self.rng.sample(options, min(count, len(options)))

    def flip_case(self, text: str) -> str:
        """A text in other case."""
        how = self.number(0, 3)
        if how == 0:
            return text.upper()
        if how == 1:
            return text.lower()
        if how == 2:
            return text[:1].swapcase() + text[1:]
        return "".join(c.swapcase() if self.random() < 0.3 else c for c in text)
