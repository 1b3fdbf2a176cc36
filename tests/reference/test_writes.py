"""PATCH, POST and PUT: what the sentences of MEANING say beyond its examples, and the examples of RFC 7644 §3.5.2."""

import json
from copy import deepcopy

import pytest

from .create import create
from .diff import diff
from .errors import Refused
from .meaning import load, stock, urns
from .options import Options
from .patch import patch
from .replace import replace
from .schema import ANY, ENTERPRISE, GROUP, USER, Kind
from .test_meaning_writes import PATCH_OP, operation
from .texts import is_uri_reference

RIG = Kind.from_schemas(
    "Rig",
    {
        "id": "urn:example:rig:2.0:Rig",
        "name": "Rig",
        "attributes": [
            {"name": "label", "required": True},
            {"name": "serial", "mutability": "immutable"},
            {"name": "codes", "multiValued": True, "mutability": "immutable"},
            {"name": "pin", "mutability": "immutable", "returned": "never"},
            {"name": "secrets", "multiValued": True, "returned": "never"},
            {"name": "seal", "mutability": "readOnly", "returned": "never"},
            {"name": "made", "type": "dateTime"},
            {"name": "weight", "type": "decimal"},
            {"name": "count", "type": "integer"},
            {"name": "tags", "multiValued": True},
            {
                "name": "lock",
                "type": "complex",
                "subAttributes": [
                    {"name": "maker"},
                    {"name": "model", "mutability": "immutable"},
                    {"name": "no", "mutability": "readOnly"},
                    {"name": "code", "returned": "never"},
                    {"name": "keys", "multiValued": True},
                ],
            },
            {
                "name": "parts",
                "type": "complex",
                "multiValued": True,
                "subAttributes": [
                    {"name": "value"},
                    {"name": "type", "canonicalValues": ["a", "b"]},
                    {"name": "stamp", "mutability": "immutable"},
                    {"name": "no", "mutability": "readOnly"},
                    {"name": "pin", "returned": "never"},
                    {"name": "primary", "type": "boolean"},
                    {"name": "tags", "multiValued": True},
                ],
            },
        ],
    },
    [
        {"id": "urn:example:rig:2.0:Permit", "name": "Permit", "attributes": [{"name": "number", "required": True}]},
        {
            "id": "urn:example:rig:2.0:Survey",
            "name": "Survey",
            "attributes": [{"name": "by", "required": True}, {"name": "on"}],
        },
    ],
    required=["urn:example:rig:2.0:Permit"],
)
PARTS = [{"value": "p", "type": "a", "stamp": "T", "no": "1", "pin": "7", "primary": True}, {"value": "q"}]
R = {
    "schemas": ["urn:example:rig:2.0:Rig", "urn:example:rig:2.0:Permit"],
    "label": "r",
    "serial": "S1",
    "codes": ["c1"],
    "pin": "1",
    "secrets": ["s"],
    "seal": "z",
    "lock": {"maker": "M", "model": "X", "no": "9", "code": "1", "keys": ["k"]},
    "parts": PARTS,
    "urn:example:rig:2.0:Permit": {"number": "7"},
}
U = {"schemas": ["<User>"], "userName": "ann"}
E = "<Enterprise>"
MANAGED = {**U, "schemas": ["<User>", E], E: {"manager": {"value": "u2", "$ref": "../u2", "displayName": "Bo"}}}
G = {"schemas": ["<Group>"], "displayName": "C", "members": [{"value": "u1", "type": "User"}, {"value": "u2"}]}
EMAILS = {**U, "emails": [{"value": "a", "type": "work"}, {"value": "b"}]}
CREATES = Options.of({"replace_creates": True})
NOT_BLANK = Options.of({"blank_strings": False})
STRICT, KEEP, INTEROP = Options.strict(), Options.of(absent="keep"), Options.of(profile="interop")
SAME = object()


def full(value: object) -> object:
    return load(urns(json.dumps(value, default=str)))


