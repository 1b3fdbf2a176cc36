"""Resource types: the built-in ones and random ones, as the generators see them."""

from dataclasses import dataclass, field
from functools import cache

import scim_engine

from .chooser import Chooser
from .jsontext import dumps

USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LEGACY = {
    USER_URN: ("urn:scim:schemas:core:1.0", "urn:scim:schemas:core:2.0", "urn:scim:schemas:core:2.0:User"),
    GROUP_URN: ("urn:scim:schemas:core:1.0", "urn:scim:schemas:core:2.0", "urn:scim:schemas:core:1.0:Group"),
    ENTERPRISE_URN: (
        "urn:scim:schemas:extension:enterprise:1.0",
        "urn:scim:schemas:extension:enterprise:2.0",
        "urn:scim:schemas:extension:enterprise:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:1.0:User",
    ),
}
OWN_KINDS = 120


@dataclass(slots=True)
class Attr:
    """An attribute, as the generators see it."""

    name: str
    type: str
    multi: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    required: bool = False
    canonical: tuple = ()
    max_length: int | None = None
    subs: list["Attr"] = field(default_factory=list)
    canonical_only: bool = False

    @property
    def secret(self) -> bool:
        return self.returned == "never" or self.mutability == "writeOnly"

    def sub(self, name: str) -> "Attr | None":
        return next((s for s in self.subs if s.name == name), None)


@dataclass(slots=True)
class View:
    """A resource type: `spec` is what a case holds of it."""

    spec: object
    urn: str
    attrs: list[Attr]
    extensions: list[tuple[str, list[Attr]]]
    key: str = ""
    full: dict | None = None

    def all(self) -> list[tuple[str | None, Attr]]:
        return [(None, a) for a in self.attrs] + [(urn, a) for urn, attrs in self.extensions for a in attrs]


def _attr(member: dict) -> Attr:
    return Attr(
        member["name"],
        member.get("type", "string"),
        member.get("multiValued", False),
        member.get("mutability", "readWrite"),
        member.get("returned", "default"),
        member.get("required", False),
        tuple(member.get("canonicalValues") or ()),
        member.get("maxLength"),
        [_attr(sub) for sub in member.get("subAttributes") or ()],
        member.get("canonicalOnly", False),
    )


META = Attr(
    "meta",
    "complex",
    mutability="readOnly",
    subs=[
        *(Attr("resourceType", "string", mutability="readOnly"), Attr("version", "string", mutability="readOnly")),
        *(Attr("created", "dateTime", mutability="readOnly"), Attr("lastModified", "dateTime", mutability="readOnly")),
        Attr("location", "reference", mutability="readOnly"),
    ],
)


def _view(spec: object, schema: dict, extensions: list[dict], key: str = "") -> View:
    common = [
        Attr("schemas", "reference", multi=True, required=True, returned="always"),
        Attr("id", "string", mutability="readOnly", returned="always"),
        *(Attr("externalId", "string"), META),
    ]
    names = {attr.name.lower() for attr in common}
    own = [attr for attr in map(_attr, schema["attributes"]) if attr.name.lower() not in names]
    return View(
        spec,
        schema["id"],
        own + common,
        [(e["id"], [_attr(member) for member in e["attributes"]]) for e in extensions],
        key,
    )


USER = _view("User", scim_engine.USER.schema, scim_engine.USER.extensions, "User")
GROUP = _view("Group", scim_engine.GROUP.schema, scim_engine.GROUP.extensions, "Group")
ANY = View("ANY", USER.urn, USER.attrs + [a for a in GROUP.attrs if a.name == "members"], USER.extensions, "ANY")
BUILT_IN = {"User": USER, "Group": GROUP, "ANY": ANY}


def expanded(spec: object) -> object:
    """What a case holds of a resource type, in full: a name, or its schemas."""
    return own(*spec["own"]).full if isinstance(spec, dict) and "own" in spec else spec


def key_of(spec: object) -> str:
    """A key for caches."""
    return spec if isinstance(spec, str) else dumps(spec)


def choose(c: Chooser, seed: int, *, any_kind: bool = True) -> View:
    """The resource type of a case."""
    which = c.one("kind", (("User", 40), ("Group", 12), ("own", 40), ("ANY", 8 if any_kind else 0)))
    return own(seed, c.number(0, OWN_KINDS - 1)) if which == "own" else BUILT_IN[which]


