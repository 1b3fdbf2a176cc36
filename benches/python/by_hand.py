"""The filters written by hand in Python, for documents of exactly this form."""

from __future__ import annotations

from typing import Any

from data import ENTERPRISE, THIRTY


def equality(user: dict[str, Any]) -> bool:
    return user.get("userName", "").lower() == "bjensen@example.com"


def conjunction(user: dict[str, Any]) -> bool:
    return bool(user.get("title")) and user.get("userType", "").lower() == "employee"


def value_path(user: dict[str, Any]) -> bool:
    return user.get("userType", "").lower() == "employee" and any(
        email.get("type", "").lower() == "work" and "@example.org" in email.get("value", "").lower()
        for email in user.get("emails", ())
    )


def date(user: dict[str, Any]) -> bool:
    # All dates of the documents are in UTC and in one format.
    return user["meta"]["lastModified"] >= "2024-06-01T00:00:00Z" and user.get("active") is not False


def extension(user: dict[str, Any]) -> bool:
    return user.get(ENTERPRISE, {}).get("department", "").lower() == "engineering"


def miss(user: dict[str, Any]) -> bool:
    return user.get("userName", "").lower() == "nobody.of.that.name@nowhere.example"


THIRTY_NAMES = frozenset(THIRTY)


def or30(user: dict[str, Any]) -> bool:
    return user.get("userName", "").lower() in THIRTY_NAMES


PREDICATES = {
    "equality": equality,
    "conjunction": conjunction,
    "value path": value_path,
    "date": date,
    "extension": extension,
    "miss": miss,
    "or30": or30,
}
