"""Resource types (kinds), the built-in schemas with their errata (E1-E7), and the resolution of names (F12, T6)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path as File

from .attributes import Attribute, Schema, load_schema
from .options import DEFAULT, Options
from .paths import Path, PathError, as_written, behind, dotted, is_attribute, lower, split_name

__all__ = ["ANY", "ENTERPRISE", "GROUP", "USER", "Attribute", "Kind", "Resolved", "Schema", "load_schema"]

USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

# R1: old and home-made URNs of the core schemas and of EnterpriseUser.
LEGACY_CORE = tuple(
    f"urn:scim:schemas:core:{version}{tail}" for tail in (":user", ":group", "") for version in ("1.0", "2.0")
)
LEGACY_ENTERPRISE = tuple(
    f"urn:scim:schemas:extension:enterprise:{version}{tail}"
    for tail in (":user", ":group", "")
    for version in ("1.0", "2.0")
)

_READ_ONLY_TEXT = Attribute("text", mutability="readOnly", case_exact=True)

COMMON: tuple[Attribute, ...] = (
    Attribute("schemas", "reference", multi_valued=True, required=True, case_exact=True, returned="always"),
    Attribute("id", mutability="readOnly", case_exact=True, returned="always", uniqueness="server"),
    Attribute("externalId", case_exact=True),
    Attribute(
        "meta",
        "complex",
        mutability="readOnly",
        uniqueness=None,
        sub_attributes=(
            replace(_READ_ONLY_TEXT, name="resourceType"),
            Attribute("created", "dateTime", mutability="readOnly", uniqueness=None),
            Attribute("lastModified", "dateTime", mutability="readOnly", uniqueness=None),
            replace(_READ_ONLY_TEXT, name="location", type="reference"),
            replace(_READ_ONLY_TEXT, name="version"),
        ),
    ),
)


@dataclass(frozen=True)
class Resolved:
    """What a path means: a whole schema, an attribute of it, or a sub-attribute; with the repairs of the reading."""

    schema: Schema
    extension: bool
    attribute: Attribute | None = None
    sub: Attribute | None = None
    kinds: tuple[str, ...] = ()  # the switches by which the path was read

    @property
    def repairs(self) -> tuple[tuple[str, str], ...]:
        """The repairs of the reading, each with its path: `schemas` for an old URN, else the canonical path."""
        return tuple(("schemas" if kind == "legacy_schemas" else self.path, kind) for kind in self.kinds)

    @property
    def urn(self) -> str | None:
        """The key of the extension's object in a resource; None for the core schema."""
        return self.schema.id if self.extension else None

    @property
    def leaf(self) -> Attribute | None:
        return self.sub or self.attribute

    @property
    def secret(self) -> bool:
        """P12a: what is in a secret attribute is as secret as it."""
        return any(part is not None and part.secret for part in (self.attribute, self.sub))

    @property
    def path(self) -> str:
        """The canonical path (D11): the URN only for an extension (and for a core schema alone)."""
        names = [part.name for part in (self.attribute, self.sub) if part is not None]
        if not names:
            return self.schema.id
        return ".".join(names) if not self.extension else f"{self.schema.id}:{'.'.join(names)}"


