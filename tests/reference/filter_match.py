"""What is read from a document for a filter, and how it is tested (F1-F4, F15, F17, D1-D6)."""

from collections.abc import Callable
from dataclasses import dataclass

from .attributes import Attribute
from .documents import assigned, member, present, spread, without_secrets
from .equality import instant, is_number, text_key

Test = Callable[[object], bool]
Read = Callable[[dict], list]


@dataclass(frozen=True)
class Step:
    """A name on the way from the document to a value; `known` if a schema spells it so (F14)."""

    name: str
    known: bool


@dataclass(frozen=True)
class Field:
    """Where values are: objects on the way (an extension's URN), the attribute, and perhaps a sub-attribute."""

    holders: tuple[Step, ...]
    attribute: Step | None
    sub: Step | None = None
    default_primary: bool = False  # F15: an absent `primary` is false
    simple_value: bool = False  # F17: a simple element answers to `value`


def elements(holders: tuple[Step, ...], attribute: Step | None) -> Read:
    """F1: Reads the assigned values of an attribute (None: of the holder itself) from a document."""
    steps = (*holders, attribute) if attribute else holders
    if len(steps) == 1:
        name, known = steps[0].name, steps[0].known
        return lambda document: spread(member(document, name, known))

    def read(document: dict) -> list:
        found: list = [document]
        for step in steps:
            found = [
                value
                for holder in found
                if isinstance(holder, dict)
                for value in spread(member(holder, step.name, step.known))
            ]
        return found

    return read


def sub_values(field: Field) -> Callable[[list], list]:
    """D1: The values of a sub-attribute: those of all elements that have one (F15, F17)."""
    name, known = field.sub.name, field.sub.known

    def read(found: list) -> list:
        values = []
        for element in found:
            if isinstance(element, dict):
                inner = spread(member(element, name, known))
            else:
                inner = [element] if field.simple_value else []
            values.extend(inner)
            if field.default_primary and not inner:
                values.append(False)
        return values

    return read


def values_of(field: Field) -> Read:
    """F1: Reads what a field holds; an empty list is the single value *nothing*."""
    read = elements(field.holders, field.attribute)
    if field.sub is None:
        return read
    inner = sub_values(field)
    return lambda document: inner(read(document))


def some(test: Test) -> Callable[[list], bool]:
    """F1: A comparison holds if any of the values satisfies it; no comparison holds of *nothing*."""
    return lambda values: any(map(test, values))


def some_not(test: Test) -> Callable[[list], bool]:
    """F2: `ne` is true of a value for which `eq` is false, and of *nothing*."""
    return lambda values: not values or not all(map(test, values))


def null_test(operator: str, subs: dict[str, Attribute]) -> Callable[[list], bool]:
    """F3, D3: `eq null` holds of an unassigned attribute, `ne null` of an assigned one; others never hold."""
    if operator == "eq":
        return lambda values: not any(assigned(without_secrets(value, subs)) for value in values)
    if operator == "ne":
        return lambda values: any(assigned(without_secrets(value, subs)) for value in values)
    return lambda values: False


def presence_test(subs: dict[str, Attribute]) -> Callable[[list], bool]:
    """F4, D2: `pr` holds if any value is present; secrets do not count (F13)."""

    def holds(values: list) -> bool:
        return any(present(without_secrets(value, subs)) for value in values)

    return holds


def value_test(attribute: Attribute | None, operator: str, literal: object) -> Callable[[list], bool]:
    """F2: The test of all values of a field; the literal has a type that the attribute can have, and is not null."""
    if operator == "ne":
        return some_not(single_test(attribute, "eq", literal))
    return some(single_test(attribute, operator, literal))


def single_test(attribute: Attribute | None, operator: str, literal: object) -> Test:
    """F5-F9, D6: The test of one value; a value of another type than the literal never satisfies it."""
    if isinstance(literal, bool):
        return (lambda value: value is literal) if operator == "eq" else _never
    if is_number(literal):
        compare = ORDER.get(operator)
        return (lambda value: is_number(value) and compare(value, literal)) if compare else _never
    if attribute is not None and attribute.type == "dateTime":
        return _instant_test(attribute, operator, literal)
    key = text_key(attribute, literal)
    compare = ORDER.get(operator) or SEARCH[operator]
    return lambda value: isinstance(value, str) and compare(text_key(attribute, value), key)


def _instant_test(attribute: Attribute, operator: str, literal: str) -> Test:
    """F7: dateTimes compare as instants, and are searched as texts; a stored text that is none satisfies nothing."""
    if operator in SEARCH:
        key, search = text_key(attribute, literal), SEARCH[operator]
        return lambda value: isinstance(value, str) and bool(instant(value)) and search(text_key(attribute, value), key)
    moment, compare = instant(literal), ORDER[operator]

    def holds(value: object) -> bool:
        stored = instant(value) if isinstance(value, str) else None
        return stored is not None and compare(stored, moment)

    return holds


def _never(value: object) -> bool:
    return False


ORDER: dict[str, Callable[[object, object], bool]] = {
    "eq": lambda one, other: one == other,
    "gt": lambda one, other: one > other,
    "ge": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "le": lambda one, other: one <= other,
}

SEARCH: dict[str, Callable[[str, str], bool]] = {
    "co": lambda text, part: part in text,
    "sw": str.startswith,
    "ew": str.endswith,
}
