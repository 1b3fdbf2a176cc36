"""R1-R7, D19-D22: POST and PUT: what a body says meets what is stored."""

from .apply import Writer
from .attributes import Attribute, Schema
from .bodies import body_of
from .changes import Result, result_of
from .complete import check_complete
from .documents import assigned
from .elements import drop_read_only, merged, plain, remains
from .errors import Refused
from .identity import element_of, equal, exact, identities, identity, part, says_part_of, says_the_same
from .incoming import Incoming, read_incoming, says_anything
from .options import Options
from .patch import keep_unknown
from .paths import PathError, lower
from .request import Request
from .schema import Kind
from .store import Place, Store
from .targets import Target
from .values import Given, Items

ABSENT = object()


def write(current: dict, body: object, kind: Kind, options: Options, method: str) -> Result:
    """R1, R2, R3: A POST is a PUT on a resource that has nothing."""
    request = Request(method, kind, options)
    policy = Policy(kind, options)
    store = Store(current, kind)
    writer = _Put(request, store, policy)
    writer.incoming = incoming = read_incoming(request, body_of(body), writer.read_only)
    for schema in (kind.core, *kind.extensions):
        urn = None if schema is kind.core else schema.id
        for attribute in schema.attributes:
            if not (urn is None and attribute.name == "schemas"):
                writer.attribute(Place(urn, attribute))
        if urn is not None and not store.has_extension(schema):
            store.drop_extension(schema)
    for one in incoming.unknown:
        keep_unknown(request, store, one)
    writer.schemas()
    check_complete(request, store)
    return result_of(request, current, store.finish(request.secrets))


class Policy:
    """R2: What becomes of readWrite attributes that a PUT leaves out: `clear` or `keep`."""

    def __init__(self, kind: Kind, options: Options):
        self.default = options.absent
        self.own: dict[tuple[str | None, str, str | None], str] = {}
        for name, wish in options.absent_overrides.items():
            try:
                found = kind.find(name, options)
            except PathError as error:
                raise ValueError(f"absent_overrides: {name}: {error}") from error
            if found is None or found.attribute is None or wish not in ("clear", "keep"):
                raise ValueError(f"absent_overrides: {kind.name} has no attribute {name} to {wish}")
            self.own[found.urn, found.attribute.name, found.sub and found.sub.name] = wish

    def of(self, place: Place, sub: Attribute | None = None) -> str:
        key = (place.urn, place.attribute.name)
        whole = self.own.get((*key, None), self.default)
        return whole if sub is None else self.own.get((*key, sub.name), whole)


