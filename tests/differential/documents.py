"""Documents of a resource type: mostly valid, some with odd shapes, names and members."""

import unicodedata
from datetime import UTC, datetime
from decimal import Decimal

from . import literals
from .chooser import Chooser, copied
from .jsontext import dumps
from .kinds import ENTERPRISE_URN, GROUP_URN, LEGACY, USER_URN, Attr, View

DOCUMENTS = 60
WRITTEN = {
    "document.case_twin": 0.0,
    "document.twin": 0.0,
    "document.junk": 0.0,
    "document.list_for_single": 0.0,
    "document.single_for_list": 0.0,
    "document.simple_for_complex": 0.3,
    "document.odd_item": 0.3,
    "document.odd_schemas": 0.3,
}
"""How much rarer these are in what is stored before a write: the schema could not hold it, and rules say little."""


def simple(c: Chooser, attr: Attr) -> object:
    """A value for a simple attribute."""
    if attr.canonical and (c.chance(0.6) or (c.shares and attr.canonical_only)):
        value = c.pick(attr.canonical)
        return c.flip_case(value) if c.chance(0.2) and not attr.canonical_only else value
    if attr.type == "string" and attr.max_length and c.chance(0.7):
        return literals.text(c)[: attr.max_length] or "a"
    if attr.name == "type" and c.chance(0.7):
        return c.pick(("work", "home", "User", "Group"))
    if attr.name == "value" and attr.type == "string" and c.chance(0.7):
        return c.pick(("a", "b", "u1", "u2", "A"))
    return literals.of_type(c, attr.type)


def element(c: Chooser, attr: Attr) -> object:
    """One value of an attribute: an object for a complex one."""
    if attr.type != "complex":
        return simple(c, attr)
    without_rule = c.shares and not (attr.multi and attr.sub("value"))  # F17 has a rule for lists with a `value`
    if not without_rule and c.odd("document.simple_for_complex", 0.7):
        return c.pick(literals.JUNK) if c.chance(0.4) else literals.text(c)
    made = {}
    for sub in attr.subs:
        if sub.required or c.random() < (0.75 if sub.name in ("value", "type") else 0.35):
            if sub.name == "primary" and sub.type == "boolean" and c.random() < 0.7:
                continue
            made[_name(c, sub.name)] = value(c, sub)
    if c.odd("document.unknown_sub", 0.5):
        junk = c.pick(literals.JUNK)
        name = c.pick(("colour", "x", "Value", "TYPE", "value.x", "operation", "@odata.type"))
        if not c.shares or (attr.sub(name.lower()) is None and junk not in (None, [], {}, [None], [{}], [[]])):
            made[name] = junk
    return made


def _name(c: Chooser, name: str) -> str:
    return c.flip_case(name) if c.odd("document.name_case", 0.5) else name


def value(c: Chooser, attr: Attr) -> object:
    """The value of an attribute, a list for a multi-valued one."""
    if c.odd("document.junk", 0.5):
        return c.pick(literals.JUNK)
    if attr.multi:
        if c.odd("document.single_for_list"):
            return element(c, attr)
        items = [element(c, attr) for _ in range(c.pick((0, 1, 1, 2, 2, 3)))]
        if items and c.odd("document.twin", 2.0):
            twin = c.pick(items)
            items.append(twin)
        if c.shares:
            items = _distinct(attr, items)
        if items and c.odd("document.odd_item"):
            items.append(None if c.shares else c.pick(literals.JUNK))
        if items and isinstance(items[0], dict) and attr.sub("primary") and c.random() < 0.4:
            items[0]["primary"] = True
        return items
    made = element(c, attr)
    return [made] if c.odd("document.list_for_single") else made


def _distinct(attr: Attr, items: list) -> list:
    """The elements of a stored list without those that say nothing or have the identity of another one (P5)."""
    found: dict[str, object] = {}
    for item in items:
        if item != {}:
            found.setdefault(_identity(attr, item), item)
    return list(found.values())


def _identity(attr: Attr, item: object) -> str:
    """A key that elements of one identity share; others may share it, too."""
    if not isinstance(item, dict):
        return _folded(item)
    members = {name.lower(): _folded(member) for name, member in item.items()}
    if "value" in members and attr.sub("value"):
        return members["value"] if attr.sub("$ref") else f"{members['value']} {members.get('type')}"
    plain = {sub.name.lower() for sub in attr.subs if not sub.secret and sub.mutability != "readOnly"} - {"primary"}
    return dumps({name: members[name] for name in sorted(members) if name in plain or attr.sub(name) is None})


