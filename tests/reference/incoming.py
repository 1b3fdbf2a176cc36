"""R1: What the body of a POST or PUT says of each attribute, before it meets what is stored."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .apply import Writer
from .attributes import Attribute, Schema
from .bodies import check_kept
from .documents import assigned
from .errors import Refused
from .members import Member, read_members
from .request import Request
from .schema_list import read_urns
from .store import Store
from .targets import Target
from .values import ABSENT, Given, Items, read


@dataclass
class Incoming:
    """`said`: what each attribute shall be (None: nothing)."""

    said: dict[tuple[str | None, str], object] = field(default_factory=dict)
    unknown: list[Member] = field(default_factory=list)
    cleared: set[str] = field(default_factory=set)  # extensions that are `null`
    urns: list[str] | None = None  # `schemas`; None if there is none

    def has(self, schema: Schema) -> bool:
        """Whether the body assigns anything of an extension."""
        told = any(urn == schema.id and says_anything(value) for (urn, _), value in self.said.items())
        return told or any(one.path.startswith(f"{schema.id}:") and assigned(one.raw) for one in self.unknown)


def says_anything(value: object) -> bool:
    if isinstance(value, Items):
        return any(says_anything(item) for item in value)
    return (isinstance(value, Given) and bool(value.read_only)) or assigned(value)


def read_incoming(request: Request, body: dict, read_only: Callable[[Target, object], None]) -> Incoming:
    """R1, F14: Objects and lists first, then keys that are paths; `read_only` judges what the client cannot set."""
    found = Incoming()
    beside = Writer(request, Store({}, request.kind))  # where keys that are paths work on what was read
    for one in read_members(request, body):
        before = request.unpacked
        request.unpacked = one.unpacked
        try:
            _take(request, beside, found, one, read_only)
        finally:
            request.unpacked = before
    return found


def _take(request: Request, beside: Writer, found: Incoming, one: Member, read_only) -> None:
    target = one.target
    if target is None:
        if request.unknown(one.path):
            check_kept(one.key, one.raw, one.path, request.options)
            found.unknown.append(one)
        return
    if target.attribute is None:
        target.report(request)
        found.cleared.add(target.resolved.schema.id)
        return
    if one.is_path:
        request.repair("path_keys", target.path, "invalidPath")
    target.report(request)
    place, attribute = target.place, target.attribute
    if attribute.read_only or (target.sub is not None and target.sub.read_only and target.selection is None):
        read_only(target, one.raw)
        return
    key = (place.urn, attribute.name)
    if place.urn is None and attribute.name == "schemas":
        if target.selection is not None or target.sub is not None:
            raise Refused("invalidPath", "schemas is a list of URNs", path=one.key)
        found.urns = read_urns(request, one.raw) if assigned(one.raw) else None
        return
    if target.selection is None and target.sub is None:
        value = read(request, attribute, one.raw, place.path)
        if value is not ABSENT:
            found.said[key] = value
    elif attribute.multi_valued:
        _into_list(request, beside, found, target, one.raw)
    else:
        _into_object(request, beside, found, target, one.raw)


def _into_list(request: Request, beside: Writer, found: Incoming, target: Target, raw: object) -> None:
    """R1, P8: `emails[type eq "work"].value` or `emails.type` as a key."""
    key = (target.place.urn, target.attribute.name)
    beside.store.put(target.place, found.said.get(key))
    beside.lists.operate("add", target, raw)
    items = Items()
    items.extend(_as_given(element, target.attribute) for element in beside.store.get(target.place) or ())
    found.said[key] = items


def _into_object(request: Request, beside: Writer, found: Incoming, target: Target, raw: object) -> None:
    """R1: `name.givenName` as a key."""
    place, attribute = target.place, target.attribute
    key = (place.urn, attribute.name)
    there = found.said.get(key)
    given = there if isinstance(there, Given) else Given()
    if target.selection is not None:
        if not (assigned(given) and target.selection.selects(given)):
            if assigned(given) or not beside.lists.may_create("add", target):
                raise Refused("noTarget", f"nothing matches the brackets of {place.path}", path=place.path)
            made = beside.lists.created(target, raw)
            if made is not None:
                found.said[key] = made
            return
        if target.sub is None:
            given.update(read(request, attribute, raw, place.path) or {})
            return
    value = read(request, target.sub, raw, target.path, attribute.secret)
    if value is ABSENT:
        return
    given[target.sub.name] = value
    found.said[key] = given


def _as_given(element: object, attribute: Attribute) -> object:
    if not attribute.is_complex or isinstance(element, Given):
        return element
    return Given(element)
