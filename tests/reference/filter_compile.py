"""A tree of a filter, compiled for a resource type: what its names mean, and what its comparisons may be (F9-F13)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .attributes import Attribute
from .equality import instant, is_number
from .errors import Refused
from .filter_match import (
    Field,
    Read,
    Step,
    null_test,
    presence_test,
    sub_values,
    value_test,
    values_of,
)
from .filter_tree import WORD, And, Brackets, Compare, Literal, Node, Not, Or, Present, quote
from .options import Options
from .paths import Path, lower
from .schema import Kind

Match = Callable[[object], bool]


class SecretAttribute(Refused):
    """F13: There is no oracle: a secret attribute is in no filter and in no order."""

    def __init__(self, name: object):
        super().__init__("invalidFilter", f"{name}: a secret attribute cannot be filtered on or sorted by")


def refuse(message: str):
    raise Refused("invalidFilter", message)


@dataclass
class Uses:
    """What a compiled filter uses, and how it was read."""

    paths: set[str] = field(default_factory=set)  # canonical, in lower case (X2)
    repairs: list[tuple[str, str]] = field(default_factory=list)

    def repair(self, path: str, kind: str) -> None:
        """D25: A repair is reported once for each path and kind."""
        if (path, kind) not in self.repairs:
            self.repairs.append((path, kind))


@dataclass(frozen=True)
class Target:
    """What a name in a filter means: its canonical text, its attribute if it is known, and where its values are."""

    text: str  # as the name is printed
    path: str  # the canonical path
    attribute: Attribute | None  # None: unknown and untyped, or a whole extension
    field: Field
    whole_schema: bool = False
    subs: dict[str, Attribute] | None = None
    loose: tuple[tuple[str, str], ...] = ()


def refuse_passwords(names: list[str | None]) -> None:
    """S1: A `password` that no schema defines, below any object, is as secret as password itself."""
    if any(name is not None and lower(name) == "password" for name in names):
        raise SecretAttribute("password")


def find_target(text: str, kind: Kind, options: Options) -> Target:
    """F12, F13: What a path means; unknown names are refused where a resource type is given."""
    path, found = kind.read(text, options)
    if found is None:
        return _unknown(path, kind)
    if found.secret:
        raise SecretAttribute(f"{text}")
    if found.attribute is None and not found.extension:
        refuse(f"{text}: a schema is not an attribute")
    holders = (Step(found.schema.id, True),) if found.extension else ()
    step = Step(found.attribute.name, True) if found.attribute else None
    sub = Step(found.sub.name, True) if found.sub else None
    return Target(
        found.path if found.kinds else text,
        found.path,
        found.leaf,
        Field(holders, step, sub, *_element_rules(found.attribute, found.sub)),
        whole_schema=found.attribute is None,
        subs=found.leaf.subs if found.leaf else found.schema.by_name,
        loose=found.repairs,
    )


def _element_rules(attribute: Attribute | None, sub: Attribute | None) -> tuple[bool, bool]:
    """F15, F17: Whether an absent sub-attribute is false, and whether a simple element answers to it."""
    if attribute is None or sub is None or not attribute.multi_valued:
        return False, False
    name = lower(sub.name)
    return attribute.has_primary and name == "primary", name == "value"


def _unknown(path: Path, kind: Kind) -> Target:
    """F12, S1: A name that nothing defines: without a resource type it is unknown and untyped."""
    if not kind.is_any:
        refuse(f"{path}: {kind.name} has no such attribute")
    refuse_passwords([path.attribute, path.sub])
    if path.attribute is None:
        return Target(str(path), str(path), None, Field((), Step(path.urn, False)), subs={})
    holders = () if path.urn is None or lower(path.urn) in kind.core_urns else (Step(path.urn, False),)
    schema = kind.extension(path.urn) if path.urn else kind.core
    known = schema.attribute(path.attribute) if schema else None
    step = Step(known.name, True) if known else Step(path.attribute, False)
    sub = Step(path.sub, False) if path.sub else None
    return Target(str(path), str(path), None, Field(holders, step, sub), subs={})


class Compiler:
    """Compiles a tree for a resource type (or, with an attribute, for its elements: the inside of brackets)."""

    def __init__(self, kind: Kind, options: Options, uses: Uses):
        self.kind = kind
        self.options = options
        self.uses = uses

    def compile(self, node: Node) -> tuple[Match, Node]:
        """D26: The test of a document, and the tree as it should have been written."""
        match node:
            case Not(inner):
                test, tree = self.compile(inner)
                return (lambda document: not test(document)), Not(tree)
            case And(parts) | Or(parts):
                compiled = [self.compile(part) for part in parts]
                tests = [test for test, _ in compiled]
                every = all if isinstance(node, And) else any
                return (lambda document: every(test(document) for test in tests)), type(node)(
                    tuple(tree for _, tree in compiled)
                )
            case Brackets():
                return self.brackets(node)
            case Compare() | Present():
                return self.expression(node)
        raise TypeError(node)

    def target(self, text: str) -> Target:
        target = find_target(text, self.kind, self.options)
        for path, kind in target.loose:
            self.uses.repair(path, kind)
        return target

    def expression(self, node: Compare | Present) -> tuple[Match, Node]:
        target = self.target(node.path)
        read, test, tree = self.condition(node, target)
        return (lambda document: test(read(document))), tree

    def condition(
        self, node: Compare | Present, target: Target
    ) -> tuple[Read, Callable[[list], bool], Compare | Present]:
        """The values that a condition is about, its test, and how it should have been written."""
        if isinstance(node, Present):
            self.uses.paths.add(lower(target.path))
            return values_of(_as_stored(target.field)), presence_test(target.subs or {}), Present(target.text)
        if node.literal.value is None:
            _refuse_operator(node.operator, target.attribute, target.path)
            self.uses.paths.add(lower(target.path))
            self._report(node.literal, target.path)
            test = null_test(node.operator, target.subs or {})
            return values_of(_as_stored(target.field)), test, Compare(target.text, node.operator, node.literal)
        field_, attribute, path = self.compared(target)
        self.uses.paths.add(lower(path))
        literal = self.literal(node, attribute, path)
        test = value_test(attribute, node.operator, literal.value)
        return values_of(field_), test, Compare(target.text, node.operator, literal)

    def compared(self, target: Target) -> tuple[Field, Attribute | None, str]:
        """F10: A complex attribute that has a `value` and is named alone in a comparison means its `value`."""
        attribute, field_ = target.attribute, target.field
        if target.whole_schema:
            refuse(f"{target.text}: a whole extension cannot be compared")
        if attribute is None or not attribute.is_complex:
            return field_, attribute, target.path
        value = attribute.sub("value")
        if value is None:
            refuse(f"{target.text}: a complex attribute without a value cannot be compared")
        if value.secret:
            raise SecretAttribute(f"{target.text}")
        rules = _element_rules(attribute, value)
        return Field(field_.holders, field_.attribute, Step(value.name, True), *rules), value, f"{target.path}.value"

    def literal(self, node: Compare, attribute: Attribute | None, path: str) -> Literal:
        """F9, T9: The literal in the type of the attribute; what the attribute cannot be compared with is refused."""
        literal = _unquoted_text(node.literal, attribute)
        if literal is not node.literal:
            self.uses.repair(path, "bare_words")
        elif literal.value is WORD:
            refuse(f"{literal.text} is not a value")
        else:
            self._report(literal, path)
            literal = _as_json(literal)
        if attribute is None:
            return literal
        operator = node.operator
        _refuse_operator(operator, attribute, path)
        if attribute.type == "boolean":
            return self._boolean(literal, path)
        if not (isinstance(literal.value, str) if attribute.is_text else is_number(literal.value)):
            refuse(f"{path}: {literal.text} is not a {attribute.type}")
        if attribute.type == "dateTime" and operator not in ("co", "sw", "ew") and instant(literal.value) is None:
            refuse(f"{path}: {literal.text} is not a dateTime")
        return literal

    def _boolean(self, literal: Literal, path: str) -> Literal:
        """F9: The tolerance `boolean_strings` reads `"True"` as `true`."""
        if isinstance(literal.value, bool):
            return literal
        word = lower(literal.value) if isinstance(literal.value, str) else ""
        if word not in ("true", "false") or not self.options.allows("boolean_strings"):
            refuse(f"{path}: {literal.text} is not a boolean")
        self.uses.repair(path, "boolean_strings")
        return Literal(word == "true", word)

    def _report(self, literal: Literal, path: str) -> None:
        if literal.loose == "literal_case":
            self.uses.repair(path, "literal_case")

    def brackets(self, node: Brackets) -> tuple[Match, Node]:
        """F11, T8, D9: Some element satisfies what is in the brackets, and what follows them."""
        target = self.target(node.path)
        attribute = target.attribute
        if target.whole_schema or (attribute and not attribute.is_complex and not attribute.multi_valued):
            refuse(f"{target.text}: brackets choose among the elements of an attribute")
        inside = Inside(self.kind, self.options, self.uses, attribute, target.path)
        test, inner = inside.compile(node.inner)
        after, tail = inside.compile(node.tail) if node.tail else (lambda element: True, None)
        read = values_of(target.field)

        def some_element(document: object) -> bool:
            return any(test(element) and after(element) for element in read(document))

        return some_element, Brackets(target.text, inner, tail)


class Inside(Compiler):
    """F11: The inside of brackets: names are sub-attributes, and all conditions are about the same element."""

    def __init__(
        self, kind: Kind, options: Options, uses: Uses, attribute: Attribute | None, path: str, patch: bool = False
    ):
        super().__init__(kind, options, uses)
        self.patch = patch
        self.attribute = attribute
        self.path = path

    def target(self, text: str) -> Target:
        """F11, F13: A sub-attribute; an element of a simple attribute answers to the name `value`."""
        attribute = self.attribute
        is_value = lower(text) == "value"
        if "." in text:
            return self._deeper(*text.split("."))
        if attribute is not None and not attribute.is_complex:
            if not is_value:
                refuse(f"{self.path}: an element has no {text}")
            return Target(text, self.path, attribute, Field((), None, Step("value", True), False, True), subs={})
        sub = attribute.sub(text) if attribute is not None else None
        if sub is None:
            if attribute is not None and (self.patch or not self.kind.is_any):
                refuse(f"{self.path}: there is no sub-attribute {text}")
            refuse_passwords([text])
            simple = attribute is None and is_value
            return Target(
                text, f"{self.path}.{text}", None, Field((), None, Step(text, False), simple_value=simple), subs={}
            )
        if sub.secret:
            raise SecretAttribute(f"{self.path}.{text}")
        rules = _element_rules(attribute, sub)
        return Target(text, f"{self.path}.{sub.name}", sub, Field((), None, Step(sub.name, True), *rules), subs={})

    def _deeper(self, name: str, below: str) -> Target:
        """F11: A sub-attribute may have one of its own only if nobody knows it."""
        if self.target(name).attribute is not None:
            refuse(f"{self.path}.{name} has no sub-attributes")
        refuse_passwords([below])
        text = f"{name}.{below}"
        return Target(text, f"{self.path}.{text}", None, Field((), Step(name, False), Step(below, False)), subs={})

    def expression(self, node: Compare | Present) -> tuple[Match, Node]:
        target = self.target(node.path)
        read, test, tree = self.condition(node, target)
        if target.field.attribute is not None:
            return (lambda element: test(read(element) if isinstance(element, dict) else [])), tree
        stored = isinstance(node, Present) or node.literal.value is None
        inner = sub_values(_as_stored(target.field) if stored else target.field)
        return (lambda element: test(inner([element]))), tree


def _refuse_operator(operator: str, attribute: Attribute | None, path: str) -> None:
    """F9, D3: What the type of an attribute cannot be compared by, whatever the literal is, `null` too."""
    if attribute is None or attribute.is_complex:
        return
    if operator in ("gt", "ge", "lt", "le") and attribute.type in ("boolean", "binary"):
        refuse(f"{path}: a {attribute.type} has no order")
    if operator in ("co", "sw", "ew") and not attribute.is_text:
        refuse(f"{path}: a {attribute.type} is not a text")


def _as_stored(field_: Field) -> Field:
    """F15: `pr` and comparisons with `null` still say that `primary` is absent."""
    return Field(field_.holders, field_.attribute, field_.sub, False, field_.simple_value)


def _as_json(literal: Literal) -> Literal:
    """D26, T1: `true` and `false` as JSON has them."""
    if isinstance(literal.value, bool):
        return Literal(literal.value, "true" if literal.value else "false")
    return literal


def _unquoted_text(literal: Literal, attribute: Attribute | None) -> Literal:
    """T9: With `bare_words`, an unquoted word is the text if the attribute holds text, whatever it is but `null`.

    Of an unknown attribute it is the text if it is not a literal.
    """
    if literal.value is WORD and attribute is None:
        return quote(literal.source)
    if literal.source is not None and attribute is not None and attribute.is_text:
        return quote(literal.source)
    return literal
