"""A SCIM endpoint for users and groups in a Flask application; two dicts take the place of the database.

Run it with ``flask --app examples/flask_snippet.py run``, and push to it with ``scim-engine onelogin push``.
"""

import json
import uuid

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

import scim_engine as scim
from scim_engine import protocol

BASE, TOKEN = "https://app.example/scim/v2", "a-token-for-tests"
# Entra sends every attribute that is mapped, and replaces what is not there yet.
OPTIONS = {"unknown_paths": "ignore", "tolerance": scim.Tolerance(replace_creates=True)}

app = Flask(__name__)
registry = protocol.Registry([scim.USER, scim.GROUP])
database = {"User": {}, "Group": {}}


@app.before_request
def authenticate():
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        raise scim.ScimError("the token is not valid", status=401)


@app.get("/scim/v2/<endpoint>")
def search(endpoint):
    kind = kind_of(endpoint)
    return answer(protocol.ListQuery(request.query_string, kind).answer(database[kind.name].values()))


@app.post("/scim/v2/<endpoint>")
def create(endpoint):
    kind = kind_of(endpoint)
    return save(kind, protocol.stamp(kind.create(request.data).resource, kind, id=uuid.uuid4(), base=BASE), 201)


@app.get("/scim/v2/<endpoint>/<id>")
def read(endpoint, id):
    kind, resource = find(endpoint, id)
    return answer(protocol.Projection.from_query(request.query_string, kind).apply(resource))


@app.put("/scim/v2/<endpoint>/<id>")
def replace(endpoint, id):
    kind, resource = find(endpoint, id)
    outcome = kind.replace(resource, request.data, absent="keep")  # a template does not mention everything
    return save(kind, protocol.touch(outcome.resource, kind, base=BASE, changed=outcome.changed))


@app.patch("/scim/v2/<endpoint>/<id>")
def patch(endpoint, id):
    kind, resource = find(endpoint, id)
    outcome = scim.Patch(request.data, kind, **OPTIONS).apply(resource)
    return save(kind, protocol.touch(outcome.resource, kind, base=BASE, changed=outcome.changed))


@app.delete("/scim/v2/<endpoint>/<id>")
def delete(endpoint, id):
    kind, _ = find(endpoint, id)
    del database[kind.name][id]
    return Response(status=204)


@app.get("/scim/v2/Schemas")
def schemas():
    return answer(registry.schemas_response(base=BASE))


@app.errorhandler(Exception)
def refuse(error):
    if not isinstance(error, scim.ScimError | HTTPException):
        app.logger.exception("a SCIM request failed")
    status, headers, text = protocol.error_response(error, accept=request.headers.get("Accept"))
    return Response(text, status, headers)


def kind_of(endpoint):
    kind = registry.by_endpoint(endpoint)
    if kind is None:
        raise scim.NotFound(f"there is no endpoint `{endpoint}`")
    return kind


def find(endpoint, id):
    kind = kind_of(endpoint)
    if id not in database[kind.name]:
        raise scim.NotFound(f"there is no {kind.name} `{id}`")
    return kind, database[kind.name][id]


def save(kind, resource, status=200):
    name = "userName" if kind == scim.USER else "displayName"
    same = scim.attr(name, kind).eq(resource[name]).select(database[kind.name].values())
    if any(other["id"] != resource["id"] for other in same):
        raise scim.Uniqueness(f"`{name}` is taken")
    database[kind.name][resource["id"]] = resource
    return answer(protocol.Projection(kind).apply(resource), status)  # without the password


def answer(body, status=200):
    headers = {"Content-Type": protocol.media_type(accept=request.headers.get("Accept"))}
    if status == 201:
        headers["Location"] = body["meta"]["location"]
    return Response(json.dumps(body), status, headers)