@dataclass(frozen=True, eq=False, repr=False)
class Kind:
    """A resource type: its core schema (with the common attributes) and its extensions."""

    name: str
    core: Schema
    extensions: tuple[Schema, ...] = ()
    is_any: bool = False
    cores: tuple[Schema, ...] = ()  # of ANY: the schemas that `core` is made of
    required_extensions: frozenset[str] = frozenset()

    @classmethod
    def from_schemas(
        cls, name: str, core: dict, extensions: Iterable[dict] = (), required: Iterable[str] = ()
    ) -> "Kind":
        """R6: A resource type of the host's own; `required` has the URNs of the extensions that must be there."""
        return cls(
            name,
            load_schema(core, own=True).with_common(COMMON),
            tuple(load_schema(extension, own=True) for extension in extensions),
            required_extensions=frozenset(required),
        )

    @cached_property
    def urns(self) -> tuple[str, ...]:
        """The URNs of all schemas, the core's first."""
        return tuple(schema.id for schema in (*(self.cores or (self.core,)), *self.extensions))

    @cached_property
    def core_urns(self) -> frozenset[str]:
        """The URNs of the core schema (of ANY: of every core schema) in lower case."""
        return frozenset(lower(schema.id) for schema in self.cores or (self.core,))

    @cached_property
    def _schemas(self) -> dict[str, Schema]:
        return {lower(schema.id): schema for schema in (*(self.cores or (self.core,)), *self.extensions)}

    @cached_property
    def for_writes(self) -> "Kind":
        """D14: A write without a resource type is read by the schemas that are known by default."""
        return replace(self, name="User", is_any=False) if self.is_any else self

    def extension(self, urn: str) -> Schema | None:
        """The extension with the URN, which ignores case."""
        schema = self._schemas.get(lower(urn))
        return None if schema is None or lower(urn) in self.core_urns else schema

    def legacy(self, urn: str) -> str | None:
        """R1: the URN of this resource type that an old one stands for, or None."""
        old = lower(urn)
        if old in LEGACY_CORE:
            return self.urns[0]
        if old in LEGACY_ENTERPRISE and self.extension(ENTERPRISE_URN):
            return ENTERPRISE_URN
        return None

    def find(self, path: Path | str, options: Options = DEFAULT) -> Resolved | None:
        """T6: What a path means for this resource type, or None; PathError if the text is not a path."""
        return self._lookup(path, options) if isinstance(path, Path) else self.read(path, options)[1]

    def read(self, text: str, options: Options = DEFAULT) -> tuple[Path, Resolved | None]:
        """T6: The path as it was read, and what it means (None: nothing known); PathError if the text is not a path."""
        if ":" not in text:
            path = Path(None, *split_name(text))
            return path, self._lookup(path, options)
        written, error = None, None
        try:
            written = as_written(text, self.urns)
            if found := self._lookup(written, options):
                return written, found
        except PathError as problem:
            error = problem
        for path, *repairs in self._loosely(text, options):
            found = self._lookup(path, options)
            if found is None and self.is_any and not self._read_loosely(path, repairs):
                continue
            return path, found and replace(found, kinds=(*repairs, *found.kinds))
        if error:
            raise error
        return written, None

    def refused_by(self, text: str, options: Options) -> str | None:
        """D17: The switch that is off and would have read the text, or None."""
        try:
            found = self.read(text, DEFAULT)[1]
        except PathError:
            return None
        return next((kind for kind in found.kinds if not options.allows(kind)), None) if found else None

    def _loosely(self, text: str, options: Options) -> Iterable[tuple[Path | str, ...]]:
        """T6: other readings of a text that names nothing known as it is written."""
        if options.allows("legacy_schemas"):
            for old in (*LEGACY_CORE, *LEGACY_ENTERPRISE):
                if new := self.legacy(old):
                    rest = behind(text, old, ":")
                    if rest is not None and (is_attribute(rest) or not self.is_any):
                        yield self._legacy_path(old, new, rest), "legacy_schemas"
                    elif lower(text) == old:
                        yield Path(new, None), "legacy_schemas"
                    rest = behind(text, old, ".")
                    if rest is not None and options.allows("dotted_urns") and is_attribute(rest):
                        yield self._legacy_path(old, new, rest), "legacy_schemas", "dotted_urns"
        if options.allows("dotted_urns") and (path := dotted(text, self.urns)):
            yield path, "dotted_urns"

    def _read_loosely(self, path: Path, repairs: list[str]) -> bool:
        """T6, D26: Without a resource type, a name that nobody knows stands as it is written behind an old URN.

        Behind a dotted one it does unless the schema has the attribute, whatever the sub-attribute is.
        """
        return "legacy_schemas" not in repairs and self._lookup(replace(path, sub=None), DEFAULT) is not None

    def _legacy_path(self, old: str, new: str, rest: str) -> Path:
        attribute, sub = split_name(rest)
        if old in LEGACY_CORE and self.core.attribute(attribute):
            return Path(None, attribute, sub)  # of ANY: whichever core schema has it
        return Path(new, attribute, sub)

    def _lookup(self, path: Path, options: Options) -> Resolved | None:
        """F12: Attributes of an extension need their URN, unless exactly one has the name and the core has not.

        Without a resource type they always need it.
        """
        if path.urn is not None:
            if self.cores and lower(path.urn) in self.core_urns:
                return self._in(self.core, path, False)
            schema = self._schemas.get(lower(path.urn))
            return schema and self._in(schema, path, lower(path.urn) not in self.core_urns)
        if self.core.attribute(path.attribute):
            return self._in(self.core, path, False)
        if self.is_any:
            return None
        having = [schema for schema in self.extensions if schema.attribute(path.attribute)]
        if len(having) == 1 and options.allows("bare_extension_names"):
            return self._in(having[0], path, True, ("bare_extension_names",))
        return None

    @staticmethod
    def _in(schema: Schema, path: Path, extension: bool, kinds: tuple[str, ...] = ()) -> Resolved | None:
        if path.attribute is None:
            return Resolved(schema, extension, kinds=kinds)
        attribute = schema.attribute(path.attribute)
        if attribute is None:
            return None
        sub = attribute.sub(path.sub) if path.sub is not None else None
        if path.sub is not None and sub is None:
            return None
        return Resolved(schema, extension, attribute, sub, kinds)


