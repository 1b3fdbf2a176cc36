"""scim_engine compared with scim2-models, scim2-filter-parser and code written by hand.

    python -m venv .venv-bench
    .venv-bench/bin/pip install -r benches/python/requirements.txt .
    cargo run --release --manifest-path benches/peers/Cargo.toml --bin corpus target/bench 20000
    .venv-bench/bin/python benches/python/bench.py [--json FILE] [--quick]

The works of a row are measured in turns, so that other load on the machine affects all of them; the clock is the
processor time of this thread. A ratio is the median over the rounds of the other's time divided by ours: above 1, ours
is faster. A filter is left out, with a message, if a peer cannot read it or answers differently.
"""

from __future__ import annotations

import argparse
import copy
import gc
import itertools
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from by_hand import PREDICATES
from data import FILTERS, requests, users
from scim2_filter_parser.lexer import SCIMLexer
from scim2_filter_parser.parser import SCIMParser
from scim2_models import EnterpriseUser, Group, PatchOp, User
from scim2_models.path.filter import ScimFilter

import scim_engine as scim

Work = Callable[[], Any]
Model = User[EnterpriseUser]

OURS = "scim_engine"
BY_HAND = "by hand"
MODELS = "scim2-models"
FILTER_PARSER = "scim2-filter-parser"


def times_for(work: Work, seconds: float) -> int:
    """The number of runs that take about this many seconds."""
    times = 1
    while True:
        start = time.thread_time()
        for _ in range(times):
            work()
        took = time.thread_time() - start
        if took > seconds / 2 or times > 1 << 22:
            return max(1, round(times * seconds / took))
        times *= 2


def seconds(work: Work, times: int) -> float:
    repeat = itertools.repeat(None, times)
    start = time.thread_time()
    for _ in repeat:
        work()
    return (time.thread_time() - start) / times


class Bench:
    def __init__(self, rounds: int, piece: float) -> None:
        self.rounds = rounds
        self.piece = piece
        self.rows: list[dict[str, Any]] = []

    def row(self, name: str, works: dict[str, Work], per: int = 1, aims: dict[str, float] | None = None) -> None:
        """Measures works in turns; `per` is the number of documents in one run. An aim is the lowest ratio wanted."""
        gc.collect()
        gc.disable()
        times = {label: times_for(work, self.piece) for label, work in works.items()}
        samples: dict[str, list[float]] = {label: [] for label in works}
        for turn in range(self.rounds):
            labels = list(works) if turn % 2 == 0 else list(reversed(works))
            for label in labels:
                samples[label].append(seconds(works[label], times[label]) / per)
        gc.enable()
        ours = samples[OURS]
        for label, theirs in samples.items():
            if label == OURS:
                continue
            ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
            quarter = len(ratios) // 4
            aim = (aims or {}).get(label)
            ratio = statistics.median(ratios)
            row = {
                "work": name,
                "beside": label,
                "ours_seconds": min(ours),
                "theirs_seconds": min(theirs),
                "ratio": ratio,
                "quartiles": [ratios[quarter], ratios[-1 - quarter]],
                "aim": aim,
                "met": None if aim is None else ratio >= aim,
            }
            self.rows.append(row)
            print(line(row), flush=True)


