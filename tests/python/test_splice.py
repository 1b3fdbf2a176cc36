"""PATCH on JSON text, and on lists, of which only the changed parts are written."""

from __future__ import annotations

import gc
import json

import pytest

import scim_engine as scim

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def patch(*operations: object) -> scim.Patch:
    return scim.Patch({"schemas": [PATCH], "Operations": list(operations)})


ADD = {"op": "add", "path": "members", "value": [{"value": "u3"}]}
TEXT = rb"""{
  "schemas": ["%s"], "displayName" : "\u0043rew",
  "members": [ {"value": "u1", "display": "A\/B"}, { "value":"u2" } ], "n": 1.50
}""" % GROUP.encode()


@pytest.mark.parametrize("kind", [bytes, bytearray, lambda text: text.decode()])
def test_the_rest_is_copied(kind):
    new = patch(ADD).apply_json(kind(TEXT))
    assert new == TEXT.replace(b'{ "value":"u2" }', b'{ "value":"u2" }, {"value":"u3"}')
    assert type(new) is bytes


def test_the_outcome_of_text():
    outcome = patch(ADD, {"op": "remove", "path": 'members[value eq "u1"]'}).apply(TEXT)
    assert outcome.json == TEXT.replace(
        b'{"value": "u1", "display": "A\\/B"}, { "value":"u2" }', b'{ "value":"u2" }, {"value":"u3"}'
    )
    assert outcome.resource == json.loads(outcome.json)
    assert outcome.resource is outcome.resource
    assert outcome.changed
    assert outcome.changes[0].added == [{"value": "u3"}]
    assert outcome.changes[0].removed == [{"value": "u1", "display": "A/B"}]
    gc.collect()


def test_nothing_changes():
    outcome = patch({"op": "add", "path": "members", "value": [{"value": "u2"}]}).apply(TEXT)
    assert not outcome.changed
    assert outcome.json == TEXT
    assert patch(ADD).apply({"members": []}).json is None


def test_the_type_is_what_the_text_says():
    change = patch({"op": "remove", "path": 'members[value eq "u1"]'})
    assert change.apply_json(TEXT) == change.apply_json(TEXT, scim.ResourceType.group())
    with pytest.raises(scim.InvalidPath):
        change.apply_json(TEXT, scim.ResourceType.user())
    of_patch = scim.Patch({"schemas": [PATCH], "Operations": [ADD]}, scim.ResourceType.group())
    assert of_patch.apply_json(b"{}") == b'{"members":[{"value":"u3"}]}'


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"{} x", b'{"a":"\xff"}', b'{"members":[{"value":"u1","value":"u1"}]}'],
)
def test_bad_text(text):
    with pytest.raises(scim.InvalidSyntax):
        patch({"op": "remove", "path": 'members[value eq "u1"]'}).apply_json(text, scim.ResourceType.group())


def test_values_that_are_not_text():
    with pytest.raises(TypeError):
        patch(ADD).apply_json({"members": []})  # type: ignore[arg-type]


def test_a_name_given_twice_counts_last_in_a_dict():
    text = b'{"displayName": "a", "displayName": "b"}'
    change = patch({"op": "add", "path": "displayName", "value": "c"})
    assert change.apply(text, scim.ResourceType.group()).changes[0].replaced[0].old == "b"
    with pytest.raises(scim.InvalidSyntax, match="twice"):
        change.apply_json(text, scim.ResourceType.group())


def test_elements_that_do_not_change_stay_the_very_objects():
    first, second = {"value": "a", "type": "work"}, {"value": "b", "own": object()}
    resource = {"userName": "bo", "emails": [first, second]}
    operations = (
        {"op": "add", "path": "emails", "value": [{"value": "c"}]},
        {"op": "replace", "path": 'emails[type eq "work"].type', "value": "home"},
    )
    outcome = patch(*operations).apply(resource, scim.ResourceType.user())
    emails = outcome.resource["emails"]
    assert emails == [{"value": "a", "type": "home"}, second, {"value": "c"}]
    assert emails[1] is second
    assert emails[0] is not first
    assert first == {"value": "a", "type": "work"}
    assert resource == {"userName": "bo", "emails": [first, second]}


@pytest.mark.parametrize("count", [1, 3, 40])
def test_a_long_list(count):
    members = [{"value": f"u{index}", "$ref": f"https://scim.example.com/Users/u{index}"} for index in range(1000)]
    resource = {"schemas": [GROUP], "members": members}
    operations = [{"op": "remove", "path": f'members[value eq "u{index * 7}"]'} for index in range(count)]
    outcome = patch(*operations, {"op": "add", "path": "members", "value": [{"value": "u1"}]}).apply(resource)
    gone = {f"u{index * 7}" for index in range(count)}
    assert outcome.resource["members"] == [member for member in members if member["value"] not in gone]
    assert len(outcome.changes[0].removed) == count
    assert len(members) == 1000
