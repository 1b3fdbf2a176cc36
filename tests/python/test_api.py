"""The classes: building, combining, comparing, pickling, threads."""

from __future__ import annotations

import copy
import datetime
import decimal
import enum
import json
import pickle
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scim_engine as scim
from scim_engine import protocol

ENTERPRISE = scim.USER.extensions[0]["id"]
BADGE = {
    "id": "urn:example:Badge",
    "name": "Badge",
    "attributes": [
        {"name": "colour", "caseExact": True},
        {"name": "floor", "type": "integer", "required": True},
    ],
}
NOTE = {"id": "urn:example:Note", "attributes": [{"name": "text"}]}


def request(*operations):
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}


def test_names():
    assert set(scim.__all__) <= set(dir(scim))
    assert all(getattr(scim, name).__doc__ for name in scim.__all__ if not name.isupper() and name[0] != "_")
    for name in scim.__all__:
        value = getattr(scim, name)
        if isinstance(value, type):
            assert value.__module__ == "scim_engine"
            assert value.__name__ == name
    assert scim.__version__.count(".") == 2


def test_a_filter():
    found = scim.Filter('USERNAME Eq "bo" AND (title pr)')
    assert found.text == 'USERNAME Eq "bo" AND (title pr)'
    assert str(found) == 'USERNAME eq "bo" and title pr'
    assert repr(found) == "Filter('USERNAME Eq \"bo\" AND (title pr)')"
    assert repr(scim.Filter("title pr", scim.USER)) == "Filter('title pr', <ResourceType User>)"
    assert found.resource_type == scim.ResourceType.any()
    assert found.tree() == {
        "op": "and",
        "terms": [
            {"op": "eq", "attribute": "USERNAME", "value": "bo"},
            {"op": "pr", "attribute": "title"},
        ],
    }
    for wrong in (None, 1, b"title pr", ["title pr"]):
        with pytest.raises(TypeError):
            scim.Filter(wrong)
    with pytest.raises(TypeError):
        scim.Filter("title pr", "User")
    with pytest.raises(TypeError):
        scim.Filter("title pr", None, scim.Tolerance())


def test_a_filter_is_checked_at_once():
    with pytest.raises(scim.InvalidFilter):
        scim.Filter("badge pr", scim.USER)
    with pytest.raises(scim.InvalidFilter):
        scim.Filter("active gt true")
    with pytest.raises(scim.InvalidFilter):
        scim.Filter("userName eq bo")
    assert str(scim.Filter("userName eq bo", tolerance=scim.Tolerance(bare_words=True))) == 'userName eq "bo"'
    with pytest.raises(scim.InvalidFilter, match="nested"):
        scim.Filter("((a pr))", limits=scim.Limits(nesting=1))


def test_select():
    users = [{"userName": "bo"}, {"userName": "ben"}, '{"userName": "bo"}', b'{"userName": "BO"}']
    found = scim.Filter('userName eq "bo"')
    chosen = found.select(iter(users))
    assert chosen == [users[0], users[2], users[3]]
    assert chosen[0] is users[0]
    assert found.select([]) == []
    assert list(filter(found.matches, users)) == chosen


def test_explain():
    explained = scim.Filter('title pr and not (active eq true or userName eq "bo")').explain({"active": True})
    assert not explained
    assert explained.clause == "and"
    assert [child.clause for child in explained.children] == ["title pr", "not"]
    assert [child.holds for child in explained.children] == [False, False]
    (either,) = explained.children[1].children
    assert [child.holds for child in either.children] == [True, False]
    assert str(explained).splitlines()[1] == "no    title pr"
    assert "and" in repr(explained)
    assert explained == scim.Filter('title pr and not (active eq true or userName eq "bo")').explain({"active": True})
    assert bool(scim.Filter("active eq true").explain('{"active": true}')) is True


def test_explain_elements_and_values():
    found = scim.Filter('displayName eq "\u00e9" or members[value eq "u7"]', scim.GROUP)
    explained = found.explain({"members": [{"value": f"u{i}", "type": "User"} for i in range(9)]})
    name, members = explained.children
    assert (name.attribute, name.values, name.element) == ("displayName", (), None)
    assert found.text[slice(*members.span)] == members.clause == 'members[value eq "u7"]'
    (seven,) = members.children
    assert (seven.clause, seven.element, seven.holds, members.more) == ("element 7", 7, True, 8)
    assert (seven.children[0].attribute, seven.children[0].values) == ("members.value", ("u7",))
    pair = scim.Filter("members pr", scim.GROUP).explain({"members": [{"value": "u0", "type": "User"}, {"x": 1}]})
    assert pair.values == ({"value": "u0", "type": "User"}, {})