# (start, operations, what the result has at its keys (None: no such key) or the error, kinds of repairs, options)
CASES = [
    # P3
    (U, ['replace emails.type "x"'], "noTarget"),
    (U, ["remove emails.type"], SAME),
    (U, ['add userName[value eq "a"] "x"'], "invalidPath"),
    (U, ["remove <User>"], "invalidPath"),
    (U, ['add <User> {"title": "x"}'], {"title": "x"}, ["core_paths"]),
    (U, ['add <User> {"title": "x"}'], "invalidPath", [], STRICT),
    (U, ["add foo 1"], SAME, ["unknown_member"], Options.of(unknown_paths="ignore")),
    (U, ['add emails[foo eq "x"].value "a"'], "invalidFilter", [], Options.of(unknown_paths="ignore")),
    # T10
    (EMAILS, ["remove emails[0]"], "invalidFilter"),
    (EMAILS, ["remove emails[a[b pr]]"], "invalidFilter"),
    (EMAILS, ['remove emails[value eq "]"]'], SAME),
    (EMAILS, ["remove emails[value pr].type[value pr]"], "invalidPath"),
    (EMAILS, ["remove emails[value pr].foo"], "invalidPath"),
    (U, ['add {"emails[value eq]": "x"}'], "invalidFilter"),
    (U, ['add {"emails[value eq": "x"}'], "invalidPath"),
    (U, ['add {"emails[value eq \\"]\\"": "x"}'], "invalidPath"),
    # P5, P10
    (EMAILS, ["add emails []", "add emails [null]", "add emails null", "add emails [{}]"], SAME),
    ({**U, "title": "a"}, ["add title null"], {"title": None}),
    (
        U,
        ['add emails [{"value": "b", "display": "1"}, {"value": "B", "display": "2", "primary": true}]'],
        {"emails": [{"value": "B", "display": "2", "primary": True}]},
        ["same_elements"],
    ),
    (
        {**U, "emails": [{"value": "a", "type": "work", "display": "A"}, {"value": "a", "display": "B"}]},
        ['replace emails[display eq "B"].type "work"'],
        {"emails": [{"value": "a", "type": "work", "display": "B"}]},
        ["same_elements"],
    ),
    ({**U, "userName": "Mcdonald"}, ['replace userName "McDonald"'], {"userName": "McDonald"}),
    (R, ["replace parts.primary true"], "invalidValue"),
    (R, ['replace parts[value eq "q"].primary true'],
     {"parts": [{**PARTS[0], "primary": False}, {"value": "q", "primary": True}]}),
    (EMAILS, ['add emails [null]'], "invalidValue", [], STRICT),
    (EMAILS, ['add emails [{"value": "c"}, null]'], "invalidValue", [], Options.of({"null_elements": False})),
    (R, ['replace tags ["a", null]'], {"tags": ["a"]}),
    (R, ['replace tags ["a", null]'], "invalidValue", [], STRICT),
    (R, ['replace parts[value eq "q"].tags [null]'], "invalidValue", [], STRICT),
    # P9
    ({**U, "title": "a"}, ["replace title []"], {"title": None}),
    ({**U, "title": "a"}, ["replace title []"], "invalidValue", [], STRICT),
    (R, ['replace lock {"maker": []}'], "invalidValue", [], STRICT),
    (R, ['replace {"serial": []}'], "invalidValue", [], STRICT),
    (R, ['replace lock {"keys": []}'], {"lock": {"maker": "M", "model": "X", "no": "9", "code": "1"}}, [], STRICT),
    (EMAILS, ['replace emails[value eq "b"] []'], {"emails": EMAILS["emails"][:1]}),
    (EMAILS, ['replace emails[value eq "b"] []'], "invalidValue", [], STRICT),
    # P8, P2, P6
    (MANAGED, ['add emails[type eq "x"] {"value": [[]]}'], "invalidValue"),
    (MANAGED, ['add emails[type pr] null'], SAME),
    (MANAGED, ['replace emails[type pr].value {}'], "invalidValue"),
    (MANAGED, ['replace emails[type pr].value "a"'], "noTarget"),
    # P5c
    (MANAGED, ['replace manager {"value": "u3"}'], {E: {"manager": {"value": "u3"}}},
     ["bare_extension_names", "reference_details"]),
    (MANAGED, ['replace <Enterprise>:manager {"value": "u3"}'],
     {E: {"manager": {"value": "u3", "$ref": "../u2"}}}, ["reference_details"], STRICT),
    (MANAGED, ['replace <Enterprise>:manager.value "u2"'], SAME),
    (MANAGED, ['replace <Enterprise>:manager ""'], {E: None, "schemas": ["<User>"]}, ["blank_strings"]),
    (MANAGED, ['replace <Enterprise>:manager {"managerId": "u2"}'], SAME, ["manager_id"]),
    (G, ['replace members [{"value": "u1", "type": "Group"}]'], {"members": [{"value": "u1", "type": "User"}]},
     ["reference_details"]),
    (G, ['replace members [{"value": "u1", "type": "Group"}]'], "mutability", [], STRICT),
    (G, ['replace members[value eq "u1"] {"value": "u9"}'], {"members": [{"value": "u9"}, {"value": "u2"}]}),
    (G, ['replace members[value eq "u1"].type "Group"'], "mutability"),
    (G, ['replace members[value eq "u1"].value "u9"'], "mutability"),
    # P5b
    (G, ['remove members ""'], "invalidValue"),
    (G, ["remove members []"], SAME, ["remove_by_value"]),
    (G, ['remove members {"type": "User"}'], "invalidValue"),
    (G, ["replace members []"], {"members": None}),
    (G, ['replace members [""]'], "invalidValue"),
    # P6
    (EMAILS, ['replace emails[value eq "b"] "c"'],
     {"emails": [EMAILS["emails"][0], {"value": "c"}]}, ["string_for_complex"]),
    (EMAILS, ['replace emails[value eq "b"] ""'], {"emails": EMAILS["emails"][:1]}, ["blank_strings"]),
    (EMAILS, ['replace emails[value eq "b"] null'], {"emails": EMAILS["emails"][:1]}),
    (EMAILS, ['replace emails[value eq "zz"] {"type": "x"}'], "noTarget"),
    (EMAILS, ['replace emails[value eq "zz"] {"type": "x"}'],
     {"emails": [*EMAILS["emails"], {"value": "zz", "type": "x"}]}, ["replace_creates"], CREATES),
    (EMAILS, ['replace emails [{"foo": 1}]'], "invalidValue"),
    (EMAILS, ["replace emails [null]"], {"emails": None}),
    # P8
    (U, ['add emails[type eq "a" or type eq "b"].value "x"'], "noTarget"),
    (U, ['add emails[type eq "a"].value ""'], SAME, ["blank_strings"]),
    (U, ['add name[givenName eq "A"].familyName "B"'], {"name": {"givenName": "A", "familyName": "B"}}),
    # P12
    (R, ['replace serial "s1"'], SAME),
    (R, ['replace serial "S2"'], "mutability"),
    (R, ['replace {"serial": null}'], SAME),
    (R, ["remove serial"], "mutability"),
    (R, ['add codes ["c2"]'], "mutability"),
    (R, ['remove codes ["zz"]'], SAME, ["remove_by_value"]),
    (R, ['replace lock.no "9"'], SAME),
    (R, ['replace lock.no "8"'], "mutability"),
    (R, ['replace lock {"no": "8"}'], SAME, ["read_only_members"]),
    (R, ['replace lock {"no": "8"}'], "mutability", [], STRICT),
    (R, ['replace lock {"model": "Y"}'], "mutability"),
    (R, ["remove lock"], "mutability"),
    (R, ["remove label"], "mutability"),
    (R, ['replace label " "'], "invalidValue", [], STRICT),
    (R, ["remove urn:example:rig:2.0:Permit"], "mutability"),
    (R, ['add urn:example:rig:2.0:Survey:on "x"'], "invalidValue"),
    (R, ['replace {"id": "x"}'], "mutability"),
    (R, ['replace {"meta": {"version": "1"}}'], SAME, [], STRICT),
    # P12a
    (R, ['replace pin "1"'], "mutability"),
    (R, ['remove secrets ["s"]'], "invalidPath"),
    (R, ['remove parts {"pin": "7"}'], "invalidPath"),
    (R, ['remove parts[pin eq "7"]'], "invalidFilter"),
    (R, ['replace seal "z"'], "mutability"),
    (R, ['replace {"seal": "z"}'], SAME, ["read_only_members"]),
    (R, ['replace lock.code ""'], "invalidValue"),
    # P13
    (U, ['replace emails "[{\\"value\\": \\"a\\"}]"'], {"emails": [{"value": "a"}]}, ["json_strings"]),
    (U, ['replace emails "{bad"'], "invalidValue"),
    (R, ['replace count "1.5"'], "invalidValue"),
    (R, ["replace count 2.0"], {"count": 2}, ["whole_numbers"]),
    (R, ['replace weight "5"'], {"weight": 5}, ["number_strings"]),
    (U, ["replace title 5"], {"title": "5"}, ["numbers_for_strings"]),
    (U, ["replace title 5.0"], "invalidValue"),
    (U, ['replace title ["a", "b"]'], "invalidValue"),
    (MANAGED, ['replace <Enterprise>:manager {"value": ""}'], {E: None, "schemas": ["<User>"]},
     ["empty_references", "reference_details"], NOT_BLANK),
    (MANAGED, ['replace <Enterprise>:manager.value ""'], {E: None, "schemas": ["<User>"]},
     ["empty_references", "reference_details"], NOT_BLANK),
    (U, ['add <Enterprise>:manager {"managerId": ""}'], SAME, ["empty_references", "manager_id"], NOT_BLANK),
    (MANAGED, ['replace <Enterprise>:manager.value ""'],
     {E: {"manager": {"value": "", "$ref": "../u2"}}}, ["reference_details"], STRICT),
    (R, ['replace made "2026-01-01T12:00:00.5+02:00"'], {"made": "2026-01-01T10:00:00.5Z"}, [], Options.of(utc=True)),
    # P14
    (R, ['remove parts [{"value": "P", "type": "b"}]'], SAME, ["remove_by_value"]),
    (R, ['remove parts [{"value": "P"}]'], {"parts": PARTS[1:]}, ["remove_by_value"]),
    (R, ['remove parts [{"primary": false}]'], {"parts": PARTS[:1]}, ["remove_by_value"]),
    (R, ['remove parts [{"type": "a", "value": null}]'], "invalidValue"),
    (R, ['remove label "zz"'], SAME, ["remove_by_value"]),
    (R, ['remove label "zz"'], "invalidSyntax", [], STRICT),
    # P15, D16, R7
    (MANAGED, ['remove schemas[value eq "<Enterprise>"]'], {"schemas": ["<User>"], E: None}),
    (MANAGED, ['replace schemas ["<User>"]'], {"schemas": ["<User>"], E: None}),
    (MANAGED, ['replace schemas ["<Enterprise>"]'], "mutability"),
    (MANAGED, ["remove <Enterprise>"], {"schemas": ["<User>"], E: None}),
    (U, ['replace {"schemas": ["<Enterprise>"]}'], {"schemas": ["<User>", E]}),
    (U, ['add schemas ["<Enterprise>"]'], SAME, [], Options.of(derived_schemas=True)),
    # P16, D23, D24, F14
    (U, ['add {"foo": 1}'], {"foo": 1}, [], Options.of(unknown="keep")),
    (U, ['add {"foo": 1}'], "invalidValue", [], Options.of(unknown="reject")),
    (U, ['add name {"foo": 1}'], "invalidValue", [], Options.of(unknown="reject")),
    (U, ['add {"foo[a eq 1]": 1}'], "invalidPath", [], Options.of(unknown="keep")),
    (U, ['add {"foo[a eq 1]": 1}'], "invalidSyntax", [], Options.of(profile=["unknown_refused"])),
    (U, ['add {"department": "M"}'], "invalidValue", [], STRICT),
    (U, ['add {"title": "a", "TITLE": "a"}'], "invalidSyntax"),
    (U, ['add {"name": {"givenName": null}, "name.givenName": "A"}'], {"name": {"givenName": "A"}}),
    (U, ['add {"title": "a", "<User>:title": null}'], "invalidSyntax"),
    (U, ['add {"title": null, "<User>:title": null}'], SAME),
    # P11
    (U, ['add {"<Enterprise>": {"<User>:title": "x", "<Enterprise>:department": "M"}}'],
     {"title": "x", "schemas": ["<User>", E], E: {"department": "M"}}),
    (U, ['add {"<Enterprise>": {"<User>": {"title": "x"}, "<Enterprise>": {"department": "M"}}}'], SAME,
     ["unknown_member"]),
    (U, ['add {"<Enterprise>": {"<User>": {"title": "x"}}}'],
     {"schemas": ["<User>", E], E: {"<User>": {"title": "x"}}}, [], Options.of(unknown="keep")),
    # D10
    (EMAILS, ["remove emails", 'add emails [{"value": "b"}, {"value": "a", "type": "work"}]'], SAME),
    (
        {**U, "emails": [{"value": "a"}, {"value": "b"}]},
        ['remove emails[value eq "a"]', 'add emails [{"value": "c"}]', 'add emails [{"value": "a"}]'],
        {"emails": [{"value": "a"}, {"value": "b"}, {"value": "c"}]},
    ),
    # X1
    (U, ['replace {"title": "x"}'], "invalidSyntax", [], INTEROP),
    (U, ["remove foo"], "invalidSyntax", [], INTEROP),
    (R, ['replace lock {"maker": "N"}'], {"lock": {"maker": "N", "model": "X", "no": "9", "code": "1"}}, [], INTEROP),
    (EMAILS, ["remove emails[value pr]"], "invalidFilter", [], Options.of(profile=["single_match"])),
    (EMAILS, ["remove emails[value pr]"], "invalidSyntax", [], Options.of(profile=["only_eq_and"])),
    (EMAILS, ["remove emails[value pr]"], "invalidPath", [], Options.of(profile=["sub_attribute_required"])),
]  # fmt: skip


