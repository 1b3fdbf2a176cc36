"""Lists: filters by index and by scan, pages by index and by cursor, sorting, `.search`."""

from __future__ import annotations

import pytest

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


@pytest.fixture(scope="module")
def people(service):
    """25 users and two groups of them."""
    with service.tenant() as tenant:
        tenant.users = [
            tenant.user(
                f"User{number:02}",
                externalId=f"E-{number}",
                title="Guide" if number % 2 else "Chief",
                name={"familyName": f"F{(number * 7) % 25:02}"},
                emails=[{"value": f"u{number}@example.com", "type": "work"}],
            )
            for number in range(25)
        ]
        ids = [user["id"] for user in tenant.users]
        tenant.groups = [tenant.group("Even", *ids[::2]), tenant.group("Odd", *ids[1::2])]
        yield tenant


def names(resources):
    return [resource["userName"] for resource in resources]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ('userName eq "uSER07"', [7]),
        ('userName eq "user07" and title eq "Chief"', []),
        ('externalId eq "E-3"', [3]),
        ('externalId eq "e-3"', []),
        ('userName eq "none"', []),
        ('title eq "chief" and userName co "er1"', [10, 12, 14, 16, 18]),
        ('emails[type eq "work" and value sw "u2"]', [2, 20, 21, 22, 23, 24]),
        ('not (title eq "Guide")', list(range(0, 25, 2))),
        ('groups.display eq "odd"', list(range(1, 25, 2))),
        ('userName eq "User01\\u0000"', []),
        ("groups.$ref pr", []),
    ],
)
def test_filters(people, text, numbers):
    assert names(people.found("Users", filter=text)) == [f"User{number:02}" for number in numbers]


def test_filters_by_id_and_membership(people):
    user, (even, odd) = people.users[3], people.groups
    assert people.found("Users", filter=f'id eq "{user["id"]}"') == people.found("Users", filter='userName eq "User03"')
    assert names(people.found("Users", filter=f'groups.value eq "{odd["id"]}"')) == names(people.users[1::2])
    assert names(people.found("Users", filter=f'groups[value eq "{even["id"]}"]', count=2)) == ["User00", "User02"]
    [group] = people.found("Groups", filter=f'members.value eq "{user["id"]}"')
    assert group["displayName"] == "Odd"
    [group] = people.found("Groups", filter=f'members[value eq "{user["id"]}"]', excludedAttributes="members")
    assert "members" not in group
    assert people.found("Groups", filter='displayName eq "EVEN"', attributes="displayName")[0]["id"] == even["id"]


def test_the_form_of_onelogin(people):
    answer = people.get(f"{people.base_url}Users?filter=userName+eq+%22user07%22&")
    assert names(answer.json()["Resources"]) == ["User07"]
    answer = people.get(f"{people.base_url}Users?filter=userName+eq+%22nobody%22&")
    assert (answer.status_code, answer.json()["totalResults"], answer.json()["schemas"]) == (200, 0, [LIST])


def test_pages_by_index(people):
    body = people.get("Users", params={"startIndex": 11, "count": 10}).json()
    assert (body["totalResults"], body["startIndex"], body["itemsPerPage"]) == (25, 11, 10)
    assert names(body["Resources"]) == names(people.users[10:20])
    body = people.get("Users", params={"startIndex": 4, "count": 3, "filter": 'title eq "Chief"'}).json()
    assert (body["totalResults"], body["itemsPerPage"]) == (13, 3)
    assert names(body["Resources"]) == ["User06", "User08", "User10"]
    for query in ({"count": 0}, {"count": -1}, {"startIndex": 26}, {"startIndex": 10**30}):
        body = people.get("Users", params=query).json()
        assert body["totalResults"] == 25
        assert body.get("Resources", []) == []
    assert people.get("Users", params={"startIndex": -5, "count": 1}).json()["Resources"][0]["userName"] == "User00"
    assert people.get("Users", params={"count": "many"}).status_code == 400


def by_cursor(tenant, **query):
    """All pages of a query by cursor."""
    pages, cursor = [], ""
    while cursor is not None:
        body = tenant.get("Users", params={**query, "cursor": cursor}).json()
        pages.append(names(body.get("Resources", [])))
        cursor = body.get("nextCursor")
    return pages


