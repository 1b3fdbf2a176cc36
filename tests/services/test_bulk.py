"""Bulk: each operation is a transaction of its own."""

from __future__ import annotations

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def run(tenant, *operations, **more):
    return tenant.post("Bulk", json={"schemas": [BULK], "Operations": list(operations), **more})


def test_a_group_and_its_members_in_one_request(tenant):
    old = tenant.user("old")
    answer = run(
        tenant,
        {
            "method": "POST",
            "path": "/Groups",
            "bulkId": "g",
            "data": {"displayName": "Tours", "members": [{"value": "bulkId:u"}, {"value": old["id"]}]},
        },
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "new"}},
        {
            "method": "PATCH",
            "path": f"/Users/{old['id']}",
            "version": old["meta"]["version"],
            "data": {"schemas": [PATCH], "Operations": [{"op": "add", "path": "title", "value": "Guide"}]},
        },
        {"method": "DELETE", "path": f"/Users/{old['id']}"},
    )
    assert answer.status_code == 200
    results = {result.get("bulkId", result["method"]): result for result in answer.json()["Operations"]}
    statuses = {name: result["status"] for name, result in results.items()}
    assert statuses == {"g": "201", "u": "201", "PATCH": "200", "DELETE": "204"}
    [new] = tenant.found("Users", filter='userName eq "new"')
    assert results["u"]["location"] == new["meta"]["location"]
    group = tenant.get(results["g"]["location"]).json()
    assert [member["value"] for member in group["members"]] == [new["id"]]


def test_errors_of_single_operations(tenant):
    tenant.user("taken")
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": "taken"}},
        {"method": "DELETE", "path": "/Users/none"},
        {"method": "POST", "path": "/Users", "bulkId": "3", "data": {"userName": "free"}},
    ]
    results = run(tenant, *operations).json()["Operations"]
    assert [result["status"] for result in results] == ["409", "404", "201"]
    assert results[0]["response"]["scimType"] == "uniqueness"
    assert len(run(tenant, *operations, failOnErrors=1).json()["Operations"]) == 1
    assert len(tenant.found("Users")) == 2


def test_limits(tenant):
    operation = {"method": "DELETE", "path": "/Users/none"}
    assert run(tenant, *[operation] * 1000).status_code == 200
    assert run(tenant, *[operation] * 1001).status_code == 413
    assert run(tenant).status_code in (200, 400)
    assert tenant.post("Bulk", json={"schemas": [BULK]}).status_code == 400
