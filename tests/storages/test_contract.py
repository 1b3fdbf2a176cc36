"""Random requests over tables, beside the storage in memory, and writers that meet."""

from __future__ import annotations

import os

import pytest

import scim_engine as scim
from scim_engine import protocol
from scim_engine.endpoint import Endpoint
from scim_engine.testing import check_storage

from .hosts import Host
from .product import Product

REQUESTS = int(os.environ.get("SCIM_ENGINE_STORAGE_REQUESTS", "500"))


@pytest.mark.parametrize("rest", [False, True], ids=["columns", "rest"])
def test_random_requests_are_answered_as_in_memory(host: Host, rest: bool) -> None:
    host.fill(Product(scim.USER, scim.GROUP, refers=True, rest=rest))
    kinds = protocol.Registry([mapping.resource_type for mapping in host.product.mappings.values()])
    checked = check_storage(host.storage, Endpoint(kinds), REQUESTS, seed=15)
    assert checked.refused < REQUESTS / 20
