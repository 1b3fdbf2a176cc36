"""One resource at a time: create, read, replace, change, delete; versions and projections; errors."""

from __future__ import annotations

import pytest

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def is_error(answer, status, scim_type=None):
    body = answer.json()
    assert (answer.status_code, body["status"], body["schemas"]) == (status, str(status), [ERROR]), answer.text
    assert body.get("scimType") == scim_type
    return True


def test_create_and_read(tenant):
    answer = tenant.post(
        "Users",
        json={
            "schemas": [USER],
            "userName": "bjensen",
            "password": "t0p-secret",
            "active": "true",
            "id": "mine",
            ENTERPRISE: {"department": "Tours"},
        },
    )
    assert answer.status_code == 201
    user = answer.json()
    url = f"{tenant.base_url}Users/{user['id']}"
    assert answer.headers["location"] == user["meta"]["location"] == url
    assert answer.headers["etag"] == user["meta"]["version"]
    assert answer.headers["etag"].startswith('W/"')
    assert user["meta"]["resourceType"] == "User"
    assert user["meta"]["created"] == user["meta"]["lastModified"]
    assert user["active"] is True
    assert user["schemas"] == [USER, ENTERPRISE]
    assert user["id"] != "mine"
    read = tenant.get(url)
    assert read.json() == user
    assert read.headers["etag"] == answer.headers["etag"]
    rows = tenant.service.sql("select * from users") + tenant.service.sql("select changes from audit")
    assert "t0p-secret" not in repr(rows)
    assert "t0p-secret" not in answer.text


@pytest.mark.parametrize("media_type", ["application/json", "application/scim+json"])
def test_media_type_is_that_of_the_client(tenant, media_type):
    body = b'{"schemas": ["%s"], "userName": "media"}' % USER.encode()
    answer = tenant.post("Users", content=body, headers={"content-type": media_type})
    assert answer.status_code == 201
    assert answer.headers["content-type"].split(";")[0] == media_type
    answer = tenant.get("Users/none", headers={"accept": media_type})
    assert answer.headers["content-type"].split(";")[0] == media_type
    assert is_error(answer, 404)


def test_a_body_that_is_not_json(tenant):
    answer = tenant.post("Users", content=b"<user/>", headers={"content-type": "text/xml"})
    assert is_error(answer, 415)
    headers = {"content-type": "application/scim+json"}
    for body in (b"{", b"[]", b"", b"\xff", b'{"userName": "\\ud800"}'):
        assert is_error(tenant.post("Users", content=body, headers=headers), 400, "invalidSyntax")


def test_put_keeps_or_clears_what_it_does_not_mention(service):
    for absent, title in (("keep", "Guide"), ("clear", None)):
        with service.tenant("--absent", absent) as tenant:
            user = tenant.user("put", title="Guide", displayName="Put")
            answer = tenant.put(f"Users/{user['id']}", json={"schemas": [USER], "userName": "put", "displayName": "P"})
            assert answer.status_code == 200
            assert answer.json().get("title") == title
            assert answer.json()["displayName"] == "P"
            assert answer.json()["meta"]["version"] != user["meta"]["version"]
            assert answer.headers["etag"] == answer.json()["meta"]["version"]
            assert tenant.get(f"Users/{user['id']}").json() == answer.json()


def test_requests_that_change_nothing_write_nothing(tenant):
    user = tenant.user("same", title="Guide", password="p")
    before = tenant.service.snapshot()
    again = tenant.put(f"Users/{user['id']}", json={**user, "password": "p"})
    assert again.json() == user
    patched = tenant.change(f"Users/{user['id']}", {"op": "replace", "path": "title", "value": "Guide"})
    assert patched.status_code == 200
    assert patched.json() == user
    assert tenant.service.snapshot() == before


def test_patch(tenant):
    user = tenant.user("patch", title="Guide")
    url = f"Users/{user['id']}"
    answer = tenant.change(
        url, {"op": "replace", "path": "title", "value": "Chief"}, {"op": "replace", "path": "active", "value": "False"}
    )
    assert answer.status_code == 200
    assert (answer.json()["title"], answer.json()["active"]) == ("Chief", False)
    assert answer.json()["meta"]["lastModified"] > user["meta"]["lastModified"]
    assert answer.json()["meta"]["created"] == user["meta"]["created"]
    assert tenant.get(url).json() == answer.json()
    assert is_error(tenant.change(url, {"op": "replace", "path": "id", "value": "x"}), 400, "mutability")
    assert is_error(tenant.change(url, {"op": "replace", "path": "title[", "value": "x"}), 400, "invalidPath")
    # Entra sends every attribute that an administrator has mapped, so unknown ones are ignored.
    passed = tenant.change(url, {"op": "replace", "path": "noSuch", "value": "x"})
    assert (passed.status_code, passed.json()["meta"]) == (200, answer.json()["meta"])
    assert is_error(tenant.change(url, {"op": "replace", "path": "userName", "value": "\0"}), 400, "invalidValue")
    [audit] = tenant.service.sql(
        "select action, repairs from audit where resource_id = ? and action = ?", (user["id"], "update")
    )
    assert "boolean_strings" in audit[1]


