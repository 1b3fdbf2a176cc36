"""What stays as it is stored, and what is left as it was (P4, P5c, P6, P7, P12, P15, R2)."""

import pytest

from .errors import Refused
from .options import Options
from .patch import patch
from .replace import replace
from .schema import ENTERPRISE, USER, Kind
from .test_meaning_writes import PATCH_OP, operation

E = ENTERPRISE.id
U = {"schemas": [USER.core.id], "userName": "ann"}
STRICT, KEEP = Options.strict(), Options.of(absent="keep")
RACK = "urn:example:Rack"
SHELF = "urn:example:Shelf"
KIND = Kind.from_schemas(
    "Rack",
    {
        "id": RACK,
        "name": "Rack",
        "attributes": [
            {"name": "pin", "returned": "never"},
            {"name": "pins", "multiValued": True, "returned": "never"},
            {"name": "lock", "type": "complex", "subAttributes": [{"name": "a"}, {"name": "pin", "returned": "never"}]},
            {
                "name": "owner",
                "type": "complex",
                "subAttributes": [{"name": "value", "returned": "never"}, {"name": "$ref"}, {"name": "note"}],
            },
            {
                "name": "marks",
                "type": "complex",
                "multiValued": True,
                "subAttributes": [{"name": "value"}, {"name": "kind", "required": True}, {"name": "no"}],
            },
            {"name": "plate", "type": "complex", "subAttributes": [{"name": "a"}, {"name": "b", "required": True}]},
        ],
    },
    [
        {
            "id": SHELF,
            "name": "Shelf",
            "attributes": [
                {"name": "badge", "mutability": "readOnly"},
                {"name": "size"},
                {"name": "code", "returned": "never"},
            ],
        }
    ],
)
R = {"schemas": [RACK]}


def run(start: dict, *operations: str, kind: Kind = KIND, options: Options = STRICT):
    body = {"schemas": [PATCH_OP], "Operations": [operation(text) for text in operations]}
    return patch(body, start, kind, options)


def test_the_spelling_of_what_is_removed_and_added():
    """P4: It is that of the stored key, for an extension, too."""
    start = {**U, "TITLE": "a"}
    assert run(start, "remove title", 'add title "b"', kind=USER).resource == {**U, "TITLE": "b"}
    start = {"schemas": [USER.core.id, E], "userName": "ann", E.upper(): {"DEPARTMENT": "a"}}
    result = run(start, f"remove {E}", f'add {E}:department "b"', kind=USER).resource
    assert result == {**start, E.upper(): {"DEPARTMENT": "b"}}


def test_a_secret_that_is_null_in_a_put():
    """R2: It counts as left out; `null` for the whole extension clears it."""
    start = {**R, "pin": "1", "pins": ["2"], "lock": {"a": "x", "pin": "3"}}
    said = {**R, "pin": None, "pins": [], "lock": {"a": "x", "pin": None}}
    for options in (Options(), STRICT, KEEP):
        result = replace(start, said, KIND, options)
        assert result.resource == start
        assert not result.changed
    start = {"schemas": [RACK, SHELF], SHELF: {"code": "1"}}
    assert replace(start, {**R, SHELF: {"code": None}}, KIND).resource == start
    assert replace(start, {**R, SHELF: None}, KIND).resource == R


def test_details_of_a_reference_with_a_secret_value():
    """P5c: They stay with the `value`, also if it is left out."""
    start = {**R, "owner": {"value": "1", "$ref": "/1", "note": "n"}}
    assert replace(start, R, KIND).resource == {**R, "owner": {"value": "1", "$ref": "/1"}}
    assert replace(start, {**R, "owner": {"note": "m"}}, KIND).resource["owner"] == {**start["owner"], "note": "m"}


def test_when_replace_creates_is_reported():
    """P6: As soon as an element would be created."""
    creates = Options.of({"replace_creates": True})
    result = run(U, 'replace emails[type eq "a"] null', kind=USER, options=creates)
    assert not result.repairs
    result = run(U, f'replace schemas[value eq "{E}"] []', kind=USER, options=creates)
    assert not result.repairs
    result = run(U, 'replace emails[type eq "a"].value "b"', kind=USER, options=creates)
    assert result.repairs == [("emails.value", "replace_creates")]


def test_unknown_members_of_an_extension():
    """P7: They go with it, and `changes` lists them."""
    start = {"schemas": [RACK, SHELF], SHELF: {"badge": "b", "size": "s", "foo": 1}}
    result = run(start, f"remove {SHELF}")
    assert result.resource == {**start, SHELF: {"badge": "b"}}
    assert sorted(change.path for change in result.changes) == [f"{SHELF}:foo", f"{SHELF}:size"]


def test_what_was_lacking_when_it_was_stored():
    """P12: It is not the client's mistake in an element of a list, or in an unchanged value."""
    start = {**R, "marks": [{"value": "a"}, {"value": "b"}], "plate": {"a": "x"}}
    assert not replace(start, start, KIND, STRICT).changed
    result = run(start, 'replace marks[value eq "a"].no "1"').resource
    assert result["marks"] == [{"value": "a", "no": "1"}, {"value": "b"}]
    with pytest.raises(Refused, match="invalidValue"):
        run(start, 'replace plate.a "y"')
    with pytest.raises(Refused, match="invalidValue"):
        run(start, 'add marks [{"value": "c"}]')


def test_what_a_request_adds_and_removes_again():
    """P15, P18: `schemas` is as it was."""
    bare = {"userName": "ann"}
    for start in (bare, U, {**U, "schemas": [USER.core.id, E]}):
        result = run(start, f'add {E}:department "M"', f"remove {E}:department", kind=USER)
        assert result.resource == start
        assert not result.changed


def test_one_value_for_a_list_that_only_the_provider_sets():
    """P12, P13: In a PATCH it says what is stored."""
    start = {**U, "groups": [{"value": "g"}]}
    assert not run(start, 'replace {"groups": {"value": "g"}}', kind=USER, options=Options()).repairs
    assert not run(start, 'replace groups {"value": "g"}', kind=USER).changed


def test_stored_twins_and_primary():
    """P10: Elements that the operation makes one are one primary, and twins that stay two are two."""
    twins = {**U, "emails": [{"value": "a", "display": "1"}, {"value": "a", "display": "2"}]}
    with pytest.raises(Refused, match="invalidValue"):
        run(twins, 'replace emails[value eq "a"].primary true', kind=USER)
    result = run(twins, 'add emails[value eq "a"] {"primary": true}', kind=USER, options=Options()).resource
    assert result["emails"] == [{"value": "a", "display": "1", "primary": True}]
    pair = {**U, "emails": [{"value": "a"}, {"value": "b"}]}
    result = run(pair, 'replace emails[value pr] {"value": "c", "primary": true}', kind=USER).resource
    assert result["emails"] == [{"value": "c", "primary": True}]


def test_what_is_lacking_beside_a_secret():
    """P12a: No answer says whether a secret is right."""
    subs = [{"name": "value", "returned": "never"}, {"name": "no", "required": True}]
    safe = {"name": "safe", "type": "complex", "subAttributes": subs}
    for attribute in (safe, {**safe, "returned": "never"}, {**safe, "multiValued": True}):
        kind = Kind.from_schemas("Rack", {"id": RACK, "name": "Rack", "attributes": [attribute]})
        many = attribute.get("multiValued")
        start = {**R, "safe": [{"value": "1"}] if many else {"value": "1"}}
        for guess in ("1", "2"):
            with pytest.raises(Refused, match="invalidValue"):
                replace(start, {**R, "safe": [{"value": guess}] if many else {"value": guess}}, kind)
