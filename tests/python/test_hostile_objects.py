"""Objects of a hostile host: they raise while they are read, lie about themselves, or change.

Each call answers, or raises an error of the module, a `TypeError`, a `ValueError`, or the error that the object itself
raised. It never panics, never raises `SystemError`, and does not change the argument.

A run without settings is the same every time. `SCIM_ENGINE_HOSTILE` is the number of examples of each test (default
150); with it, they are other ones each time.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime
import decimal
import enum
import json
import os
import types
import uuid
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import scim_engine as scim
from scim_engine import onelogin, protocol

from .conftest import CORE, ENTERPRISE, PATCH

COUNT = os.environ.get("SCIM_ENGINE_HOSTILE")
PROFILE = settings(
    max_examples=int(COUNT or 150),
    derandomize=COUNT is None,
    database=None,
    deadline=None,
    # Hostile objects are not written well, and shrinking takes minutes.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


class HostileError(Exception):
    """The error that an object raises."""


def raises(*_args, **_kwargs):
    raise HostileError


# What the module may raise.
ALLOWED = (scim.ScimError, TypeError, ValueError, HostileError)


def hostile(base, *methods, **members):
    """A class of which these methods raise."""
    names = dict.fromkeys(methods, raises)
    return type(f"{base.__name__.title()}Without{''.join(methods)}", (base,), {**names, **members})


DICTS = [
    hostile(dict, name)
    for name in [
        "__getitem__",
        "__len__",
        "__iter__",
        "__contains__",
        "__eq__",
        "__hash__",
        "__bool__",
        "__repr__",
        "items",
        "keys",
        "values",
        "get",
        "__class_getitem__",
        "__missing__",
        "copy",
        "__reduce_ex__",
    ]
] + [hostile(dict, "__getitem__", "__len__", "__iter__", "__contains__", "items", "keys", "values", "get")]
LISTS = [
    hostile(list, name)
    for name in ["__getitem__", "__len__", "__iter__", "__contains__", "__eq__", "__bool__", "index"]
]
TUPLES = [hostile(tuple, name) for name in ["__getitem__", "__len__", "__iter__", "__eq__"]]
TEXTS = [
    hostile(str, name)
    for name in [
        "__str__",
        "__repr__",
        "__eq__",
        "__hash__",
        "__len__",
        "__iter__",
        "__getitem__",
        "encode",
        "lower",
        "casefold",
    ]
]
INTEGERS = [
    hostile(int, name)
    for name in ["__int__", "__index__", "__str__", "__repr__", "__eq__", "__hash__", "__bool__", "__float__"]
]
FLOATS = [hostile(float, name) for name in ["__float__", "__str__", "__repr__", "__eq__", "__bool__", "is_integer"]]


class Broken(Mapping):
    """A mapping of which some methods raise."""

    def __init__(self, members, broken):
        self._members, self._broken = members, broken

    def _check(self, name):
        if name in self._broken:
            raise HostileError(name)

    def __getitem__(self, name):
        self._check("getitem")
        return self._members[name]

    def __iter__(self):
        self._check("iter")
        yield from self._members
        self._check("next")

    def __len__(self):
        self._check("len")
        return len(self._members)

    def __contains__(self, name):
        self._check("contains")
        return name in self._members

    def items(self):
        self._check("items")
        return self._members.items()

    def keys(self):
        self._check("keys")
        return self._members.keys()

    def get(self, name, default=None):
        self._check("get")
        return self._members.get(name, default)


class Lying(Mapping):
    """A mapping that says something else every time: other names, another length, other values."""

    def __init__(self, members, length):
        self._members, self._length, self._reads = members, length, 0

    def __getitem__(self, name):
        self._reads += 1
        if self._reads % 3 == 0:
            raise KeyError(name)
        return self._members.get(name, [None, True, "work", self, {}, []][self._reads % 6])

    def __iter__(self):
        self._reads += 1
        names = list(self._members)
        return iter([*names[self._reads % 2 :], "userName", "emails", "userName"])

    def __len__(self):
        return self._length


class Row(Sequence):
    """A sequence whose length is wrong."""

    def __init__(self, elements, length):
        self._elements, self._length = elements, length

    def __len__(self):
        if self._length is None:
            raise HostileError
        return self._length

    def __getitem__(self, at):
        return self._elements[at]


class Ending:
    """An iterable that raises before its end."""

    def __init__(self, elements):
        self._elements = elements

    def __iter__(self):
        yield from self._elements
        raise HostileError


class Kind(enum.Enum):
    WORK = "work"
    NUMBER = 5
    NOTHING = None
    LIST = ("a", "b")
    BYTES = b"a"


class BrokenKind(enum.Enum):
    """An `Enum` without a value."""

    WORK = "work"

    @property
    def value(self):
        raise HostileError


class Unclassified:
    """An object whose class cannot be asked for."""

    @property
    def __class__(self):
        raise HostileError


class Dumped:
    """A model whose `model_dump` gives anything."""

    def __init__(self, dumped):
        self._dumped = dumped

    def model_dump(self, **_):
        if self._dumped is raises:
            raise HostileError
        return self if self._dumped is self else self._dumped


@dataclasses.dataclass
class Record:
    userName: object = "a"
    emails: object = ()


class Partial(Record):
    """A dataclass without one of its fields."""

    def __init__(self):
        self.userName = "a"

    def __getattribute__(self, name):
        if name == "emails":
            raise HostileError
        return super().__getattribute__(name)


class Moment(datetime.datetime):
    """A time that cannot be written, or is written as anything."""

    text = raises

    def isoformat(self, *_, **__):
        return self.text() if callable(self.text) else self.text


def moment(text):
    made = Moment(2026, 1, 1)
    made.text = text
    return made


class Number(decimal.Decimal):
    """A number that cannot be asked what it is."""

    is_finite = raises


class Infinite(decimal.Decimal):
    """A number that is written as anything."""

    def __str__(self):
        return "x"


def cyclic_list():
    made = ["a"]
    made.append(made)
    return made


def cyclic_dict(name):
    made = {"value": "a"}
    made[name] = made
    return made


def deep(depth, is_list):
    value = "a"
    for _ in range(depth):
        value = [value] if is_list else {"value": value}
    return value


NAMES = [
    "schemas",
    "id",
    "userName",
    "name",
    "givenName",
    "emails",
    "value",
    "type",
    "primary",
    "active",
    "members",
    "meta",
    "password",
    "Operations",
    "op",
    "path",
    "filter",
    "count",
    "method",
    "data",
    "bulkId",
    "title",
    "manager",
    ENTERPRISE,
]
SURROGATES = st.text(st.characters(codec=None), max_size=4)


def leaves():
    return st.one_of(
        st.none(),
        st.booleans(),
        st.sampled_from(
            [
                "a",
                "work",
                "True",
                "",
                " ",
                "add",
                "remove",
                "userName",
                CORE,
                PATCH,
                "u1",
                "\ud800",
                "a\0b",
                "\udfff\ud800",
            ]
        ),
        SURROGATES,
        st.integers(),
        st.builds(pow, st.sampled_from([2, -2, 10, -10]), st.sampled_from([63, 64, 400, 4299, 4300, 5001])),
        st.floats(),
        st.sampled_from(
            [
                b"a",
                bytearray(b"a"),
                memoryview(b"a"),
                memoryview(b"abcd")[::2],
                object(),
                object,
                type,
                len,
                ...,
                NotImplemented,
                1j,
            ]
        ),
        st.sampled_from(
            [
                range(3),
                frozenset("a"),
                types.SimpleNamespace(a=1),
                json,
                uuid.UUID(int=1),
                datetime.date(2026, 1, 1),
                datetime.time(1),
            ]
        ),
        st.sampled_from(
            [
                datetime.datetime(1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=14))),
                datetime.datetime(9999, 12, 31, 23, tzinfo=datetime.timezone(-datetime.timedelta(hours=14))),
                datetime.timedelta(1),
            ]
        ),
        st.sampled_from(
            [
                decimal.Decimal(text)
                for text in ["NaN", "sNaN", "Infinity", "-Infinity", "1E+999999", "1E-999999", "0E+5", "-0"]
            ]
        ),
        st.sampled_from(
            [
                Number(1),
                Infinite(1),
                *Kind,
                *BrokenKind,
                moment(raises),
                moment("x"),
                moment(5),
                moment(None),
                moment("\ud800"),
            ]
        ),
        st.builds(Unclassified),
        st.builds(Dumped, st.sampled_from([raises, None, 5, "a", [], b"a"])),
        st.builds(Partial),
        st.sampled_from(TEXTS).flatmap(lambda kind: st.sampled_from(["userName", "a", "\ud800"]).map(kind)),
        st.sampled_from(INTEGERS).map(lambda kind: kind(5)),
        st.sampled_from(FLOATS).map(lambda kind: kind(5.5)),
        st.builds(cyclic_list),
        st.builds(cyclic_dict, st.sampled_from(NAMES)),
        st.builds(deep, st.sampled_from([3, 130, 2000]), st.booleans()),
        st.builds(lambda: iter("ab")),
        st.builds(lambda: (name for name in "ab")),
    )


def keys():
    return st.one_of(
        st.sampled_from(NAMES),
        st.sampled_from(NAMES).map(str.upper),
        SURROGATES,
        st.sampled_from(TEXTS[:2] + TEXTS[4:]).flatmap(lambda kind: st.sampled_from(NAMES).map(kind)),
        st.sampled_from([None, 5, 1.5, True, b"userName", ("a",), object()]),
    )


def containers(inner):
    members = st.dictionaries(keys(), inner, max_size=4)
    broken = st.sets(
        st.sampled_from(["getitem", "iter", "next", "len", "contains", "items", "keys", "get"]), max_size=3
    )
    lists = st.lists(inner, max_size=4)
    lengths = st.sampled_from([0, 1, 3, 1000, None])
    return st.one_of(
        members,
        members.map(types.MappingProxyType),
        members.map(collections.OrderedDict),
        members.map(lambda given: collections.defaultdict(lambda: raises(), given)),
        members.map(lambda given: collections.ChainMap(given, {"userName": "b"})),
        st.builds(lambda kind, given: kind(given), st.sampled_from(DICTS), members),
        st.builds(Broken, members, broken),
        st.builds(Lying, members, st.sampled_from([0, 1, 1000])),
        lists,
        lists.map(tuple),
        lists.map(collections.deque),
        st.builds(lambda kind, given: kind(given), st.sampled_from(LISTS + TUPLES), lists),
        st.builds(Row, lists, lengths),
        lists.map(Ending),
        st.builds(Dumped, inner),
        st.builds(Record, inner, inner),
    )


def values():
    return st.recursive(leaves(), containers, max_leaves=8)


@st.composite
def held(draw, strategy):
    return Held(draw(strategy))


def told(value, depth=0):
    """A value for people, written without any of its own methods."""
    kind = type(value)
    if depth > 5:
        return "…"
    if issubclass(kind, dict):
        inner = (f"{told(name, depth + 1)}: {told(member, depth + 1)}" for name, member in dict.items(value))
    elif issubclass(kind, (list, tuple)):
        base = list if issubclass(kind, list) else tuple
        inner = (told(element, depth + 1) for element in base.__iter__(value))
    elif issubclass(kind, str):
        return f"{kind.__name__}({str.__repr__(value)[:60]})"
    elif kind in (Broken, Lying, Row, Ending, Dumped):
        inner = (f"{name}={told(member, depth + 1)}" for name, member in vars(value).items())
    else:
        return kind.__name__
    return f"{kind.__name__}({', '.join(inner)})"


class Held:
    """Keeps a hostile value from Hypothesis, which writes every argument."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return told(self.value)


