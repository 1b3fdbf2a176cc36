"""A test of one's own endpoint by the requests that OneLogin sends, in process and without a network.

Run it: ``pytest examples/python/provisioning_test.py``, or to see the reports
``python examples/python/provisioning_test.py``. In a project the template is that which the administrator pastes into
OneLogin.
"""

from __future__ import annotations

from typing import Any

import patch_endpoint

from scim_engine.onelogin import Person, lint
from scim_engine.testing import Report, push

TOKEN = "a-token-for-tests"
TEMPLATE = """{
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "{$parameters.scimusername}",
    "active": "{$user.active}",
    "name": {"givenName": "{$user.firstname}", "familyName": "{$user.lastname}"},
    "emails": [{"value": "{$user.email}", "type": "work", "primary": true}]
}"""
PEOPLE = [
    Person(firstname="Mirela", lastname="Quill", email="mirela@harbour.example"),
    Person(firstname="Otto", lastname="Veit", email="otto@harbour.example"),
]
GROUPS = {"Crew": ["mirela@harbour.example", "otto@harbour.example"]}


def play(endpoint: patch_endpoint.Endpoint, **options: Any) -> Report:
    return push(endpoint, TEMPLATE, PEOPLE, GROUPS, base=patch_endpoint.PREFIX, token=TOKEN, **options)


def test_the_template_renders_what_the_endpoint_reads() -> None:
    assert [problem for problem in lint(TEMPLATE).problems if problem.severity != "note"] == []


def test_the_endpoint_answers_as_onelogin_needs_it() -> None:
    endpoint = patch_endpoint.Endpoint(TOKEN)
    first = play(endpoint)
    assert first.ok, first
    assert (first.people["created"], first.groups["created"]) == (2, 1)
    second = play(endpoint)
    assert second.ok, second
    assert second.nothing_changed, second


def test_who_leaves_is_suspended() -> None:
    endpoint = patch_endpoint.Endpoint(TOKEN)
    assert play(endpoint).ok
    report = push(
        endpoint, TEMPLATE, PEOPLE[:1], base=patch_endpoint.PREFIX, token=TOKEN, leaving=PEOPLE[1:], removal="suspend"
    )
    assert report.ok, report
    active = {user["userName"]: user["active"] for user in endpoint.stored["User"].values()}
    assert active == {"mirela@harbour.example": True, "otto@harbour.example": False}


def test_with_the_fixture(scim_push: Any) -> None:
    """The same in one line: two pushes, and the report if one fails."""
    scim_push(
        patch_endpoint.Endpoint(TOKEN), TEMPLATE, PEOPLE, GROUPS, base=patch_endpoint.PREFIX, token=TOKEN, again=True
    )


def main() -> None:
    endpoint = patch_endpoint.Endpoint(TOKEN)
    for run in ("first", "second"):
        print(f"{run} push\n{play(endpoint)}")


if __name__ == "__main__":
    main()
