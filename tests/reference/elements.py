"""P5, P5a, P5c, P6, P12: How what a client says of a complex value meets the one that is there.

Values are never changed in place: every function gives a new one.
"""

from .attributes import Attribute
from .bodies import is_blank
from .documents import assigned
from .errors import Refused
from .identity import (
    DETAILS,
    element_of,
    equal,
    exact,
    identity,
    is_detail,
    is_list_for_single,
    part,
    says_the_same,
    unique,
)
from .paths import lower
from .request import Request
from .store import key_of, with_member
from .values import Given


def plain(value: object) -> bool:
    """Whether a raw value says anything: not `null`, not empty, not blank."""
    return assigned(value) and not is_blank(value)


def drop_read_only(request: Request, attribute: Attribute, stored: dict, given: Given, where: str) -> None:
    """P12, D21: Judges what was said of readOnly sub-attributes; the same as stored is accepted.

    In a strict PATCH, details that go with another `value` are not stored any more (P5c).
    """
    for name, raw in given.read_only.items():
        sub, path = attribute.sub(name), f"{where}.{name}"
        if not plain(raw):
            continue
        if attribute.secret or sub.secret or not is_stored(sub, part(stored, name), raw):
            request.read_only(path)


def is_stored(sub: Attribute, stored: object, raw: object) -> bool:
    """P12, D21: Whether a value says what is stored; a list does not say it of a single value."""
    if stored is None or (is_list_for_single(sub, raw) and exact(stored) != exact(raw)):
        return False
    return says_the_same(sub, stored, raw)


def may_set(request: Request, attribute: Attribute, sub: Attribute, old: object, new: object, where: str) -> bool:
    """P12, P12a, P5c: Whether a sub-attribute of a value that stays may be set: False if it stays as it is."""
    if sub.mutability != "immutable" or old is None:
        return True
    if attribute.secret or sub.secret:
        if request.in_patch:
            raise Refused("mutability", f"{where} is immutable", path=where)
        request.report(where, "read_only")
        return False
    if says_the_same(sub, old, new):  # D5
        return False
    if is_detail(attribute, sub):
        request.repair("reference_details", where, "mutability")
        return False
    raise Refused("mutability", f"{where} is immutable", path=where)


def mark_secret(request: Request, attribute: Attribute, sub: Attribute | None, where: str, element: dict) -> None:
    """P12a: Setting a writable secret always counts as a change."""
    if attribute.secret or (sub is not None and sub.secret):
        request.secrets.add((where, identity(attribute, element) if attribute.multi_valued else None))


def mark_secrets(request: Request, attribute: Attribute, given: Given, where: str, element: dict) -> None:
    """P12a: Every secret that an object says for an element counts as set."""
    for name, value in given.items():
        if assigned(value):
            mark_secret(request, attribute, attribute.sub(name), f"{where}.{name}", element)


def fresh(request: Request, attribute: Attribute, given: Given, where: str) -> dict:
    """P5: A new value: what is said, without `null` and without what only the provider sets."""
    drop_read_only(request, attribute, {}, given, where)
    return {name: value for name, value in given.items() if assigned(value)}


def added(request: Request, attribute: Attribute, stored: object, given: Given, where: str) -> dict:
    """P5: `add` of an element that is there: what it adds or changes is set; its identity stays as it is stored."""
    element = element_of(stored)
    drop_read_only(request, attribute, element, given, where)
    for name, value in given.items():
        sub, old, path = attribute.sub(name), part(element, name), f"{where}.{name}"
        if not assigned(value):
            continue
        if sub is None:
            element = with_member(element, name, value)
        elif sub.multi_valued:
            value = joined(attribute, sub, old, value)
            if may_set(request, attribute, sub, old, value, path):
                mark_secret(request, attribute, sub, path, element)
                element = with_member(element, name, value)
        elif may_set(request, attribute, sub, old, value, path):
            mark_secret(request, attribute, sub, path, element)
            if not (old is not None and in_identity(attribute, element, sub) and equal(sub, old) == equal(sub, value)):
                element = with_member(element, name, value)
    return element


def in_identity(attribute: Attribute, element: dict, sub: Attribute) -> bool:
    """P5: Whether the sub-attribute belongs to the identity of the element."""
    name = lower(sub.name)
    if attribute.sub("value") is None or part(element, "value") is None:
        return name != "primary" and not sub.secret
    return name == "value" or (name == "type" and not attribute.is_reference)


