"""Behaviour of answers that only Python has: types, identity, errors, and discovery read by scim2-models."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime

import pytest
import scim2_models

import scim_engine as scim
from scim_engine import protocol

BASE = "https://example.com/scim/v2"
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
REGISTRY = protocol.Registry()


class Counted(dict):
    """An element of a list that must not be read."""

    def items(self):
        raise AssertionError("looked at")


def test_everything_but_meta_is_the_same_object(user):
    user["groups"] = [Counted()]
    made = protocol.stamp(user, scim.USER, id="7", base=BASE, now=NOW, version='W/"1"')
    assert made["groups"] is user["groups"]
    assert made["emails"] is user["emails"]
    assert (user["id"], made["id"]) == ("2819c223", "7")
    touched = protocol.touch(made, scim.USER, base=BASE, changed=False)
    assert touched == made
    assert touched is not made


def test_the_time_is_now_if_nobody_says_it(user):
    before = datetime.now(UTC)
    meta = protocol.stamp(user, scim.USER, id="7", base=BASE)["meta"]
    written = datetime.fromisoformat(meta["created"])
    assert abs((written - before).total_seconds()) < 60
    assert meta["created"] == meta["lastModified"]


@pytest.mark.parametrize(
    ("now", "kind"), [(datetime(2026, 1, 1), ValueError), ("2026-01-01T00:00:00Z", TypeError), (7, TypeError)]
)
def test_a_time_must_be_one(user, now, kind):
    with pytest.raises(kind, match="now"):
        protocol.stamp(user, scim.USER, id="7", base=BASE, now=now)


@pytest.mark.parametrize("what", [[], None, "[]", 5])
def test_a_resource_must_be_one(what):
    for call in (
        lambda: protocol.etag(what),
        lambda: protocol.stamp(what, scim.USER, id="7", base=BASE),
        lambda: protocol.touch(what, scim.USER, base=BASE, changed=True),
    ):
        with pytest.raises(TypeError):
            call()


def test_fold():
    assert scim.fold_case("BJensen \u00c4\u212a") == "bjensen \u00e4k"
    with pytest.raises(scim.InvalidValue):
        scim.fold_case("\ud800")


def test_preconditions():
    asked = protocol.Preconditions(if_match='W/"7"')
    with pytest.raises(scim.PreconditionFailed, match="the version is"):
        asked.check('W/"8"')
    assert asked == protocol.Preconditions(if_match='"7"')
    assert len({asked, protocol.Preconditions(if_match='"7"'), protocol.Preconditions()}) == 2
    with pytest.raises(scim.ScimError, match="If-None-Match") as raised:
        protocol.Preconditions(if_none_match="x" * 10_000)
    assert raised.value.status == 400
    assert len(raised.value.detail) < 300


def test_a_default_must_be_a_media_type():
    with pytest.raises(ValueError, match="default"):
        protocol.media_type(default="text/html")


def test_registry():
    badge = scim.ResourceType.from_schemas("Badge", {"id": "urn:example:Badge", "attributes": [{"name": "colour"}]})
    registry = protocol.Registry([scim.USER, badge])
    assert list(registry) == [scim.USER, badge]
    assert registry.resource_types == (scim.USER, badge)
    assert (len(registry), repr(registry)) == (2, "<Registry User, Badge>")
    assert registry.get("bADGE") == registry.by_endpoint("badges/") == badge
    assert registry.get("Group") is registry.by_endpoint("/Groups") is None
    assert registry.of({"schemas": ["urn:example:badge"]}) == badge
    assert registry.of({}) is None
    assert registry != REGISTRY == protocol.Registry((scim.USER, scim.GROUP))
    for again in (pickle.loads(pickle.dumps(registry)), copy.copy(registry), copy.deepcopy(registry)):
        assert again == registry
    for wrong in ([scim.USER, scim.USER], [badge, scim.ResourceType.from_schemas("Badge", badge.schema)]):
        with pytest.raises(scim.SchemaError, match="two resource types"):
            protocol.Registry(wrong)
    other = scim.ResourceType.from_schemas("Other", {"id": "urn:example:Badge", "attributes": [{"name": "size"}]})
    with pytest.raises(scim.SchemaError, match="two different schemas"):
        protocol.Registry([badge, other])
    with pytest.raises(TypeError):
        protocol.Registry(["User"])


def test_discovery_goes_both_ways():
    schemas, types = REGISTRY.schemas_response(base=BASE), REGISTRY.resource_types_response(base=BASE)
    assert protocol.Registry.from_discovery(schemas, types) == REGISTRY
    assert protocol.Registry.from_discovery(json.dumps(schemas), json.dumps(types)) == REGISTRY
    assert protocol.Registry.from_discovery(schemas["Resources"], types["Resources"]) == REGISTRY


def test_absent_resource_types_and_schemas():
    with pytest.raises(scim.NotFound, match="no resource type `Robot`"):
        REGISTRY.resource_type_response("Robot", base=BASE)
    with pytest.raises(scim.NotFound, match="no schema"):
        REGISTRY.schema_response("urn:" + "x" * 10_000, base=BASE)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("bulk", {"maxOperations": 5}),
        ("bulk", {"maxOperations": 5, "maxPayloadSize": -1}),
        ("pagination", {"cursor": True, "index": True, "size": 5}),
        ("pagination", {"cursor": True, "index": True, "defaultPaginationMethod": "page"}),
        ("authentication_schemes", [{"type": "oauthbearertoken"}]),
    ],
)
def test_a_mistake_of_the_host(option, value):
    with pytest.raises(ValueError, match=option):
        REGISTRY.service_provider_config(base=BASE, **{option: value})


def test_other_peoples_models_read_the_answers():
    provider = scim2_models.ServiceProviderConfig.model_validate(
        REGISTRY.service_provider_config(
            base=BASE,
            bulk={"maxOperations": 1000, "maxPayloadSize": 1048576},
            pagination={"cursor": True, "index": True, "defaultPaginationMethod": "index", "cursorTimeout": 3600},
            documentation_uri="https://example.com/help",
        )
    )
    assert provider.bulk.max_operations == 1000
    assert provider.pagination.cursor_timeout == 3600
    assert provider.authentication_schemes[0].primary
    types = scim2_models.ListResponse[scim2_models.ResourceType].model_validate(
        REGISTRY.resource_types_response(base=BASE)
    )
    schemas = scim2_models.ListResponse[scim2_models.Schema].model_validate(REGISTRY.schemas_response(base=BASE))
    assert [kind.name for kind in types.resources] == ["User", "Group"]
    peer = scim2_models.ScimProvider.from_discovery(schemas.resources, types.resources, provider)
    user = peer.model_for(scim.USER.schema["id"])
    made = user.model_validate({"schemas": [scim.USER.schema["id"]], "userName": "mveit", "emails": [{"type": "work"}]})
    assert made.user_name == "mveit"


def characteristics(attributes):
    """The attributes in the models of scim2-models, by path."""
    found = {}
    for attribute in attributes or []:
        dumped = attribute.model_dump(by_alias=True, mode="json", exclude={"sub_attributes", "description"})
        found[attribute.name] = {name: value for name, value in dumped.items() if value is not None}
        for path, value in characteristics(attribute.sub_attributes).items():
            found[f"{attribute.name}.{path}"] = value
    return found


def test_no_characteristic_is_lost():
    """Reads answers into models, which must write the same answers."""
    for answer in REGISTRY.schemas_response(base=BASE)["Resources"]:
        schema = scim2_models.Schema.model_validate(answer)
        found = characteristics(schema.attributes)
        queue = [("", attribute) for attribute in answer["attributes"]]
        seen = 0
        while queue:
            prefix, attribute = queue.pop()
            path = prefix + attribute["name"]
            queue += [(path + ".", sub) for sub in attribute.get("subAttributes", [])]
            own = {name: value for name, value in attribute.items() if name not in ("subAttributes", "description")}
            # The models add characteristics that an attribute does not have.
            assert {name: found[path].get(name) for name in own} == own
            simple = attribute["type"] in ("string", "reference", "binary")
            assert ("caseExact" in attribute) == simple, path
            assert ("uniqueness" in attribute) == (attribute["type"] in ("string", "reference", "integer", "decimal"))
            assert attribute["description"]
            seen += 1
        assert seen == len(found)


def test_error_responses():
    status, headers, body = protocol.error_response(scim.Uniqueness("taken"), content_type="application/json")
    assert (status, headers) == (409, {"Content-Type": "application/json"})
    assert json.loads(body) == scim.Uniqueness("taken").to_dict()
    status, headers, _ = protocol.error_response(scim.ScimError("who?", status=401), accept="*/*")
    assert (status, headers) == (401, {"Content-Type": "application/scim+json", "WWW-Authenticate": "Bearer"})
    status, _, body = protocol.error_response(RuntimeError("the password of the database is hunter2"))
    assert status == 500
    assert b"hunter2" not in body
    assert json.loads(body)["status"] == "500"
    assert json.loads(protocol.error_response(scim.ScimError("\ud800"))[2])["detail"] == "\ud800"


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [
        ("code", 404, 404),
        ("status_code", 405, 405),
        ("status_code", 302, 500),
        ("code", 503, 500),
        ("code", "E_BUSY", 500),
        ("code", None, 500),
    ],
)
def test_exceptions_of_web_frameworks_keep_their_status(name, status, expected):
    error = RuntimeError("/srv/app/secret.py is not there")
    setattr(error, name, status)
    found, _, body = protocol.error_response(error)
    assert found == expected
    assert json.loads(body)["status"] == str(expected)
    assert b"secret" not in body
