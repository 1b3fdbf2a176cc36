"""The order of resources (RFC 7644 §3.4.2.3; Q6, Q20-Q22)."""

from collections.abc import Callable, Iterable

from .attributes import Attribute
from .documents import assigned, member
from .equality import instant, is_number, text_key
from .errors import Refused
from .filter_compile import SecretAttribute, find_target
from .filter_match import Field, Step, elements, sub_values
from .options import DEFAULT, Options
from .paths import PathError, lower
from .schema import ANY, Kind

ORDERS = ("ascending", "descending")

Key = tuple[int, int, object]
MISSING: Key = (1, 0, 0)


def sort(
    resources: Iterable[dict],
    sort_by: str,
    order: str = "ascending",
    kind: Kind | None = None,
    options: Options = DEFAULT,
) -> list[dict]:
    """Q22: Resources in order; equal ones keep theirs, in both directions."""
    return sorted(resources, key=sort_key(sort_by, kind, options), reverse=order == "descending")


def sort_key(sort_by: str, kind: Kind | None = None, options: Options = DEFAULT) -> Callable[[dict], Key]:
    """RFC 7644 §3.4.2.3: The key of a resource; one without a value is last if ascending and first if descending."""
    field, attribute = _sorted_by(sort_by, kind or ANY, options)
    read = _elements(field)
    inner = _sub_values(field) if field.sub else None

    def key(resource: dict) -> Key:
        found = read(resource)
        if inner is not None:
            primary = next((element for element in found if _is_primary(element)), None)
            found = inner([primary]) if primary is not None else inner(found)
        return next((place for value in found if (place := value_key(value, attribute)) is not MISSING), MISSING)

    return key


def _elements(field: Field) -> Callable[[dict], list]:
    """Q20: The values of an attribute that have an order, or elements; a list within the list is passed over."""
    if not field.holders or field.attribute is None:
        holders: Callable[[dict], list] = lambda resource: [resource]  # noqa: E731
    else:
        holders = elements(field.holders, None)
    step = field.attribute or field.holders[-1]

    def read(resource: dict) -> list:
        found = []
        for holder in holders(resource):
            value = member(holder, step.name, step.known) if isinstance(holder, dict) else None
            found.extend(value if isinstance(value, list) else [value])
        return [value for value in found if assigned(value) and not isinstance(value, list)]

    return read


def _sub_values(field: Field) -> Callable[[list], list]:
    """Q20: A list within an element has no order and is passed over."""
    one = sub_values(field)

    def read(found: list) -> list:
        return [
            value
            for element in found
            if not isinstance(element, dict) or not isinstance(member(element, field.sub.name, field.sub.known), list)
            for value in one([element])
        ]

    return read


def _sorted_by(sort_by: str, kind: Kind, options: Options) -> tuple[Field, Attribute | None]:
    """Q6: What to sort by; an attribute that the resource type does not have, or that has no order, is invalidValue."""
    try:
        target = find_target(sort_by, kind, options)
    except PathError as error:
        raise Refused("invalidValue", f"sortBy: {error}") from error
    except SecretAttribute:
        raise
    except Refused as error:
        raise Refused("invalidValue", f"sortBy: {error.detail}") from error
    if target.whole_schema:
        raise Refused("invalidValue", "sortBy: a whole extension has no order")
    if target.attribute is None or not target.attribute.is_complex:
        return target.field, target.attribute
    value = target.attribute.sub("value")
    if value is None:
        raise Refused("invalidValue", f"sortBy: {target.path} has no single order")
    if value.secret:
        raise SecretAttribute(target.path)
    simple = target.attribute.multi_valued
    field = Field(target.field.holders, target.field.attribute, Step(value.name, True), False, simple)
    return field, value


def _is_primary(element: object) -> bool:
    """Q21: The primary element counts."""
    return isinstance(element, dict) and any(
        lower(name) == "primary" and value is True for name, value in element.items()
    )


def value_key(value: object, attribute: Attribute | None) -> Key:
    """Q20: Values of several types sort as booleans, numbers, instants, texts."""
    if isinstance(value, bool):
        return (0, 0, value)
    if is_number(value):
        return (0, 1, value)
    if isinstance(value, str):
        moment = instant(value) if attribute is not None and attribute.type == "dateTime" else None
        return (0, 2, moment) if moment is not None else (0, 3, text_key(attribute, value))
    return MISSING
