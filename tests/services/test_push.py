"""`scim onelogin push` as four clients: the second time nothing changes, and a push that was killed is repeated."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

TEMPLATE = {
    "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ],
    "userName": "{$user.email}",
    "externalId": "{$user.id}",
    "displayName": "{$user.display_name}",
    "name": {"givenName": "{$user.firstname}", "familyName": "{$user.lastname}"},
    "emails": [{"value": "{$user.email}", "type": "work", "primary": True}],
    "title": "{$parameters.title}",
    "active": "{$user.active}",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "{$user.department}"},
}
PEOPLE = 30


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A template, people, those who leave, and groups."""
    folder = tmp_path_factory.mktemp("push")
    people = [
        {
            "id": str(7000 + number),
            "firstname": f"Ada{number}",
            "lastname": "Łoś" if number % 3 else "O'Neil",
            "email": f"ada{number}@lumen.example",
            "active": "true",
            "department": "Tours" if number % 2 else "",
            "parameters": {"title": "Guide"},
        }
        for number in range(PEOPLE)
    ]
    groups = [
        {"displayName": f"Crew {crew}", "members": [person["email"] for person in people[crew::4]]} for crew in range(4)
    ]
    for name, value in (
        ("template", TEMPLATE),
        ("people", people),
        ("staying", people[3:]),
        ("leaving", people[:3]),
        ("groups", groups),
    ):
        (folder / f"{name}.json").write_text(json.dumps(value))
    return folder


def command(tenant, files, client, *more, people="people"):
    return [
        *(sys.executable, "-m", "scim_engine", "onelogin", "push", "--url", str(tenant.base_url).rstrip("/")),
        *("--template", str(files / "template.json"), "--users", str(files / f"{people}.json")),
        *("--groups", str(files / "groups.json"), "--client", client, "--json", *more),
    ]


def push(tenant, files, client, *more, **people):
    """The report of a push, in which nothing may be wrong."""
    environment = {**os.environ, "SCIM_TOKEN": tenant.token}
    done = subprocess.run(
        command(tenant, files, client, *more, **people), capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["findings"] == []
    assert tenant.token not in done.stdout + done.stderr
    return report["summary"]


def tables(tenant):
    """The rows that are more than the record that somebody came by: JumpCloud tests a connection with a user."""
    snapshot = tenant.service.snapshot()
    return {name: snapshot[name] for name in ("users", "groups", "members")}


def state(tenant):
    """What a tenant holds, without what differs from one push to the next: ids, times, versions."""
    users = tenant.found("Users", count=1000)
    names = {user["id"]: user["userName"] for user in users}
    plain = [{name: user[name] for name in user if name not in ("id", "meta", "groups")} for user in users]
    groups = {
        group["displayName"]: sorted(names[member["value"]] for member in group.get("members", []))
        for group in tenant.found("Groups", count=1000)
    }
    return sorted(plain, key=lambda user: user["userName"]), groups


@pytest.mark.parametrize("client", ["onelogin", "entra", "okta", "jumpcloud"])
def test_a_push_and_the_same_push_again(tenant, files, client):
    first = push(tenant, files, client)
    assert (first["people"]["created"], first["groups"]["created"]) == (PEOPLE, 4)
    users, groups = state(tenant)
    assert len(users) == PEOPLE
    assert {name: len(members) for name, members in groups.items()} == {
        "Crew 0": 8,
        "Crew 1": 8,
        "Crew 2": 7,
        "Crew 3": 7,
    }
    before = tables(tenant)
    second = push(tenant, files, client)
    assert (second["people"]["unchanged"], second["groups"]["unchanged"]) == (PEOPLE, 4)
    assert tables(tenant) == before
    more = ("--leaving", str(files / "leaving.json"), "--removal", "suspend")
    leaving = push(tenant, files, client, *more, people="staying")
    assert leaving["people"]["suspended"] == 3
    assert len(tenant.found("Users", filter="active eq false")) == 3


def test_the_membership_of_scim_1_1(tenant, files):
    push(tenant, files, "onelogin", "--membership", "1.1")
    assert len(state(tenant)[1]["Crew 0"]) == 8


def test_a_push_that_is_killed_and_repeated_ends_in_the_same_state(service, files):
    with service.tenant() as whole, service.tenant() as killed:
        push(whole, files, "onelogin")
        environment = {**os.environ, "SCIM_TOKEN": killed.token}
        died = 0
        for attempt in range(1, 7):
            process = subprocess.Popen(
                command(killed, files, "onelogin", "--concurrency", "3"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            # Killed when it has got so far, wherever that is.
            while process.poll() is None and len(killed.found("Users", count=1000)) < attempt * PEOPLE / 6:
                time.sleep(0.005)
            process.kill()
            died += process.wait() == -signal.SIGKILL
        assert died > 3
        push(killed, files, "onelogin")
        assert state(killed) == state(whole)
