"""Which ids of MEANING the code implements: the ids at the head of docstrings (`"F2: …"`, `"F4, D2: …"`)."""

import ast
import re
from pathlib import Path

from .meaning import examples

ID = re.compile(r"[A-Z][0-9]+[a-c]?")


def implemented() -> dict[str, list[str]]:
    """The functions and classes by the ids that their docstrings name."""
    found: dict[str, list[str]] = {}
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if file.name.startswith("test_"):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                for rule in ids_of(ast.get_docstring(node) or ""):
                    found.setdefault(rule, []).append(f"{file.name}:{node.name}")
    return found


def ids_of(docstring: str) -> set[str]:
    """The ids that a docstring names, a range such as E1-E7 included."""
    ids = {rule.upper() if rule[-1].isdigit() else rule for rule in ID.findall(docstring)}
    for letter, first, last in re.findall(r"([A-Z])([0-9]+)-[A-Z]([0-9]+)", docstring):
        ids |= {f"{letter}{number}" for number in range(int(first), int(last) + 1)}
    return ids


def main() -> None:
    found = implemented()
    for rule in examples():
        print(f"{rule:5} {', '.join(found.get(rule, ['-']))}")


if __name__ == "__main__":
    main()
