"""Documents: JSON text (D28), members by name (F14), and what is assigned (Words) or present (F4, D2)."""

import json
from decimal import Decimal

from .attributes import Attribute
from .errors import Refused
from .paths import lower


def load(text: str) -> object:
    """D28: JSON text with numbers kept exactly; a byte order mark before it is passed over; the last name counts."""
    return json.loads(text.removeprefix("\ufeff"), parse_float=Decimal, parse_constant=_no_constant)


def _no_constant(name: str):
    raise ValueError(f"{name} is not JSON")


def document(resource: object) -> dict:
    """F18: The resource as an object; anything else is an error and not "no match"."""
    if isinstance(resource, str):
        try:
            resource = load(resource)
        except ValueError as error:
            raise Refused(None, f"the document is not JSON: {error}") from error
    if not isinstance(resource, dict):
        raise Refused(None, "a document is a JSON object")
    return resource


def member(holder: dict, name: str, known: bool = True) -> object:
    """F14: The value of a name in any case: the schema's spelling counts (if the name is known), else the first."""
    if known and name in holder:
        return holder[name]
    wanted = name.lower()
    for key, value in holder.items():
        if lower(key) == wanted:
            return value
    return None


def assigned(value: object) -> bool:
    """Words: not absent, `null`, `[]`, nor a complex value whose sub-attributes are all unassigned."""
    if isinstance(value, dict):
        return any(assigned(inner) for inner in value.values())
    if isinstance(value, list):
        return any(assigned(inner) for inner in value)
    return value is not None


def present(value: object) -> bool:
    """F4, D2: Assigned, and not of empty strings alone; `false` and `0` are present."""
    if isinstance(value, dict):
        return any(present(inner) for inner in value.values())
    if isinstance(value, list):
        return any(present(inner) for inner in value)
    return value is not None and value != ""


def spread(value: object) -> list:
    """D5: The assigned values that an attribute holds, whatever shape they are stored in."""
    if isinstance(value, list):
        found = []
        for inner in value:
            found.extend(spread(inner))
        return found
    return [value] if assigned(value) else []


def without_secrets(value: object, subs: dict[str, Attribute]) -> object:
    """F13, S1, Q14: A value without its secret members and without any `password` that no schema defines."""
    if isinstance(value, list):
        return [without_secrets(inner, subs) for inner in value]
    if not isinstance(value, dict):
        return None if "value" in subs and subs["value"].secret else value
    shown = {}
    for name, inner in value.items():
        attribute = subs.get(lower(name))
        if attribute.secret if attribute is not None else lower(name) == "password":
            continue
        shown[name] = without_secrets(inner, attribute.subs if attribute is not None else {})
    return shown
