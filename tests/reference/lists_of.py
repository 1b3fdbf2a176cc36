"""P5, P6, P8, P10: Operations on multi-valued attributes."""

from collections.abc import Callable

from .attributes import Attribute
from .documents import assigned
from .elements import (
    added,
    drop_read_only,
    fresh,
    in_identity,
    mark_secret,
    mark_secrets,
    may_set,
    overlaid,
    replaced,
)
from .errors import Refused
from .identity import element_of, equal, exact, identities, identity, part, says_secret, unchanged, unique
from .paths import lower
from .request import Request
from .store import Place, Slot, Slots, Store, with_member
from .sub_values import set_sub
from .targets import Target
from .turns import Turns
from .values import ABSENT, Given, Items, one_value, read, read_complex, read_list, read_sub


class ListWriter:
    """What an operation does to the elements of an attribute."""

    def __init__(self, request: Request, store: Store):
        self.request = request
        self.store = store

    def operate(self, op: str, target: Target, raw: object) -> None:
        place = target.place
        if target.selection is not None:
            self._brackets(op, target, raw)
        elif target.sub is not None:
            chosen = list(self.store.slots(place).live())
            if op != "remove":
                self.said(op, target, raw)
            if not chosen and op != "remove":
                raise Refused("noTarget", f"{place.path} has no element", path=place.path)
            self._sub(op, target, chosen, raw)
        elif op == "remove":
            self.clear(place)
        else:
            items = read_list(self.request, place.attribute, raw, place.path)
            if items is ABSENT:
                return
            if op == "add":
                self.add(place, items)
            else:
                self.replace(place, items)

    def clear(self, place: Place) -> None:
        """P7: Removes every element."""
        slots = self.store.slots(place)
        for slot in list(slots.live()):
            slots.remove(slot)

    # -- add and replace of lists ------------------------------------------------------------------------------

    def add(self, place: Place, items: list) -> None:
        """P5, P12a: Appends what is not there; an element with the identity of a stored one is set on that one."""
        attribute, slots, request = place.attribute, self.store.slots(place), self.request
        if not attribute.is_complex:
            if attribute.secret:
                request.told.setdefault(place.path, []).extend(items)
            for item in items if attribute.secret else unique(attribute, items):
                if attribute.secret or slots.find(identity(attribute, item)) is None:
                    slots.append(item)
            return
        items = self.with_one_primary(place, self.united(place, slots, items))
        primary = None
        for item in items:
            stored = None if says_secret(attribute, item) else slots.find(self.key(slots, attribute, item))
            if stored is None:
                element = fresh(request, attribute, item, place.path)
                if slots.find(identity(attribute, element)) is None:
                    mark_secrets(request, attribute, item, place.path, element)  # P12a: also if it is back in its place
                slot = slots.append(element)
            else:
                slot = stored
                value = added(request, attribute, slot.value, item, place.path)
                if exact(value) != exact(element_of(slot.value)):
                    slots.keep(slot, value)
            if attribute.secret:
                request.told.setdefault(place.path, []).append(dict(item))
            if _is_primary(attribute, item):
                primary = slot
        self._only_primary(place, slots, primary)

    def replace(self, place: Place, items: Items) -> None:
        """P6, P5c, D10: Another list in the order given; elements of the same identity stay."""
        attribute, slots, request = place.attribute, self.store.slots(place), self.request
        if not items and "unknown" in items.dropped:
            raise Refused("invalidValue", f"all members of {place.path} are unknown", path=place.path)
        if attribute.secret:
            request.told[place.path] = [dict(item) if isinstance(item, dict) else item for item in items]
        if not attribute.is_complex:
            items = items if attribute.secret else unique(attribute, items)
        else:
            items = self.with_one_primary(place, self.united(place, slots, items))
        new = []
        for item in items:
            stored = slots.find(self.key(slots, attribute, item))
            if not attribute.is_complex:
                value = item
            elif stored is None:
                value = fresh(request, attribute, item, place.path)
                mark_secrets(request, attribute, item, place.path, value)
            else:
                value = replaced(request, attribute, stored.value, item, place.path)
            if assigned(value):
                new.append(Slot(value))  # P5: as written
        if new:
            slots.replace(new, any(says_secret(attribute, item) for item in items))
        else:
            self.clear(place)

    def united(self, place: Place, slots: Slots, items: list[Given]) -> list[Given]:
        """P5: Elements of a request with the same identity become one: as they are sent, and as they are matched."""
        attribute = place.attribute
        items = self._one_of_each(place, items, lambda item: identities(attribute, item)[0])
        return self._one_of_each(place, items, lambda item: self.key(slots, attribute, item))

    def _one_of_each(self, place: Place, items: list[Given], key_of: Callable[[Given], object]) -> list[Given]:
        """P5: Items with the same key become one, and a lost value is reported."""
        found: dict[object, Given] = {}
        for item in items:
            key = id(item) if says_secret(place.attribute, item) else key_of(item)
            if key in found:
                item = overlaid(self.request, place.attribute, found[key], item, place.path)
            found[key] = item
        return list(found.values())

    def with_one_primary(self, place: Place, items: list) -> list:
        """P10, D20: Two new primaries in one operation are invalidValue, unless the first one counts."""
        found, first = [], True
        for item in items:
            if _is_primary(place.attribute, item):
                if not first:
                    self.request.repair("first_primary", f"{place.path}.primary", detail="two primaries")
                    other = Given(item)
                    other.read_only, other.dropped = item.read_only, item.dropped
                    other["primary"] = False
                    item = other
                first = False
            found.append(item)
        return found

    def _only_primary(self, place: Place, slots: Slots, primary: Slot | None) -> None:
        """P10: `primary: true` on one element turns every other `true` into `false`."""
        if primary is None:
            return
        for slot in slots.live():
            if slot is not primary and _is_primary(slots.attribute, slot.value):
                element = with_member(element_of(slot.value), "primary", False)
                mark_secret(
                    self.request, slots.attribute, slots.attribute.sub("primary"), f"{place.path}.primary", element
                )
                slots.keep(slot, element)

    # -- brackets and sub-attributes ---------------------------------------------------------------------------

    def _brackets(self, op: str, target: Target, raw: object) -> None:
        """P6, P7, P8, X1: What brackets choose."""
        place = target.place
        slots = self.store.slots(place)
        chosen = [slot for slot in slots.live() if target.selection.selects(slot.value)]
        said = None if op == "remove" else self.said(op, target, raw)
        if len(chosen) > 1 and self.request.profile("single_match"):
            raise Refused("invalidFilter", f"several elements of {place.path} match", path=place.path)
        if not chosen:
            if op == "remove" or self.does_nothing(op, said):
                if isinstance(said, Given):
                    drop_read_only(self.request, place.attribute, {}, said, place.path)
                return
            if not self.may_create(op, target):
                raise Refused("noTarget", f"nothing matches the brackets of {place.path}", path=place.path)
            element = self.created(op, target, raw)
            if element is not None:
                self.add(place, [element])
        elif target.sub is not None:
            self._sub(op, target, chosen, raw)
        elif op == "remove":
            for slot in chosen:
                slots.remove(slot)
        elif place.attribute.is_complex:
            self._whole(op, target, chosen, raw)
        else:
            self._simple(op, place, chosen, said)

    def said(self, op: str, target: Target, raw: object) -> object:
        """P8: What a value says is read first, whatever the brackets match; None if it says nothing."""
        if target.sub is not None:
            value = read_sub(self.request, target.attribute, target.sub, raw, target.path, target.attribute.secret)
        elif target.attribute.is_complex:
            value = self._given(op, target.place, raw)
        else:
            value = one_value(self.request, target.attribute, raw, target.place.path)
        return None if value is ABSENT else value

    def _simple(self, op: str, place: Place, chosen: list[Slot], value: object) -> None:
        """F11, P5, P6: Values of a simple list that brackets choose; `add` adds to the list."""
        slots = self.store.slots(place)
        if op == "add":
            if value is not None:
                self.add(place, [value])
            return
        if value is None:
            for slot in chosen:
                slots.remove(slot)
            return
        turns = Turns(self.request, place, slots)
        for slot in turns.of(chosen):
            if exact(slot.value) != exact(value):
                turns.put(slot, value, unite=True)

    def _whole(self, op: str, target: Target, chosen: list[Slot], raw: object) -> None:
        """P6, P5: An object for the elements that brackets choose: `replace` as a whole, `add` by sub-attribute."""
        place, attribute, request = target.place, target.attribute, self.request
        slots = self.store.slots(place)
        given = self._given(op, place, raw)
        if given is None:
            if op == "replace":
                for slot in chosen:
                    slots.remove(slot)
            return
        key, turns = self.key(slots, attribute, given), Turns(request, place, slots)
        for slot in turns.of(chosen):
            stored = element_of(slot.value)
            if op == "add" or (given.text and not attribute.is_reference):
                value = self._set_on(op, place, stored, given)
            elif identity(attribute, stored) == key:
                value = replaced(request, attribute, stored, given, place.path)
            else:
                value = fresh(request, attribute, given, place.path)
            mark_secrets(request, attribute, given, place.path, value)
            turns.put(slot, slot.value if unchanged(attribute, value, stored) else value, unite=True)
        self.after(place, {turns.now(slot) for slot in chosen} if _is_primary(attribute, given) else set())

    def _given(self, op: str, place: Place, raw: object) -> Given | None:
        """P6, P5b: The object for chosen elements; None if it says nothing."""
        attribute = place.attribute
        refers = attribute.is_reference and attribute.multi_valued and op == "replace"
        given = read_complex(self.request, attribute, raw, place.path, chosen=True)
        if given is ABSENT or given is None or "hollow" in given.dropped:
            return None
        if refers and part(given, "value") is None and (given or given.read_only):
            raise Refused("invalidValue", "a reference needs a value", path=f"{place.path}.value")
        for name in [name for name, value in given.items() if value is None]:
            del given[name]  # P9: `null` counts as absent inside an element
        if not any(assigned(value) for value in given.values()) and not given.read_only:
            if "unknown" in given.dropped and op != "add":
                raise Refused("invalidValue", f"all members of {place.path} are unknown", path=place.path)
            return None
        return given

    def _set_on(self, op: str, place: Place, stored: dict, given: Given) -> dict:
        """P5, P6: What `add` sets on a chosen element; a text sets its `value`, and the rest stays."""
        value = stored
        attribute, request = place.attribute, self.request
        for name, said in sorted(given.items(), key=lambda one: lower(one[0]) != "value"):  # P5c: another element first
            sub = attribute.sub(name)
            if sub is None:
                value = with_member(value, name, said)
            elif assigned(said):
                old = part(value, sub.name)
                if op == "add" and old is not None and in_identity(attribute, value, sub) and _same(sub, old, said):
                    continue  # P5: what is already there changes nothing
                value = _with_detail(request, attribute, value, sub, said, place.path)
        rest = Given()
        rest.read_only = given.read_only
        return added(request, attribute, value, rest, place.path)

    def _sub(self, op: str, target: Target, chosen: list[Slot], raw: object) -> None:
        """P3, P6: A sub-attribute of every chosen element."""
        place, sub, request = target.place, target.sub, self.request
        slots = self.store.slots(place)
        value = None if op == "remove" else read(request, sub, raw, target.path, target.attribute.secret)
        if value is ABSENT:
            return
        if op != "remove" and isinstance(raw, str) and value is None and _names_reference(place.attribute, sub):
            raise Refused("invalidValue", "a reference needs a value", path=target.path)
        turns = Turns(request, place, slots)
        for slot in turns.of(chosen):
            stored = element_of(slot.value)
            new = set_sub(request, place.attribute, stored, sub, value, op, place.path)
            if new is not stored:
                turns.put(slot, new, unite=in_identity(place.attribute, stored, sub))
        primary = sub.name == "primary" and place.attribute.has_primary and value is True
        self.after(place, {turns.now(slot) for slot in chosen} if primary else set())

    def after(self, place: Place, primaries: set[Slot]) -> None:
        """P10: When elements that became the same are one, there is one primary."""
        slots = self.store.slots(place)
        ordered = [slot for slot in slots.live() if slot in primaries]
        if len(ordered) > 1:
            raise Refused("invalidValue", "two primaries", path=f"{place.path}.primary")
        self._only_primary(place, slots, ordered[0] if ordered else None)

    def key(self, slots: Slots, attribute: Attribute, item: object) -> object:
        """P5: The identity by which an item is matched: with readOnly members only if a stored element has it."""
        found = identities(attribute, item)
        return next((key for key in found if slots.find(key) is not None), found[-1])

    # -- P8 ----------------------------------------------------------------------------------------------------

    def does_nothing(self, op: str, said: object) -> bool:
        """P6, P8: Where brackets match nothing, what says nothing adds nothing; so does a `replace` as `add`."""
        adds = op == "add" or (op == "replace" and self.request.allows("replace_creates"))
        return adds and not assigned(said)

    def may_create(self, op: str, target: Target) -> bool:
        """P8, P6: Whether an operation whose brackets match nothing creates the element."""
        if target.selection.equals is None or any(literal is None for _, literal in target.selection.equals):
            return False
        return op == "add" or (op == "replace" and self.request.allows("replace_creates"))

    def created(self, op: str, target: Target, raw: object) -> object | None:
        """P8, P6: The element made from the `eq`s and the value; None if the value says nothing."""
        element = self._made(target, raw)
        if element is not None and op == "replace":
            self.request.report(target.path, "replace_creates")
        return element

    def _made(self, target: Target, raw: object) -> object | None:
        place, attribute, request = target.place, target.attribute, self.request
        equals = dict(target.selection.equals)
        if not attribute.is_complex:
            item = one_value(request, attribute, raw, place.path)
            return self._checked(target, item) if item is not None else None
        if any(attribute.sub(name).read_only for name in equals):
            raise Refused("noTarget", f"nothing can be created in {place.path}", path=target.path)
        if target.sub is not None:
            value = read_sub(request, attribute, target.sub, raw, target.path, attribute.secret)
            if value is None or value is ABSENT or value == []:
                return None
            if target.sub.read_only:
                raise Refused("mutability", f"{target.path} is readOnly", path=target.path)
            given = Given({target.sub.name: value})
        else:
            given = read_complex(request, attribute, raw, place.path, chosen=True)
            if given is None or given is ABSENT or "hollow" in given.dropped:
                return None
            if not any(assigned(value) for value in given.values()):
                if "unknown" in given.dropped:
                    raise Refused("noTarget", f"nothing to create in {place.path}", path=place.path)
                return None
        for name, literal in target.selection.equals:
            sub = attribute.sub(name)
            said = [literal] if sub.multi_valued else literal  # P13: that is not a deviation of the client
            value = read(request, sub, said, f"{place.path}.{name}")
            if not assigned(given.get(name)) and assigned(value):  # P9: `null` and `[]` count as absent
                given[name] = value
        for name in [name for name, value in given.items() if value is None]:
            del given[name]
        given = self._checked(target, given)
        if attribute.is_reference and attribute.multi_valued and part(given, "value") is None:
            raise Refused("invalidValue", "a reference needs a value", path=f"{place.path}.value")
        return given

    def _checked(self, target: Target, element: object) -> object:
        """P8: A later operation with the same brackets must find the created element."""
        if not target.selection.selects(element):
            raise Refused("noTarget", f"what would be created in {target.place.path} does not match", path=target.path)
        return element


def _same(sub: Attribute, old: object, said: object) -> bool:
    return equal(sub, old) == equal(sub, said)


def _is_primary(attribute: Attribute, element: object) -> bool:
    return attribute.has_primary and part(element, "primary") is True


def _names_reference(attribute: Attribute, sub: Attribute) -> bool:
    return attribute.is_reference and sub.name == "value"


def _with_detail(
    request: Request, attribute: Attribute, element: dict, sub: Attribute, said: object, where: str
) -> dict:
    """P5c: In brackets, other details of a reference that stays are ignored and reported."""
    old = part(element, sub.name)
    if sub.multi_valued:
        return set_sub(request, attribute, element, sub, said, "add", where)
    if old is not None and not may_set(request, attribute, sub, old, said, f"{where}.{sub.name}"):
        return element
    return set_sub(request, attribute, element, sub, said, "add", where)
