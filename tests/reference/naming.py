"""P14: `remove` with a `value`: only what the value names goes."""

from collections.abc import Callable

from .attributes import Attribute
from .documents import assigned
from .elements import in_identity
from .errors import Refused
from .identity import element_of, equal, identity, part, value_identity
from .store import Slot
from .sub_values import set_sub
from .targets import Target
from .turns import Turns
from .values import Given, read, read_complex, read_list, read_sub


class Names:
    """Reads what a value names; nothing of R5 refuses or changes it."""

    def __init__(self, request, store, writer):
        self.request = request
        self.store = store
        self.writer = writer

    def remove(self, target: Target, raw: object) -> None:
        """P14, P12a, P5a: Removes what the value names; a secret is never compared."""
        attribute, request = target.attribute, self.request
        if attribute.secret or (target.sub is not None and target.sub.secret):
            raise Refused("invalidPath", f"{target.path} is secret", path=target.path)
        request.repair("remove_by_value", target.path, "invalidSyntax")
        before, request.naming = request.naming, True
        try:
            if target.sub is not None:
                self._sub(target, raw)
            elif attribute.multi_valued:
                self._elements(target, raw)
            else:
                self._single(target, raw)
        finally:
            request.naming = before

    def _chosen(self, target: Target) -> list[Slot]:
        live = self.store.slots(target.place).live()
        return [slot for slot in live if target.selection is None or target.selection.selects(slot.value)]

    def _elements(self, target: Target, raw: object) -> None:
        """P14: The elements of a multi-valued attribute."""
        items = read_list(self.request, target.attribute, raw, target.place.path)
        tests = [test for item in items if (test := self._test(target.attribute, item, target.place.path))]
        slots = self.store.slots(target.place)
        by_identity = [test for test in tests if not callable(test)]
        others = [test for test in tests if callable(test)]
        wanted = set(by_identity)
        for slot in self._chosen(target):
            if self._keys(target.attribute, slot.value) & wanted or any(test(slot.value) for test in others):
                slots.remove(slot)

    @staticmethod
    def _keys(attribute: Attribute, element: object) -> set:
        keys = {identity(attribute, element)}
        if attribute.is_complex and part(element, "value") is not None:
            keys.add(value_identity(attribute, element))
        return keys

    def _test(self, attribute: Attribute, item: object, where: str) -> object:
        """P14, F15: What an item names: an identity, or a test of elements."""
        if not attribute.is_complex:
            return identity(attribute, item)
        if item.get("value") is not None:
            says_type = part(item, "type") is not None and not attribute.is_reference
            return identity(attribute, item) if says_type else value_identity(attribute, item)
        if item.dropped:
            raise Refused("invalidValue", f"nothing of what names elements may be dropped ({item.dropped})", path=where)
        return _says_all(attribute, item)

    def _single(self, target: Target, raw: object) -> None:
        """P14: A single value is removed only if it is what the value says."""
        place, attribute = target.place, target.attribute
        if attribute.is_complex:
            given = read_complex(self.request, attribute, raw, place.path)
            stored = self.writer.single(place)
            if not given and not getattr(given, "dropped", None):
                return
            test = self._test(attribute, given, place.path)  # what is wrong with it, whatever is stored
            if not stored or (target.selection is not None and not target.selection.selects(stored)):
                return
            if not attribute.is_reference:
                test = _says_all(attribute, given) or test  # it is what the value says
            named = test(stored) if callable(test) else test in self._keys(attribute, stored)
            if named:
                self._without_value(target)
            return
        value = read(self.request, attribute, raw, place.path)
        stored = self.store.get(place)
        if value is not None and stored is not None and equal(attribute, stored) == equal(attribute, value):
            self._without_value(target)

    def _without_value(self, target: Target) -> None:
        self.request.naming = False
        self.writer.unassign(target.place)

    def _sub(self, target: Target, raw: object) -> None:
        """P5a, P14: One level down: a list in a complex value, or a single sub-attribute."""
        sub, attribute = target.sub, target.attribute
        value = read_sub(self.request, attribute, sub, raw, target.path, False)
        if not assigned(value):
            return
        names = {equal(sub, item) for item in value} if sub.multi_valued else {equal(sub, value)}
        self.request.naming = False
        if not attribute.multi_valued:
            stored = self.writer.single(target.place)
            if target.selection is not None and not (stored and target.selection.selects(stored)):
                return
            new = self._without(target, stored, names, single=True)
            if new is not stored:
                self.store.put(target.place, new)
            return
        turns = Turns(self.request, target.place, self.store.slots(target.place))
        for slot in turns.of(self._chosen(target)):
            stored = element_of(slot.value)
            new = self._without(target, stored, names, single=False)
            if new is not stored:
                turns.put(slot, new, unite=in_identity(attribute, stored, sub))

    def _without(self, target: Target, element: dict, names: set, single: bool) -> dict:
        sub, where = target.sub, target.place.path
        old = part(element, sub.name)
        if old is None:
            return element
        if sub.multi_valued:
            old = old if isinstance(old, list) else [old]
            rest = [value for value in old if equal(sub, value) not in names]
            if len(rest) == len(old):
                return element
            op = "replace" if rest else "remove"
            return set_sub(self.request, target.attribute, element, sub, rest, op, where, single)
        if equal(sub, old) not in names:
            return element
        return set_sub(self.request, target.attribute, element, sub, None, "remove", where, single)


def _says_all(attribute: Attribute, item: Given) -> Callable[[object], bool] | None:
    """P14: A test for the elements that have all it says; None if it says nothing."""
    said = {name: value for name, value in item.items() if assigned(value)}
    if not said:
        return None

    def test(element: object) -> bool:
        for name, value in said.items():
            sub, stored = attribute.sub(name), part(element, name)
            if stored is None and name == "primary" and attribute.has_primary:
                stored = False  # F15
            if stored is None:
                return False
            if sub is not None and sub.multi_valued:
                there = {equal(sub, inner) for inner in (stored if isinstance(stored, list) else [stored])}
                if not {equal(sub, inner) for inner in value} <= there:
                    return False
            elif equal(sub, stored) != equal(sub, value):
                return False
        return True

    return test
