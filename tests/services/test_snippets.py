"""The snippets for Flask and Django, through the test clients of their frameworks."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import django
import pytest
import werkzeug.test
from django.conf import settings
from django.core.wsgi import get_wsgi_application

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def flask_app():
    return load("flask_snippet").app


def django_app():
    load("django_snippet")
    if not settings.configured:
        settings.configure(ROOT_URLCONF="django_snippet", SECRET_KEY="tests", ALLOWED_HOSTS=["*"])
        django.setup()
    return get_wsgi_application()


def client_of(app):
    client = werkzeug.test.Client(app)

    def send(method, url, body=None, token="a-token-for-tests"):
        answer = client.open(url, method=method, json=body, headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.get_json()

    return send


@pytest.mark.parametrize("app", [flask_app, django_app])
@pytest.mark.parametrize("client", ["onelogin", "entra", "okta", "jumpcloud", "microsoft-validator"])
def test_clients_push(scim_push, app, client):
    scim_push(app(), base="/scim/v2", token="a-token-for-tests", client=client, again=True)


@pytest.mark.parametrize("app", [flask_app, django_app])
def test_what_is_refused(app):
    send = client_of(app())
    assert send("GET", "/scim/v2/Users", token="another")[0] == 401
    for method, url, status in (
        ("GET", "/scim/v2/Robots", 404),
        ("GET", "/scim/v2/Users/none", 404),
        ("PUT", "/scim/v2/Users", 405),
        ("POST", "/scim/v2/Users/7/8", 404),
    ):
        found, error = send(method, url)
        assert found == status
        assert url.endswith("/8") or error["status"] == str(status)


@pytest.mark.parametrize("app", [flask_app, django_app])
def test_a_user_is_looked_up_created_and_changed(app):
    send = client_of(app())
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
