"""A template, and invented people and groups, for a push without its own."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

TEMPLATE: Final = """{
  "schemas": [
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
  ],
  "userName": "{$parameters.scimusername}",
  "name": {"givenName": "{$user.firstname}", "familyName": "{$user.lastname}", "formatted": "{$user.display_name}"},
  "displayName": "{$user.display_name}",
  "emails": [{"value": "{$user.email}", "type": "work", "primary": true}],
  "title": "{$parameters.title}",
  "active": "{$user.active}",
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "{$user.department}"}
}"""

PEOPLE: Final = tuple(
    MappingProxyType(
        {
            "firstname": first,
            "lastname": last,
            "email": f"{first}.{last}@lumen.example".lower(),
            "department": department,
            "parameters.title": title,
        }
    )
    for first, last, department, title in (
        ("Mara", "Quill", "Maps", "Guide"),
        ("Kai", "Rook", "Maps", "Pilot"),
        ("Zoe", "Bram", "Harbour", ""),
        ("Teo", "Ash", "Harbour", "Head of the quay"),
    )
)

GROUPS: Final = MappingProxyType(
    {
        "Harbour Crew": ("zoe.bram@lumen.example", "teo.ash@lumen.example"),
        "Map Makers": ("mara.quill@lumen.example", "kai.rook@lumen.example"),
    }
)
