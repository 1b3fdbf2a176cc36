"""`scim_engine.protocol` as hosts use it: rows with ids and times of their own, order, bulk requests one by one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

import scim_engine as scim
from scim_engine import protocol

BASE = "https://app.example/scim/v2"
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
CREATED = datetime(2026, 1, 12, 9, 30, tzinfo=timezone(timedelta(hours=1)))
MODIFIED = datetime(2026, 2, 12, 8, 0, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("id", "text"),
    [
        ("7001", "7001"),
        (7001, "7001"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (2**70, "1180591620717411303424"),
    ],
)
def test_the_id_of_a_row(id, text):
    user = protocol.stamp({"userName": "bo"}, scim.USER, id=id, base=BASE, now=NOW)
    assert user["id"] == text
    assert user["meta"]["location"] == f"{BASE}/Users/{text}"


@pytest.mark.parametrize("id", [True, 7.0, b"7", None, NOW])
def test_what_is_not_an_id(id):
    with pytest.raises(TypeError, match=r"`id` must be a str, an int or a UUID, not a `\w+`"):
        protocol.stamp({"userName": "bo"}, scim.USER, id=id, base=BASE)


def test_the_times_of_a_row():
    user = protocol.stamp({"userName": "bo"}, scim.USER, id=7, base=BASE, now=NOW, created=CREATED, version='W/"3"')
    assert user["meta"] == {
        "resourceType": "User",
        "created": "2026-01-12T08:30:00.000Z",
        "lastModified": "2026-01-12T08:30:00.000Z",
        "location": f"{BASE}/Users/7",
        "version": 'W/"3"',
    }
    times = {"created": CREATED, "last_modified": MODIFIED, "version": 'W/"4"'}
    for changed in (False, True):
        touched = protocol.touch(user, scim.USER, base=BASE, changed=changed, now=NOW, **times)
        assert touched["meta"] == user["meta"] | {"lastModified": "2026-02-12T08:00:00.250Z", "version": 'W/"4"'}
    assert protocol.touch({"id": "7"}, scim.USER, base=BASE, changed=False, **times)["meta"] == touched["meta"]


@pytest.mark.parametrize("argument", ["now", "created", "last_modified"])
def test_what_is_not_a_time(argument):
    for call in (
        lambda time: protocol.stamp({}, scim.USER, id="7", base=BASE, **{argument: time}),
        lambda time: protocol.touch({}, scim.USER, base=BASE, changed=True, **{argument: time}),
    ):
        with pytest.raises(TypeError, match=f"`{argument}` must be a datetime"):
            call("2026-01-12T08:00:00Z")


def test_times_without_a_zone():
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="`now` must have a time zone"):
        protocol.stamp({}, scim.USER, id="7", base=BASE, now=naive)
    user = protocol.stamp({}, scim.USER, id="7", base=BASE, created=naive, last_modified=MODIFIED)
    assert user["meta"]["created"] == "2026-10-20T12:00:00.000Z"
    user = protocol.touch(user, scim.USER, base=BASE, changed=True, last_modified=naive)
    assert user["meta"]["lastModified"] == "2026-10-20T12:00:00.000Z"


@pytest.mark.parametrize(
    ("query", "kind", "expected"),
    [
        ("sortBy=NAME.familyname", scim.USER, ("name.familyName", "string", False, False, False)),
        ("sortBy=emails&sortOrder=Descending", scim.USER, ("emails.value", "string", True, False, True)),
        ("sortBy=meta.created", scim.USER, ("meta.created", "dateTime", False, False, False)),
        ("sortBy=id", scim.USER, ("id", "string", False, True, False)),
        ("sortBy=shade", scim.ANY, ("shade", None, False, False, False)),
    ],
)
def test_the_order_is_resolved(query, kind, expected):
    order = protocol.ListQuery(query, kind).order
    assert (order.path, order.attr_type, order.multi_valued, order.case_exact, order.descending) == expected
    assert hash(order) == hash(protocol.ListQuery(query, kind).order)
    assert repr(order) == f"<Order {expected[0]} {'descending' if expected[4] else 'ascending'}>"


def test_no_order():
    assert protocol.ListQuery("filter=title+pr", scim.USER).order is None
    assert protocol.ListQuery("sortOrder=descending", scim.USER).order is None


def test_the_value_of_a_change():
    body = {
        "Operations": [
            {"op": "replace", "path": "title", "value": "Guide"},
            {"op": "add", "path": "active", "value": False},
            {"op": "remove", "path": "nickName"},
        ]
    }
    outcome = scim.Patch(body).apply({"userName": "bo", "title": "x", "nickName": "b"})
    values = {change.path: change.value for change in outcome.changes}
    assert values == {"title": "Guide", "active": False, "nickName": None}


def bulk(*operations, **more):
    schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]
    return protocol.Bulk({"schemas": schemas, "Operations": list(operations), **more})


DELETE = {"method": "DELETE", "path": "/Users/7001"}
CREW = {
    "method": "POST",
    "path": "/Groups",
    "bulkId": "crew",
    "data": {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Crew",
        "members": [{"value": "bulkId:ines"}],
    },
}
INES = {
    "method": "POST",
    "path": "/Users",
    "bulkId": "ines",
    "data": {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ines"},
}


def handle(operation):
    if operation.method == "DELETE":
        raise scim.NotFound(f"there is no user `{operation.id}`")
    if operation.method == "POST" and operation.resource_type.name == "User":
        return protocol.BulkResult(id="7002")
    return {"body": {"id": "g1", "members": operation.data["members"]}}


async def handle_async(operation):
    await asyncio.sleep(0)
    return handle(operation)


def test_three_ways_to_run_a_bulk_request():
    request = bulk(CREW, DELETE, INES)
    expected = request.run(handle, base=BASE)
    assert [operation["status"] for operation in expected["Operations"]] == ["201", "404", "201"]
    assert expected["Operations"][0]["response"]["members"] == [{"value": "7002"}]
    assert asyncio.run(protocol.run_bulk(request, handle_async, base=BASE)) == expected
    session = request.start(base=BASE)
    for operation in session:
        try:
            session.answer(handle(operation))
        except scim.ScimError as error:
            session.answer(error)
    assert session.response() == expected
    assert session.response() == expected
    assert list(session) == []


def test_other_exceptions_end_an_async_request():
    async def broken(operation):
        raise KeyError(operation.path)

    with pytest.raises(KeyError, match="/Users/7001"):
        asyncio.run(protocol.run_bulk(bulk(DELETE), broken))
    with pytest.raises(TypeError, match="the handler must return a BulkResult"):
        asyncio.run(protocol.run_bulk(bulk(DELETE), handle_of(5)))


def handle_of(result):
    async def handle(_operation):
        return result

    return handle


def test_a_session_in_disorder():
    session = bulk(DELETE, INES).start()
    with pytest.raises(RuntimeError, match="no operation waits for an answer"):
        session.answer()
    next(session)
    with pytest.raises(RuntimeError, match="has no answer yet"):
        next(session)
    with pytest.raises(TypeError, match="the handler must return"):
        session.answer(7)
    session.answer()
    with pytest.raises(RuntimeError, match="no operation waits for an answer"):
        session.answer()
    next(session)
    assert [operation["status"] for operation in session.response()["Operations"]] == ["204", "500"]
    with pytest.raises(RuntimeError, match="no operation waits for an answer"):
        session.answer()


def test_a_session_stops_after_too_many_errors():
    session = bulk(DELETE, DELETE, INES, failOnErrors=1).start()
    for _ in session:
        session.answer(scim.Uniqueness("taken"))
    assert [operation["status"] for operation in session.response()["Operations"]] == ["409"]
