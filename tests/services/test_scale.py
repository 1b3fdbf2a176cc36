"""Large tenants and groups: queries find the right resources, and small changes are cheap."""

from __future__ import annotations

MANY = 10_001
CROWD = 100_000


def fill_group(group, tenant):
    """Makes all users of a tenant members of a group, directly in the table."""
    tenant.service.sql(
        "insert into members (group_seq, value)"
        " select groups.seq, users.id from users, groups where users.tenant_id = ? and groups.id = ?"
        " order by users.seq",
        (tenant.name, group["id"]),
    )


def test_a_tenant_of_ten_thousand(tenant):
    tenant.crowd(MANY)
    body = tenant.get("Users", params={"filter": 'title eq "chief"', "startIndex": 91, "count": 50}).json()
    assert (body["totalResults"], body["itemsPerPage"]) == (100, 10)
    assert body["Resources"][-1]["userName"] == "u10000"
    body = tenant.get("Users", params={"startIndex": MANY}).json()
    assert (body["totalResults"], [user["userName"] for user in body["Resources"]]) == (MANY, ["u10001"])
    cursor, seen = "", []
    while cursor is not None:
        page = tenant.get("Users", params={"cursor": cursor, "count": 1000, "attributes": "userName"}).json()
        seen += [user["userName"] for user in page["Resources"]]
        cursor = page.get("nextCursor")
    assert seen == [f"u{number}" for number in range(1, MANY + 1)]
    [first] = tenant.found("Users", sortBy="title", count=1)
    assert first["userName"] == "u100"
    ordered = tenant.found("Users", sortBy="userName", filter='title eq "Chief"', count=2, sortOrder="descending")
    assert [user["userName"] for user in ordered] == ["u9900", "u9800"]
    assert tenant.get("Users", params={"count": 5000}).json()["itemsPerPage"] == 1000


def test_a_group_of_a_hundred_thousand(tenant):
    group = tenant.group("Everybody")
    url = f"Groups/{group['id']}"
    crowd = tenant.crowd(CROWD)
    fill_group(group, tenant)
    [new] = tenant.users("new")
    add = {"op": "add", "path": "members", "value": [{"value": new}, {"value": crowd[7]}]}
    remove = {"op": "remove", "path": f'members[value eq "{crowd[-1]}"]'}
    assert tenant.change(url, add, remove).status_code == 204
    assert tenant.change(
        f"{url}?attributes=displayName", {"op": "remove", "path": f'members[value eq "{crowd[0]}"]'}
    ).json() == {
        "schemas": group["schemas"],
        "id": group["id"],
        "displayName": "Everybody",
    }
    for [changes] in tenant.service.sql("select changes from audit where resource_id = ?", (group["id"],)):
        assert len(changes) < 2000
    assert "members" not in tenant.get(url, params={"excludedAttributes": "members"}).json()
    members = [member["value"] for member in tenant.get(url).json()["members"]]
    assert members == [*crowd[1:-1], new]
    [found] = tenant.found("Groups", filter=f'members.value eq "{crowd[50_000]}"', attributes="displayName")
    assert found["id"] == group["id"]
    assert tenant.delete(url).status_code == 204
    assert tenant.service.sql("select count(*) from members where value like ?", (f"{tenant.name}-%",)) == [(0,)]
