"""Fixtures that several test files need."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.fixture
def root():
    return ROOT


@pytest.fixture
def user():
    """A stored user."""
    return {
        "schemas": [CORE, ENTERPRISE],
        "id": "2819c223",
        "userName": "mveit",
        "name": {"givenName": "Maja", "familyName": "Veit"},
        "active": True,
        "emails": [
            {"value": "maja@example.com", "type": "work", "primary": True},
            {"value": "m@home.example.net", "type": "home"},
        ],
        "x509Certificates": [],
        ENTERPRISE: {"department": "Maps", "costCenter": "41"},
        "meta": {"resourceType": "User", "created": "2026-01-12T08:00:00Z"},
    }


@pytest.fixture
def request_of():
    """Makes the body of a PATCH request of operations."""

    def make(*operations):
        return {"schemas": [PATCH], "Operations": list(operations)}

    return make
