"""P18: The PATCH that makes one resource of another: `patch(diff(old, new))` gives `new`, in strict mode, too.

What only the provider sets, what no schema knows and the order of lists do not count. P18 does not ask for the shortest
PATCH. Here it is the one with the shortest JSON text among those that touch each attribute on its own: a list is either
replaced or changed element by element.
"""

import json
from collections.abc import Iterator
from decimal import Decimal

from .attributes import Attribute, Schema
from .changes import Change, changes
from .documents import assigned, member, spread
from .envelope import PATCH_OP
from .errors import Refused
from .filters import compile_brackets
from .identity import DETAILS, element_of, exact, identity, is_detail, part, says_the_same
from .options import Options
from .patch import kind_of, patch
from .schema import Kind
from .store import Place

STRICT = Options.strict()
EXACTLY = Options(tolerance={**STRICT.tolerance, "loose_references": True, "loose_base64": True})


def diff(old: dict, new: dict, kind: Kind | None = None) -> dict | None:
    """The body of the PATCH, or None if nothing differs that a client may change; ValueError if there is none."""
    kind = kind_of(new, kind)
    new = _with_stored(old, new, kind)
    operations = list(_operations(old, new, kind))
    result = _apply(operations, old, kind).resource if operations else old
    operations += _of_schemas(result, new, kind)
    if not operations:
        return None
    if _comparable(_apply(operations, old, kind).resource, kind) != _comparable(new, kind):
        raise ValueError("no PATCH makes the one of the other")
    return _body(operations)


def _with_stored(old: dict, new: dict, kind: Kind) -> dict:
    """P5c, P18: The new resource with what no request changes: details it does not mention, immutable spellings."""
    found = _holder(old, new, kind.core)
    for name, value in new.items():
        schema = kind.extension(name)
        if schema is not None and isinstance(value, dict):
            found[name] = _holder(_object(old, schema.id), value, schema)
    return found


def _holder(old: dict, new: dict, schema: Schema) -> dict:
    found = {}
    for name, value in new.items():
        attribute = schema.attribute(name)
        if attribute is not None:
            stored = member(old, attribute.name)
            value = _with_details(attribute, stored, value) if attribute.is_reference else value
            value = _spelled(attribute, stored, value)
        found[name] = value
    return found


def _spelled(attribute: Attribute, stored: object, value: object) -> object:
    """P18, P12: An immutable value that is equal to the stored one keeps its spelling."""
    if not assigned(stored) or not assigned(value):
        return value
    if attribute.mutability == "immutable":
        return stored if says_the_same(attribute, stored, value) else value
    if not attribute.is_complex:
        return value
    if isinstance(value, list):
        return [_spelled_element(attribute, spread(stored), element) for element in value]
    if attribute.is_reference and identity(attribute, stored) != identity(attribute, value):
        return value  # P5c: another value is another element
    return _spelled_parts(attribute, stored, value)


def _spelled_element(attribute: Attribute, stored: list, element: object) -> object:
    if any(exact(one) == exact(element) for one in stored):
        return element
    same = [one for one in stored if assigned(one) and identity(attribute, one) == identity(attribute, element)]
    return _spelled_parts(attribute, same[0], element) if same else element


def _spelled_parts(attribute: Attribute, stored: object, value: object) -> object:
    if not isinstance(value, dict):
        return value
    subs = {name: attribute.sub(name) for name in value}
    return {
        name: inner if subs[name] is None else _spelled(subs[name], part(stored, name), inner)
        for name, inner in value.items()
    }


def _with_details(attribute: Attribute, stored: object, value: object) -> object:
    """P5c: The stored details of a reference that does not mention them."""
    if isinstance(value, list):
        return [_detailed(element, spread(stored), attribute) for element in value]
    return _detailed(value, spread(stored), attribute)


def _detailed(element: object, stored: list, attribute: Attribute) -> object:
    if not isinstance(element, dict) or not assigned(part(element, "value")):
        return element
    same = [
        one for one in stored if isinstance(one, dict) and exact(part(one, "value")) == exact(part(element, "value"))
    ]
    details = {
        sub.name: part(same[0], sub.name)
        for sub in attribute.sub_attributes
        if same
        and (is_detail(attribute, sub) or (not attribute.multi_valued and sub.name in DETAILS))
        and not assigned(part(element, sub.name))
        and assigned(part(same[0], sub.name))
    }
    return {**element, **details}


def _body(operations: list[dict]) -> dict:
    return {"schemas": [PATCH_OP], "Operations": operations}


def _apply(operations: list[dict], old: dict, kind: Kind):
    try:
        return patch(_body(operations), old, kind, EXACTLY)
    except Refused as error:
        raise ValueError(f"no PATCH makes the one of the other: {error}") from error


def _comparable(resource: dict, kind: Kind):
    """The resource without what only the provider sets."""
    found = _settable(resource, kind.core)
    for name, value in resource.items():
        schema = kind.extension(name)
        if schema is not None:
            found[schema.id] = _settable(value, schema) if isinstance(value, dict) else None
    return exact(found)


def _settable(holder: dict, schema: Schema) -> dict:
    found = {}
    for name, value in holder.items():
        attribute = schema.attribute(name)
        if attribute is not None and not attribute.read_only:
            found[name] = _without_read_only(attribute, value)
    return found


def _without_read_only(attribute: Attribute, value: object) -> object:
    if isinstance(value, list):
        return [_without_read_only(attribute, inner) for inner in value]
    if not attribute.is_complex or not isinstance(value, dict):
        return value
    return {
        name: inner for name, inner in value.items() if (sub := attribute.sub(name)) is not None and not sub.read_only
    }


