"""A product with a dozen attributes: one resource type for reading requests and for `/Schemas`."""

import copy
import json
import pickle

import pytest

import scim_engine as scim
from scim_engine import protocol

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

PEOPLE = (
    scim.USER.only(
        [
            "userName",
            "name.givenName",
            "name.familyName",
            "displayName",
            "active",
            "title",
            "emails.value",
            "emails.type",
            "emails.primary",
            "preferredLanguage",
            f"{ENTERPRISE}:department",
            f"{ENTERPRISE}:employeeNumber",
        ]
    )
    .read_only(["displayName"])
    .max_length("title", 10)
    .canonical_values("emails.type", ["work", "home"])
)


def patch(*operations: dict, **options: object) -> scim.Patch:
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}
    return scim.Patch(body, PEOPLE, **options)


def user(**members: object) -> dict:
    return {"schemas": [CORE, ENTERPRISE], "userName": "mara", **members}


def names(schema: dict) -> list[str]:
    return [attribute["name"] for attribute in schema["attributes"]]


def test_the_remaining_schema():
    served = PEOPLE.schema
    assert names(served) == ["userName", "name", "displayName", "title", "preferredLanguage", "active", "emails"]
    subs = {
        one["name"]: names({"attributes": one["subAttributes"]})
        for one in served["attributes"]
        if "subAttributes" in one
    }
    assert subs == {"name": ["familyName", "givenName"], "emails": ["value", "type", "primary"]}
    (enterprise,) = PEOPLE.extensions
    assert names(enterprise) == ["employeeNumber", "department"]
    # Limits are internal to the host and are not served.
    answers = json.dumps(protocol.Registry([PEOPLE]).schemas_response(base="http://h"))
    assert "maxLength" not in answers
    assert "canonicalOnly" not in answers
    assert "nickName" not in answers
    assert scim.Filter("displayName pr", PEOPLE).matches({"displayName": "Mara"})
    with pytest.raises(scim.InvalidFilter):
        scim.Filter("nickName pr", PEOPLE)


def test_a_body_with_more():
    body = user(
        externalId="7",
        nickName="M",
        displayName="Mara Quill",
        name={"givenName": "Mara", "formatted": "Mara Quill"},
        **{ENTERPRISE: {"department": "Tours", "manager": {"value": "5"}}},
    )
    out = PEOPLE.create(body)
    assert out.resource == user(externalId="7", name={"givenName": "Mara"}, **{ENTERPRISE: {"department": "Tours"}})
    kinds = {(repair.kind, repair.path) for repair in out.repairs}
    assert kinds == {
        ("unknown_member", "nickName"),
        ("unknown_member", "name.formatted"),
        ("unknown_member", f"{ENTERPRISE}:manager"),
        ("read_only", "displayName"),
    }
    # The same request again changes nothing.
    again = PEOPLE.replace(out.resource, body)
    assert not again.changed
    assert len(again.repairs) == 4


def test_paths_with_more():
    stored = user(active=True)
    operations = [
        {"op": "Replace", "path": "nickName", "value": "M"},
        {"op": "Add", "path": 'addresses[type eq "work"].country', "value": "US"},
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "5"},
        {"op": "Add", "path": "urn:example:2.0:Badge:colour", "value": "red"},
        {"op": "Replace", "path": "active", "value": "False"},
    ]
    with pytest.raises(scim.InvalidPath, match="nickName"):
        patch(*operations).apply(stored)
    out = patch(*operations, unknown_paths="ignore").apply(stored)
    assert out.resource == user(active=False)
    assert [change.path for change in out.changes] == ["active"]
    assert [repair.kind for repair in out.repairs].count("unknown_member") == 4
    again = patch(*operations, unknown_paths="ignore").apply(out.resource)
    assert not again.changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("title", "eleven char"),
        ("title", "\u00e9" * 11),
        ("emails", [{"value": "m@example.com", "type": "other"}]),
        ("emails", {"value": "m@example.com", "type": "other"}),
        ('emails[type eq "other"].value', "m@example.com"),
        ('emails[value eq "m@example.com"].type', "other"),
    ],
)
def test_limits_at_every_door(path, value):
    words = "at most 10 characters" if path == "title" else "canonical values, `work`, `home`"
    with pytest.raises(scim.InvalidValue, match=words):
        patch({"op": "add", "path": path, "value": value}).apply(user())
    if "[" in path:
        return
    for body in [user(**{path: value}), json.dumps(user(**{path: value}))]:
        with pytest.raises(scim.InvalidValue, match=words):
            PEOPLE.create(body)
        with pytest.raises(scim.InvalidValue, match=words):
            PEOPLE.replace(user(), body)
    with pytest.raises(scim.InvalidValue, match=words):
        patch({"op": "add", "value": {path: value}}).apply(user())
    with pytest.raises(scim.InvalidValue, match=words):
        patch({"op": "add", "value": {path: value}}).apply_json(json.dumps(user()).encode())


