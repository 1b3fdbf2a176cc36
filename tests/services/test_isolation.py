"""Access by token and tenant. An unauthorized caller gets the same answer whatever the reason."""

from __future__ import annotations

import hashlib

import pytest

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


def refused(answer):
    body = answer.json()
    assert (answer.status_code, body["status"]) == (401, "401"), answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")
    return answer.content


def test_strangers_see_nothing(service):
    with service.tenant() as mine, service.tenant() as other:
        user = mine.user("bjensen")
        revoked = service.token(mine.name)
        digest = hashlib.sha256(revoked.encode()).hexdigest()
        [[id]] = service.sql("select id from tokens where hash = ?", (digest,))
        assert id in service.admin("token", "list", mine.name)
        assert revoked not in service.admin("token", "list", mine.name)
        headers = {"authorization": f"Bearer {revoked}"}
        assert mine.get("Users", headers=headers).status_code == 200
        service.admin("token", "revoke", id)
        before = service.snapshot()
        strangers = [
            {},
            {"authorization": "Bearer"},
            {"authorization": "Bearer wrong"},
            {"authorization": f"Basic {mine.token}"},
            {"authorization": f"Bearer {mine.token}x"},
            {"authorization": f"Bearer {mine.token[:-1]}"},
            {"authorization": f"Bearer {digest}"},
            {"authorization": f"Bearer {revoked}"},
            {"authorization": f"Bearer {other.token}"},
            {"authorization": b"Bearer \xff\xfe"},
        ]
        seen = set()
        del mine.headers["authorization"]
        for headers in strangers:
            for method, url in (
                ("GET", "Users"),
                ("GET", f"Users/{user['id']}"),
                ("PUT", f"Users/{user['id']}"),
                ("PATCH", f"Users/{user['id']}"),
                ("DELETE", f"Users/{user['id']}"),
                ("GET", "Users/none"),
                ("POST", "Users"),
                ("POST", ".search"),
                ("POST", "Bulk"),
                ("GET", "ServiceProviderConfig"),
            ):
                body = {"json": {"userName": "stranger"}} if method in ("PUT", "PATCH", "POST") else {}
                seen.add(refused(mine.request(method, url, headers=headers, **body)))
        nowhere = service.url + "/tenants/nowhere/scim/v2/Users"
        seen.add(refused(other.get(nowhere)))
        assert len(seen) == 1
        assert service.snapshot() == before


def test_a_tenant_has_only_its_own(service):
    with service.tenant() as mine, service.tenant() as other:
        user, group = mine.user("bjensen"), mine.group("Tours")
        before = service.snapshot()
        for url in (f"Users/{user['id']}", f"Groups/{group['id']}"):
            assert other.get(url).status_code == 404
            assert other.put(url, json={"userName": "x", "displayName": "x"}).status_code == 404
            assert other.change(url, {"op": "add", "path": "displayName", "value": "x"}).status_code == 404
            assert other.delete(url).status_code == 404
        assert other.found("Users") == other.found("Groups") == []
        assert other.found("Users", filter='userName eq "bjensen"') == []
        assert other.found("Users", filter=f'id eq "{user["id"]}"') == []
        assert other.post(".search", json={"schemas": [SEARCH]}).json()["totalResults"] == 0
        assert service.snapshot() == before
        assert other.user("bjensen")["id"] != user["id"]
        spy = other.group("Spy", other.user("spy")["id"])
        add = {"op": "add", "path": "members", "value": [{"value": user["id"]}]}
        for answer in (
            other.post("Groups", json={"displayName": "Leak", "members": add["value"]}),
            other.change(f"Groups/{spy['id']}", add),
            other.put(f"Groups/{spy['id']}", json={"displayName": "Spy", "members": add["value"]}),
        ):
            assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")
        assert "groups" not in mine.get(f"Users/{user['id']}").json()
        assert mine.found("Users", filter=f'groups.value eq "{spy["id"]}"') == []


def test_tokens_are_not_stored(service):
    with service.tenant() as tenant:
        assert len(tenant.token) >= 43
        assert tenant.token not in repr(service.snapshot())
        assert tenant.token not in service.log.read_text()


def test_administration_says_what_is_wrong(service):
    for command in (
        "token add no-such-tenant",
        "token list no-such-tenant",
        "token revoke no-such-token",
        "tenant add a/b",
        "tenant add ..",
        "tenant add .hidden",
        "tenant add " + "x" * 65,
    ):
        with pytest.raises(AssertionError, match="error: "):
            service.admin(*command.split())


def test_a_token_is_revoked_within_a_connection_and_once(service):
    with service.tenant() as tenant:
        assert tenant.get("Users").status_code == 200
        [line] = service.admin("token", "list", tenant.name).splitlines()
        service.admin("token", "revoke", line.split("\t")[0])
        assert tenant.get("Users").status_code == 401
        [revoked] = service.admin("token", "list", tenant.name).splitlines()
        service.admin("token", "revoke", line.split("\t")[0])
        assert service.admin("token", "list", tenant.name) == revoked


def test_a_base_url_stands_above_the_host_header(fresh_service):
    fresh_service.stop()
    fresh_service.start("--base-url", "https://scim.example.com/")
    with fresh_service.tenant() as tenant:
        body = {"schemas": [USER], "userName": "ines"}
        answer = tenant.post("Users", json=body, headers={"host": "evil.example"})
    location = answer.headers["location"]
    assert location == f"https://scim.example.com/tenants/{tenant.name}/scim/v2/Users/{answer.json()['id']}"
    assert answer.json()["meta"]["location"] == location