def _folded(value: object) -> str:
    """A text without case, width and form of numbers; a time as an instant."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return unicodedata.normalize("NFKC", value).casefold()
        return str(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(Decimal(value).normalize())
    return dumps(value).lower()


def _schemas(view: View, present: list[str]) -> list[str]:
    return [view.urn, *present]


def document(c: Chooser, view: View, *, stored: bool = True, secrets: bool = True) -> dict:
    """A resource as a host stores it, or as a client sends it."""
    made: dict = {}
    density = c.pick((0.1, 0.25, 0.5))
    for attr in view.attrs:
        if (attr.name in ("schemas", "meta", "id") and attr.mutability != "readWrite") or attr.name == "schemas":
            continue
        if not stored and attr.mutability == "readOnly" and c.random() < 0.8:
            continue
        if not secrets and attr.secret:
            continue
        if (attr.required and not c.odd("document.no_required", 0.5)) or c.random() < density:
            made[_name(c, attr.name)] = required_value(c, attr) if attr.required else value(c, attr)
    present = []
    for urn, attrs in view.extensions:
        if c.random() < 0.5:
            extension = {}
            for attr in attrs:
                if attr.required or c.random() < density + 0.2:
                    extension[_name(c, attr.name)] = required_value(c, attr) if attr.required else value(c, attr)
            if extension or c.odd("document.empty_extension", 3.0):
                made[_urn_key(c, urn)] = extension
                present.append(urn)
            elif c.odd("document.extension_without_object", 3.0):
                present.append(urn)
    if c.odd("document.flat_extension") and view.extensions:
        urn, attrs = c.pick(view.extensions)
        attr = c.pick(attrs)
        made[c.pick((f"{urn}:{attr.name}", attr.name))] = value(c, attr)
    if c.odd("document.unknown"):
        made[c.pick(("badge", "shoeSize", "x.y", "urn:example:unknown:Z", "password", "account"))] = c.pick(
            (*literals.JUNK, {"no": 5, "password": "p"}, "red", {"password": "a", "colour": "red"})
        )
    if c.odd("document.case_twin") and made:
        name = c.pick(list(made))
        made[c.flip_case(name)] = c.pick((made[name], "z", None))
    head: dict = {}
    if not c.odd("document.no_schemas"):
        head["schemas"] = _schemas(view, present)
        if c.odd("document.odd_schemas"):
            head["schemas"] = odd_schemas(c, view, present)
    if stored and c.random() < 0.6:
        head["id"] = c.pick(("u1", "u2", "7"))
    if stored and c.random() < 0.3:
        head["meta"] = {"resourceType": "User", "created": c.pick(literals.TIMES), "version": 'W/"1"'}
    return {**head, **made}


def distinct(view: View, made: dict) -> dict:
    """A resource without elements that have the identity of another one."""
    places = [(made, view.attrs), *((made.get(urn), attrs) for urn, attrs in view.extensions)]
    for holder, attrs in places:
        for attr in attrs:
            if isinstance(holder, dict) and attr.multi and isinstance(holder.get(attr.name), list):
                holder[attr.name] = _distinct(attr, holder[attr.name])
    return made


def before_write(c: Chooser, view: View, **shares: float) -> dict:
    """A resource that is stored before a write: what the schema could not hold is rare (`WRITTEN`)."""
    c.shares = {**WRITTEN, **{f"document.{name}": share for name, share in shares.items()}}
    try:
        return document(c, view)
    finally:
        c.shares = {}


def _urn_key(c: Chooser, urn: str) -> str:
    if c.odd("document.urn_case", 0.5):
        return c.flip_case(urn)
    if urn in LEGACY and c.odd("document.urn_legacy", 0.5):
        return c.pick(LEGACY[urn])
    return urn


def odd_schemas(c: Chooser, view: View, present: list[str]) -> object:
    """What stands in `schemas` now and then."""
    legacy = [c.pick(LEGACY[urn]) if urn in LEGACY else c.flip_case(urn) for urn in (view.urn, *present)]
    return c.pick(
        (
            *([], None, view.urn, [view.urn], [*present, view.urn], legacy, [view.urn, view.urn.upper(), *present], ""),
            *([view.urn, *(urn for urn, _ in view.extensions)], [*present], [view.urn, "urn:example:unknown:Z"]),
            *([ENTERPRISE_URN], [view.urn, None], [USER_URN, GROUP_URN], 5, dumps([view.urn]), [""], [[view.urn]]),
        )
    )


def required_value(c: Chooser, attr: Attr) -> object:
    """A value that is assigned, unless the case is odd."""
    made = value(c, attr)
    if c.oddness == 0 and made in ([], {}, "", None):
        return value(c, Attr(attr.name, attr.type, False, subs=attr.subs)) if not attr.multi else [element(c, attr)]
    if made == [] and attr.multi:
        return [element(c, attr)]
    return made


def mutated(c: Chooser, source: dict, view: View, *, tame: bool = False) -> dict:
    """A resource that differs from another one in some places; `tame` makes no odd values."""
    made = copied(source)
    by_name = {attr.name.lower(): attr for _, attr in view.all()}
    for _ in range(c.pick((0, 1, 1, 2, 3, 5))):
        holder, attrs = made, view.attrs
        if view.extensions and c.chance(0.25):
            urn, attrs = c.take(view.extensions)
            if not isinstance(made.get(urn), dict):
                made[urn] = {}
                if isinstance(made.get("schemas"), list) and urn not in made["schemas"]:
                    made["schemas"].append(urn)
            holder = made[urn]
        _mutate(c, holder, attrs, by_name, tame=tame)
    return made


def _mutate(c: Chooser, holder: dict, attrs: list[Attr], by_name: dict[str, Attr], *, tame: bool) -> None:
    names = [name for name in holder if name != "schemas" and not (tame and name.lower() not in by_name)]
    rare = 0 if tame else 1
    how = c.one(
        "mutate", (("new", 30), ("drop", 20), ("near", 20 * rare), ("item", 25), ("sub", 15), ("null", 6 * rare))
    )
    name = c.take(names) if names else None
    if how == "new" or name is None:
        attr = c.take(attrs)
        if attr.name != "schemas":
            holder[attr.name] = value(c, attr)
    elif how == "drop":
        if not (tame and name.lower() in by_name and by_name[name.lower()].required):
            del holder[name]
    elif how == "near":
        holder[name] = literals.near(c, holder[name])
    elif how == "null":
        holder[name] = c.pick((None, [], "", {}))
    elif isinstance(holder[name], list) and holder[name]:
        _mutate_list(c, holder[name], by_name.get(name.lower()), tame=tame)
    elif isinstance(holder[name], dict) and holder[name]:
        sub = c.take(list(holder[name]))
        attr = by_name[name.lower()].sub(sub) if tame else None
        if not tame:
            holder[name][sub] = c.pick((literals.near(c, holder[name][sub]), "z", None))
        elif attr:
            holder[name][sub] = value(c, attr)


def _mutate_list(c: Chooser, items: list, attr: Attr | None, *, tame: bool) -> None:
    how = c.number(0, 4)
    if how == 0 and attr:
        items.append(element(c, attr))
    elif how == 1:
        items.pop(c.number(0, len(items) - 1))
    elif how == 2:
        items.reverse()
    else:
        index = c.number(0, len(items) - 1)
        item = items[index]
        if isinstance(item, dict) and item:
            if attr and attr.subs and (tame or how == 4):
                sub = c.take(attr.subs)
                item[sub.name] = value(c, sub)
            if not tame:
                name = c.take(list(item))
                item[name] = c.pick((literals.near(c, item[name]), "z", "home"))
        elif tame and attr:
            items[index] = element(c, attr)
        else:
            items[index] = literals.near(c, item)


_POOL: dict[tuple, tuple[dict, str]] = {}


def pooled(view: View, seed: int, number: int, *, write: bool = False, **shares: float) -> tuple[dict, str]:
    """Document `number` of a resource type and a seed, and its JSON text. It must not be changed."""
    key = (view.key, seed, number, write, *shares.items())
    if key not in _POOL:
        chooser = Chooser(f"document:{view.key}:{seed}:{number}")
        made = before_write(chooser, view, **shares) if write else document(chooser, view)
        _POOL[key] = made, dumps(made)
    return _POOL[key]


def any_pooled(c: Chooser, view: View, seed: int, *, write: bool = False, **shares: float) -> dict:
    """Some document of the pool."""
    return pooled(view, seed, c.number(0, DOCUMENTS - 1), write=write, **shares)[0]
