"""P5-P7, P12, P5a, P5c: A sub-attribute by path, in one element or in a single complex value."""

from .attributes import Attribute
from .documents import assigned
from .elements import distinct, joined, mark_secret, without_details
from .errors import Refused
from .identity import equal, exact, part
from .request import Request
from .store import with_member


def set_sub(
    request: Request,
    attribute: Attribute,
    element: dict,
    sub: Attribute,
    value: object,
    op: str,
    where: str,
    single: bool = False,
) -> dict:
    """P6, P12: The element with another value of a sub-attribute (None: without it); itself if nothing changes."""
    path = f"{where}.{sub.name}"
    old = part(element, sub.name)
    if sub.multi_valued and op != "remove":
        value = joined(attribute, sub, old, value) if op == "add" else distinct(attribute, sub, value)
    if not assigned(value):
        value = None
    if not _may_change(attribute, sub, old, value, path):
        return element
    if attribute.is_reference and attribute.multi_valued and sub.name == "value" and value is None and old is not None:
        raise Refused("invalidValue", "a reference needs a value", path=path)
    if value is not None:
        mark_secret(request, attribute, sub, path, element)
    if exact(old) == exact(value) and not (sub.multi_valued and (attribute.secret or sub.secret)):
        return element
    if attribute.is_reference and sub.name == "value" and old is not None and equal(sub, old) != equal(sub, value):
        if not single:
            return {"value": value}  # P5c: another value is another element, and nothing of the old one stays
        element = without_details(request, attribute, element, {}, where)
    return with_member(element, sub.name, value)


def _may_change(attribute: Attribute, sub: Attribute, old: object, new: object, path: str) -> bool:
    """P12, P12a: By path, what the client may not change is `mutability` unless it would stay the same."""
    same = equal(sub, old) == equal(sub, new) if old is not None and new is not None else old is None and new is None
    if sub.read_only or (sub.mutability == "immutable" and old is not None):
        secret = attribute.secret or sub.secret
        if not same or (secret and new is not None):
            raise Refused("mutability", f"{path} is {sub.mutability}", path=path)
        return False
    if sub.required and old is not None and new is None:
        raise Refused("mutability", f"{path} is required", path=path)
    return True
