"""Compares what databases select with what the engine matches.

python -m tests.databases --filters 5000 --documents 2000
"""

import argparse
import contextlib
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import scim_engine as scim
from scim_engine import protocol, sql
from tests.differential.chooser import Chooser
from tests.differential.documents import document
from tests.differential.filters import Maker
from tests.differential.jsontext import dumps
from tests.differential.kinds import BUILT_IN, View, own
from tests.differential.product import resource_type

from .engines import ALL, USUAL, Asked, Engine, JsonPath, MariaDb, PostgreSql, engines, with_json
from .host import FoldedHost, Host, JsonHost

ROOT = Path(__file__).resolve().parents[1]
EVERYTHING = scim.Filter("schemas pr")


def host_of(
    view: View, seed: int, documents: int, missing: frozenset[str] = frozenset(), made: type[Host] = Host
) -> Host:
    """A host with random resources."""
    host = made(view, resource_type(view.spec), missing)
    for number in range(documents):
        c = Chooser(f"rows:{view.key}:{seed}:{number}")
        c.oddness = min(c.oddness, 0.02)
        host.store(document(c, view))
    return host


def filter_of(view: View, seed: int, number: int, documents: list[dict]) -> scim.Filter | None:
    """A random filter for a resource type, whose literals are often those of its resources."""
    c = Chooser(f"where:{view.key}:{seed}:{number}")
    c.oddness = min(c.oddness, 0.02)
    some = [documents[c.number(0, len(documents) - 1)] for _ in range(5)]
    try:
        return scim.Filter(Maker(c, view, some).filter(), resource_type(view.spec))
    except scim.InvalidFilter:
        return None


def conformance(view: View) -> list[scim.Filter]:
    """The filters of the cases of meaning that a built-in resource type can answer."""
    found: dict[str, scim.Filter] = {}
    for file in sorted((ROOT / "conformance" / "filter").glob("*.json")):
        for case in json.loads(file.read_text(encoding="utf-8")):
            with contextlib.suppress(scim.InvalidFilter, KeyError):
                found[case["filter"]] = scim.Filter(case["filter"], resource_type(view.spec))
    return list(found.values())


