"""`scim_engine.testing.push` and the fixture `scim_push`, against small WSGI and ASGI apps and over HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
import wsgiref.simple_server
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs

import pytest

import scim_engine as scim
from scim_engine import protocol
from scim_engine.onelogin import Template, TemplateError
from scim_engine.testing import push, samples
from scim_engine.testing._transport import UrlTransport

TOKEN = "tk-9f31-secret"
BASE = "/scim/v2"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


class Endpoint:
    """A SCIM endpoint in memory, with one `fault`."""

    def __init__(self, fault=None):
        self.fault = fault
        self.resources = {}
        self.count = 0
        self.clock = 0
        self.seen = []
        self.lock = threading.Lock()

    def handle(self, method, path, query, headers, body):
        """Returns status, media type and body."""
        with self.lock:
            self.seen.append((method, path, query))
            media = headers.get("accept", "application/json")
            if headers.get("authorization") != f"Bearer {TOKEN}":
                return 401, media, self.error(401)
            status, answer = self.answer(method, path.removeprefix(BASE + "/"), query, body and json.loads(body))
            if self.fault == "text":
                media = "text/html"
            if self.fault == "token" and answer is not None:
                answer = {**answer, "detail": f"you are {TOKEN}"}
            return status, media, answer

    def error(self, status, scim_type=None):
        body = {"schemas": [ERROR], "status": str(status), "detail": "no"}
        return {**body, "scimType": scim_type} if scim_type else body

    def now(self):
        self.clock += 1
        return f"2026-01-01T00:{self.clock // 60:02}:{self.clock % 60:02}Z"

    def answer(self, method, path, query, body):
        collection, _, rest = path.partition("/")
        if collection == "Schemas":
            return 200, protocol.Registry([scim.USER, scim.GROUP]).schemas_response(base="https://sp.example")
        kind = scim.USER if collection == "Users" else scim.GROUP
        if not rest:
            return self.find(collection, kind, query) if method == "GET" else self.create(collection, kind, body)
        held = self.resources.get(path)
        if held is None:
            return 404, self.error(404)
        if method == "DELETE":
            del self.resources[path]
            return 204, None
        if method != "GET":
            if method == "PATCH" and body.get("Operations") == []:
                return 400, self.error(400, "invalidSyntax")
            # Accepts Entra's deviations.
            switches = {"unknown_paths": "ignore", "tolerance": scim.Tolerance(replace_creates=True)}
            out = kind.replace(held, body) if method == "PUT" else scim.Patch(body, kind, **switches).apply(held)
            held = out.resource
            if out.changed or self.fault == "touch":
                held["meta"]["lastModified"] = self.now()
            self.resources[path] = held
        if query == "excludedAttributes=members":
            held = {name: value for name, value in held.items() if name != "members"}
        return 200, held

    def create(self, collection, kind, body):
        key = "userName" if collection == "Users" else "displayName"
        resource = kind.create(body).resource
        resource.pop("password", None)
        of = [other for path, other in self.resources.items() if path.startswith(collection)]
        if any(other[key].lower() == resource[key].lower() for other in of):
            return 409, self.error(409, "uniqueness")
        self.count += 1
        path, now = f"{collection}/r{self.count}", self.now()
        meta = {"created": now, "lastModified": now, "location": f"https://sp.example/{path}"}
        resource.update(id=f"r{self.count}", meta=meta)
        self.resources[path] = resource
        return (200 if self.fault == "ok" else 201), resource

    def find(self, collection, kind, query):
        values = parse_qs(query)
        found = [resource for path, resource in self.resources.items() if path.startswith(collection)]
        if "filter" in values and self.fault != "all":
            found = scim.Filter(values["filter"][0], kind).select(found)
        if values.get("excludedAttributes") == ["members"]:
            found = [{name: value for name, value in one.items() if name != "members"} for one in found]
        page = found[: int(values.get("count", ["100"])[0])]
        counts = {"totalResults": len(found), "itemsPerPage": len(page), "startIndex": 1}
        return 200, {"schemas": [LIST], **counts, "Resources": page}


def wsgi(endpoint):
    def app(environ, start_response):
        names = {"HTTP_ACCEPT": "accept", "HTTP_AUTHORIZATION": "authorization"}
        headers = {name: environ[key] for key, name in names.items() if key in environ}
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        status, media, answer = endpoint.handle(environ["REQUEST_METHOD"], path, query, headers, body)
        headers = [("Content-Type", media)] if answer is not None else []
        start_response(f"{status} Said", [*headers, ("Location", "https://sp.example/")])
        return [] if answer is None else [json.dumps(answer).encode()]

    return app


def asgi(endpoint, lifespan):
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = (await receive())["body"]
        path, query = scope["path"], scope["query_string"].decode()
        status, media, answer = endpoint.handle(scope["method"], path, query, headers, body)
        sent = [(b"location", b"https://sp.example/")]
        if answer is not None:
            sent.append((b"content-type", media.encode()))
        await send({"type": "http.response.start", "status": status, "headers": sent})
        text = b"" if answer is None else json.dumps(answer).encode()
        await send({"type": "http.response.body", "body": text[:10], "more_body": True})
        await send({"type": "http.response.body", "body": text[10:]})

    return app


@contextmanager
def served(endpoint):
    class Quiet(wsgiref.simple_server.WSGIRequestHandler):
        def log_message(self, *_args):
            pass

    server = wsgiref.simple_server.make_server("127.0.0.1", 0, wsgi(endpoint), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{BASE}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def play(target, **options):
    options = {"token": TOKEN, "base": "" if isinstance(target, str) else BASE, **options}
    groups = options.pop("groups", samples.GROUPS)
    return push(target, samples.TEMPLATE, options.pop("people", samples.PEOPLE), groups, **options)


async def no_lifespan(scope, receive, send):
    raise NotImplementedError("no lifespan")


@pytest.mark.parametrize("client", ["onelogin", "entra", "okta", "jumpcloud"])
@pytest.mark.parametrize("kind", ["wsgi", "asgi", "url"])
def test_each_client_on_each_transport(client, kind):
    endpoint = Endpoint()

    def twice(target):
        return [play(target, client=client, concurrency=3) for _ in range(2)]

    if kind == "url":
        with served(endpoint) as url:
            first, second = twice(url)
    else:
        first, second = twice(wsgi(endpoint) if kind == "wsgi" else asgi(endpoint, no_lifespan))
    assert first.ok, str(first)
    assert first.findings == ()
    assert (first.people["created"], first.groups["created"]) == (4, 2)
    assert second.ok
    assert second.nothing_changed, str(second)
    assert (second.people["unchanged"], second.groups["unchanged"]) == (4, 2)
    crew = next(one for one in endpoint.resources.values() if one.get("displayName") == "Harbour Crew")
    assert len(crew["members"]) == 2


@pytest.mark.parametrize("client", ["microsoft-validator", "okta-spec"])
@pytest.mark.parametrize("kind", ["wsgi", "asgi", "url"])
def test_each_suite_on_each_transport(client, kind):
    endpoint = Endpoint()
    play(wsgi(endpoint))
    before = json.dumps(endpoint.resources)
    if kind == "url":
        with served(endpoint) as url:
            report = push(url, client=client, token=TOKEN)
    else:
        app = wsgi(endpoint) if kind == "wsgi" else asgi(endpoint, no_lifespan)
        report = push(app, client=client, token=TOKEN, base=BASE)
    assert report.findings == ()
    assert report.ok
    assert len(report.steps) > 10
    assert json.dumps(endpoint.resources) == before


def test_a_template_and_groups_as_json_has_them():
    app = wsgi(Endpoint())
    template = json.loads(samples.TEMPLATE)
    groups = [{"displayName": name, "members": list(members)} for name, members in samples.GROUPS.items()]
    options = {"token": TOKEN, "base": BASE}
    report = push(app, template, samples.PEOPLE, [*groups, {"displayName": "Nobody"}], **options)
    assert (report.ok, report.people["created"], report.groups["created"]) == (True, 4, 3)
    assert push(app, samples.TEMPLATE, samples.PEOPLE, samples.GROUPS, **options).nothing_changed
    report = push(
        app, template, samples.PEOPLE, [{"displayName": "Crew", "members": ["who@nowhere.example"]}], **options
    )
    assert (report.ok, [one.code for one in report.warnings], report.errors) == (True, ["member_unknown"], ())
    for wrong in [["Crew"], [{"name": "Crew"}], [5], 5]:
        with pytest.raises(ValueError, match="objects with `displayName`"):
            push(app, template, samples.PEOPLE, wrong, **options)


def test_suites_bring_people_of_their_own(scim_push):
    app = wsgi(Endpoint())
    for client in ["microsoft-validator", "okta-spec"]:
        with pytest.raises(ValueError, match="takes no template"):
            push(app, samples.TEMPLATE, client=client)
        with pytest.raises(ValueError, match="brings people and groups of its own"):
            push(app, groups={"Crew": []}, client=client)
    with pytest.raises(ValueError, match="`entra` needs a template"):
        push(app, client="entra")
    with pytest.raises(ValueError, match="pushed by a template"):
        push(app, people=samples.PEOPLE)
    with pytest.raises(ValueError, match=r"`client`: expected `onelogin`, .* or `okta-spec`, found `nobody`"):
        push(app, samples.TEMPLATE, client="nobody")
    assert scim_push(app, base=BASE, token=TOKEN, client="microsoft-validator", again=True).findings == ()


@pytest.mark.parametrize(
    ("fault", "code", "severity"),
    [
        ("all", "filter_ignored", "error"),
        ("text", "content_type", "error"),
        ("ok", "created_status", "error"),
        ("touch", "modified_unchanged", "warning"),
    ],
)
def test_wrong_endpoints(fault, code, severity):
    endpoint = Endpoint(fault)
    play(wsgi(endpoint))
    report = play(wsgi(Endpoint(fault)) if fault == "ok" else wsgi(endpoint))
    found = next(finding for finding in report.findings if finding.code == code)
    assert found.severity == severity
    assert found.cure
    assert found in report.errors or severity != "error"
    assert report.ok == (severity != "error")
    assert f"{severity}: {code} in " in str(report)


def test_a_wrong_base_is_named():
    report = play(wsgi(Endpoint()), base="/scim/v3")
    assert {"no_endpoint", "status"} == {finding.code for finding in report.errors}
    assert report.errors[0].request == "POST /Users"
    assert report.errors[0].cure == "give the URL that `/Users` is below, such as `https://HOST/scim/v2`"


def test_what_to_do_has_the_words_of_the_client():
    def lost(endpoint):
        def app(environ, start_response):
            body = b"".join(wsgi(endpoint)(environ, start_response))
            return [body.replace(b'"title": "', b'"title": "the ')]

        return app

    for client, word in (("onelogin", "template"), ("entra", "mapping of attributes")):
        report = play(lost(Endpoint()), client=client)
        (cure,) = {finding.cure for finding in report.findings if finding.code == "value_differs"}
        assert cure == f"store and return what was sent, or leave the attribute out of the {word}"


def test_leaving_people():
    endpoint = Endpoint()
    play(wsgi(endpoint))
    stay, leave = samples.PEOPLE[1:], samples.PEOPLE[:1]
    report = play(wsgi(endpoint), people=stay, leaving=leave)
    assert (report.people["suspended"], report.people["unchanged"]) == (1, 3)
    report = play(wsgi(endpoint), people=stay, leaving=leave, removal="delete", membership="1.1", update="patch")
    assert report.people["deleted"] == 1
    assert report.ok, str(report)


def test_the_lifespan_of_an_app():
    said = []

    async def lifespan(scope, receive, send):
        scope["state"]["db"] = "open"
        for _ in range(2):
            event = (await receive())["type"]
            said.append(event)
            await send({"type": f"{event}.complete"})

    assert play(asgi(Endpoint(), lifespan)).ok
    assert said == ["lifespan.startup", "lifespan.shutdown"]

    async def broken(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(RuntimeError, match="no database"):
        play(asgi(Endpoint(), broken))


def test_an_app_that_raises_is_reported():
    def app(environ, start_response):
        raise KeyError(environ["HTTP_AUTHORIZATION"])

    report = play(app)
    assert report.aborted.startswith("the connection test failed: status 500: test_push.py:")
    assert "KeyError" in report.aborted
    assert [(finding.code, finding.count) for finding in report.findings] == [("status", 1)]
    assert report.findings[0].cure == "look into the server's log for the request"
    assert "[token]" in str(report)
    assert TOKEN not in str(report)
    assert TOKEN not in str(report.data)


def test_an_app_that_hangs_is_reported():
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            raise NotImplementedError("no lifespan")
        await asyncio.sleep(60)

    report = play(app, retries=0, timeout=0.2)
    assert (
        report.findings[0].found == "no answer in 1 try: not in time: `timeout` is how many seconds a request may take"
    )


class Wire:
    """A server on a plain socket, with one connection at a time, which is passed to `talk`."""

    def __init__(self, talk):
        self.talk = talk
        self.connections = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection, suppress(OSError):
                self.talk(connection)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        # Closing the socket does not wake a thread in `accept`; shutting it down does.
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(10)


HEAD = "HTTP/1.1 200 Fine\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("at_once", "slowly"),
    [
        ("", "HTTP/1.1 200 " + "F" * 600),
        ("HTTP/1.1 200 Fine\r\n", "X-Long: " + "x" * 600),
        ("HTTP/1.1 200 Fine\r\n", "X: x\r\n" * 100),
        ("", "HTTP/1.1 100 Continue\r\n\r\n" * 30),
        (HEAD + "Content-Length: 1000\r\n\r\n", " " * 1000),
        (HEAD + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n" * 100),
        (HEAD + "\r\n", " " * 1000),
    ],
)
def test_a_server_that_drips_is_given_up(at_once, slowly):
    sent = []

    def drip(connection):
        connection.recv(65536)
        connection.sendall(at_once.encode())
        for byte in slowly.encode():
            connection.sendall(bytes([byte]))
            sent.append(byte)
            time.sleep(0.05)

    with Wire(drip) as server:
        start = time.monotonic()
        report = play(server.url, timeout=0.3)
        took = time.monotonic() - start
        # The whole answer would take half a minute, and it would be tried five times.
        assert took < 6
    assert 0 < len(sent) < len(slowly) / 4
    assert server.connections == 1
    assert report.aborted.startswith("the endpoint does not answer: not in time")
    assert report.findings[0].found.startswith("no answer in 1 try: not in time")


def test_a_server_that_does_not_read_is_given_up():
    done = threading.Event()

    def sip(connection):
        while not done.wait(0.02):
            connection.recv(1000)

    with Wire(sip) as server, UrlTransport(server.url, timeout=0.3, allow_http=False) as transport:
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            transport.send("POST", "/Users", [], b" " * 50_000_000)
        done.set()
        assert time.monotonic() - start < 6


def test_each_request_on_a_connection_has_its_own_time():
    def talk(connection):
        while connection.recv(65536):
            time.sleep(0.1)
            connection.sendall((HEAD + "Content-Length: 2\r\n\r\n{}").encode())

    with Wire(talk) as server, UrlTransport(server.url, timeout=1, allow_http=False) as transport:
        for _ in range(15):
            assert transport.send("GET", "/Users", [], None)[::2] == (200, b"{}")
        assert server.connections == 1


def test_an_escaped_token_is_nowhere():
    secret = "tk/9f31-s"

    def app(environ, start_response):
        start_response("500 Oh", [("Content-Type", "application/json")])
        return [json.dumps({"detail": f"you are {secret}"}).replace("/", "\\/").encode()]

    report = play(app, token=secret)
    assert "you are [token]" in str(report)
    assert secret not in str(report.data)


@pytest.mark.parametrize(
    "echoed",
    [
        json.dumps({"a": "Bearer tk\\/9f31-s"}),
        "tk%2f9f31-s",
        "tk%252F9f31-s",
        "tk&sol;9f31&#45;s",
        "QmVhcmVyIHRrLzlmMzEtcw==",
    ],
)
@pytest.mark.parametrize("where", ["header", "json", "text", "error"])
def test_an_encoded_token_is_nowhere_either(echoed, where):
    def app(environ, start_response):
        body = f"<p>{echoed}" if where == "text" else json.dumps({"detail": echoed})
        status = "302 Found" if where == "header" else "500 Oh"
        if where == "error":
            raise KeyError(echoed)
        start_response(status, [("Content-Type", "application/json"), ("Location", f"/login?{echoed}")])
        return [body.encode()]

    report = play(app, token="tk/9f31-s", retries=0)
    # The report does not quote a body that is not JSON.
    assert ("[token]" in str(report)) == (where != "text")
    for rest in ("9f31", "QmVhcmVy"):
        assert rest not in str(report.data)


def test_a_token_that_is_a_word_changes_no_answer():
    def app(environ, start_response):
        environ["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
        return inner(environ, start_response)

    inner = wsgi(Endpoint())
    for token in ("a", "User", "lumen"):
        assert play(app, token=token).ok


def test_the_token_is_nowhere(tmp_path):
    journal = tmp_path / "journal"
    report = play(wsgi(Endpoint("token")), journal=journal)
    assert TOKEN not in str(report.data)
    assert TOKEN not in journal.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_journal_is_private(tmp_path):
    journal = tmp_path / "journal"
    play(wsgi(Endpoint()), journal=journal)
    assert journal.stat().st_mode & 0o777 == 0o600


def test_a_journal(tmp_path):
    journal, endpoint = tmp_path / "journal", Endpoint()
    done = []
    play(wsgi(endpoint), journal=journal, progress=lambda *count: done.append(count))
    assert done[-1] == (6, 6)
    lines = journal.read_text().splitlines(keepends=True)
    assert len(lines) == 7
    journal.write_text("".join(lines[:3]) + '{"kind":')
    report = play(wsgi(endpoint), journal=str(journal))
    assert report.ok
    assert report.data["summary"]["resumed"] == 2
    assert len(journal.read_text().splitlines()) == 7
    with pytest.raises(ValueError, match="not a journal of a push by `entra`"):
        play(wsgi(endpoint), journal=journal, client="entra")


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        ("http://app.example/scim", {}, "in clear text"),
        ("https://me:pass@app.example/scim", {}, "no user, query or fragment"),
        ("app.example/scim", {}, "no URL"),
        ("https://app.example/scim", {"base": "/x"}, "`base` is for apps"),
        (wsgi(Endpoint()), {"base": "x"}, "must begin with a slash"),
        (wsgi(Endpoint()), {"client": "okta", "removal": "delete"}, "Okta never deletes"),
        (wsgi(Endpoint()), {"client": "ping"}, "`jumpcloud`"),
        (wsgi(Endpoint()), {"token": "to ken"}, "the token"),
        (wsgi(Endpoint()), {"concurrency": 0}, "at least 1"),
        (wsgi(Endpoint()), {"people": [{}]}, "no `userName`"),
        (wsgi(Endpoint()), {"groups": {"Crew": "mara.quill@lumen.example"}}, "group `Crew`: expected a list"),
    ],
)
def test_plans_that_cannot_be_played(target, options, message):
    with pytest.raises(ValueError, match=message) as raised:
        play(target, **options)
    assert "pass@" not in str(raised.value)


def test_targets_that_are_none():
    with pytest.raises(TypeError, match="a WSGI app or an ASGI app"):
        play(5)
    with pytest.raises(TemplateError):
        push(wsgi(Endpoint()), "{", [])
    with pytest.raises(TemplateError, match="frstname"):
        push(wsgi(Endpoint()), Template(samples.TEMPLATE), [{"frstname": "Mara"}])


def test_redirects_are_not_followed():
    def app(_environ, start_response):
        start_response("302 Found", [("Location", "https://elsewhere.example/")])
        return []

    report = play(app)
    assert report.findings[0].code == "redirect"
    assert sum(step["requests"] for step in report.steps.values()) == 1


def test_the_fixture(scim_push):
    endpoint = Endpoint()
    report = scim_push(wsgi(endpoint), base=BASE, token=TOKEN, again=True)
    assert report.nothing_changed
    report = scim_push(wsgi(Endpoint("all")), base=BASE, token=TOKEN, check=False)
    assert not report.ok
    with pytest.raises(pytest.fail.Exception, match="filter_ignored"):
        scim_push(wsgi(Endpoint("all")), base=BASE, token=TOKEN)
    with pytest.raises(pytest.fail.Exception, match="has changed something"):
        scim_push(asgi(Endpoint("touch"), no_lifespan), base=BASE, token=TOKEN, again=True, client="onelogin")


def test_pytest_is_not_imported():
    code = "import sys, scim_engine, scim_engine.testing; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_journal_is_read_by_its_own_lines(tmp_path):
    """U+2028 and similar characters do not end a line of a journal."""
    endpoint = Endpoint()
    journal = tmp_path / "journal"
    create = endpoint.create

    def odd(collection, kind, body):
        status, resource = create(collection, kind, body)
        path = next(path for path, one in endpoint.resources.items() if one is resource)
        resource["id"] = f"a\u2028\x85{resource['id']}"
        endpoint.resources[f"{collection}/{resource['id']}"] = endpoint.resources.pop(path)
        return status, resource

    endpoint.create = odd
    first = play(asgi(endpoint, no_lifespan), journal=journal, groups={})
    assert first.people["created"] == 4
    again = play(asgi(endpoint, no_lifespan), journal=journal, groups={})
    assert again.data["summary"]["resumed"] == 4
