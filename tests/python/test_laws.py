"""A request has the same effect on a resource in every form that Python has: dict, JSON text, JSON bytes.

`SCIM_ENGINE_LAWS` is the number of requests that are tried (default 2000), and `SCIM_ENGINE_LAWS_SEED` their seed.
"""

from __future__ import annotations

import json
import os
import random

import pytest

import scim_engine as scim

from .conftest import PATCH
from .test_agreement import spell

COUNT = int(os.environ.get("SCIM_ENGINE_LAWS", "2000"))
SEED = int(os.environ.get("SCIM_ENGINE_LAWS_SEED", "1"))
CORE, LEASE = "urn:example:Locker", "urn:example:lease:2.0"

# Sub-attributes of every kind, and attributes of every kind.
SUBS = [
    *[{"name": "label"}, {"name": "model", "caseExact": True}, {"name": "tags", "multiValued": True}],
    *[{"name": "opened", "type": "dateTime"}, {"name": "size", "type": "integer"}, {"name": "lit", "type": "boolean"}],
    *[{"name": "maker", "mutability": "immutable"}, {"name": "seen", "mutability": "readOnly"}],
    *[{"name": "marks", "multiValued": True, "mutability": "immutable"}],
    *[{"name": "pin", "mutability": "writeOnly", "returned": "never"}],
    *[{"name": "hints", "multiValued": True, "returned": "never"}],
]
ELEMENT = [{"name": "value"}, {"name": "type"}, {"name": "primary", "type": "boolean"}]


def reference(details, label):
    return [
        {"name": "value", "required": True, "caseExact": True},
        {"name": "$ref", "type": "reference", "mutability": details},
        {"name": label, "mutability": "readOnly"},
        {"name": "note"},
    ]


def complex_(name, subs, **more):
    return {"name": name, "type": "complex", "subAttributes": subs, **more}


ATTRIBUTES = [
    *[{"name": "label"}, {"name": "opened", "type": "dateTime"}, {"name": "lit", "type": "boolean"}],
    *[{"name": "weight", "type": "decimal"}, {"name": "tags", "multiValued": True}],
    complex_("lock", SUBS),
    complex_("shelves", ELEMENT + SUBS, multiValued=True),
    complex_("owner", reference("immutable", "displayName")),
    complex_("users", reference("immutable", "display"), multiValued=True),
    {"name": "maker", "mutability": "immutable"},
    {"name": "pin", "mutability": "writeOnly", "returned": "never"},
]
OF_CORE = [
    {"name": "code", "required": True, "caseExact": True},
    {"name": "numbers", "type": "integer", "multiValued": True},
    {"name": "photo", "type": "binary"},
    {"name": "state", "mutability": "readOnly"},
    complex_("parts", ELEMENT, multiValued=True, mutability="immutable"),
    complex_("keeper", reference("readWrite", "displayName")),
    complex_("places", [{"name": "city"}, {"name": "lanes", "multiValued": True}], multiValued=True),
    complex_("traps", ELEMENT, multiValued=True, mutability="writeOnly"),
]
LOCKER = scim.ResourceType.from_schemas(
    "Locker",
    {"id": CORE, "attributes": OF_CORE + ATTRIBUTES},
    [{"id": LEASE, "attributes": [{"name": "until", "type": "dateTime"}, *ATTRIBUTES]}],
)
NAMED = {None: OF_CORE + ATTRIBUTES, LEASE: [{"name": "until", "type": "dateTime"}, *ATTRIBUTES]}

POOLS = {
    "boolean": [True, False],
    "integer": [1, 2],
    "decimal": [1, 1.5, 2.0, 12345678901234567890, 1e300],
    "dateTime": ["2026-01-01T10:00:00Z", "2026-01-01T12:00:00+02:00", "2027-01-01T00:00:00Z"],
    "binary": ["QUJD", "QUI="],
    "reference": ["https://x.example/v2/Users/u1", "https://x.example/Users/u1", "../Users/u2"],
    "string": ["a", "A", "b", "c", "é", "\U0001f600", '"', "\\", "\u017f"],
}
NOISE = [
    *[None, "", " ", [], {}, [None], [{}], [""], [[]], 5, 1.0, -7, 2**70, True, "True", "5", ["x"], {"value": "a"}],
    *[[{"value": "a"}], {"value": None}, {"type": "work"}, '{"value": "a"}', '[{"value": "a"}]', '["a"]', "{", "[]"],
    *[{"label": None}, {"tags": None, "label": "c"}, {"shoe": 44}, [{"shoe": 44}], "a\u0000b"],
    {"LABEL": "a", "label": "b"},
]


