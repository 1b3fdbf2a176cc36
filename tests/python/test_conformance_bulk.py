"""Cases of tests/conformance/ on what goes with PATCH: which elements a request names. The same data runs from Rust."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import scim_engine as scim

FOLDER = Path(__file__).resolve().parents[1] / "conformance"
TYPES = {"User": scim.USER, "Group": scim.GROUP}


def cases(kind, members):
    found = json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8"))
    assert found
    for case in found:
        assert case["kind"] == kind
        assert set(case) <= {"name", "rows", "kind", *members}, case["name"]
    return [pytest.param(case, id=case["name"]) for case in found]


def tolerance(case):
    if "tolerance" not in case:
        return None
    assert case["tolerance"] == "strict"
    return scim.Tolerance.strict()


@pytest.mark.parametrize("case", cases("elements", {"type", "tolerance", "body", "attribute", "elements"}))
def test_elements(case):
    kind = TYPES[case["type"]]
    attribute = case.get("attribute", "members")
    for body in (case["body"], json.dumps(case["body"])):
        patch = scim.Patch(body, kind, tolerance=tolerance(case))
        assert patch.elements(attribute) == case["elements"]
        assert scim.Patch(body, tolerance=tolerance(case)).elements(attribute, kind) == case["elements"]


def test_elements_without_a_resource_type():
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members", "value": [{"value": "u1"}]}],
    }
    assert scim.Patch(body).elements("members") == ["u1"]
