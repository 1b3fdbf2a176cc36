"""P12, R1, D22: At the end of a write: what is required is there."""

from .attributes import Attribute, Schema
from .bodies import is_blank
from .documents import assigned, member
from .errors import Refused
from .identity import element_of, exact, identity, part
from .paths import lower
from .request import Request
from .store import Place, Store


def check_complete(request: Request, store: Store) -> None:
    """P12: POST and PUT need every required attribute, a PATCH those of an extension that it creates."""
    whole = not request.in_patch
    for schema in (request.kind.core, *request.kind.extensions):
        urn = None if schema is request.kind.core else schema.id
        created = False
        if urn is not None:
            if not store.has_extension(schema):
                if whole and urn in request.kind.required_extensions:
                    raise Refused("invalidValue", f"{urn} is required", path=urn)
                continue
            created = not _was_there(store, schema) and _has_changed(store, schema)
            if _is_read_only(store, schema):
                continue
        for attribute in schema.attributes:
            if not attribute.required and not any(sub.required for sub in attribute.sub_attributes):
                continue
            place = Place(urn, attribute)
            value = store.get(place)
            # P15: an extension that is removed and added again may lack what it lacked when it was stored
            again = urn in store.dropped and assigned(store.started(place))
            if attribute.required and (whole or created or again) and not attribute.read_only and value is None:
                raise Refused("invalidValue", f"{place.path} is required", path=place.path)
            if value is not None and attribute.is_complex and not attribute.read_only:
                was_set = any(path == place.path or path.startswith(f"{place.path}.") for path, _ in request.secrets)
                hidden = {
                    f"{place.path}.{sub.name}" for sub in attribute.sub_attributes if _names_secretly(attribute, sub)
                }
                named = any(path in hidden for path, _ in request.secrets) or (attribute.secret and was_set)
                if not _has_only_read_only(attribute, value):
                    _check_subs(place, store.elements(place), [] if named else store.started(place), was_set)


def _is_read_only(store: Store, schema: Schema) -> bool:
    """P12, P7: Whether nothing but readOnly attributes and sub-attributes of the extension is there."""
    holder = member(store.document, schema.id)
    unknown = isinstance(holder, dict) and any(
        assigned(value) for name, value in holder.items() if schema.attribute(name) is None
    )
    return not unknown and all(
        attribute.read_only or _has_only_read_only(attribute, store.get(Place(schema.id, attribute)))
        for attribute in schema.attributes
    )


def _has_only_read_only(attribute: Attribute, value: object) -> bool:
    """P12, P7: Whether nothing but readOnly sub-attributes of a single complex value is there."""
    if not isinstance(value, dict) or attribute.multi_valued:
        return not assigned(value)
    return all(
        (sub := attribute.sub(name)) is not None and sub.read_only for name, inner in value.items() if assigned(inner)
    )


def _was_there(store: Store, schema: Schema) -> bool:
    """P12: Whether the resource had the extension before: its URN in `schemas`, and anything that it knows."""
    urns = member(store.start, "schemas")
    if not isinstance(urns, list) or not any(isinstance(urn, str) and lower(urn) == lower(schema.id) for urn in urns):
        return False
    return any(assigned(store.started(Place(schema.id, attribute))) for attribute in schema.attributes)


def _has_changed(store: Store, schema: Schema) -> bool:
    places = [Place(schema.id, attribute) for attribute in schema.attributes]
    return any(_exact(store.get(place)) != _exact(store.started(place)) for place in places)


def _exact(value: object):
    return exact(value if assigned(value) else None)


def _names_secretly(attribute: Attribute, sub: Attribute) -> bool:
    """P12a: Whether a secret belongs to the identity: then no answer may depend on which stored element it names."""
    return attribute.multi_valued and sub.secret and sub.name.lower() in ("value", "type")


def _check_subs(place: Place, elements: list[tuple[object, object]], started: object, was_set: bool) -> None:
    """P12: What is new or changed has what it requires; an element that was stored without it may stay so.

    That is the stored element of the same identity, or the one in whose place it stands.
    """
    attribute = place.attribute
    required = [sub for sub in attribute.sub_attributes if sub.required and not sub.read_only]
    old = started if isinstance(started, list) else [started] if assigned(started) else []
    stored = {exact(element) for element in old}
    by_identity = {identity(attribute, element): element for element in old}
    for element, origin in elements:
        if exact(element) in stored and not was_set:
            continue
        same = (by_identity.get(identity(attribute, element)), origin) if attribute.multi_valued else ()
        for sub in required:
            if not _lacks(element, sub):
                continue
            if all(before is None or not _lacks(element_of(before), sub) for before in same):
                path = f"{place.path}.{sub.name}"
                raise Refused("invalidValue", f"{path} is required", path=path)


def _lacks(element: object, sub: Attribute) -> bool:
    """P12: A blank text is not a value for what is required."""
    value = part(element, sub.name)
    return value is None or is_blank(value)