@dataclass
class Run:
    """One comparison of all engines on one host."""

    host: Host
    engines: list[Engine]
    shown: int
    counts: Counter = field(default_factory=Counter)

    def fill(self) -> None:
        for engine in self.engines:
            engine.fill(self.host)
        self.lines = "\n".join(dumps(shown) for shown in self.host.documents)
        self.everything = self.host.mapping.bind(EVERYTHING)

    def filter(self, asked: scim.Filter) -> None:
        """A filter, and if the mapping cannot say it, its widest predicate with the residual."""
        wanted = [at for at, holds in enumerate(asked.mask(self.lines)) if holds]
        self.counts["filters"] += 1
        self.counts["filters that split the rows"] += 0 < len(wanted) < len(self.host.documents)
        try:
            where = self.host.mapping.bind(asked)
        except sql.BindError:
            self.counts["filters refused"] += 1
            widest = self.host.mapping.bind_widest(asked)
            assert widest.residual is not None
            self.check(Asked(asked, widest.candidates, is_widest=True), wanted)
            return
        self.check(Asked(asked, where), wanted)

    def order(self, path: str, descending: bool) -> None:
        """The order by an attribute, and the pages of 7 rows by keyset."""
        words = f"sortBy={quote(path)}&sortOrder={'descending' if descending else 'ascending'}"
        places = {id(shown): at for at, shown in enumerate(self.host.documents)}
        try:
            query = protocol.ListQuery(words, self.host.kind)
            order = self.host.mapping.order_by(query.order.path, descending=descending)
        except scim.ScimError:
            self.counts["orders refused"] += 1
            return
        self.counts["orders"] += 1
        wanted = [places[id(shown)] for shown in query.sort(self.host.documents)]
        asked = Asked(EVERYTHING, self.everything, order, path, descending)
        self.check(asked, wanted)
        if all(key["first_of"] is None and isinstance(key["source"], str) for key in order.keys):
            self.pages(asked, order, wanted)

    def pages(self, asked: Asked, order: sql.OrderBy, wanted: list[int]) -> None:
        """What follows a row, in each engine: its values are those that the tables have."""
        for at in range(0, len(wanted), max(1, len(wanted) // 5)):
            row = self.host.users.rows[wanted[at]]
            names = [name for name, _ in self.host.users.columns()]
            values = [row[names.index(key["source"])] for key in order.keys]
            self.counts["pages"] += 1
            self.check(replace(asked, where=order.after(values), after=values), wanted[at + 1 :])

    def check(self, asked: Asked, wanted: list[int]) -> None:
        for engine in self.engines:
            if isinstance(engine, MariaDb) or (isinstance(engine, JsonPath) and asked.after is not None):
                continue  # no text is written for the one; the key of the table is not in the copies of the other
            try:
                found = engine.ids(asked)
            except Exception as error:
                problem = f"{type(error).__name__}: {error}"[:400]
            else:
                if asked.is_widest:
                    self.counts["rows beyond the widest predicate"] += len(set(wanted) - set(found))
                    found = [at for at in found if asked.filter.matches(self.host.documents[at])]
                problem = "" if found == wanted else self.difference(wanted, found)
            if problem:
                self.counts[f"{engine.name} differs"] += 1
                if self.counts[f"{engine.name} differs"] <= self.shown:
                    print(f"\n{engine.name}: {asked}\n  {asked.where.sql(engine.name.rpartition('-')[2])}\n  {problem}")

    def difference(self, wanted: list[int], found: list[int]) -> str:
        for what, ids in (("missing", set(wanted) - set(found)), ("too many", set(found) - set(wanted))):
            if ids:
                return f"{len(ids)} {what}: {min(ids)} {json.dumps(self.host.documents[min(ids)], default=str)[:1500]}"
        at = next(at for at, (a, b) in enumerate(zip(wanted, found, strict=True)) if a != b)
        documents = [json.dumps(self.host.documents[ids[at]], default=str)[:700] for ids in (wanted, found)]
        return f"at {at}: {wanted[at]} {documents[0]}\n  and not {found[at]} {documents[1]}"


def compare(run: Run, view: View, seed: int, filters: int) -> Counter:
    """Asks all engines, and counts. Prints what differs."""
    run.fill()
    if view.key in BUILT_IN and not run.host.missing:
        for asked in conformance(view):
            run.filter(asked)
        refused = run.counts["filters refused"]
        assert not refused, f"{refused} filters of the cases are refused"
        run.counts = Counter({"filters of the cases": run.counts["filters"]})
    number = 0
    while run.counts["filters"] < filters:
        number += 1
        asked = filter_of(view, seed, number, run.host.documents)
        if asked is not None:
            run.filter(asked)
    if not run.host.missing:
        for path in run.host.paths:
            for descending in (False, True):
                run.order(path, descending)
    return run.counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filters", type=int, default=5000)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--kinds", type=int, default=20, help="resource types of random schemas")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engines", nargs="+", choices=ALL, default=USUAL)
    parser.add_argument("--shown", type=int, default=3, help="how many differences of an engine to print")
    given = parser.parse_args()
    asked = engines(given.engines)
    total: Counter = Counter()
    views = [(BUILT_IN["User"], given.filters, given.documents), (BUILT_IN["Group"], given.filters // 5, 500)]
    views += [(own(given.seed, number), given.filters // 25, 200) for number in range(given.kinds)]
    for view, filters, documents in views:
        begun = time.perf_counter()
        host = host_of(view, given.seed, documents)
        total += compare(Run(host, asked, given.shown), view, given.seed, filters)
        # The same rows, of which the mapping does not know a third of the attributes.
        c = Chooser(f"missing:{view.key}:{given.seed}")
        missing = frozenset(path for path in host.paths if c.chance(1 / 3))
        partial = host_of(view, given.seed, documents, missing)
        less = compare(Run(partial, asked, given.shown), view, given.seed + 1, filters // 5)
        total += Counter({f"{name}, with a third missing": count for name, count in less.items()})
        # The same rows, as documents.
        # The adapters are slower, and hand over the same conditions, so they get fewer.
        plain, adapters = with_json(asked)
        for what, made in (("in JSON", JsonHost), ("in folded copies", FoldedHost)):
            by_path = [JsonPath(one) for one in plain if isinstance(one, PostgreSql) and made is FoldedHost]
            parts = [([*plain, *by_path], documents, filters // 5)]
            if view.key in BUILT_IN:
                parts.append(([*plain, *adapters], documents // 5, filters // 50))
            for some, size, count in parts:
                kept = host_of(view, given.seed, size, made=made)
                found = compare(Run(kept, some, given.shown), view, given.seed + 2, count)
                total += Counter({f"{name}, {what}": number for name, number in found.items()})
        print(f"{view.key}: {filters} filters, {documents} resources, {time.perf_counter() - begun:.1f} s", flush=True)
    print()
    for name, count in sorted(total.items()):
        print(f"{count:8,}  {name}")
    # Filters that all rows satisfy, or none, compare little.
    if total["filters that split the rows"] * 2 < total["filters"]:
        print("less than half of the filters split the rows")
        return 1
    return 1 if any("differs" in name or "beyond" in name for name, count in total.items() if count) else 0


if __name__ == "__main__":
    sys.exit(main())
