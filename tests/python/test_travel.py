"""Objects of the module can be pickled, copied and converted to dicts."""

from __future__ import annotations

import copy
import datetime
import json
import pickle

import pytest

import scim_engine as scim
from scim_engine import _engine, endpoint, onelogin, protocol, sql

URN = "urn:ietf:params:scim:api:messages:2.0:"
ENTERPRISE = scim.USER.extensions[0]["id"]
PATCH = scim.Patch(
    {
        "schemas": [URN + "PatchOp"],
        "Operations": [
            {"op": "add", "path": "active", "value": "true"},
            {"op": "replace", "path": "title", "value": "Guide"},
            {"op": "remove", "path": 'emails[type eq "work" and not (primary eq true)]'},
            {"op": "add", "path": "password", "value": "s3cret"},
            {"op": "add", "path": f"{ENTERPRISE}:costCenter", "value": "7"},
        ],
    },
    scim.USER,
)
STORED = {"userName": "bo", "title": "Clerk", "emails": [{"type": "work", "value": "b@x.example"}]}
OUTCOME = PATCH.apply(STORED)
TEXT_OUTCOME = PATCH.apply(json.dumps(STORED))
CREATED = scim.USER.create({"userName": "bo", "active": "true", "x": 1})
FILTER = scim.Filter('userName eq "bo" and (title pr or id eq "1")', scim.USER)
SCAN = FILTER.scan(b'{"userName": "bo", "title": "x"}\n{"userName": }\n{"userName": "bo", "id": "1"}\n')
BULK = protocol.Bulk(
    {
        "schemas": [URN + "BulkRequest"],
        "Operations": [{"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "bo", "n": 1.10}}],
    }
)
TEMPLATE = onelogin.Template('{"userName": "{$parameters.scimusername}", "active": "{$user.active}"}')
SESSION = _engine.ClientSession([({"userName": "bo"}, False)], [])

TRAVELLERS = {
    "Attr": scim.attr("userName", scim.USER),
    "BadDocument": SCAN.faults[0],
    "BulkOperation": BULK.operations[0],
    "BulkResult": protocol.BulkResult(201, "https://x.example/Users/1", 'W/"1"', {"id": "1"}, id="1"),
    "Change": OUTCOME.changes[0],
    "Equality": FILTER.equalities()[0],
    "Explanation": scim.Filter("emails[value pr] or name pr").explain({"emails": ["b"], "name": {"givenName": "Bo"}}),
    "Filter": FILTER,
    "Limits": scim.Limits(depth=3),
    "Lint": TEMPLATE.lint(),
    "ListQuery": protocol.ListQuery("filter=title+pr&sortBy=title", scim.USER),
    "Operation": PATCH.operations[2],
    "Order": protocol.ListQuery("sortBy=title", scim.USER).order,
    "Outcome": OUTCOME,
    "Patch": PATCH,
    "Person": onelogin.Person({"firstname": "Mara"}, email="m@x.example"),
    "Preconditions": protocol.Preconditions(if_match='W/"7"', if_none_match="*"),
    "Problem": TEMPLATE.lint().problems[0],
    "Profile": scim.Profile.interop(),
    "Projection": protocol.Projection(scim.USER, attributes="title"),
    "Registry": protocol.Registry(),
    "Rendered": TEMPLATE.render({"username": "bo"}),
    "Repair": OUTCOME.repairs[0],
    "Replaced": OUTCOME.changes[1].replaced[0],
    "ResourceType": scim.USER,
    "Scan": SCAN,
    "ScanMatch": SCAN.found[1],
    "Template": TEMPLATE,
    "Tolerance": scim.Tolerance(bare_words=True),
    "ValueFilter": PATCH.operations[2].value_filter,
}
EMAILS = sql.Rows("emails", {"value": sql.Column.folded("value_key")}, on={"user_id": "id"})
USERS = sql.Mapping(scim.USER, "users", {"emails": EMAILS}, key=sql.Column.integer("id"))
# Objects that hold a secret or are in use, and those of a mapping, which each process makes once, as its own code says.
ENDPOINT = endpoint.Endpoint()
CREATED_CALL = ENDPOINT.begin(
    "POST", "/Users", base="", headers={"Content-Type": "application/json"}, body=b'{"userName": "bo"}'
)
LISTED = ENDPOINT.begin("GET", "/Users", base="").start()
READ = ENDPOINT.begin("GET", "/Users/1", base="").start()
UPDATING = ENDPOINT.begin(
    "PUT", "/Users/1", base="", headers={"Content-Type": "application/json"}, body=b'{"userName": "bo"}'
)
UPDATING.start()
STAYERS = {
    "Delete": (ENDPOINT.begin("DELETE", "/Users/1", base="").start(), "is not pickled"),
    "EndpointCore": (_engine.EndpointCore(), "cannot pickle"),
    "Exchange": (CREATED_CALL, "begin again"),
    "Find": (LISTED, "is not pickled"),
    "Get": (READ, "is not pickled"),
    "Insert": (CREATED_CALL.start(), "is not pickled"),
    "MemoryStorage": (endpoint.MemoryStorage(), "is not pickled"),
    "Reading": (sql.Mapping(scim.USER, "users", {}).reading(), "is not pickled"),
    "Needs": (READ.needs, "are not pickled"),
    "Response": (ENDPOINT.begin("GET", "/", base="").start(), "send its status"),
    "Update": (UPDATING.answer(endpoint.Stored({"id": "1", "userName": "ann"}, 'W/"1"')), "is not pickled"),
    "Column": (sql.Column.text("title"), "cannot pickle"),
    "Mapping": (USERS, "cannot pickle"),
    "OrderBy": (USERS.order_by(), "cannot pickle"),
    "Rows": (EMAILS, "cannot pickle"),
    "Source": (sql.Source.json("doc", "title"), "cannot pickle"),
    "Where": (USERS.bind("emails.value pr"), "cannot pickle"),
    "Widest": (USERS.bind_widest("title pr"), "cannot pickle"),
    "Bulk": (BULK, "the body of the request"),
    "BulkSession": (BULK.start(), "the body of the request"),
    "ClientRequest": (SESSION.next(), "waits for its answer"),
    "ClientSession": (SESSION, "journal"),
    "ClientToken": (_engine.ClientToken("t0ken-of-a-push"), "a secret"),
    "Cursors": (protocol.Cursors(b"k" * 32), "secret keys"),
}


def test_every_class_is_here():
    classes = {name for name, value in vars(_engine).items() if isinstance(value, type)}
    assert classes == TRAVELLERS.keys() | STAYERS.keys()


def same(value, again):
    """Checks that two values are equal, and that their properties are, too."""
    assert type(again) is type(value)
    assert repr(again) == repr(value)
    assert str(again) == str(value)
    if not isinstance(value, _engine.Attr):
        assert again == value
    for name in dir(type(value)):
        if name[0] != "_" and not callable(getattr(value, name)):
            assert getattr(again, name) == getattr(value, name), name


@pytest.mark.parametrize("value", TRAVELLERS.values(), ids=TRAVELLERS)
def test_a_value_travels(value):
    for version in range(2, pickle.HIGHEST_PROTOCOL + 1):
        same(value, pickle.loads(pickle.dumps(value, version)))
    same(value, copy.copy(value))
    same(value, copy.deepcopy([value])[0])


@pytest.mark.parametrize(("value", "why"), STAYERS.values(), ids=STAYERS)
def test_a_value_stays(value, why):
    with pytest.raises(TypeError, match=why):
        pickle.dumps(value)


def test_immutable_objects_are_their_own_copy():
    for value in (BULK, STAYERS["Cursors"][0]):
        assert copy.copy(value) is value
        assert copy.deepcopy(value) is value


@pytest.mark.parametrize("outcome", [OUTCOME, TEXT_OUTCOME, CREATED], ids=["dict", "text", "created"])
def test_outcomes(outcome):
    again = pickle.loads(pickle.dumps(outcome))
    same(outcome, again)
    assert again.json == outcome.json
    assert [change.to_dict() for change in again.changes] == [change.to_dict() for change in outcome.changes]
    for change in outcome.changes:
        same(change, pickle.loads(pickle.dumps(change)))
    for repair in outcome.repairs:
        same(repair, pickle.loads(pickle.dumps(repair)))
    assert outcome != OUTCOME or outcome is OUTCOME
    deep = copy.deepcopy(outcome)
    deep.resource["title"] = "other"
    assert outcome.resource.get("title") != "other"
    assert copy.copy(OUTCOME).resource is OUTCOME.resource
    with pytest.raises(TypeError):
        hash(outcome)


def test_an_outcome_as_a_dict():
    joined = datetime.datetime(2026, 1, 12)
    told = PATCH.apply({**STORED, "joined": joined}).to_dict()
    assert json.loads(json.dumps(told)) == told
    assert told["changed"] is True
    assert told["resource"]["joined"] == "2026-01-12T00:00:00Z"
    assert told["resource"]["title"] == "Guide"
    changes = {change["path"]: change for change in told["changes"]}
    assert changes["title"] == {"path": "title", "replaced": [{"old": "Clerk", "new": "Guide"}]}
    assert changes["password"] == {"path": "password", "added": ["s3cret"], "secret": True}
    assert told["repairs"][0]["kind"] == "boolean_strings"
    assert TEXT_OUTCOME.to_dict()["changes"] == OUTCOME.to_dict()["changes"]


def test_copies_keep_working():
    element = {"type": "work", "value": "b@x.example"}
    for operation in (PATCH.operations[2], pickle.loads(pickle.dumps(PATCH.operations[2]))):
        assert pickle.loads(pickle.dumps(operation.value_filter)).matches(element)
    assert pickle.loads(pickle.dumps(scim.attr("userName"))).eq("bo").matches({"userName": "bo"})
    match = pickle.loads(pickle.dumps(SCAN.found[1]))
    assert (match.parsed(), match.line, match.number) == ({"userName": "bo", "id": "1"}, 3, 2)
    assert pickle.loads(pickle.dumps(SCAN)).parsed() == SCAN.parsed()
    big = scim.Patch({"schemas": [URN + "PatchOp"], "Operations": [{"op": "add", "path": "a.b", "value": 10**30}]})
    assert pickle.loads(pickle.dumps(big.operations[0])).value == 10**30
