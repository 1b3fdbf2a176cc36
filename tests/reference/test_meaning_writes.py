"""The examples of MEANING for PATCH, POST, PUT and profiles."""

import json
import re
from copy import deepcopy
from dataclasses import replace as with_options

import pytest

from .create import create
from .errors import Refused
from .example_kinds import KINDS
from .meaning import Example, examples, settings, urns, value
from .options import LIMITS, SWITCHES, Options
from .patch import patch
from .replace import replace
from .schema import USER, Kind

SECTIONS = ("PATCH", "POST and PUT", "Profiles")
ELSEWHERE = {"R6", "X2"}  # schemas and filters
MINE = [e for e in examples().values() if (e.section in SECTIONS and e.id not in ELSEWHERE) or e.id == "F14"]
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

DEVICE = Kind.from_schemas(
    "Device",
    {
        "id": "urn:example:params:scim:schemas:Device",
        "name": "Device",
        "attributes": [
            {"name": "serialNumber", "required": True},
            {"name": "slots", "type": "integer"},
            {
                "name": "interfaces",
                "type": "complex",
                "multiValued": True,
                "subAttributes": [{"name": "value"}, {"name": "vlans", "multiValued": True}],
            },
        ],
    },
)


def options_of(example: Example) -> tuple[Kind, Options]:
    word, given = settings(example.setting)
    tolerance = {name: on for name, on in given.items() if name in SWITCHES}
    limits = {name: size for name, size in given.items() if name in LIMITS}
    rest = {name: wish for name, wish in given.items() if name not in {*tolerance, *limits}}
    options = Options.of(tolerance, limits, **rest)
    if word == "strict":
        return USER, with_options(Options.strict(), limits=options.limits)
    return DEVICE if word == "Device" else KINDS[word] or USER, options


def operation(text: str) -> dict:
    """`add emails[type eq "work"].value "a"`, `remove members`, `add {…}`."""
    op, rest = text.split(" ", 1)
    if rest.startswith("{"):
        return {"op": op, "value": value(rest)}
    path, said = re.fullmatch(r'((?:[^ \["]|\[(?:[^\]"]|"[^"]*")*\])+)(?: (.*))?', rest).groups()
    found = {"op": op, "path": path}
    return found if said is None else {**found, "value": value(said)}


def repeated(found: object) -> object:
    """`{"$repeat": 3, "item": …}`: the item with `{i}` replaced by 0, 1 and 2."""
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], dict) and "$repeat" in found[0]:
        text = json.dumps(found[0]["item"])
        return [json.loads(text.replace("{i}", str(index))) for index in range(int(found[0]["$repeat"]))]
    return {name: repeated(inner) for name, inner in found.items()} if isinstance(found, dict) else found


def run(example: Example):
    """The result of the example's requests, its start, and the lines that say what is expected."""
    kind, options = options_of(example)
    start, operations, method, body, rest = None, [], "PATCH", None, []
    for line in example.lines:
        code = line.codes[0] if line.codes else ""
        if line.text == "·" and start is None:
            start = value(code)
        elif line.text == "·":
            operations.append(operation(code))
        elif match := re.fullmatch(r"(\d+) times ·", line.text):
            operations += [operation(code.replace("{i}", str(index))) for index in range(int(match[1]))]
        elif match := re.fullmatch(r"(PATCH|POST|PUT) ·", line.text):
            method, body = match[1], code.replace("\\ufeff", "\ufeff")
        else:
            rest.append(line)
    before = deepcopy(start)

    def result():
        if method == "POST":
            return create(body, kind, options)
        if method == "PUT":
            return replace(start, body, kind, options)
        return patch(body or {"schemas": [PATCH_OP], "Operations": operations}, start, kind, options)

    return result, start, before, rest


@pytest.mark.parametrize("example", MINE, ids=lambda example: example.id)
def test_example(example: Example):
    result, start, before, rest = run(example)
    first = rest[0]
    code = first.codes[0] if first.codes else ""
    if first.text.startswith("→ ·") and not code.startswith(("{", "$")):
        with pytest.raises(Refused) as refused:
            result()
        assert refused.value.scim_type == code
        if match := re.search(r"in operation (\d+)", first.text):
            assert refused.value.index == int(match[1])
        assert start == before
        return
    found = result()
    assert start == before
    repairs, changes = [], []
    for line in rest:
        if line.text == "→ unchanged":
            assert found.resource == before
            assert not found.changed
        elif line.text == "→ ·":
            assert found.resource == repeated(value(line.codes[0]))
        elif line.text == "reports · at ·":
            repairs.append((line.codes[1], line.codes[0]))
        else:
            match = re.fullmatch(r"changes ·: (added|removed|replaced) ·", line.text)
            changes.append((line.codes[0], match[1], value(line.codes[1])))
    if repairs or example.id not in ("P5c",):
        assert found.repairs == repairs
    told = [
        (change.path, word, [{"old": old, "new": new} for old, new in said] if word == "replaced" else said)
        for change in found.changes
        for word, said in (("added", change.added), ("removed", change.removed), ("replaced", change.replaced))
        if said
    ]
    if changes:
        assert sorted(told, key=str) == sorted(changes, key=str)
    assert found.changed == bool(found.changes)


def test_urns():
    assert urns("<User>") == USER.core.id
