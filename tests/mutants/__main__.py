"""Tests a random sample of the mutants that cargo-mutants lists: `python -m tests.mutants --seed 1 --per-room 100`."""

from __future__ import annotations

import argparse
import collections
import dataclasses
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.weave import SWITCH, Mutant, Woven, load, weave

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "mutants"
TREE = WORK / "tree"
ROOMS = ("syntax", "schema", "filter", "coerce", "patch", "resource")
FEATURES = "cli,cursors"
# The cases of meaning that most probably catch a mutant of a room are run before all others.
CASES = {
    **dict.fromkeys(("syntax", "schema", "filter"), ("filter",)),
    **dict.fromkeys(("coerce", "patch", "resource"), ("patch", "resource", "doors")),
}
# Tests of the source itself, which sees the switches, and tests that say nothing of what the rooms do.
NOT_RUN = ("rooms", "scim_engine_bin")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-room", type=int, default=100, help="mutants of each room (100)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--tool", default="cargo-mutants", help="the path of cargo-mutants")
    parser.add_argument("--only", help="a regular expression: of the sample, only the mutants whose names it matches")
    args = parser.parse_args()
    sample = draw(args.tool, args.seed, args.per_room)
    if args.only:
        sample = [mutant for mutant in sample if re.search(args.only, mutant.name)]
    print(f"{len(sample)} mutants, seed {args.seed}", flush=True)
    alone, unviable = build(sample)
    kept = Kept()
    results = {mutant.id: "unviable" for mutant in unviable}
    results |= {mutant.id: kept.results[mutant.name] for mutant in sample if mutant.name in kept.results}
    left = [mutant for mutant in sample if mutant.id not in results]
    results |= Runner(args.jobs, kept).run([mutant for mutant in left if mutant not in alone])
    for mutant in left:
        if mutant in alone:
            results[mutant.id] = apart(mutant)
            kept.add(mutant, results[mutant.id])
    report(sample, results, args)


def draw(tool: str, seed: int, per_room: int) -> list[Mutant]:
    """A sample of each room, numbered."""
    globs = [arg for room in ROOMS for arg in ("-f", f"src/{room}.rs", "-f", f"src/{room}/**")]
    listing = subprocess.run(
        [tool, "mutants", "--list", "--json", *globs], cwd=ROOT, check=True, capture_output=True, text=True
    )
    mutants = load(listing.stdout, ROOT)
    sample = []
    for room in ROOMS:
        there = (mutant for mutant in mutants if mutant.room == room)
        sample += sorted(there, key=lambda mutant: lot(seed, mutant))[:per_room]
    return [dataclasses.replace(mutant, id=at) for at, mutant in enumerate(sample, 1)]


def lot(seed: int, mutant: Mutant) -> bytes:
    """What decides whether a mutant is drawn: the same for a mutant of a file that does not change."""
    return hashlib.sha256(f"{seed} {mutant.name}".encode()).digest()


def build(sample: list[Mutant]) -> tuple[list[Mutant], list[Mutant]]:
    """Weaves the sample into a copy of the crate, and leaves out the mutants with which it does not compile.

    The first list of the answer has those that compile by themselves, the second those that no test has to catch.
    """
    copy_tree()
    out: set[int] = set()
    wrong: set[int] = set()
    apart: list[Mutant] = []
    opaque = {mutant.id for mutant in sample if mutant.is_opaque}
    while True:
        regions: dict[str, Woven] = {}
        for file in sorted({mutant.file for mutant in sample}):
            here = [mutant for mutant in sample if mutant.file == file and mutant.id not in out]
            woven = weave((ROOT / file).read_bytes(), here)
            out |= {mutant.id for mutant in woven.left_out}
            regions[file] = woven
            replace_file(TREE / file, woven.text)
        replace_file(TREE / "src/lib.rs", (TREE / "src/lib.rs").read_bytes() if "src/lib.rs" in regions else library())
        in_branch, beside = faults(regions)
        if not in_branch | beside:
            break
        print(f"{len(in_branch | beside)} mutants do not compile", flush=True)
        out |= in_branch | beside
        # An error in the branch of a mutant is one without the weaving, too, unless its type depends on the rest.
        wrong |= in_branch - opaque
    unviable = [mutant for mutant in sample if mutant.id in wrong]
    for mutant in (mutant for mutant in sample if mutant.id in out - wrong):
        original = (TREE / mutant.file).read_bytes()
        replace_file(TREE / mutant.file, mutant.applied((ROOT / mutant.file).read_bytes()))
        (apart if cargo("check", "--features", FEATURES, "--quiet").returncode == 0 else unviable).append(mutant)
        replace_file(TREE / mutant.file, original)
    print(f"{len(unviable)} do not compile, {len(apart)} are built apart", flush=True)
    return apart, unviable


def library() -> bytes:
    return (ROOT / "src/lib.rs").read_bytes() + SWITCH.encode()


