"""What OneLogin does before it sends: fills the macros of a template, and encodes queries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

MACRO = re.compile(r"\{\$(user|parameters)\.([A-Za-z0-9_.]+)\}")

Person = Mapping[str, Mapping[str, str]]


def render(template: str, person: Person) -> bytes:
    """The body that goes over the wire. What is not set becomes `""`: a template cannot say `null`."""

    def value(macro: re.Match[str]) -> str:
        text = person.get(macro[1], {}).get(macro[2], "")
        # Macros stand inside JSON strings: everything of JSON's escapes but the quotes around it.
        return json.dumps(text, ensure_ascii=False)[1:-1]

    return MACRO.sub(value, template).encode()


def with_values(person: Person, **groups: Mapping[str, str]) -> dict[str, Any]:
    """The same person with other values: `with_values(p, parameters={"title": "Captain"})`."""
    return {**person, **{group: {**person.get(group, {}), **values} for group, values in groups.items()}}


def look_up(user_name: str) -> str:
    """The request target of a look-up, form-encoded, with the `&` that OneLogin leaves at its end."""
    return f"/Users?filter={quote_plus('userName eq ' + json.dumps(user_name, ensure_ascii=False))}&"
