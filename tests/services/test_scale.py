"""Large tenants and groups: queries find the right resources, and small changes are cheap."""

from __future__ import annotations

MANY = 10_001
CROWD = 100_000
NUMBERS = "with recursive n(i) as (select 1 union all select i + 1 from n where i < {last})"


def fill_users(tenant, last):
    """Inserts users directly into the table: `u1`, `u2` and so on. Every hundredth is a Chief."""
    seq, value = ("", "") if tenant.service.dialect == "postgres" else ("seq, ", "i, ")
    tenant.service.sql(
        f"insert into users (tenant_id, id, user_name, version, {seq}resource) {NUMBERS.format(last=last)}"
        f" select ?, 'id-' || i, 'u' || i, 1, {value}"
        """ '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"id-' || i || '","userName":"u' || i"""
        """ || '","title":"' || case when i % 100 = 0 then 'Chief' else 'Guide' end"""
        """ || '","meta":{"resourceType":"User","created":"2024-01-01T00:00:00Z","""
        """"lastModified":"2024-01-01T00:00:00Z"}}'"""
        " from n",
        (tenant.name,),
    )


def fill_group(tenant, group, last):
    """Inserts members directly into the table."""
    seq, value = ("", "") if tenant.service.dialect == "postgres" else ("seq, ", "i, ")
    tenant.service.sql(
        f"insert into members (tenant_id, group_id, value, {seq}element) {NUMBERS.format(last=last)}"
        f""" select ?, ?, 'm' || i, {value}'{{"value":"m' || i || '"}}' from n""",
        (tenant.name, group["id"]),
    )


def test_a_tenant_of_ten_thousand(tenant):
    fill_users(tenant, MANY)
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
    refused = tenant.get("Users", params={"sortBy": "title"})
    assert (refused.status_code, refused.json()["scimType"]) == (400, "tooMany")
    ordered = tenant.found("Users", sortBy="userName", filter='title eq "Chief"', count=2, sortOrder="descending")
    assert [user["userName"] for user in ordered] == ["u9900", "u9800"]
    assert tenant.get("Users", params={"count": 5000}).json()["itemsPerPage"] == 1000


def test_a_group_of_a_hundred_thousand(tenant):
    group = tenant.group("Everybody")
    url = f"Groups/{group['id']}"
    fill_group(tenant, group, CROWD)
    add = {"op": "add", "path": "members", "value": [{"value": "new"}, {"value": "m7"}]}
    remove = {"op": "remove", "path": f'members[value eq "m{CROWD}"]'}
    assert tenant.change(url, add, remove).status_code == 204
    assert tenant.change(
        f"{url}?attributes=displayName", {"op": "remove", "path": 'members[value eq "m1"]'}
    ).json() == {
        "schemas": group["schemas"],
        "id": group["id"],
        "displayName": "Everybody",
    }
    written = (
        "select resource, changes from groups g join audit a on a.resource_id = g.id where g.id = ? order by a.seq"
    )
    for resource, changes in tenant.service.sql(written, (group["id"],)):
        assert len(resource) + len(changes) < 2000
    assert "members" not in tenant.get(url, params={"excludedAttributes": "members"}).json()
    members = [member["value"] for member in tenant.get(url).json()["members"]]
    assert members == [*(f"m{number}" for number in range(2, CROWD)), "new"]
    [found] = tenant.found("Groups", filter='members.value eq "m50000"', attributes="displayName")
    assert found["id"] == group["id"]
    assert tenant.delete(url).status_code == 204
    assert tenant.service.sql("select count(*) from members where group_id = ?", (group["id"],)) in ([(0,)], [[0]])