def kind_for(start: dict) -> Kind:
    return RIG if start is R else GROUP if start is G else USER


@pytest.mark.parametrize("case", CASES, ids=lambda case: " / ".join(case[1])[:60])
def test_patch(case: tuple):
    start, operations, expected, kinds, options = (*case, *([], Options())[len(case) - 3 :])
    start_full = full(start)
    before = deepcopy(start_full)
    body = {"schemas": [PATCH_OP], "Operations": [operation(urns(text)) for text in operations]}
    if isinstance(expected, str):
        with pytest.raises(Refused) as refused:
            patch(body, start_full, kind_for(start), options)
        assert refused.value.scim_type == expected
        assert start_full == before
        return
    result = patch(body, start_full, kind_for(start), options)
    assert start_full == before
    if expected is SAME:
        assert result.resource == before
        assert not result.changed
    else:
        wanted = {name: value for name, value in full({**start, **expected}).items() if value is not None}
        assert result.resource == wanted
        assert result.changed
    assert sorted({kind for _, kind in result.repairs}) == sorted(kinds)


POSTS = [
    ({"roles": [{"value": '{"value": "adm", "displayName": "A", "id": "1"}'}]},
     {"roles": [{"value": "adm", "display": "A"}]}, ["json_values"]),
    ({"emails": "a@b"}, {"emails": [{"value": "a@b"}]}, ["single_for_list", "string_for_complex"]),
    ({"active": "TRUE"}, {"active": True}, ["boolean_strings"]),
    ({"active": {"active": False}}, {"active": False}, ["doubled_paths"]),
    ({"schemas": ["urn:scim:schemas:core:1.0"]}, {}, ["legacy_schemas"]),
    ({"schemas": '["<User>"]'.replace("<User>", USER.core.id)}, {}, ["json_strings"]),
    ({"schemas": None}, {}, ["missing_schemas"]),
    ({E: {"department": "M"}}, {"schemas": ["<User>", E], E: {"department": "M"}}, ["undeclared_extensions"]),
    ({"schemas": ["<User>", E], E: {"department": " "}}, {"schemas": ["<User>", E], E: None}, ["blank_strings"]),
    ({"schemas": ["<User>", E], E + ".department": "M"}, {"schemas": ["<User>", E], E: {"department": "M"}},
     ["dotted_urns", "path_keys"]),
    ({'emails[type eq "work"].value': "a"}, {}, ["unknown_member"]),
    ({"emails": [{"value": " ", "type": "work"}, {"type": "x"}]}, {"emails": [{"type": "x"}]}, ["blank_strings"]),
    ({"password": ""}, {}, ["blank_strings"]),
    ({"meta": {"version": "1"}, "groups": [{"value": "x"}], "id": ""}, {}, ["read_only"]),
    ({"shoe": 1}, {}, ["unknown_member"]),
    ({"active": " True "}, {"active": True}, ["boolean_strings"]),
    ({"emails": [5]}, {"emails": [{"value": "5"}]}, ["numbers_for_strings", "string_for_complex"]),
    ({"schemas": ["urn:scim:schemas:core:1.0:User"]}, {}, ["legacy_schemas"]),
    ({USER.core.id: {"title": "a"}}, {"title": "a"}, []),
    ({"urn:scim:schemas:core:1.0.title": "a"}, {"title": "a"}, ["dotted_urns", "legacy_schemas", "path_keys"]),
]  # fmt: skip