def _change(schema: Schema, changes: dict[str, dict]) -> Schema:
    """The schema with other characteristics for some attributes (`name` or `name.sub`)."""

    def changed(attribute: Attribute, prefix: str) -> Attribute:
        subs = tuple(changed(sub, f"{attribute.name}.") for sub in attribute.sub_attributes)
        return replace(attribute, sub_attributes=subs, **changes.get(prefix + attribute.name, {}))

    return replace(schema, attributes=tuple(changed(attribute, "") for attribute in schema.attributes))


def _references_exact(schema: Schema) -> Schema:
    """E6: References are `caseExact`."""

    def exact(attribute: Attribute) -> Attribute:
        subs = tuple(exact(sub) for sub in attribute.sub_attributes)
        return replace(attribute, sub_attributes=subs, case_exact=attribute.case_exact or attribute.type == "reference")

    return replace(schema, attributes=tuple(exact(attribute) for attribute in schema.attributes))


def _built_in(name: str) -> Schema:
    """E1-E7: A schema of RFC 7643 with the errata of MEANING; E5 (no uniqueness of complex ones) is in the loader."""
    folder = File(__file__).resolve().parent / "schemas"
    schema = load_schema(json.loads((folder / f"{name}.json").read_text()))
    errata = {
        "Group": {
            "displayName": {"required": True},
            "members.display": {"mutability": "immutable"},
            "members.value": {"required": True, "case_exact": True},
        },
        "User": {"groups.$ref": {"reference_types": ("Group",)}, "groups.value": {"case_exact": True}},
        "EnterpriseUser": {
            "manager.value": {"required": False, "case_exact": True},
            "manager.$ref": {"required": False},
        },
    }
    return _references_exact(_change(schema, errata[name]))


def _any(user: Schema, group: Schema, enterprise: Schema) -> Kind:
    """No resource type: all that MEANING calls known by default."""
    names = {lower(attribute.name) for attribute in user.attributes}
    others = tuple(attribute for attribute in group.attributes if lower(attribute.name) not in names)
    merged = replace(user, attributes=user.attributes + others)
    return Kind("", merged, (enterprise,), is_any=True, cores=(user, group))


ENTERPRISE = _built_in("EnterpriseUser")
USER = Kind("User", _built_in("User").with_common(COMMON), (ENTERPRISE,))
GROUP = Kind("Group", _built_in("Group").with_common(COMMON))
ANY = _any(USER.core, GROUP.core, ENTERPRISE)
