#!/usr/bin/env python3
"""The docstrings of the stub `python/scim_engine/_engine.pyi`, which are those of the compiled module.

    python tools/stub.py           # writes them
    python tools/stub.py --check   # fails if they differ, and names the items

The documentation is written once, as doc comments in src/python, which become `__doc__` and the text of `help()`. The
rest of the stub is written by hand: signatures, types, and the text of the module and its constants, which Python does
not keep. A class describes the arguments of its constructor, because a docstring of `__new__` would not be shown. Needs
only the standard library, and the module, built from this tree and installed.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from refused import Refused, finish

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "python" / "scim_engine" / "_engine.pyi"
MODULE = "scim_engine._engine"
WIDTH = 120

Item = ast.ClassDef | ast.FunctionDef


@dataclass(frozen=True)
class Edit:
    """What the lines from `start` to before `end` should be, for the docstring of an item."""

    name: str
    start: int
    end: int
    lines: list[str]


def items(stub: ast.Module) -> Iterator[tuple[str, Item]]:
    """The classes, functions, methods and properties of the stub, in its order."""
    for node in stub.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    yield f"{node.name}.{member.name}", member


def documentation(module: ModuleType, name: str) -> str:
    """The text that `help()` shows for an item; empty if there is none."""
    try:
        item = operator.attrgetter(name)(module)
    except AttributeError:
        raise Refused(f"`{name}` is in {FILE.name} and not in the installed module") from None
    return inspect.cleandoc(item.__doc__ or "")


def edits(module: ModuleType, text: str) -> list[Edit]:
    """The docstring of every item, where it is to stand."""
    lines = text.split("\n")
    found: list[Edit] = []
    seen: set[str] = set()
    bare = []
    for name, node in items(ast.parse(text)):
        special = node.name.startswith("__") and node.name.endswith("__")
        if node.name.startswith("_") and not special:
            continue
        # Special methods have the text of Python's protocol. Of several overloads, the first has the text.
        told = not special and name not in seen
        said = documentation(module, name) if told else ""
        if told and not said:
            bare.append(f"`{name}`")
        found.append(edit(name, node, said, lines))
        seen.add(name)
    if bare:
        raise Refused(f"{', '.join(bare)} in src/python must have a doc comment")
    return found


def edit(name: str, node: Item, said: str, lines: list[str]) -> Edit:
    body, margin = node.body[0], " " * (node.col_offset + 4)
    written = literal(name, said, margin) if said else []
    # The line before that of the body is the end of the header, unless a body of `...` is in the header's line.
    start, end = first_line(body) - 1, body.end_lineno or body.lineno
    if ast.get_docstring(node) is not None:
        if said:
            return Edit(name, start, end, written)
        if len(node.body) > 1:
            return Edit(name, start, end, [])
        # A function without a docstring is in one piece with the next.
        end += lines[end] == "" and end + 1 < len(lines)
        return Edit(name, start - 1, end, [f"{lines[start - 1]} ..."])
    if not said:
        return Edit(name, start, start, [])
    if isinstance(body, ast.Expr) and isinstance(body.value, ast.Constant) and body.value.value is ...:
        header = lines[start][:-3].rstrip()
        space = [""] if lines[end] else []
        return Edit(name, start, end, [*([header] if header else []), *written, *space])
    return Edit(name, start, start, [*written, ""])


def first_line(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, ast.ClassDef | ast.FunctionDef) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def literal(name: str, said: str, margin: str) -> list[str]:
    """The lines of a docstring, laid out as ruff leaves it. No line is wrapped."""
    if '"""' in said:
        raise Refused(f'the doc comment of `{name}` must not have `"""`')
    raw = "r" if "\\" in said else ""
    opening = f'{margin}{raw}"""'
    lines = [f"{margin}{line}" if line else "" for line in said.split("\n")]
    if len(lines) == 1 and said[0] != '"' and said[-1] not in '"\\' and len(opening) + len(said) + 3 <= WIDTH:
        return [f'{opening}{said}"""']
    if said[0] == '"' or len(opening) + len(lines[0]) - len(margin) > WIDTH:
        return [opening, *lines, f'{margin}"""']
    return [opening + lines[0].lstrip(), *lines[1:], f'{margin}"""']


def differing(edits: list[Edit], lines: list[str]) -> list[Edit]:
    return [edit for edit in edits if lines[edit.start : edit.end] != edit.lines]


def write(module: ModuleType, text: str) -> str:
    """The stub with the docstrings of the module."""
    lines = text.split("\n")
    for edit in sorted(differing(edits(module, text), lines), key=lambda edit: (edit.start, edit.end), reverse=True):
        lines[edit.start : edit.end] = edit.lines
    return "\n".join(lines)


def check(module: ModuleType, text: str) -> None:
    names = dict.fromkeys(edit.name for edit in differing(edits(module, text), text.split("\n")))
    if names:
        named = ", ".join(f"`{name}`" for name in names)
        raise Refused(f"{FILE.name} does not have the docstrings of {named}; `make stub` writes them")


def main(arguments: list[str]) -> None:
    text = FILE.read_bytes().decode("utf-8")
    try:
        module = importlib.import_module(MODULE)
    except ImportError as missing:
        raise Refused(f"the module cannot be imported: {missing}") from missing
    if arguments == ["--check"]:
        check(module, text)
    else:
        FILE.write_bytes(write(module, text).encode("utf-8"))


if __name__ == "__main__":
    finish(main, usage=__doc__, accepted=[[], ["--check"]])