def test_needs():
    found = scim.Filter('title pr and not (emails[type eq "work"].value eq "x")', scim.USER)
    assert all(found.needs(path) for path in ["title", "TITLE", "emails", "emails.value", "emails.type"])
    assert not any(found.needs(path) for path in ["groups", "emails.primary", "name"])
    assert scim.Filter("doors.lock pr").needs("Doors")
    with pytest.raises(scim.InvalidPath):
        found.needs("\ud800")


def test_a_mistake_in_a_name_is_an_error_wherever_a_name_is_taken():
    patch = scim.Patch(request({"op": "remove", "path": 'members[value eq "7"]'}), scim.GROUP)
    hint = "did you mean `title`"
    for call, words in [
        (lambda: scim.Filter("title pr", scim.USER).needs("titel"), hint),
        (lambda: scim.Filter("title pr", scim.USER).check(attributes=["titel"]), hint),
        (lambda: protocol.ListQuery("", scim.USER).needs("titel"), hint),
        (lambda: protocol.ListQuery("", scim.USER, filter_attributes=["titel"]), hint),
        (lambda: protocol.ListQuery.from_body({}, scim.USER, filter_attributes=["titel"]), hint),
        (lambda: protocol.Projection(scim.USER).needs("titel"), hint),
        (lambda: scim.USER.replace({}, {}, absent_overrides={"titel": "keep"}), hint),
        (lambda: scim.USER.replace({}, {}, absent_overrides={"department": "keep"}), "write `urn:ietf"),
        (lambda: patch.elements("membres"), "did you mean `members`"),
        (lambda: scim.Patch(request()).elements("membres"), "did you mean `members`"),
        (lambda: scim.Filter("title pr", scim.USER).needs("no path"), "is not the name of an attribute"),
        (lambda: scim.Filter("title pr", scim.USER).needs("urn:example:x:y"), "has no schema"),
    ]:
        with pytest.raises(ValueError, match=words) as raised:
            call()
        assert not isinstance(raised.value, scim.ScimError)
    for switches, words in [({"bare_word": True}, "`bare_words`"), ({"zzz": True}, "there are `bare_words`, ")]:
        with pytest.raises(TypeError, match=words):
            scim.Tolerance(**switches)
    assert patch.elements("displayName") is None


def test_one_of():
    found = scim.attr("userName", scim.USER).one_of(["ann", "Bo"])
    assert str(found) == 'userName eq "ann" or userName eq "Bo"'
    assert found.select([{"userName": name} for name in ("ANN", "bo", "cy")]) == [
        {"userName": "ANN"},
        {"userName": "bo"},
    ]
    with pytest.raises(scim.InvalidFilter, match="at least one"):
        scim.attr("userName").one_of([])
    with pytest.raises(TypeError, match="list"):
        scim.attr("userName").one_of("ann")
    ids = [f"u{number}" for number in range(10_000)]
    with pytest.raises(scim.InvalidFilter, match="at most"):
        scim.attr("id").one_of(ids)
    limits = scim.Limits(comparisons=len(ids) + 1, filter_bytes=1_000_000)
    many = scim.attr("id", scim.USER, limits=limits).one_of(ids)
    assert many.matches({"id": "u9999"})
    assert not many.matches({"id": "u10000"})
    assert pickle.loads(pickle.dumps(many)) == many
    assert (many & scim.Filter("active eq true", scim.USER)).matches({"id": "u5", "active": True})
    assert (
        scim.attr("emails", limits=limits)
        .any(scim.attr("value", limits=limits).one_of(ids))
        .matches({"emails": [{"value": "U7"}]})
    )


def test_derived_schemas():
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    core = "urn:ietf:params:scim:schemas:core:2.0:User"
    body = {"schemas": [core, enterprise], "userName": "ann"}
    stored = {"schemas": [core], "userName": "ann"}
    assert scim.USER.replace(stored, body).changed
    assert not scim.USER.replace(stored, body, derived_schemas=True).changed
    assert scim.USER.create(body, derived_schemas=True).resource["schemas"] == [core]
    patch = scim.Patch(
        request({"op": "add", "path": "schemas", "value": [enterprise]}), scim.USER, derived_schemas=True
    )
    assert not patch.apply(stored).changed
    assert not patch.apply(json.dumps(stored)).changed


