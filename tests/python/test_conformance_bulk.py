"""Cases of tests/conformance/ on what goes with PATCH: which elements a request names, and the PATCH from one
resource to another. The same data runs from Rust.
"""

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


def unordered(value):
    if isinstance(value, list):
        return sorted(map(unordered, value), key=lambda element: json.dumps(element, sort_keys=True))
    if isinstance(value, dict):
        return {name: unordered(member) for name, member in value.items()}
    return value


@pytest.mark.parametrize("case", cases("diff", {"type", "old", "new", "operations", "expect", "refused"}))
def test_diff(case):
    kind, old, new = TYPES[case["type"]], case["old"], case["new"]
    body = scim.diff(old, new, kind)
    assert scim.diff(json.dumps(old), json.dumps(new).encode(), kind) == body
    assert ([] if body is None else body["Operations"]) == case["operations"]
    if body is None:
        return
    patch = scim.Patch(body, kind, tolerance=scim.Tolerance.strict())
    if "refused" in case:
        with pytest.raises(scim.ScimError) as caught:
            patch.apply(old)
        assert caught.value.scim_type == case["refused"]
    else:
        assert unordered(patch.apply(old).resource) == unordered(case.get("expect", new))


def test_diff_of_what_is_no_resource():
    with pytest.raises(TypeError):
        scim.diff([], {}, scim.USER)
    deep = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(scim.InvalidSyntax, match="the new resource is nested too deep"):
        scim.diff({}, {"title": deep}, scim.USER)
