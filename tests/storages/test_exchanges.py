"""The exchanges of `tests/endpoint` over tables: the same answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scim_engine import protocol
from tests.python.exchanges import BASE, SCENES, Fixed, answered, asked

from .hosts import Host

# What a mapping refuses: the order of numbers is not that of texts, and what no schema knows has no column.
REFUSED = ("sorting by `id` is not supported", "filters such as this on `User` are not supported")


def unordered(value: Any) -> Any:
    """A value whose lists of a resource have no order, because SCIM gives them none."""
    if isinstance(value, dict):
        return {name: unordered(part) for name, part in value.items()}
    if not isinstance(value, list):
        return value
    parts = [unordered(part) for part in value]
    if all(isinstance(part, dict) and "schemas" not in part for part in parts):
        return sorted(parts, key=lambda part: json.dumps(part, sort_keys=True))
    return parts


@pytest.mark.parametrize("scene", SCENES)
def test_exchanges_are_as_agreed(scene: dict[str, Any], host: Host) -> None:
    host.clear()
    endpoint = Fixed(
        protocol.Registry([mapping.resource_type for mapping in host.product.mappings.values()]),
        cursors=protocol.Cursors(b"sixteen bytes or more of secret"),
        max_body=20_000,
        default_count=10,
        max_count=20,
        max_operations=5,
        nested_groups=scene.get("nestedGroups", "unchecked"),
    )
    known: dict[str, Any] = {}
    for step in scene["steps"]:
        method, path, query, headers, body, me = asked(step, known)
        storage = host.storage()
        response = endpoint.handle(storage, method, path, base=BASE, query=query, headers=headers, body=body, me=me)
        answer = answered(step, known, response.status, response.headers, response.body)
        if answer.get("body", {}).get("detail") not in REFUSED:
            assert unordered(answer) == unordered(step["answer"]), step["request"]
