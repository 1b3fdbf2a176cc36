"""Both services on one SQLite file: each reads and changes what the other wrote, in turn and at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from .conftest import KINDS, Service, Tenant

USER = "urn:ietf:params:scim:schemas:core:2.0:User"


@pytest.fixture
def pair(tmp_path):
    """A service in Python and one in Rust, both on the same file."""
    assert "axum-sqlite" in KINDS
    services = [Service(kind, str(tmp_path / "scim.db"), tmp_path / kind) for kind in ("fastapi-sqlite", "axum-sqlite")]
    for service in services:
        service.start()
    yield services
    for service in services:
        service.close()


@pytest.fixture
def both(pair):
    """A client of each, for one tenant with one token."""
    with pair[0].tenant() as python, Tenant(pair[1], python.name, python.token) as rust:
        yield python, rust


def plain(resource):
    """A resource without the URLs, which differ by the port."""
    meta = {name: value for name, value in resource["meta"].items() if name != "location"}
    return {**resource, "meta": meta}


def test_each_service_reads_what_the_other_writes(both):
    python, rust = both
    for writer, reader in ((python, rust), (rust, python)):
        user = writer.user("Ma\u017fha", title="Guide", emails=[{"value": "m@example.com"}], active="true")
        other = writer.user(f"with {writer.service.kind}")
        group = writer.group("Tours", user["id"], other["id"])
        for url in (f"Users/{user['id']}", f"Groups/{group['id']}"):
            assert plain(reader.get(url).json()) == plain(writer.get(url).json())
            assert reader.get(url).headers["etag"] == writer.get(url).headers["etag"]
        [found] = reader.found("Users", filter='userName eq "MASHA"')
        assert found["id"] == user["id"]
        assert reader.post("Users", json={"schemas": [USER], "userName": "masha"}).status_code == 409
        version = writer.get(f"Users/{user['id']}").headers["etag"]
        title = {"op": "replace", "path": "title", "value": "Chief"}
        changed = reader.change(f"Users/{user['id']}", title, headers={"if-match": version})
        assert changed.status_code == 200
        assert plain(writer.get(f"Users/{user['id']}").json()) == plain(changed.json())
        assert writer.change(f"Users/{user['id']}", title, headers={"if-match": version}).status_code == 412
        assert reader.delete(f"Users/{user['id']}").status_code == 204
        left = writer.get(f"Groups/{group['id']}").json()
        assert [member["value"] for member in left["members"]] == [other["id"]]
        assert writer.delete(f"Groups/{group['id']}").status_code == 204


def test_a_second_put_of_the_other_one_changes_nothing(both):
    python, rust = both
    body = {"schemas": [USER], "userName": "same", "title": "Guide", "name": {"givenName": "S", "familyName": "A"}}
    for first, second in ((python, rust), (rust, python)):
        user = first.post("Users", json=body).json()
        before = python.service.snapshot()
        again = second.put(f"Users/{user['id']}", json=body)
        assert plain(again.json()) == plain(user)
        assert python.service.snapshot() == before
        first.delete(f"Users/{user['id']}")


def test_a_cursor_continues_at_the_other_service(both):
    python, rust = both
    names = [f"u{number}" for number in range(9)]
    for name in names:
        python.user(name)
    for query in ({"count": 4}, {"count": 4, "filter": "userName pr"}, {"count": 4, "sortBy": "userName"}):
        seen, cursor, client = [], "", 0
        while cursor is not None:
            page = (python, rust)[client % 2].get("Users", params={**query, "cursor": cursor}).json()
            seen += [user["userName"] for user in page["Resources"]]
            cursor, client = page.get("nextCursor"), client + 1
        assert (seen, client) == (names, 3)


def test_both_change_one_group_and_lose_nothing(both):
    python, rust = both
    crowd = python.crowd(10 * 5)
    group = python.group("Crowd")
    url = f"Groups/{group['id']}"

    def work(number):
        with (python, rust)[number % 2].again() as client:
            values = crowd[number::10]
            changes = [{"op": "add", "path": "members", "value": [{"value": value}]} for value in values]
            changes.append({"op": "remove", "path": f'members[value eq "{values[0]}"]'})
            return [client.change(url, change).status_code for change in changes]

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(work, range(10))) == [[200] * 6] * 10
    group = rust.get(url).json()
    assert group == {**python.get(url).json(), "meta": group["meta"]}
    assert {member["value"] for member in group["members"]} == set(crowd[10:])
    assert group["meta"]["version"] == 'W/"61"'
