"""List queries, projections and cursors from Python."""

from __future__ import annotations

import copy
import datetime as dt
import uuid
from collections.abc import Mapping

import pytest

import scim_engine as scim
from scim_engine import protocol

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
KEY = b"sixteen bytes of key"
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def test_a_list_is_answered(user):
    other = {"id": "1", "userName": "Adam", "password": "hidden"}
    query = protocol.ListQuery("filter=userName+pr&sortBy=userName&attributes=userName", scim.USER)
    assert query.answer([user, other]) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 2,
        "startIndex": 1,
        "itemsPerPage": 2,
        "Resources": [
            {"id": "1", "userName": "Adam"},
            {"schemas": [CORE, ENTERPRISE], "id": "2819c223", "userName": "mveit"},
        ],
    }
    assert query.sort([user, other]) == [other, user]
    assert query.sort([user, other])[1] is user


def test_the_default_is_everything(user):
    assert protocol.ListQuery().answer([user])["Resources"] == [user]
    assert protocol.ListQuery("?") == protocol.ListQuery("") == protocol.ListQuery(b"")
    assert protocol.ListQuery() != protocol.ListQuery(resource_type=scim.USER)
    assert protocol.ListQuery() != "?"


def test_values_are_not_copied_nor_changed(user):
    before = copy.deepcopy(user)
    number = uuid.uuid4()
    user["externalId"] = number
    answered = protocol.Projection(scim.USER, excluded_attributes=["emails.display"]).apply(user)
    assert answered["name"] is user["name"]
    assert answered["externalId"] == str(number)
    assert user["externalId"] is number
    assert answered["emails"] == user["emails"]
    assert {**user, "externalId": None} == {**before, "externalId": None}


def test_host_pages(user):
    query = protocol.ListQuery("startIndex=11&count=10&excludedAttributes=emails,name", scim.USER)
    body = query.response([user], 31)
    assert (body["totalResults"], body["startIndex"], body["itemsPerPage"]) == (31, 11, 1)
    assert "emails" not in body["Resources"][0]
    assert query.response([], 31, start_index=7)["startIndex"] == 7
    with pytest.raises(ValueError, match="total"):
        query.response([], None)
    by_cursor = protocol.ListQuery("cursor", scim.USER, cursors=True)
    body = by_cursor.response([user], None, next_cursor="n", previous_cursor="p")
    assert "totalResults" not in body
    assert "startIndex" not in body
    assert (body["nextCursor"], body["previousCursor"]) == ("n", "p")


def test_cursors():
    cursors = protocol.Cursors(KEY, lifetime=60)
    first = protocol.ListQuery("cursor&count=2", scim.USER, cursors=True)
    assert cursors.open(first, now=NOW) is None
    sealed = cursors.seal({"after": ["u2", 7, None]}, first, context="a", now=NOW)
    following = protocol.ListQuery(f"cursor={sealed}&count=2", scim.USER, cursors=True)
    assert cursors.open(following, context="a", now=NOW) == {"after": ["u2", 7, None]}
    assert protocol.Cursors(b"another key of some length", KEY).open(following, context="a", now=NOW)
    with pytest.raises(scim.InvalidCursor):
        cursors.open(following, context="b", now=NOW)
    with pytest.raises(scim.ExpiredCursor):
        cursors.open(following, context="a", now=NOW + dt.timedelta(seconds=61))
    with pytest.raises(scim.InvalidCount):
        cursors.open(protocol.ListQuery(f"cursor={sealed}&count=3", scim.USER, cursors=True), context="a", now=NOW)
    with pytest.raises(scim.InvalidCursor):
        cursors.open(protocol.ListQuery(f"cursor={sealed}x&count=2", scim.USER, cursors=True), context="a", now=NOW)
    # The present time is the default.
    with pytest.raises(scim.ExpiredCursor):
        cursors.open(protocol.ListQuery(f"cursor={sealed}&count=2", scim.USER, cursors=True), context="a")
    # As for `stamp` and `touch`, a time must have a zone, and a time before 1970 is not an error.
    naive = dt.datetime(2026, 1, 1)
    for fails in (
        lambda: cursors.seal(1, first, now=naive),
        lambda: cursors.open(following, context="a", now=naive),
        lambda: first.answer([], cursors=cursors, now=naive),
    ):
        with pytest.raises(ValueError, match="time zone"):
            fails()
    with pytest.raises(TypeError, match="must be a datetime"):
        cursors.seal(1, first, now="2026-01-01")
    early = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
    assert cursors.open(following, context="a", now=early)
    assert "key" not in repr(cursors)
    assert cursors.lifetime == 60


def test_keys_are_long_enough():
    for keys in ([b"x" * 15], [KEY, b"x"]):
        with pytest.raises(ValueError, match="16 bytes"):
            protocol.Cursors(*keys)
    with pytest.raises(ValueError, match="cursors"):
        protocol.ListQuery("cursor", cursors=True).answer([])


def test_names_of_attributes():
    one = protocol.Projection(scim.USER, attributes="userName, title")
    assert one == protocol.Projection(scim.USER, attributes=["userName", "title"])
    assert hash(one) == hash(protocol.Projection.from_query("?attributes=userName,title", scim.USER))
    assert one.attributes == ("userName", "title")
    assert one.needs("TITLE")
    assert not one.needs("groups")
    with pytest.raises(scim.InvalidValue):
        protocol.Projection(attributes="a", excluded_attributes="b")
    with pytest.raises(scim.InvalidValue, match="too many"):
        protocol.Projection(attributes="a,b", limits=scim.Limits(members=1))
    for wrong in (5, ["a", 1]):
        with pytest.raises(TypeError):
            protocol.Projection(attributes=wrong)


def test_errors(user):
    with pytest.raises(scim.InvalidFilter) as raised:
        protocol.ListQuery("filter=userName+eq+mveit", scim.USER)
    assert "^^^^^" in raised.value.render()
    with pytest.raises(scim.InvalidValue):
        protocol.ListQuery("count=x")
    with pytest.raises(scim.InvalidSyntax):
        protocol.ListQuery("filter=\udc80")
    for wrong in (5, ["a=1"]):
        with pytest.raises(TypeError):
            protocol.ListQuery(wrong)
    for wrong in (5, [user], "[]", None):
        with pytest.raises((TypeError, scim.ScimError)):
            protocol.Projection().apply(wrong)
    with pytest.raises(TypeError):
        protocol.Projection().apply({1: "x"})
    with pytest.raises(TypeError):
        protocol.ListQuery().answer(5)


class Broken(Mapping):
    """A mapping that cannot be read."""

    def __getitem__(self, name):
        raise RuntimeError(name)

    def __iter__(self):
        return iter(["userName"])

    def __len__(self):
        return 1


def test_exceptions_of_a_resource_reach_the_caller():
    with pytest.raises(RuntimeError, match="userName"):
        protocol.Projection().apply(Broken())
    for query in ("", "filter=userName+pr", "sortBy=userName"):
        with pytest.raises(RuntimeError, match="userName"):
            protocol.ListQuery(query).answer([Broken()])


def test_cyclic_resources_are_projected_and_sorted():
    user = {"id": "1", "userName": "x"}
    user["name"] = user
    user["emails"] = [user]
    user["urn:example:x:Y"] = user
    projection = protocol.Projection(scim.USER, attributes="userName,name.givenName,emails.value")
    assert projection.apply(user) == {"id": "1", "userName": "x"}
    assert protocol.Projection(scim.USER).apply(user)["id"] == "1"
    assert protocol.ListQuery("sortBy=emails").sort([user, {}]) == [user, {}]
