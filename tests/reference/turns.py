"""P5: An operation on several elements of a list: each in its turn, united with its twin before the next."""

from collections.abc import Iterator

from .documents import assigned
from .elements import fixed_part, mark_secret, may_set, overlaid
from .identity import element_of, identity, part
from .request import Request
from .store import Place, Slot, Slots


class Turns:
    """P5: The elements of a list while an operation changes those that it chooses."""

    def __init__(self, request: Request, place: Place, slots: Slots):
        self.request = request
        self.place = place
        self.attribute = place.attribute
        self.slots = slots
        self._order = {slot: at for at, slot in enumerate(slots.live())}
        self._there: dict[object, list[Slot]] = {}
        for slot in self._order:
            self._there.setdefault(self._key(slot), []).append(slot)
        self._moved: dict[Slot, Slot] = {}

    def of(self, chosen: list[Slot]) -> Iterator[Slot]:
        """P5: Each element that was chosen, or the one that it became part of."""
        for slot in chosen:
            now = self.now(slot)
            if now.value is not None:
                yield now

    def now(self, slot: Slot) -> Slot:
        while slot in self._moved:
            slot = self._moved[slot]
        return slot

    def put(self, slot: Slot, value: object, unite: bool) -> None:
        """P5, P7: Gives an element another value; `unite`: it becomes one with a twin that it has then."""
        self._there[self._key(slot)].remove(slot)
        if not assigned(value):
            self.slots.remove(slot)
            return
        if value is not slot.value:
            self.slots.change(slot, value)
        twins = self._there.setdefault(self._key(slot), [])
        twin = min(twins, key=self._order.__getitem__, default=None)
        twins.append(slot)
        if unite and twin is not None:
            self._unite(slot, twin)

    def _key(self, slot: Slot) -> object:
        return identity(self.attribute, slot.value)

    def _unite(self, slot: Slot, twin: Slot) -> None:
        """P5: Two elements become one: it stands in the place of the twin, and the changed one sets what it says.

        What may not change in the twin does not; of simple values the one that was there stays.
        """
        if self.attribute.is_complex:
            fixed = fixed_part(self.attribute, element_of(twin.value))
            self._check_fixed(element_of(slot.value), fixed)
            one, other = element_of(twin.value), element_of(slot.value)
            value = overlaid(self.request, self.attribute, one, other, self.place.path, fixed)
            self._mark_moved(twin, slot, value)
            self.slots.change(twin, value)
        self._let_go(slot, twin)

    def _check_fixed(self, element: dict, fixed: dict) -> None:
        """P5c, P12: Another value for what is immutable in the twin is as wrong as if the twin were given it."""
        for name, old in fixed.items():
            sub, said = self.attribute.sub(name), part(element, name)
            if said is not None:
                may_set(self.request, self.attribute, sub, old, said, f"{self.place.path}.{sub.name}")

    def _let_go(self, slot: Slot, stays: Slot) -> None:
        self._there[self._key(slot)].remove(slot)
        self.slots.remove(slot)
        self._moved[slot] = stays

    def _mark_moved(self, earlier: Slot, later: Slot, value: dict) -> None:
        """P12a: A secret that comes from an element with another identity counts as set."""
        key = identity(self.attribute, value)
        for sub in self.attribute.sub_attributes:
            if not sub.secret or part(value, sub.name) is None:
                continue
            source = later if part(later.value, sub.name) is not None else earlier
            if source.origin is None or identity(self.attribute, source.origin) != key:
                mark_secret(self.request, self.attribute, sub, f"{self.place.path}.{sub.name}", value)