@pytest.mark.parametrize("case", POSTS, ids=lambda case: str(case[0])[:60])
def test_post(case: tuple):
    said, expected, kinds = case
    result = create(full({**U, **said}))
    wanted = {name: value for name, value in full({**U, **expected}).items() if value is not None}
    assert result.resource == wanted
    assert sorted({kind for _, kind in result.repairs}) == kinds
    again = replace(result.resource, deepcopy(result.resource))
    assert not again.changed
    assert not again.repairs


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"userName": ""}, "invalidValue"),
        ({"userName": None}, "invalidValue"),
        ({"USERNAME": "x"}, "invalidSyntax"),
        ({"name.givenName": "A", "name": {"givenName": "B"}}, "invalidSyntax"),
        ({'foo[type eq "a"].value': 1}, "invalidSyntax"),
        ({'emails[type eq "a"].foo': 1}, "invalidSyntax"),
        ({"emails[type": 1}, "invalidSyntax"),
        ({"emails.value": "a"}, "invalidSyntax"),
        ({"title": {"x": 1}}, "invalidValue"),
    ],
)
def test_post_refused(said: dict, code: str):
    with pytest.raises(Refused) as refused:
        create(full({**U, **said}))
    assert refused.value.scim_type == code


STORED = {
    **U,
    "id": "u1",
    "name": {"givenName": "A", "familyName": "B"},
    "title": "t",
    "emails": [{"value": "a", "type": "work"}, {"value": "b"}],
    "shoe": 4,
    "meta": {"version": "1"},
}
PUTS = [
    ({}, Options(), {"name": None, "title": None, "emails": None}),
    ({}, KEEP, {}),
    ({"name": {"givenName": "Z"}, "title": None, "emails": []}, KEEP,
     {"name": {"givenName": "Z", "familyName": "B"}, "title": None, "emails": None}),
    ({"name": {"givenName": "Z"}}, Options.of(absent_overrides={"name.familyName": "keep", "title": "keep"}),
     {"name": {"givenName": "Z", "familyName": "B"}, "emails": None}),
    ({"name": {"givenName": "Z"}}, Options.of(absent="keep", absent_overrides={"name.familyName": "clear"}),
     {"name": {"givenName": "Z"}}),
    ({"name": STORED["name"], "title": "t", "emails": STORED["emails"][::-1], "id": "u1"}, Options(), {}),
    ({"name": STORED["name"], "title": "t", "emails": [{"value": "B"}]}, Options(), {"emails": [{"value": "B"}]}),
]  # fmt: skip