def test_delete(tenant):
    user = tenant.user("gone")
    url = f"Users/{user['id']}"
    assert tenant.delete(url).status_code == 204
    for answer in (tenant.delete(url), tenant.get(url), tenant.put(url, json=user), tenant.change(url)):
        assert is_error(answer, 404)
    assert tenant.found("Users") == []
    tenant.user("gone")


def test_user_name_is_unique_ignoring_case(tenant):
    first, second = tenant.user("Straße"), tenant.user("other")
    taken = {"schemas": [USER], "userName": "STRAßE"}
    assert is_error(tenant.post("Users", json=taken), 409, "uniqueness")
    assert is_error(tenant.put(f"Users/{second['id']}", json=taken), 409, "uniqueness")
    rename = {"op": "replace", "path": "userName", "value": "straße"}
    assert is_error(tenant.change(f"Users/{second['id']}", rename), 409, "uniqueness")
    assert tenant.change(f"Users/{first['id']}", rename).json()["userName"] == "straße"
    assert tenant.get(f"Users/{second['id']}").json() == second
    tenant.group("Tours")
    assert is_error(tenant.post("Groups", json={"displayName": "TOURS"}), 409, "uniqueness")


def test_preconditions(tenant):
    user = tenant.user("etag")
    url, first = f"Users/{user['id']}", user["meta"]["version"]
    assert tenant.get(url, headers={"if-none-match": first}).status_code == 304
    assert tenant.get(url, headers={"if-none-match": first}).content == b""
    body = {"schemas": [USER], "userName": "etag", "title": "Guide"}
    second = tenant.put(url, json=body, headers={"if-match": first}).json()["meta"]["version"]
    assert second != first
    assert tenant.get(url, headers={"if-none-match": first}).status_code == 200
    title = {"op": "replace", "path": "title", "value": "Chief"}
    assert is_error(tenant.put(url, json=body, headers={"if-match": first}), 412)
    assert is_error(tenant.change(url, title, headers={"if-match": first}), 412)
    assert is_error(tenant.delete(url, headers={"if-match": first}), 412)
    assert tenant.get(url).json()["title"] == "Guide"
    assert tenant.change(url, title, headers={"if-match": "*"}).status_code == 200
    assert tenant.delete(url, headers={"if-match": tenant.get(url).headers["etag"]}).status_code == 204


def test_projection_of_every_answer(tenant):
    user = tenant.user(
        "narrow", title="Guide", name={"givenName": "N", "familyName": "R"}, emails=[{"value": "n@example.com"}]
    )
    url = f"Users/{user['id']}"
    narrow = tenant.get(url, params={"attributes": "name.givenName"}).json()
    assert narrow == {"schemas": [USER], "id": user["id"], "name": {"givenName": "N"}}
    wide = tenant.get(url, params={"excludedAttributes": "emails,meta"}).json()
    assert wide == {name: value for name, value in user.items() if name not in ("emails", "meta")}
    query = "?attributes=title"
    body = {"schemas": [USER], "userName": "created", "title": "New"}
    for answer in (
        tenant.post("Users" + query, json=body),
        tenant.put(url + query, json=user),
        tenant.change(url + query, {"op": "add", "path": "nickName", "value": "x"}),
    ):
        assert set(answer.json()) == {"schemas", "id", "title"}


def test_absent_resources_and_endpoints(tenant):
    assert is_error(tenant.get("Me"), 501)
    assert is_error(tenant.get("Printers"), 404)
    assert is_error(tenant.get("Printers/1"), 404)
    assert is_error(tenant.get("Users/a/b"), 404)
    assert is_error(tenant.get("Users/%00"), 404)
    assert is_error(tenant.put("Users", json={}), 405)
    assert is_error(tenant.post("Schemas", json={}), 405)
    assert is_error(tenant.get(f"{tenant.service.url}/elsewhere"), 404)


def test_discovery(tenant):
    config = tenant.get("ServiceProviderConfig").json()
    for name in ("patch", "bulk", "filter", "sort", "etag"):
        assert config[name]["supported"] is True
    assert config["changePassword"]["supported"] is False
    types = tenant.get("ResourceTypes").json()["Resources"]
    assert {type["name"] for type in types} == {"User", "Group"}
    assert tenant.get("ResourceTypes/User").json()["endpoint"] == "/Users"
    assert is_error(tenant.get("ResourceTypes/Printer"), 404)
    schemas = tenant.get("Schemas").json()["Resources"]
    assert {USER, ENTERPRISE} <= {schema["id"] for schema in schemas}
    assert tenant.get(f"Schemas/{USER}").json()["name"] == "User"
    assert is_error(tenant.get("Schemas/urn:none"), 404)
    assert is_error(tenant.get("Schemas", params={"filter": 'name eq "User"'}), 403)
