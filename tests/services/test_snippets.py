"""The snippets for Flask and Django, through the test clients of their frameworks."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.test import Client

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def flask_client():
    client = load("flask_snippet").app.test_client()

    def send(method, url, body=None):
        answer = client.open(url, method=method, json=body)
        return answer.status_code, answer.get_json()

    return send


def django_client():
    load("django_snippet")
    if not settings.configured:
        settings.configure(ROOT_URLCONF="django_snippet", SECRET_KEY="tests", ALLOWED_HOSTS=["*"])
        django.setup()
    client = Client()

    def send(method, url, body=None):
        answer = client.generic(method, url, "" if body is None else json.dumps(body), "application/json")
        return answer.status_code, answer.json()

    return send


@pytest.mark.parametrize("framework", [flask_client, django_client])
def test_a_user_is_looked_up_created_and_changed(framework):
    send = framework()
    look_up = "/scim/v2/Users?filter=userName+eq+%22bjensen%22&"
    assert send("GET", look_up)[1]["totalResults"] == 0
    status, user = send("POST", "/scim/v2/Users", {"userName": "BJensen", "active": "true", "password": "secret"})
    assert (status, user["active"]) == (201, True)
    assert "password" not in user
    assert user["meta"]["location"].endswith(f"/scim/v2/Users/{user['id']}")
    assert send("POST", "/scim/v2/Users", {"userName": "bjensen"})[0] == 409
    assert send("GET", look_up)[1]["Resources"] == [user]
    change = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": "False"}]}
    status, changed = send("PATCH", f"/scim/v2/Users/{user['id']}", change)
    assert (status, changed["active"]) == (200, False)
    assert "password" not in changed
    assert send("PATCH", "/scim/v2/Users/none", change)[0] == 404
    status, error = send("GET", "/scim/v2/Users?filter=userName")
    assert (status, error["scimType"]) == (400, "invalidFilter")
