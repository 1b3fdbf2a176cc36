"""The cases of `patch/elements`, `patch/diff` and `protocol/bulk`: the elements that a PATCH names, the PATCH from one
resource to another, and bulk requests. The same data runs from Rust.
"""

from __future__ import annotations

import json

import pytest

import scim_engine as scim
from scim_engine import protocol

from .cases import load, meaning
from .test_conformance import TYPES


def cases(file, kind, members):
    found = load(file)
    assert found
    found += meaning(kind)
    for case in found:
        assert case["kind"] == kind
        assert set(case) <= {"name", "rows", "kind", *members}, case["name"]
    return [pytest.param(case, id=case["name"]) for case in found]


def tolerance(case):
    if "tolerance" not in case:
        return None
    assert case["tolerance"] == "strict"
    return scim.Tolerance.strict()


ELEMENTS = {"type", "tolerance", "body", "attribute", "elements"}


@pytest.mark.parametrize("case", cases("patch/elements", "elements", ELEMENTS))
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


@pytest.mark.parametrize("case", cases("patch/diff", "diff", {"type", "old", "new", "operations", "expect", "refused"}))
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


def test_diff_of_a_value_that_is_not_a_resource():
    with pytest.raises(TypeError):
        scim.diff([], {}, scim.USER)
    deep = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(scim.InvalidSyntax, match="the new resource is nested too deep"):
        scim.diff({}, {"title": deep}, scim.USER)


BULK_MEMBERS = {"body", "body_text", "limits", "fail", "calls", "response", "error"}


@pytest.mark.parametrize("case", cases("protocol/bulk", "bulk", BULK_MEMBERS))
def test_bulk(case):
    text = case.get("body_text") or json.dumps(case["body"])
    bodies = [text, text.encode()]
    if isinstance(case.get("body"), dict):
        bodies.append(case["body"])
    for body in bodies:
        run_bulk(case, body)


def run_bulk(case, body):
    if "error" in case:
        with pytest.raises(scim.ScimError) as caught:
            protocol.Bulk(body, **case.get("limits", {}))
        error, expected = caught.value, case["error"]
        assert (error.status, error.scim_type) == (expected["status"], expected.get("scimType"))
        assert all(word in error.detail for word in expected["contains"])
        return
    calls = []

    def handle(operation):
        call = {"method": operation.method, "path": operation.path}
        more = {"data": operation.data, "version": operation.version, "follow_up": operation.is_follow_up or None}
        calls.append({**call, **{name: value for name, value in more.items() if value is not None}})
        refused = case.get("fail", {}).get(f"{operation.method} {operation.path}")
        if refused is not None:
            raise scim.ScimError("refused", status=refused["status"], scim_type=refused.get("scimType"))
        if operation.method == "DELETE":
            return None
        version = 'W/"2"' if operation.is_follow_up else 'W/"1"'
        if operation.method == "POST":
            return protocol.BulkResult(version=version, id=f"id-{operation.bulk_id}")
        return {"version": version}

    response = protocol.Bulk(body, protocol.Registry()).run(handle, base="https://example.com/v2")
    assert calls == case.get("calls", calls)
    for entry in response["Operations"]:
        if "response" in entry:
            assert entry["response"].pop("detail")
            assert entry["response"].pop("schemas")
    assert response["Operations"] == case["response"]


def test_other_exceptions_of_a_handler_are_the_callers():
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "DELETE", "path": "/Users/1"}],
    }
    bulk = protocol.Bulk(body)
    (operation,) = bulk.operations
    assert (operation.method, operation.id, operation.resource_type) == ("DELETE", "1", scim.USER)

    def broken(operation):
        raise KeyError(operation.id)

    with pytest.raises(KeyError):
        bulk.run(broken)
    with pytest.raises(TypeError, match="BulkResult"):
        bulk.run(lambda operation: 5)
