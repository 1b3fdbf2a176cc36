"""The topics of differences, as in docs/differences.md: tests of the smallest case. The first that holds counts."""

import re
from collections.abc import Callable, Iterator

from ..jsontext import dumps, loads
from ..report import Found
from .judge import canonical
from .plain import COMMON, INSTANT, schemas_of

TEST = re.compile(
    r'([A-Za-z$][\w$.:-]*)\s+(eq|ne|co|sw|ew|gt|ge|lt|le|pr)\b(?:\s*("(?:[^"\\]|\\.)*"|[^\s()\]]+))?', re.I
)
BRACKETS = re.compile(r"\[(.*)\]", re.DOTALL)
ORDER = ("gt", "ge", "lt", "le")


class Seen:
    """A difference, taken apart."""

    def __init__(self, operation: str, found: Found):
        case = found.case
        self.operation, self.kind = operation, found.kind
        self.ours, self.theirs = found.product, found.reference
        self.text: str = case.get("filter", "")
        self.document = case["documents"][0] if case.get("documents") else {}
        self.resource = case.get("resource", {})
        self.body = case.get("body", {})
        self.schemas = schemas_of(case["kind"])
        self.urns = [schema["id"] for schema in self.schemas]
        operations = self.body.get("Operations", []) if isinstance(self.body, dict) else []
        self.operations = [one for one in operations if isinstance(one, dict)]
        self.known = {name.lower(): name for name in _names(self.schemas)}

    def is_(self, ours: str, theirs: str) -> bool:
        """Whether the kind of the difference has these two sides; a prefix is enough."""
        left, _, right = self.kind.partition(" | ")
        return left.startswith(ours) and right.startswith(theirs)

    def paths(self) -> Iterator[str]:
        """The paths of a PATCH, and the keys of its values and of other bodies."""
        for operation in self.operations:
            if isinstance(operation.get("path"), str):
                yield operation["path"]
            yield from _keys(operation.get("value"))
        if self.operation != "patch":
            yield from _keys(self.body)

    def path(self) -> str:
        """The first path."""
        return next((one["path"] for one in self.operations if isinstance(one.get("path"), str)), "")

    def ops(self) -> set[str]:
        return {str(one.get("op")) for one in self.operations}

    def brackets(self) -> str:
        """What stands in the first brackets."""
        found = next((found for path in self.paths() if (found := BRACKETS.search(path))), None)
        return found[1] if found else ""

    def values(self) -> list:
        return [one["value"] for one in self.operations if "value" in one]

    def otherwise_spelt(self) -> bool:
        """Whether a name or a URN is not spelt as in the schema."""
        for path in self.paths():
            for urn in self.urns:
                if path.lower().startswith(urn.lower()) and not path.startswith(urn):
                    return True
            for word in re.findall(r"[A-Za-z$][\w$-]*", re.sub(r'"[^"]*"', "", path.rpartition(":")[2])):
                if word.lower() in self.known and word != self.known[word.lower()]:
                    return True
        return False

    def about_read_only(self) -> bool:
        """Whether the peer names a readOnly attribute."""
        return any(
            re.search(rf"\b{re.escape(name)}\b", self.theirs) for name in (*_read_only(self.schemas), "id", "meta")
        )

    def merges(self) -> bool:
        """Whether a value without a path has an object for a single complex attribute that is stored."""
        holders = [self.resource, *(self.resource[urn] for urn in self.urns if urn in self.resource)]
        stored = {name for holder in holders for name, value in holder.items() if isinstance(value, dict)}
        values = [one.get("value") for one in self.operations if "path" not in one]
        return any(
            isinstance(value, dict) and name.rpartition(":")[2] in stored
            for value in values
            if isinstance(value, dict)
            for name, value in value.items()
        )

    def twice(self) -> bool:
        """Whether the resources differ in nothing but values that are there twice; case does not count."""
        ours, theirs = (canonical(loads(outcome)["resource"]) for outcome in (self.ours, self.theirs))
        return _once(ours) == _once(theirs)

    def tests(self) -> list[tuple[str, str, str]]:
        """The comparisons of a filter: name, operator and literal."""
        return [(name, op.lower(), literal) for name, op, literal in TEST.findall(self.text)]

    def about_primary(self) -> bool:
        """Whether a filter compares `primary` although some element does not say it."""
        compared = any(name.lower().endswith("primary") and op in ("eq", "ne") for name, op, _ in self.tests())
        nested = [one for value in self.document.values() for one in _objects(value)]
        return compared and not all("primary" in one for one in nested)

    def stored(self, name: str) -> list:
        """What the document has under a name, wherever it is."""
        for urn in self.urns:
            if name.lower().startswith(urn.lower() + ":"):
                name = name[len(urn) + 1 :]
        found: list = [self.document, *(value for key, value in self.document.items() if key in self.urns)]
        nested = [one for holder in found for value in holder.values() for one in _objects(value)]
        for step in name.lower().split("."):
            holders = found if step != name.lower() else found + nested
            found = [
                value for one in holders if isinstance(one, dict) for key, value in one.items() if key.lower() == step
            ]
            if "." in name:
                found = [item for value in found for item in (value if isinstance(value, list) else [value])]
        return found


