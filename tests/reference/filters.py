"""Filters: `parse`, `compile` for a resource type or for any, and the brackets of a PATCH path."""

from collections.abc import Callable
from dataclasses import dataclass

from .attributes import Attribute
from .documents import document
from .errors import Refused
from .filter_compile import Compiler, Inside, Uses, refuse
from .filter_parser import parse_filter, parse_inside
from .filter_tree import Compare, Node, canonical, equalities, operators
from .options import DEFAULT, Options
from .paths import lower
from .schema import ANY, Kind


@dataclass(frozen=True)
class Compiled:
    """A filter for a resource type; `text` is canonical (D26)."""

    tree: Node
    text: str
    repairs: tuple[tuple[str, str], ...]
    paths: frozenset[str]  # canonical paths in lower case
    match: Callable[[object], bool]

    def matches(self, resource: object) -> bool:
        """F18: Whether a document (an object, or JSON text of one) satisfies the filter; anything else is an error."""
        return self.match(resource if isinstance(resource, dict) else document(resource))

    def needs(self, path: str) -> bool:
        """Whether the answer can depend on the attribute with this canonical path."""
        return any(_within(used, path) or _within(path, used) for used in self.paths)


def parse(text: str, options: Options = DEFAULT, kind: Kind | None = None) -> Node:
    """T12: The tree of a filter's text; `filter_tree.canonical` prints it."""
    return parse_filter(text, kind or ANY, options)[0]


def compile(text: str, kind: Kind | None = None, options: Options = DEFAULT) -> Compiled:
    """D26: A filter for a resource type; None is any."""
    kind = kind or ANY
    tree, loose = parse_filter(text, kind, options)
    uses = Uses()
    match, shown = Compiler(kind, options, uses).compile(tree)
    repairs = (*(("", word) for word in sorted(loose)), *uses.repairs)
    compiled = Compiled(shown, canonical(shown), repairs, frozenset(uses.paths), match)
    _allowed(compiled, kind, options)
    return compiled


def _within(path: str, whole: str) -> bool:
    """Whether the path is the attribute, a sub-attribute of it, or in the schema with that URN."""
    path, whole = lower(path), lower(whole)
    return path == whole or path.startswith((f"{whole}.", f"{whole}:"))


def _covers(whole: str, used: str, kind: Kind) -> bool:
    """X2: Whether an allowed attribute, or extension, stands for a path; one URN may be the beginning of another."""
    own = next((urn for urn in sorted(kind.urns, key=len, reverse=True) if _within(used, urn)), None)
    return _within(used, whole) and (own is None or len(own) <= len(whole))


def _allowed(compiled: Compiled, kind: Kind, options: Options) -> None:
    """X2: A host may say which attributes and operators a filter may use."""
    if options.filter_attributes is not None:
        allowed = [_canonical_path(name, kind, options) for name in options.filter_attributes]
        for used in compiled.paths:
            if not any(_covers(whole, used, kind) for whole in allowed):
                refuse(f"{used} cannot be filtered on; allowed: {', '.join(allowed)}")
    if options.filter_operators is not None:
        allowed = [lower(operator) for operator in options.filter_operators]
        for used in sorted(operators(compiled.tree)):
            if used not in allowed:
                refuse(f"{used} is not allowed; allowed: {', '.join(allowed)}")


def _canonical_path(name: str, kind: Kind, options: Options) -> str:
    path, found = kind.read(name, options)
    if found is None and not kind.is_any:
        raise ValueError(f"{kind.name} has no attribute {name}")
    return found.path if found else str(path)


@dataclass(frozen=True)
class Selection:
    """The brackets of a PATCH path, compiled for the elements of their attribute."""

    tree: Node
    repairs: tuple[tuple[str, str], ...]
    selects: Callable[[object], bool]
    equals: tuple[tuple[str, object], ...] | None  # P8: (sub-attribute, literal), None if there is anything but `eq`s
    paths: frozenset[str]


def compile_brackets(
    text: str, attribute: Attribute, path: str, kind: Kind | None = None, options: Options = DEFAULT
) -> Selection:
    """P3, F11: The inside of the brackets behind an attribute (its canonical path); what is wrong is invalidFilter.

    Brackets where none may stand are invalidPath.
    """
    kind = kind or ANY
    if not attribute.is_complex and not attribute.multi_valued:
        raise Refused("invalidPath", f"{path}: brackets choose among the elements of an attribute", path=path)
    if attribute.secret:
        raise Refused("invalidPath", f"{path}: a secret attribute has no brackets", path=path)
    uses = Uses()
    try:
        tree, loose = parse_inside(text, kind, options)
        selects, shown = Inside(kind, options, uses, attribute, path, patch=True).compile(tree)
    except Refused as error:
        error.path = path
        raise
    if "loose_blanks" in loose:
        uses.repair(path, "loose_blanks")
    return Selection(
        shown,
        tuple(uses.repairs),
        selects,
        _equals(shown, attribute),
        frozenset(uses.paths),
    )


def _equals(tree: Node, attribute: Attribute) -> tuple[tuple[str, object], ...] | None:
    """P8: The `eq`s of brackets, with the schema's names."""
    found = equalities(tree)
    return None if found is None else tuple((_spelling(part, attribute), part.literal.value) for part in found)


def _spelling(part: Compare, attribute: Attribute) -> str:
    sub = attribute.sub(part.path)
    return sub.name if sub else "value"


__all__ = ["Compiled", "Selection", "canonical", "compile", "compile_brackets", "parse"]
