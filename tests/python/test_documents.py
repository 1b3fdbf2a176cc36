"""Documents in every form that Python has for them."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import json
import pickle
import sys
import threading
import types
import unicodedata
import uuid
from collections.abc import Mapping, Sequence

import pydantic
import pytest
import scim2_models

import scim_engine as scim

UTC = datetime.UTC


class Kind(enum.Enum):
    WORK = "work"
    HOME = "home"


class TextKind(str, enum.Enum):
    WORK = "work"


class Level(enum.IntEnum):
    HIGH = 7


class Text(str):
    pass


class Count(int):
    pass


@dataclasses.dataclass
class Email:
    value: str
    type: Kind


@dataclasses.dataclass
class Person:
    userName: str
    emails: list[Email]
    level: Level = Level.HIGH


class Account(pydantic.BaseModel):
    user_name: str = pydantic.Field(serialization_alias="userName")
    joined: datetime.datetime
    emails: list[dict[str, str]] = []
    title: str = ""


class Lines(Sequence):
    def __init__(self, *lines):
        self._lines = lines

    def __len__(self):
        return len(self._lines)

    def __getitem__(self, index):
        return self._lines[index]


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ('a eq "x"', {"a": "x"}),
        ('a eq "X"', {"a": Text("x")}),
        ("a eq 7", {"a": 7}),
        ("a eq 7", {"a": Count(7)}),
        ("a eq 7", {"a": Level.HIGH}),
        ("a eq 7.5", {"a": 7.5}),
        ("a eq 7", {"a": 7.0}),
        ("a gt 1e300", {"a": 1.5e300}),
        ("a eq 1.10", {"a": decimal.Decimal("1.1")}),
        ("a eq 0.1234567890123456789", {"a": decimal.Decimal("0.1234567890123456789")}),
        ("a eq 12300", {"a": decimal.Decimal("1.23E+4")}),
        ("a eq 123456789012345678901234567890", {"a": 123456789012345678901234567890}),
        ("not (a eq 123456789012345678901234567891)", {"a": 123456789012345678901234567890}),
        ("a lt -123456789012345678901234567890", {"a": -(10**60)}),
        ("a eq 18446744073709551615", {"a": 2**64 - 1}),
        ("a eq true", {"a": True}),
        ("a eq false", {"a": False}),
        ("not (a eq 1)", {"a": True}),
        ("a eq null", {"a": None}),
        ('a eq "work"', {"a": Kind.WORK}),
        ('a eq "work"', {"a": TextKind.WORK}),
        ('a eq "2819c223-7f76-453a-919d-413861904646"', {"a": uuid.UUID("2819c2237f76453a919d413861904646")}),
        (
            'meta.created eq "2026-01-12T08:00:00Z"',
            {"meta": {"created": datetime.datetime(2026, 1, 12, 8, tzinfo=UTC)}},
        ),
        (
            'meta.created eq "2026-01-12T06:00:00Z"',
            {
                "meta": {
                    "created": datetime.datetime(2026, 1, 12, 8, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
                }
            },
        ),
        # A time without a zone is read as UTC.
        ('meta.created eq "2026-01-12T08:00:00Z"', {"meta": {"created": datetime.datetime(2026, 1, 12, 8)}}),
        ('a eq "2026-01-12"', {"a": datetime.date(2026, 1, 12)}),
        ('emails[type eq "work"]', {"emails": ({"type": "work"},)}),
        ('emails[type eq "work"]', {"emails": collections.deque([{"type": "home"}, {"type": "work"}])}),
        ('emails[type eq "work"]', {"emails": Lines({"type": "work"})}),
        ('a eq "y"', {"a": Lines("x", "y")}),
        ('name.givenName eq "Bo"', types.MappingProxyType({"name": types.MappingProxyType({"givenName": "Bo"})})),
        ('name.givenName eq "Bo"', collections.OrderedDict(name=collections.OrderedDict(givenName="Bo"))),
        ('name.givenName eq "Bo"', collections.ChainMap({}, {"NAME": {"GIVENNAME": "Bo"}})),
        ('name.givenName eq "Bo"', collections.UserDict(name=collections.UserDict(givenName="Bo"))),
        ('userName eq "bo" and level eq 7', Person("bo", [])),
        ('emails[type eq "work" and value sw "b"]', Person("bo", [Email("a@x", Kind.HOME), Email("b@x", Kind.WORK)])),
        ('EMAILS.VALUE eq "A@x"', Person("bo", [Email("a@x", Kind.HOME)])),
        (
            'userName eq "bo" and joined sw "2026-01-12T08" and not (title pr)',
            Account(user_name="bo", joined=datetime.datetime(2026, 1, 12, 8, tzinfo=UTC)),
        ),
        (
            'emails[type eq "work"]',
            {"emails": [Account(user_name="bo", joined=datetime.datetime(2026, 1, 12, tzinfo=UTC)), {"type": "work"}]},
        ),
    ],
)
def test_every_type(text, document):
    assert scim.Filter(text).matches(document) is True
    assert scim.Filter(f"not ({text})").matches(document) is False


def test_scim2_models():
    user = scim2_models.User[scim2_models.EnterpriseUser](
        user_name="bo",
        active=True,
        name=scim2_models.Name(family_name="Veit"),
        emails=[scim2_models.Email(value="bo@example.com", type="work")],
    )
    user[scim2_models.EnterpriseUser] = scim2_models.EnterpriseUser(department="Maps")
    urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    text = f'userName eq "bo" and name.familyName eq "veit" and emails[type eq "work"] and {urn}:department eq "maps"'
    assert scim.Filter(text, scim.USER).matches(user)
    assert not scim.Filter('userName eq "x"', scim.USER).matches(user)
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "title", "value": "Guide"}],
    }
    out = scim.Patch(body).apply(user)
    assert out.resource["title"] == "Guide"
    assert out.resource["userName"] == "bo"
    assert user.title is None


def test_names_in_any_case():
    first = scim.Filter('userName eq "a"')
    assert first.matches({"USERNAME": "a"})
    # The schema's spelling takes precedence over the first one.
    assert first.matches({"USERNAME": "b", "userName": "a"})
    assert not first.matches({"USERNAME": "a", "userName": "b"})
    assert first.matches({"USERNAME": "a", "username": "b"})
    assert not first.matches({"username": "b", "USERNAME": "a"})
    # The first of several spellings of an unknown name counts.
    assert scim.Filter('badge eq "a"').matches({"BADGE": "a", "badge": "b"})
    assert not scim.Filter('badge eq "a"').matches({"badges": "a", "badg": "a", "b\u00e4dge": "a"})


def test_keys_that_are_not_names_are_skipped():
    document = {1: "x", None: "x", ("userName",): "x", "\ud800serName": "x", "userName": "bo"}
    assert scim.Filter('userName eq "bo" and not (title pr)').matches(document)
    assert scim.Filter('USERNAME eq "bo"').matches(document)
    assert scim.Filter('USERNAME eq "bo"').matches({1: 2, "UserName": "bo"})


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), decimal.Decimal("Infinity")])
def test_values_that_are_not_numbers(value):
    with pytest.raises(ValueError, match="not a number in JSON") as raised:
        scim.Filter("a eq 1").matches({"a": value})
    assert isinstance(raised.value, scim.InvalidValue)
    with pytest.raises(scim.InvalidSyntax, match=r"`a\[1\]\.b`: .*not a number in JSON"):
        scim.USER.create({"userName": "bo", "a": [1, {"b": value}]})


@pytest.mark.parametrize("value", [object(), b"x", bytearray(b"x"), {"set"}, 1j, (x for x in "ab"), str, Person])
def test_values_without_a_form_in_json(value):
    with pytest.raises(TypeError, match="has no form in JSON"):
        scim.Filter("a eq 1").matches({"a": value})
    # Members that the filter does not name are not inspected.
    assert not scim.Filter("b eq 1").matches({"a": value})
    with pytest.raises(TypeError, match="has no form in JSON"):
        scim.USER.create({"userName": "bo", "title": value})


@pytest.mark.parametrize("document", [None, 1, "1", "[]", [], b"null", b"true", 1.5])
def test_a_document_that_is_not_an_object(document):
    """A document that is not an object is an error, not "no match": a negated filter would match it."""
    for filter in (scim.Filter("userName pr"), scim.Filter("not (userName pr)")):
        for ask in (filter.matches, filter.explain, lambda one, filter=filter: filter.select([one])):
            with pytest.raises(TypeError, match="document"):
                ask(document)


def test_user_names():
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in "BJENSEN")
    assert scim.username_key(wide) == "bjensen"
    assert scim.username_key("Jose\u0301", case_exact=True) == "Jos\u00e9"
    assert scim.Filter('userName eq "Jose\u0301"', scim.USER).matches({"userName": "JOS\u00c9"})
    for character in map(chr, range(sys.maxunicode + 1)):
        tag, *usual = unicodedata.decomposition(character).split() or [""]
        if tag in ("<wide>", "<narrow>"):
            key = scim.username_key("".join(chr(int(code, 16)) for code in usual))
            assert scim.username_key(character) == key, character


def test_repaired_filters_are_canonical():
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    for text in ("department pr", f"{enterprise}.department  PR"):
        found = scim.Filter(text, scim.USER)
        assert str(found) == f"{enterprise}:department pr"
        assert found.text == text
        assert found == scim.Filter(str(found), scim.USER) == pickle.loads(pickle.dumps(found))
    bare = scim.Tolerance(bare_words=True)
    assert str(scim.Filter("externalId eq 123", scim.USER, tolerance=bare)) == 'externalId eq "123"'
    assert str(~scim.Filter("active eq TRUE", scim.USER, tolerance=bare)) == "not (active eq true)"


def test_json_text():
    found = scim.Filter('userName eq "bo"')
    for document in ('{"userName": "bo"}', b'{"userName": "bo"}', bytearray(b'{"userName": "bo"}')):
        assert found.matches(document)
    # The last of two members with the same name counts.
    assert found.matches('{"userName": "x", "userName": "bo"}')
    long = json.dumps({"userName": "bo", "pad": "x" * 10_000})
    assert found.matches(long)
    assert found.matches(long.encode())
    for document in ("{", b"{", "bo", b"\xff", "", "{} {}", "\ud800"):
        with pytest.raises(scim.InvalidSyntax):
            found.matches(document)


def test_lone_surrogates():
    text = "b\ud800o"
    with pytest.raises(scim.InvalidValue, match="surrogate"):
        scim.Filter('a eq "x"').matches({"a": text})
    with pytest.raises(scim.InvalidFilter, match="surrogate") as raised:
        scim.Filter(f'a eq "{text}"')
    assert raised.value.span == (7, 8)
    with pytest.raises(scim.InvalidFilter, match="surrogate"):
        scim.attr("a").eq(text)
    with pytest.raises(scim.InvalidFilter, match="surrogate"):
        scim.attr(text)
    with pytest.raises(scim.InvalidSyntax, match=r"`userName`: .*surrogate"):
        scim.USER.create({"userName": text})
    with pytest.raises(scim.InvalidSyntax, match="surrogate"):
        scim.USER.create({"userName": "bo", text: 1})
    body = {"schemas": ["x"], "Operations": [{"op": "add", "path": "title", "value": text}]}
    with pytest.raises(scim.InvalidSyntax, match=r"`Operations\[0\]\.value`: .*surrogate"):
        scim.Patch(body)
    body["Operations"][0]["value"] = "x"
    body["schemas"] = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
    stored = {"userName": text, "title": text}
    with pytest.raises(scim.InvalidValue, match=r"`title`: .*surrogate"):
        scim.Patch(body, scim.USER).apply(stored)
    # Members that are not read may have any value.
    body["Operations"][0]["path"] = "nickName"
    assert scim.Patch(body, scim.USER).apply(stored).resource["userName"] is text
    assert not scim.Filter("nickName pr").matches(stored)


class Trouble(Exception):
    pass


class Failing(Mapping):
    """A mapping that raises an exception."""

    def __init__(self, error, where):
        self._error, self._where = error, where

    def __contains__(self, name):
        if self._where == "contains":
            raise self._error
        return True

    def __getitem__(self, name):
        raise self._error

    def __iter__(self):
        raise self._error

    def __len__(self):
        return 1


@pytest.mark.parametrize("where", ["contains", "getitem"])
@pytest.mark.parametrize("kind", [Trouble, KeyError, RuntimeError, KeyboardInterrupt])
def test_exceptions_of_a_document_reach_the_caller(kind, where):
    error = kind("own")
    document = Failing(error, where)
    for found in (scim.Filter("userName pr"), scim.Filter("badge pr"), scim.Filter("not (name pr)")):
        for call in (found.matches, found.explain, lambda d, f=found: f.select([d])):
            with pytest.raises(kind) as raised:
                call(document)
            assert raised.value is error
    nested = {"name": document}
    with pytest.raises(kind) as raised:
        scim.Filter("name.givenName pr").matches(nested)
    assert raised.value is error
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "name.givenName", "value": "Bo"}],
    }
    with pytest.raises(kind) as raised:
        scim.Patch(body, scim.USER).apply(nested)
    assert raised.value is error
    with pytest.raises(kind) as raised:
        scim.USER.create({"userName": "bo", "name": document})
    assert raised.value is error


def test_exceptions_of_an_iterable_reach_the_caller():
    def documents():
        yield {"userName": "bo"}
        raise Trouble

    with pytest.raises(Trouble):
        scim.Filter("userName pr").select(documents())
    with pytest.raises(TypeError):
        scim.Filter("userName pr").select(7)


class Changing(Mapping):
    """An element that changes the document while it is read."""

    def __init__(self, change):
        self._change = change

    def __getitem__(self, name):
        self._change()
        return "x"

    def __iter__(self):
        self._change()
        return iter(["type"])

    def __len__(self):
        return 1


def test_a_document_that_changes_while_it_is_read():
    elements = []
    elements.extend([Changing(elements.clear), {"type": "work"}, {"type": "work"}])
    assert scim.Filter('emails[type eq "work"]').matches({"emails": elements}) is False
    growing = []
    growing.append(Changing(lambda: growing.append(Changing(lambda: None))))
    assert scim.Filter('emails[type eq "work"]').matches({"emails": growing}) is False
    name = {}
    name.update(a=Changing(name.clear), b="x")
    assert scim.Filter("name pr").matches({"name": name}) is True
    more = {}
    more.update(a={"b": Changing(lambda: more.update({str(len(more)): None}))}, c=None)
    assert scim.Filter("name pr").matches({"name": more}) is True


def test_threads_that_change_what_is_read():
    document = {"userName": "bo", "emails": [{"type": "work"}]}
    found = scim.Filter('userName eq "bo" and not (title pr) and emails[type eq "work"] or nickName pr')
    stop = threading.Event()

    def change():
        count = 0
        while not stop.is_set():
            count += 1
            document[f"x{count % 50}"] = count
            document.pop(f"x{(count + 25) % 50}", None)

    writer = threading.Thread(target=change)
    writer.start()
    try:
        assert all(found.matches(document) for _ in range(5000))
    finally:
        stop.set()
        writer.join()


def nested(levels, inner):
    for _ in range(levels):
        inner = {"a": [inner]}
    return inner


def self_containing():
    document = {"userName": "bo"}
    document["name"] = document
    document["emails"] = [document]
    loop = []
    loop.append(loop)
    document["roles"] = loop
    return document


class Endless(Mapping):
    """A mapping without an end."""

    def __getitem__(self, name):
        return Endless()

    def __iter__(self):
        return iter(["a"])

    def __len__(self):
        return 1


@dataclasses.dataclass
class Node:
    name: Node | None = None


def hostile():
    """Checks that values that are nested too deep are refused everywhere."""
    node = Node()
    node.name = node
    patch = scim.Patch(
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "add", "path": "name.givenName", "value": "Bo"}],
        },
        scim.USER,
    )
    for document in (nested(10_000, None), self_containing(), Endless(), node):
        inside = {"name": document, "emails": [document], "roles": document}
        for text in ("name pr", "roles eq null", 'emails[not (value pr) and type eq "x"]', 'name.a.x eq "x"'):
            try:
                found = scim.Filter(text)
            except scim.InvalidFilter:
                continue
            for call in (found.matches, found.explain):
                try:
                    call(inside)
                except scim.InvalidValue as error:
                    assert "too deep" in str(error)  # noqa: PT017
        for call in (scim.USER.create, scim.Patch, lambda d: scim.USER.replace({"userName": "x"}, d)):
            with pytest.raises(scim.InvalidSyntax, match="too deep"):
                call({"userName": "bo", "name": document})
        with pytest.raises(scim.InvalidValue, match="too deep"):
            patch.apply({"userName": "bo", "name": document})
        with pytest.raises(scim.ScimError, match="too deep"):
            scim.USER.replace({"userName": "bo", "x": document}, {"userName": "bo"})
    with pytest.raises(scim.InvalidValue, match="too deep"):
        scim.Filter("name pr").matches({"name": nested(10_000, None)})
    with pytest.raises(scim.InvalidValue, match="too deep"):
        scim.Filter("roles eq null").matches({"roles": nested(10_000, None)})
    deep = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
    for call in (scim.Filter("a pr").matches, scim.USER.create, scim.Patch):
        with pytest.raises(scim.InvalidSyntax):
            call(deep)
    for text in ("(" * 10_000_000, "not (" * 100_000, "a[" * 100_000, "a eq 1 and " * 100_000):
        with pytest.raises(scim.InvalidFilter):
            scim.Filter(text)


def test_too_deep():
    hostile()


def test_too_deep_in_a_thread_with_a_small_stack():
    failures = []

    def run():
        try:
            hostile()
        except BaseException as error:
            failures.append(error)

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert failures == []


def test_a_host_cannot_allow_what_the_stack_does_not():
    limits = scim.Limits(depth=10**9)
    with pytest.raises(scim.InvalidSyntax, match="too deep: at most 128"):
        scim.USER.create({"userName": "bo", "name": nested(10_000, None)}, limits=limits)


def test_integers_that_take_long_to_convert():
    # Python's conversion takes quadratic time: minutes for a body of a few MB.
    digits = "1" * 500_000
    out = scim.Patch(
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "add", "path": "title", "value": "x"}],
        },
        scim.USER,
        unknown="keep",
    ).apply(f'{{"userName": "a", "count": {digits}}}')
    assert out.resource["count"] == decimal.Decimal(digits)
    assert str(out.resource["count"]) == digits
    # A `Decimal` of this length is accepted as input, an `int` is not.
    assert scim.Filter("count gt 5").matches(out.resource)
    most = 10**4299
    assert scim.Filter("count gt 5").matches({"count": most})
    for size in [4_300, 500_000]:
        for integer in [10**size, -(10**size)]:
            with pytest.raises(scim.InvalidValue, match="an `int` of more than 4300 digits is not read"):
                scim.Filter("count gt 5").matches({"count": integer})
            with pytest.raises(scim.InvalidValue, match="an `int` of more than 4300 digits is not read"):
                scim.USER.create({"userName": "a", "count": integer}, unknown="keep")


def test_big_numbers_survive():
    big = 10**4000 + 7
    schema = {
        "id": "urn:example:Box",
        "attributes": [
            {"name": "count", "type": "integer"},
            {"name": "weight", "type": "decimal"},
            {"name": "tiny", "type": "decimal"},
        ],
    }
    box = scim.ResourceType.from_schemas("Box", schema)
    tiny = 5e-324
    out = box.create({"count": big, "weight": decimal.Decimal("1.25"), "tiny": tiny})
    assert out.resource["count"] == big
    assert out.resource["weight"] == 1.25
    assert out.resource["tiny"] == tiny
    assert box.create({"weight": 0.1}).resource["weight"] == 0.1
    text = '{"count": 123456789012345678901234567890, "weight": 1e400}'
    resource = box.create(text).resource
    assert resource["count"] == 123456789012345678901234567890
    assert resource["weight"] == decimal.Decimal("1e400")
    assert type(box.create({"count": 5}).resource["count"]) is int
    assert scim.attr("a").eq(10**100).matches({"a": 10**100})
