"""Random filters over the resources of a host, with the engine as the oracle."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._engine import Filter, ResourceType
from .._errors import InvalidFilter

_TEXT = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")
_ORDERED = ("eq", "ne", "gt", "ge", "lt", "le")
_OPERATORS = {"boolean": ("eq", "ne"), "binary": ("eq", "ne"), "integer": _ORDERED, "decimal": _ORDERED}
_LITERALS = {
    "boolean": (True, False),
    "integer": (0, 1, -1, 2**63, 9007199254740993),
    "decimal": (0, 0.1, -1.5, 1e300),
    "dateTime": (
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.5+02:00",
        "0001-01-01T00:00:00Z",
        "99999-12-31T24:00:00Z",
    ),
}
_TEXTS = ("", "a", "%", "_", "100%", "'", '"', "\\", "STRASSE", "straße", "İ", "\u017f", "\uff21", "😀", "a\0")

_COMMON: tuple[dict[str, Any], ...] = (
    {"name": "id"},
    {"name": "externalId"},
    {"name": "schemas", "multiValued": True},
    {
        "name": "meta",
        "type": "complex",
        "subAttributes": [
            {"name": "created", "type": "dateTime"},
            {"name": "lastModified", "type": "dateTime"},
            {"name": "resourceType"},
        ],
    },
)

Tree = tuple[Any, ...]
"""`("and" | "or", trees)`, `("not", tree)`, `("[]", path, tree)` or `("test", text)`."""


@dataclass(frozen=True)
class FilterCheck:
    """What `check_filters` tried."""

    filters: int
    """The filters that the host answered as the engine does."""
    split: int
    """Those of them that some resources satisfy and others do not."""
    refused: int
    """The filters that the host refused (`InvalidFilter`)."""


def check_filters(
    select: Callable[[Filter], Iterable[Hashable]],
    resources: Mapping[Hashable, Any],
    resource_type: ResourceType,
    count: int = 2000,
    *,
    seed: int = 0,
    attributes: Iterable[str] | None = None,
) -> FilterCheck:
    """Compares what a host selects with what the engine matches, on random filters.

    `select` answers a filter with the keys of the resources that match, in any order: a query of the host's database,
    however it is made. `resources` has the resources as the host shows them, by these keys. The literals of the filters
    are often values of the resources. `attributes` restricts the filters to some attributes (`emails`, `userName`).

    Raises `AssertionError` with the smallest filter that the host answers otherwise, and a resource that is missing or
    too many. A host may refuse a filter by raising `InvalidFilter`, as `Mapping.bind` does.

    >>> import scim_engine as scim
    >>> users = {1: {"userName": "ann"}, 2: {"userName": "bo", "title": "Guide"}}
    >>> def select(filter):
    ...     return [key for key, user in users.items() if filter.matches(user)]
    >>> check_filters(select, users, scim.USER, 100).filters
    100
    """
    chooser = random.Random(seed)
    wanted = None if attributes is None else {name.lower() for name in attributes}
    maker = _Maker(chooser, [*_attributes(resource_type, wanted)], list(resources.values()))
    unknown = (wanted or set()) - {attribute["name"].lower() for _, attribute in maker.attributes}
    if unknown or not maker.attributes:
        raise ValueError(f"there is no attribute `{min(unknown, default='')}` to ask for: name whole attributes")
    filters = split = refused = 0
    while filters + refused < count:
        tree = maker.tree(chooser.choice((0, 0, 1, 2, 3)))
        try:
            compiled = Filter(_text(tree), resource_type)
        except InvalidFilter:
            continue
        try:
            problem = _difference(compiled, select, resources)
        except InvalidFilter:
            refused += 1
            continue
        if problem:
            raise AssertionError(_smallest(tree, problem, select, resources, resource_type))
        filters += 1
        split += len({compiled.matches(resource) for resource in resources.values()}) == 2
    return FilterCheck(filters, split, refused)


def _difference(
    compiled: Filter, select: Callable[[Filter], Iterable[Hashable]], resources: Mapping[Hashable, Any]
) -> str | None:
    found = list(select(compiled))
    if len(set(found)) < len(found):
        return f"`{compiled}` selects {next(key for key in found if found.count(key) > 1)!r} more than once"
    right = {key for key, resource in resources.items() if compiled.matches(resource)}
    for what, keys in (("too many", set(found) - right), ("too few", right - set(found))):
        if keys:
            key = min(keys, key=str)
            shown = json.dumps(resources.get(key), default=str, ensure_ascii=False)
            number = f"{len(keys)} resource{'' if len(keys) == 1 else 's'}"
            return f"`{compiled}` selects {number} {what}: {key} {shown}"
    return None


def _smallest(
    tree: Tree,
    problem: str,
    select: Callable[[Filter], Iterable[Hashable]],
    resources: Mapping[Hashable, Any],
    resource_type: ResourceType,
) -> str:
    """The problem of the smallest part of a filter that has one."""
    for smaller in _smaller(tree):
        try:
            other = _difference(Filter(_text(smaller), resource_type), select, resources)
        except InvalidFilter:
            continue
        if other:
            return _smallest(smaller, other, select, resources, resource_type)
    return problem


def _smaller(tree: Tree) -> Iterator[Tree]:
    kind = tree[0]
    if kind in ("and", "or"):
        yield from tree[1]
        for at in range(len(tree[1])):
            rest = [*tree[1][:at], *tree[1][at + 1 :]]
            if len(rest) > 1:
                yield (kind, rest)
            for smaller in _smaller(tree[1][at]):
                yield (kind, [*tree[1][:at], smaller, *tree[1][at + 1 :]])
    elif kind == "not":
        yield tree[1]
        for smaller in _smaller(tree[1]):
            yield ("not", smaller)
    elif kind == "[]":
        for smaller in _smaller(tree[2]):
            yield ("[]", tree[1], smaller)


def _text(tree: Tree) -> str:
    match tree:
        case ("test", text):
            return str(text)
        case ("not", inner):
            return f"not ({_text(inner)})"
        case ("[]", path, inner):
            return f"{path}[{_text(inner)}]"
        case (word, terms):
            return f" {word} ".join(f"({_text(term)})" if term[0] in ("and", "or") else _text(term) for term in terms)
    raise ValueError(tree)


def _attributes(resource_type: ResourceType, wanted: set[str] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The attributes with their paths, and the common ones."""
    for attribute in _COMMON:
        if wanted is None or attribute["name"].lower() in wanted:
            yield attribute["name"], attribute
    schemas = [("", resource_type.schema), *((f"{schema['id']}:", schema) for schema in resource_type.extensions)]
    for prefix, schema in schemas:
        for attribute in schema["attributes"]:
            if wanted is None or attribute["name"].lower() in wanted:
                yield f"{prefix}{attribute['name']}", attribute


