"""The commands that run filters: `scim-engine`, jq and jaq."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import machine
from workers import Command, Contender

SLOW = 10_000
"""The most documents for jq and jaq."""


def jq_programs(thirty: list[str]) -> dict[str, str]:
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    name = "(.userName | ascii_downcase)"
    is_employee = '((.userType // "" | ascii_downcase) == "employee")'
    is_work = '((.type // "" | ascii_downcase) == "work")'
    at_example = '(.value // "" | ascii_downcase | contains("@example.org"))'
    conditions = {
        "equality": f'{name} == "bjensen@example.com"',
        "conjunction": f'(.title // "") != "" and {is_employee}',
        "value path": f"{is_employee} and any(.emails[]; {is_work} and {at_example})",
        # All dates of the documents are in UTC and in one format.
        "date": '.meta.lastModified >= "2024-06-01T00:00:00Z" and .active != false',
        "extension": f'(.["{enterprise}"].department // "" | ascii_downcase) == "engineering"',
        "miss": f'{name} == "nobody.of.that.name@nowhere.example"',
        "or30": f"{name} as $name | any({json.dumps(thirty)}[]; . == $name)",
    }
    return {task: f"select({condition}) | .id" for task, condition in conditions.items()}


def contenders(
    root: Path, corpus: Path, few: Path, numbers: dict[str, int], filters: dict[str, str]
) -> tuple[list[Contender], dict[str, str], dict[str, str]]:
    """The available commands, the reasons why others are missing, and versions."""
    found: list[Contender] = []
    missing: dict[str, str] = {}
    versions: dict[str, str] = {}
    every = len(numbers)

    def add(name: str, kind: str, documents: int, command: Command, threads: int = 1) -> None:
        found.append(Contender(name, kind, "text", threads, documents, command, 0))

    def of_document(line: str) -> str:
        return str(json.loads(line)["id"])

    def filtering(program: str, threads: int, piped: bool) -> Callable[[str, Path, bool], list[str]]:
        def arguments(task: str, file: Path, count: bool) -> list[str]:
            options = ["--count"] if count else []
            files = [] if piped else [f"--threads={threads}", str(file)]
            return [program, "filter", *options, filters[task], *files]

        return arguments

    ours = root / "target/release/scim-engine"
    if ours.exists():
        for threads, more in ((1, ""), (2, ", 2 threads")):
            command = Command(filtering(str(ours), threads, False), corpus, numbers, of_document)
            add(f"`scim-engine filter` on a file{more}", "ours", every, command, threads)
        piped = Command(filtering(str(ours), 1, True), corpus, numbers, of_document, through_pipe=True)
        add("`scim-engine filter` on standard input", "ours", every, piped)
    else:
        missing["`scim-engine filter`"] = "was not built"

    programs = jq_programs([json.loads(term.split(" eq ")[1]) for term in filters["or30"].split(" or ")])

    def of_program(program: str) -> Callable[[str, Path, bool], list[str]]:
        return lambda task, file, _count: [program, "-c", programs[task], str(file)]

    for name, program in (("jq", shutil.which("jq")), ("jaq", str(root / "target/bench/tools/bin/jaq"))):
        if program is None or not Path(program).exists():
            missing[name] = "is not on this machine"
            continue
        versions[name] = machine.said(program, "--version").split("-")[-1].split(" ")[-1]
        command = Command(of_program(program), few, numbers, lambda line: str(json.loads(line)))
        add(name, "peer", min(every, SLOW), command)
    return found, missing, versions