def documents():
    """Mostly what a document can be: members with names of SCIM, of which some are hostile."""
    members = st.dictionaries(st.sampled_from(NAMES), values(), max_size=5)
    plain = st.just({"schemas": [CORE, ENTERPRISE], "id": "1", "userName": "a", "active": True})
    return st.one_of(
        st.builds(lambda a, b: {**a, **b}, plain, members),
        st.builds(lambda kind, a, b: kind({**a, **b}), st.sampled_from(DICTS), plain, members),
        st.builds(lambda emails: {"userName": "a", "emails": emails}, st.lists(values(), max_size=3)),
        values(),
    )


def shape(value):
    """What is in a value, read without any of its own methods: a flat list, since a value may be nested deep."""
    found, left, seen = [], [value], set()
    while left:
        value = left.pop()
        kind = type(value)
        found.append(id(value))
        if id(value) in seen:
            continue
        seen.add(id(value))
        if issubclass(kind, dict):
            left.extend(part for entry in dict.items(value) for part in entry)
        elif issubclass(kind, list):
            left.extend(list.__iter__(value))
        elif issubclass(kind, tuple):
            left.extend(tuple.__iter__(value))
        elif kind in (Broken, Row, Ending, Dumped):
            left.extend(vars(value).values())
        found.append(len(left))
    return found


