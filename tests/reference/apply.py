"""P5-P9, P12, P15: One operation on one attribute of the resource."""

from .attributes import Attribute, Schema
from .bodies import is_blank
from .documents import assigned
from .elements import drop_read_only, is_stored_detail, merged, plain
from .errors import Refused
from .identity import (
    equal,
    exact,
    is_detail,
    is_list_for_single,
    names_secret,
    part,
    says_part_of,
    says_the_same,
    shown,
    spread_if_list,
)
from .lists_of import ListWriter
from .naming import Names
from .request import Request
from .schema_list import SchemaList
from .store import Place, Store
from .sub_values import set_sub
from .targets import Target
from .values import ABSENT, NOTHING, Given, only_one, read, read_complex, read_sub


class Writer:
    """Applies operations to a store."""

    def __init__(self, request: Request, store: Store):
        self.request = request
        self.store = store
        self.lists = ListWriter(request, store)
        self.schemas = SchemaList(request, store, self)

    # -- one attribute, with what mutability allows ------------------------------------------------------------

    def operate(self, op: str, target: Target, raw: object, in_value: bool) -> None:
        """P12, P15: An operation with all that follows from it."""
        target.report(self.request)
        if target.attribute is None:
            self.whole_schema(op, target.resolved.schema, raw)
            return
        schema = target.resolved.schema if target.resolved.extension else None
        had = schema is not None and self.store.has_extension(schema)
        if schema is None:
            self._guarded(op, target, raw, in_value)
            return
        before, secrets = self._state(target.place), set(self.request.secrets)
        self._guarded(op, target, raw, in_value)
        was_set = self.request.secrets != secrets  # P12a: that is a change, whatever the secret is
        self.schemas.follow(schema, had, was_set or self._state(target.place) != before)

    def _state(self, place: Place):
        """D10, D5: A key of what an attribute has."""
        return exact(spread_if_list(place.attribute, self.store.get(place)))

    def _guarded(self, op: str, target: Target, raw: object, in_value: bool) -> None:
        """P12, P14: readOnly, immutable and required attributes."""
        place, attribute = target.place, target.attribute
        if op == "remove" and raw is not NOTHING and raw is not None and not self.request.allows("remove_by_value"):
            raise Refused("invalidSyntax", "remove takes no value", path=target.path)
        if attribute.read_only:
            self._read_only(op, target, raw, in_value)
            return
        if in_value and target.sub is not None and target.sub.read_only and target.selection is None:
            self._read_only_sub(target, raw)
            return
        if target.sub is not None and target.sub.read_only:
            if target.sub.secret or attribute.secret or not self._changes_nothing(op, target, raw):
                self._refuse_path(target)
            return
        if in_value and self._keeps_sub(target, raw):
            return
        was_assigned = self.store.is_assigned(place)
        before = self.store.get(place) if attribute.mutability == "immutable" else None
        if before is not None and in_value and self._is_null(target, raw):
            return  # P9: it counts as absent
        if before is not None and op == "add" and attribute.multi_valued and target.sub is None and raw in ([], None):
            return  # P12: nothing is added
        if before is not None and attribute.secret:
            raise Refused("mutability", f"{place.path} is immutable", path=place.path)
        secrets, self.request.secrets = self.request.secrets, set()
        try:
            self._run(op, target, raw, in_value)
            if before is not None and self.request.secrets:  # P12a: right or wrong
                raise Refused("mutability", f"{place.path} is immutable", path=place.path)
        finally:
            self.request.secrets |= secrets
        if attribute.required and was_assigned and not self.store.is_assigned(place):
            raise Refused("mutability", f"{place.path} is required", path=place.path)
        if before is not None:
            after = self.store.get(place)
            if after is None or not says_the_same(attribute, after, before):
                raise Refused("mutability", f"{place.path} is immutable", path=place.path)
            self.store.put(place, before)

    def _keeps_sub(self, target: Target, raw: object) -> bool:
        """P9: A key that is a path without brackets is in a value: `null` for what may not change counts as absent."""
        sub = target.sub
        if sub is None or sub.mutability != "immutable" or target.selection is not None:
            return False
        if target.attribute.is_reference and target.attribute.multi_valued and sub.name == "value":
            return False  # P5b: it cannot be unset
        stored = self.store.get(target.place)
        there = any(
            part(one, sub.name) is not None for one in (stored if isinstance(stored, list) else [stored]) if one
        )
        return there and self._is_null(target, raw)

    def _is_null(self, target: Target, raw: object) -> bool:
        """P9, R1: Whether a member is `null`, empty, or a blank text that is read as `null`."""
        attribute = target.sub or target.attribute
        single = not attribute.multi_valued
        if not single and raw == {} and not attribute.is_reference:
            self.request.repair("single_for_list", target.path)  # P13, P6: `[{}]` is `[]`
            return True
        if not single and isinstance(raw, list) and not attribute.is_reference:
            return all(self._is_no_element(attribute, item) for item in raw)
        if single and isinstance(raw, list) and len(raw) == 1 and (raw[0] is None or is_blank(raw[0])):
            raw = only_one(self.request, raw, target.path)
        if not is_blank(raw):
            return raw is None or (raw == [] and (not single or self.request.allows("list_for_single")))
        if attribute.required or not self.request.allows("blank_strings"):
            return False  # P12: a blank is not a value for what is required
        self.request.report(target.path, "blank_strings")
        return True

    def _is_no_element(self, attribute: Attribute, item: object) -> bool:
        """P6: `[null]`, `[{}]` and lists of blanks are `[]`."""
        if item is None:
            return self.request.allows("null_elements")
        return item == {} or (is_blank(item) and self.request.allows("blank_strings") and not attribute.required)

    def _run(self, op: str, target: Target, raw: object, in_value: bool) -> None:
        place, attribute = target.place, target.attribute
        if place.urn is None and attribute.name == "schemas":
            self.schemas.operate(op, target, raw, in_value)
        elif op == "remove" and raw is not NOTHING and raw is not None:
            Names(self.request, self.store, self).remove(target, raw)
        elif attribute.multi_valued:
            self.lists.operate(op, target, raw)
        elif target.selection is not None:
            self._in_brackets(op, target, raw)
        elif target.sub is not None:
            self.sub_attribute(op, target, raw)
        elif op == "remove":
            self.unassign(place)
        elif attribute.is_complex:
            self._complex(op, target, raw)
        else:
            self._simple(target, raw)

    # -- readOnly (P12) ----------------------------------------------------------------------------------------

    def _read_only(self, op: str, target: Target, raw: object, in_value: bool) -> None:
        """P12: readOnly by path is `mutability`, in a value it is dropped; the same value as stored is accepted."""
        place, attribute = target.place, target.attribute
        secret = attribute.secret or (target.sub is not None and target.sub.secret)
        if in_value and target.selection is None:
            if op == "remove":
                if plain(raw) and self.store.is_assigned(place):  # P12: what is not there cannot be removed
                    self.request.read_only(target.path)
                return
            if attribute.name == "meta" and place.urn is None and self.request.in_patch:
                return
            if not plain(raw):
                return
            if not secret and self._same(target, raw):
                return
            if attribute.name == "id" and place.urn is None and self.request.in_patch:
                raise Refused("mutability", "id is readOnly", path="id")
            self.request.read_only(target.path if target.selection is None else place.path)
            return
        if secret or not self._changes_nothing(op, target, raw):  # P12a
            self._refuse_path(target)

    def _refuse_path(self, target: Target) -> None:
        """P12: An operation on a readOnly attribute is refused, or (`read_only_paths`) dropped, but for `id`."""
        if target.attribute.name == "id" and target.place.urn is None:
            raise Refused("mutability", "id is readOnly", path="id")
        self.request.repair("read_only_paths", target.path, "mutability", f"{target.path} is readOnly")

    def _same(self, target: Target, raw: object) -> bool:
        """P12: Whether a value says what is stored."""
        stored = self.store.get(target.place)
        if stored is None or target.selection is not None or is_list_for_single(target.sub or target.attribute, raw):
            return False
        if target.sub is None and target.attribute.multi_valued and not isinstance(raw, list):
            raw = [raw]  # P13
        if target.sub is not None:
            if target.attribute.multi_valued:
                return False
            stored = part(stored, target.sub.name)
            return stored is not None and says_the_same(target.sub, stored, raw)
        return says_part_of(target.attribute, stored, raw)

    def _changes_nothing(self, op: str, target: Target, raw: object) -> bool:
        """P12, P7: Whether an operation on a readOnly attribute would leave it as it is."""
        stored, attribute = self.store.get(target.place), target.attribute
        if target.selection is not None or (target.sub is not None and attribute.multi_valued):
            elements = stored if isinstance(stored, list) else [stored] if stored is not None else []
            chosen = [element for element in elements if target.selection is None or target.selection.selects(element)]
            if op == "add" and not plain(raw):
                return True  # P8: it says nothing
            if target.sub is not None:
                parts = [part(element, target.sub.name) for element in chosen]
                if op == "remove" or not plain(raw):
                    return all(value is None for value in parts)
                return bool(parts) and all(says_the_same(target.sub, value, raw) for value in parts)
            if op == "remove":
                return not chosen
            if names_secret(attribute, raw):
                return False
            return bool(chosen) and all(
                says_the_same(attribute, [shown(attribute, element)], [raw]) for element in chosen
            )
        if target.sub is not None:
            stored = part(stored, target.sub.name) if stored is not None else None
            attribute = target.sub
        if op == "remove":
            return stored is None
        if isinstance(raw, dict) and not plain(raw) and attribute.is_complex:
            return True
        if not plain(raw):
            return stored is None or (op == "add" and attribute.multi_valued)
        if stored is None or is_list_for_single(attribute, raw) or names_secret(attribute, raw):
            return False
        if op == "add" and attribute.multi_valued:
            there = {equal(attribute, shown(attribute, element)) for element in spread_if_list(attribute, stored)}
            return all(equal(attribute, item) in there for item in (raw if isinstance(raw, list) else [raw]))
        return says_the_same(attribute, stored, raw) or (attribute.is_complex and says_part_of(attribute, stored, raw))

    def _read_only_sub(self, target: Target, raw: object) -> None:
        """P12: A readOnly sub-attribute in a value (`{"manager.displayName": …}`) is dropped."""
        secret = target.attribute.secret or target.sub.secret
        if plain(raw) and (secret or not self._same(target, raw)):
            self.request.read_only(target.path)

    # -- single values -----------------------------------------------------------------------------------------

    def _simple(self, target: Target, raw: object) -> None:
        """P5, P6, P9: Sets a single value, or unassigns it."""
        place, attribute = target.place, target.attribute
        value = read(self.request, attribute, raw, place.path)
        if value is ABSENT:
            return
        if value is None:
            self.unassign(place)
            return
        if attribute.secret:
            self.request.secrets.add((place.path, None))
        if attribute.secret or exact(value) != exact(self.store.get(place)):
            self.store.put(place, value)

    def _complex(self, op: str, target: Target, raw: object, whole: bool = False) -> None:
        """P5, P6, P9, X1: Sets the given sub-attributes of a complex value."""
        place, attribute = target.place, target.attribute
        given = read_complex(self.request, attribute, raw, place.path)
        if given is ABSENT:
            return
        if given is None:
            self.unassign(place)
            return
        whole = whole or (op == "replace" and self.request.profile("whole_replaced"))
        self.merge(place, given, op, whole)

    def merge(self, place: Place, given: Given, op: str, whole: bool = False) -> None:
        stored = self.single(place)
        new = merged(self.request, place.attribute, stored, given, place.path, op, whole)
        if new is not stored:
            self._put_secret(place, stored, new)
            self.store.put(place, new)

    def single(self, place: Place) -> dict:
        """P6: The stored complex value; what is not an object a PATCH refuses, and a PUT replaces."""
        stored = self.store.raw(place)
        if isinstance(stored, dict):
            return stored
        if self.request.in_patch and stored is not None and (not isinstance(stored, list) or assigned(stored)):
            raise Refused("invalidValue", f"the stored value of {place.path} is not an object", path=place.path)
        return {}

    def unassign(self, place: Place) -> None:
        """P7, P9, P12, P5c: Unassigns an attribute; immutable sub-attributes of a single value close it.

        readOnly sub-attributes stay, but details of a reference only with its `value`.
        """
        attribute = place.attribute
        if attribute.multi_valued:
            self.lists.clear(place)
            return
        if not attribute.is_complex:
            self.store.put(place, None)
            return
        self._closed(place)
        stored = self.single(place)
        rest = {
            name: value for name, value in stored.items() if (sub := attribute.sub(name)) is not None and sub.read_only
        }
        if part(rest, "value") is None:
            rest = {name: value for name, value in rest.items() if not is_detail(attribute, attribute.sub(name))}
        elif attribute.is_reference:
            rest = {name: value for name, value in stored.items() if name in rest or is_stored_detail(attribute, name)}
        self._put_secret(place, stored, rest)
        self.store.put(place, rest)

    def _put_secret(self, place: Place, stored: dict, new: dict) -> None:
        """P12a: What goes from a secret complex value is a change, also if something stays of it."""
        if place.attribute.secret and any(
            part(stored, name) is not None and part(new, name) is None for name in stored
        ):
            self.request.secrets.add((place.path, None))

    def _closed(self, place: Place) -> None:
        """P12: A single value with an assigned immutable sub-attribute cannot be unassigned."""
        stored = self.single(place)
        for sub in place.attribute.sub_attributes:
            detail = is_detail(place.attribute, sub)
            if sub.mutability == "immutable" and not detail and part(stored, sub.name) is not None:
                raise Refused("mutability", f"{place.path}.{sub.name} is immutable", path=f"{place.path}.{sub.name}")

    def sub_attribute(self, op: str, target: Target, raw: object) -> None:
        """P5, P6, P7: A sub-attribute of a single complex value."""
        place, sub = target.place, target.sub
        stored = self.single(place)
        value = (
            None
            if op == "remove"
            else read_sub(self.request, target.attribute, sub, raw, target.path, target.attribute.secret)
        )
        if value is ABSENT:
            return
        new = set_sub(self.request, target.attribute, stored, sub, value, op, place.path, single=True)
        if new is not stored:
            self._put_secret(place, stored, new)
            self.store.put(place, new)

    def _in_brackets(self, op: str, target: Target, raw: object) -> None:
        """F11, P6, P8: On a single complex attribute brackets only say whether the operation is done."""
        place, stored = target.place, self.single(target.place)
        said = None if op == "remove" else self._said(target, raw)
        if stored and target.selection.selects(stored):
            if target.sub is not None:
                self.sub_attribute(op, target, raw)
            elif op == "remove":
                self.unassign(place)
            else:
                self._complex(op, target, raw)
            return
        if op == "remove" or self.lists.does_nothing(op, said):
            if isinstance(said, Given):
                drop_read_only(self.request, place.attribute, {}, said, place.path)
            return
        if stored or not self.lists.may_create(op, target):
            raise Refused("noTarget", f"nothing matches the brackets of {place.path}", path=place.path)
        given = self.lists.created(op, target, raw)
        if given is not None:
            self.merge(place, given, "add")

    def _said(self, target: Target, raw: object) -> object:
        """P8: The value is read first, whatever the brackets match; None if it says nothing."""
        place, sub = target.place, target.sub
        if sub is not None:
            value = read_sub(self.request, place.attribute, sub, raw, target.path, place.attribute.secret)
        else:
            value = read_complex(self.request, place.attribute, raw, place.path)
        return None if value is ABSENT else value

    # -- whole schemas (P11, P15) ------------------------------------------------------------------------------

    def whole_schema(self, op: str, schema: Schema, raw: object) -> None:
        """P9, P15: `remove` of an extension, or `null` for it."""
        if op != "remove" and raw is not None:
            raise TypeError("objects are read member by member")
        self.remove_extension(schema)

    def remove_extension(self, schema: Schema) -> None:
        """P7, P12, P15: An extension goes with its URN, if none of its attributes forbids it.

        What only the provider sets stays.
        """
        if not self.store.has_extension(schema):
            return
        if schema.id in self.request.kind.required_extensions:
            raise Refused("mutability", f"{schema.id} is required", path=schema.id)
        for attribute in schema.attributes:
            place = Place(schema.id, attribute)
            if self.store.get(place) is None:
                continue
            if attribute.read_only:
                continue  # what only the provider sets stays
            if attribute.mutability == "immutable":
                raise Refused("mutability", f"{place.path} is immutable", path=place.path)
            if attribute.is_complex and not attribute.multi_valued:
                self._closed(place)
        for attribute in schema.attributes:
            if not attribute.read_only and self.store.is_assigned(Place(schema.id, attribute)):
                self.unassign(Place(schema.id, attribute))
        if any(self.store.is_assigned(Place(schema.id, attribute)) for attribute in schema.attributes):
            self.store.drop_unknown(schema)
            self.schemas.follow(schema, True, True)
            return
        self.store.drop_extension(schema)
        self.schemas.forget(schema)
