"""Verdicts of independent validators: scim2-tester (by scim2-cli) and scim-sanity."""

from __future__ import annotations

import pytest
from clients import HAS_SCIM2_CLI, scim2_tester, scim_sanity


@pytest.mark.skipif(not HAS_SCIM2_CLI, reason="there is no version of scim2-cli for it")
def test_scim2_tester(tenant):
    assert scim2_tester(tenant) > 100


def test_scim_sanity(tenant):
    assert scim_sanity(tenant) > 20