def test_equalities():
    found = scim.Filter(f'USERNAME eq "b" and {ENTERPRISE}:costCenter eq "1" and (title pr or id eq "x")', scim.USER)
    first, second = found.equalities()
    assert (first.path, first.value, first.case_exact) == ("userName", "b", False)
    assert (second.path, second.value) == (f"{ENTERPRISE}:costCenter", "1")
    assert scim.Filter('id eq "x"').equalities()[0].case_exact is True
    assert scim.Filter("active eq true").equalities()[0].value is True
    assert scim.Filter("a eq 123456789012345678901234567890").equalities()[0].value == 123456789012345678901234567890
    assert scim.Filter('not (id eq "x")').equalities() == []
    assert "userName" in repr(first)
    assert first == found.equalities()[0] != second


class Kind(enum.Enum):
    WORK = "work"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", '"x"'),
        ('"\\\n\U0001f600', '"\\"\\\\\\n\U0001f600"'),
        (True, "true"),
        (None, "null"),
        (5, "5"),
        (-(10**40), "-1" + "0" * 40),
        (1.5, "1.5"),
        (decimal.Decimal("1.10"), "1.10"),
        (Kind.WORK, '"work"'),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (datetime.datetime(2026, 1, 12, tzinfo=datetime.UTC), '"2026-01-12T00:00:00Z"'),
    ],
)
def test_values_of_the_builder(value, text):
    assert str(scim.attr("badge").eq(value)) == f"badge eq {text}"


def test_the_builder():
    name = scim.attr("userName")
    assert repr(name) == "attr('userName')"
    for op in ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"):
        assert str(getattr(name, op)("x")) == f'userName {op} "x"'
    assert str(name.pr()) == "userName pr"
    work = scim.attr("type").eq("work") & scim.attr("value").ew("@example.com")
    built = (name.sw("b") | scim.attr("emails").any(work)) & ~scim.attr("active").eq(False)
    assert str(built) == (
        '(userName sw "b" or emails[type eq "work" and value ew "@example.com"]) and not (active eq false)'
    )
    assert built == scim.Filter(str(built))
    assert built.matches({"userName": "bo"})
    assert not built.matches({"userName": "bo", "active": False})
    assert str(scim.attr("emails").any("primary eq true")) == "emails[primary eq true]"
    assert str(name.eq("a") & name.eq("b") & name.eq("c")) == 'userName eq "a" and userName eq "b" and userName eq "c"'
    assert str(~~name.pr()) == "not (not (userName pr))"
    for wrong in ("", "a b", "1a", "a.b.c", "a eq 1", "a[b eq 1]", "x pr or a"):
        with pytest.raises(scim.InvalidFilter):
            scim.attr(wrong)
    for wrong in ([], {}, float("nan"), float("inf")):
        with pytest.raises(scim.InvalidFilter):
            scim.attr("badge").eq(wrong)
    for wrong in (object(), b"x"):
        with pytest.raises(TypeError):
            scim.attr("badge").eq(wrong)
    with pytest.raises(TypeError):
        name.eq("x") & "title pr"
    with pytest.raises(TypeError):
        1 | name.eq("x")
    with pytest.raises(TypeError):
        scim.attr("emails").any(5)
    with pytest.raises(scim.InvalidFilter):
        scim.attr("emails").any("type eq")
    with pytest.raises(scim.InvalidFilter, match="badge"):
        scim.attr("badge", scim.USER).eq("x")


def test_joined_filters_keep_what_they_were_given():
    user = scim.Filter("title pr", scim.USER)
    joined = user & scim.attr("nickName").eq("x")
    assert joined.resource_type == scim.USER
    assert (scim.attr("nickName").eq("x") | user).resource_type == scim.USER
    assert (~user).resource_type == scim.USER
    with pytest.raises(ValueError, match="`User` and `Group`"):
        user & scim.Filter("displayName pr", scim.GROUP)
    with pytest.raises(scim.InvalidFilter):
        user & scim.Filter("badge pr")
    strict = scim.Filter("active eq true", tolerance=scim.Tolerance.strict())
    assert str(strict & scim.Filter('active eq "true"')) == "active eq true and active eq true"
    wide = scim.Filter("a pr or " * 300 + "b pr", limits=scim.Limits(comparisons=1000))
    assert (wide & scim.attr("c").pr()).matches({"a": 1, "c": 1})
    many = scim.Filter("a pr or " * 200 + "b pr")
    with pytest.raises(scim.InvalidFilter, match="comparisons"):
        many | many