def _operations(old: dict, new: dict, kind: Kind) -> Iterator[dict]:
    for schema in (kind.core, *kind.extensions):
        urn = None if schema is kind.core else schema.id
        one = old if urn is None else _object(old, urn)
        other = new if urn is None else _object(new, urn)
        if urn is not None and assigned(_settable(one, schema)) and not assigned(_settable(other, schema)):
            yield {"op": "remove", "path": urn}
            continue
        for attribute in schema.attributes:
            if attribute.read_only or (urn is None and attribute.name == "schemas"):
                continue
            before, after = _value(one, attribute), _value(other, attribute)
            if exact(before) != exact(after):
                yield from _of_attribute(Place(urn, attribute), before, after, kind)


def _object(resource: dict, urn: str) -> dict:
    found = member(resource, urn)
    return found if isinstance(found, dict) else {}


def _value(holder: dict, attribute: Attribute) -> object:
    value = _without_read_only(attribute, member(holder, attribute.name))
    return value if assigned(value) else None


def _of_attribute(place: Place, old: object, new: object, kind: Kind) -> list[dict]:
    attribute = place.attribute
    if new is None:
        return [{"op": "remove", "path": place.path}]
    if attribute.multi_valued:
        return _of_list(place, old, new, kind)
    if attribute.is_complex and old is not None:
        return _of_object(place, element_of(old), element_of(new))
    return [{"op": "replace" if old is not None else "add", "path": place.path, "value": new}]


def _of_list(place: Place, old: object, new: object, kind: Kind) -> list[dict]:
    """The shortest of: the whole list, its elements, or the list anew (where elements may not change)."""
    whole = [{"op": "replace", "path": place.path, "value": new}]
    anew = [{"op": "remove", "path": place.path}, {"op": "add", "path": place.path, "value": new}]
    candidates = [whole, anew, _element_wise(place, old, new, kind) or whole]
    start = _holding(place, old)
    for operations in sorted(candidates, key=_size):
        try:
            found = patch(_body(operations), start, kind, EXACTLY).resource
        except Refused:
            continue
        holder = found if place.urn is None else member(found, place.urn) or {}
        if exact(_without_read_only(place.attribute, member(holder, place.attribute.name))) == exact(new):
            return operations
    return whole


def _holding(place: Place, value: object) -> dict:
    inner = {place.attribute.name: value}
    return inner if place.urn is None else {place.urn: inner}


def _of_object(place: Place, old: dict, new: dict) -> list[dict]:
    """One sub-attribute by its path, several in one object where `null` unassigns."""
    said: dict = {}
    for sub in place.attribute.sub_attributes:
        one, other = part(old, sub.name), part(new, sub.name)
        if exact(one) != exact(other) and not sub.read_only:
            said[sub.name] = other
    if len(said) == 1:
        ((name, value),) = said.items()
        path = f"{place.path}.{name}"
        return [{"op": "remove", "path": path} if value is None else {"op": "replace", "path": path, "value": value}]
    return [{"op": "replace", "path": place.path, "value": said}] if said else []


def _element_wise(place: Place, old: object, new: object, kind: Kind) -> list[dict] | None:
    """Elements one by one; None if brackets cannot name them."""
    attribute = place.attribute
    there = [] if old is None else old if isinstance(old, list) else [old]
    found = [change for change in _changes(place, there, new, kind) if change.path == place.path]
    if len(found) != 1 or attribute.secret:
        return None
    gone = [*found[0].removed, *(one for one, _ in found[0].replaced)]
    come = [*found[0].added, *(other for _, other in found[0].replaced)]
    operations = []
    for element in gone:
        brackets = _brackets(place, element, there, kind)
        if brackets is None:
            return None
        operations.append({"op": "remove", "path": f"{place.path}[{brackets}]"})
    if come:
        operations.append({"op": "add", "path": place.path, "value": come})
    return operations


def _changes(place: Place, old: list, new: object, kind: Kind) -> list[Change]:
    return list(changes(kind, _holding(place, old), _holding(place, new), set()))


def _brackets(place: Place, element: object, there: list, kind: Kind) -> str | None:
    """The shortest brackets that choose this element and no other one."""
    attribute = place.attribute
    members = element if isinstance(element, dict) else {"value": element}
    names = [name for name in ("value", "type") if name in members]
    names += [name for name in members if name not in names and name != "primary"]
    terms = []
    for name in names:
        sub = attribute.sub(name) if attribute.is_complex else attribute
        if sub is None or (attribute.is_complex and (sub.multi_valued or sub.secret)):
            continue
        if not isinstance(members[name], str | bool | int | Decimal):
            continue
        terms.append(f"{name} eq {_json(members[name])}")
        text = " and ".join(terms)
        try:
            selection = compile_brackets(text, attribute, place.path, kind, STRICT)
        except Refused:
            return None  # a stored value that is none of its type
        if sum(1 for other in there if selection.selects(other)) == 1:
            return text
    return None


def _of_schemas(result: dict, new: dict, kind: Kind) -> list[dict]:
    """What is left to do to `schemas` when everything else is done."""
    have, want = spread(member(result, "schemas")), spread(member(new, "schemas"))
    if exact(have) == exact(want):
        return []
    extra = [urn for urn in have if urn not in want]
    if not extra:
        return [{"op": "add", "path": "schemas", "value": [urn for urn in want if urn not in have]}]
    return [{"op": "replace", "path": "schemas", "value": want}]


def _json(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _size(operations: list[dict]) -> int:
    return len(json.dumps(operations, ensure_ascii=False, default=str))
