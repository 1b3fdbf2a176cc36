"""Failures: bodies over the limit, statements that fail, a process that is killed."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
LIMIT = 1_048_576


def raw(tenant, head, *pieces):
    """Sends bytes, without ending the request, and reads the answer."""
    url = urlsplit(tenant.service.url)
    with socket.create_connection((url.hostname, url.port), timeout=20) as connection:
        head = (
            f"POST /tenants/{tenant.name}/scim/v2/Users HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {tenant.token}\r\nContent-Type: application/scim+json\r\n{head}\r\n\r\n"
        )
        connection.sendall(head.encode())
        try:
            for piece in pieces:
                connection.sendall(piece)
        except OSError:
            pass  # the service may close the connection
        return connection.recv(65536).decode()


def test_a_body_over_the_limit(tenant):
    before = tenant.service.snapshot()
    body = json.dumps({"userName": "big", "title": "x" * LIMIT})
    answer = tenant.post("Users", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["status"]) == (413, "413")
    # A body is refused by its declared length, before any of it is sent, or before its end.
    assert " 413 " in raw(tenant, f"Content-Length: {100 * LIMIT}").splitlines()[0]
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    assert " 413 " in raw(tenant, "Transfer-Encoding: chunked", *[chunk] * 17).splitlines()[0]
    assert tenant.service.snapshot() == before
    assert tenant.post("Users", json={"userName": "big", "title": "x" * (LIMIT - 100)}).status_code == 201


def test_a_failing_statement_leaves_everything_as_it_was(fresh_service):
    with fresh_service.tenant() as tenant:
        user = tenant.user("bjensen", title="Guide")
        [other] = tenant.users("other")
        group = tenant.group("Tours", user["id"])
        before = fresh_service.snapshot()
        fresh_service.fail_audit()
        title = {"op": "replace", "path": "title", "value": "Chief"}
        member = {"op": "add", "path": "members", "value": [{"value": other}]}
        for answer in (
            tenant.post("Users", json={"userName": "new"}),
            tenant.put(f"Users/{user['id']}", json={"userName": "renamed"}),
            tenant.change(f"Users/{user['id']}", title),
            tenant.delete(f"Users/{user['id']}"),
            tenant.post("Groups", json={"displayName": "new", "members": [{"value": user["id"]}]}),
            tenant.put(f"Groups/{group['id']}", json={"displayName": "renamed", "members": []}),
            tenant.change(f"Groups/{group['id']}", member),
            tenant.delete(f"Groups/{group['id']}"),
        ):
            assert (answer.status_code, answer.json()["status"]) == (500, "500")
            assert "injected" not in answer.text
            assert fresh_service.snapshot() == before
        fresh_service.mend_audit()
        assert tenant.change(f"Groups/{group['id']}", member).status_code == 200
        assert len(tenant.get(f"Groups/{group['id']}").json()["members"]) == 2


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(fresh_service):
    with fresh_service.tenant() as tenant:
        group = tenant.group("Load")
        users, joined = [], []
        enough = threading.Event()

        def work(number):
            index = 0
            with tenant.again() as client:
                while True:
                    index += 1
                    name = f"u{number}-{index}"
                    try:
                        created = client.post("Users", json={"userName": name})
                        if created.status_code != 201:
                            continue
                        users.append(name)
                        value = {"op": "add", "path": "members", "value": [{"value": created.json()["id"]}]}
                        if client.change(f"Groups/{group['id']}", value).status_code == 200:
                            joined.append(created.json()["id"])
                    except httpx.TransportError:
                        return
                    if len(joined) > 60:
                        enough.set()

        threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        fresh_service.kill()
        for thread in threads:
            thread.join()
        fresh_service.start()
        with tenant.again() as after:
            members = [member["value"] for member in after.get(f"Groups/{group['id']}").json()["members"]]
            assert set(joined) <= set(members)
            names = {user["userName"] for user in after.found("Users", count=1000, attributes="userName")}
            assert set(users) <= names
            # Unacknowledged writes are stored whole or not at all, so there is one audit row for each version.
            [[version]] = fresh_service.sql("select version from groups")
            [[audited]] = fresh_service.sql("select count(*) from audit where resource_type = 'Group'")
            assert version == audited == len(members) + 1
            after.user("after")


def test_a_truncated_body_is_not_a_failure_of_the_service(fresh_service):
    with fresh_service.tenant() as tenant:
        url = urlsplit(fresh_service.url)
        before = fresh_service.snapshot()
        with socket.create_connection((url.hostname, url.port)) as connection:
            connection.sendall(unfinished(tenant))
        assert tenant.get("Users").status_code == 200
        assert (fresh_service.log.read_text(), fresh_service.snapshot()) == ("", before)


def unfinished(tenant):
    """A request with a part of its body."""
    return (
        f"POST /tenants/{tenant.name}/scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
        f'Authorization: Bearer {tenant.token}\r\nContent-Type: application/json\r\n\r\n{{"userName'
    ).encode()


def test_a_client_that_never_ends_its_request_does_not_hold_the_service(fresh_service):
    with fresh_service.tenant() as tenant:
        url = urlsplit(fresh_service.url)
        with socket.create_connection((url.hostname, url.port)) as connection:
            connection.sendall(unfinished(tenant))
            assert tenant.get("Users").status_code == 200
            assert fresh_service.stop() == 0


def test_the_database_is_held_or_lost(fresh_service):
    """Another process writes without end, or the database server closes all connections."""
    with fresh_service.tenant() as tenant:
        user = tenant.user("bjensen")
        if fresh_service.dialect == "postgres":
            with ThreadPoolExecutor(10) as pool:  # so that there are idle connections
                list(pool.map(lambda _: tenant.get("Users"), range(30)))
            fresh_service.sql(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            # The first request with a closed connection may get 503; all later ones succeed.
            statuses = [tenant.get(f"Users/{user['id']}").status_code for _ in range(20)]
            assert statuses[0] in (200, 503)
            assert set(statuses[1:]) == {200}
        else:
            with contextlib.closing(sqlite3.connect(fresh_service.db, isolation_level=None)) as other:
                other.execute("begin immediate")
                answer = tenant.post("Users", json={"userName": "late"})
                assert (answer.status_code, answer.json()["status"]) == (503, "503")
                assert tenant.get(f"Users/{user['id']}").status_code == 200
                other.execute("rollback")
        tenant.user("late")


def test_it_stops_when_it_is_asked_to(fresh_service):
    with fresh_service.tenant() as tenant:
        tenant.user("bjensen")
        assert fresh_service.stop() == 0
        fresh_service.start()
        with tenant.again() as after:
            assert len(after.found("Users")) == 1
