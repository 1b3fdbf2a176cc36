"""Attributes and schemas, and how they are loaded from JSON (R6, RFC 7643 §7)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from .errors import SchemaError
from .paths import is_name, lower

TYPES = ("string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex")
MUTABILITY = ("readOnly", "readWrite", "immutable", "writeOnly")
RETURNED = ("always", "never", "default", "request")
UNIQUENESS = ("none", "server", "global")

TEXT_TYPES = frozenset({"string", "reference", "binary", "dateTime"})
NUMBER_TYPES = frozenset({"decimal", "integer"})

SCHEMA_MEMBERS = ("schemas", "id", "externalId", "name", "description", "attributes", "meta")
ATTRIBUTE_MEMBERS = (
    "name",
    "type",
    "subAttributes",
    "multiValued",
    "description",
    "required",
    "canonicalValues",
    "caseExact",
    "mutability",
    "returned",
    "uniqueness",
    "referenceTypes",
    "maxLength",
    "canonicalOnly",
)


@dataclass(frozen=True, eq=False, repr=False)
class Attribute:
    """An attribute or sub-attribute with its characteristics (RFC 7643 §2.2 and §7)."""

    name: str
    type: str = "string"
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str | None = "none"
    canonical_values: tuple = ()
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple["Attribute", ...] = ()
    max_length: int | None = None
    canonical_only: bool = False
    description: str = ""
    prepared: bool = False  # F16: userName

    @cached_property
    def subs(self) -> dict[str, "Attribute"]:
        """The sub-attributes by name in lower case."""
        return {lower(sub.name): sub for sub in self.sub_attributes}

    def sub(self, name: str) -> "Attribute | None":
        return self.subs.get(lower(name))

    @property
    def is_complex(self) -> bool:
        return self.type == "complex"

    @property
    def is_text(self) -> bool:
        return self.type in TEXT_TYPES

    @property
    def is_number(self) -> bool:
        return self.type in NUMBER_TYPES

    @property
    def secret(self) -> bool:
        """Words: `returned: never` or `writeOnly` (Q26)."""
        return self.returned == "never" or self.mutability == "writeOnly"

    @property
    def read_only(self) -> bool:
        return self.mutability == "readOnly"

    @property
    def is_reference(self) -> bool:
        """P5: an attribute that has `$ref` refers to something by its `value`."""
        return "$ref" in self.subs and "value" in self.subs

    @property
    def has_primary(self) -> bool:
        """F15: multi-valued, complex and with a boolean `primary`."""
        primary = self.subs.get("primary")
        return self.multi_valued and primary is not None and primary.type == "boolean"


@dataclass(frozen=True, eq=False, repr=False)
class Schema:
    """A schema: its URN and its attributes."""

    id: str
    name: str
    attributes: tuple[Attribute, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Attribute]:
        return {lower(attribute.name): attribute for attribute in self.attributes}

    def attribute(self, name: str) -> Attribute | None:
        return self.by_name.get(lower(name))

    def with_common(self, common: Iterable[Attribute]) -> "Schema":
        """RFC 7643 §3.1: the common attributes take precedence over what a schema says about them."""
        common = tuple(common)
        names = {attribute.name.lower() for attribute in common}
        own = tuple(attribute for attribute in self.attributes if lower(attribute.name) not in names)
        return replace(self, attributes=common + own)


def load_schema(document: dict, own: bool = False) -> Schema:
    """R6: A schema from JSON as another server serves it; if it is the host's `own`, unknown members are errors."""
    notes: list[str] = []
    members = _members(document, SCHEMA_MEMBERS, "a schema", own, notes)
    urn = members.get("id")
    if not isinstance(urn, str) or not urn:
        raise SchemaError("a schema has no id")
    entries = members.get("attributes") or []
    if not isinstance(entries, list):
        raise SchemaError(f"{urn}: attributes is not a list")
    attributes = tuple(_attribute(entry, urn, "", own, notes) for entry in entries)
    _unique(attributes, urn)
    return Schema(urn, members.get("name") or urn, attributes, tuple(notes))


