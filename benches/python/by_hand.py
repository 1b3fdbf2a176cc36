"""The filters as somebody would write them in Python for documents of just this shape."""

from __future__ import annotations

from typing import Any

from data import ENTERPRISE, THIRTY


def f1(user: dict[str, Any]) -> bool:
    return user.get("userName", "").lower() == "bjensen@example.com"


def f2(user: dict[str, Any]) -> bool:
    return bool(user.get("title")) and user.get("userType", "").lower() == "employee"


def f3(user: dict[str, Any]) -> bool:
    return user.get("userType", "").lower() == "employee" and any(
        email.get("type", "").lower() == "work" and "@example.org" in email.get("value", "").lower()
        for email in user.get("emails", ())
    )


def f4(user: dict[str, Any]) -> bool:
    # All dates of the documents are in UTC and of one form.
    return user["meta"]["lastModified"] >= "2024-06-01T00:00:00Z" and user.get("active") is not False


def f5(user: dict[str, Any]) -> bool:
    return user.get(ENTERPRISE, {}).get("department", "").lower() == "engineering"


def miss(user: dict[str, Any]) -> bool:
    return user.get("userName", "").lower() == "nobody.of.that.name@nowhere.example"


THIRTY_NAMES = frozenset(THIRTY)


def or30(user: dict[str, Any]) -> bool:
    return user.get("userName", "").lower() in THIRTY_NAMES


PREDICATES = {"F1": f1, "F2": f2, "F3": f3, "F4": f4, "F5": f5, "miss": miss, "or30": or30}
