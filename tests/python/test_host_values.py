"""Objects of the host in documents and in answers, and values that are not documents."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import json
import types
import uuid

import pytest

import scim_engine as scim
from scim_engine import onelogin, protocol

UTC = datetime.UTC
URN = "urn:ietf:params:scim:api:messages:2.0:"
EMPTY = scim.Patch({"schemas": [URN + "PatchOp"], "Operations": []})


class Kind(enum.Enum):
    WORK = "work"


class Level(enum.IntEnum):
    HIGH = 7


@dataclasses.dataclass
class Email:
    value: str
    type: Kind


class Moment(datetime.datetime):
    """A time like those of pandas: finer than a microsecond, or `NaT`."""

    text = ""

    def isoformat(self, *_):
        return self.text


def moment(text):
    made = Moment(2026, 1, 1)
    made.text = text
    return made


def scalar(name, value, text=None):
    """A scalar like those of numpy: its class is derived from `numpy.generic`."""
    generic = type("generic", (), {"__module__": "numpy", "item": lambda self: self if value is None else value})
    made = type(name, (generic,), {"__module__": "numpy", "__str__": lambda self: text or str(value)})
    return made()


def no_value(module):
    """A missing value like that of pandas, which is neither true nor false."""
    return type("NAType", (), {"__module__": module, "__bool__": lambda self: 1 / 0})()


# Pairs of an object in a document and its form in an answer.
VALUES = [
    (datetime.datetime(2026, 1, 12, 8), "2026-01-12T08:00:00Z"),
    (datetime.datetime(2026, 1, 12, 8, 0, 0, 5, tzinfo=UTC), "2026-01-12T08:00:00.000005Z"),
    (
        datetime.datetime(2026, 1, 12, 8, tzinfo=datetime.timezone(datetime.timedelta(hours=-2))),
        "2026-01-12T08:00:00-02:00",
    ),
    (
        datetime.datetime(2026, 1, 12, 8, tzinfo=datetime.timezone(datetime.timedelta(minutes=19, seconds=32))),
        "2026-01-12T07:40:28Z",
    ),
    (datetime.date(2026, 1, 12), "2026-01-12"),
    (moment("2026-01-12T08:00:00.123456789"), "2026-01-12T08:00:00.123456789Z"),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (Kind.WORK, "work"),
    (Level.HIGH, 7),
    (decimal.Decimal("1.50"), 1.5),
    (decimal.Decimal("12"), 12),
    (decimal.Decimal(10**30), 10**30),
    (scalar("bool", True), True),
    (scalar("int64", 7), 7),
    (scalar("float32", 0.5), 0.5),
    (scalar("longdouble", None, "1.5"), 1.5),
    (scalar("datetime64", 5, "2026-01-12T08:00:00.000000001"), "2026-01-12T08:00:00.000000001Z"),
]
MISSING = [
    float("nan"),
    decimal.Decimal("NaN"),
    decimal.Decimal("sNaN"),
    moment("NaT"),
    no_value("pandas._libs.missing"),
    no_value("pandas.api.typing"),
    scalar("float32", float("nan")),
    scalar("datetime64", None, "NaT"),
    scalar("longdouble", None, "nan"),
]


@pytest.mark.parametrize(("value", "written"), VALUES, ids=lambda value: repr(value)[:40])
def test_objects_in_documents(value, written):
    assert scim.attr("x").eq(written).matches({"x": value})
    assert scim.attr("x").eq(value).matches({"x": written})
    assert scim.attr("x").eq(value).matches(json.dumps({"x": written}))
    assert scim.Filter("a.x pr").matches({"a": [{"x": value}]})
    # Answers convert it at every depth, and the host's own object does not change.
    resource = {"id": "1", "x": value, "y": [value, {"z": (value,)}], "name": {"givenName": value}}
    told = {"id": "1", "x": written, "y": [written, {"z": [written]}], "name": {"givenName": written}}
    kept = dict(resource)
    for kind in (None, scim.USER):
        query = protocol.ListQuery("", kind)
        for answer in (
            protocol.Projection(kind).apply(resource),
            query.response([resource], 1)["Resources"][0],
            query.answer([resource])["Resources"][0],
        ):
            assert json.loads(json.dumps(answer)) == told
            assert type(answer["x"]) is type(written)
    stamped = protocol.stamp(resource, scim.USER, id="1", base="https://x.example")
    touched = protocol.touch(
        {**resource, "meta": {"version": 'W/"1"'}}, scim.USER, base="https://x.example", changed=False
    )
    for answer in (stamped, touched):
        del answer["meta"]
        assert json.loads(json.dumps(answer)) == told
    assert resource == kept
    assert resource["x"] is value
    # A PATCH leaves values unchanged that it does not name; `to_dict` converts them.
    outcome = EMPTY.apply(resource)
    assert outcome.resource["x"] is value
    assert json.loads(json.dumps(outcome.to_dict()["resource"])) == told
    # A PATCH, a POST and the host's own PUT store the JSON form.
    body = {"schemas": [URN + "PatchOp"], "Operations": [{"op": "add", "value": {"x": value}}]}
    assert scim.Patch(body, scim.USER, unknown="keep").apply({}).resource == {"x": written}
    assert scim.USER.create({"userName": "bo", "x": value}, unknown="keep").resource["x"] == written


@pytest.mark.parametrize("value", MISSING, ids=lambda value: type(value).__name__)
def test_objects_that_mean_no_value(value):
    document = {"userName": "bo", "title": value, "emails": [{"value": value}]}
    for kind in (None, scim.USER):
        for text in ("title eq null", "not (title pr)", "emails.value eq null", 'not (title eq "x")'):
            assert scim.Filter(text, kind).matches(document) is True
    assert protocol.Projection(scim.USER).apply(document)["title"] is None
    assert protocol.etag(document, scim.USER) == protocol.etag({"userName": "bo"}, scim.USER)
    body = {"schemas": [URN + "PatchOp"], "Operations": [{"op": "add", "path": "title", "value": "Guide"}]}
    change = scim.Patch(body, scim.USER).apply(document).changes[0]
    assert change.to_dict() == {"path": "title", "added": ["Guide"]}
    assert protocol.ListQuery("sortBy=title", scim.USER).sort([document, {"title": "a"}])[0] == {"title": "a"}
    # Requests must not have such values.
    with pytest.raises(scim.InvalidSyntax, match=r"`title`: .*not a number in JSON"):
        scim.USER.create({"userName": "bo", "title": value})
    body["Operations"][0]["value"] = value
    with pytest.raises(scim.InvalidSyntax, match="not a number in JSON"):
        scim.Patch(body, scim.USER)
    with pytest.raises(scim.InvalidFilter, match="not a number in JSON"):
        scim.attr("x").eq(value)


def test_scalars_without_a_form():
    for value in (
        scalar("timedelta64", 5),
        scalar("bytes_", b"x"),
        scalar("complex128", 1j),
        scalar("odd", None, "odd"),
    ):
        with pytest.raises(TypeError, match="has no form in JSON"):
            scim.Filter("x eq 1").matches({"x": value})
        with pytest.raises(TypeError, match="has no form in JSON"):
            protocol.Projection().apply({"x": value})


@pytest.mark.parametrize("value", [b"x", object(), {"set"}])
def test_answers_hold_what_json_has(value):
    for resource in ({"x": value}, {"x": [{"y": value}]}, {"name": {"givenName": value}}):
        with pytest.raises(TypeError, match="has no form in JSON"):
            protocol.Projection(scim.USER).apply(resource)
    with pytest.raises(scim.InvalidValue, match="not a number in JSON"):
        protocol.Projection().apply({"x": float("inf")})


def test_models_and_mappings_in_answers():
    resource = {
        "emails": collections.deque([Email("b@x.example", Kind.WORK)]),
        "name": types.MappingProxyType({"givenName": "Bo"}),
        "phoneNumbers": ({"value": "1"},),
        "addresses": collections.OrderedDict(locality="Varna"),
    }
    for kind in (None, scim.USER):
        answer = protocol.Projection(kind).apply(resource)
        assert json.loads(json.dumps(answer)) == {
            "emails": [{"value": "b@x.example", "type": "work"}],
            "name": {"givenName": "Bo"},
            "phoneNumbers": [{"value": "1"}],
            "addresses": {"locality": "Varna"},
        }


def test_json_values_stay_the_same_object():
    inner = {"a": [1, 2.5, None, True, {"b": "x"}]}
    resource = {"id": "1", "x": inner, "emails": [{"value": "a"}], "d": collections.OrderedDict(a=1), "t": (1, 2)}
    answer = protocol.Projection().apply(resource)
    for name in ("x", "d", "t"):
        assert answer[name] is resource[name]
    mixed = {"a": [inner, {"at": datetime.datetime(2026, 1, 1)}]}
    answer = protocol.Projection().apply({"x": mixed})
    assert answer["x"]["a"][0] is inner
    assert answer["x"]["a"][1] == {"at": "2026-01-01T00:00:00Z"}
    assert isinstance(mixed["a"][1]["at"], datetime.datetime)
    # A value with a cycle is returned unchanged.
    ring = []
    ring.append(ring)
    assert protocol.stamp({"userName": "bo", "x": ring}, scim.USER, id="1", base="b", version="1")["x"] is ring


def test_a_date_is_not_a_date_time():
    with pytest.raises(scim.InvalidFilter, match=r"expected a dateTime such as"):
        scim.attr("meta.created", scim.USER).gt(datetime.date(2026, 1, 1))


Pair = collections.namedtuple("Pair", ["title", "userName"])
NO_DOCUMENTS = [None, 5, True, 1.5, [], [{"title": "x"}], ("x",), Pair("x", "y"), "5", "[]", b"null"]
STORE = {"base": "https://x.example"}
DOORS = {
    "matches": scim.Filter("not (title pr)").matches,
    "explain": scim.Filter("not (title pr)").explain,
    "select": lambda one: scim.Filter("not (title pr)").select([one]),
    "filter": lambda one: list(filter(scim.Filter("not (title pr)").matches, [one])),
    "Patch.apply": EMPTY.apply,
    "replace": lambda one: scim.USER.replace(one, {"userName": "bo"}),
    "diff.old": lambda one: scim.diff(one, {}, scim.USER),
    "diff.new": lambda one: scim.diff({}, one, scim.USER),
    "version": protocol.etag,
    "stamp": lambda one: protocol.stamp(one, scim.USER, id="1", **STORE),
    "touch": lambda one: protocol.touch(one, scim.USER, changed=False, **STORE),
    "Registry.of": protocol.Registry().of,
    "Projection.apply": protocol.Projection(scim.USER).apply,
    "answer": lambda one: protocol.ListQuery("", scim.USER).answer([one]),
    "answer filtered": lambda one: protocol.ListQuery("filter=not+(title+pr)", scim.USER).answer([one]),
    "response": lambda one: protocol.ListQuery("", scim.USER).response([one], 1),
    "sort": lambda one: protocol.ListQuery("", scim.USER).sort([one]),
    "sort by": lambda one: protocol.ListQuery("sortBy=title", scim.USER).sort([one]),
}


@pytest.mark.parametrize("document", NO_DOCUMENTS, ids=repr)
@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_values_that_are_not_documents(door, document):
    with pytest.raises(TypeError, match=r"a (document|resource) must be a mapping or JSON text of an object"):
        door(document)


@pytest.mark.parametrize("element", [None, [], ({"type": "x"},)], ids=repr)
def test_values_that_are_not_elements(element):
    body = {"schemas": [URN + "PatchOp"], "Operations": [{"op": "remove", "path": 'emails[not (type eq "work")]'}]}
    wanted = scim.Patch(body, scim.USER).operations[0].value_filter
    assert wanted.matches({"type": "home"})
    with pytest.raises(TypeError, match="an element must be a mapping or a simple value"):
        wanted.matches(element)


class Frame:
    """A table like that of pandas: iteration gives its columns."""

    columns = ("userName",)

    def to_dict(self, orient):
        return [{"userName": "bo"}]

    def __iter__(self):
        return iter(self.columns)


MANY = {
    "select": scim.Filter("title pr").select,
    "answer": protocol.ListQuery("").answer,
    "sort": protocol.ListQuery("").sort,
    "response": lambda many: protocol.ListQuery("").response(many, 1),
}


@pytest.mark.parametrize("door", MANY.values(), ids=MANY)
@pytest.mark.parametrize(
    ("many", "what"),
    [
        ('[{"title": "x"}]', "not the text of them"),
        (b'[{"title": "x"}]', "not the text of them"),
        (bytearray(b"x"), "not the text of them"),
        ({"title": "x"}, "not one mapping"),
        (types.MappingProxyType({"title": "x"}), "not one mapping"),
        (Frame(), "a data frame"),
        (None, "not iterable"),
    ],
    ids=repr,
)
def test_values_that_are_not_many_documents(door, many, what):
    with pytest.raises(TypeError, match=what):
        door(many)


TRUTHS = {
    "Filter": scim.Filter("title pr"),
    "Attr": scim.attr("title"),
    "ValueFilter": scim.Patch(
        {"schemas": [URN + "PatchOp"], "Operations": [{"op": "remove", "path": "emails[primary eq true]"}]}
    )
    .operations[0]
    .value_filter,
}


@pytest.mark.parametrize("one", TRUTHS.values(), ids=TRUTHS)
def test_and_or_not_are_errors(one):
    for ask in (lambda: one and one, lambda: one or one, lambda: not one, lambda: bool(one), lambda: any([one])):
        with pytest.raises(TypeError, match=r"join filters by `&`, `|` and `~`, not by `and`, `or` and `not`"):
            ask()


class Liar(list):
    """A list that claims to be longer than any memory."""

    def __len__(self):
        return 2**62


def test_a_length_is_not_believed():
    """An allocation of the claimed length would end the process."""
    assert scim.Filter("title pr").check(attributes=Liar(["title"])) is None
    assert scim.Filter("title pr").check(operators=Liar(["pr"])) is None
    assert protocol.ListQuery("", scim.USER, filter_attributes=Liar(["title"])).filter is None
    search = {"schemas": [URN + "SearchRequest"]}
    assert protocol.ListQuery.from_body(search, scim.USER, filter_operators=Liar(["pr"])).filter is None
    for call in [
        lambda: onelogin.Template(Liar()),
        lambda: onelogin.lint(Liar()),
        lambda: onelogin.Template([123, 125]),
        lambda: protocol.Cursors(b"k" * 16, Liar()),
        lambda: protocol.Cursors(b"k" * 16, [107] * 16),
        lambda: scim.Filter("title pr").check(attributes="title"),
        lambda: scim.Filter("title pr").check(operators=5),
    ]:
        with pytest.raises(TypeError):
            call()
    assert protocol.Cursors(b"k" * 16, b"l" * 16, bytearray(b"m" * 16))


def test_a_moment_further_off_than_a_date_may_be():
    when = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=15)))
    user = {"userName": "a", "meta": {"created": when}}
    assert scim.Filter('meta.created eq "2019-12-31T21:00:00Z"', scim.USER).matches(user)
    assert protocol.Projection(scim.USER).apply(user)["meta"]["created"] == "2019-12-31T21:00:00Z"
    near = when.astimezone(datetime.timezone(-datetime.timedelta(hours=14)))
    assert (
        protocol.Projection(scim.USER).apply({"meta": {"created": near}})["meta"]["created"]
        == "2019-12-31T07:00:00-14:00"
    )
