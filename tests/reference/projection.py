"""What is returned of a resource (RFC 7644 §3.9; RFC 7643 §7 "returned"; Q7, Q14-Q19, Q26)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .attributes import Attribute
from .documents import document
from .errors import Refused
from .filter_parser import parse_inside
from .hidden import Place, full_name, top
from .options import DEFAULT, Options
from .paths import Path, PathError, lower, split_patch
from .query_text import WHITE_SPACE
from .schema import ANY, Kind, Resolved

GONE = object()
CORE = ""


@dataclass(frozen=True)
class Names:
    """Q16, Q17: The names of a list of attributes; all texts are in lower case."""

    schemas: set[str] = field(default_factory=set)  # URNs of extensions; CORE for the core schema
    attributes: set[str] = field(default_factory=set)  # canonical paths
    subs: dict[str, set[str]] = field(default_factory=dict)  # canonical path of the attribute: sub-attributes
    elements: set[str] = field(default_factory=set)  # canonical paths of simple lists whose `value` is named
    urns: set[str] = field(default_factory=set)  # of the schemas of which something is named that is not a secret
    texts: set[str] = field(default_factory=set)  # as they were sent, for members that no schema knows

    def inside(self, path: str) -> set[str]:
        """Q18: What is named within a member that no schema knows."""
        marks = (f"{path}.", f"{path}:") if ":" in path else (f"{path}.",)
        return {text[len(path) + 1 :] for text in self.texts if text.startswith(marks)}


def _without_brackets(text: str, kind: Kind, options: Options) -> str:
    """Q17: In `attributes`, brackets that can be read change nothing in what is asked for."""
    if "[" not in text:
        return text
    path = split_patch(text, options.allows("loose_blanks"))
    try:
        parse_inside(path.brackets, kind, options)
    except Refused as error:
        raise PathError(str(error)) from error
    return path.path if path.sub is None else f"{path.path}.{path.sub}"


def read_names(texts: Iterable[str], kind: Kind, options: Options, brackets: bool = False) -> Names:
    """Q17: Unknown names, and texts that are not names, are ignored, unless the resource has a member of the name.

    Q18: A name that means an attribute of the resource type means nothing else.
    """
    names = Names()
    for text in texts:
        try:
            if brackets:
                text = _without_brackets(text, kind, options)
            path, found = kind.read(text, options)
        except PathError:
            continue
        if not (found is not None and found.secret):
            urn = path.urn if found is None else found.urn
            names.urns.add(lower(urn or CORE))
        if found is None and path.attribute is None:
            names.texts.add(lower(path.urn))
        elif found is None:
            if (holder := _holder(path, kind, options)) is not None:
                _add_sub(names, holder, path.sub)
            names.texts.add(lower(text))
            urn = "" if path.urn is None or lower(path.urn) in kind.core_urns else f"{path.urn}:"
            names.texts.add(lower(str(Path(None, path.attribute, path.sub)) if not urn else str(path)))
        elif found.attribute is None:
            names.schemas.add(lower(found.schema.id) if found.extension else CORE)
        else:
            whole = lower(f"{found.urn}:{found.attribute.name}" if found.urn else found.attribute.name)
            if found.sub is None:
                names.attributes.add(whole)
            else:
                names.subs.setdefault(whole, set()).add(lower(found.sub.name))
    return names


def _holder(path: Path, kind: Kind, options: Options) -> Resolved | None:
    """Q17: The attribute of which something is named that no schema knows, or None."""
    if path.sub is None:
        return None
    found = kind.find(Path(path.urn, path.attribute), options)
    return None if found is None or found.secret else found


def _add_sub(names: Names, holder: Resolved, sub: str) -> None:
    """Q17: The name of an unknown sub-attribute; `value` asks for the elements of a simple list (F11)."""
    attribute, whole = holder.attribute, lower(holder.path)
    names.urns.add(lower(holder.urn or CORE))
    if attribute.is_complex:
        names.subs.setdefault(whole, set()).add(lower(sub))
    elif attribute.multi_valued and lower(sub) == "value":
        names.elements.add(whole)


def project(
    resource: dict,
    kind: Kind | None = None,
    attributes: list[str] | None = None,
    excluded: list[str] | None = None,
    options: Options = DEFAULT,
) -> dict:
    """RFC 7644 §3.9: The resource as it is returned; Q7: the two lists exclude each other."""
    attributes, excluded = _not_blank(attributes), _not_blank(excluded)
    if attributes and excluded:
        raise Refused("invalidValue", "attributes and excludedAttributes are mutually exclusive")
    kind = kind or ANY
    if attributes:
        projection = Requested(kind, read_names(attributes, kind, options, brackets=True))
    else:
        projection = Default(kind, read_names(excluded or (), kind, options))
    return projection.resource(document(resource))


class Projection:
    """The walk through a resource; what is kept of an attribute is in the subclasses."""

    def __init__(self, kind: Kind, names: Names):
        self.kind = kind
        self.names = names

    def resource(self, resource: dict) -> dict:
        place, shown = top(self.kind), {}
        for name, value in resource.items():
            if not place.is_secret(name):
                result = self.top_member(name, value, place)
                if result is not GONE:
                    shown[name] = result
        return shown

    def top_member(self, name: str, value: object, place: Place) -> object:
        """Q14: An attribute, an extension's object, an object of the core schema, or an unknown member."""
        if attribute := place.attribute(name):
            return self.attribute(attribute, value, CORE)
        low = lower(name)
        urn = self.kind.legacy(name) or name
        if lower(urn) in self.kind.core_urns:
            return GONE
        if self.kind.extension(urn):
            return self.schema_object(value, place.inside(name), lower(urn))
        found = full_name(name, self.kind)
        if found is not None:
            return self.full_name(found, value)
        return self.unknown(low, value, CORE)

    def full_name(self, found: Resolved, value: object) -> object:
        """Q18: A member whose key is a full name is returned as the attribute is."""
        urn = lower(found.urn or CORE)
        if found.sub is None:
            return self.attribute(found.attribute, value, urn)
        shown = self.attribute(found.attribute, {found.sub.name: value}, urn)
        return GONE if shown is GONE else shown[found.sub.name]

    def schema_object(self, value: object, place: Place, urn: str) -> object:
        """Q15: The object of a schema; one of which nothing is left is dropped."""
        if isinstance(value, list) and value:
            return _kept(value, [self.schema_object(inner, place, urn) for inner in value])
        if not isinstance(value, dict) or not value:
            return value if self.names_some_of(urn) else GONE
        shown = {}
        for name, inner in value.items():
            if not place.is_secret(name):
                attribute = place.attribute(name)
                path = lower(f"{urn}:{name}" if urn else name)
                shown[name] = self.attribute(attribute, inner, urn) if attribute else self.unknown(path, inner, urn)
        return _kept_object(value, shown)

    def attribute(self, attribute: Attribute, value: object, urn: str) -> object:
        raise NotImplementedError

    def unknown(self, path: str, value: object, urn: str) -> object:
        raise NotImplementedError

    def has_always(self, urn: str) -> bool:
        return any(attribute.returned == "always" for attribute in self.kind.extension(urn).attributes)

    def names_some_of(self, urn: str) -> bool:
        """Q15: Whether anything of a schema may be returned: then an empty object stays."""
        raise NotImplementedError