@pytest.mark.parametrize("case", PUTS, ids=lambda case: str(case[0])[:60])
def test_put(case: tuple):
    said, options, expected = case
    result = replace(full(STORED), full({**U, **said}), USER, options)
    wanted = {name: value for name, value in full({**STORED, **expected}).items() if value is not None}
    assert result.resource == wanted
    assert result.changed == bool(expected)
    assert not result.repairs


def test_put_of_what_is_immutable():
    body = {"schemas": R["schemas"], "label": "r", "urn:example:rig:2.0:Permit": {"number": "7"}}
    same = {**body, "serial": "s1", "codes": ["C1"], "lock": {"maker": "M", "keys": ["k"]}, "parts": PARTS[1:]}
    assert replace(R, same, RIG).resource == {**R, "parts": PARTS[1:]}
    assert replace(R, {**same, "pin": "2"}, RIG).repairs == [("pin", "read_only")]
    for said in ({"serial": "s2"}, {"lock": {"model": "Y"}}, {"parts": [{**PARTS[0], "stamp": "U"}]}):
        with pytest.raises(Refused, match="mutability"):
            replace(R, {**body, **said}, RIG)


def test_overrides_of_unknown_names():
    with pytest.raises(ValueError, match="shoe"):
        replace(full(STORED), full(U), USER, Options.of(absent_overrides={"shoe": "keep"}))


