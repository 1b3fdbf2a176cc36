"""P18, D11: The result of a write, and what it changed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .attributes import Attribute
from .bodies import same_json
from .documents import assigned, member
from .identity import element_of, exact, identity
from .paths import lower
from .request import Request
from .schema import Kind
from .store import Place, key_of


@dataclass
class Change:
    """D11: What was added, removed and replaced at one path; a secret has no old value (P12a)."""

    path: str
    added: list = field(default_factory=list)
    removed: list = field(default_factory=list)
    replaced: list[tuple[object, object]] = field(default_factory=list)
    secret: bool = False


@dataclass
class Result:
    """P18: The resource, whether it changed, what changed, and what was repaired."""

    resource: dict
    changed: bool
    changes: list[Change]
    repairs: list[tuple[str, str]]


@dataclass(frozen=True)
class Hidden:
    """P12a: What a request set of secrets: (path, identity of the element or None), and what it said of lists."""

    set_at: set[tuple]
    told: dict[str, list]

    def was_set(self, path: str, key: object = None) -> bool:
        return (path, key) in self.set_at

    def below(self, path: str) -> bool:
        return any(where.startswith(f"{path}.") for where, _ in self.set_at)


def result_of(request: Request, start: dict, resource: dict) -> Result:
    """P18: Compares the resource with the start."""
    found = list(changes(request.kind, start, resource, request.secrets, request.told))
    return Result(resource, bool(found), found, list(request.repairs))


def changes(
    kind: Kind, start: dict, end: dict, secrets: set[tuple], told: dict[str, list] | None = None
) -> Iterator[Change]:
    """D11: One entry for each attribute, or sub-attribute of a single complex value, that changed.

    `secrets` and `told` are those of the request: what was set of secrets, whatever it was (P12a).
    """
    hidden = Hidden(secrets, told or {})
    urns = frozenset(lower(urn) for urn in kind.urns)
    extensions = {lower(schema.id) for schema in kind.extensions}
    yield from _of_schema(kind.core.attributes, None, start, end, hidden, extensions, urns)
    for schema in kind.extensions:
        old, new = _object(start, schema.id), _object(end, schema.id)
        yield from _of_schema(schema.attributes, schema.id, old, new, hidden, set())


def _object(document: dict, urn: str) -> dict:
    found = member(document, urn)
    return found if isinstance(found, dict) else {}


def _of_schema(
    attributes: tuple[Attribute, ...],
    urn: str | None,
    start: dict,
    end: dict,
    hidden: Hidden,
    without: set[str],
    urns: frozenset[str] = frozenset(),
) -> Iterator[Change]:
    known = without | {lower(attribute.name) for attribute in attributes}
    there = {lower(name) for name in (*start, *end)}
    for attribute in attributes:
        if lower(attribute.name) not in there:
            path = Place(urn, attribute).path
            if attribute.secret and (hidden.was_set(path) or hidden.below(path)):
                yield Change(path, secret=True)
            elif attribute.is_complex and not attribute.multi_valued and hidden.below(path):
                yield from _members(attribute, path, {}, {}, hidden)
            continue
        old, new = _value(start, attribute.name), _value(end, attribute.name)
        if old is not None or new is not None:
            shaped = old is not None or not isinstance(member(start, attribute.name), list)
            known_urns = urns if attribute.name == "schemas" else frozenset()
            yield from _of_attribute(attribute, Place(urn, attribute).path, old, new, hidden, shaped, known_urns)
    names = dict.fromkeys(name for name in (*start, *end) if lower(name) not in known)
    for name in names:
        if name not in end and key_of(end, name) != name:
            continue
        path = name if urn is None else f"{urn}:{name}"
        yield from _single(path, _value(start, name), _value(end, name))


def _value(document: dict, name: str) -> object:
    value = member(document, name)
    return value if assigned(value) else None


def _of_attribute(
    attribute: Attribute,
    path: str,
    old: object,
    new: object,
    hidden: Hidden,
    shaped: bool,
    urns: frozenset[str] = frozenset(),
) -> Iterator[Change]:
    """D11: `shaped`: what was stored has the shape of the schema, so that there is an entry for each sub-attribute."""
    if attribute.multi_valued:
        yield from _elements(attribute, path, _list(old), _list(new), hidden, urns)
    elif attribute.secret:
        yield from _secret(path, old, new, hidden.was_set(path) or hidden.below(path))
    elif attribute.is_complex and (isinstance(old, dict) or (old is None and shaped)):
        yield from _members(attribute, path, old or {}, new or {}, hidden)
    elif any(sub.secret for sub in attribute.sub_attributes):
        if hidden.below(path) or not (same_json(old, new) or exact(old) == exact(new)):
            yield from _secret(path, old, new, True)
    else:
        yield from _single(path, old, new)


def _list(value: object) -> list:
    found = value if isinstance(value, list) else [] if value is None else [value]
    return [element for element in found if assigned(element)]


def _single(path: str, old: object, new: object) -> Iterator[Change]:
    """D11: `added` if nothing was there, `removed` if it is unset, `replaced` if it changes."""
    if same_json(old, new) or exact(old) == exact(new):
        return
    if old is None:
        yield Change(path, added=[new])
    elif new is None:
        yield Change(path, removed=[old])
    else:
        yield Change(path, replaced=[(old, new)])


def _secret(path: str, old: object, new: object, was_set: bool) -> Iterator[Change]:
    """P12a: A secret that was set has changed, whatever it was; it has no old value."""
    if new is not None and (was_set or old is None):
        yield Change(path, added=[new], secret=True)
    elif new is None and (was_set or old is not None):
        yield Change(path, secret=True)


def _members(attribute: Attribute, path: str, old: dict, new: dict, hidden: Hidden) -> Iterator[Change]:
    """D11: One entry for each sub-attribute of a single complex value."""
    names = {sub.name: sub for sub in attribute.sub_attributes}
    unknown = dict.fromkeys(name for name in (*old, *new) if attribute.sub(name) is None)
    for name in (*names, *unknown):
        sub, where = names.get(name), f"{path}.{name}"
        one, other = _value(old, name), _value(new, name)
        if sub is not None and sub.secret:
            yield from _secret(where, one, other, hidden.was_set(where))
        elif one is None and other is None:
            continue
        else:
            yield from _single(where, one, other)


def _elements(
    attribute: Attribute, path: str, old: list, new: list, hidden: Hidden, urns: frozenset[str] = frozenset()
) -> Iterator[Change]:
    """D11, T1: Elements in `added`, `removed` and `replaced`, by identity; for `urns` whatever their case is."""

    def key(element: object):
        known = isinstance(element, str) and lower(element) in urns
        return identity(attribute, lower(element) if known else element)

    if attribute.secret:
        told = hidden.told.get(path)
        if new and (told or hidden.below(path) or not old):
            yield Change(path, added=new, secret=True)
        elif old and not new:
            yield Change(path, secret=True)
        return
    if not hidden.below(path) and (same_json(old, new) or exact(old) == exact(new)):
        return
    change = Change(path)
    there: dict = {}
    for element in old:
        there.setdefault(key(element), []).append(element)
    pending, replaced = [], []
    for element in new:
        candidates = there.get(key(element), [])
        same = next((one for one in candidates if _looks_the_same(attribute, one, element)), None)
        if same is not None:
            candidates.remove(same)
        pending.append((element, same))
    for element, same in pending:
        candidates = there.get(key(element), [])
        if same is None and candidates:
            same = candidates.pop(0)
        if same is None:
            change.added.append(element)
        elif _differs(attribute, path, same, element, hidden):
            change.replaced.append((_shown(attribute, same), element))
            replaced += [same, element]
    change.removed = [_shown(attribute, element) for candidates in there.values() for element in candidates]
    subs = [sub for sub in attribute.sub_attributes if sub.secret]
    removed = (element for candidates in there.values() for element in candidates)
    touched = (*change.added, *replaced, *removed)
    change.secret = any(
        _value(element_of(element), sub.name) is not None
        or hidden.was_set(f"{path}.{sub.name}", identity(attribute, element))
        for sub in subs
        for element in touched
    )
    if change.added or change.removed or change.replaced:
        yield change


def _looks_the_same(attribute: Attribute, old: object, new: object) -> bool:
    """P12a: Whether two elements are the same but for the values of their secrets."""
    secrets = [sub.name for sub in attribute.sub_attributes if sub.secret]
    one, other = element_of(old), element_of(new)
    have = all((_value(one, name) is None) == (_value(other, name) is None) for name in secrets)
    return have and exact(_shown(attribute, old)) == exact(_shown(attribute, new))


def _differs(attribute: Attribute, path: str, old: object, new: object, hidden: Hidden) -> bool:
    """P12a: Whether an element changed; a secret in it that was set has, and one that came or went."""
    if exact(_shown(attribute, old)) != exact(_shown(attribute, new)):
        return True
    for sub in attribute.sub_attributes:
        if sub.secret:
            one, other = _value(element_of(old), sub.name), _value(element_of(new), sub.name)
            was_set = hidden.was_set(f"{path}.{sub.name}", identity(attribute, new))
            if (one is None) != (other is None) or was_set:
                return True
    return False


def _shown(attribute: Attribute, element: object) -> object:
    """P12a: An old element without its secrets."""
    if not any(sub.secret for sub in attribute.sub_attributes):
        return element
    if not isinstance(element, dict):
        value = attribute.sub("value")  # F17
        return {} if value is not None and value.secret else element
    return {
        name: value
        for name, value in element_of(element).items()
        if (sub := attribute.sub(name)) is None or not sub.secret
    }
