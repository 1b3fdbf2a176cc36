"""Makes the case of a difference smaller while a difference of the same kind stays."""

import re
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

from .jsontext import dumps, loads
from .kinds import GROUP_URN, USER_URN, expanded

TOKENS = re.compile(r'[Uu][Rr][Nn]:[\w.:-]*:(?=[\w$])|"(?:[^"\\]|\\.)*"|[\w$-]+|\s+|.', re.DOTALL)
LONG = 12


def shrink(case: dict, still: Callable[[dict], bool], seconds: float = 1.0) -> dict:
    """The smallest case found within some time for which `still` holds."""
    deadline = time.monotonic() + seconds
    case = {**case, "kind": expanded(case["kind"])}
    improved = True
    while improved and time.monotonic() < deadline:
        improved = False
        for candidate in _smaller_cases(case):
            if time.monotonic() > deadline:
                break
            if still(candidate):
                case = candidate
                improved = True
                break
    return case


def _smaller_cases(case: dict) -> Iterator[dict]:
    """Cases that are a little smaller: large steps first."""
    for name in ("cursors", "default_count", "max_count", "attributes", "excluded"):
        if name in case:
            yield {other: value for other, value in case.items() if other != name}
    if "follow" in case:
        yield {name: value for name, value in case.items() if name not in ("follow", "tail")}
        for smaller in _smaller(case["follow"]):
            yield {**case, "follow": smaller}
    if case["options"]:
        yield {**case, "options": {}}
    if case["kind"] != "User":
        yield _as_user(case)
    for name in (
        "documents",
        "resources",
        "filter",
        "query",
        "resource",
        "old",
        "new",
        "body",
        "attributes",
        "excluded",
    ):
        if name in case:
            for smaller in _smaller(case[name]):
                if not _lost(case[name], smaller):
                    yield {**case, name: smaller}
    for smaller in _smaller(case["options"], shape=True):
        yield {**case, "options": smaller}
    if isinstance(case["kind"], dict):
        for smaller in _smaller_kinds(case["kind"]):
            yield {**case, "kind": smaller}


def _as_user(case: dict) -> dict:
    """The case with User for its resource type, and with the URN of User for that of the type."""
    kind = case["kind"]
    urn = GROUP_URN if kind == "Group" else USER_URN if kind == "ANY" else kind["schema"]["id"]
    rest = {name: value for name, value in case.items() if name != "kind"}
    return {"kind": "User", **loads(dumps(rest).replace(urn, USER_URN))}


def _lost(value: object, smaller: object) -> bool:
    """Whether `schemas` has become another one: the lack of it would be a difference of its own."""
    return isinstance(value, dict) and "schemas" in value and smaller.get("schemas") != value["schemas"]


def _smaller_kinds(kind: dict) -> Iterator[dict]:
    extensions = kind["extensions"]
    for index in range(len(extensions)):
        yield {**kind, "extensions": extensions[:index] + extensions[index + 1 :]}
    for attributes in _smaller_attributes(kind["schema"]["attributes"]):
        yield {**kind, "schema": {**kind["schema"], "attributes": attributes}}
    for index, extension in enumerate(extensions):
        for attributes in _smaller_attributes(extension["attributes"]):
            changed = {**extension, "attributes": attributes}
            yield {**kind, "extensions": [*extensions[:index], changed, *extensions[index + 1 :]]}


def _smaller_attributes(attributes: list) -> Iterator[list]:
    for index, attribute in enumerate(attributes):
        yield attributes[:index] + attributes[index + 1 :]
        for name in attribute:
            if name not in ("name", "type", "subAttributes", "multiValued"):
                changed = {other: value for other, value in attribute.items() if other != name}
                yield [*attributes[:index], changed, *attributes[index + 1 :]]
        for subs in _smaller_attributes(attribute.get("subAttributes", [])):
            yield [*attributes[:index], {**attribute, "subAttributes": subs}, *attributes[index + 1 :]]


def _smaller(value: object, *, shape: bool = False) -> Iterator[object]:
    """Values that are a little smaller; with `shape` only members and items are left out."""
    if isinstance(value, dict):
        names = list(value)
        if len(names) > 3:
            half = len(names) // 2
            yield {name: value[name] for name in names[half:]}
            yield {name: value[name] for name in names[:half]}
        for name in names:
            yield {other: member for other, member in value.items() if other != name}
        for name in names:
            for smaller in _smaller(value[name], shape=shape):
                yield {**value, name: smaller}
            if not shape:
                for smaller in _smaller_text(name):
                    if smaller not in value:
                        yield {(smaller if other == name else other): member for other, member in value.items()}
    elif isinstance(value, list):
        if len(value) > 3:
            half = len(value) // 2
            yield value[half:]
            yield value[:half]
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
        for index, item in enumerate(value):
            for smaller in _smaller(item, shape=shape):
                yield [*value[:index], smaller, *value[index + 1 :]]
    elif shape:
        return
    elif isinstance(value, str):
        yield from _smaller_text(value)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool) and value not in (0, 1):
        yield 1
        if isinstance(value, Decimal):
            yield Decimal("1.5")


def _smaller_text(text: str) -> Iterator[str]:
    """Texts without some tokens; short words become `a`."""
    tokens = TOKENS.findall(text)
    if len(tokens) == 1:
        if len(text) > LONG:
            yield text[: len(text) // 2]
        if text[:1] == '"':
            if len(text) > 3:
                yield '"a"'
        elif len(text) > 1 and text.isalpha() and text.isascii() and text.islower():
            yield "a"
        elif 1 < len(text) <= LONG:
            for index in range(len(text)):
                yield text[:index] + text[index + 1 :]
        return
    yield from _terms(tokens)
    if text.isascii() and text.count(":") > 2 and " " not in text and "[" not in text:
        return
    size = len(tokens) // 2
    while size:
        for start in range(0, len(tokens) - size + 1, max(1, size // 4)):
            if size > 1 or tokens[start] != " ":
                yield "".join(tokens[:start] + tokens[start + size :])
        size = size // 2 if size > 16 else size - 1
    for index, token in enumerate(tokens):
        if len(token) > 3 and token[0] == '"' and token != '"a"':
            yield "".join([*tokens[:index], '"a"', *tokens[index + 1 :]])


def _terms(tokens: list[str]) -> Iterator[str]:
    """Texts with one side of an `and` or `or`, without a term, or without a pair of brackets."""
    joints = [index for index, token in enumerate(tokens) if token.lower() in ("and", "or")]
    for index in joints:
        yield "".join(tokens[index + 1 :]).strip()
        yield "".join(tokens[:index]).strip()
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token in ("(", "["):
            opened.append(index)
        elif token in (")", "]") and opened:
            start = opened.pop()
            if token == ")":
                yield "".join(tokens[:start] + tokens[start + 1 : index] + tokens[index + 1 :])
                yield "".join(tokens[start + 1 : index])
            for joint in joints:
                if start < joint < index:
                    yield "".join(tokens[: start + 1] + tokens[joint + 1 :]).strip()
                    yield "".join(tokens[:joint] + tokens[index:]).strip()