def test_secrets_in_changes():
    (change,) = patch({"schemas": [PATCH_OP], "Operations": [operation('replace lock.code "1"')]}, R, RIG).changes
    assert (change.path, change.added, change.removed, change.replaced) == ("lock.code", ["1"], [], [])
    assert change.secret


def test_members_of_scim_1_1():
    group = stock("$group")
    with pytest.raises(Refused, match="invalidSyntax"):
        patch({"schemas": [GROUP.core.id], "members": [{"value": "u1"}]}, group, GROUP)
    with pytest.raises(Refused, match="invalidSyntax"):
        patch({"members": [{"value": "u1"}]}, group, GROUP, STRICT)


def test_other_members_of_scim_1_1():
    """P17: They are an `add` without a path, after the member operations."""
    body = {"displayName": "Crew", "members": [{"value": "u1", "operation": "delete"}], "externalId": "7", "shoe": 1}
    result = patch(body, stock("$group"), GROUP)
    assert result.resource["displayName"] == "Crew"
    assert result.resource["externalId"] == "7"
    assert [member["value"] for member in result.resource["members"]] == ["u2"]
    assert result.repairs == [("members", "member_operations"), ("shoe", "unknown_member")]


def test_schemas_within_schemas():
    """D5: What is stored in `schemas` may be anything."""
    for stored in ([["x"]], [U["schemas"], ["a"]], [[["<User>"]], "<User>", {"a": [1]}]):
        start = full({**U, "schemas": stored})
        assert replace(start, full(U), USER).resource == full(U)
        body = {"schemas": [PATCH_OP], "Operations": [operation(urns('add schemas ["<User>"]'))]}
        assert USER.core.id in patch(body, start, USER).resource["schemas"]


