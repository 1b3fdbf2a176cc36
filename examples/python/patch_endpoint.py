"""A SCIM endpoint without a framework: a WSGI application, with the resources in memory.

Run it: ``python examples/python/patch_endpoint.py`` sends some requests and prints the answers. With the argument
``serve``, it serves http://127.0.0.1:8000/scim/v2 with the token ``a-token-for-tests``.

`examples/fastapi_service` is a whole service with tenants, tokens and a database.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.simple_server import make_server

import scim_engine as scim
from scim_engine import protocol

PREFIX = "/scim/v2"
# The names that must be unique. Only the host can know which are taken.
UNIQUE = {"User": "userName", "Group": "displayName"}


class Endpoint:
    """The resources, and the requests on them. Call it as a WSGI application."""

    def __init__(self, token: str, base: str = "https://app.example/scim/v2") -> None:
        self.token = token
        self.base = base
        self.registry = protocol.Registry([scim.USER, scim.GROUP])
        self.stored: dict[str, dict[str, dict[str, Any]]] = {kind.name: {} for kind in self.registry}
        self.next_id = 7001

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        accept, content_type = environ.get("HTTP_ACCEPT"), environ.get("CONTENT_TYPE")
        try:
            if environ.get("HTTP_AUTHORIZATION") != f"Bearer {self.token}":
                raise scim.ScimError("the token is not valid", status=401)
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            if body:
                protocol.check_content_type(content_type)
            status, answer = self.answer(environ, body)
            text = b"" if answer is None else json.dumps(answer).encode()
            headers = {"Content-Type": protocol.media_type(accept=accept, content_type=content_type)} if text else {}
            meta = (answer or {}).get("meta", {})
            headers |= {name: meta[key] for name, key in (("ETag", "version"), ("Location", "location")) if key in meta}
        except Exception as error:
            status, headers, text = protocol.error_response(error, accept=accept, content_type=content_type)
        headers["Content-Length"] = str(len(text))
        start_response(f"{status} {HTTPStatus(status).phrase}", list(headers.items()))
        return [text]

    def answer(self, environ: dict[str, Any], body: bytes) -> tuple[int, dict[str, Any] | None]:
        method, query = environ["REQUEST_METHOD"], environ["QUERY_STRING"]
        endpoint, _, id = environ["PATH_INFO"].removeprefix(PREFIX).strip("/").partition("/")
        if method == "GET" and endpoint in ("ServiceProviderConfig", "ResourceTypes", "Schemas"):
            return 200, self.discover(endpoint, id, query)
        kind = self.registry.by_endpoint(endpoint)
        if kind is None or (id and id not in self.stored[kind.name]):
            raise scim.NotFound(f"`{environ['PATH_INFO']}` does not exist")
        of = self.stored[kind.name]
        if not id:
            if method == "GET":
                return 200, protocol.ListQuery(query, kind).answer(of.values())
            if method == "POST":
                return 201, self.create(kind, body)
            raise scim.ScimError("expected `GET` or `POST`", status=405)
        if method == "GET":
            return 200, protocol.Projection.from_query(query, kind).apply(of[id])
        asked = protocol.Preconditions(
            if_match=environ.get("HTTP_IF_MATCH"), if_none_match=environ.get("HTTP_IF_NONE_MATCH")
        )
        asked.check(of[id]["meta"]["version"])
        if method == "DELETE":
            del of[id]
            return 204, None
        if method in ("PUT", "PATCH"):
            return 200, self.change(kind, method, of[id], body)
        raise scim.ScimError("expected `GET`, `PUT`, `PATCH` or `DELETE`", status=405)

    def discover(self, endpoint: str, name: str, query: str) -> dict[str, Any]:
        protocol.check_discovery_query(query)
        registry, base = self.registry, self.base
        if endpoint == "ServiceProviderConfig":
            return registry.service_provider_config(base=base)
        if endpoint == "Schemas":
            return registry.schema_response(name, base=base) if name else registry.schemas_response(base=base)
        if name:
            return registry.resource_type_response(name, base=base)
        return registry.resource_types_response(base=base)

    def create(self, kind: scim.ResourceType, body: bytes) -> dict[str, Any]:
        resource = kind.create(body).resource
        self.check_unique(kind, resource)
        resource = protocol.stamp(resource, kind, id=self.next_id, base=self.base)
        self.next_id += 1
        self.stored[kind.name][resource["id"]] = resource
        return protocol.Projection(kind).apply(resource)

    def change(self, kind: scim.ResourceType, method: str, held: dict[str, Any], body: bytes) -> dict[str, Any]:
        if method == "PUT":
            # OneLogin's template cannot mention everything.
            outcome = kind.replace(held, body, absent="keep")
        else:
            # Entra sends whatever an administrator has mapped, and replaces values that are not there.
            patch = scim.Patch(body, kind, unknown_paths="ignore", tolerance=scim.Tolerance(replace_creates=True))
            outcome = patch.apply(held)
        # For a log: what the client sent that is not quite SCIM. No value of a secret attribute is in it.
        for repair in outcome.repairs:
            print(f"{method} {kind.endpoint}/{held['id']}: {repair}", file=sys.stderr)
        if outcome.changed:
            self.check_unique(kind, outcome.resource)
            held = protocol.touch(outcome.resource, kind, base=self.base, changed=True)
            self.stored[kind.name][held["id"]] = held
        return protocol.Projection(kind).apply(held)

    def check_unique(self, kind: scim.ResourceType, resource: dict[str, Any]) -> None:
        name = UNIQUE[kind.name]
        same = scim.attr(name, kind).eq(resource[name]).select(self.stored[kind.name].values())
        if any(other["id"] != resource.get("id") for other in same):
            raise scim.Uniqueness(f"the `{name}` `{resource[name]}` is taken")


def send(app: Endpoint, method: str, path: str, body: str = "") -> tuple[str, Any]:
    """Calls the application, as a server would."""
    path, _, query = path.partition("?")
    data = body.encode()
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": PREFIX + path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/scim+json" if data else "",
        "CONTENT_LENGTH": str(len(data)),
        "HTTP_AUTHORIZATION": f"Bearer {app.token}",
        "wsgi.input": io.BytesIO(data),
    }
    said: list[str] = []
    text = b"".join(app(environ, lambda status, _headers: said.append(status)))
    return said[0], json.loads(text or b"null")


def main(arguments: list[str]) -> None:
    if arguments == ["serve"]:
        base = "http://127.0.0.1:8000/scim/v2"
        with make_server("127.0.0.1", 8000, Endpoint("a-token-for-tests", base)) as server:
            print(f"serving {base}", flush=True)
            server.serve_forever()
    app = Endpoint("a-token-for-tests")
    for method, path, body in (
        (
            "POST",
            "/Users",
            '{"userName": "mirela", "active": "true", "emails": {"value": "mirela@harbour.example"}}',
        ),
        ("GET", "/Users?filter=userName+eq+%22MIRELA%22&attributes=userName", ""),
        ("PATCH", "/Users/7001", '{"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}'),
        ("POST", "/Users", '{"userName": "Mirela"}'),
        ("GET", "/Users?filter=titel+pr", ""),
        ("DELETE", "/Users/7001", ""),
        ("GET", "/Users/7001", ""),
    ):
        status, answer = send(app, method, path, body)
        print(f"{method} {path}\n  {status}")
        for resource in () if answer is None else answer.get("Resources", [answer]):
            print(
                f"  {json.dumps({name: value for name, value in resource.items() if name not in ('schemas', 'meta')})}"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
