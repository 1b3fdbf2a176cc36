"""Bodies of POST and PUT, and pairs of resources for `diff`."""

from . import literals
from .chooser import Chooser
from .documents import any_pooled, before_write, distinct, document, mutated, odd_schemas
from .jsontext import dumps
from .kinds import ENTERPRISE_URN, LEGACY, View
from .options import choose_options
from .patches import Maker


def create_case(c: Chooser, seed: int, view: View) -> dict:
    """A case: the body of a POST."""
    return {"kind": view.spec, "options": choose_options(c, "create", view), "body": body(c, view, {})}


def replace_case(c: Chooser, seed: int, view: View) -> dict:
    """A case: a stored resource and the body of a PUT."""
    if c.chance(0.5):
        stored = any_pooled(c, view, seed, write=True, name_case=0.0)
    else:
        stored = before_write(c, view, name_case=0.0)
    if c.chance(0.55):
        sent = mutated(c, stored, view)
        sent = spoiled(c, view, sent, stored)
    else:
        sent = body(c, view, stored)
    return {"kind": view.spec, "options": choose_options(c, "replace", view), "resource": stored, "body": sent}


def diff_case(c: Chooser, seed: int, view: View) -> dict:
    """A case: an old and a new resource, as a host stores them but for a few."""
    if c.chance(0.9):
        c.oddness = 0.0
    held = {"odd_item": 0.0, "odd_schemas": 0.0, "simple_for_complex": 0.0, "unknown_sub": 0.0}
    old = before_write(c, view, **held)
    new = mutated(c, old, view, tame=c.oddness == 0) if c.chance(0.85) else before_write(c, view, **held)
    new = distinct(view, new)
    for attr in view.attrs:
        if attr.mutability == "readOnly" and c.chance(0.9):
            new.pop(attr.name, None)
            if attr.name in old:
                new[attr.name] = old[attr.name]
    return {"kind": view.spec, "options": {}, "old": old, "new": new}


def body(c: Chooser, view: View, stored: dict) -> object:
    """A body that a client made of its own."""
    return spoiled(c, view, document(c, view, stored=False), stored)


def spoiled(c: Chooser, view: View, made: dict, stored: dict) -> object:
    """A body with the peculiarities of clients."""
    maker = Maker(c, view, stored)
    if c.odd("body.not_object", 0.1):
        return c.pick((None, [], [made], "x", 5, {}))
    if c.odd("body.schemas"):
        made["schemas"] = odd_schemas(c, view, [urn for urn, _ in view.extensions if urn in made])
    elif c.odd("body.no_schemas"):
        made.pop("schemas", None)
    if c.odd("body.legacy"):
        for urn in [view.urn, *(urn for urn, _ in view.extensions)]:
            if urn in LEGACY and urn in made:
                made[c.pick(LEGACY[urn])] = made.pop(urn)
            if urn in LEGACY and isinstance(made.get("schemas"), list):
                made["schemas"] = [c.pick(LEGACY[urn]) if item == urn else item for item in made["schemas"]]
    if c.odd("body.undeclared", 2.0) and isinstance(made.get("schemas"), list):
        made["schemas"] = [view.urn]
    if c.chance(0.1, "body.id"):
        made["id"] = c.pick((None, "x", "", "u1", 5, stored.get("id")))
    if c.odd("body.template", 2.0):
        for name in list(made):
            if c.chance(0.2) and name != "schemas":
                made[name] = c.pick(literals.BLANKS[:6])
    if c.chance(0.03 + c.oddness * 2, "body.path_key"):
        urn, attr = maker.attribute()
        path, target, form = maker.path("add", urn, attr)
        made[path] = maker.value("add", urn, target, owner=attr)
        if c.chance(0.3) and form == "attr":
            made.pop(attr.name, None)
    if c.odd("body.manager"):
        made[ENTERPRISE_URN] = {
            "manager": c.pick(({"managerId": "u1"}, "u1", {"value": ""}, {"managerId": ""}, "", {"displayName": "A"}))
        }
    if c.odd("body.extension_text") and view.extensions:
        urn = c.pick(view.extensions)[0]
        made[urn] = c.pick((None, {}, [], "", dumps(made.get(urn)), "x", [made.get(urn)]))
    if c.odd("body.value"):
        urn, attr = c.pick(view.all())
        (made if urn is None else made.setdefault(urn, {}) if isinstance(made.get(urn, {}), dict) else made)[
            attr.name
        ] = maker.value("add", urn, attr)
    if c.odd("body.unknown"):
        name = c.pick(
            (
                "shoeSize",
                "x.y",
                "urn:example:unknown:Z",
                "urn:example:unknown:Z:a",
                'shoe[x eq "a"].b',
                "emails[0]",
                "name.x",
                "a\u0000",
            )
        )
        made[name] = c.pick((*literals.JUNK, {"a": 1}, "\u0000"))
    if c.odd("body.twin") and made:
        name = c.pick(list(made))
        made[c.pick((c.flip_case(name), f"{view.urn}:{name}", f"{view.urn}.{name}"))] = c.pick((made[name], "z", None))
    if c.odd("body.core_object", 0.4):
        made[view.urn] = c.pick(({"title": "a"}, {}, None, {"userName": "x"}, "x"))
    if c.odd("body.text_for_all", 0.2):
        for name in list(made):
            if isinstance(made[name], dict | list) and c.chance(0.5):
                made[name] = dumps(made[name])
    return made