def human(value: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


HEAD = "| work | ours, fastest | compared with | fastest | ratio, median | quartiles | aim |\n|" + "---|" * 7


def line(row: dict[str, Any]) -> str:
    low, high = row["quartiles"]
    aim = ""
    if row["aim"] is not None:
        aim = f"≥ {row['aim']:g}: {'met' if row['met'] else 'missed'}"
    return (
        f"| {row['work']} | {human(row['ours_seconds'])} | {row['beside']} | {human(row['theirs_seconds'])} "
        f"| **{row['ratio']:.2f}** | {low:.2f} to {high:.2f} | {aim} |"
    )


def peers_read(text: str) -> dict[str, Work]:
    """The parsers of the peers that can read the text."""
    works: dict[str, Work] = {
        MODELS: lambda: ScimFilter[Model](text),
        FILTER_PARSER: lambda: SCIMParser().parse(SCIMLexer().tokenize(text)),
    }
    readable = {}
    for label, work in works.items():
        try:
            work()
        except Exception as error:
            print(f"{label} cannot read `{text}`: {error}", file=sys.stderr)
        else:
            readable[label] = work
    return readable


def parsing(bench: Bench) -> None:
    for name, text in FILTERS.items():
        works: dict[str, Work] = {OURS: lambda text=text: scim.Filter(text, scim.USER)}
        bench.row(f"parse and compile {name}", works | peers_read(text))


def matching(bench: Bench, people: list[dict[str, Any]]) -> None:
    few = people[:200]
    models = [Model.model_validate(user) for user in few]
    ndjson = b"\n".join(map(orjson.dumps, people))
    for name, text in FILTERS.items():
        ours, by_hand, theirs = scim.Filter(text, scim.USER), PREDICATES[name], ScimFilter[Model](text)
        matches = ours.matches
        expected = [user for user in people if by_hand(user)]
        if ours.select(people) != expected:
            raise SystemExit(f"{name}: by hand and by filter differ")
        hot = expected[0] if expected else people[0]
        hot_model = Model.model_validate(hot)
        works: dict[str, Work] = {
            OURS: lambda matches=matches, hot=hot: matches(hot),
            BY_HAND: lambda by_hand=by_hand, hot=hot: by_hand(hot),
        }
        agrees = [theirs.match(model) for model in models] == [by_hand(user) for user in few]
        if agrees:
            works[f"{MODELS}, ready model"] = lambda theirs=theirs, model=hot_model: theirs.match(model)
            works[f"{MODELS}, from dict"] = lambda theirs=theirs, hot=hot: theirs.match(Model.model_validate(hot))
        else:
            print(f"{MODELS} answers {name} differently", file=sys.stderr)
        aims = {BY_HAND: 1 / 0.8, f"{MODELS}, from dict": 50.0}
        bench.row(f"match {name}, one dict", works, aims=aims)

        cold: dict[str, Work] = {
            OURS: lambda ours=ours: ours.select(people),
            BY_HAND: lambda by_hand=by_hand: [user for user in people if by_hand(user)],
        }
        bench.row(f"match {name}, {len(people):,} dicts", cold, per=len(people), aims={BY_HAND: 1 / 1.4})

        text_of_hot = orjson.dumps(hot)
        as_bytes: dict[str, Work] = {
            OURS: lambda matches=matches, text=text_of_hot: matches(text),
            f"orjson and {BY_HAND}": lambda by_hand=by_hand, text=text_of_hot: by_hand(orjson.loads(text)),
        }
        bench.row(f"match {name}, one document as bytes", as_bytes, aims={f"orjson and {BY_HAND}": 5.0})

        lines: dict[str, Work] = {
            OURS: lambda ours=ours: ours.scan(ndjson),
            f"{OURS}, trusted": lambda ours=ours: ours.scan(ndjson, trusted=True),
            f"orjson and {BY_HAND}": lambda by_hand=by_hand: [
                line for line in ndjson.splitlines() if by_hand(orjson.loads(line))
            ],
        }
        if len(ours.scan(ndjson)) != sum(map(by_hand, people)):
            raise SystemExit(f"{name}: the scan of lines finds other documents")
        bench.row(f"match {name}, {len(people):,} lines", lines, per=len(people), aims={f"orjson and {BY_HAND}": 5.0})


def patching_a_user(bench: Bench, user: dict[str, Any], body: dict[str, Any]) -> None:
    text = orjson.dumps(body)
    ready = scim.Patch(body, scim.USER)

    def with_models() -> dict[str, Any]:
        model = Model.model_validate(user)
        PatchOp[Model].model_validate(body).patch(model)
        return model.model_dump()

    ours, theirs = ready.apply(user).resource, with_models()
    same = all(ours[name] == theirs[name] for name in ("active", "emails", "phoneNumbers", "name"))
    if not same:
        raise SystemExit("scim2-models ends with another user")
    whole: dict[str, Work] = {
        OURS: lambda: scim.Patch(body, scim.USER).apply(user).resource,
        MODELS: with_models,
        "copy.deepcopy of the user": lambda: copy.deepcopy(user),
    }
    bench.row("PATCH a user, four operations, dict to dict", whole, aims={MODELS: 50.0})
    works: dict[str, Work] = {
        OURS: lambda: scim.Patch(text, scim.USER).apply(user).resource,
        MODELS: lambda: PatchOp[Model].model_validate_json(text).patch(Model.model_validate(user)),
    }
    bench.row("PATCH a user, request as bytes", works, aims={MODELS: 50.0})
    parsed = PatchOp[Model].model_validate(body)
    works = {
        OURS: lambda: ready.apply(user).resource,
        f"{MODELS}, ready models": lambda: parsed.patch(Model.model_validate(user)),
    }
    bench.row("PATCH a user, request parsed before", works)


def patching_a_group(bench: Bench, data: dict[str, Any]) -> None:
    group, body, removal = data["group"], data["requests"]["add_one"], data["requests"]["remove_100"]
    members = len(group["members"])
    (new,) = body["Operations"][0]["value"]
    removed = {group["members"][position]["value"] for position in data["positions"]}

    def by_hand() -> dict[str, Any]:
        found = any(member["value"].lower() == new["value"] for member in group["members"])
        return group if found else {**group, "members": [*group["members"], new]}

    def with_models() -> dict[str, Any]:
        model = Group.model_validate(group)
        PatchOp[Group].model_validate(body).patch(model)
        return model.model_dump()

    def ours() -> dict[str, Any]:
        return scim.Patch(body, scim.GROUP).apply(group).resource

    if len(ours()["members"]) != members + 1 or len(with_models()["members"]) != members + 1:
        raise SystemExit("the member was not added")
    bench.row(f"group of {members:,}: add one, dict to dict", {OURS: ours, BY_HAND: by_hand, MODELS: with_models})

    def remove_by_hand() -> dict[str, Any]:
        gone = set(removed)
        return {**group, "members": [member for member in group["members"] if member["value"].lower() not in gone]}

    def remove() -> dict[str, Any]:
        return scim.Patch(removal, scim.GROUP).apply(group).resource

    if remove()["members"] != remove_by_hand()["members"]:
        raise SystemExit("other members were removed")
    works = {OURS: remove, "a set and one pass": remove_by_hand}
    bench.row(f"group of {members:,}: {len(removed):,} removals, dict to dict", works)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument(
        "--json", type=Path, default=Path("target/bench-python.json"), help="where to write the figures"
    )
    options.add_argument("--quick", action="store_true", help="a few rounds, to check that it runs")
    args = options.parse_args()
    bench = Bench(rounds=3, piece=0.002) if args.quick else Bench(rounds=15, piece=0.02)
    people, data = users(2_000 if args.quick else 20_000), requests()
    print(f"\n{HEAD}")
    parsing(bench)
    matching(bench, people)
    patching_a_user(bench, data["user"], data["requests"]["patch_user"])
    patching_a_group(bench, data)
    machine = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    args.json.parent.mkdir(parents=True, exist_ok=True)
    args.json.write_text(json.dumps({"machine": machine, "rows": bench.rows}, indent=2, ensure_ascii=False) + "\n")
    print(f"\n{len(bench.rows)} ratios written to {args.json}")


if __name__ == "__main__":
    main()