def replaced(request: Request, attribute: Attribute, stored: object, given: Given, where: str) -> dict:
    """P6, P5c, R2: An element that stays in a replaced list: as written, with what the client may not change."""
    old = element_of(stored)
    drop_read_only(request, attribute, old, given, where)
    element, said = respelled(attribute, kept(attribute, old), given), Given()
    for name, value in given.items():
        sub, before, path = attribute.sub(name), part(old, name), f"{where}.{name}"
        if not assigned(value):
            continue
        if sub is None or may_set(request, attribute, sub, before, value, path):
            hidden = attribute.secret or (sub is not None and sub.secret)
            same = isinstance(value, list) and before is not None and not hidden and exact(before) == exact(value)
            element = with_member(element, name, before if same else value)
            said[name] = value
    mark_secrets(request, attribute, said, where, element)
    return element


def kept(attribute: Attribute, old: dict) -> dict:
    """X1: What the client may not change: readOnly, assigned immutable and secret sub-attributes."""
    return {name: value for name, value in old.items() if assigned(value) and _is_kept(attribute, name)}


def respelled(attribute: Attribute, element: dict, given: Given) -> dict:
    """P4: In a value that another one replaces, what is given has the schema's spelling, and the rest its own."""

    def spelled(name: str) -> str:
        sub = attribute.sub(name)
        return sub.name if sub is not None and sub.name in given else name

    return {spelled(name): value for name, value in element.items()}


def remains(attribute: Attribute, old: dict) -> dict:
    """X1, P5c: What stays of a single reference that is unassigned: its details only if its `value` stays."""
    rest = kept(attribute, old)
    if part(rest, "value") is not None:
        return {name: value for name, value in old.items() if name in rest or is_stored_detail(attribute, name)}
    return {name: value for name, value in rest.items() if not is_detail(attribute, attribute.sub(name))}


def is_stored_detail(attribute: Attribute, name: str) -> bool:
    """P5c: Whether this follows from the `value` of a single reference, whatever its mutability."""
    return attribute.sub(name) is not None and attribute.sub(name).name in DETAILS


def _is_kept(attribute: Attribute, name: str) -> bool:
    sub = attribute.sub(name)
    return sub is not None and (sub.secret or sub.mutability in ("readOnly", "immutable"))


def distinct(attribute: Attribute, sub: Attribute, items: list) -> list:
    """P5, P12a: The values of a list in a complex value, each once; those of a secret list are not compared."""
    return items if attribute.secret or sub.secret else unique(sub, items)


def joined(attribute: Attribute, sub: Attribute, stored: object, items: list) -> list:
    """P5a: `add` to a list in a complex value: what is already there changes nothing."""
    found = list(stored) if isinstance(stored, list) else [] if stored is None else [stored]
    if attribute.secret or sub.secret:
        return found + items
    seen = {equal(sub, value) for value in found}
    for item in unique(sub, items):
        if equal(sub, item) not in seen:
            found.append(item)
    return found


def overlaid(
    request: Request, attribute: Attribute, earlier: dict, later: dict, where: str, fixed: dict | None = None
) -> dict:
    """P5: Two elements become one: the later sets what it says, except where `fixed` says what may not change."""
    result: dict = Given(earlier) if isinstance(earlier, Given) else dict(earlier)
    if isinstance(earlier, Given):
        said = {name: value for name, value in getattr(later, "read_only", {}).items() if plain(value)}
        result.read_only = {**earlier.read_only, **said}
        result.dropped = earlier.dropped | getattr(later, "dropped", set())
    for name, value in later.items():
        if not assigned(value):
            continue
        sub, before = attribute.sub(name), part(earlier, name)
        hidden = attribute.secret or (sub is not None and sub.secret)  # P12a: never compared
        if fixed and sub is not None and sub.mutability == "immutable" and part(fixed, name) is not None:
            continue  # it was judged before
        if before is not None and (hidden or not includes(sub, value, before)):
            request.report(f"{where}.{name if sub is None else sub.name}", "same_elements")
        result[key_of(result, name)] = value
    for name, value in (fixed or {}).items():
        result[key_of(result, name)] = value
    return result


def includes(sub: Attribute | None, value: object, before: object) -> bool:
    """Whether nothing of the earlier value is lost."""
    if isinstance(before, list) and isinstance(value, list):
        return {equal(sub, inner) for inner in before} <= {equal(sub, inner) for inner in value}
    return equal(sub, before) == equal(sub, value)


