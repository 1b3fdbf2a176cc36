"""A platform's SCIM endpoint without the HTTP: a request goes in, an answer comes out.

This is all that a host has to write around the engine: ids, `meta`, uniqueness, and the way to its store.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

from store import Resource, Store

import scim_engine as scim

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


@dataclass(frozen=True)
class Answer:
    """What the client gets, and what the host knows beside."""

    status: int
    body: dict[str, Any] | None = None
    outcome: scim.Outcome | None = None
    error: scim.ScimError | None = None
    note: str = ""
    rows_written: int = 0


def now() -> datetime:
    return datetime.now(timezone.utc)


class Endpoint:
    """`/Users` and `/Groups` over a store."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = now) -> None:
        self._store = store
        self._clock = clock
        self._last_id = 7000

    def handle(self, method: str, target: str, body: bytes = b"") -> Answer:
        """Answers one request."""
        before = self._store.rows_written
        try:
            answer = self._dispatch(method, target, body)
        except scim.ScimError as error:
            answer = Answer(error.status, error.to_dict(), error=error)
        return Answer(**{**vars(answer), "rows_written": self._store.rows_written - before})

    def _dispatch(self, method: str, target: str, body: bytes) -> Answer:
        url = urlsplit(target)
        # OneLogin encodes as forms do: `+` is a blank, and an `&` may trail.
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        kind, _, resource_id = url.path.strip("/").partition("/")
        route = f"{method} /{kind}" + ("/{id}" if resource_id else "")
        handlers: dict[str, Callable[[], Answer]] = {
            "GET /Users": lambda: self._find_users(query.get("filter")),
            "POST /Users": lambda: self._create_user(body),
            "GET /Users/{id}": lambda: Answer(200, self._user(resource_id)),
            "PUT /Users/{id}": lambda: self._replace_user(resource_id, body),
            "PATCH /Users/{id}": lambda: self._patch_user(resource_id, body),
            "DELETE /Users/{id}": lambda: self._delete_user(resource_id),
            "GET /Groups": self._list_groups,
            "POST /Groups": lambda: self._create_group(body),
            "GET /Groups/{id}": lambda: Answer(200, self._group(resource_id)),
            "PATCH /Groups/{id}": lambda: self._patch_group(resource_id, body),
        }
        handler = handlers.get(route)
        if handler is None:
            raise scim.ScimError(f"there is nothing at `{method} {url.path}`", status=404)
        return handler()

    # Users

    def _find_users(self, text: str | None) -> Answer:
        if text is None:
            found = list(self._store.users())
            return Answer(200, _list(found))
        wanted = scim.Filter(text, scim.USER)
        found, note = self._search(wanted)
        return Answer(200, _list(found), note=note)

    def _search(self, wanted: scim.Filter) -> tuple[list[str], str]:
        """Those that match: out of an index if the filter has an equality for one, else out of all."""
        equalities = [equality for equality in wanted.equalities() if isinstance(equality.value, str)]
        for equality in equalities:
            if equality.path == "userName":
                candidates = self._store.users_named(equality.value)
                how = "by the index of user names"
                break
            if equality.path == "id":
                user = self._store.user_text(equality.value)
                candidates = [] if user is None else [user]
                how = "by id"
                break
        else:
            candidates, how = list(self._store.users()), "no index fits"
        # The stored JSON text goes to the engine as it is.
        found = wanted.select(candidates)
        return found, f"{how}, {len(candidates)} looked at"

    def _check_unique(self, user: Resource) -> None:
        same, _ = self._search(scim.attr("userName", scim.USER).eq(user["userName"]))
        if any(_id(text) != user.get("id") for text in same):
            raise scim.Uniqueness(f"the user name `{user['userName']}` is taken")

    def _create_user(self, body: bytes) -> Answer:
        outcome = scim.USER.create(body)
        user = outcome.resource
        self._check_unique(user)
        self._stamp(user, "User")
        self._store.add_user(user)
        return Answer(201, user, outcome)

    def _replace_user(self, user_id: str, body: bytes) -> Answer:
        # A template says nothing of the attributes that it does not have: they stay.
        outcome = scim.USER.replace(self._user(user_id), body, absent="keep")
        return self._write_user(outcome)

    def _patch_user(self, user_id: str, body: bytes) -> Answer:
        return self._write_user(scim.Patch(body, scim.USER).apply(self._user(user_id)))

    def _write_user(self, outcome: scim.Outcome) -> Answer:
        user = outcome.resource
        if outcome.changed:
            if any(change.path == "userName" for change in outcome.changes):
                self._check_unique(user)
            self._touch(user)
            self._store.write_user(user)
        return Answer(200, user, outcome)

    def _delete_user(self, user_id: str) -> Answer:
        if not self._store.delete_user(user_id):
            raise scim.ScimError(f"there is no user `{user_id}`", status=404)
        return Answer(204)

    def _user(self, user_id: str) -> Resource:
        user = self._store.user(user_id)
        if user is None:
            raise scim.ScimError(f"there is no user `{user_id}`", status=404)
        return user

    # Groups

    def _list_groups(self) -> Answer:
        groups = self._store.groups()
        return Answer(200, {"schemas": [LIST], "totalResults": len(groups), "Resources": groups})

    def _create_group(self, body: bytes) -> Answer:
        outcome = scim.GROUP.create(body)
        group = outcome.resource
        if self._store.is_group_named(group["displayName"]):
            raise scim.Uniqueness(f"there is a group `{group['displayName']}` already")
        self._stamp(group, "Group")
        self._store.add_group(group)
        return Answer(201, group, outcome)

    def _patch_group(self, group_id: str, body: bytes) -> Answer:
        outcome = scim.Patch(body, scim.GROUP).apply(self._group(group_id))
        if outcome.changed:
            self._touch(outcome.resource)
            self._store.write_group(outcome.resource, outcome.changes)
        return Answer(200, outcome.resource, outcome)

    def _group(self, group_id: str) -> Resource:
        group = self._store.group(group_id)
        if group is None:
            raise scim.ScimError(f"there is no group `{group_id}`", status=404)
        return group

    # What the provider alone sets

    def _stamp(self, resource: Resource, kind: str) -> None:
        self._last_id += 1
        at = self._time()
        resource["id"] = str(self._last_id)
        resource["meta"] = {
            "resourceType": kind,
            "created": at,
            "lastModified": at,
            "location": f"/{kind}s/{self._last_id}",
        }

    def _touch(self, resource: Resource) -> None:
        resource["meta"] = {**resource["meta"], "lastModified": self._time()}

    def _time(self) -> str:
        return self._clock().isoformat().replace("+00:00", "Z")


def _list(texts: list[str]) -> dict[str, Any]:
    resources = [json.loads(text) for text in texts]
    return {"schemas": [LIST], "totalResults": len(resources), "Resources": resources}


def _id(text: str) -> str:
    return str(json.loads(text)["id"])
