#!/usr/bin/env python3
"""Formats the conformance cases, and writes the examples of docs/MEANING.md from them.

    python3 tests/conformance/format.py           # writes
    python3 tests/conformance/format.py --check   # fails if there is something to write

A value that fits in 120 columns is written on one line. A PATCH request that has only operations becomes `ops`; the
URNs of stock.json become `<User>`, `<Enterprise>` and so on. Needs only the standard library.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "python"))

import cases  # noqa: E402
import page  # noqa: E402

WIDTH = 120
# The first and the last members of a case. All others are between them, in their own order.
FIRST = ["name", "rows", "kind", "type", "tolerance", "options", "settings", "limits"]
LAST = ["canonical", "expect", "changed", "changes", "repairs", "error"]
# Texts without abbreviations, because their macros, encoding and layout matter.
AS_WRITTEN = {"template", "text", "corrected_text", "body_text", "query"}
# Texts without abbreviations in a case that gives the byte of an error.
COUNTED = {"filter", "path", "span"}
ABBREVIATIONS = [(re.compile(re.escape(urn) + r"(?![A-Za-z0-9])"), short) for short, urn in cases.URNS.items()]


class Number(str):
    """A number as it was written: `1.0` is not `1`."""

    __slots__ = ()


def members_once(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"a name stands twice: {names}")
    return dict(pairs)


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def parse(text):
    return json.loads(text, object_pairs_hook=members_once, parse_int=Number, parse_float=Number, parse_constant=refuse)


def escaped(c, is_plain):
    if is_plain and c.isprintable():
        return c
    if not c.isprintable() or unicodedata.combining(c) or unicodedata.normalize("NFC", c) != c:
        units = c.encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))
    return c


def quoted(text):
    """A JSON string. Invisible characters, and characters that are not in NFC, are escaped."""
    is_plain = unicodedata.is_normalized("NFC", text)
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(short.get(c) or escaped(c, is_plain) for c in text) + '"'


def compact(value):
    """A value on one line."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(name)}: {compact(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(compact, value)) + "]"
    return json.dumps(value)


def fits(text, column):
    """Whether a text that begins at a column fits on the line, with a comma after it."""
    return column + len(text) + 1 <= WIDTH


def filled(parts, indent):
    """Joins parts with commas, as many on a line as fit. After a part of several lines a new line begins."""
    lines, line = [], ""
    for part in (f"{part}," for part in parts):
        if line and ("\n" in part or indent + len(f"{line} {part}") > WIDTH):
            lines.append(line)
            line = ""
        line = f"{line} {part}" if line else part
        if "\n" in part:
            lines.append(line)
            line = ""
    return "\n".join(" " * indent + line for line in [*lines, *filter(None, [line])])[:-1]


def laid_out(value, indent, column):
    """The text of a value that begins at a column. `indent` is that of the line on which it begins."""
    text = compact(value)
    if fits(text, column) or not value or not isinstance(value, (dict, list)):
        return text
    inner = indent + 2
    if isinstance(value, dict):
        body = filled([member_text(name, member, inner) for name, member in value.items()], inner)
        return "{\n" + body + "\n" + " " * indent + "}"
    parts = [laid_out(element, inner, inner) for element in value]
    if any(isinstance(element, (dict, list)) for element in value):
        body = ",\n".join(" " * inner + part for part in parts)
    else:
        body = filled(parts, inner)
    return "[\n" + body + "\n" + " " * indent + "]"


def member_text(name, member, indent):
    start = f"{quoted(name)}: "
    return start + laid_out(member, indent, indent + len(start))


def case_text(case):
    """The text of a case: its head, then each member on lines of its own."""
    text = compact(case)
    if fits(text, 2):
        return "  " + text
    head = [member_text(name, case[name], 4) for name in case if name in FIRST]
    rest = ["    " + member_text(name, case[name], 4) for name in case if name not in FIRST]
    # The join adds the comma after the head.
    return "  {\n" + ",\n".join([filled(head, 4), *rest]) + "\n  }"


def file_text(found):
    return "[\n" + ",\n".join(map(case_text, found)) + "\n]\n" if found else "[]\n"


def abbreviated(value, skipped):
    if isinstance(value, Number):
        return value
    if isinstance(value, str):
        for urn, short in ABBREVIATIONS:
            value = urn.sub(short, value)
        return value
    if isinstance(value, list):
        return [abbreviated(element, skipped) for element in value]
    if isinstance(value, dict):
        return {
            abbreviated(name, skipped): member if name in skipped else abbreviated(member, skipped)
            for name, member in value.items()
        }
    return value


def tidied(case):
    """The same case with abbreviations, and its members in the standard order."""
    body = case.get("body")
    if (
        isinstance(body, dict)
        and list(body) == ["schemas", "Operations"]
        and body["schemas"]
        in (
            [cases.PATCH_OP],
            ["<PatchOp>"],
        )
    ):
        case = {("ops" if name == "body" else name): member for name, member in case.items()}
        case["ops"] = body["Operations"]
    error = case.get("error")
    skipped = AS_WRITTEN | (COUNTED if isinstance(error, dict) and "at" in error else set())
    middle = [name for name in case if name not in FIRST and name not in LAST]
    order = [name for name in [*FIRST, *middle, *LAST] if name in case]
    return {name: case[name] if name in skipped | cases.PROSE else abbreviated(case[name], skipped) for name in order}


def outputs():
    """The path and the formatted text of each file."""
    examples = {}
    for name in cases.files():
        path = FOLDER / f"{name}.json"
        try:
            found = parse(path.read_text(encoding="utf-8"))
        except ValueError as error:
            sys.exit(f"{path}: {error}")
        found = [tidied(case) for case in found]
        if name == "meaning":
            examples.update((case["name"], case) for case in found)
        yield path, file_text(found)
    path = FOLDER.parents[1] / "docs" / "MEANING.md"
    yield path, page.with_examples(path.read_text(encoding="utf-8"), examples, compact)


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    is_check = bool(arguments)
    wrong = []
    for path, text in outputs():
        if path.read_bytes() == text.encode():
            continue
        wrong.append(path)
        if not is_check:
            path.write_bytes(text.encode())
    if is_check and wrong:
        names = "\n".join(f"  {path.relative_to(FOLDER.parents[1])}" for path in wrong)
        sys.exit(f"not as `python3 tests/conformance/format.py` writes them:\n{names}")


if __name__ == "__main__":
    main(sys.argv[1:])