def _members(document: object, known: tuple[str, ...], place: str, own: bool, notes: list[str]) -> dict:
    """R6: `null` is absent, names ignore case; other members are skipped and near misses noted."""
    if not isinstance(document, dict):
        raise SchemaError(f"{place} is not an object")
    by_lower = {name.lower(): name for name in known}
    found: dict = {}
    for name, value in document.items():
        wanted = by_lower.get(lower(name))
        if wanted is None:
            if own:
                raise SchemaError(f"{place}: unknown member {name!r}")
            if near := next((entry for entry in known if _near(lower(name), entry.lower())), None):
                notes.append(f"{place}: {name!r} may mean {near!r}")
        elif value is not None:
            found.setdefault(wanted, value)
    return found


def _near(one: str, other: str) -> bool:
    """Whether one edit, or the exchange of two neighbours, makes the names equal."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest_one, rest_other = one[start:], other[start:]
    return (
        rest_one[1:] == rest_other
        or rest_one == rest_other[1:]
        or rest_one[1:] == rest_other[1:]
        or (rest_one[2:] == rest_other[2:] and rest_one[:2] == rest_other[:2][::-1])
    )


def _attribute(entry: object, urn: str, parent: str, own: bool, notes: list[str]) -> Attribute:
    name = next((v for k, v in entry.items() if lower(k) == "name"), None) if isinstance(entry, dict) else None
    place = f"{urn}: {parent}{name}"
    members = _members(entry, ATTRIBUTE_MEMBERS, place, own, notes)
    if not isinstance(name, str) or not is_name(name):
        raise SchemaError(f"{place}: {name!r} is not the name of an attribute")
    kind = _keyword(members, "type", TYPES, "string", place)
    subs = members.get("subAttributes") or []
    if not isinstance(subs, list) or (subs and kind != "complex"):
        raise SchemaError(f"{place}: only a complex attribute has a list of subAttributes")
    if parent and kind == "complex":
        raise SchemaError(f"{place}: a sub-attribute cannot be complex")
    sub_attributes = tuple(_attribute(sub, urn, f"{name}.", own, notes) for sub in subs)
    _unique(sub_attributes, place)
    exact = kind in ("reference", "binary")  # RFC 7643 §2.3.6, §2.3.7, whatever the schema says
    case_exact = _boolean(members, "caseExact", place) or exact
    uniqueness = _keyword(members, "uniqueness", UNIQUENESS, "none", place)
    return Attribute(
        name=name,
        type=kind,
        multi_valued=_boolean(members, "multiValued", place),
        required=_boolean(members, "required", place),
        case_exact=case_exact,
        mutability=_keyword(members, "mutability", MUTABILITY, "readWrite", place),
        returned=_keyword(members, "returned", RETURNED, "default", place),
        uniqueness=uniqueness if kind in ("string", "reference", "decimal", "integer") else None,
        canonical_values=tuple(_list(members, "canonicalValues", place)),
        reference_types=tuple(_list(members, "referenceTypes", place)),
        sub_attributes=sub_attributes,
        max_length=_length(members, place),
        canonical_only=_boolean(members, "canonicalOnly", place),
        description=members.get("description", ""),
        prepared=not parent and lower(name) == "username" and kind == "string",
    )


def _unique(attributes: tuple[Attribute, ...], place: str) -> None:
    seen: set[str] = set()
    for attribute in attributes:
        if lower(attribute.name) in seen:
            raise SchemaError(f"{place}: {attribute.name!r} twice")
        seen.add(lower(attribute.name))


def _keyword(members: dict, member: str, allowed: tuple[str, ...], default: str, place: str) -> str:
    value = members.get(member, default)
    for word in allowed:
        if isinstance(value, str) and word.lower() == lower(value):
            return word
    raise SchemaError(f"{place}: {member} is {value!r}, but one of {', '.join(allowed)} is due")


def _boolean(members: dict, member: str, place: str, default: bool = False) -> bool:
    value = members.get(member, default)
    if not isinstance(value, bool):
        raise SchemaError(f"{place}: {member} is {value!r}, but a boolean is due")
    return value


def _list(members: dict, member: str, place: str) -> list:
    value = members.get(member, [])
    if not isinstance(value, list):
        raise SchemaError(f"{place}: {member} is not a list")
    return [entry for entry in value if entry is not None]


def _length(members: dict, place: str) -> int | None:
    value = members.get("maxLength")
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    raise SchemaError(f"{place}: maxLength is {value!r}, but a whole number is due")
