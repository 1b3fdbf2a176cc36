"""R1: What the body of a POST or PUT says of each attribute, before it meets what is stored."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .attributes import Schema
from .bodies import check_kept, check_text
from .documents import assigned
from .errors import Refused
from .members import Member, read_members
from .request import Request
from .schema_list import read_urns
from .targets import Target
from .values import ABSENT, Given, Items, read, read_sub


@dataclass
class Incoming:
    """`said`: what each attribute shall be (None: nothing)."""

    said: dict[tuple[str | None, str], object] = field(default_factory=dict)
    unknown: list[Member] = field(default_factory=list)
    cleared: set[str] = field(default_factory=set)  # extensions that are `null`
    urns: list[str] | None = None  # `schemas`; None if there is none

    def has(self, schema: Schema) -> bool:
        """Whether the body assigns anything of an extension."""
        told = any(urn == schema.id and assigned(value) for (urn, _), value in self.said.items())
        return told or any(one.path.startswith(f"{schema.id}:") and assigned(one.raw) for one in self.unknown)


def says_anything(value: object) -> bool:
    if isinstance(value, Items):
        return any(says_anything(item) for item in value)
    return (isinstance(value, Given) and bool(value.read_only)) or assigned(value)


def read_incoming(request: Request, body: dict, read_only: Callable[[Target, object], None]) -> Incoming:
    """R1, F14: Objects and lists first, then keys that are paths; `read_only` judges what the client cannot set."""
    found = Incoming()
    for one in read_members(request, body, lambda one: _check_key(request, one)):
        before = request.unpacked
        request.unpacked = one.unpacked
        try:
            _take(request, found, one, read_only)
        finally:
            request.unpacked = before
    return found


def _check_key(request: Request, one: Member) -> None:
    """R1, R4, P16: Keys are judged before values; brackets choose elements in a PATCH alone."""
    target = one.target
    if target is None and (request.profile("unknown_refused") or request.options.unknown == "reject"):
        request.unknown(one.path)
    if target is None and request.options.unknown == "keep":
        check_text(one.key, one.path, request.options)
    if "[" in one.key:
        if request.options.unknown == "keep" and not request.profile("unknown_refused"):
            raise Refused("invalidSyntax", f"{one.key}: brackets cannot be kept", path=one.key)
    elif target is not None and target.attribute is not None:
        if one.is_path and not request.allows("path_keys"):
            raise Refused("invalidSyntax", f"{one.key} is a path", path=target.path)
        if target.sub is not None and target.attribute.multi_valued:
            raise Refused("invalidSyntax", f"{one.key}: a sub-attribute of a list needs its elements", path=one.key)


def _take(request: Request, found: Incoming, one: Member, read_only) -> None:
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
        request.repair("path_keys", target.path, "invalidSyntax")
    target.report(request)
    place, attribute = target.place, target.attribute
    if attribute.read_only or (target.sub is not None and target.sub.read_only and target.selection is None):
        read_only(target, one.raw)
        return
    key = (place.urn, attribute.name)
    if place.urn is None and attribute.name == "schemas":
        found.urns = read_urns(request, one.raw) if one.raw not in (None, []) else None
        return
    if target.selection is None and target.sub is None:
        value = read(request, attribute, one.raw, place.path)
        if value is not ABSENT:
            found.said[key] = value
    else:
        _into_object(request, found, target, one.raw)


def _into_object(request: Request, found: Incoming, target: Target, raw: object) -> None:
    """R1: `name.givenName` as a key."""
    place, attribute = target.place, target.attribute
    key = (place.urn, attribute.name)
    there = found.said.get(key)
    given = there if isinstance(there, Given) else Given()
    value = read_sub(request, attribute, target.sub, raw, target.path, attribute.secret)
    if value is ABSENT:
        return
    given[target.sub.name] = value
    found.said[key] = given