SIMPLE = (
    ("string", 40),
    ("boolean", 10),
    ("integer", 10),
    ("decimal", 7),
    ("dateTime", 8),
    ("reference", 9),
    ("binary", 6),
)
NAMES = (
    *("label", "code", "flag", "size", "weight", "when", "blob", "link", "title", "note", "rank", "colour", "serial"),
    *("tags", "x-1", "a_b", "n$", "value", "type", "nickName", "department", "manager", "members", "emails", "active"),
    *("roles", "lock", "badge", "slots", "B", "A", "Lamp", "displayName", "userName", "primary", "groups", "password"),
)
COMMON = ("id", "externalId", "meta", "schemas")
"""A schema may define these, too, with other characteristics: in the core schema those of RFC 7643 §3.1 hold."""
SUB_NAMES = (
    *("value", "type", "display", "$ref", "primary", "label", "code", "size", "when", "flag", "blob", "note", "tags"),
    *("serial", "displayName", "vlans", "secret", "link", "x-1", "operation", "name"),
)
EXTENSION_URNS = (
    *(
        "urn:example:ext:A",
        "urn:example:ext:A:B",
        "urn:example:ext:2.0:Lamp",
        "urn:example:ext:2.0",
        "urn:example:Ext.C",
    ),
    *("urn:example:core:1.0:Thing:X", ENTERPRISE_URN, "urn:example:x", "urn:example:x:label", "urn:Example:Y"),
)
CORE_URNS = (
    "urn:example:core:1.0:Thing",
    "urn:example:Thing",
    "urn:example:ext",
    "urn:example:core:1.0:Thing.v2",
    USER_URN,
)


@cache
def own(seed: int, number: int) -> View:
    """Random resource type `number` of a seed."""
    c = Chooser(f"kind:{seed}:{number}")
    schema = {"id": c.pick(CORE_URNS), "name": "Thing", "attributes": _attributes(c, c.number(3, 10))}
    if c.chance(0.25):
        schema["attributes"] += [
            _attribute(c, _common_name(c, name)) for name in c.sample(list(COMMON), c.number(1, 2))
        ]
    urns = c.sample([urn for urn in EXTENSION_URNS if urn.lower() != schema["id"].lower()], c.pick((0, 1, 1, 2, 2, 3)))
    extensions = [
        {"id": urn, "name": f"E{n}", "attributes": _attributes(c, c.number(1, 6))} for n, urn in enumerate(urns)
    ]
    for extension in extensions:
        if c.chance(0.2):
            extension["attributes"].append(_attribute(c, _common_name(c, c.pick(COMMON))))
    view = _view({"own": [seed, number]}, schema, extensions, f"{seed}:{number}")
    view.full = {"name": "Thing", "schema": schema, "extensions": extensions}
    return view


def _common_name(c: Chooser, name: str) -> str:
    return c.flip_case(name) if c.chance(0.15) else name


def _attributes(c: Chooser, count: int) -> list[dict]:
    return [_attribute(c, name) for name in c.sample(list(NAMES), count)]


def _attribute(c: Chooser, name: str) -> dict:
    made: dict = {"name": name, "type": c.one("schema.type", (*SIMPLE, ("complex", 30)))}
    made["multiValued"] = c.chance(0.4)
    if made["type"] == "complex":
        made["subAttributes"] = _sub_attributes(c, made["multiValued"])
    _characteristics(c, made, top=True)
    return made


def _sub_attributes(c: Chooser, multi: bool) -> list[dict]:
    names = c.sample(list(SUB_NAMES), c.number(1, 5))
    reference = c.chance(0.3)
    for name, probability in (("value", 0.6 if multi else 0.4), ("type", 0.4), ("primary", 0.35 if multi else 0.1)):
        if name not in names and c.chance(probability):
            names.append(name)
    if reference:
        names = [*(n for n in ("value", "$ref") if n not in names), *names]
    made = []
    for name in names:
        kind = {"primary": "boolean", "$ref": "reference", "value": "string", "type": "string"}.get(name)
        if kind is None or c.chance(0.12):
            kind = c.one("schema.type", SIMPLE)
        sub = {"name": name, "type": kind}
        if c.chance(0.5 if name in ("tags", "vlans") else 0.06):
            sub["multiValued"] = True
        _characteristics(c, sub, top=False)
        if reference and name in ("$ref", "type", "display", "displayName") and c.chance(0.6):
            sub["mutability"] = c.pick(("immutable", "readOnly"))
            sub.pop("returned", None)
        made.append(sub)
    return made


def _characteristics(c: Chooser, made: dict, *, top: bool) -> None:
    kind = made["type"]
    if kind in ("string", "reference", "binary") and c.chance(0.3):
        made["caseExact"] = c.chance(0.7)
    if c.chance(0.25):
        made["mutability"] = c.one(
            "schema.mutability", (("readOnly", 30), ("immutable", 40), ("writeOnly", 15), ("readWrite", 15))
        )
    if c.chance(0.22):
        made["returned"] = c.one("schema.returned", (("never", 25), ("always", 25), ("request", 35), ("default", 15)))
    if made.get("mutability") == "writeOnly" and c.chance(0.8):
        made["returned"] = "never"
    if c.chance(0.1) and made.get("mutability") != "readOnly":
        made["required"] = True
    if kind == "string":
        if c.chance(0.15):
            made["canonicalValues"] = c.pick((["work", "home"], ["a", "b", "Ann"], ["Straße", "K"]))
            if c.chance(0.4):
                made["canonicalOnly"] = True
        if c.chance(0.08):
            made["maxLength"] = c.pick((1, 2, 3, 20, 40))
    elif kind == "reference" and c.chance(0.7):
        made["referenceTypes"] = c.pick((["User"], ["Group"], ["external"], ["uri"], ["User", "Group"]))
    if top and kind in ("string", "integer") and c.chance(0.08):
        made["uniqueness"] = c.pick(("server", "global", "none"))
