"""Verdicts of independent validators: scim2-tester (by scim2-cli) and scim-sanity."""

from __future__ import annotations

from clients import scim2_tester, scim_sanity


def test_scim2_tester(tenant):
    assert scim2_tester(tenant) > 100


def test_scim_sanity(tenant):
    assert scim_sanity(tenant) > 20
