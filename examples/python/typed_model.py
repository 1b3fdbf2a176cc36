"""A product whose users are dataclasses with fewer fields than the RFC's schema, and other names.

Run it: ``python examples/python/typed_model.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import scim_engine as scim

# The attributes of the class. A misspelt name is an error when the program starts.
USER = scim.USER.only(["userName", "title", "active", "emails.value", "emails.type", "emails.primary"]).max_length(
    "title", 60
)


@dataclass(frozen=True)
class Email:
    address: str
    kind: str | None = None
    is_primary: bool = False


@dataclass(frozen=True)
class User:
    login: str
    title: str | None = None
    is_active: bool = True
    emails: list[Email] = field(default_factory=list)


def user_of(resource: dict[str, Any]) -> User:
    """The object of a resource. Clients may remove every attribute but `userName`, so each needs a default."""
    return User(
        login=resource["userName"],
        title=resource.get("title"),
        is_active=resource.get("active", True),
        emails=[
            Email(email["value"], email.get("type"), email.get("primary", False))
            for email in resource.get("emails", [])
            if "value" in email
        ],
    )


def resource_of(user: User) -> dict[str, Any]:
    """The resource of an object. An attribute that is None or an empty list is unassigned."""
    return {
        "schemas": [USER.schema["id"]],
        "userName": user.login,
        "title": user.title,
        "active": user.is_active,
        "emails": [
            {"value": email.address, "type": email.kind, "primary": email.is_primary or None} for email in user.emails
        ],
    }


def create(body: bytes) -> User:
    return user_of(USER.create(body).resource)


def patch(user: User, body: bytes) -> tuple[User, list[str]]:
    """The new object, and the attributes that changed, so that only these columns are written."""
    # What the class has no field for is dropped with a report, in bodies and in the paths of a PATCH.
    outcome = scim.Patch(body, USER, unknown_paths="ignore").apply(resource_of(user))
    return user_of(outcome.resource), [change.path for change in outcome.changes]


def find(users: list[User], text: str) -> list[User]:
    wanted = scim.Filter(text, USER)
    return [user for user in users if wanted.matches(resource_of(user))]


def main() -> None:
    mirela = create(
        b"""{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "mirela", "active": "true",
            "nickName": "Mimi", "emails": {"type": "work", "value": "mirela@harbour.example", "primary": true}}"""
    )
    print(f"created {mirela.login} with {mirela.emails}")

    suspend = b"""{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Replace", "path": "nickName", "value": "Miri"}
    ]}"""
    suspended, changed = patch(mirela, suspend)
    assert suspended == replace(mirela, is_active=False)
    print(f"changed: {changed}")
    print(f"changed by the same request: {patch(suspended, suspend)[1]}")

    found = find([suspended], 'emails[type eq "work"] and active eq false and not (title pr)')
    print(f"found: {[user.login for user in found]}")

    for body in (b'{"userName": "otto", "active": "perhaps"}', b'{"userName": "otto", "title": "%s"}' % (b"x" * 61)):
        try:
            create(body)
        except scim.ScimError as error:
            print(error.status, error.scim_type, error.detail)


if __name__ == "__main__":
    main()