class Maker:
    """Makes resources and requests from a seed."""

    def __init__(self, seed):
        self.dice = random.Random(seed)

    def one(self, attribute, often=0.4):
        if attribute.get("type") == "complex":
            subs = attribute["subAttributes"]
            chosen = [sub for sub in subs if sub.get("required") or self.dice.random() < often]
            return {self.spelled(sub["name"]): self.value(sub) for sub in chosen or subs[:1]}
        if attribute["name"] == "type":
            return self.dice.choice(["work", "Work", "home"])
        return self.dice.choice(POOLS[attribute.get("type", "string")])

    def value(self, attribute):
        """A valid value."""
        if not attribute.get("multiValued"):
            return self.one(attribute)
        return [self.one(attribute) for _ in range(self.dice.randint(1, 3))]

    def spelled(self, name):
        return name.upper() if self.dice.random() < 0.1 else name

    def sent(self, attribute):
        """A value as clients send it, possibly invalid."""
        roll = self.dice.random()
        if roll < 0.6:
            return self.value(attribute)
        if roll < 0.75:
            return self.one(attribute)
        if roll < 0.8:
            return json.dumps(self.value(attribute))
        if roll < 0.84:
            return {attribute["name"]: self.value(attribute)}
        return self.dice.choice(NOISE)

    def members(self, attributes):
        return {self.spelled(one["name"]): self.value(one) for one in attributes if self.dice.random() < 0.5}

    def resource(self):
        made = {"schemas": [CORE], "id": "u1", "code": "x", **self.members(NAMED[None][1:])}
        if self.dice.random() < 0.5:
            made["schemas"].append(LEASE)
            made[LEASE] = self.members(NAMED[LEASE])
        if self.dice.random() < 0.2:
            made["shoe"] = self.dice.choice([44, {"size": 12345678901234567890.5}, None])
        if self.dice.random() < 0.3:
            # An invalid value, such as a host stores that does not validate.
            name = self.dice.choice(list(made))
            if isinstance(made[name], list):
                made[name] = self.dice.choice([made[name][0], [*made[name], made[name][0]], [None, *made[name]], []])
        return made

    def filter(self, attribute):
        subs = attribute.get("subAttributes") or [{**attribute, "name": "value"}]

        def test():
            sub = subs[0] if self.dice.random() < 0.6 else self.dice.choice(subs)
            operator = self.dice.choice(["eq", "eq", "eq", "eq", "ne", "sw"])
            return f"{sub['name']} {operator} {json.dumps(self.one(sub))}"

        return self.dice.choice([test(), test(), f"{test()} and {test()}", f"{test()} or {test()}", f"not ({test()})"])

    def part(self, inside=None):
        """A path or key with a value."""
        container = inside or self.dice.choice([None, None, LEASE])
        attribute = self.dice.choice(NAMED[container])
        name = self.spelled(attribute["name"])
        if container and not inside:
            name = f"{container}:{name}"
        elif not inside and self.dice.random() < 0.1:
            name = f"{CORE}:{name}"
        subs = attribute.get("subAttributes", [])
        if attribute.get("multiValued") and self.dice.random() < 0.5:
            name = f"{name}[{self.filter(attribute)}]"
        if subs and self.dice.random() < 0.5:
            sub = self.dice.choice(subs)
            return f"{name}.{sub['name']}", self.sent(sub)
        return name, self.sent(attribute)

    def operation(self):
        op = self.dice.choice(["add", "replace", "remove"])
        roll = self.dice.random()
        if op == "remove":
            path, value = self.part()
            return {"op": op, "path": path, **({"value": value} if roll < 0.4 else {})}
        if roll < 0.6:
            path, value = self.part()
            return {"op": op, "path": path, "value": value}
        if roll < 0.9:
            value = dict(self.part() for _ in range(self.dice.randint(1, 3)))
            if roll < 0.65:
                value["shoe"] = self.dice.choice(NOISE)
            return {"op": op, "value": json.dumps(value) if roll > 0.88 else value}
        value = dict(self.part(LEASE) for _ in range(self.dice.randint(1, 3)))
        return {"op": op, "path": LEASE, "value": value} if roll < 0.95 else {"op": op, "value": {LEASE: value}}

    def request(self):
        operations = [self.operation() for _ in range(self.dice.choice([1, 1, 1, 2, 3]))]
        settings = {"unknown": self.dice.choice(["ignore", "ignore", "keep", "reject"])}
        if self.dice.random() < 0.25:
            settings["tolerance"] = scim.Tolerance.strict()
        if self.dice.random() < 0.25:
            settings["unknown_paths"] = "ignore"
        return {"schemas": [PATCH], "Operations": operations}, settings