def _objects(value: object) -> list[dict]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _names(schemas: list[dict]) -> Iterator[str]:
    for attribute in [*COMMON, *(attribute for schema in schemas for attribute in schema["attributes"])]:
        yield attribute["name"]
        yield from (sub["name"] for sub in attribute.get("subAttributes", []))


def _once(value: object) -> object:
    if isinstance(value, dict):
        return {name: _once(member) for name, member in value.items() if name not in ("schemas", "primary", "display")}
    if isinstance(value, list):
        return sorted({dumps(_once(item)) for item in value})
    return value.lower() if isinstance(value, str) else value


def _read_only(schemas: list[dict]) -> Iterator[str]:
    for schema in schemas:
        for attribute in schema["attributes"]:
            for one in (attribute, *attribute.get("subAttributes", [])):
                if one.get("mutability") == "readOnly":
                    yield attribute["name"]


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _keys(member)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)


Topic = tuple[str, Callable[[Seen], object]]


def _text_only(seen: Seen, name: str) -> list:
    return [value for value in seen.stored(name) if isinstance(value, str)]


def _any(seen: Seen, holds: Callable[[str, str, str, list], object]) -> bool:
    return any(holds(name, op, literal, seen.stored(name)) for name, op, literal in seen.tests())


def _lists(values: list) -> bool:
    return any(isinstance(value, list) and not _objects(value) for value in values)


FILTERS: list[Topic] = [
    ("a name that begins with $", lambda s: s.is_("accepted", "refused") and "$" in s.text),
    ("an escape in a string", lambda s: s.is_("accepted", "refused") and "\\" in s.text),
    ("a blank that is not one space", lambda s: s.is_("refused", "accepted") and "space" in s.ours),
    ("a blank that is not one space", lambda s: s.is_("refused", "accepted") and "blank" in s.ours),
    (
        "a blank that is not one space",
        lambda s: s.is_("refused", "accepted") and re.search(r"[^\x21-\x7e ]|  ", s.text),
    ),
    (
        "a string that is not JSON",
        lambda s: s.is_("refused", "accepted") and ("escape" in s.ours or "surrogate" in s.ours),
    ),
    ("`not` without parentheses", lambda s: s.is_("refused", "accepted") and "parentheses" in s.ours),
    ("a name that is not an ATTRNAME", lambda s: s.is_("refused", "accepted") and "name" in s.ours),
    ("brackets within brackets", lambda s: s.is_("refused", "accepted") and "within" in s.ours),
    ("a URN of the core schema", lambda s: s.urns[0].lower() + ":" in s.text.lower()),
    ("a URN alone", lambda s: any(name.lower() in map(str.lower, s.urns) for name, _, _ in s.tests())),
    ("an absent `primary` is false", lambda s: s.about_primary()),
    (
        "null and `ne` where nothing is stored",
        lambda s: _any(s, lambda n, o, x, v: (x == "null" or o == "ne") and not v),
    ),
    ("brackets on a list of simple values", lambda s: "schemas[" in s.text.lower().replace(" ", "")),
    ("a list of simple values", lambda s: _any(s, lambda n, o, x, v: _lists(v))),
    (
        "a complex attribute stands for its `value`",
        lambda s: _any(s, lambda n, o, x, v: o != "pr" and any(map(_objects, v))),
    ),
    (
        "a dateTime is an instant",
        lambda s: _any(s, lambda n, o, x, v: any(isinstance(one, str) and INSTANT.fullmatch(one) for one in v)),
    ),
    ("case of a string", lambda s: _any(s, lambda n, o, x, v: any(isinstance(one, str) for one in v))),
]