class Requested(Projection):
    """`attributes`: the minimum set and what is named."""

    def attribute(self, attribute: Attribute, value: object, urn: str) -> object:
        """Q16, Q19: `always` comes along, `request` only if it is named itself."""
        path = _path(attribute, urn)
        named = self.names.subs.get(path, set())
        whole = (
            attribute.returned == "always"
            or path in self.names.attributes
            or path in self.names.elements
            or (attribute.returned == "default" and urn in self.names.schemas)
        )
        if not whole and not (named and attribute.is_complex):
            return GONE

        def wants(name: str) -> bool:
            sub = attribute.sub(name)
            if name in named or (sub is not None and sub.returned == "always"):
                return True
            return whole and (sub is None or sub.returned == "default")

        return _filtered(value, attribute, wants, whole)

    def unknown(self, path: str, value: object, urn: str) -> object:
        """Q18: Members that no schema knows can be named, and belong to the schema in whose object they are."""
        if path in self.names.texts or urn in self.names.schemas:
            return _without_passwords(value)
        inner = self.names.inside(path)
        return _picked(value, inner) if inner else GONE

    def names_some_of(self, urn: str) -> bool:
        return urn in self.names.urns or self.has_always(urn)


class Default(Projection):
    """The minimum set and the default set, without what `excludedAttributes` names."""

    def attribute(self, attribute: Attribute, value: object, urn: str) -> object:
        """RFC 7644 §3.9: What is `always` returned cannot be excluded."""
        path = _path(attribute, urn)
        if attribute.returned == "request":
            return GONE
        if attribute.returned == "default" and (path in self.names.attributes or urn in self.names.schemas):
            return GONE
        named = self.names.subs.get(path, set())

        def wants(name: str) -> bool:
            sub = attribute.sub(name)
            if sub is not None and sub.returned != "default":
                return sub.returned == "always"
            return name not in named

        return _filtered(value, attribute, wants, True)

    def unknown(self, path: str, value: object, urn: str) -> object:
        """Q18: Members that no schema knows are returned by default, and can be excluded."""
        if path in self.names.texts or urn in self.names.schemas:
            return GONE
        inner = self.names.inside(path)
        return _without(_without_passwords(value), inner) if inner else _without_passwords(value)

    def names_some_of(self, urn: str) -> bool:
        return urn not in self.names.schemas or self.has_always(urn)