def copy_tree() -> None:
    """Copies what git knows of the crate; the build folder of an earlier run stays."""
    for name in tracked():
        (TREE / name).parent.mkdir(parents=True, exist_ok=True)
        replace_file(TREE / name, (ROOT / name).read_bytes())


def tracked(*folders: str) -> list[str]:
    """The files that git knows."""
    listing = subprocess.run(["git", "ls-files", "-z", *folders], cwd=ROOT, check=True, capture_output=True, text=True)
    return sorted(name for name in listing.stdout.split("\0") if (ROOT / name).is_file())


def replace_file(path: Path, text: bytes) -> None:
    """Writes a file if it changes, so that cargo does not build again what is unchanged."""
    if not path.exists() or path.read_bytes() != text:
        path.write_bytes(text)


def cargo(*args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "CARGO_TARGET_DIR": str(WORK / "build"),
        "RUSTFLAGS": "--cap-lints warn -C debuginfo=0",
        # The tests run hundreds of times, with debug assertions as in CI.
        "CARGO_PROFILE_DEV_OPT_LEVEL": "1",
        **variables,
    }
    return subprocess.run(["cargo", *args, "--locked"], cwd=TREE, env=environment, capture_output=True, text=True)


def faults(woven: dict[str, Woven]) -> tuple[set[int], set[int]]:
    """The mutants to which the compiler's errors belong: with an error in their branch, and with one beside it."""
    answer = cargo("check", "--lib", "--features", FEATURES, "--message-format=json")
    in_branch: set[int] = set()
    beside: set[int] = set()
    if answer.returncode == 0:
        return in_branch, beside
    for line in answer.stdout.splitlines():
        message = json.loads(line).get("message")
        if not message or message["level"] != "error" or not message["spans"]:
            continue
        for span in spans(message):
            file = woven.get(span["file_name"])
            if file is None:
                continue
            if inner := innermost(file.branches, span):
                in_branch |= inner
                break
            if inner := innermost(file.originals, span):
                beside |= inner
                break
        else:
            print(message["rendered"], file=sys.stderr)
    if not in_branch | beside:
        sys.exit(answer.stderr[-3000:] or "the woven crate does not compile")
    return in_branch, beside


def innermost(regions: list[tuple[int, int, int]], span: dict) -> set[int]:
    """The mutants of the smallest region that holds the place of an error."""
    inside = [
        (end - start, mutant)
        for start, end, mutant in regions
        if start <= span["byte_start"] and span["byte_end"] <= end
    ]
    return {mutant for size, mutant in inside if size == min(inside)[0]}


def spans(message: dict) -> list[dict]:
    """The places of an error, the main ones first."""
    own = sorted(message["spans"], key=lambda span: not span["is_primary"])
    return own + [span for child in message["children"] for span in child["spans"]]


def apart(mutant: Mutant) -> str:
    """Builds and tests a mutant that cannot be woven."""
    for file in TREE.glob("src/**/*.rs"):
        source = (ROOT / file.relative_to(TREE)).read_bytes()
        replace_file(file, mutant.applied(source) if file == TREE / mutant.file else source)
    for name, path in test_binaries():
        if run(path, 0, 300.0)[0] != "passed":
            return name
    return "survived"


def test_binaries() -> list[tuple[str, str]]:
    """The names and paths of the compiled tests."""
    answer = cargo("test", "--no-run", "--features", FEATURES, "--message-format=json")
    if answer.returncode:
        sys.exit(answer.stderr[-3000:])
    found = []
    for line in answer.stdout.splitlines():
        entry = json.loads(line)
        if (
            entry.get("profile", {}).get("test")
            and entry.get("executable")
            and "example" not in entry["target"]["kind"]
        ):
            name = entry["target"]["name"]
            if "bin" in entry["target"]["kind"]:
                name += "_bin"
            if name.replace("-", "_") not in NOT_RUN:
                found.append((name, entry["executable"]))
    return [examples(), *found]


def examples() -> tuple[str, str]:
    """The examples of the documentation, compiled into one program, which an unstable option of rustdoc keeps."""
    folder = WORK / "examples"
    shutil.rmtree(folder, ignore_errors=True)
    keep = f"--cap-lints warn -Zunstable-options --persist-doctests {folder}"
    answer = cargo("test", "--doc", "--features", FEATURES, RUSTC_BOOTSTRAP="1", RUSTDOCFLAGS=keep)
    programs = list(folder.glob("merged_doctest*/rust_out"))
    if answer.returncode or len(programs) != 1:
        sys.exit(answer.stderr[-3000:] or f"expected one program of examples in {folder}")
    return "examples", str(programs[0])