def test_without_a_resource_type():
    """D14: It is read by the schemas of User, and bare names of the extension are read, too."""
    start, department = full(U), f"{ENTERPRISE.id}:department"
    for text in ('replace department "M"', 'add {"department": "M"}'):
        body = {"schemas": [PATCH_OP], "Operations": [operation(text)]}
        result = patch(body, start, ANY)
        assert result.resource[ENTERPRISE.id] == {"department": "M"}
        assert result.repairs == [(department, "bare_extension_names")]
    result = create({**start, "department": "M", "members": [{"value": "u1"}]}, ANY)
    assert result.resource[ENTERPRISE.id] == {"department": "M"}
    assert result.resource["members"] == [{"value": "u1"}]
    assert (department, "bare_extension_names") in result.repairs
    with pytest.raises(Refused, match="invalidSyntax"):
        create({**start, "department": "M"}, ANY, Options.of({"bare_extension_names": False}))


def test_what_stays_with_the_provider():
    """P7, D16: The URN of an extension stays with its readOnly attributes, and readOnly parts of a reference, too."""
    badge = {"name": "badge", "mutability": "readOnly"}
    desk = {"name": "desk", "type": "complex", "subAttributes": [{"name": "value"}, {"name": "$ref"}, badge]}
    kind = Kind.from_schemas(
        "Lamp",
        {"id": "urn:example:Lamp", "name": "Lamp", "attributes": [desk]},
        [{"id": "urn:example:Shade", "name": "Shade", "attributes": [badge, {"name": "size"}]}],
    )
    start = {
        "schemas": ["urn:example:Lamp", "urn:example:Shade"],
        "desk": {"value": "1", "$ref": "../1", "badge": "b"},
        "urn:example:Shade": {"badge": "b", "size": "s"},
    }
    for text in ('replace schemas ["urn:example:Lamp"]', 'remove schemas ["urn:example:Shade"]'):
        result = patch({"schemas": [PATCH_OP], "Operations": [operation(text)]}, start, kind)
        assert result.resource["schemas"] == start["schemas"]
        assert result.resource["urn:example:Shade"] == {"badge": "b"}
    result = patch({"schemas": [PATCH_OP], "Operations": [operation("remove desk")]}, start, kind)
    assert result.resource["desk"] == {"badge": "b"}


def test_an_extension_whose_urn_continues_with_a_name():
    """P11: In the object of an extension a key is a name of that extension."""
    shades = [
        {"id": "urn:example:A", "name": "A", "attributes": [{"name": "B"}]},
        {"id": "urn:example:A:B", "name": "AB", "attributes": [{"name": "x"}]},
    ]
    kind = Kind.from_schemas("Lamp", {"id": "urn:example:Lamp", "name": "Lamp", "attributes": []}, shades)
    body = {"schemas": ["urn:example:Lamp", "urn:example:A"], "urn:example:A": {"B": "b"}}
    assert create(body, kind).resource == body


