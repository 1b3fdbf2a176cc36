"""P5: What makes two elements of a list the same, and two values equal to their attribute.

Three keys, all hashable: `exact` (D10: nothing changed), `equal` (the attribute's own equality) and `identity`.
"""

import re
from collections import Counter
from decimal import Decimal

from .attributes import Attribute
from .documents import assigned, member
from .equality import equality_key
from .paths import lower

DETAILS = ("$ref", "type", "display", "displayName")
VERSION = re.compile(r"(^|/)v[0-9]+(?:\.[0-9]+)?/", re.ASCII)


def exact(value: object):
    """D10: A key of JSON values that ignores the order of lists, the case of names and what is unassigned."""
    if isinstance(value, str):
        return ("text", value)
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, int | Decimal):
        return ("number", value)
    if isinstance(value, dict):
        return ("object", frozenset((lower(name), exact(inner)) for name, inner in value.items() if assigned(inner)))
    if isinstance(value, list):
        return ("list", frozenset(Counter(exact(inner) for inner in value if assigned(inner)).items()))
    return ("nothing",)


def unchanged(attribute: Attribute, one: object, other: object) -> bool:
    """D10, P12a: Whether nothing changed; the values of a secret list are in an order, whatever they are."""
    return exact(one) == exact(other) and _secret_lists(attribute, one) == _secret_lists(attribute, other)


def _secret_lists(attribute: Attribute, value: object) -> list:
    """P12a: The secret lists within a complex value, or within the elements of a list, in their order."""
    elements = value if isinstance(value, list) else [value]
    names = [sub.name for sub in attribute.sub_attributes if sub.multi_valued and (sub.secret or attribute.secret)]
    lists = ([part(element, name) for name in names] for element in elements if element is not None)
    return sorted(repr(inner) for found in lists for inner in found if isinstance(inner, list))


def equal(attribute: Attribute | None, value: object):
    """P5, P12: The key of an attribute's own equality (`caseExact`, instants, F16), for lists and complex values, too.

    `$ref`s that differ only by the version of the API are equal (P5c).
    """
    if isinstance(value, list):
        return ("list", frozenset(Counter(equal(attribute, inner) for inner in value if assigned(inner)).items()))
    if attribute is None:
        return exact(value)
    if attribute.is_complex:
        members = element_of(value)
        return ("object", frozenset(_parts(attribute, members)))
    if isinstance(value, dict):
        return exact(value)
    if isinstance(value, str) and attribute.name == "$ref":
        return ("text", VERSION.sub(r"\1", value, count=1))
    return equality_key(attribute, value)


def _parts(attribute: Attribute, members: dict, without: frozenset[str] = frozenset()):
    seen: set[str] = set()
    for name, inner in members.items():
        sub = attribute.sub(name)
        word = lower(name)
        if word in without or word in seen or not assigned(inner):
            continue
        seen.add(word)
        yield (word, equal(sub, inner))


def element_of(value: object) -> dict:
    """F17: A simple value that is stored in a complex attribute is its `value`."""
    return value if isinstance(value, dict) else {"value": value}


def part(element: object, name: str) -> object:
    """F14: A sub-attribute of an element, whatever the case of its name; None if it is unassigned."""
    value = member(element_of(element), name)
    return value if assigned(value) else None


def identity(attribute: Attribute, element: object):
    """P5: `value` for references, else `(value, type)`; without a `value` all but `primary`, readOnly and secrets."""
    if not attribute.is_complex:
        return equal(attribute, element)
    value = part(element, "value") if attribute.sub("value") else None
    if value is None:
        return ("whole", frozenset(_parts(attribute, element_of(element), _beside(attribute))))
    key = equal(attribute.sub("value"), value)
    if attribute.is_reference:
        return ("value", key)
    kind = part(element, "type") if attribute.sub("type") else None
    return ("value", key, None if kind is None else equal(attribute.sub("type"), kind))


def identities(attribute: Attribute, item: object) -> list:
    """P5, P12: The identities of an element that a client says, the one to look for first.

    A readOnly `value` or `type` that is sent names the stored element that has it: what a GET showed is the same
    element in the PUT that follows. If no stored element has it, the element is matched without it.
    """
    said = {} if attribute.secret else getattr(item, "read_only", {})  # P12a: a secret is never compared
    sent = {
        name: value for name, value in said.items() if name in ("value", "type") and not _is_secret(attribute, name)
    }
    sent = {name: value for name, value in sent.items() if _may_be(attribute.sub(name), value)}
    found = [identity(attribute, {**sent, **item})] if sent else []
    if len(sent) > 1:
        found.append(identity(attribute, {**item, "value": sent["value"]}))
    return [*found, identity(attribute, item)]