def told(outcome):
    """Everything in an outcome except its resource."""
    return (
        outcome.changed,
        [change.to_dict() for change in outcome.changes],
        [repair.to_dict() for repair in outcome.repairs],
    )


def answer(apply):
    """The result of a call, or its error."""
    try:
        return apply()
    except scim.ScimError as error:
        return type(error), error.detail, error.status, getattr(error, "path", None), getattr(error, "operation", None)


def patched(body, settings, resource, kind):
    def apply():
        outcome = scim.Patch(body, kind, **settings).apply(resource)
        return outcome.resource, told(outcome)

    return answer(apply)


def written_anew(body, settings, resource, kind):
    return answer(lambda: json.loads(scim.Patch(body, kind, **settings).apply_json(resource)))


def exact(value):
    """A value as text in which 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True, default=repr)


def check(seed, kind, stored, body, settings):
    before = json.dumps(stored)
    by_dict = patched(body, settings, stored, kind)
    where = f"seed {seed}\n{json.dumps(stored)}\n{json.dumps(body['Operations'])}\n{settings}"
    assert json.dumps(stored) == before, where
    dice = random.Random(seed)
    text, request = json.dumps(stored), json.dumps(body)
    forms = {
        "text": (body, text),
        "bytes": (body, text.encode()),
        "characters": (body, json.dumps(stored, ensure_ascii=False)),
        "request in text": (request, stored),
        "both in bytes": (request.encode(), bytearray(text.encode())),
        "spelled": (body, spell(stored, dice)),
    }
    for name, (as_body, as_resource) in forms.items():
        found = patched(as_body, settings, as_resource, kind)
        if name == "spelled" and len(by_dict) == 2:
            # The order of members is that of the text.
            assert exact(found[0]) == exact(by_dict[0]), f"{name}: {where}"
            continue
        assert exact(found) == exact(by_dict), f"{name}: {where}"
    anew = written_anew(body, settings, text, kind)
    assert exact(anew) == exact(by_dict[0] if len(by_dict) == 2 else by_dict), f"apply_json: {where}"
    assert exact(written_anew(request, settings, text.encode(), kind)) == exact(anew), where
    return len(by_dict) == 2


def test_every_form_of_a_resource_and_a_request():
    succeeded = 0
    for number in range(COUNT):
        seed = SEED * 1_000_003 + number
        maker = Maker(seed)
        succeeded += check(seed, LOCKER, maker.resource(), *maker.request())
    assert succeeded > COUNT / 6


def made(call, *given, **settings):
    def run():
        outcome = call(*given, **settings)
        return outcome.resource, told(outcome)

    return exact(answer(run))


def test_every_form_of_a_body():
    """POST and PUT: dict and text."""
    for number in range(COUNT // 4):
        maker = Maker(SEED * 1_000_003 + number)
        stored, body = maker.resource(), maker.resource()
        name, value = maker.part()
        body[name] = value
        _, settings = maker.request()
        settings.pop("unknown_paths", None)

        text = json.dumps(body)
        created = [made(LOCKER.create, given, **settings) for given in [body, text, text.encode()]]
        assert created[1:] == created[:1] * 2, text
        put = [made(LOCKER.replace, stored, given, **settings) for given in [body, text, text.encode()]]
        assert put[1:] == put[:1] * 2, f"{json.dumps(stored)}\n{text}"
        assert put[0] == made(LOCKER.replace, json.dumps(stored), text, **settings)


@pytest.mark.parametrize("number", range(3))
def test_a_seed_makes_the_same_again(number):
    assert Maker(number).request() == Maker(number).request()
