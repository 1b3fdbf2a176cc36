"""The services give the same answers to the same requests, except for ids, times and the details of errors."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import pytest

from .conftest import GROUP, KINDS, PATCH, USER, running

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
HEADERS = ("allow", "content-location", "content-type", "etag", "location", "www-authenticate")


class Everywhere:
    """One tenant at every service. `{u1}` in a request is the id of the resource with this label at the service."""

    def __init__(self, tenants, ids=None):
        self.tenants = tenants
        self.ids: list[dict[str, str]] = ids or [{} for _ in tenants]

    def __call__(self, method, url, body: Any = None, *, label=None, **headers):
        """Sends a request to each service, and returns the answer, which must be the same."""
        answers = []
        for tenant, ids in zip(self.tenants, self.ids, strict=True):
            content = body if isinstance(body, (str, type(None))) else json.dumps(body)
            answer = tenant.request(
                method,
                insert(url, ids),
                content=None if content is None else insert(content, ids).encode(),
                headers={
                    "content-type": "application/scim+json",
                    **{k.replace("_", "-"): v for k, v in headers.items()},
                },
            )
            if label is not None:
                assert answer.status_code == 201, answer.text
                ids[label] = answer.json()["id"]
            answers.append(self.plain(answer, tenant, ids))
        for tenant, answer in zip(self.tenants, answers, strict=True):
            assert answer == answers[0], f"{method} {url} {body} {tenant.service.kind}"
        assert answers[0]["status"] < 500 or answers[0]["status"] == 501
        return answers[0]

    def crowd(self, last):
        """Makes many users, with the labels `v1`, `v2` and so on."""
        for tenant, ids in zip(self.tenants, self.ids, strict=True):
            ids.update({f"v{number}": id for number, id in enumerate(tenant.crowd(last), 1)})

    def plain(self, answer, tenant, ids):
        headers = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
        if "allow" in headers:
            headers["allow"] = sorted(headers["allow"].replace(" ", "").split(","))
        body = answer.json() if answer.content else None
        text = json.dumps([headers, without_words(body)]).replace(f"{tenant.service.url}/tenants/{tenant.name}", "BASE")
        for label, id in ids.items():
            text = text.replace(id, f"<{label}>")
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
        text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
        headers, body = json.loads(text)
        return {"status": answer.status_code, "headers": headers, "body": body}


def insert(text, ids):
    for label, id in ids.items():
        text = text.replace("{" + label + "}", id)
    return text


def without_words(body):
    """Leaves out `detail`, which is for people, and cursors, which are sealed."""
    if isinstance(body, dict):
        return {k: "…" if k in ("detail", "nextCursor") else without_words(v) for k, v in body.items()}
    return [without_words(item) for item in body] if isinstance(body, list) else body


@pytest.fixture(scope="module")
def services(request, tmp_path_factory):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(running(kind, tmp_path_factory.mktemp(kind), request)) for kind in KINDS]


@pytest.fixture
def send(services):
    with contextlib.ExitStack() as stack:
        yield Everywhere([stack.enter_context(service.tenant()) for service in services])


def user(send, label, user_name, /, **more):
    return send("POST", "Users", {"schemas": [USER], "userName": user_name, **more}, label=label)


def group(send, label, name, *members):
    members = [member if isinstance(member, dict) else {"value": member} for member in members]
    return send("POST", "Groups", {"schemas": [GROUP], "displayName": name, "members": members}, label=label)


def filled(send):
    emails = [{"value": "b@x.example", "type": "work", "primary": True}, {"value": "b2@x.example", "type": "home"}]
    user(send, "u1", "Bjensen", externalId="ex1", title="Guide", active=True, emails=emails, name={"givenName": "Bo"})
    user(send, "u2", "straße", schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"department": "Sales", "manager": "{u1}"}})
    user(send, "u3", "ÉCLAIR 😀", title="guide", active="False", emails=[{"value": "a@x.example", "type": "home"}])
    user(
        send, "u4", "it's; drop table users;--", externalId="dup", id="mine", groups=[{"value": "x"}], password="s3cret"
    )
    user(send, "u5", 'qu"o\\te %_', externalId="dup", displayName="Tours", title="x\x01y")
    group(send, "g1", "Tours", "{u1}", "{u2}", {"value": "{u3}", "display": "E", "type": "User"})
    group(send, "g2", "Nested", {"value": "{g1}", "type": "Group"}, "{u1}", "{u5}")
    group(send, "g3", "Empty")


FILTERS = (
    """