def test_secrets_are_not_compared_in_a_put():
    """P12a: What is required is asked for, and the order given is stored, whatever the secret is."""
    safe = {
        "name": "safe",
        "type": "complex",
        "returned": "never",
        "subAttributes": [{"name": "a"}, {"name": "b", "required": True}],
    }
    pins = {"name": "pins", "multiValued": True, "returned": "never"}
    kind = Kind.from_schemas("Lamp", {"id": "urn:example:Lamp", "name": "Lamp", "attributes": [safe, pins]})
    start = {"schemas": ["urn:example:Lamp"], "safe": {"a": "1"}, "pins": ["1", "2"]}
    for said in ("1", "2"):
        with pytest.raises(Refused, match="invalidValue"):
            replace(start, {"schemas": start["schemas"], "safe": {"a": said}}, kind)
    body = {"schemas": start["schemas"], "pins": ["2", "1"]}
    assert replace(start, body, kind).resource["pins"] == ["2", "1"]


def test_a_list_of_an_id():
    """P12: A list does not say what is stored of a single value."""
    body = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "id", "value": ["u1"]}]}
    with pytest.raises(Refused, match="mutability"):
        patch(body, full({**U, "id": "u1"}), USER)


def test_manager_id_in_strict_mode():
    """D17, D24: A name that is not the schema's."""
    inner = {"manager": {"managerId": "u1"}}
    for text, code in (
        (f'add {{"<Enterprise>": {json.dumps(inner)}}}', "invalidValue"),
        ('add {"<Enterprise>:manager.managerId": "u1"}', "invalidValue"),
        ('add <Enterprise>:manager.managerId "u1"', "invalidPath"),
    ):
        body = {"schemas": [PATCH_OP], "Operations": [operation(urns(text))]}
        with pytest.raises(Refused, match=code):
            patch(body, full(U), USER, STRICT)
    with pytest.raises(Refused, match="invalidSyntax"):
        create(full({**U, "schemas": ["<User>", E], E: inner}), USER, STRICT)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("http://[1.2.3.4]", False),
        ("http://[::1]:80/a", True),
        ("http://[1:2:3:4:5:6:7:8]", True),
        ("http://[1:2:3:4:5:6:7:8:9]", False),
        ("http://[1:2:3:4:5:6:1.2.3.4]", True),
        ("http://[1:2::5:6:7:1.2.3.4]", True),
        ("http://[::256.2.3.4]", False),
        ("http://[1::2::3]", False),
        ("http://[12345::]", False),
        ("http://[::]", True),
        ("http://[v1.a:b]", True),
        ("http://[v.a]", False),
        ("http://a[1]", False),
        ("//a:b/", False),
        ("http://a:80/b//c", True),
        ("/a//b", True),
        ("a/b:c", True),
        ("1:b", False),
        ("a%2", False),
        ("a b", False),
        ("", True),
    ],
)
def test_uri_references(text: str, good: bool):
    """R5: RFC 3986 §4.1."""
    assert is_uri_reference(text) == good


def test_examples_of_the_rfc():
    """RFC 7644 §3.5.2: the bodies of the examples, as far as they are JSON."""
    addresses = {**U, "addresses": [{"type": "work", "primary": False}, {"type": "home", "primary": True}]}
    work = {"type": "work", "streetAddress": "911 Universal City Plaza", "primary": True}
    body = {"op": "replace", "path": 'addresses[type eq "work"]', "value": work}
    result = patch({"schemas": [PATCH_OP], "Operations": [body]}, full(addresses))
    assert result.resource["addresses"] == [work, {"type": "home", "primary": False}]
    operations = [
        {"op": "remove", "path": 'members[value eq"u1"]'},
        {"op": "add", "path": "members", "value": [{"display": "James Smith", "$ref": "https://x/u9", "value": "u9"}]},
    ]
    result = patch({"schemas": [PATCH_OP], "Operations": operations}, full(G), GROUP, STRICT)
    assert [member["value"] for member in result.resource["members"]] == ["u2", "u9"]


def test_diff():
    user, group = stock("$user"), stock("$group")
    assert diff(user, deepcopy(user), USER) is None
    bare = full(U)
    for old, new, kind in (
        (user, bare, USER),
        (bare, user, USER),
        (group, {**group, "members": [{"value": "u1"}, {"value": "u3"}]}, GROUP),
    ):
        result = patch(diff(old, new, kind), old, kind, STRICT).resource
        assert {**result, "id": None} == {**new, "id": old.get("id") and None}