def _may_be(sub: Attribute, value: object) -> bool:
    """P5, D21: Whether a raw value can be that of a stored element: a list is not the single value."""
    if isinstance(value, list):
        return sub.multi_valued and all(_may_be(sub, inner) for inner in value if not isinstance(inner, list))
    return isinstance(value, str | bool | int | Decimal)


def value_identity(attribute: Attribute, element: object):
    """P14: The identity by `value` alone: an object that says no `type` names elements of every type."""
    return ("value", equal(attribute.sub("value"), part(element, "value")))


def _beside(attribute: Attribute) -> frozenset[str]:
    """What does not belong to the identity of an element without a `value`."""
    return frozenset({"primary", *(lower(sub.name) for sub in attribute.sub_attributes if sub.read_only or sub.secret)})


def unique(attribute: Attribute, items: list) -> list:
    """P5: Of simple values that are the same the first one stays."""
    found: dict = {}
    for item in items:
        found.setdefault(equal(attribute, item), item)
    return list(found.values())


def says_secret(attribute: Attribute, element: object) -> bool:
    """P12a: An added element that says a secret is never taken for one that is there."""
    return attribute.secret or any(
        sub.secret and part(element, sub.name) is not None for sub in attribute.sub_attributes
    )


def is_detail(attribute: Attribute, sub: Attribute) -> bool:
    """P5c: What follows from the `value` of a reference where the schema makes it immutable or readOnly."""
    return (
        attribute.is_reference
        and lower(sub.name) in {lower(name) for name in DETAILS}
        and sub.mutability in ("immutable", "readOnly")
    )


def is_list_for_single(attribute: Attribute, raw: object) -> bool:
    """P12, D21: A list does not say what is stored of a single value that only the provider sets."""
    return isinstance(raw, list) and not attribute.multi_valued


def names_secret(attribute: Attribute, raw: object) -> bool:
    """P12a: Whether a raw value says a secret sub-attribute, so that it is never compared with what is stored."""
    if isinstance(raw, list):
        return any(names_secret(attribute, inner) for inner in raw)
    return attribute.is_complex and any(
        (sub := attribute.sub(name)) is not None and sub.secret and assigned(value)
        for name, value in element_of(raw).items()
    )


def shown(attribute: Attribute, element: object) -> object:
    """P12a, D21: What a GET shows of a stored element: not its secrets."""
    if not any(sub.secret for sub in attribute.sub_attributes):
        return element
    return {name: value for name, value in element_of(element).items() if not _is_secret(attribute, name)}


def says_the_same(attribute: Attribute, stored: object, said: object) -> bool:
    """P12: Whether a value is the stored one by the attribute's own equality."""
    stored = spread_if_list(attribute, stored)
    said = spread_if_list(attribute, said)
    return equal(attribute, stored) == equal(attribute, said)


def says_part_of(attribute: Attribute, stored: object, said: object) -> bool:
    """D21, P12a: Whether all that a value says of a readOnly attribute is what is stored, in its shape."""
    if names_secret(attribute, said):
        return False
    if exact(stored) == exact(said):
        return True
    if attribute.multi_valued:
        if not isinstance(said, list):
            return False
        old = [element for element in spread_if_list(attribute, stored) if assigned(element)]
        return all(any(_names(attribute, element, item) for element in old) for item in said if assigned(item))
    return _within(attribute, spread_if_list(attribute, stored), spread_if_list(attribute, said))


def _names(attribute: Attribute, stored: object, said: object) -> bool:
    """Whether an element says nothing but what a stored one does: one without a `value` says all of it.

    What a GET showed has no secrets (P12a).
    """
    stored = shown(attribute, stored)
    if attribute.sub("value") is None or part(said, "value") is None:
        return equal(attribute, stored) == equal(attribute, said)
    return _within(attribute, stored, element_of(said))


def _is_secret(attribute: Attribute, name: str) -> bool:
    return (sub := attribute.sub(name)) is not None and sub.secret


def _within(attribute: Attribute, stored: object, said: object) -> bool:
    if not attribute.is_complex:
        return equal(attribute, stored) == equal(attribute, said)
    if not isinstance(said, dict) or not isinstance(stored, dict):
        return False
    return all(
        part(stored, name) is not None
        and equal(attribute.sub(name), part(stored, name)) == equal(attribute.sub(name), value)
        for name, value in said.items()
        if assigned(value)
    )


def spread_if_list(attribute: Attribute, value: object) -> object:
    """D5: One value where a list is due is a list of one."""
    if attribute.multi_valued:
        return value if isinstance(value, list) else [] if value is None else [value]
    return value[0] if isinstance(value, list) and len(value) == 1 else value
