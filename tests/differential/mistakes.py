"""Tells whether a request that both refuse, with different words, has several mistakes: then either may be named (P2).

It has if each can be taken away alone: without a part of the request both refuse it with the product's word (and
the product says what it said of the whole), and without another part both refuse it with the reference's word (and the
reference says what it said). What the law says of the order stays a difference: P2 (operations in order, texts before
all), R1 (keys before values).
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from . import oracle, product

ROUNDS = 4
Outcome = dict[str, object]


def several(operation: str, case: dict, ours: Outcome, theirs: Outcome) -> bool:
    """Whether the mistakes that both name are there, and no rule says which of them comes first."""
    if operation not in ("patch", "create", "replace") or not isinstance(case["body"], dict):
        return False

    def by_product(other: dict) -> Outcome:
        return getattr(product, operation)(other)["values"]

    def by_reference(other: dict) -> Outcome:
        return getattr(oracle, operation)(other)

    if operation == "patch" and ours["operation"] != theirs["operation"]:
        return False
    found = _alone(operation, case, ours, by_product, by_reference)
    if found is None or (operation != "patch" and found["early"] != theirs["early"]):
        return False
    return _alone(operation, case, theirs, by_reference, by_product) is not None


def _alone(operation: str, case: dict, named: Outcome, names: Callable, confirms: Callable) -> Outcome | None:
    """The outcome with which one confirms the mistake that the other names, in a part of the request."""
    heard: set[object] = set()
    for _ in range(ROUNDS):
        nearer = None
        for smaller in _smaller_cases(operation, case, named):
            outcome = names(smaller)
            if not _same(outcome, named):
                continue
            other = confirms(smaller)
            if other.get("refused") == named["refused"] and other["operation"] == named["operation"]:
                return other
            if nearer is None and "refused" in other and other["detail"] not in heard:
                heard.add(other["detail"])
                nearer = smaller
        if nearer is None:
            return None
        case = nearer
    return None


def _same(outcome: Outcome, named: Outcome) -> bool:
    return all(outcome.get(name) == named[name] for name in ("refused", "detail", "operation"))


def _smaller_cases(operation: str, case: dict, named: Outcome) -> Iterator[dict]:
    body = case["body"]
    for name in case["options"]:
        yield {**case, "options": {other: value for other, value in case["options"].items() if other != name}}
    if operation != "patch":
        yield {**case, "body": {**body, "schemas": oracle.urns(case)}}
        for smaller in _smaller(body):
            yield {**case, "body": smaller}
        return
    for key, operations in body.items():
        if key.lower() != "operations" or not isinstance(operations, list) or named["operation"] is None:
            for smaller in _smaller({key: operations}):
                yield {**case, "body": {name: smaller[name] if name == key else body[name] for name in body
                                        if name != key or name in smaller}}  # fmt: skip
            continue
        index = named["operation"]
        for smaller in _smaller(operations[index]):
            yield {**case, "body": {**body, key: [*operations[:index], smaller, *operations[index + 1 :]]}}
    for smaller in _smaller(case["resource"], depth=2):
        yield {**case, "resource": smaller}


def _smaller(value: object, depth: int = 9) -> Iterator[object]:
    """The value without one part, or with a plain value for one."""
    if depth and isinstance(value, dict):
        for name in value:
            yield {other: inner for other, inner in value.items() if other != name}
        for name, inner in value.items():
            for smaller in _smaller(inner, depth - 1):
                yield {**value, name: smaller}
    elif depth and isinstance(value, list):
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
        for index, inner in enumerate(value):
            for smaller in _smaller(inner, depth - 1):
                yield [*value[:index], smaller, *value[index + 1 :]]
    elif isinstance(value, str):
        yield "a"
    elif isinstance(value, bool):
        yield {}
        yield "a"
    elif isinstance(value, int | Decimal):
        yield 2
