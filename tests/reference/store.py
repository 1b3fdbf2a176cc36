"""A resource while it is written: where attributes are (P4, P15, F14), and lists with the places of their elements."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .attributes import Attribute, Schema
from .documents import assigned, member
from .identity import exact, identity, unchanged
from .paths import lower
from .schema import Kind


def clone(value: object) -> object:
    if isinstance(value, dict):
        return {name: clone(inner) for name, inner in value.items()}
    return [clone(inner) for inner in value] if isinstance(value, list) else value


def key_of(holder: dict, name: str) -> str:
    """P4, F14: The key under which a name is there (the schema's spelling first), or the name itself."""
    if name in holder:
        return name
    wanted = lower(name)
    return next((key for key in holder if lower(key) == wanted), name)


def _spelling(holder: dict, start: dict, name: str) -> str:
    """P4: The key under which a name is there, or else was before the request."""
    key = key_of(holder, name)
    return key if key in holder else key_of(start, name)


def with_member(holder: dict, name: str, value: object) -> dict:
    """The object with another value for a name; what is unassigned has no key (P7)."""
    key = key_of(holder, name)
    if assigned(value):
        return {**holder, key: value}
    if key in holder and not assigned(holder[key]):
        return holder  # it was unassigned before
    return {other: inner for other, inner in holder.items() if lower(other) != lower(name)}


@dataclass(frozen=True)
class Place:
    """An attribute of the core schema or of an extension."""

    urn: str | None
    attribute: Attribute

    @property
    def path(self) -> str:
        """D11: The canonical path."""
        return self.attribute.name if self.urn is None else f"{self.urn}:{self.attribute.name}"


class Slot:
    """The place of an element in its list; it stays when the element is removed (D10)."""

    __slots__ = ("origin", "removed", "value")

    def __init__(self, value: object, origin: object = None):
        self.value = value
        self.origin = origin  # the element as it was stored
        self.removed = value

    @property
    def is_stored(self) -> bool:
        """Whether it is the stored element (a stored `null` is one that never was there)."""
        return self.value is self.origin and (self.origin is not None or self.removed is None)


class Slots:
    """D10: A multi-valued attribute: `add` appends, and what is removed and added back unchanged is where it was."""

    def __init__(self, attribute: Attribute, value: object):
        elements = value if isinstance(value, list) else [value]  # D5
        self.attribute = attribute
        self.slots = [Slot(element, element) for element in elements] if value is not None else []
        self._count = len(self.slots)
        self.ordered = False  # P12a: a list that says secrets is in the order given, whatever they are
        self._by_identity: dict | None = None
        self._gone: dict = {}

    @property
    def untouched(self) -> bool:
        """Whether every element is the stored one."""
        there = len(self.slots) == self._count and all(slot.is_stored for slot in self.slots)
        return there and not self.ordered

    def live(self) -> Iterator[Slot]:
        return (slot for slot in self.slots if slot.value is not None)

    def find(self, key: object) -> Slot | None:
        """P5: The first element with the identity."""
        if self._by_identity is None:
            self._by_identity = {}
            for slot in self.live():
                self._by_identity.setdefault(identity(self.attribute, slot.value), []).append(slot)
        found = self._by_identity.get(key)
        return found[0] if found else None

    def change(self, slot: Slot, value: object) -> None:
        """Gives an element another value; the caller cares for what becomes of its identity."""
        slot.value = value
        self._by_identity = None

    def keep(self, slot: Slot, value: object) -> None:
        """Gives an element another value with the same identity."""
        slot.value = value

    def remove(self, slot: Slot) -> None:
        if self._by_identity is not None:
            key = identity(self.attribute, slot.value)
            self._by_identity[key] = [other for other in self._by_identity.get(key, []) if other is not slot]
        slot.removed, slot.value = slot.value, None
        for value in (slot.removed, slot.origin):
            if value is not None:
                self._gone.setdefault(exact(value), []).append(slot)

    def append(self, value: object) -> Slot:
        """D10: Appends an element, or puts it back where it was."""
        slot = next((gone for gone in self._gone.get(exact(value), ()) if gone.value is None), None)
        if slot is None:
            slot = Slot(value)
            self.slots.append(slot)
        else:
            same = exact(slot.removed) == exact(value)
            slot.value = slot.removed if same else slot.origin
        if self._by_identity is not None:
            self._by_identity.setdefault(identity(self.attribute, value), []).append(slot)
        return slot

    def replace(self, slots: list[Slot], says_secret: bool) -> None:
        """D10, P12a: Another list in the order given; one that is only in another order changes nothing.

        It does if the request says secrets; those that only stay do not count.
        """
        if says_secret:
            self.ordered = True
        if says_secret or exact([slot.value for slot in slots]) != exact(self.values()):
            self.slots, self._gone, self._by_identity = slots, {}, None

    def values(self) -> list:
        """The list, with unchanged elements as they were stored; a stored `null` is not an element and stays."""
        found: list = []
        if not any(True for _ in self.live()):
            return found
        if self.attribute.secret:
            return [slot.value for slot in self.live()]
        for slot in self.slots:
            if slot.value is None:
                if slot.removed is None:
                    found.append(None)
                continue
            other = slot.origin is not None and slot.value is not slot.origin
            found.append(slot.origin if other and unchanged(self.attribute, slot.origin, slot.value) else slot.value)
        return found


class Store:
    """The resource of one request: `start` is what it was, and stays."""

    def __init__(self, resource: dict, kind: Kind):
        self.start = resource
        self.kind = kind
        self.document: dict = clone(resource)
        self._lists: dict[tuple, tuple[Place, Slots]] = {}
        self.dropped: set[str] = set()  # P15: extensions that the request removed

    def _holder(self, document: dict, urn: str | None) -> dict:
        if urn is None:
            return document
        found = member(document, urn)
        return found if isinstance(found, dict) else {}

    def slots(self, place: Place) -> Slots:
        """The elements of a multi-valued attribute; they are written back by `finish`."""
        key = (place.urn, place.attribute.name)
        if key not in self._lists:
            value = member(self._holder(self.document, place.urn), place.attribute.name)
            self._lists[key] = (place, Slots(place.attribute, value))
        return self._lists[key][1]

    def get(self, place: Place) -> object:
        """The value of an attribute; None if it is unassigned."""
        opened = self._lists.get((place.urn, place.attribute.name))
        if opened is not None:
            return opened[1].values() or None
        value = member(self._holder(self.document, place.urn), place.attribute.name)
        return value if assigned(value) else None

    def elements(self, place: Place) -> list[tuple[object, object]]:
        """The values of an attribute, each with what was stored in its place (None: it is new)."""
        opened = self._lists.get((place.urn, place.attribute.name))
        if opened is not None:
            return [(slot.value, slot.origin) for slot in opened[1].live()]
        value = self.get(place)
        return [(element, None) for element in (value if isinstance(value, list) else [value])]

    def raw(self, place: Place) -> object:
        """The value of an attribute as it is stored, whether it says anything or not."""
        return member(self._holder(self.document, place.urn), place.attribute.name)

    def is_assigned(self, place: Place) -> bool:
        opened = self._lists.get((place.urn, place.attribute.name))
        if opened is not None:
            return any(True for _ in opened[1].live())
        return self.get(place) is not None

    def started(self, place: Place) -> object:
        """What the attribute was before the request."""
        return member(self._holder(self.start, place.urn), place.attribute.name)

    def put(self, place: Place, value: object) -> None:
        """P4, P7: Sets an attribute, or removes its key if the value is unassigned."""
        self._lists.pop((place.urn, place.attribute.name), None)
        self._write(place, value)

    def _write(self, place: Place, value: object) -> None:
        name = place.attribute.name
        if place.urn is None:
            self.document = with_member(self.document, _spelling(self.document, self.start, name), value)
            return
        inner = self._holder(self.document, place.urn)
        holder = with_member(inner, _spelling(inner, self._holder(self.start, place.urn), name), value)
        key = _spelling(self.document, self.start, place.urn)
        if holder or key in self.document:
            self.document = {**self.document, key: holder}

    def has_extension(self, schema: Schema) -> bool:
        """P15: Whether anything of the extension is assigned."""
        holder = self._holder(self.document, schema.id)
        known = {lower(attribute.name) for attribute in schema.attributes}
        if any(assigned(value) for name, value in holder.items() if lower(name) not in known):
            return True
        return any(self.is_assigned(Place(schema.id, attribute)) for attribute in schema.attributes)

    def drop_unknown(self, schema: Schema) -> None:
        """P7: What no schema knows in an extension goes with it."""
        key, holder = key_of(self.document, schema.id), self._holder(self.document, schema.id)
        if holder:
            known = {name: value for name, value in holder.items() if schema.attribute(name) is not None}
            self.document = {**self.document, key: known}

    def drop_extension(self, schema: Schema) -> None:
        self.dropped.add(schema.id)
        for key in [key for key in self._lists if key[0] == schema.id]:
            del self._lists[key]
        key = key_of(self.document, schema.id)
        if assigned(self.document.get(key)) or key not in self.start or assigned(self.start[key]):
            self.document = {name: value for name, value in self.document.items() if lower(name) != lower(schema.id)}

    def finish(self, secrets: Iterable[tuple] = ()) -> dict:
        """D10: The resource; an attribute that ends as it began is as it was stored, order and spelling included.

        Not one in which a secret was set: then it changed, whatever the secret was (P12a).
        """
        set_in = [path for path, _ in secrets]
        for place, slots in self._lists.values():
            started = self.started(place)
            values = slots.values()
            if slots.untouched:
                continue
            before = started if isinstance(started, list) else [started]
            kept = unchanged(place.attribute, values, before)
            if ((place.attribute.secret or slots.ordered) and values) or not kept:
                self._write(place, values)
            elif assigned(started):
                self._write(place, started)
        ordered = {key for key, (_, slots) in self._lists.items() if slots.ordered}
        self._lists = {}
        for schema in (self.kind.core, *self.kind.extensions):
            urn = None if schema is self.kind.core else schema.id
            for attribute in schema.attributes:
                place = Place(urn, attribute)
                if (urn, attribute.name) not in ordered and not any(p.startswith(f"{place.path}.") for p in set_in):
                    self._respell(place)
                self._leave_unassigned(Place(urn, attribute))
        return self.document

    def _leave_unassigned(self, place: Place) -> None:
        """D10, P7: What was unassigned, and is so again, is as it was stored (`{}`, `null`)."""
        before, holder = self._holder(self.start, place.urn), self._holder(self.document, place.urn)
        key = key_of(before, place.attribute.name)
        if key not in before or assigned(before[key]) or assigned(self.raw(place)):
            return
        if place.urn is not None and not isinstance(member(self.document, place.urn), dict):
            return  # the extension went
        if key in holder and holder[key] == before[key]:
            return
        restored = {name: value for name, value in holder.items() if lower(name) != lower(key)}
        restored[key] = clone(before[key])
        if place.urn is None:
            self.document = restored
        else:
            self.document = {**self.document, key_of(self.document, place.urn): restored}

    def _respell(self, place: Place) -> None:
        """P4, D10: An attribute that is not secret and ends as it began keeps its order and spelling."""
        started, ended = self.started(place), self.raw(place)
        if started is None or place.attribute.secret or repr(started) == repr(ended):
            return
        if not unchanged(place.attribute, started, ended):
            return
        if assigned(started):
            self._write(place, clone(started))