def run(path: str, mutant: int, limit: float, *only: str) -> tuple[str, float]:
    """Runs compiled tests until one fails, which the harness does not do by itself. `only` has parts of their names."""
    start = time.monotonic()
    environment = os.environ | {
        "SCIM_ENGINE_MUTANT": str(mutant),
        "CARGO_MANIFEST_DIR": str(TREE),
        "RUST_BACKTRACE": "0",
    }
    with subprocess.Popen(
        [path, *only],
        cwd=TREE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        errors="replace",
    ) as tests:
        clock = threading.Timer(limit, tests.kill)
        clock.start()
        if any(line.rstrip().endswith("... FAILED") for line in tests.stdout):
            tests.kill()
        code = tests.wait()
        clock.cancel()
    # A process that was killed has a negative code, as one that overflowed its stack has.
    return ("passed" if code == 0 else "failed"), time.monotonic() - start


class Kept:
    """What earlier runs found, so that a run that was stopped can go on.

    A mutant that was caught stays caught while its file is the same, and one that survived while the tests are, too.
    """

    def __init__(self) -> None:
        self.files = {name: digest(name) for name in tracked("src")}
        self.tests = digest(*(name for name in tracked("src", "tests") if not name.endswith(".py")))
        self.path = WORK / "results.jsonl"
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        kept = [json.loads(line) for line in lines]
        self.results = {name: result for name, result, key in kept if key == self.key(name, result)}
        print(f"{len(self.results)} results of earlier runs", flush=True)

    def key(self, name: str, result: str) -> str:
        return self.tests if result == "survived" else self.files.get(name.split(":")[0], "")

    def add(self, mutant: Mutant, result: str) -> None:
        with self.path.open("a") as out:
            out.write(json.dumps([mutant.name, result, self.key(mutant.name, result)]) + "\n")


def digest(*names: str) -> str:
    """The hash of files."""
    text = hashlib.sha256()
    for name in names:
        text.update(f"{name}\0".encode() + (ROOT / name).read_bytes())
    return text.hexdigest()[:16]


class Runner:
    """Runs the compiled tests, the quickest first, until one fails."""

    def __init__(self, jobs: int, kept: Kept) -> None:
        self.jobs = jobs
        self.kept = kept
        self.binaries = []
        for name, path in test_binaries():
            outcome, seconds = run(path, 0, 3600.0)
            if outcome != "passed":
                sys.exit(f"the tests of `{name}` fail without a mutant: {path}")
            self.binaries.append((seconds, name, path))
        # The cases of meaning catch most mutants, so they come before all that is not quicker by far.
        self.binaries.sort(key=lambda entry: (entry[0] > 0.5 and entry[1] != "conformance", entry[0]))
        print("tests:", ", ".join(f"{name} {seconds:.1f} s" for seconds, name, _ in self.binaries), flush=True)

    def run(self, mutants: list[Mutant]) -> dict[int, str]:
        results = {}
        start = time.monotonic()
        with ThreadPoolExecutor(self.jobs) as pool:
            for done, (mutant, result) in enumerate(zip(mutants, pool.map(self.one, mutants), strict=True), 1):
                results[mutant.id] = result
                self.kept.add(mutant, result)
                if result == "survived":
                    print("survived:", mutant.name, flush=True)
                if done % 20 == 0:
                    print(f"{done}/{len(mutants)} mutants, {time.monotonic() - start:.0f} s", flush=True)
        return results

    def one(self, mutant: Mutant) -> str:
        for seconds, name, path in self.binaries:
            limit = 10 + 10 * seconds
            if name == "conformance" and run(path, mutant.id, limit, *CASES[mutant.room])[0] != "passed":
                return name
            if run(path, mutant.id, limit)[0] != "passed":
                return name
        return "survived"


def report(sample: list[Mutant], results: dict[int, str], args: argparse.Namespace) -> None:
    lines = [
        f"# Mutants: seed {args.seed}, {args.per_room} of each room",
        "",
        "| room | sample | viable | caught | % |",
        "|---|---|---|---|---|",
    ]
    rows = collections.Counter()
    for mutant in sample:
        result = results[mutant.id]
        for room in (mutant.room, "all"):
            rows[room, "sample"] += 1
            rows[room, "viable"] += result != "unviable"
            rows[room, "caught"] += result not in ("unviable", "survived")
    for room in (*ROOMS, "all"):
        viable, caught = rows[room, "viable"], rows[room, "caught"]
        share = 100 * caught / max(viable, 1)
        lines.append(f"| {room} | {rows[room, 'sample']} | {viable} | {caught} | {share:.1f} |")
    lines += [
        "",
        "Caught first by: "
        + ", ".join(f"{name} {n}" for name, n in collections.Counter(results.values()).most_common()),
        "",
    ]
    lines += ["Survivors:", ""]
    lines += [f"- {mutant.id}: {mutant.name}" for mutant in sample if results[mutant.id] == "survived"]
    text = "\n".join(lines) + "\n"
    (WORK / "report.md").write_text(text)
    (WORK / "results.json").write_text(
        json.dumps([dataclasses.asdict(m) | {"result": results[m.id]} for m in sample], indent=1)
    )
    print(text)


main()