class _Maker:
    def __init__(self, chooser: random.Random, attributes: list[tuple[str, dict[str, Any]]], resources: list[Any]):
        self.chooser, self.attributes = chooser, attributes
        self.values: dict[str, list[Any]] = {}
        for resource in resources[:500]:
            self._collect(json.loads(json.dumps(resource, default=str)), "")

    def _collect(self, value: Any, name: str) -> None:
        if isinstance(value, dict):
            for member, inner in value.items():
                self._collect(inner, member.lower())
        elif isinstance(value, list):
            for inner in value:
                self._collect(inner, name)
        elif value is not None:
            self.values.setdefault(name, []).append(value)

    def tree(self, depth: int) -> Tree:
        which = self.chooser.random()
        if depth == 0 or which < 0.2:
            return self.test()
        if which < 0.45:
            return ("not", self.tree(depth - 1))
        terms = [self.tree(depth - 1) for _ in range(self.chooser.choice((2, 2, 3)))]
        return (self.chooser.choice(("and", "or")), terms)

    def test(self) -> Tree:
        path, attribute = self.chooser.choice(self.attributes)
        subs = attribute.get("subAttributes") or []
        if not subs or self.chooser.random() < 0.1:
            return ("test", self.compare(path, attribute))
        sub = self.chooser.choice(subs)
        if self.chooser.random() < 0.5:
            return ("test", self.compare(f"{path}.{sub['name']}", sub))
        terms = [("test", self.compare(one["name"], one)) for one in self.chooser.choices(subs, k=2)]
        inner: Tree = terms[0] if self.chooser.random() < 0.4 else (self.chooser.choice(("and", "or")), terms)
        return ("[]", path, ("not", inner) if self.chooser.random() < 0.3 else inner)

    def compare(self, path: str, attribute: dict[str, Any]) -> str:
        if attribute.get("type") == "complex" or self.chooser.random() < 0.15:
            return f"{path} pr" if self.chooser.random() < 0.6 else f"{path} {self.chooser.choice(('eq', 'ne'))} null"
        kind = attribute.get("type", "string")
        operator = self.chooser.choice(_OPERATORS.get(kind, _TEXT))
        return f"{path} {operator} {json.dumps(self.literal(attribute['name'].lower(), kind))}"

    def literal(self, name: str, kind: str) -> Any:
        stored = self.values.get(name)
        if not stored or self.chooser.random() < 0.3:
            return self.chooser.choice(_LITERALS.get(kind, _TEXTS))
        value = self.chooser.choice(stored)
        if isinstance(value, str) and kind not in ("dateTime", "boolean") and self.chooser.random() < 0.5:
            start = self.chooser.randrange(len(value) + 1)
            value = value[start : start + self.chooser.randrange(1, 5)]
            return value.swapcase() if self.chooser.random() < 0.5 else value
        return value