def fixed_part(attribute: Attribute, element: dict) -> dict:
    """P5c, P12: What may not change in a stored element that another one is made the same as."""
    return {
        name: value
        for name, value in element.items()
        if assigned(value) and (sub := attribute.sub(name)) is not None and sub.mutability in ("readOnly", "immutable")
    }


def merged(
    request: Request, attribute: Attribute, stored: dict, given: Given, where: str, op: str, whole: bool = False
) -> dict:
    """P5, P6, P9, P5c: An object for a single complex value; `whole` replaces all that the client may set."""
    moved = _moved(attribute, stored, given, whole)
    element = without_details(request, attribute, stored, given, where) if moved else stored
    strict = request.in_patch and not request.allows("read_only_members")
    drop_read_only(request, attribute, element if strict else stored, given, where)
    if whole:
        element = _emptied(request, attribute, element, given, where, keep_details=not moved)
    for name, value in given.items():
        sub, old, path = attribute.sub(name), part(element, name), f"{where}.{name}"
        if sub is None:
            mark_secret(request, attribute, sub, path, element)
            element = with_member(element, name, value)
        elif sub.multi_valued:
            before = old if moved and sub.name in DETAILS else part(stored, name)
            element = _with_list(request, attribute, element, sub, value, path, op, before)
        elif not assigned(value):
            if attribute.mutability != "immutable":
                element = unset(request, attribute, element, sub, path, in_value=True)
        elif may_set(request, attribute, sub, old, value, path):
            mark_secret(request, attribute, sub, path, element)
            element = with_member(element, name, value)
    return element


def _with_list(request, attribute, element: dict, sub: Attribute, items: list, path: str, op: str, before) -> dict:
    """P5a: A list within an object for a complex value, by the rule of the operation."""
    new = joined(attribute, sub, before, items) if op == "add" else distinct(attribute, sub, items)
    if before is not None and exact(before) == exact(new) and not (attribute.secret or sub.secret):
        new = before
    if not new and part(element, sub.name) is not None:
        return unset(request, attribute, element, sub, path, in_value=True)
    if new and not may_set(request, attribute, sub, before, new, path):
        return element
    if assigned(items):
        mark_secret(request, attribute, sub, path, element)
    return with_member(element, sub.name, new)


def unset(request: Request, attribute: Attribute, element: dict, sub: Attribute, path: str, in_value: bool) -> dict:
    """P9, P12: `null` unassigns a sub-attribute; it counts as absent for what the client may not change."""
    if part(element, sub.name) is None:
        return element
    if sub.mutability in ("readOnly", "immutable"):
        if in_value:
            return element
        raise Refused("mutability", f"{path} is {sub.mutability}", path=path)
    if sub.required:
        raise Refused("mutability" if request.in_patch else "invalidValue", f"{path} is required", path=path)
    return with_member(element, sub.name, None)


def _moved(attribute: Attribute, stored: dict, given: Given, whole: bool) -> bool:
    """P5c: Whether the `value` of a single reference changes."""
    old = part(stored, "value")
    if not attribute.is_reference or old is None or ("value" not in given and not whole):
        return False
    sub, new = attribute.sub("value"), given.get("value")
    if "value" not in given and _is_kept(attribute, "value"):
        return False
    return new is None or equal(sub, old) != equal(sub, new)


def without_details(request: Request, attribute: Attribute, stored: dict, given: dict, where: str) -> dict:
    """P5c: With another `value`, details that are not given go and are reported (a strict PATCH keeps readWrite)."""
    element = stored
    for name in DETAILS:
        sub = attribute.sub(name)
        if sub is None or part(element, name) is None:
            continue
        strict = not request.allows("reference_details")
        if strict and request.in_patch and not is_detail(attribute, sub):
            continue
        element = with_member(element, name, None)
        if name not in given:
            request.report(f"{where}.{name}", "reference_details")
    return element


def _emptied(request, attribute: Attribute, stored: dict, given: Given, where: str, keep_details: bool) -> dict:
    """X1, R2: What stays of a single complex value that is replaced as a whole."""
    element = respelled(attribute, kept(attribute, stored), given)
    if keep_details and attribute.is_reference and part(stored, "value") is not None:
        for name in DETAILS:
            if attribute.sub(name) and name not in given and (old := part(stored, name)) is not None:
                element = with_member(element, name, old)
    for name, value in stored.items():
        sub = attribute.sub(name)
        if sub is not None and sub.required and assigned(value) and sub.name not in given and request.in_patch:
            raise Refused("mutability", f"{where}.{sub.name} is required", path=f"{where}.{sub.name}")
    return element