userName eq "bjensen"|USERNAME eq "STRASSE"|userName sw "%"|userName co "_"|userName ew "😀"|userName gt "m"
title pr|not (title pr)|title ne "guide"|title eq null|title eq ""|active eq true|active eq "true"
externalId eq "dup"|externalId eq "DUP"|externalId eq "ex1" or userName eq "u9"|id eq "{u1}"|id eq "none"
id eq "a\\u0000b"|id eq "\\ud800"|userName eq "it's; drop table users;--"|userName eq "qu\\"o\\\\te %_"
emails eq "b@x.example"|emails.type eq "work"|emails[type eq "work" and value co "x"]
emails[type eq "home"].value eq "x"|name.givenName eq "bo"|groups pr|groups.value eq "{g1}"|groups eq "{g1}"
groups.display eq "tours"|groups[display eq "Tours" and type eq "direct"]|groups.value ne "{g1}"
groups.value eq "{g1}" and groups.value eq "{g2}"|groups.value eq "{g2}" or title pr|groups.$ref pr|not (groups pr)
members.value eq "{u1}"|members pr|members eq "{u1}"|members[value eq "{u1}"]|members.type eq "Group"
members.value eq "a\\u0000b"|members.value eq "unknown"|displayName eq "tours"|meta.version eq "W/\\"1\\""
meta.location ew "{u1}"|meta.resourceType eq "User"|meta.created gt "2020-01-01T00:00:00Z"|meta[location pr]
password pr|password eq "s3cret"|not (password pr)|schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"
urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "sales"|unknown pr|noSuch eq "x"|userName
userName eq|eq "x"|userName xx "y"|(userName pr|userName pr)|userName eq 'x'|userName eq "x|active gt true
title eq 5|
""".strip()
    .replace("\n", "|")
    .split("|")
)


def test_filters(send):
    filled(send)
    for text in FILTERS:
        query = {"schemas": [SEARCH], "filter": text}
        send("POST", ".search", query)
        for endpoint in ("Users", "Groups"):
            send("POST", f"{endpoint}/.search", {**query, "attributes": ["groups", "members.value"]})
            send("POST", f"{endpoint}/.search", {**query, "sortBy": "externalId", "excludedAttributes": ["meta"]})
            send("POST", f"{endpoint}/.search", {**query, "cursor": "", "count": 1})


def test_orders(send):
    """Sorts by attributes other than ids, which are random."""
    filled(send)
    for path in (
        "userName",
        "TITLE",
        "name.givenName",
        "emails",
        "emails.type",
        "active",
        "meta.version",
        "externalId",
        "groups.display",
        "members.display",
        "displayName",
        "password",
        "noSuch",
        "schemas",
        f"{ENTERPRISE}:department",
        f"{USER}:userName",
        "name",
        "",
        "userName, title",
        'emails[type eq "work"].value',
        "$x",
    ):
        query = {"schemas": [SEARCH], "sortBy": path}
        send("POST", "Users/.search", query)
        send("POST", "Groups/.search", {**query, "sortOrder": "descending"})
        send("POST", ".search", {**query, "count": 3, "startIndex": 2})
        send("POST", ".search", {**query, "count": 3, "cursor": ""})
    send("POST", "Users/.search", {"schemas": [SEARCH], "sortBy": "title", "sortOrder": "up"})


def test_pages_and_projections(send):
    filled(send)
    for query in (
        "count=0",
        "count=-1",
        "count=3",
        "count=x",
        "count=1.5",
        f"count={10**18}",
        f"count={10**30}",
        "count=",
        "count=+3",
        "startIndex=0",
        "startIndex=-5",
        "startIndex=3&count=2",
        f"startIndex={10**18}",
        f"startIndex={2**63}",
        f"startIndex={10**30}",
        f"startIndex={10**18}&sortBy=title",
        f"startIndex={10**18}&filter=title+pr",
        "startIndex=2&count=1&filter=title+pr",
        "cursor=&count=0",
        "cursor=&count=2",
        "cursor=bad",
        "cursor=&startIndex=3",
        "count=1&count=2",
        "filter=title+pr&filter=active+pr",
        "&&",
        "=",
        "filter",
        "filter=%ff",
        "filter=%zz",
        "x=%00",
        "attributes=",
        "attributes=userName&attributes=title",
        "attributes=userName&excludedAttributes=title",
        "excludedAttributes=userName,id,schemas",
        "attributes=groups.display",
        "excludedAttributes=groups.display",
        "attributes=password",
        "attributes=meta.version",
        f"attributes={ENTERPRISE}",
        "attributes=noSuch",
        "attributes=a..b",
        "attributes=USERNAME",
        "attributes=members",
        "excludedAttributes=members",
        "attributes=%00",
        "FILTER=title+pr",
    ):
        for url in (
            "Users",
            "Groups",
            "Users/{u1}",
            "Users/{u2}",
            "Groups/{g1}",
            "ServiceProviderConfig",
            "Schemas",
            "ResourceTypes",
        ):
            send("GET", f"{url}?{query}")


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "title", "value": "x"},
        {"op": "add", "value": {"title": "y", "nickName": "n"}},
        {"op": "replace", "path": "userName", "value": "BJENSEN"},
        {"op": "replace", "path": "userName", "value": "a\0b"},
        {"op": "replace", "path": "userName", "value": "x" * 513},
        {"op": "replace", "path": "externalId", "value": "x" * 513},
        {"op": "replace", "path": "externalId", "value": "😀" * 512},
        {"op": "remove", "path": "userName"},
        {"op": "remove"},
        {"op": "replace", "path": "id", "value": "z"},
        {"op": "replace", "path": "groups", "value": []},
        {"op": "add", "path": "groups", "value": [{"value": "{g1}"}]},
        {"op": "replace", "value": {"groups": [{"value": "other"}], "title": "z"}},
        {"op": "remove", "path": 'groups[value eq "{g1}"]'},
        {"op": "replace", "value": {"password": "n3w", "title": "z"}},
        {"op": "replace", "path": "password", "value": "n3w"},
        {"op": "add", "path": 'emails[type eq "other"].value', "value": "o@x.example"},
        {"op": "remove", "path": 'emails[value co "@"]'},
        {"op": "replace", "path": "emails", "value": None},
        {"op": "add", "path": f"{ENTERPRISE}:manager", "value": "{u1}"},
        {"op": "add", "path": "noSuch", "value": 1},
        {"op": "replace", "path": "title["},
        {"op": "bad"},
    ],
    ids=lambda operation: json.dumps(operation)[:60],
)
def test_patches_of_a_user(send, operation):
    filled(send)
    send("PATCH", "Users/{u2}", {"schemas": [PATCH], "Operations": [operation]})
    send("GET", "Users/{u2}")
    send("PATCH", "Users/none", {"schemas": [PATCH], "Operations": [operation]})


def some(*values):
    return [{"value": value} for value in values]


def test_patches_of_a_group(send):
    """Sends PATCHes one after the other, because the order of members must be the same, too."""
    filled(send)
    for name in ("n1", "n2", "n4", "n5", "b", "c", "d", "e"):
        user(send, name, name)
    send.crowd(1200)
    for operation in (
        {"op": "add", "path": "members", "value": some("{u2}")},
        {"op": "add", "path": "members", "value": some("{n1}", "{n2}", "{n1}")},
        {"op": "add", "path": "members", "value": "{n4}"},
        {"op": "add", "path": "members", "value": some("{n5}", "nobody")},
        {"op": "add", "value": {"members": some("{n5}")}},
        {"op": "add", "path": "members", "value": [{"value": "{u1}", "display": "uno"}]},
        {"op": "replace", "path": 'members[value eq "{u1}"].display', "value": "eins"},
        {"op": "replace", "path": 'members[value eq "{u2}"].value', "value": "{e}"},
        {"op": "replace", "path": 'members[value eq "{e}"].value', "value": "nobody"},
        {"op": "replace", "path": 'members[value eq "{n1}"].value', "value": "{n2}"},
        {"op": "remove", "path": 'members[value eq "none"]'},
        {"op": "remove", "path": 'members[value eq "a\\u0000b"]'},
        {"op": "add", "path": "members", "value": some("a\0b")},
        {"op": "remove", "path": "members", "value": some("a\0b")},
        {"op": "remove", "path": "members", "value": some("{n4}", "zzz")},
        {"op": "remove", "path": 'members[display sw "e"]'},
        {"op": "replace", "path": "members", "value": some("{u1}", "{b}", "{c}", "{d}")},
        {"op": "replace", "path": "members", "value": some("{d}", "{c}", "{u1}")},
        {
            "op": "replace",
            "path": "members",
            "value": [{"value": "{d}", "display": "D"}, {"value": "{e}"}, {"value": "{c}"}],
        },
        {"op": "add", "path": "members", "value": some("x" * 513)},
        {"op": "add", "path": "members", "value": [{"display": "no value"}]},
        {"op": "add", "path": "members", "value": some("é", "É", "e\u0301", "😀")},
        {"op": "remove", "path": 'members[value eq "É"]'},
        {"op": "replace", "path": "members.display", "value": "all"},
        {"op": "replace", "path": "displayName", "value": "NESTED"},
        {"op": "replace", "path": "displayName", "value": "x" * 513},
        {"op": "remove", "path": "displayName"},
        {"op": "remove", "path": 'members[not (value eq "{c}")]'},
        {"op": "remove", "path": "members"},
        {"op": "add", "path": "members", "value": some(*[f"{{v{number}}}" for number in range(1, 1201)])},
    ):
        send("PATCH", "Groups/{g1}", {"schemas": [PATCH], "Operations": [operation]})
        send("GET", "Groups/{g1}")
        send("GET", "Users/{u1}")


def test_bodies(send):
    filled(send)
    for text in (
        "",
        "1",
        "null",
        "[]",
        "{",
        "{}",
        '{"userName":"x"} x',
        '{"userName":"\\ud800"}',
        '{"userName":"a","userName":"b"}',
        '{"userName":1}',
        '{"userName":null}',
        '{"userName":""}',
        '{"userName":"n","x":NaN}',
        '{"USERNAME":"Case"}',
        '{"userName":"s","schemas":["urn:x"]}',
        '{"userName":"s2","schemas":[]}',
        '{"userName":"e","emails":["x@y.example"]}',
        '{"userName":"a2","active":"maybe"}',
        '{"userName":"p","password":12345}',
        '{"userName":"p2","password":["a"]}',
        f'{{"userName":"x2","{ENTERPRISE}:department":"D"}}',
        f'{{"userName":"x3","{ENTERPRISE}":null}}',
        '{"userName":"n2","name":"Just"}',
        '{"userName":"STRASSE"}',
        "[" * 5000,
        '{"userName":"d","x":' + "[" * 200 + "]" * 200 + "}",
    ):
        send("POST", "Users", text)
        send("PUT", "Users/{u3}", text)
        send("GET", "Users/{u3}")
    for media_type in (
        "application/json",
        "APPLICATION/SCIM+JSON; charset=UTF-8",
        "text/plain",
        "",
        "application/json, text/html",
    ):
        for accept in ("*/*", "application/json", "application/scim+json", "text/html", ""):
            send("POST", "Users", {"userName": "ct"}, content_type=media_type, accept=accept)
            send("GET", "Users/{u1}", content_type=media_type, accept=accept)


def test_conditions(send):
    user(send, "u", "conditions")
    for tags in ("*", 'W/"1"', '"1"', 'W/"9"', 'W/"9", W/"1"', 'W/"9" , *', "", ",", "garbage", '"', 'w/"1"', b"\xe9"):
        for name in ("if_match", "if_none_match"):
            send("GET", "Users/{u}", **{name: tags})
            send("PUT", "Users/{u}", {"userName": "conditions"}, **{name: tags})
            send("DELETE", "Users/none", **{name: tags})
            send("POST", "Users", {"userName": "CONDITIONS"}, **{name: tags})


def test_methods(send):
    filled(send)
    for method in ("HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "GET"):
        for url in (
            "",
            "Users",
            "Users/",
            "Users/{u5}",
            "Users/{u5}/x",
            "users",
            "Bulk",
            ".search",
            "Users/.search",
            "Schemas",
            f"Schemas/{USER}",
            "Schemas/x",
            "ResourceTypes",
            "ResourceTypes/User",
            "ServiceProviderConfig",
            "ServiceProviderConfig/x",
            "Nope",
            "Nope/x",
            "Users/%00",
            "Users/{u5}%20",
        ):
            answer = send(method, url, {"userName": "m"} if method in ("POST", "PUT", "PATCH") else None)
            assert method != "HEAD" or answer["body"] is None
    assert send("PATCH", "Users", {})["headers"]["allow"] == ["GET", "HEAD", "POST"]
    assert send("POST", "Users/{u1}", {})["headers"]["allow"] == ["DELETE", "GET", "HEAD", "PATCH", "PUT"]


def test_bulk(send):
    filled(send)
    other = {"method": "POST", "path": "/Users", "bulkId": "2", "data": {"userName": "bulk"}}
    for operation in (
        {"method": "GET", "path": "/Users/{u2}"},
        {"method": "POST", "path": "/Users", "data": {"userName": "q"}},
        {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": "STRASSE"}},
        {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": "b\0"}},
        {"method": "POST", "path": "/Groups", "bulkId": "1", "data": {"displayName": "B", "members": some("bulkId:2")}},
        {"method": "PUT", "path": "/Users/{u2}", "version": 'W/"9"', "data": {"userName": "u2"}},
        {"method": "PUT", "path": "/Users/{u2}", "version": 5, "data": {"userName": "u2"}},
        {"method": "DELETE", "path": "/Users/a/b"},
        {"method": "DELETE", "path": "/../../other/scim/v2/Users/x"},
        {"method": "DELETE", "path": "/Nope/x"},
        {"method": "DELETE", "path": "/Users/bulkId:none"},
        {"method": "DELETE", "path": "/Groups/{g1}"},
        {},
        "x",
    ):
        for more in ({}, {"failOnErrors": 1}):
            send("POST", "Bulk", {"schemas": [BULK], "Operations": [operation, other], **more})
        send("GET", "Groups/{g2}")
