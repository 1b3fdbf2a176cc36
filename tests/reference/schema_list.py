"""P15, D16, D19, R1, R7: The list `schemas` and the extensions that it names."""

from collections.abc import Callable

from .attributes import Schema
from .bodies import check_kept
from .documents import assigned, member
from .errors import Refused
from .identity import exact, spread_if_list
from .paths import lower
from .request import Request
from .store import Place, Slot, Store
from .targets import Target
from .values import NOTHING, one_value, read_list


def known_urn(request: Request, urn: str) -> str | None:
    """T1, R1: The URN of this resource type that a text stands for, as the schema spells it; None if unknown."""
    found = next((own for own in request.kind.urns if lower(own) == lower(urn)), None)
    if found is not None:
        return found
    modern = request.kind.legacy(urn)
    if modern is not None:
        request.repair("legacy_schemas", "schemas")
    return modern


def is_new(urn: str) -> bool:
    """P16: Without a list to add to, every URN is new."""
    return True


def accepted_urn(request: Request, urn: str, new: Callable[[str], bool] = is_new) -> str | None:
    """P16, D16: The URN as it is stored; None if nobody knows it and it is not kept.

    `new`: whether it is not listed yet; what is listed changes nothing and is not reported.
    """
    found = known_urn(request, urn)
    if found is not None:
        return found
    if not new(urn):
        return urn
    if request.unknown("schemas"):
        check_kept(None, urn, "schemas", request.options)
        return urn
    return None


def read_urns(request: Request, raw: object, new: Callable[[str], bool] = is_new) -> list[str]:
    """D19: The URNs that a client sends, each once and in the order sent."""
    attribute = request.kind.core.attribute("schemas")
    found: list[str] = []
    for item in read_list(request, attribute, raw, "schemas"):
        urn = accepted_urn(request, item, new)
        if urn is not None and urn not in found:
            found.append(urn)
    return found


