"""The cases of tests/conformance/protocol except bulk, on Python objects. The same data runs from Rust."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

import scim_engine as scim
from scim_engine import protocol

from .cases import load, meaning, read
from .test_conformance import TYPES

MEMBERS = {
    "version": {"type", "same", "version", "differ"},
    "stamp": {"type", "doc", "base", "now", "id", "version", "expect"},
    "touch": {"type", "doc", "base", "now", "changed", "version", "expect"},
    "precondition": {"if_match", "if_none_match", "status", "checks"},
    "media_type": {"accept", "content_type", "default", "expect"},
    "content_type": {"content_type", "status"},
    "discovery_query": {"query", "status"},
    "discovery": {"registry", "base", "get", "config", "ids", "status", "attribute", "expect"},
}


DEVICE = read("schemas/device.json")


def registry_of(given):
    if given == "default":
        return protocol.Registry()
    found = DEVICE if given == "device" else given
    return protocol.Registry.from_discovery(found["schemas"], found["resource_types"])


def status(call):
    """The status of the error that a call raises; none if it raises none."""
    raised = None
    try:
        call()
    except scim.ScimError as error:
        raised = error
    if raised is None:
        return None
    assert 0 < len(raised.detail) < 400
    return raised.status


def run_version(case):
    kind = TYPES[case.get("type")]
    for doc in case["same"]:
        for form in (doc, json.dumps(doc), json.dumps(doc).encode()):
            assert protocol.etag(form, kind) == case["version"], doc
    for doc in case.get("differ", []):
        assert protocol.etag(doc, kind) != case["version"], doc


def run_stamp(case):
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    now = (epoch + timedelta(milliseconds=case["now"])).astimezone(timezone(timedelta(hours=-5)))
    options = {"base": case["base"], "now": now, "version": case.get("version")}
    options.update({name: case[name] for name in ("id", "changed") if name in case})
    for doc in (case["doc"], json.dumps(case["doc"])):
        before = copy.deepcopy(doc)
        call = protocol.stamp if case["kind"] == "stamp" else protocol.touch
        assert call(doc, TYPES[case["type"]], **options) == case["expect"]
        assert doc == before


def run_precondition(case):
    headers = {name: case[name] for name in ("if_match", "if_none_match") if name in case}
    if "status" in case:
        assert status(lambda: protocol.Preconditions(**headers)) == case["status"]
        return
    asked = protocol.Preconditions(**headers)
    assert bool(asked) == bool(headers)
    for check in case["checks"]:
        version = check["version"]
        assert status(lambda version=version: asked.check(version)) == (None if check["write"] else 412), check
        if version is not None:
            assert asked.is_not_modified(version) == check["not_modified"], check


def run_media_type(case):
    headers = {name: case[name] for name in ("accept", "content_type", "default") if name in case}
    assert protocol.media_type(**headers) == case["expect"]


def run_content_type(case):
    assert status(lambda: protocol.check_content_type(case.get("content_type"))) == case["status"]


def run_discovery_query(case):
    assert status(lambda: protocol.check_discovery_query(case["query"])) == case["status"]


def run_discovery(case):
    registry, base = registry_of(case["registry"]), case["base"]
    endpoint, _, what = case["get"].lstrip("/").partition("/")
    call = {
        ("ServiceProviderConfig", False): lambda: registry.service_provider_config(base=base, **case["config"]),
        ("ResourceTypes", False): lambda: registry.resource_types_response(base=base),
        ("ResourceTypes", True): lambda: registry.resource_type_response(what, base=base),
        ("Schemas", False): lambda: registry.schemas_response(base=base),
        ("Schemas", True): lambda: registry.schema_response(what, base=base),
    }[endpoint, bool(what)]
    if "status" in case:
        assert status(call) == case["status"]
        return
    answer = call()
    if "ids" in case:
        assert [found["id"] for found in answer["Resources"]] == case["ids"]
        assert answer["totalResults"] == len(case["ids"])
        return
    if "attribute" in case:
        found = {"subAttributes": answer["attributes"]}
        for name in case["attribute"].split("."):
            (found,) = (attribute for attribute in found["subAttributes"] if attribute["name"] == name)
        assert {name: found.get(name) for name in case["expect"]} == case["expect"]
        return
    assert answer == case["expect"]


RUN = {
    "version": run_version,
    "stamp": run_stamp,
    "touch": run_stamp,
    "precondition": run_precondition,
    "media_type": run_media_type,
    "content_type": run_content_type,
    "discovery_query": run_discovery_query,
    "discovery": run_discovery,
}


FILES = ["protocol/discovery", "protocol/headers", "protocol/meta", "protocol/secrets", "protocol/version"]


def all_cases():
    for file in FILES:
        for case in load(file):
            yield pytest.param(case, id=f"{file}: {case['name']}")
    for case in meaning(*RUN):
        yield pytest.param(case, id=f"meaning: {case['name']}")


@pytest.mark.parametrize("case", list(all_cases()))
def test_case(case):
    assert set(case) <= {"name", "rows", "kind", *MEMBERS[case["kind"]]}
    RUN[case["kind"]](case)


def test_there_are_cases_of_every_kind():
    assert {param.values[0]["kind"] for param in all_cases()} == set(RUN)


@pytest.mark.parametrize(
    "case",
    [
        {"kind": "version", "same": [{"a": 1}], "version": 'W/"0"'},
        {"kind": "version", "same": [], "version": protocol.etag({}), "differ": [{}]},
        {"kind": "media_type", "expect": "application/json"},
        {"kind": "content_type", "content_type": "text/xml", "status": None},
        {"kind": "precondition", "if_match": "*", "checks": [{"version": None, "write": True}]},
        {"kind": "discovery", "registry": "default", "base": "", "get": "/Schemas", "ids": []},
    ],
)
def test_a_wrong_case_fails(case):
    with pytest.raises(AssertionError):
        RUN[case["kind"]](case)
