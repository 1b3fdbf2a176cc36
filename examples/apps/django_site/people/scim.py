"""SCIM for the site: users of Django's own with a profile, and its groups."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

import scim_engine
from scim_engine.django import TableStorage
from scim_engine.endpoint import Endpoint
from scim_engine.protocol import Registry
from scim_engine.sql import Column, Mapping, Rows, fold_source, register_functions, username_source


def text(column: str, length: int, **more: object) -> Column:
    """A text whose folded form is an expression."""
    return Column.text(column, folded=fold_source(column, connection.vendor), max_length=length, **more)


MANAGER = f"{scim_engine.USER.extensions[0]['id']}:manager.value"
NAME = username_source("username", connection.vendor)
OPTIONS = {"key": Column.integer("id"), "schemas": True, "complete": True, "tailored": True}
MAPPINGS = {
    User: Mapping(
        scim_engine.USER,
        "auth_user",
        {
            "id": Column.digits("id"),
            "externalId": Column.text("profile__external_id", max_length=255),
            "userName": Column.text("username", folded=NAME, not_null=True, max_length=150),
            "name.givenName": text("first_name", 150, unassigned=""),
            "name.familyName": text("last_name", 150, unassigned=""),
            "active": Column.boolean("is_active", not_null=True, default=True),
            "title": text("profile__title", 150, unassigned=""),
            # One address, in the row itself.
            "emails": Rows(
                "auth_user",
                {"value": text("email", 254, unassigned=""), "type": "work", "primary": True},
                on={"id": "id"},
                complete=True,
            ),
            MANAGER: Column.digits("profile__manager_id", refers_to="User"),
            "meta.created": Column.timestamp("date_joined"),
            "meta.lastModified": Column.timestamp("profile__updated_at"),
            "meta.resourceType": "User",
        },
        **OPTIONS,
    ),
    Group: Mapping(
        scim_engine.GROUP,
        "auth_group",
        {
            "id": Column.digits("id"),
            "externalId": Column.text("extra__external_id", max_length=255),
            "displayName": text("name", 150, not_null=True),
            "members": Rows(
                "auth_user_groups",
                {"value": Column.digits("user_id", refers_to="User", not_null=True), "type": "User"},
                on={"group_id": "id"},
                complete=True,
            ),
            "meta.created": Column.timestamp("extra__created_at"),
            "meta.lastModified": Column.timestamp("extra__updated_at"),
            "meta.resourceType": "Group",
        },
        **OPTIONS,
    ),
}
ENDPOINT = Endpoint(
    Registry([mapping.resource_type for mapping in MAPPINGS.values()]), unknown="ignore", unknown_paths="ignore"
)


def connected(sender: object, connection: object, **more: object) -> None:
    """SQLite gets the functions that fold."""
    if connection.vendor == "sqlite":
        register_functions(connection.connection)


connection_created.connect(connected)


@csrf_exempt
def scim(request: HttpRequest, path: str) -> HttpResponse:
    """Every request below `/scim/v2`."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    headers = dict(request.headers)
    if not hmac.compare_digest(token.encode(), settings.SCIM_TOKEN.encode()):
        refused = scim_engine.ScimError("a valid bearer token is needed", status=401)
        answer = ENDPOINT.refuse(refused, headers=headers)
    else:
        answer = ENDPOINT.handle(
            TableStorage(MAPPINGS),
            request.method,
            f"/{path}",
            base=request.build_absolute_uri("/scim/v2"),
            query=request.META.get("QUERY_STRING", ""),
            headers=headers,
            body=request.body,
        )
    return HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))


urlpatterns = [path("scim/v2/<path:path>", scim)]