class SchemaList:
    """What operations on `schemas`, and on extensions, do to the list."""

    def __init__(self, request: Request, store: Store, writer):
        self.request = request
        self.store = store
        self.writer = writer
        self.attribute = request.kind.core.attribute("schemas")
        self.place = Place(None, self.attribute)
        self._followed: list[Schema] = []  # whose URN `follow` added
        self._added_core = False  # by `follow`, to a resource without `schemas`
        self._known = {lower(urn) for urn in request.kind.urns}

    # -- what follows from extensions (P15) --------------------------------------------------------------------

    def follow(self, schema: Schema, had: bool, changed: bool) -> None:
        """P15: Adding an attribute of an extension adds its URN; removing the last one removes URN and object."""
        has = self.store.has_extension(schema)
        if has and changed:
            if not self.store.is_assigned(self.place):
                self.append(self.request.kind.core.id)
                self._added_core = True
            if self._slot(schema.id) is None:
                self.append(schema.id)
                self._followed.append(schema)
        elif had and not has:
            if schema.id in self.request.kind.required_extensions:
                raise Refused("mutability", f"{schema.id} is required", path=schema.id)
            self.store.drop_extension(schema)
            self.forget(schema)
        elif not has:
            self.store.drop_extension(schema)

    def _slot(self, urn: str):
        return next((slot for slot in self.store.slots(self.place).live() if self._same(slot.value, urn)), None)

    def append(self, urn: str) -> None:
        if self._slot(urn) is None:
            self.store.slots(self.place).append(urn)

    def forget(self, schema: Schema) -> None:
        """P15: What a request adds and removes again leaves `schemas` as it was."""
        slot = self._slot(schema.id)
        if slot is None or (slot.origin is not None and not self._was_there(schema)):
            return
        self._take_back(slot)

    def settle(self) -> None:
        """P15, P18: An extension that ends as it began did not change, and so its URN is not added."""
        for schema in self._followed:
            slot, places = self._slot(schema.id), [Place(schema.id, attribute) for attribute in schema.attributes]
            secret = any(where.startswith(f"{schema.id}:") for where, _ in self.request.secrets)  # P12a: it is a change
            if slot is None or slot.origin is not None or secret:
                continue
            if all(self._is_as_it_was(place) for place in places):
                self._take_back(slot)

    def _is_as_it_was(self, place: Place) -> bool:
        now, before = self.store.get(place), self.store.started(place)
        return exact(spread_if_list(place.attribute, now)) == exact(spread_if_list(place.attribute, before))

    def _take_back(self, slot: Slot) -> None:
        slots = self.store.slots(self.place)
        slots.remove(slot)
        rest = list(slots.live())
        if self._added_core and len(rest) == 1 and self._same(rest[0].value, self.request.kind.core.id):
            slots.remove(rest[0])
            self._added_core = False

    def _was_there(self, schema: Schema) -> bool:
        """Whether anything of the extension was assigned before the request."""
        return assigned(member(self.store.start, schema.id))

    # -- operations on `schemas` (P15, D16) --------------------------------------------------------------------

    def operate(self, op: str, target: Target, raw: object, in_value: bool) -> None:
        """P15: By path the change is obeyed; in a value without a path `schemas` only adds."""
        if target.sub is not None:
            raise Refused("invalidPath", "schemas has no sub-attributes", path="schemas")
        named = op == "remove" and raw is not None and raw is not NOTHING
        if not in_value:
            self._followed = []  # what is said by path is obeyed
        if target.selection is not None:
            self._brackets(op, target, raw)
        elif in_value or op == "add":
            self._add(read_urns(self.request, raw, self._is_new))
        elif op == "replace":
            self._replace(raw)
        elif named:
            for urn in self._named(raw):
                self._drop(urn)
        elif self.store.is_assigned(self.place):
            raise Refused("mutability", "schemas is required", path="schemas")

    def _named(self, raw: object) -> list[str]:
        """P14: The URNs that the value of a `remove` names."""
        self.request.repair("remove_by_value", "schemas", "invalidSyntax")
        self.request.naming = True
        items = read_list(self.request, self.attribute, raw, "schemas")
        self.request.naming = False
        return [known_urn(self.request, item) or item for item in items]

    def _is_new(self, urn: str) -> bool:
        return self._slot(urn) is None

    def _add(self, urns: list[str]) -> None:
        for urn in urns:
            if not self._left_out(urn):
                self.append(urn)

    def _left_out(self, urn: str) -> bool:
        """R7: The URN of an extension that has nothing assigned, if the host derives the list from the objects."""
        schema = self.request.kind.extension(urn)
        return self.request.options.derived_schemas and schema is not None and not self.store.has_extension(schema)

    def _replace(self, raw: object) -> None:
        """D16: Extensions that are not in the new list go; the core URN may not."""
        items = read_list(self.request, self.attribute, raw, "schemas")
        if not items and not self.store.is_assigned(self.place):
            return
        there = {lower(slot.value) for slot in self.store.slots(self.place).live() if isinstance(slot.value, str)}
        core = {lower(known_urn(self.request, item) or item) for item in items} & self.request.kind.core_urns
        if not core and (not items or there & self.request.kind.core_urns):
            raise Refused("mutability", "the core URN cannot be removed from schemas", path="schemas")
        urns = read_urns(self.request, raw)
        slots = self.store.slots(self.place)
        for slot in list(slots.live()):
            if not any(self._same(slot.value, urn) for urn in urns):
                self._drop(slot.value)
        kept = [slot.value for slot in slots.live() if not any(self._same(slot.value, urn) for urn in urns)]
        self.put([*(urn for urn in urns if self._slot(urn) or not self._left_out(urn)), *kept])

    def put(self, urns: list[str]) -> None:
        """D10: The list in the order given."""
        slots = self.store.slots(self.place)
        there = {self._key(slot.value): slot for slot in slots.live()}
        old = {urn: slot for urn in urns if (slot := there.get(self._key(urn))) is not None and slot.value == urn}
        slots.replace([old.get(urn) or Slot(urn) for urn in urns], says_secret=False)

    def _key(self, urn: object) -> object:
        """T1, D8: The URNs of this resource type ignore case; others are exact."""
        if isinstance(urn, str):
            return lower(urn) if lower(urn) in self._known else urn
        return exact(urn)

    def _drop(self, urn: object) -> None:
        """P15, D16: A removed URN of an extension removes the extension's attributes."""
        slot = self._slot(urn)
        if slot is None:
            return
        if isinstance(urn, str) and lower(urn) in self.request.kind.core_urns:
            raise Refused("mutability", "the core URN cannot be removed from schemas", path="schemas")
        schema = self.request.kind.extension(urn) if isinstance(urn, str) else None
        if schema is not None:
            if schema.id in self.request.kind.required_extensions:
                raise Refused("mutability", f"{urn} is required", path="schemas")
            self.writer.remove_extension(schema)
            if self.store.has_extension(schema):
                return  # P7: its readOnly attributes stay, and then its URN
        slot = self._slot(urn)
        if slot is not None:
            self.store.slots(self.place).remove(slot)

    def _brackets(self, op: str, target: Target, raw: object) -> None:
        slots = self.store.slots(self.place)
        chosen = [slot for slot in slots.live() if target.selection.selects(slot.value)]
        if op == "remove":
            named = None
            if raw is not None and raw is not NOTHING:
                named = self._named(raw)
            for slot in chosen:
                if named is None or any(self._same(slot.value, urn) for urn in named):
                    self._drop(slot.value)
            return
        if len(chosen) > 1 and self.request.profile("single_match"):
            raise Refused("invalidFilter", "several elements of schemas match", path="schemas")
        item = one_value(self.request, self.attribute, raw, "schemas")
        new = self._is_new if op == "add" else is_new
        urn = accepted_urn(self.request, item, new) if item is not None else None  # P8: the value is read first
        if (op == "add" and item is None) or (not chosen and self.writer.lists.does_nothing(op, item)):
            return
        if not chosen and not self.writer.lists.may_create(op, target):
            raise Refused("noTarget", "nothing matches the brackets of schemas", path="schemas")
        if not chosen and item is not None and not target.selection.selects(item):
            raise Refused("noTarget", "what would be added to schemas does not match", path="schemas")
        if not chosen:
            if urn is not None:
                if op == "replace":
                    self.request.report(target.path, "replace_creates")
                self._add([urn])
            return
        if op == "add":
            if urn is not None:
                self._add([urn])
            return
        for slot in chosen:
            if urn is None or not self._same(slot.value, urn):
                self._drop(slot.value)
        if urn is not None:
            self._add([urn])

    def _same(self, one: object, other: object) -> bool:
        return self._key(one) == self._key(other)