def test_a_negation_of_a_negation_cannot_get_deep():
    def negate(times):
        found = scim.attr("a").pr()
        for _ in range(times):
            found = ~found
        return found

    assert negate(64).matches({"a": 1})
    with pytest.raises(scim.InvalidFilter, match="nested"):
        negate(1000)


values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20)
)


@given(values)
def test_a_built_filter_finds_its_own_value(value):
    found = scim.attr("badge").eq(value)
    assert found.matches({"badge": value})
    assert found.matches(json.dumps({"badge": value}))
    assert scim.Filter(str(found)) == found
    assert (~found).matches({"badge": value}) is False


# No request can store U+0000, in a name or in a value.
STORABLE = st.characters(codec="utf-8", exclude_characters="\0")
NAMES = st.text(STORABLE, max_size=8)
storable = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(STORABLE, max_size=20),
)


@given(st.recursive(storable, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=20))
def test_any_value_survives(value):
    kept = scim.Patch(request({"op": "add", "value": {"badge": value}}), scim.USER, unknown="keep").apply({})
    # An attribute without values is unassigned, and not stored.
    assert kept.resource.get("badge", value) == value
    assert not scim.Filter("badge eq null").matches({"badge": {"colour": value, "held": 1}})


FILTERS = [
    scim.Filter('userName eq "b\u00e4r"'),
    scim.Filter("title pr", scim.USER),
    scim.Filter("a eq b", tolerance=scim.Tolerance(bare_words=True)),
    scim.Filter("(" * 70 + "a pr" + ")" * 70, limits=scim.Limits(nesting=80)),
]
PATCHES = [
    scim.Patch(request({"op": "add", "path": "title", "value": 10**30})),
    scim.Patch(json.dumps(request({"op": "add", "path": "title", "value": "x"}))),
    scim.Patch(request({"op": "add", "value": {"badge": 1}}), scim.USER, unknown="keep", limits=scim.Limits(depth=9)),
    scim.Patch(request(), tolerance=scim.Tolerance(first_primary=True)),
    scim.Patch(request(), unknown_paths="ignore", utc=True, canonical_values=True, profile=scim.Profile.interop()),
    scim.Patch(request(), derived_schemas=True),
]
REGISTRIES = [protocol.Registry(), protocol.Registry([scim.GROUP])]
TYPES = [
    scim.USER,
    scim.GROUP,
    scim.ResourceType.any(),
    scim.ResourceType.from_schemas("Badge", BADGE, [NOTE]),
    protocol.Registry.from_discovery(
        [BADGE, NOTE],
        [
            {
                "name": "Badge",
                "endpoint": "/B",
                "description": "d",
                "schema": "urn:example:Badge",
                "schemaExtensions": [{"schema": "urn:example:Note", "required": True}],
            }
        ],
    ).get("Badge"),
]
SETTINGS = [
    scim.Tolerance(),
    scim.Tolerance.strict(),
    scim.Tolerance(bare_words=True),
    scim.Limits(),
    scim.Limits(depth=3),
    scim.Profile(),
    scim.Profile.interop(single_match=True),
]


@pytest.mark.parametrize("value", [*FILTERS, *PATCHES, *TYPES, *SETTINGS, *REGISTRIES], ids=repr)
def test_values_travel(value):
    for version in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(value, version))
        assert again == value
        assert hash(again) == hash(value)
        assert repr(again) == repr(value)
        assert type(again) is type(value)
    assert copy.copy(value) is value
    assert copy.deepcopy([value]) == [value]
    with pytest.raises((AttributeError, TypeError)):
        value.text = "x"
    with pytest.raises(TypeError):
        type("Sub", (type(value),), {})


def test_a_resource_type_travels_whole():
    badge = TYPES[-1]
    again = pickle.loads(pickle.dumps(badge))
    assert (again.name, again.endpoint, again.description) == ("Badge", "/B", "d")
    assert again.schema == badge.schema
    assert again.extensions == badge.extensions
    for kind in (badge, again):
        with pytest.raises(scim.InvalidValue, match="urn:example:Note"):
            kind.create({"floor": 1})
    assert pickle.loads(pickle.dumps(scim.Filter('colour eq "Red"', badge))).matches({"colour": "Red"})


