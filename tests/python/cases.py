"""The conformance cases with their shorthands expanded. tests/common/cases.rs does the same in Rust.

Imports only the standard library, and not `scim_engine`, because the formatter of the cases imports this file, too.
"""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "conformance"
STOCK = json.loads((FOLDER / "stock.json").read_text(encoding="utf-8"))
URNS = {f"<{name}>": urn for name, urn in STOCK["urns"].items()}
PATCH_OP = STOCK["urns"]["PatchOp"]
# Files without cases: resources, schemas, and the data that doors.py reads.
NOT_CASES = ("stock.json", "schemas/", "doors/table/")
# Members for people, in which nothing is expanded.
PROSE = {"name", "rows", "kind", "why", "note"}


def text(written):
    """Replaces abbreviations such as `<User>` by their URNs."""
    if "<" in written:
        for short, urn in URNS.items():
            written = written.replace(short, urn)
    return written


def numbered(value, i):
    if isinstance(value, str):
        return value.replace("{i}", str(i))
    if isinstance(value, list):
        return [numbered(element, i) for element in value]
    if isinstance(value, dict):
        return {name: numbered(member, i) for name, member in value.items()}
    return value


def changed(value, change):
    """Applies a JSON Merge Patch: objects are merged, `null` removes, everything else is replaced."""
    if not isinstance(value, dict) or not isinstance(change, dict):
        return change
    result = {**value, **{name: changed(value.get(name), member) for name, member in change.items()}}
    return {name: member for name, member in result.items() if name not in change or change[name] is not None}


def written_out(value):
    """A value without shorthands."""
    if isinstance(value, str):
        name = value[1:] if value.startswith("$") else None
        return written_out(STOCK["resources"][name]) if name in STOCK["resources"] else text(value)
    if isinstance(value, list):
        elements = []
        for element in value:
            if isinstance(element, dict) and "$repeat" in element:
                item = written_out(element["item"])
                elements.extend(numbered(item, i) for i in range(element["$repeat"]))
            else:
                elements.append(written_out(element))
        return elements
    if isinstance(value, dict):
        members = {text(name): written_out(member) for name, member in value.items() if name != "$with"}
        return changed(written_out(value["$with"]), members) if "$with" in value else members
    return value


def expand(case):
    """A case without shorthands."""
    found = {}
    for name, value in case.items():
        if name == "ops":
            found["body"] = {"schemas": [PATCH_OP], "Operations": written_out(value)}
        else:
            found[name] = value if name in PROSE else written_out(value)
    return found


def read(file):
    """A file of the folder, without expansion."""
    return json.loads((FOLDER / file).read_text(encoding="utf-8"))


def files():
    """The names of all files of cases, sorted. A name is a path without the extension: `patch/values`."""
    found = (path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json"))
    return sorted(name[: -len(".json")] for name in found if not name.startswith(NOT_CASES))


def load(file):
    """The cases of a file."""
    return [expand(case) for case in read(f"{file}.json")]


def meaning(*kinds):
    """The examples of docs/MEANING.md that have one of these kinds."""
    return [case for case in load("meaning") if case["kind"] in kinds]
