"""The tree of a filter and its canonical text (T12, D7)."""

import json
from dataclasses import dataclass, field
from decimal import Decimal


class NotALiteral:
    """The value of an unquoted word that is no JSON literal (T9)."""

    def __repr__(self) -> str:
        return "<word>"


WORD = NotALiteral()

Value = str | bool | int | Decimal | None | NotALiteral


@dataclass(frozen=True)
class Literal:
    """A literal: its value, and its text as it is printed; `loose` says how it was read, if loosely."""

    value: Value
    text: str
    quoted: bool = False
    loose: str | None = field(default=None, compare=False)
    source: str | None = None  # with `bare_words`: the unquoted word, which is the text of a text attribute


@dataclass(frozen=True)
class Compare:
    path: str
    operator: str
    literal: Literal


@dataclass(frozen=True)
class Present:
    path: str


@dataclass(frozen=True)
class Brackets:
    """`path[inner]`; with a tail also `.sub op value` or `.sub pr` (T8, D9), whose path is the sub-attribute."""

    path: str
    inner: "Node"
    tail: Compare | Present | None = None


@dataclass(frozen=True)
class Not:
    inner: "Node"


@dataclass(frozen=True)
class And:
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Or:
    parts: tuple["Node", ...]


Node = Compare | Present | Brackets | Not | And | Or


def join(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    """D7: Parts joined by one operator; nested groups of the same operator are flattened."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def quote(text: str) -> Literal:
    """T4: A literal for a text."""
    return Literal(text, json.dumps(text, ensure_ascii=False), quoted=True)


def canonical(node: Node) -> str:
    """T12: The text with the fewest parentheses that parses back to the same tree."""
    match node:
        case Compare(path, operator, literal):
            return f"{path} {operator} {literal.text}"
        case Present(path):
            return f"{path} pr"
        case Brackets(path, inner, tail):
            return f"{path}[{canonical(inner)}]" + (f".{canonical(tail)}" if tail else "")
        case Not(inner):
            return f"not ({canonical(inner)})"
        case And(parts):
            return " and ".join(f"({canonical(p)})" if isinstance(p, Or) else canonical(p) for p in parts)
        case Or(parts):
            return " or ".join(canonical(part) for part in parts)
    raise TypeError(node)


def operators(node: Node) -> set[str]:
    """X2: The operators of comparisons, `pr`, `and`, `or` and `not` that a tree uses."""
    match node:
        case Compare(_, operator, _):
            return {operator}
        case Present():
            return {"pr"}
        case Brackets(_, inner, tail):
            return operators(inner) | (operators(tail) if tail else set())
        case Not(inner):
            return {"not"} | operators(inner)
        case And(parts) | Or(parts):
            word = "and" if isinstance(node, And) else "or"
            return {word}.union(*(operators(part) for part in parts))
    raise TypeError(node)


def equalities(node: Node) -> list[Compare] | None:
    """P8: The comparisons of a filter that is one `eq` or an `and` of `eq`s, else None."""
    parts = node.parts if isinstance(node, And) else (node,)
    if all(isinstance(part, Compare) and part.operator == "eq" for part in parts):
        return list(parts)
    return None