def test_equality():
    same = scim.Filter('userName eq "b"')
    assert same == scim.Filter('(userName  EQ "b")')
    assert hash(same) == hash(scim.Filter('(userName  EQ "b")'))
    assert same != scim.Filter('userName eq "B"')
    assert same != scim.Filter('userName eq "b"', scim.USER)
    assert same != 'userName eq "b"'
    body = request({"op": "add", "path": "title", "value": "x"})
    shuffled = dict(reversed(body.items()))
    assert scim.Patch(body) == scim.Patch(shuffled) == scim.Patch(json.dumps(body).encode())
    assert len({scim.Patch(body), scim.Patch(shuffled), scim.Patch(json.dumps(body))}) == 1
    assert scim.Patch(body) != scim.Patch(request({"op": "add", "path": "title", "value": "y"}))
    assert scim.Patch(body) != scim.Patch(body, scim.USER)
    assert scim.Patch(body) != scim.Patch(body, unknown="keep")
    assert scim.Patch(body) != scim.Patch(body, unknown_paths="ignore")
    assert scim.Patch(body) != scim.Patch(body, utc=True)
    assert scim.Patch(body) != scim.Patch(body, profile=scim.Profile.interop())
    assert scim.Patch(body) != body
    assert scim.USER == scim.ResourceType.user() != scim.GROUP
    assert len({scim.USER, scim.ResourceType.user(), scim.GROUP}) == 2


def test_a_patch_keeps_no_hold_on_its_body():
    body = request({"op": "add", "path": "title", "value": "x"})
    patch = scim.Patch(body)
    body["Operations"].clear()
    assert patch.apply({}).resource == {"title": "x"}
    text = bytearray(json.dumps(request({"op": "add", "path": "title", "value": "x"})).encode())
    patch = scim.Patch(text)
    text.clear()
    assert pickle.loads(pickle.dumps(patch)).apply({}).resource == {"title": "x"}


def test_tolerance():
    assert scim.Tolerance().boolean_strings is True
    assert scim.Tolerance().bare_words is False
    assert not any(scim.Tolerance.strict().to_dict().values())
    assert scim.Tolerance.strict(manager_id=True).to_dict()["manager_id"] is True
    assert scim.Tolerance(**scim.Tolerance.strict().to_dict()) == scim.Tolerance.strict()
    assert {getattr(scim.Tolerance(), name) for name in scim.Tolerance().to_dict()} == {True, False}
    assert repr(scim.Tolerance(bare_words=True, manager_id=False)) == "Tolerance(bare_words=True, manager_id=False)"
    assert repr(scim.Tolerance.strict()) == "Tolerance.strict()"
    with pytest.raises(TypeError, match="there is no switch `bare`"):
        scim.Tolerance(bare=True)
    with pytest.raises(TypeError, match="must be a bool"):
        scim.Tolerance(bare_words="yes")
    with pytest.raises(TypeError):
        scim.Tolerance(True)
    with pytest.raises(scim.InvalidValue):
        scim.USER.create(
            {"schemas": [scim.USER.schema["id"]], "userName": "b", "active": "true"}, tolerance=scim.Tolerance.strict()
        )


def test_profile():
    assert not any(scim.Profile().to_dict().values())
    on = {name for name, is_on in scim.Profile.interop().to_dict().items() if is_on}
    assert on == {"path_required", "unknown_refused", "whole_replaced"}
    assert scim.Profile.interop(path_required=False).path_required is False
    assert repr(scim.Profile(single_match=True)) == "Profile(single_match=True)"
    with pytest.raises(TypeError, match="there is no switch `single`"):
        scim.Profile(single=True)
    with pytest.raises(TypeError, match="must be a bool"):
        scim.Profile(single_match="yes")


def test_rules_for_filters():
    found = scim.Filter('userName eq "ann" and emails[value eq "a"]', scim.USER)
    assert found.check() is None
    assert found.check(attributes=("userName", "emails.value"), operators=["EQ", "and"]) is None
    with pytest.raises(scim.InvalidFilter, match="`value` may not be filtered on: expected `userName`") as raised:
        found.check(attributes=["userName"])
    assert raised.value.span == (29, 34)
    with pytest.raises(scim.InvalidFilter, match="`and` may not be used: expected `eq`"):
        found.check(operators=["eq"])
    with pytest.raises(ValueError, match=r"`operators`: expected `eq`, .* found `like`"):
        found.check(operators=["like"])
    with pytest.raises(TypeError):
        found.check(attributes="userName")


