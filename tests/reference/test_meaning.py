"""The examples of MEANING for filters, list requests, projections, versions and schemas (the others: B's tests)."""

import json
from dataclasses import replace

import pytest

from . import filters
from .attributes import Attribute, load_schema
from .errors import Refused
from .example_kinds import KINDS
from .filter_tree import canonical
from .lists import ListQuery
from .meaning import Example, examples, pairs, settings, value
from .options import LIMITS, SWITCHES, Options
from .projection import project
from .schema import ENTERPRISE, GROUP, USER
from .versions import version

SECTIONS = ("Filter text", "Filter meaning", "Queries", "Versions and answers", "Schema errata")
ELSEWHERE = {"F14"}  # a POST
NOT_HERE = {"A2", "A3", "A4", "A5", "A6"}  # HTTP, clocks and discovery: not in the interface
MINE = [
    example
    for example in examples().values()
    if (example.section in SECTIONS and example.id not in ELSEWHERE | NOT_HERE) or example.id in ("R6", "X2")
]


def options_of(example: Example):
    """The resource type, the options and the arguments of a list request."""
    word, given = settings(example.setting)
    tolerance = {name: on for name, on in given.items() if name in SWITCHES}
    limits = {name: size for name, size in given.items() if name in LIMITS}
    arguments = {"cursors": given["cursors"]} if "cursors" in given else {}
    rest = {k: v for k, v in given.items() if k not in {*tolerance, *limits, *arguments}}
    options = Options.of(tolerance, limits, **rest)
    if word == "strict":
        return None, replace(Options.strict(), limits=options.limits), arguments
    return KINDS[word], options, arguments


@pytest.mark.parametrize("example", MINE, ids=lambda example: example.id)
def test_example(example: Example):
    first = example.lines[0]
    if "have one version" in first.text:
        check_versions(example)
    elif any(line.text.startswith("GET ·") for line in example.lines):
        check_schema(example)
    elif first.text.startswith("search ·") or (first.codes[0].startswith("?") and len(example.lines) == 2):
        check_query(example)
    elif first.codes[0].startswith("?"):
        check_answer(example)
    elif first.codes[0].startswith(("{", "$")):
        check_projection(example)
    else:
        check_filter(example)


def check_filter(example: Example):
    kind, options, _ = options_of(example)
    text, result = example.lines[0].codes[0], example.lines[0].text
    if example.lines[-1].text.startswith("→ ·"):
        with pytest.raises(Refused) as refused:
            filters.compile(text, kind, options)
        assert refused.value.scim_type == example.lines[-1].codes[0]
        return
    compiled = filters.compile(text, kind, options)
    if result == "· → ·":
        assert compiled.text == example.lines[0].codes[1]
    tree = filters.parse(compiled.text, Options.strict(), kind)
    assert canonical(tree) == compiled.text
    assert canonical(filters.compile(compiled.text, kind, Options.strict()).tree) == compiled.text
    for line in example.lines[1:]:
        document = json.loads(line.codes[0]) if line.codes[0] == "null" else value(line.codes[0])
        if line.text == "· → an error":
            with pytest.raises(Refused):
                compiled.matches(document)
        else:
            assert compiled.matches(document) is {"· → true": True, "· → false": False}[line.text], line


def request_of(example: Example, code: str):
    kind, options, arguments = options_of(example)
    if code.startswith("?"):
        return ListQuery(code, kind, options, **arguments)
    return ListQuery.from_body(value(code), kind, options, **arguments)


def check_query(example: Example):
    expected = example.lines[-1]
    if ": " not in expected.codes[0]:
        with pytest.raises(Refused) as refused:
            request_of(example, example.lines[0].codes[0])
        assert refused.value.scim_type == expected.codes[0]
        return
    query = request_of(example, example.lines[0].codes[0])
    for name, wanted in pairs(expected.codes).items():
        field = {"sortBy": "sort_by", "startIndex": "start_index"}.get(name, name)
        found = getattr(query, field)
        assert (found.text if name == "filter" else found) == wanted


def check_answer(example: Example):
    """`?…`, then resources, then their order, the answer, or its pages."""
    code, *_ = example.lines[0].codes
    *resources, expected = example.lines[1:]
    documents = [value(line.codes[0]) for line in resources]
    answer = request_of(example, code).answer(documents)
    ids = [resource["id"] for resource in answer["Resources"]]
    if expected.text.startswith("→ pages"):
        pages = [ids]
        while "nextCursor" in answer:
            assert "cursor=" not in code
            again = code.replace("cursor", f"cursor={answer['nextCursor']}")
            answer = request_of(example, again).answer(documents)
            pages.append([resource["id"] for resource in answer["Resources"]])
        assert pages == [json.loads(page) for page in expected.codes]
    elif expected.codes[0].startswith("{"):
        assert answer == value(expected.codes[0])
    else:
        assert ids == [json.loads(code) for code in expected.codes]


def check_projection(example: Example):
    kind, options, _ = options_of(example)
    attributes = None
    if len(example.lines) == 3:
        attributes = ListQuery(example.lines[1].codes[0], kind, options).attributes
    resource = value(example.lines[0].codes[0])
    assert project(resource, kind, attributes, None, options) == value(example.lines[-1].codes[0])


def check_versions(example: Example):
    same, *others = example.lines
    versions = {version(value(code)) for code in same.codes}
    assert len(versions) == 1
    for line in others:
        assert line.text == "· has another"
        assert version(value(line.codes[0])) not in versions


MEMBERS = {
    "caseExact": "case_exact",
    "referenceTypes": "reference_types",
}


def check_schema(example: Example):
    """`GET /Schemas/URN`, then what an attribute has."""
    schemas = {schema.id: schema for schema in (USER.core, GROUP.core, ENTERPRISE)}
    if len(example.lines) == 3:
        schemas = {schema["id"]: load_schema(schema) for schema in value(example.lines[0].codes[0])}
    schema = schemas[example.lines[-2].codes[0].removeprefix("/Schemas/")]
    path, expected = example.lines[-1].codes
    name, _, sub = path.partition(".")
    attribute: Attribute = schema.attribute(name)
    if sub:
        attribute = attribute.sub(sub)
    for member, wanted in value(expected).items():
        found = getattr(attribute, MEMBERS.get(member, member))
        assert (list(found) if isinstance(found, tuple) else found) == wanted
