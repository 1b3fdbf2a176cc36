"""The order in which a host gives resources, with the engine as the oracle."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from .._engine import ListQuery, ResourceType
from .._errors import ScimError
from ._filters import _attributes


def check_orders(
    select: Callable[[ListQuery], Iterable[Hashable]],
    resources: Mapping[Hashable, Any],
    resource_type: ResourceType,
    *,
    attributes: Iterable[str] | None = None,
) -> int:
    """Compares the order of a host's lists with the engine's, for each attribute that can be sorted by, in both
    directions.

    `select` answers a list request (`query.order`) with the keys of all resources, in their order; equal resources may
    be in any order. `resources` has the resources as the host shows them, by these keys. `attributes` restricts the
    orders to some attributes. Returns how many orders were compared; those are not that the host refuses by raising a
    `ScimError`, as `Mapping.order_by` does.

    Raises `AssertionError` with two resources that are in the wrong order.

    >>> import scim_engine as scim
    >>> users = {1: {"userName": "bo"}, 2: {"userName": "Ann", "title": "Guide"}}
    >>> def select(query):
    ...     return sorted(users, key=lambda key: users[key]["userName"].lower(), reverse=query.order.descending)
    >>> check_orders(select, users, scim.USER, attributes=["userName"])
    2
    >>> check_orders(lambda query: [1, 2], users, scim.USER, attributes=["userName"])
    Traceback (most recent call last):
    AssertionError: `sortBy=userName&sortOrder=ascending` has 1 {"userName": "bo"} before 2 {"userName": "Ann", ...
    """
    wanted = None if attributes is None else {name.lower() for name in attributes}
    orders = 0
    for path, attribute in _attributes(resource_type, wanted):
        subs = attribute.get("subAttributes", ())
        for leaf in [f"{path}.{sub['name']}" for sub in subs] if subs else [path]:
            for direction in ("ascending", "descending"):
                asked = f"sortBy={quote(leaf)}&sortOrder={direction}"
                try:
                    query = ListQuery(asked, resource_type)
                    found = list(select(query))
                except ScimError:
                    continue
                _compare(asked, query, found, resources)
                orders += 1
    return orders


def _compare(asked: str, query: ListQuery, found: list[Hashable], resources: Mapping[Hashable, Any]) -> None:
    if len(found) != len(resources) or set(found) != set(resources):
        raise AssertionError(f"`{asked}` has {len(found)} keys, and there are {len(resources)} resources")
    # Equal resources keep the order in which they are given, so what is in order is not changed.
    places = {id(resources[key]): key for key in found}
    for before, right in zip(
        found, [places[id(one)] for one in query.sort([resources[key] for key in found])], strict=True
    ):
        if before != right:
            shown = [f"{key} {json.dumps(resources[key], default=str, ensure_ascii=False)}" for key in (before, right)]
            raise AssertionError(f"`{asked}` has {shown[0]} before {shown[1]}")