def answers(call, *arguments):
    """The answer of a call, or none if it raised an error that it may raise."""
    before = [shape(argument) for argument in arguments]
    answer = None
    # `KeyError` is that of `Lying`.
    with contextlib.suppress(*ALLOWED, KeyError, RecursionError):
        answer = call(*arguments)
    assert [shape(argument) for argument in arguments] == before, "an argument was changed"
    return answer


USER = scim.ResourceType.user()
FILTERS = [
    scim.Filter(text, kind)
    for text in [
        'userName eq "a"',
        "not (active eq true)",
        'emails[type eq "work" and value co "a"] or name.givenName pr',
        'meta.created gt "2026-01-01T00:00:00Z"',
        f'{ENTERPRISE}:manager.value eq "u1"',
    ]
    for kind in [USER, scim.ResourceType.any()]
] + [scim.Filter("x eq 5 or x.value ne null")]
PATCHES = [
    scim.Patch({"schemas": [PATCH], "Operations": operations}, USER)
    for operations in [
        [{"op": "replace", "path": "title", "value": "b"}],
        [{"op": "add", "path": "emails", "value": [{"value": "b", "type": "work"}]}],
        [{"op": "replace", "path": 'emails[type eq "work"].value', "value": "c"}],
        [{"op": "remove", "path": "emails[value pr]"}, {"op": "remove", "path": "name.givenName"}],
        [{"op": "add", "value": {"name": {"familyName": "b"}, ENTERPRISE: {"department": "x"}}}],
        [{"op": "remove", "path": "schemas"}],
    ]
]
QUERIES = [
    protocol.ListQuery(text, USER)
    for text in [
        "",
        "filter=emails%20pr",
        "sortBy=emails",
        "sortBy=userName&sortOrder=descending",
        "attributes=emails.value,name",
    ]
]


