"""The OpenAPI document of an endpoint: it is valid, and the exchanges of `tests/endpoint` keep to it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

import scim_engine as scim
from scim_engine import protocol
from scim_engine.endpoint import Endpoint

BASE = "https://app.example/scim/v2"
SCENES = [
    scene
    for file in sorted((Path(__file__).parents[1] / "endpoint").glob("*.json"))
    for scene in json.loads(file.read_text(encoding="utf-8"))
]
STEPS = [step for scene in SCENES for step in scene["steps"]]
DOCUMENT = Endpoint(cursors=protocol.Cursors(b"k" * 32)).openapi(BASE)
VAULT = scim.ResourceType.from_schemas(
    "Error",
    {
        "id": "urn:example:Vault",
        "name": "Vault",
        "attributes": [
            {"name": "pin", "type": "string", "returned": "never", "required": True},
            {"name": "key", "type": "binary", "mutability": "writeOnly"},
            {"name": "colour", "type": "string", "caseExact": True, "canonicalValues": ["red", "blue"]},
            {"name": "size", "type": "decimal", "multiValued": True},
        ],
    },
    endpoint="/Vaults",
)


def validator(name, document=DOCUMENT):
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return Draft202012Validator(schema)


@pytest.mark.parametrize(
    "endpoint",
    [
        Endpoint(),
        Endpoint(cursors=protocol.Cursors(b"k" * 32), documentation="https://app.example/docs"),
        Endpoint(protocol.Registry([scim.USER, VAULT]), canonical_values=True),
        Endpoint(protocol.Registry([])),
    ],
    ids=["default", "cursors", "vault", "empty"],
)
@pytest.mark.parametrize("base", [BASE, BASE + "/", ""])
def test_the_document_is_valid(endpoint, base):
    document = endpoint.openapi(base)
    OpenAPIV31SpecValidator(document).validate()
    assert document["servers"] == [{"url": base.rstrip("/") or "/"}]


def test_what_the_attributes_become():
    user = DOCUMENT["components"]["schemas"]["User"]
    properties = user["properties"]
    assert sorted(user["required"]) == ["schemas", "userName"]
    assert (properties["id"]["readOnly"], properties["password"]["writeOnly"]) == (True, True)
    assert properties["emails"]["items"]["properties"]["primary"]["type"] == "boolean"
    assert properties["meta"]["properties"]["created"]["format"] == "date-time"
    enterprise = properties[scim.USER.extensions[0]["id"]]
    assert enterprise["properties"]["manager"]["properties"]["value"]["type"] == "string"
    document = Endpoint(protocol.Registry([VAULT]), canonical_values=True).openapi(BASE)
    vault = document["components"]["schemas"]["ErrorResource"]["properties"]
    assert (vault["pin"]["writeOnly"], vault["key"]["contentEncoding"]) == (True, "base64")
    assert vault["colour"]["enum"] == ["red", "blue"]
    assert vault["size"] == {"type": "array", "items": {"type": "number"}}
    assert not validator("ErrorResource", document).is_valid({"schemas": ["urn:example:Vault"]})
    open_set = Endpoint(protocol.Registry([VAULT])).openapi(BASE)["components"]["schemas"]["ErrorResource"]
    assert open_set["properties"]["colour"]["examples"] == ["red", "blue"]


def test_the_answers_keep_to_the_schemas():
    checked = {"User": 0, "Group": 0, "UserList": 0, "GroupList": 0, "Error": 0, "BulkResponse": 0, "ListResponse": 0}
    for step in STEPS:
        body, target = step["answer"].get("body"), step["request"].split(" ", 1)[1]
        path, _, query = target.partition("?")
        if body is None or "ttributes" in query or "ttributes" in json.dumps(step.get("body", "")):
            continue
        kind = re.match(r"/(User|Group)s(?=/|$)", path)
        name = kind[1] if kind else {"/Bulk": "BulkResponse", "/.search": "ListResponse"}.get(path)
        if "Error" in body["schemas"][0]:
            name = "Error"
        elif kind and "ListResponse" in body["schemas"][0]:
            name += "List"
        if name:
            assert [error.message for error in validator(name).iter_errors(body)] == [], step["request"]
            checked[name] += 1
    assert min(checked.values()) > 0, checked


def test_the_answers_are_described():
    missing = set()
    for step in STEPS:
        method, target = step["request"].lower().split(" ", 1)
        path = target.partition("?")[0].rstrip("/")
        for template, item in DOCUMENT["paths"].items():
            known = re.escape(template.lower()).replace(r"\{id\}", "(?!\\.search)[^/]+")
            operation = item.get(method.replace("head", "get")) if re.fullmatch(known, path) else None
            if operation and str(step["answer"]["status"]) not in operation["responses"]:
                missing.add((method, template, step["answer"]["status"]))
    assert missing == set()
