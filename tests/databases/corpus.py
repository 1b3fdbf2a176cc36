"""Writes the random hosts, filters and right answers as data, for a translator in any language.

python -m tests.databases.corpus --filters 1000 --documents 200 > corpus.jsonl

Each line is a host:

- `type`: the resource type: `User`, `Group`, or its schemas;
- `mapping`: where each attribute is, as `Host.said` gives it;
- `tables`: for each table its `columns` (name and type) and its `rows`;
- `filters`: the ids of the rows of `users` that each filter selects;
- `orders`: the ids in the order by each attribute, ascending and descending, equal ones by id.

A translator makes the tables, translates each filter by the mapping, and compares the ids. `Engine` in `engines.py` is
what one needs to be compared here.
"""

import argparse
import json
import sys
from urllib.parse import quote

import scim_engine as scim
from scim_engine import protocol
from tests.differential.jsontext import dumps
from tests.differential.kinds import BUILT_IN, expanded, own

from .__main__ import conformance, filter_of, host_of
from .host import Host

WAYS = ("ascending", "descending")


def data(host: Host, filters: list[scim.Filter]) -> dict:
    """A host with its answers, as data."""
    lines = "\n".join(dumps(shown) for shown in host.documents)
    return {
        "type": expanded(host.view.spec),
        "mapping": host.said(),
        "tables": {table.name: {"columns": table.columns(), "rows": table.rows} for table in host.tables()},
        "filters": {str(asked): [at for at, holds in enumerate(asked.mask(lines)) if holds] for asked in filters},
        "orders": {f"{path} {way}": found for path in host.paths for way in WAYS if (found := order(host, path, way))},
    }


def order(host: Host, path: str, way: str) -> list[int] | None:
    """The ids in an order; `None` if the attribute has none."""
    places = {id(shown): at for at, shown in enumerate(host.documents)}
    try:
        query = protocol.ListQuery(f"sortBy={quote(path)}&sortOrder={way}", host.kind)
    except scim.ScimError:
        return None
    return [places[id(shown)] for shown in query.sort(host.documents)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--filters", type=int, default=1000)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--kinds", type=int, default=3, help="resource types of random schemas")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for view in (BUILT_IN["User"], BUILT_IN["Group"], *(own(given.seed, number) for number in range(given.kinds))):
        host = host_of(view, given.seed, given.documents)
        numbers = range(given.filters)
        made = [filter_of(view, given.seed, number, host.documents) for number in numbers]
        cases = conformance(view) if view.key in BUILT_IN else []
        json.dump(data(host, [*cases, *(asked for asked in made if asked is not None)]), sys.stdout)
        print()


if __name__ == "__main__":
    main()