@PROFILE
@given(held(documents()), st.sampled_from(FILTERS))
def test_filters(document, made):
    document = document.value
    answer = answers(made.matches, document)
    assert answer is None or isinstance(answer, bool)
    answers(made.explain, document)
    answers(made.select, [document])
    answers(made.select, document)


@PROFILE
@given(held(documents()), st.sampled_from(PATCHES))
def test_patch_of_a_hostile_resource(resource, patch):
    resource = resource.value
    outcome = answers(patch.apply, resource)
    if outcome is not None:
        answers(lambda _: (outcome.resource, outcome.changes, outcome.repairs), resource)
        answers(outcome.to_dict)
    answers(patch.apply_json, resource)


@PROFILE
@given(held(documents()), held(values()))
def test_hostile_requests(body, value):
    body = body.value
    value = value.value
    operation = {"op": "add", "path": "emails", "value": value}
    for given_body in [
        body,
        {"schemas": [PATCH], "Operations": [operation]},
        {"schemas": [PATCH], "Operations": value},
    ]:
        patch = answers(scim.Patch, given_body, USER)
        if patch is not None:
            answers(patch.apply, {"userName": "a", "emails": [{"value": "b"}]})
            answers(lambda made: (made.operations, hash(made), repr(made)), patch)


@PROFILE
@given(held(documents()), held(documents()))
def test_hostile_bodies(stored, body):
    stored = stored.value
    body = body.value
    for kind in [USER, scim.ResourceType.group()]:
        answers(kind.create, body)
        answers(kind.replace, stored, body)
        answers(kind.replace, {"userName": "a"}, body)
        answers(scim.diff, stored, body, kind)


@PROFILE
@given(held(st.lists(documents(), max_size=3)), held(documents()), st.sampled_from(QUERIES))
def test_lists(resources, body, query):
    resources = resources.value
    body = body.value
    answers(query.answer, resources)
    answers(query.sort, resources)
    answers(query.response, resources, 5)
    for resource in resources:
        answers(query.projection.apply, resource)
        answers(protocol.Projection(USER, attributes=["emails.type", "name"]).apply, resource)
    answers(protocol.ListQuery.from_body, body)
    answers(protocol.ListQuery.from_body, {"schemas": [SEARCH], "filter": body, "count": body})


@PROFILE
@given(held(documents()), held(values()))
def test_versions_and_meta(resource, value):
    resource = resource.value
    value = value.value
    answers(protocol.etag, resource)
    answers(protocol.etag, resource, USER)
    answers(lambda given: protocol.stamp(given, USER, id="1", base="https://x.example"), resource)
    answers(lambda given: protocol.touch(given, USER, base="https://x.example", changed=True), resource)
    answers(lambda given: protocol.stamp({"userName": "a"}, USER, id=given, base="https://x.example"), value)
    answers(lambda given: scim.primary(given, "emails"), resource)
    answers(lambda given: scim.primary({"emails": given}, "emails"), value)


