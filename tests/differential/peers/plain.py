"""The part of a resource that is as its schemas say: only that is put to a peer, for odd shapes are not in question."""

import base64
import binascii
import re
from decimal import Decimal

from ..report import BUILT_IN

INSTANT = re.compile(r"-?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
COMMON = [
    {"name": "schemas", "type": "reference", "multiValued": True},
    {"name": "id", "type": "string"},
    {"name": "externalId", "type": "string"},
    {
        "name": "meta",
        "type": "complex",
        "subAttributes": [
            {"name": "resourceType", "type": "string"},
            {"name": "created", "type": "dateTime"},
            {"name": "lastModified", "type": "dateTime"},
            {"name": "location", "type": "reference"},
            {"name": "version", "type": "string"},
        ],
    },
]


def schemas_of(kind: object) -> list[dict]:
    """The schemas of a resource type: the core schema, then those of the extensions."""
    return BUILT_IN[kind] if isinstance(kind, str) else [kind["schema"], *kind["extensions"]]


def plain(resource: object, kind: object) -> dict | None:
    """The part of a resource that is as its schemas say; None if it lacks a required attribute."""
    if not isinstance(resource, dict):
        return None
    core, *extensions = schemas_of(kind)
    own = {attribute["name"] for attribute in core["attributes"]}
    common = [attribute for attribute in COMMON if attribute["name"] not in own]
    parts = {schema["id"]: _object(resource.get(schema["id"]), schema["attributes"]) for schema in extensions}
    present = {urn: part for urn, part in parts.items() if part}
    rest = {name: value for name, value in resource.items() if name not in parts and name != "schemas"}
    made = _object(rest, core["attributes"] + common)
    return None if made is None else {"schemas": [core["id"], *present], **made, **present}


def _object(value: object, attributes: list[dict]) -> dict | None:
    """The members of an object that are as their attributes say; None if a required one is not among them."""
    if not isinstance(value, dict):
        return None
    known = {attribute["name"]: attribute for attribute in attributes}
    made = {name: _value(member, known[name]) for name, member in value.items() if name in known}
    made = {name: member for name, member in made.items() if member is not None}
    missing = any(attribute.get("required") and attribute["name"] not in made for attribute in attributes)
    return None if missing else made


def _value(value: object, attribute: dict) -> object:
    if not attribute.get("multiValued"):
        return _single(value, attribute)
    items: list = []
    for item in value if isinstance(value, list) else ():
        made = _single(item, attribute)
        if isinstance(made, dict) and made.get("primary") is True and any(one.get("primary") is True for one in items):
            continue
        if made is not None and made not in items:
            items.append(made)
    return items or None


def _single(value: object, attribute: dict) -> object:
    """The value, or the part of it that is as the attribute says, if any is."""
    if attribute["type"] == "complex":
        return _object(value, attribute.get("subAttributes", [])) or None
    return value if _simple(value, attribute) else None


def _simple(value: object, attribute: dict) -> bool:
    kind = attribute["type"]
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "decimal"):
        whole = isinstance(value, int) and not isinstance(value, bool)
        return (whole or (kind == "decimal" and isinstance(value, Decimal))) and exact(value)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        return False
    if len(value) > (attribute.get("maxLength") or len(value)):
        return False
    if attribute.get("canonicalOnly") and value not in attribute.get("canonicalValues", [value]):
        return False
    if kind == "dateTime":
        return INSTANT.fullmatch(value) is not None
    if kind == "binary":
        return _base64(value)
    return kind != "reference" or re.fullmatch(r"[!-~]+", value) is not None


def _base64(value: str) -> bool:
    try:
        return base64.b64encode(base64.b64decode(value, validate=True)).decode() == value
    except (binascii.Error, ValueError):
        return False


def exact(value: object) -> bool:
    """Whether a value has only numbers that a double holds exactly, as JSON (RFC 8259 §6) makes them interoperable."""
    if isinstance(value, dict):
        return all(map(exact, value.values()))
    if isinstance(value, list):
        return all(map(exact, value))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return abs(value) <= 2**53 and (not isinstance(value, Decimal) or Decimal(float(value)) == value)
    return True