class _Put:
    def __init__(self, request: Request, store: Store, policy: Policy):
        self.request = request
        self.store = store
        self.policy = policy
        self.incoming = Incoming()
        self.writer = Writer(request, store)

    def read_only(self, target: Target, raw: object) -> None:
        """D21, R2: readOnly attributes come from the stored resource; other values are reported."""
        secret = target.attribute.secret or (target.sub is not None and target.sub.secret)
        if plain(raw) and (secret or not self._is_stored(target, raw)):
            self.request.report(target.place.path if target.attribute.read_only else target.path, "read_only")

    def _is_stored(self, target: Target, raw: object) -> bool:
        stored = self.store.get(target.place)
        if stored is None or target.selection is not None or (target.sub and target.attribute.multi_valued):
            return False
        if target.sub is None:
            return says_part_of(target.attribute, stored, raw)
        stored = part(stored, target.sub.name)
        return stored is not None and says_the_same(target.sub, stored, raw)

    def attribute(self, place: Place) -> None:
        """R2: One attribute by its mutability and the host's policy."""
        attribute = place.attribute
        if attribute.read_only:
            return
        said = self.incoming.said.get((place.urn, attribute.name), ABSENT)
        cleared = said is ABSENT and place.urn in self.incoming.cleared
        if cleared:
            said = None
        elif attribute.secret and said is not ABSENT and not assigned(said):
            self._unknown_list(place, said)
            for one in said if isinstance(said, Items) else [said]:
                if isinstance(one, Given):
                    drop_read_only(self.request, attribute, {}, one, place.path)
            said = ABSENT  # R2: also if nothing is left of it
        self._needed(place, said)
        if attribute.mutability == "immutable" and self.store.get(place) is not None:
            self._immutable(place, said)
        elif said is ABSENT:
            self._absent(place)
        elif not says_anything(said) and not (isinstance(said, Given) and self._is_object(place)):
            self._unknown_list(place, said)
            self._null(place)
        elif attribute.multi_valued:
            self._unknown_list(place, said)
            self.writer.lists.replace(place, said)
        elif attribute.is_complex:
            self._object(place, said)
        else:
            if attribute.secret:
                self.request.secrets.add((place.path, None))
            if exact(said) != exact(self.store.get(place)):
                self.store.put(place, said)

    def _needed(self, place: Place, said: object) -> None:
        """D22: A required attribute that would stay if it is left out; strict mode asks for it, unless it is kept."""
        attribute = place.attribute
        immutable = attribute.mutability == "immutable"
        if not attribute.required or not (immutable or attribute.secret) or self.store.get(place) is None:
            return
        absent = said is ABSENT or (immutable and not says_anything(said))
        if absent and self.policy.of(place) == "clear" and not self.request.allows("absent_required"):
            raise Refused("invalidValue", f"{place.path} is required", path=place.path)

    def _is_object(self, place: Place) -> bool:
        """R2, P5c: `{}` is merged under `keep`, and what it leaves of a reference is reported."""
        attribute = place.attribute
        return not attribute.multi_valued and (attribute.is_reference or self.policy.of(place) == "keep")

    def _unknown_list(self, place: Place, said: object) -> None:
        """P6: A list of which nothing is left because its members are unknown; a POST clears nothing by it."""
        if not place.attribute.multi_valued or "unknown" not in getattr(said, "dropped", ()):
            return
        if not said and self.request.method == "PUT":
            raise Refused("invalidValue", f"all members of {place.path} are unknown", path=place.path)

    def _immutable(self, place: Place, said: object) -> None:
        """R2, P12a: An assigned immutable attribute stays, and what is sent must match it."""
        attribute, stored = place.attribute, self.store.get(place)
        if said is ABSENT or not says_anything(said):
            return
        if attribute.secret:
            self.request.report(place.path, "read_only")
            return
        if isinstance(said, Given):
            drop_read_only(self.request, attribute, self.writer.single(place), said, place.path)
            for sub in attribute.sub_attributes:
                if sub.secret and part(said, sub.name) is not None:
                    self.request.report(f"{place.path}.{sub.name}", "read_only")
        if isinstance(said, Items):
            self._judge_items(place, said)
            for sub in attribute.sub_attributes:
                if sub.secret and any(part(item, sub.name) is not None for item in said):
                    self.request.report(f"{place.path}.{sub.name}", "read_only")
        if not _matches(attribute, stored, said):
            raise Refused("mutability", f"{place.path} is immutable", path=place.path)

    def _judge_items(self, place: Place, said: Items) -> None:
        """D21: What is said of readOnly members in the elements of an immutable list."""
        attribute, slots = place.attribute, self.store.slots(place)
        for item in said:
            if isinstance(item, Given):
                found = (slots.find(key) for key in identities(attribute, item))
                stored = next((slot.value for slot in found if slot is not None), {})
                drop_read_only(self.request, attribute, element_of(stored), item, place.path)

    def _absent(self, place: Place) -> None:
        """R2: An absent readWrite attribute follows the policy; an absent secret stays."""
        attribute = place.attribute
        if attribute.secret or self.store.get(place) is None:
            return
        subs = attribute.sub_attributes if not attribute.multi_valued else ()
        if self.policy.of(place) == "keep":
            wished = [sub.name for sub in subs if self.policy.of(place, sub) == "clear"]
            if wished:
                self._object(place, Given())
            return
        stored = self.store.get(place)
        if any(self.policy.of(place, sub) == "keep" and part(stored, sub.name) is not None for sub in subs):
            self._object(place, Given())
        else:
            self._clear(place)

    def _null(self, place: Place) -> None:
        """R2: `null`, `[]` and blanks clear under either policy."""
        if self.store.get(place) is None:
            return
        self._clear(place)

    def _clear(self, place: Place) -> None:
        attribute = place.attribute
        if attribute.multi_valued:
            self.writer.lists.clear(place)
        elif not attribute.is_complex or not isinstance(self.store.get(place), dict):
            self.store.put(place, None)
        else:
            stored = self.writer.single(place)
            if attribute.is_reference:
                new = remains(attribute, stored)
            else:
                new = merged(self.request, attribute, stored, Given(), place.path, "replace", whole=True)
            if attribute.secret and new.keys() != stored.keys():
                self.request.secrets.add((place.path, None))
            self.store.put(place, new)

    def _object(self, place: Place, said: Given) -> None:
        """R2: A single complex value: merged under `keep`, else replaced but for what the client may not change."""
        attribute, stored = place.attribute, self.writer.single(place)
        keeps = self.policy.of(place) == "keep"
        given = Given(said)
        given.read_only = said.read_only
        for sub in attribute.sub_attributes:
            if (sub.secret or attribute.secret) and sub.name in given and not assigned(given[sub.name]):
                del given[sub.name]  # it counts as left out
        for sub in attribute.sub_attributes:
            old = part(stored, sub.name)
            if sub.name in given or old is None or sub.mutability in ("readOnly", "immutable") or sub.secret:
                continue
            wish = self.policy.of(place, sub)
            if keeps and wish == "clear":
                given[sub.name] = [] if sub.multi_valued else None
            elif not keeps and wish == "keep":
                given[sub.name] = old if not sub.multi_valued or isinstance(old, list) else [old]
        new = merged(self.request, attribute, stored, given, place.path, "replace", whole=not keeps)
        self.store.put(place, new)

    # -- schemas -----------------------------------------------------------------------------------------------

    def schemas(self) -> None:
        """D19, R1, R7: The order of `schemas` is as sent, then the added ones."""
        request, kind = self.request, self.request.kind
        urns = list(self.incoming.urns or ())
        if not any(lower(urn) in kind.core_urns for urn in urns):
            request.repair("missing_schemas", "schemas")
            urns.append(kind.core.id)
        missing = [schema for schema in kind.extensions if schema.id not in urns and self.store.has_extension(schema)]
        for schema in missing:
            if self.incoming.has(schema):
                request.repair("undeclared_extensions", "schemas")
                urns.append(schema.id)
        urns.extend(schema.id for schema in missing if schema.id not in urns)
        if request.options.derived_schemas:
            urns = [urn for urn in urns if self._has_object(kind.extension(urn))]
        known = {lower(urn) for urn in (*kind.urns, *urns)}
        for slot in list(self.store.slots(self.writer.schemas.place).live()):
            if isinstance(slot.value, str) and lower(slot.value) not in known and self._is_stored_object(slot.value):
                urns.append(slot.value)
        self.writer.schemas.put(urns)

    def _has_object(self, schema: Schema | None) -> bool:
        return schema is None or self.store.has_extension(schema)

    def _is_stored_object(self, urn: str) -> bool:
        """D22: What the schema does not know stays stored, and so does its URN."""
        return any(lower(name) == lower(urn) and assigned(value) for name, value in self.store.document.items())