@PROFILE
@given(held(documents()), held(values()))
def test_schemas_registries_bulk_and_templates(body, value):
    body = body.value
    value = value.value
    answers(lambda given: scim.ResourceType.from_schemas("Thing", given), body)
    answers(lambda given: scim.ResourceType.from_schemas("Thing", {"id": "urn:x:y", "attributes": given}), value)
    answers(lambda given: USER.with_extension(given), body)
    answers(lambda given: USER.only(given), value)
    answers(protocol.Registry.from_discovery, body, value)
    answers(protocol.Registry().of, body)
    answers(protocol.Bulk, body)
    answers(
        protocol.Bulk,
        {"schemas": [BULK], "Operations": [{"method": "POST", "path": "/Users", "bulkId": "a", "data": value}]},
    )
    answers(onelogin.Template('{"userName": "{$user.email}"}').render, body)


@PROFILE
@given(held(values()))
def test_hostile_arguments(value):
    value = value.value
    name = scim.attr("title")
    for make in [name.eq, name.co, name.gt, name.one_of]:
        answers(make, value)
    for call in [
        scim.Filter,
        scim.attr,
        protocol.Projection,
        protocol.ListQuery,
        FILTERS[0].scan,
        FILTERS[0].needs,
        scim.fold_case,
        onelogin.Template,
    ]:
        answers(call, value)
    answers(lambda given: scim.Filter("title pr", given), value)
    answers(lambda given: PATCHES[0].apply({"userName": "a"}, given), value)
    answers(lambda given: protocol.Projection(attributes=given), value)
    answers(lambda given: FILTERS[0].check(attributes=given), value)
    answers(lambda given: FILTERS[0] == given, value)
    answers(lambda given: PATCHES[0] == given, value)
    answers(lambda given: protocol.media_type(accept=given), value)


class Changing(enum.Enum):
    """An `Enum` that changes a container while it is asked for its value."""

    WORK = "work"

    @property
    def value(self):
        Changing.change()
        return "work"


def grow(container):
    return (
        lambda: container.update({f"more{len(container)}": 1})
        if isinstance(container, dict)
        else container.append("more")
    )


def shrink(container):
    return container.clear


@pytest.mark.parametrize("way", [grow, shrink])
@pytest.mark.parametrize("where", ["top", "object", "list", "element", "extension"])
def test_containers_that_change_while_they_are_read(way, where):
    """No call depends on a container staying as it is: it answers or raises."""

    def made():
        inner = {"givenName": Changing.WORK, "familyName": "b", "middleName": "c"}
        element = {"type": Changing.WORK, "value": "a", "display": "b"}
        more = {"department": Changing.WORK, "division": "x", "costCenter": "y"}
        elements = [element, Changing.WORK, {"value": "b"}]
        resource = {
            "schemas": [CORE, ENTERPRISE],
            "userName": Changing.WORK,
            "name": inner,
            "emails": elements,
            ENTERPRISE: more,
            "title": "t",
            "nickName": "n",
        }
        found = {"top": resource, "object": inner, "list": elements, "element": element, "extension": more}
        Changing.change = way(found[where])
        return resource

    calls = [
        *[made_filter.matches for made_filter in FILTERS],
        *[made_filter.explain for made_filter in FILTERS],
        *[patch.apply for patch in PATCHES],
        lambda resource: PATCHES[0].apply(resource).to_dict(),
        USER.create,
        lambda resource: USER.replace(resource, {"userName": "b"}),
        lambda resource: USER.replace({"userName": "b"}, resource),
        lambda resource: scim.diff(resource, {"userName": "b"}, USER),
        lambda resource: scim.diff({"userName": "b"}, resource, USER),
        lambda resource: scim.Patch({"schemas": [PATCH], "Operations": [{"op": "add", "value": resource}]}, USER),
        protocol.etag,
        lambda resource: protocol.etag(resource, USER),
        protocol.Projection(USER).apply,
        protocol.Projection(USER, attributes=["emails.type", "name"]).apply,
        protocol.Projection(scim.ResourceType.any()).apply,
        *[lambda resource, query=query: query.answer([resource, resource]) for query in QUERIES],
        lambda resource: scim.primary(resource, "emails"),
        lambda resource: protocol.stamp(resource, USER, id="1", base=""),
        lambda resource: protocol.touch(resource, USER, base="", changed=True),
        protocol.Registry().of,
        lambda resource: protocol.Registry.from_discovery([resource], [resource]),
        lambda resource: protocol.ListQuery.from_body({"schemas": [SEARCH], "x": resource}),
        onelogin.Template('{"userName": "{$user.email}"}').render,
    ]
    for call in calls:
        try:
            call(made())
        except (*ALLOWED, RuntimeError, KeyError, IndexError):
            pass
