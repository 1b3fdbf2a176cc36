"""A product with a dozen user attributes: clients push to it, and it behaves as its discovery answers say."""

from __future__ import annotations

import json

import pytest
from clients import DOZEN, PEOPLE, flawless, played, push, scim2_tester, scim_sanity, tables


@pytest.mark.parametrize("client", ["onelogin", "entra", "okta", "jumpcloud"])
def test_a_product_with_a_dozen_attributes(product, files, client):
    with product.tenant() as tenant:
        first = push(tenant, files, client)
        assert first["people"]["created"] == PEOPLE
        before = tables(tenant)
        second = push(tenant, files, client)
        assert (second["people"]["unchanged"], second["groups"]["unchanged"]) == (PEOPLE, 4)
        assert tables(tenant) == before
        for suite in ["microsoft-validator", "okta-spec"]:
            flawless(tenant, played(tenant, suite))
            assert tables(tenant) == before
        stored = {name for user in tenant.found("Users", count=1000) for name in user}
        kept = {name.split(".")[0] for name in DOZEN.split(",") if not name.startswith("urn:")}
        assert stored - kept - {"id", "schemas", "meta", "groups"} <= {
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        }


def test_a_product_with_a_dozen_attributes_is_what_it_says_it_is(product, files):
    with product.tenant() as tenant:
        (user,) = [one for one in tenant.found("Schemas") if one["name"] == "User"]
        assert "nickName" not in json.dumps(user)
        assert scim2_tester(tenant) > 60
        assert scim_sanity(tenant) > 20