def test_values_that_fit():
    out = PEOPLE.create(user(title="\u00e9" * 10, emails=[{"value": "m@example.com", "type": "WORK"}]))
    assert out.resource["title"] == "\u00e9" * 10
    # Stored values that are longer may be kept and removed.
    stored = user(title="x" * 20)
    out = patch({"op": "add", "path": "preferredLanguage", "value": "en"}).apply(stored)
    assert out.resource["title"] == stored["title"]
    assert "title" not in patch({"op": "remove", "path": "title"}).apply(stored).resource


def test_names_that_are_not_known():
    for call in [
        lambda: scim.USER.only(["userName", "nickNam"]),
        lambda: scim.USER.without(["nickNam"]),
        lambda: scim.USER.read_only(["nickNam"]),
        lambda: scim.USER.max_length("nickNam", 5),
        lambda: scim.USER.canonical_values("nickNam", ["a"]),
    ]:
        with pytest.raises(scim.SchemaError, match="did you mean `nickName`"):
            call()
    with pytest.raises(scim.SchemaError, match="`userName`: is required by its schema"):
        scim.USER.only(["nickName"])
    with pytest.raises(scim.SchemaError, match=r"`members\.value`: is required"):
        scim.GROUP.without(["members.value"])
    with pytest.raises(scim.SchemaError, match="part of every resource"):
        scim.USER.without(["meta"])
    with pytest.raises(scim.SchemaError, match=r"name a sub-attribute, such as `emails\.value`"):
        scim.USER.max_length("emails", 5)
    with pytest.raises(scim.SchemaError, match="holds no strings: it is of type `boolean`"):
        scim.USER.canonical_values("active", ["a"])
    with pytest.raises(scim.SchemaError, match="at least one canonical value"):
        scim.USER.canonical_values("title", [])
    with pytest.raises(scim.SchemaError, match="given twice"):
        scim.USER.with_extension({"id": ENTERPRISE, "attributes": [{"name": "a"}]})
    for endpoint in ["People", "/", "/a/b", "/a?b", ""]:
        with pytest.raises(scim.SchemaError, match="is not an endpoint"):
            scim.USER.with_endpoint(endpoint)
    with pytest.raises(scim.SchemaError, match="not a resource type in particular"):
        scim.ResourceType.any().without(["title"])
    for call in [scim.USER.only, scim.USER.without, scim.USER.read_only]:
        with pytest.raises(TypeError, match="expected `names` to be several `str`"):
            call("userName")
    with pytest.raises(TypeError, match="expected `values` to be several `str`"):
        scim.USER.canonical_values("title", "abc")


def test_more_than_the_rfc():
    badge = {"id": "urn:example:2.0:Badge", "attributes": [{"name": "colour", "maxLength": 3}]}
    kind = scim.USER.without([ENTERPRISE]).with_extension(badge, required=True).with_endpoint("/People")
    assert (kind.endpoint, [one["id"] for one in kind.extensions]) == ("/People", ["urn:example:2.0:Badge"])
    with pytest.raises(scim.InvalidValue, match="at most 3 characters"):
        kind.create(user(**{"urn:example:2.0:Badge": {"colour": "green"}}))
    assert scim.ResourceType.from_schemas("Policy", badge, endpoint="/Policies").endpoint == "/Policies"
    assert scim.USER.without(["externalId"]).create(user(externalId="7")).resource == user()


def test_as_an_object():
    lean = scim.USER.without(["externalId", "nickName"])
    for kind in [PEOPLE, lean, scim.USER.with_endpoint("/People")]:
        for other in [pickle.loads(pickle.dumps(kind)), copy.deepcopy(kind), copy.copy(kind)]:
            assert other == kind
            assert hash(other) == hash(kind)
        assert kind != scim.USER
    assert pickle.loads(pickle.dumps(lean)).create(user(externalId="7")).repairs


def test_primary():
    emails = [{"value": "a@example.com"}, {"value": "b@example.com", "primary": True}]
    for resource in [user(emails=emails), json.dumps(user(emails=emails))]:
        assert scim.primary(resource, "EMAILS") == emails[1]
    assert scim.primary(user(emails=emails[:1]), "emails")["value"] == "a@example.com"
    assert scim.primary(user(), "emails") is None
    assert scim.primary(user(title="Guide"), "title") == "Guide"
    with pytest.raises(ValueError, match="is not the name of an attribute"):
        scim.primary(user(), "e mails")
