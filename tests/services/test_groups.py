"""Membership: the effect of a PATCH of a group on its rows, in the forms that clients send; many clients at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def members(tenant, group):
    return [member["value"] for member in tenant.get(f"Groups/{group['id']}").json().get("members", [])]


def add(*values):
    return {"op": "add", "path": "members", "value": [{"value": value} for value in values]}


def at_once(clients, work):
    """Runs `work(number)` in `clients` threads, which start together."""
    gate = threading.Barrier(clients)

    def run(number):
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(run, range(clients)))


def test_forms_of_membership_changes(tenant):
    u1, u2, u3, u4, u5 = tenant.users("u1", "u2", "u3", "u4", "u5")
    group = tenant.group("Tours", u1)
    url = f"Groups/{group['id']}"
    answer = tenant.change(url, add(u2, u3))
    assert (answer.status_code, [member["value"] for member in answer.json()["members"]]) == (200, [u1, u2, u3])
    assert answer.json()["meta"]["version"] != group["meta"]["version"]
    tenant.change(url, {"op": "remove", "path": f'members[value eq "{u1}"]'})
    assert members(tenant, group) == [u2, u3]
    tenant.change(url, {"op": "remove", "path": "members", "value": [{"value": u2}]})
    assert members(tenant, group) == [u3]
    legacy = {
        "schemas": ["urn:scim:schemas:core:1.0"],
        "members": [{"value": u4}, {"value": u3, "operation": "delete"}],
    }
    assert tenant.patch(url, json=legacy).status_code == 200
    assert members(tenant, group) == [u4]
    tenant.change(url, {"op": "replace", "path": "members", "value": [{"value": u5}, {"value": u4, "type": "User"}]})
    assert sorted(members(tenant, group)) == sorted([u4, u5])
    tenant.change(url, {"op": "add", "path": f'members[value eq "{u5}"].type', "value": "Group"})
    found = tenant.get(url).json()["members"]
    assert sorted(map(str, found)) == sorted(
        [f"{{'value': '{u4}', 'type': 'User'}}", f"{{'value': '{u5}', 'type': 'Group'}}"]
    )
    tenant.change(url, {"op": "replace", "value": {"displayName": "Guides"}})
    assert tenant.get(url).json()["displayName"] == "Guides"
    tenant.change(url, {"op": "remove", "path": "members"})
    assert members(tenant, group) == []


def test_put_of_a_group(tenant):
    u1, u2, u3 = tenant.users("u1", "u2", "u3")
    group = tenant.group("Tours", u1, u2)
    url = f"Groups/{group['id']}"
    kept = tenant.put(url, json={"schemas": [GROUP], "displayName": "Guides"}).json()
    assert [member["value"] for member in kept["members"]] == [u1, u2]
    body = {"schemas": [GROUP], "displayName": "Guides", "members": [{"value": u2}, {"value": u3}]}
    put = tenant.put(url, json=body).json()
    assert [member["value"] for member in put["members"]] == [u2, u3]
    assert tenant.put(url, json=body).json() == put


def test_requests_that_change_no_member_write_nothing(tenant):
    [u1] = tenant.users("u1")
    group = tenant.group("Tours", u1)
    before = tenant.service.snapshot()
    gone = [{"op": "remove", "path": f'members[value eq "{value}"]'} for value in ("nobody", "a\\u0000b")]
    assert tenant.change(f"Groups/{group['id']}", add(u1), *gone).status_code == 200
    assert tenant.service.snapshot() == before
    for member in ({"type": "User"}, {"value": "nobody"}):
        answer = tenant.change(f"Groups/{group['id']}", {"op": "add", "path": "members", "value": [member]})
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")
        assert tenant.service.snapshot() == before


def test_groups_of_a_user(tenant):
    user = tenant.user("bjensen")
    assert "groups" not in user
    group = tenant.group("Tours", user["id"])
    [membership] = tenant.get(f"Users/{user['id']}").json()["groups"]
    assert membership == {"value": group["id"], "display": "Tours", "type": "direct"}
    assert "groups" not in tenant.get(f"Users/{user['id']}", params={"excludedAttributes": "groups"}).json()
    assert tenant.delete(f"Users/{user['id']}").status_code == 204
    after = tenant.get(f"Groups/{group['id']}").json()
    assert "members" not in after
    assert after["meta"]["version"] != group["meta"]["version"]
    assert tenant.delete(f"Groups/{group['id']}").status_code == 204
    assert tenant.service.sql("select * from members where value = ?", (user["id"],)) == []


def test_a_large_group(tenant):
    crowd = tenant.crowd(1001)
    new, newer = tenant.users("new", "newer")
    group = tenant.group("All", *crowd)
    url = f"Groups/{group['id']}"
    answer = tenant.change(url, add(new))
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["etag"] == tenant.get(url).json()["meta"]["version"]
    answer = tenant.change(f"{url}?excludedAttributes=members", add(newer))
    assert answer.status_code == 200
    assert "members" not in answer.json()
    answer = tenant.change(f"{url}?attributes=members", {"op": "remove", "path": f'members[value eq "{new}"]'})
    assert len(answer.json()["members"]) == 1002
    assert members(tenant, group) == [*crowd, newer]


def test_many_clients_change_one_group_and_lose_nothing(tenant):
    """Runs 50 clients, each of which adds five members of its own and removes two of them."""
    crowd = tenant.crowd(50 * 5)
    group = tenant.group("Crowd")
    url = f"Groups/{group['id']}"

    def work(number):
        with tenant.again() as client:
            mine = crowd[number::50]
            answers = [client.change(url, add(value)) for value in mine]
            answers.append(client.change(url, {"op": "remove", "path": f'members[value eq "{mine[1]}"]'}))
            answers.append(client.change(url, {"op": "remove", "path": "members", "value": [{"value": mine[3]}]}))
            return [answer.status_code for answer in answers]

    statuses = at_once(50, work)
    assert statuses == [[200] * 7] * 50
    stay = [*crowd[:50], *crowd[100:150], *crowd[200:]]  # the first, the third and the fifth of each client
    assert sorted(members(tenant, group)) == sorted(stay)
    [[version]] = tenant.service.sql("select version from groups where id = ?", (group["id"],))
    [[audited]] = tenant.service.sql("select count(*) from audit where resource_id = ?", (group["id"],))
    assert version == audited == 1 + 50 * 7


def test_a_group_that_is_a_member_of_itself_is_deleted(tenant):
    group = tenant.group("Self")
    url = f"Groups/{group['id']}"
    assert tenant.change(url, add(group["id"])).status_code == 200
    assert tenant.delete(url, headers={"if-match": 'W/"1"'}).status_code == 412
    assert members(tenant, group) == [group["id"]]
    assert tenant.delete(url, headers={"if-match": 'W/"2"'}).status_code == 204
    assert tenant.get(url).status_code == 404


def test_a_user_and_the_groups_it_is_in_are_deleted_at_once(tenant):
    for number in range(10):
        user = tenant.user(f"gone{number}")["id"]
        one = tenant.group(f"One {number}", user)
        two = tenant.group(f"Two {number}", user, one["id"])
        assert tenant.change(f"Groups/{one['id']}", add(two["id"])).status_code == 200
        urls = [f"Users/{user}", f"Groups/{one['id']}", f"Groups/{two['id']}"]

        def delete(number, urls=urls):
            with tenant.again() as client:
                return client.delete(urls[number]).status_code

        assert at_once(3, delete) == [204] * 3
        assert tenant.service.sql("select count(*) from members where value = ?", (user,)) == [(0,)]


def test_no_update_of_a_user_is_lost(tenant):
    user = tenant.user("shared")
    url = f"Users/{user['id']}"

    def work(number):
        with tenant.again() as client:
            value = [{"type": "work", "value": f"u{number}@example.com"}]
            return client.change(url, {"op": "add", "path": "emails", "value": value}).status_code

    assert at_once(20, work) == [200] * 20
    emails = {email["value"] for email in tenant.get(url).json()["emails"]}
    assert emails == {f"u{number}@example.com" for number in range(20)}


def test_if_match_lets_one_of_many_win(tenant):
    user = tenant.user("raced")
    url, version = f"Users/{user['id']}", user["meta"]["version"]

    def work(number):
        with tenant.again() as client:
            body = {"op": "replace", "path": "title", "value": f"t{number}"}
            return client.change(url, body, headers={"if-match": version}).status_code

    assert sorted(at_once(20, work)) == [200] + [412] * 19


def test_one_of_many_gets_a_name(tenant):
    def work(number):
        with tenant.again() as client:
            name = "RaceD" if number % 2 else "raced"
            return client.post("Users", json={"userName": name}).status_code

    assert sorted(at_once(20, work)) == [201] + [409] * 19
    assert len(tenant.found("Users")) == 1