def test_pages_by_cursor(people):
    every = names(people.users)
    assert by_cursor(people, count=10) == [every[:10], every[10:20], every[20:]]
    assert by_cursor(people, count=13, filter='title eq "Chief"') == [every[::2]]
    assert by_cursor(people, count=8, filter='title eq "Guide"') == [every[1::2][:8], every[1::2][8:]]
    ordered = [user["userName"] for user in sorted(people.users, key=lambda user: user["name"]["familyName"])]
    assert by_cursor(people, count=20, sortBy="name.familyName") == [ordered[:20], ordered[20:]]


def test_a_cursor_is_of_its_query_and_tenant(people, service):
    cursor = people.get("Users", params={"count": 10, "cursor": ""}).json()["nextCursor"]
    wrong = {"count": 10, "cursor": cursor, "filter": 'title eq "Guide"'}
    assert people.get("Users", params=wrong).json()["scimType"] == "invalidCursor"
    forged = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    assert people.get("Users", params={"count": 10, "cursor": forged}).status_code == 400
    with service.tenant() as other:
        assert other.get("Users", params={"count": 10, "cursor": cursor}).json()["scimType"] == "invalidCursor"
    assert names(people.get("Users", params={"count": 10, "cursor": cursor}).json()["Resources"]) == names(
        people.users[10:20]
    )


def test_pages_by_cursor_stand_still_when_resources_go(service):
    with service.tenant() as tenant:
        users = [tenant.user(f"u{number}") for number in range(9)]
        first = tenant.get("Users", params={"count": 3, "cursor": ""}).json()
        for user in users[:3]:
            tenant.delete(f"Users/{user['id']}")
        second = tenant.get("Users", params={"count": 3, "cursor": first["nextCursor"]}).json()
        assert names(second["Resources"]) == ["u3", "u4", "u5"]


def test_sorting(people):
    body = people.get("Users", params={"sortBy": "name.familyName", "sortOrder": "descending", "count": 3}).json()
    assert [user["name"]["familyName"] for user in body["Resources"]] == ["F24", "F23", "F22"]
    assert body["totalResults"] == 25
    second = people.found("Users", sortBy="userName", startIndex=3, count=2, filter='title eq "chief"')
    assert names(second) == ["User04", "User06"]


def test_projection_of_lists(people):
    [user] = people.found("Users", filter='userName eq "user01"', attributes="userName,groups.display")
    assert user == {
        "schemas": user["schemas"],
        "id": people.users[1]["id"],
        "userName": "User01",
        "groups": [{"display": "Odd"}],
    }
    even = people.found("Groups", excludedAttributes="members")[0]
    assert "members" not in even
    assert len(people.found("Groups")[0]["members"]) == 13


def test_search(people):
    body = {
        "schemas": [SEARCH],
        "filter": 'userName sw "user0"',
        "attributes": ["userName"],
        "count": 2,
        "startIndex": 2,
    }
    answer = people.post("Users/.search", json=body)
    assert answer.status_code == 200
    assert answer.json()["totalResults"] == 10
    assert names(answer.json()["Resources"]) == ["User01", "User02"]
    everything = people.post(".search", json={"schemas": [SEARCH], "count": 30}).json()
    assert everything["totalResults"] == 27
    assert [resource["meta"]["resourceType"] for resource in everything["Resources"]] == ["User"] * 25 + ["Group"] * 2
    mixed = {"schemas": [SEARCH], "filter": 'displayName eq "odd" or userName eq "user01"'}
    assert people.post(".search", json=mixed).json()["totalResults"] == 2
    cursor, seen = "", 0
    while cursor is not None:
        page = people.post(".search", json={"schemas": [SEARCH], "count": 10, "cursor": cursor}).json()
        seen += len(page["Resources"])
        cursor = page.get("nextCursor")
    assert seen == 27


def test_bad_queries(people):
    for query, kind in (
        ({"filter": "userName eq"}, "invalidFilter"),
        ({"filter": 'password eq "x"'}, "invalidFilter"),
        ({"filter": 'noSuch eq "x"'}, "invalidFilter"),
        # What is in no column cannot be asked for.
        ({"filter": 'meta.location eq "x"'}, "invalidFilter"),
        ({"filter": 'meta.version eq "x"'}, "invalidFilter"),
        ({"cursor": "x"}, "invalidCursor"),
    ):
        answer = people.get("Users", params=query)
        assert (answer.status_code, answer.json()["scimType"]) == (400, kind)