def _not_blank(names: list[str] | None) -> list[str]:
    """Q4: A name that is blank is none."""
    return [name for name in names or () if name.strip(WHITE_SPACE + ",")]


def _path(attribute: Attribute, urn: str) -> str:
    return lower(f"{urn}:{attribute.name}" if urn else attribute.name)


def _filtered(value: object, attribute: Attribute, wants, whole: bool) -> object:
    """Q15, Q26: The sub-attributes of a value that are wanted and not secret; a simple element is its own `value`."""
    if isinstance(value, list):
        return _kept(value, [_filtered(inner, attribute, wants, whole) for inner in value])
    if isinstance(value, dict):
        place = Place(attribute.subs)
        shown = {
            name: _without_passwords(inner)
            for name, inner in value.items()
            if not place.is_secret(name) and wants(lower(name))
        }
        return _kept_object(value, shown)
    simple = attribute.sub("value")
    if simple is None:
        return value if whole else GONE
    return value if not simple.secret and wants("value") else GONE


def _without_passwords(value: object) -> object:
    """S1, Q14: A value without any `password`, at whatever depth."""
    if isinstance(value, list):
        return _kept(value, [_without_passwords(inner) for inner in value])
    if isinstance(value, dict):
        shown = {name: _without_passwords(inner) for name, inner in value.items() if lower(name) != "password"}
        return _kept_object(value, shown)
    return value


def _picked(value: object, names: set[str]) -> object:
    """Q18: The named members of an object that no schema knows."""
    if isinstance(value, list):
        return _kept(value, [_picked(inner, names) for inner in value])
    if not isinstance(value, dict):
        return GONE
    shown = {}
    for name, inner in value.items():
        low = lower(name)
        if low == "password":
            continue
        if low in names:
            shown[name] = _without_passwords(inner)
        elif deeper := {text[len(low) + 1 :] for text in names if text.startswith(f"{low}.")}:
            shown[name] = _picked(inner, deeper)
    return _kept_object(value, shown)


def _without(value: object, names: set[str]) -> object:
    """Q18: An object that no schema knows, without the members that are excluded."""
    if isinstance(value, list):
        return _kept(value, [_without(inner, names) for inner in value])
    if not isinstance(value, dict):
        return value
    shown = {}
    for name, inner in value.items():
        low = lower(name)
        if low not in names:
            deeper = {text[len(low) + 1 :] for text in names if text.startswith(f"{low}.")}
            shown[name] = _without(inner, deeper) if deeper else inner
    return _kept_object(value, shown)


def _kept(before: list, after: list) -> object:
    """Q15: A list without the elements that are gone; one that was empty before stays."""
    left = [value for value in after if value is not GONE]
    return left if left or not before else GONE


def _kept_object(before: dict, after: dict) -> object:
    """Q15: An object without the members that are gone; one that was empty before stays."""
    left = {name: value for name, value in after.items() if value is not GONE}
    return left if left or not before else GONE