def test_limits():
    assert scim.Limits().operations == 10_000
    assert scim.Limits(operations=3).operations == 3
    assert repr(scim.Limits(operations=3)) == "Limits(operations=3)"
    assert scim.Limits(filter_bytes=8192) == scim.Limits()
    for name in (
        "filter_bytes",
        "nesting",
        "comparisons",
        "operations",
        "path_bytes",
        "depth",
        "members",
        "visited_bytes",
        "string_bytes",
        "number_digits",
    ):
        assert getattr(scim.Limits(**{name: 7}), name) == 7
    with pytest.raises(OverflowError):
        scim.Limits(depth=-1)
    body = request({"op": "add", "path": "title", "value": "x"}, {"op": "add", "path": "title", "value": "y"})
    with pytest.raises(scim.InvalidSyntax, match="too many operations"):
        scim.Patch(body, limits=scim.Limits(operations=1))


def test_resource_types():
    badge = TYPES[3]
    assert (badge.name, badge.endpoint) == ("Badge", "/Badges")
    assert repr(badge) == "<ResourceType Badge>"
    assert badge.schema["attributes"][1]["required"] is True
    assert [schema["id"] for schema in badge.extensions] == ["urn:example:Note"]
    assert scim.ResourceType.from_schemas("Badge", json.dumps(BADGE), [json.dumps(NOTE)]) == badge
    assert scim.Filter('colour eq "Red" and floor gt 2', badge).matches({"colour": "Red", "floor": 3})
    assert not scim.Filter('colour eq "Red"', badge).matches({"colour": "red"})
    with pytest.raises(scim.InvalidValue, match="floor"):
        badge.create({"colour": "red"})
    assert scim.USER.description
    assert scim.USER.endpoint == "/Users"
    types = protocol.Registry.from_discovery(
        {"Resources": [BADGE]}, json.dumps({"Resources": [{"name": "Badge", "schema": "urn:example:Badge"}]})
    )
    assert [kind.name for kind in types] == ["Badge"]


def test_many_threads():
    found = scim.Filter('userName sw "u" and emails[type eq "work" and value ew "@example.com"]', scim.USER)
    patch = scim.Patch(request({"op": "add", "path": "title", "value": "x"}, {"op": "remove", "path": "nickName"}))
    users = [{"userName": f"u{i}", "emails": [{"type": "work", "value": f"u{i}@example.com"}]} for i in range(200)]
    texts = [json.dumps(user).encode() for user in users]
    barrier = threading.Barrier(8)

    def work(_):
        barrier.wait()
        assert found.select(users) == users
        assert found.select(texts) == texts
        hashes = {hash(patch), hash(found)}
        assert len(patch.operations) == 2
        for user in users:
            assert patch.apply(user).resource == {**user, "title": "x"}
            assert scim.USER.create(user).resource["userName"] == user["userName"]
        return hashes

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    assert all(result == results[0] for result in results)


def test_other_threads_run_while_json_text_is_read():
    text = json.dumps({"userName": "u", "pad": [{"value": "x" * 50}] * 200_000}).encode()
    found = scim.Filter('userName eq "u"')
    ticks = []
    stop = threading.Event()

    def tick():
        while not stop.is_set():
            ticks.append(None)
            stop.wait(0.001)

    ticker = threading.Thread(target=tick)
    ticker.start()
    try:
        before = len(ticks)
        for _ in range(60):
            assert found.matches(text)
        assert len(ticks) - before > 10
    finally:
        stop.set()
        ticker.join()


def run(*args, stdin=""):
    command = [sys.executable, "-m", "scim_engine", *args]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_line():
    users = '{"userName": "bo"}\n{"userName": "ben"}\n'
    found = run("filter", 'userName eq "bo"', stdin=users)
    assert (found.returncode, json.loads(found.stdout)) == (0, {"userName": "bo"}), found.stderr
    assert run("filter", 'userName eq "x"', stdin=users).returncode == 1
    wrong = run("filter", "userName eq bo", stdin=users)
    assert wrong.returncode not in (0, 1)
    assert "^^" in wrong.stderr
    shown = run("--help")
    assert shown.returncode == 0
    assert "\nUsage: scim-engine <COMMAND>\n" in shown.stdout
    assert run("--version").stdout == f"scim-engine {scim.__version__}\n"
