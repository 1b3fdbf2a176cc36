"""Columns in the one row of another table, which Django's paths lead to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

import scim_engine as scim
from scim_engine import protocol
from scim_engine.django import TableStorage
from scim_engine.endpoint import Endpoint
from scim_engine.sql import Column, Mapping, Rows, fold_source, register_functions
from scim_engine.testing import check_storage
from tests.databases.engines import django_is_set_up
from tests.storages import sending

# Models are defined after Django is set up.
django_is_set_up()
from tests.storages.paths.models import Login, Profile  # noqa: E402

MANAGER = f"{scim.USER.extensions[0]['id']}:manager.value"
LOGINS = Mapping(
    scim.USER,
    "logins",
    {
        "id": Column.digits("id"),
        "userName": Column.text("name", folded=fold_source("name", "sqlite"), not_null=True, max_length=150),
        "title": Column.text(
            "profile__title", folded=fold_source("profile__title", "sqlite"), unassigned="", max_length=20
        ),
        "emails": Rows(
            "logins",
            {"value": Column.text("mail", folded=fold_source("mail", "sqlite"), unassigned=""), "type": "work"},
            on={"id": "id"},
            complete=True,
        ),
        MANAGER: Column.digits("profile__boss_id", refers_to="User"),
        "meta.created": Column.timestamp("joined"),
        "meta.lastModified": Column.timestamp("profile__changed"),
    },
    key=Column.integer("id"),
    schemas=True,
    complete=True,
    tailored=True,
)
ENDPOINT = Endpoint(protocol.Registry([LOGINS.resource_type]), unknown="ignore", unknown_paths="ignore")


@pytest.fixture(autouse=True)
def tables() -> Iterator[None]:
    connection.ensure_connection()
    register_functions(connection.connection)
    with connection.schema_editor() as editor:
        editor.create_model(Login)
        editor.create_model(Profile)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Profile)
        editor.delete_model(Login)


def send(method: str, path: str, body: Any = None, query: str = "") -> tuple[int, Any]:
    return sending.send(ENDPOINT, TableStorage({Login: LOGINS}), method, path, body, query)


def test_a_path_is_read_written_found_and_sorted_by() -> None:
    status, ann = send("POST", "/Users", {"userName": "Ann", "title": "Guide", "nickName": "A"})
    assert (status, ann["title"], Profile.objects.get().login_id) == (201, "Guide", int(ann["id"]))
    send("POST", "/Users", {"userName": "Bo", "emails": [{"value": "bo@x.example", "type": "work"}]})
    found = send("GET", "/Users", query='filter=title eq "GUIDE" and not (emails pr)')[1]
    assert [user["userName"] for user in found["Resources"]] == ["Ann"]
    found = send("GET", "/Users", query="sortBy=userName&sortOrder=descending")[1]
    assert [user["userName"] for user in found["Resources"]] == ["Bo", "Ann"]
    operations = [
        {"op": "replace", "path": "title", "value": "Lead"},
        {"op": "add", "path": MANAGER, "value": "2"},
    ]
    assert send("PATCH", "/Users/1", {"Operations": operations})[1]["title"] == "Lead"
    assert send("DELETE", "/Users/2")[0] == 204
    assert Profile.objects.get().boss_id is None
    assert send("PUT", "/Users/1", {"userName": "Ann", "title": "x" * 21})[0] == 400


def test_random_requests_are_answered_as_in_memory() -> None:
    defaults = {"emails.type": "work"}
    checked = check_storage(lambda: TableStorage({Login: LOGINS}), ENDPOINT, 300, writers=1, defaults=defaults)
    assert checked.requests > 200
