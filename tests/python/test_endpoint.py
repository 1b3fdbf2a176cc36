"""The endpoint from Python: the exchanges of `tests/endpoint`, called, awaited, and through WSGI and ASGI."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import pickle
import random
import threading
from urllib.parse import unquote_to_bytes, urlencode
from wsgiref.util import setup_testing_defaults

import pytest

import scim_engine as scim
from scim_engine import endpoint as ep
from scim_engine import protocol
from scim_engine.testing._filters import _attributes, _Maker, _text

from .exchanges import BASE, NOW, SCENES, SCIM_JSON, Fixed, answered, asked


def endpoint(nested_groups="unchecked"):
    cursors = protocol.Cursors(b"sixteen bytes or more of secret")
    return Fixed(
        cursors=cursors, max_body=20_000, default_count=10, max_count=20, max_operations=5, nested_groups=nested_groups
    )


class Awaited:
    """A storage that is awaited."""

    def __init__(self, storage):
        for name in ("get", "find", "insert", "update", "delete"):
            setattr(self, name, self.awaited(getattr(storage, name)))

    @staticmethod
    def awaited(method):
        async def call(asked):
            await asyncio.sleep(0)
            return method(asked)

        return call


def called(storage, server):
    def send(method, path, query, headers, body, me):
        response = server.handle(storage, method, path, base=BASE, query=query, headers=headers, body=body, me=me)
        return response.status, response.headers, response.body

    return send


def awaited(storage, server):
    def send(method, path, query, headers, body, me):
        work = server.handle_async(
            Awaited(storage), method, path, base=BASE, query=query, headers=headers, body=body, me=me
        )
        response = asyncio.run(work)
        return response.status, response.headers, response.body

    return send


def by_wsgi(storage, server):
    def send(method, path, query, headers, body, me):
        app = ep.wsgi(server, lambda headers, path: ep.Caller(storage, me=me), base=BASE)
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
        }
        if body is not None:
            environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        for name, value in headers:
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        setup_testing_defaults(environ)
        answered = []
        body = b"".join(app(environ, lambda status, headers: answered.append((int(status[:3]), headers))))
        return *answered[0], body

    return send


def by_threads(storage, server):
    return by_asgi(storage, server, kind=lambda storage: storage)


def by_asgi(storage, server, kind=Awaited):
    def send(method, path, query, headers, body, me):
        async def guard(headers, path):
            return ep.Caller(kind(storage), me=me)

        async def receive():
            return {"type": "http.request", "body": body or b""}

        messages = []

        async def sent(message):
            messages.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        }
        asyncio.run(ep.asgi(server, guard, base=BASE)(scope, receive, sent))
        names = {
            name.lower(): name
            for name in ("Content-Type", "Location", "Content-Location", "ETag", "Allow", "Content-Length")
        }
        headers = [(names[name.decode()], value.decode()) for name, value in messages[0]["headers"]]
        return messages[0]["status"], headers, messages[1]["body"]

    return send


@pytest.mark.parametrize("skin", [called, awaited, by_wsgi, by_asgi, by_threads])
@pytest.mark.parametrize("scene", SCENES)
def test_exchanges_are_as_agreed(scene, skin):
    server = endpoint(scene.get("nestedGroups", "unchecked"))
    send, known = skin(ep.MemoryStorage(), server), {}
    for step in scene["steps"]:
        request = asked(step, known)
        if skin is by_wsgi and ("%FF" in request[1] or "%2F" in request[1]):
            continue  # WSGI has decoded the path
        answer = answered(step, known, *send(*request))
        assert answer == step["answer"], step["request"]


class Broken:
    """A storage that fails."""

    def __init__(self, failure):
        self.failure = failure

    def get(self, get):
        raise self.failure

    find = insert = update = delete = get


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (ep.Stale(), 409),
        (ep.Missing(), 404),
        (ep.Busy(), 503),
        (scim.Uniqueness("`userName`: is taken"), 409),
        (scim.ScimError("no", status=403), 403),
        (ValueError("the password of the database"), 500),
    ],
)
def test_a_storage_that_fails(failure, status, caplog):
    with caplog.at_level(logging.ERROR):
        response = ep.Endpoint().handle(Broken(failure), "GET", "/Users/7", base=BASE)
    assert response.status == status
    assert b"password" not in response.body
    assert ("the storage failed" in caplog.text) == (status == 500)
    assert (response.failure is not None) == (status == 500)


def test_a_storage_that_answers_something_else(caplog):
    class Strange:
        def get(self, get):
            return {"id": "7"}

        def find(self, find):
            return [find]

    for path in ("/Users/7", "/Users"):
        response = ep.Endpoint().handle(Strange(), "GET", path, base=BASE)
        assert response.status == 500


def test_what_a_storage_is_asked():
    calls = []

    class Watched:
        def __init__(self):
            self.storage = ep.MemoryStorage()

        def __getattr__(self, name):
            if name == "release":
                raise AttributeError(name)

            def call(asked):
                calls.append(asked)
                return getattr(self.storage, name)(asked)

            return call

    storage, server = Watched(), ep.Endpoint()
    headers = {"Content-Type": SCIM_JSON}

    def send(method, path, body=None, query=""):
        body = None if body is None else json.dumps(body).encode()
        return server.handle(storage, method, path, base=BASE, headers=headers, body=body, query=query, now=NOW)

    user = {"schemas": [scim.USER.schema["id"]], "userName": "Ann", "password": "t0p"}
    assert send("POST", "/Users", user).status == 201
    insert = calls.pop()
    assert (insert.resource_type, insert.secrets, insert.now) == (scim.USER, {"password": "t0p"}, NOW)
    assert insert.resource == {"schemas": [scim.USER.schema["id"]], "userName": "Ann"}
    assert [change.path for change in insert.outcome.changes] == ["schemas", "userName"]

    query = "filter=userName+eq+%22ann%22&sortBy=name.familyName&sortOrder=descending&attributes=title&startIndex=3"
    assert send("GET", "/Users", query=query).status == 200
    find = calls.pop()
    assert (str(find.filter), find.sort_by, find.descending) == ('userName eq "ann"', "name.familyName", True)
    assert (find.skip, find.after, find.limit, find.counts) == (2, None, 20, True)
    assert [find.needs.attribute(path) for path in ("title", "userName", "name.familyName", "emails")] == [
        True,
        True,
        True,
        False,
    ]
    assert (find.needs.elements("emails"), find.needs.most_elements) == (False, None)

    members = [{"op": "add", "path": "members", "value": [{"value": "9"}]}]
    group = {"schemas": [scim.GROUP.schema["id"]], "displayName": "Crew"}
    assert send("POST", "/Groups", group).status == 201
    calls.clear()
    assert send("PATCH", "/Groups/2", {"Operations": members}).status == 200
    get, update = calls
    assert (get.id, get.needs.elements("members"), get.locks) == ("2", ("9",), False)
    assert (update.id, update.version, update.secrets) == ("2", 'W/"1"', {})
    assert update.outcome.changes[0].added == [{"value": "9"}]
    assert send("DELETE", "/Groups/2").status == 204
    assert (calls[-1].id, calls[-1].version) == ("2", None)
    with pytest.raises(TypeError, match="what an Exchange asks"):
        storage.storage.get("7")


def test_a_guard_refuses():
    def guard(headers, path):
        if headers.get("authorization") != "Bearer t0ken":
            raise scim.ScimError("a valid bearer token is needed", status=401)
        return ep.Caller(ep.MemoryStorage(), context="tenant")

    app = ep.wsgi(ep.Endpoint(), guard)
    for token, status in ((None, "401 Unauthorized"), ("Bearer t0ken", "200 OK")):
        environ = {"PATH_INFO": "/Users"} | ({"HTTP_AUTHORIZATION": token} if token else {})
        setup_testing_defaults(environ)
        answered = []
        body = b"".join(app(environ, lambda *given, answered=answered: answered.append(given)))
        assert answered[0][0] == status
        assert (("WWW-Authenticate", "Bearer") in answered[0][1]) == (token is None)
        assert json.loads(body)


def test_what_was_done_is_said():
    storage, server = ep.MemoryStorage(), ep.Endpoint()

    def send(method, path, body=None):
        body = None if body is None else json.dumps(body).encode()
        return server.handle(storage, method, path, base=BASE, headers={"Content-Type": SCIM_JSON}, body=body)

    created = send("POST", "/Users", {"userName": "ann", "active": "True", "password": "t0p"})
    (event,) = created.events
    assert (event.op, event.resource_type, event.id, event.secrets) == ("created", "User", "1", ("password",))
    assert [change.path for change in event.outcome.changes] == ["schemas", "userName", "active"]
    assert [repair.kind for repair in event.outcome.repairs] == ["missing_schemas", "boolean_strings"]
    assert event.outcome.resource == {}
    assert "t0p" not in repr(event) + repr(event.outcome.to_dict())
    assert pickle.loads(pickle.dumps(event)) == event
    with pytest.raises(AttributeError):
        event.id = "2"
    patch = {"Operations": [{"op": "add", "path": "active", "value": "True"}]}
    (event,) = send("PATCH", "/Users/1", patch).events
    assert (event.op, event.outcome.changed, len(event.outcome.repairs)) == ("patched", False, 2)
    operations = [
        {"method": "PUT", "path": "/Users/1", "data": {"userName": "bo"}},
        {"method": "DELETE", "path": "/Users/7"},
        {"method": "DELETE", "path": "/Users/1"},
    ]
    schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]
    bulk = send("POST", "/Bulk", {"schemas": schemas, "Operations": operations})
    assert [(event.op, event.outcome.changed) for event in bulk.events] == [("replaced", True), ("deleted", True)]
    assert (created.route, bulk.route, send("GET", "/Users/1").route) == ("Users", "Bulk", "Users/{id}")
    assert send("GET", "/Users/1").events == []


@pytest.mark.parametrize(
    ("refused", "status", "header"),
    [
        (scim.TooManyRequests(retry_after=30), "429 Too Many Requests", ("Retry-After", "30")),
        (scim.TooManyRequests(), "429 Too Many Requests", None),
        (scim.ScimError("closed", status=503, retry_after=3600), "503 Service Unavailable", ("Retry-After", "3600")),
        (scim.ScimError("no token", status=401), "401 Unauthorized", ("WWW-Authenticate", "Bearer")),
    ],
)
def test_a_client_learns_when_to_try_again(refused, status, header):
    def guard(headers, path):
        raise refused

    async def async_guard(headers, path):
        raise refused

    def of_interest(headers):
        wanted = ("Retry-After", "WWW-Authenticate")
        return [(name, value) for name, value in headers if name.title() in (word.title() for word in wanted)]

    environ = {"PATH_INFO": "/Users/7"}
    setup_testing_defaults(environ)
    answered, sent = [], []
    b"".join(ep.wsgi(ep.Endpoint(), guard)(environ, lambda *given: answered.append(given)))
    assert answered[0][0] == status
    assert of_interest(answered[0][1]) == ([header] if header else [])

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/Users/7", "headers": []}
    asyncio.run(ep.asgi(ep.Endpoint(), async_guard, base=BASE)(scope, None, send))
    assert sent[0]["status"] == int(status[:3])
    low = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
    assert of_interest(low) == ([(header[0].lower(), header[1])] if header else [])
    response = ep.Endpoint().refuse(refused, path="/Users/7")
    assert (response.route, response.status) == ("Users/{id}", int(status[:3]))
    assert ep.Endpoint().handle(Broken(refused), "GET", "/Users/7", base=BASE).headers == response.headers
    assert pickle.loads(pickle.dumps(refused)).retry_after == refused.retry_after


def test_a_body_over_the_limit_is_not_read():
    class Unread:
        def read(self, size=-1):
            raise AssertionError("the body is read")

    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/Users", "CONTENT_LENGTH": "1000001", "wsgi.input": Unread()}
    setup_testing_defaults(environ)
    answered = []
    app = ep.wsgi(ep.Endpoint(max_body=1_000_000), lambda headers, path: ep.Caller(ep.MemoryStorage()))
    assert b"too large" in b"".join(app(environ, lambda *given: answered.append(given)))
    assert answered[0][0].startswith("413 ")


def test_random_lists_are_those_of_the_query():
    chooser = random.Random(15)
    storage, server = ep.MemoryStorage(), ep.Endpoint(max_count=20, cursors=protocol.Cursors(b"k" * 32))
    headers = {"Content-Type": SCIM_JSON}
    titles = [None, "Guide", "clerk", "Clerk", "100%", "ß"]
    for number in range(40):
        user = {"schemas": [scim.USER.schema["id"]], "userName": f"user{number % 17}{'AbC'[number % 3]}{number}"}
        if title := chooser.choice(titles):
            user["title"] = title
        if chooser.random() < 0.5:
            user["emails"] = [{"type": chooser.choice(["work", "home"]), "value": f"u{number}@x.example"}]
        if chooser.random() < 0.3:
            user["active"] = chooser.random() < 0.5
        body = json.dumps(user).encode()
        assert server.handle(storage, "POST", "/Users", base=BASE, headers=headers, body=body, now=NOW).status == 201
    whole = []
    for number in range(1, 41):
        whole.append(json.loads(server.handle(storage, "GET", f"/Users/{number}", base=BASE).body))
    maker = _Maker(chooser, [*_attributes(scim.USER, {"username", "title", "emails", "active", "id", "meta"})], whole)
    answered = 0
    while answered < 1000:
        words = {"count": str(chooser.randint(0, 25))}
        if chooser.random() < 0.8:
            words["filter"] = _text(maker.tree(chooser.choice((0, 1, 2))))
        if chooser.random() < 0.6:
            words["sortBy"] = chooser.choice(
                ["userName", "title", "emails.value", "emails", "active", "id", "meta.created"]
            )
            words["sortOrder"] = chooser.choice(["ascending", "descending"])
        if chooser.random() < 0.5:
            words["startIndex"] = str(chooser.randint(-1, 42))
        if chooser.random() < 0.5:
            names = ",".join(chooser.sample(["userName", "title", "emails.type", "meta.location", "active"], 2))
            words[chooser.choice(["attributes", "excludedAttributes"])] = names
        query = urlencode(words)
        try:
            wanted = protocol.ListQuery(query, scim.USER, max_count=20, cursors=True).answer(whole)
        except scim.ScimError as refused:
            wanted = refused.to_dict()
        response = server.handle(storage, "GET", "/Users", base=BASE, query=query)
        assert json.loads(response.body) == wanted, words
        answered += response.status == 200


def test_pages_by_cursor_are_the_whole():
    storage, server = ep.MemoryStorage(), ep.Endpoint(cursors=protocol.Cursors(b"k" * 32))
    for number in range(250):
        user = json.dumps({"schemas": [scim.USER.schema["id"]], "userName": f"u{number * 7 % 250}"}).encode()
        server.handle(storage, "POST", "/Users", base=BASE, headers={"Content-Type": SCIM_JSON}, body=user)
    for order in ("", "&sortBy=userName", "&sortBy=userName&sortOrder=descending", "&filter=userName+co+%221%22"):
        seen, cursor = [], ""
        while cursor is not None:
            query = f"cursor={cursor}&count=130{order}&attributes=userName"
            page = json.loads(server.handle(storage, "GET", "/Users", base=BASE, query=query).body)
            seen += [user["userName"] for user in page["Resources"]]
            cursor = page.get("nextCursor")
        whole = [f"u{number * 7 % 250}" for number in range(250)]
        whole = [name for name in whole if "filter" not in order or "1" in name]
        assert seen == (sorted(whole, reverse="descending" in order) if "sortBy" in order else whole)


def test_threads_share_an_endpoint_and_a_storage():
    storage, server = ep.MemoryStorage(), ep.Endpoint()
    statuses = []

    def create():
        for _ in range(300):
            headers = {"Content-Type": SCIM_JSON}
            response = server.handle(storage, "POST", "/Users", base=BASE, headers=headers, body=b'{"userName": "a"}')
            statuses.append(response.status)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    assert (statuses.count(201), statuses.count(409)) == (1, 1199)


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    "failure",
    [scim.ScimError("\ud800"), scim.ScimError("x", status=99999), scim.ScimError("x", status=200), Unprintable()],
    ids=["surrogate", "status", "success", "unprintable"],
)
def test_an_error_that_cannot_be_sent_is_a_500(failure):
    assert ep.Endpoint().handle(Broken(failure), "GET", "/Users/7", base=BASE).status == 500


@pytest.mark.parametrize("resource", [{"id": "7", "title": "\ud800"}, {"id": 7}, {}, None, {"id": "7", "x": object()}])
def test_a_stored_resource_that_is_wrong_is_not_the_clients_fault(resource, caplog):
    class Wrong:
        def get(self, get):
            return ep.Stored(resource, 'W/"1"')

    assert ep.Endpoint().handle(Wrong(), "GET", "/Users/7", base=BASE).status == 500


@pytest.mark.parametrize(
    "request_",
    [{"path": "/Users/\udcff"}, {"query": "filter=\ud800"}, {"headers": {"If-Match": "\ud800"}}, {"me": "/\ud800"}],
    ids=["path", "query", "header", "me"],
)
def test_a_request_that_is_not_unicode_is_refused(request_):
    path = request_.pop("path", "/Users")
    assert ep.Endpoint().handle(ep.MemoryStorage(), "GET", path, base=BASE, **request_).status == 400
    headers = {"X-Other": "\ud800"}
    assert ep.Endpoint().handle(ep.MemoryStorage(), "GET", "/Users", base=BASE, headers=headers).status == 200


@pytest.mark.parametrize(("length", "body", "status"), [("9" * 5000, b"", "413 "), ("100", b"{}", "400 ")])
def test_a_length_that_is_wrong(length, body, status):
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/Users", "CONTENT_LENGTH": length, "CONTENT_TYPE": SCIM_JSON}
    environ["wsgi.input"] = io.BytesIO(body)
    setup_testing_defaults(environ)
    answered = []
    app = ep.wsgi(ep.Endpoint(), lambda headers, path: ep.Caller(ep.MemoryStorage()))
    b"".join(app(environ, lambda *given: answered.append(given)))
    assert answered[0][0].startswith(status)


def test_asgi_below_a_path_and_with_a_client_that_goes():
    async def guard(headers, path):
        return ep.Caller(Awaited(ep.MemoryStorage()))

    def status(messages, **scope):
        given, sent = iter(messages), []

        async def receive():
            return next(given)

        async def send(message):
            sent.append(message)

        whole = {"type": "http", "method": "GET", "headers": [(b"content-type", SCIM_JSON.encode())], **scope}
        asyncio.run(ep.asgi(ep.Endpoint(), guard, base=BASE)(whole, receive, send))
        return sent[0]["status"]

    ended = [{"type": "http.request", "body": b""}]
    assert status(ended, path="/a b/Users", raw_path=b"/a%20b/Users", root_path="/a b") == 200
    assert status(ended, path="/a b/Users", root_path="/a b") == 200
    gone = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    assert status(gone, path="/Users", method="POST") == 400