def _matches(attribute: Attribute, stored: object, said: object) -> bool:
    """R2: Whether what is sent is what is stored; what is left out stays."""
    if not attribute.is_complex:
        return says_the_same(attribute, stored, said)
    if attribute.multi_valued:
        there = stored if isinstance(stored, list) else [stored]  # D5
        old = {identity(attribute, _shown(attribute, element)): element for element in there if assigned(element)}
        said_as = [(identities(attribute, _shown(attribute, element)), element) for element in said]
        new = [(next((key for key in keys if key in old), keys[-1]), element) for keys, element in said_as]
        same = old.keys() == {key for key, _ in new}
        return same and all(_says(attribute, old[key], element) for key, element in new)
    return _says(attribute, stored, said)


def _shown(attribute: Attribute, element: object) -> Given:
    """P12a: An element without its secrets, which are dropped whatever they are."""
    shown = Given({name: value for name, value in element_of(element).items() if not _is_secret(attribute, name)})
    shown.read_only = getattr(element, "read_only", {})
    return shown


def _is_secret(attribute: Attribute, name: str) -> bool:
    return (sub := attribute.sub(name)) is not None and sub.secret


def _says(attribute: Attribute, stored: object, said: dict) -> bool:
    for name, value in said.items():
        if assigned(value):
            sub, old = attribute.sub(name), part(stored, name)
            if sub is not None and sub.secret:
                continue  # P12a: never compared
            same = old is not None and (
                says_the_same(sub, old, value) if sub else equal(None, old) == equal(None, value)
            )
            if not same:
                return False
    return True
