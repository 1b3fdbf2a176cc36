"""`scim-engine onelogin push` as each client: a second push changes nothing, and a killed push can be repeated."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from clients import PEOPLE, command, flawless, played, push, tables


def state(tenant):
    """The contents of a tenant without values that differ between pushes: ids, times, versions."""
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


@pytest.mark.parametrize("client", ["microsoft-validator", "okta-spec"])
def test_the_suites_of_vendors(tenant, files, client):
    push(tenant, files, "onelogin")
    before = tables(tenant)
    for _ in range(2):
        flawless(tenant, played(tenant, client))
        assert tables(tenant) == before


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
            # Kills the push after a part of the users, at a random point.
            while process.poll() is None and len(killed.found("Users", count=1000)) < attempt * PEOPLE / 6:
                time.sleep(0.005)
            process.kill()
            died += process.wait() == -signal.SIGKILL
        assert died > 3
        push(killed, files, "onelogin")
        assert state(killed) == state(whole)