def _alone(seen: Seen) -> bool:
    return any(path in seen.urns for path in seen.paths())


def _empty(value: object) -> bool:
    """Whether a value says nothing, or has something in it that says nothing."""
    if isinstance(value, dict):
        return not value or any(map(_empty, value.values()))
    if isinstance(value, list):
        return not value or any(map(_empty, value))
    return value is None


UNTYPED_PATCH: list[Topic] = [
    ("a key with brackets in a value", lambda s: any("[" in key for value in s.values() for key in _keys(value))),
    ("a colon in brackets", lambda s: ":" in s.brackets()),
    ("an error that is not a SCIM error", lambda s: s.theirs.startswith('{"error"')),
    (
        "a text that is not a PATH",
        lambda s: s.is_("refused invalidPath", "accepted") or s.is_("refused invalidFilter", "accepted"),
    ),
    ("no `value`", lambda s: s.is_("refused invalidValue", "accepted")),
    ("the `scimType` of an error", lambda s: s.is_("refused", "refused")),
    ("the URN of a schema alone", _alone),
    ("`schemas` follows the extensions", lambda s: s.kind == "resource: schemas"),
    (
        "`replace` where brackets match nothing",
        lambda s: s.is_("refused noTarget", "accepted") and "replace" in s.ops() and s.brackets(),
    ),
    ("`add` where brackets match nothing", lambda s: s.is_("refused noTarget", "accepted") and s.brackets()),
    ("a sub-attribute of no element", lambda s: s.is_("refused noTarget", "accepted")),
    ("`remove` of what is not there", lambda s: s.is_("accepted", "refused") and "remove" in s.ops()),
    (
        "brackets on a single complex attribute",
        lambda s: s.brackets() and re.search(r"\b(name|manager|meta)\[", s.path(), re.IGNORECASE),
    ),
    (
        "`add` where brackets match nothing",
        lambda s: s.is_("accepted", "refused") and s.brackets() and "add" in s.ops(),
    ),
    ("case of a name", lambda s: s.kind == "resource: names" or s.otherwise_spelt()),
    ("`meta` in a value", lambda s: any(key.startswith("meta") for value in s.values() for key in _keys(value))),
    ("an absent `primary` is false", lambda s: re.search("primary (eq|ne)", s.brackets(), re.IGNORECASE)),
    ("the same element twice", lambda s: s.kind.startswith("resource") and s.twice()),
    ("`primary: true` is moved", lambda s: s.kind == "resource: primary"),
    ("what a complex value does not say stays", lambda s: s.merges()),
    ("`replace` of a chosen element", lambda s: "replace" in s.ops() and s.path().endswith("]")),
    ("a value that says nothing", lambda s: any(map(_empty, s.values()))),
    ("`schemas` follows the extensions", lambda s: s.path() == "schemas"),
    ("case of a string", lambda s: s.brackets()),
]
TYPED_FILTERS: list[Topic] = [
    (
        "brackets on a single complex attribute",
        lambda s: s.is_("accepted", "refused") and "not multi-valued" in s.theirs,
    ),
    (
        "an order of booleans or binaries with null",
        lambda s: s.is_("accepted", "refused") and _any(s, lambda n, o, x, v: o in ORDER and x == "null"),
    ),
    ("a part of a binary", lambda s: s.is_("accepted", "refused") and "binary" in s.theirs),
    ("a URN alone", lambda s: any(name.lower() in map(str.lower, s.urns) for name, _, _ in s.tests())),
    ("a reference that is not a URI", lambda s: s.is_("accepted", "refused") and "is not valid for" in s.theirs),
    (
        "a blank that is not one space",
        lambda s: s.is_("refused", "accepted") and ("space" in s.ours or "blank" in s.ours),
    ),
    (
        "`true`, `false` and `null` in another case",
        lambda s: s.is_("refused", "accepted") and "in lower case" in s.ours,
    ),
    ("a secret attribute", lambda s: s.is_("refused", "accepted") and "never returned" in s.ours),
    ("a complex attribute without `value`", lambda s: s.is_("refused", "accepted") and "is complex" in s.ours),
    (
        "a literal of another type",
        lambda s: s.is_("refused", "accepted") and ("of type" in s.ours or "expected a" in s.ours),
    ),
    ("an absent `primary` is false", lambda s: s.about_primary()),
    ("`ne` over several values", lambda s: any(op == "ne" for _, op, _ in s.tests())),
    ("a part of a dateTime", lambda s: any(op in ("co", "sw", "ew") for _, op, _ in s.tests())),
    ("case of a URN in `schemas`", lambda s: "schemas" in s.text.lower()),
    ("brackets on a list of simple values", lambda s: "are simple" in s.ours or "[" in s.text),
    ("a list of simple values", lambda s: _any(s, lambda n, o, x, v: _lists(v))),
    ("a complex attribute stands for its `value`", lambda s: _any(s, lambda n, o, x, v: any(map(_objects, v)))),
]
TYPED_PATCH: list[Topic] = [
    ("a schema URN with a dot", lambda s: "is not a valid URN" in s.theirs or "invalid syntax at column" in s.theirs),
    ("a `value` of `remove`", lambda s: "a remove operation carries no value" in s.theirs),
    ("brackets on a single complex attribute", lambda s: "not multi-valued" in s.theirs),
    ("two mistakes, or the `scimType` of one", lambda s: s.is_("refused", "refused")),
    ("a URN of no schema in `schemas`", lambda s: s.is_("refused", "accepted") and "is not a schema of" in s.ours),
    ("the URN of the core schema alone", _alone),
    ("an attribute given twice", lambda s: s.is_("refused invalidSyntax", "accepted")),
    ("a sub-attribute of no element", lambda s: s.is_("refused noTarget", "accepted")),
    ("a secret attribute in brackets", lambda s: s.is_("refused", "accepted") and "never returned" in s.ours),
    ("a literal of another type", lambda s: s.is_("refused invalidFilter", "accepted") and s.brackets()),
    ("a required sub-attribute, or a blank one", lambda s: s.is_("refused", "accepted") and "is required" in s.ours),
    ("a reference without `value`", lambda s: s.is_("refused", "accepted") and "names nobody" in s.ours),
    ("a value of another type", lambda s: s.is_("refused invalidValue", "accepted")),
    (
        "`meta` in a value",
        lambda s: s.is_("accepted", "refused")
        and any(key.lower().startswith("meta") for value in s.values() for key in _keys(value)),
    ),
    ("a readOnly attribute that stays as it is", lambda s: s.is_("accepted", "refused mutability")),
    ("`add` where brackets match nothing", lambda s: s.is_("accepted", "refused noTarget")),
    (
        "a key with brackets in a value",
        lambda s: s.is_("accepted", "refused") and any("[" in key for value in s.values() for key in _keys(value)),
    ),
    ("an immutable attribute of an element that stays", lambda s: s.is_("refused mutability", "accepted")),
    ("`add` of null", lambda s: s.is_("accepted", "refused") and "value is required for add" in s.theirs),
    ("a reference that is not a URI", lambda s: s.is_("accepted", "refused") and "Invalid URI" in s.theirs),
    ("base64 without padding", lambda s: s.is_("accepted", "refused") and "Base64" in s.theirs),
    ("a value that says nothing", lambda s: s.is_("accepted", "refused") and any(map(_empty, s.values()))),
    ("an absent `primary` is false", lambda s: re.search("primary (eq|ne)", s.brackets(), re.IGNORECASE)),
    ("`schemas` follows what is asked", lambda s: s.kind == "resource: schemas"),
    ("the same element twice", lambda s: s.kind == "resource"),
]
TYPED_BODY: list[Topic] = [
    ("two mistakes, or the `scimType` of one", lambda s: s.is_("refused", "refused")),
    (
        "`schemas` without what is there",
        lambda s: s.is_("refused invalidValue", "accepted") and "expected `schemas`" in s.ours,
    ),
    ("one name in two spellings", lambda s: s.is_("refused invalidSyntax", "accepted")),
    ("a blank for a required attribute", lambda s: s.is_("refused", "accepted") and "may not be blank" in s.ours),
    ("a required attribute", lambda s: s.is_("refused", "accepted") and "is required" in s.ours),
    ("a reference without `value`", lambda s: s.is_("refused", "accepted") and "names nobody" in s.ours),
    ("an immutable attribute of an element that stays", lambda s: s.is_("refused mutability", "accepted")),
    ("a value of another type", lambda s: s.is_("refused invalidValue", "accepted")),
    ("an error that is not a SCIM error", lambda s: s.theirs.startswith('{"error"')),
    ("an immutable attribute that has no value yet", lambda s: s.is_("accepted", "refused mutability")),
    ("a reference that is not a URI", lambda s: s.is_("accepted", "refused") and "Invalid URI" in s.theirs),
    ("base64 without padding", lambda s: s.is_("accepted", "refused") and "Base64" in s.theirs),
    ("the same element twice", lambda s: s.is_("accepted", "refused") and "marked as primary" in s.theirs),
    (
        "a year of five digits",
        lambda s: s.is_("accepted", "refused")
        and "valid datetime" in s.theirs
        and "[]" not in s.theirs
        and re.search(r'"-?\d{5,}-', s.ours),
    ),
    ("case of a URN in `schemas`", lambda s: s.is_("accepted", "refused") and "schema" in s.theirs),
    ("a readOnly attribute is not read", lambda s: s.is_("accepted", "refused") and s.about_read_only()),
    (
        "an empty object is unassigned",
        lambda s: s.is_("accepted", "refused") and "is required" in s.theirs and _empty(s.body),
    ),
    (
        "a required attribute that only the stored resource has",
        lambda s: s.is_("accepted", "refused") and s.resource and "is required" in s.theirs,
    ),
    ("an empty list or null is unassigned", lambda s: s.is_("accepted", "refused") and _empty(s.body)),
    ("a URN in `schemas` without its object", lambda s: s.kind == "resource: schemas"),
    ("the same element twice", lambda s: s.kind.startswith("resource") and (s.twice() or not s.resource)),
    ("what a PUT keeps", lambda s: s.kind == "resource"),
]


TOPICS: dict[tuple[str, str], list[Topic]] = {
    ("scim2-parse-filter", "filters"): FILTERS,
    ("scim-patch", "patch"): UNTYPED_PATCH,
    ("scim2-models", "filters"): TYPED_FILTERS,
    ("scim2-models", "patch"): TYPED_PATCH,
    ("scim2-models", "create"): TYPED_BODY,
    ("scim2-models", "replace"): TYPED_BODY,
}


def topic(peer: str, operation: str, found: Found) -> str:
    """The topic of a difference; `other` if there is none."""
    seen = Seen(operation, found)
    return next((name for name, holds in TOPICS.get((peer, operation), []) if holds(seen)), "other")
