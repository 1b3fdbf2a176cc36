"""Which members of a stored resource are what, and which are secret (Q14, S1, V1)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .attributes import Attribute
from .options import DEFAULT
from .paths import PathError, lower
from .schema import Kind, Resolved


@dataclass(frozen=True)
class Place:
    """An object of a resource: the attributes that its members are, or nothing known about them."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    kind: Kind | None = None  # of the top alone, where members may be extensions or have full names
    hides_simple: bool = False  # F17: a simple value stands for a secret `value`

    def members(self, holder: dict) -> Iterator[tuple[str, object, "Place"]]:
        """A1, V1: The members that are no secrets, each with the place that its value is."""
        for name in holder:
            if not self.is_secret(name):
                yield name, holder[name], self.inside(name)

    def attribute(self, name: str) -> Attribute | None:
        return self.attributes.get(lower(name))

    def is_secret(self, name: str) -> bool:
        """Q14, S1: A secret attribute, under whatever name; and any `password` that no schema knows."""
        attribute = self.attribute(name)
        if attribute is not None:
            return attribute.secret
        if lower(name) == "password":
            return True
        return self.kind is not None and _secret_under_another_name(name, self.kind)

    def inside(self, name: str) -> "Place":
        """The place that the value of a member is."""
        attribute = self.attribute(name)
        if attribute is not None:
            return inside_of(attribute)
        if self.kind is not None:
            urn = self.kind.legacy(name) or name
            if lower(urn) in self.kind.core_urns:
                return Place(self.kind.core.by_name)
            if schema := self.kind.extension(urn):
                return Place(schema.by_name)
            found = full_name(name, self.kind)
            if found is not None and found.leaf is not None:
                return inside_of(found.leaf)
        return Place()


def top(kind: Kind) -> Place:
    """The place that a whole resource is."""
    return Place(kind.core.by_name, kind)


def inside_of(attribute: Attribute) -> Place:
    """The place that the values of an attribute are."""
    value = attribute.subs.get("value")
    return Place(attribute.subs, hides_simple=value is not None and value.secret)


def full_name(name: str, kind: Kind) -> Resolved | None:
    """Q18: What a key means that has the URN of a schema: such a member is the attribute of that name."""
    if ":" not in name:
        return None
    try:
        return kind.find(name, DEFAULT)
    except PathError:
        return None


def _secret_under_another_name(name: str, kind: Kind) -> bool:
    """Q14: A full name, a path, or the bare name of an extension's attribute as one key."""
    last = lower(name).replace(":", ".").rpartition(".")[2]
    if last == "password" and name != last and _names_nothing(name, kind):
        return True
    try:
        found = kind.find(name, DEFAULT)
    except PathError:
        return _bare_secret(name, kind)
    return found.secret if found is not None else _bare_secret(name, kind)


def _names_nothing(name: str, kind: Kind) -> bool:
    try:
        return kind.find(name, DEFAULT) is None
    except PathError:
        return True


def _bare_secret(name: str, kind: Kind) -> bool:
    """Q14: An attribute of several extensions that is secret in one of them."""
    found = [schema.attribute(name.partition(".")[0]) for schema in kind.extensions]
    return any(attribute is not None and attribute.secret for attribute in found)
