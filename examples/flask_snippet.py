"""SCIM users in a Flask application, kept in a dict. Run it: ``flask --app examples/flask_snippet.py run``."""

import uuid

from flask import Flask, jsonify, request

import scim_engine as scim
from scim_engine import protocol

app = Flask(__name__)
users = {}
answer = protocol.Projection(scim.USER).apply  # without the password


@app.get("/scim/v2/Users")
def search():
    return jsonify(protocol.ListQuery(request.query_string, scim.USER).answer(users.values()))


@app.post("/scim/v2/Users")
def create():
    user = scim.USER.create(request.data).resource
    if any(scim.attr("userName").eq(user["userName"]).select(users.values())):
        raise scim.Uniqueness("userName is taken")
    user = protocol.stamp(user, scim.USER, id=uuid.uuid4(), base=request.url_root + "scim/v2")
    users[user["id"]] = user
    return jsonify(answer(user)), 201, {"Location": user["meta"]["location"], "ETag": user["meta"]["version"]}


@app.patch("/scim/v2/Users/<id>")
def patch(id):
    if id not in users:
        raise scim.NotFound(f"there is no user `{id}`")
    outcome = scim.Patch(request.data, scim.USER).apply(users[id])
    base = request.url_root + "scim/v2"
    users[id] = protocol.touch(outcome.resource, scim.USER, base=base, changed=outcome.changed)
    return jsonify(answer(users[id]))


@app.errorhandler(scim.ScimError)
def refuse(error):
    return jsonify(error.to_dict()), error.status
