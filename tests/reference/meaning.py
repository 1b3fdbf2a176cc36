"""The tables of docs/MEANING.md, and the notation of their examples."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .documents import load

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r'\| <a id="\w+"></a>(\w+) \| (.*) \| (.*) \|')
CODE = re.compile(r"`([^`]*)`")
STOCK = load((ROOT / "tests" / "conformance" / "stock.json").read_text())


@dataclass(frozen=True)
class Line:
    """A line of an example: its text with a `·` for every code, and the codes."""

    text: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """The example of a rule; its setting is a first line such as `User:`, `strict:` or `cursors: true`:."""

    id: str
    section: str
    setting: Line | None
    lines: tuple[Line, ...]


@lru_cache
def examples() -> dict[str, Example]:
    """Every example of the page by the id of its rule."""
    found: dict[str, Example] = {}
    section = ""
    for text in (ROOT / "docs" / "MEANING.md").read_text().splitlines():
        if text.startswith("## "):
            section = text[3:]
        elif match := ROW.fullmatch(text):
            lines = [_line(part) for part in match[3].split("<br>")]
            setting = lines.pop(0) if lines[0].text.endswith(":") else None
            found[match[1]] = Example(match[1], section, setting, tuple(lines))
    return found


def _line(text: str) -> Line:
    return Line(CODE.sub("·", text.strip()), tuple(urns(code) for code in CODE.findall(text)))


def urns(text: str) -> str:
    """`<User>` stands for the URN."""
    return re.sub(r"<(\w+)>", lambda match: STOCK["urns"].get(match[1], match[0]), text)


def value(text: str) -> object:
    """A JSON value of an example; `$user` is a stock resource, and `{"$with": "$user", …}` one with a change."""
    if text.startswith("$"):
        return stock(text)
    found = load(text)
    if isinstance(found, dict) and "$with" in found:
        changes = {name: inner for name, inner in found.items() if name != "$with"}
        merged = {**stock(found["$with"]), **changes}
        return {name: inner for name, inner in merged.items() if inner is not None}
    return found


def stock(name: str) -> dict:
    """`$user`: a resource of stock.json."""
    return load(urns_of_json(STOCK["resources"][name[1:]]))


def urns_of_json(resource: object) -> str:
    return urns(json.dumps(resource, default=str))


def settings(line: Line | None) -> tuple[str | None, dict[str, object]]:
    """The resource type (or "strict") that a setting names, and its options."""
    if line is None:
        return None, {}
    word = re.match(r"\w*", line.text)[0] or None
    options = {}
    for code in line.codes:
        name, _, text = code.partition(": ")
        options[name] = load(text)
    return word, options


def pairs(codes: tuple[str, ...]) -> dict[str, object]:
    """`count: 5`, `ignored: ["debug"]` as a mapping."""
    return {name: load(text) for name, _, text in (code.partition(": ") for code in codes)}
