"""What was decided when the product and the reference differed."""

import pytest

from .create import create
from .diff import diff
from .errors import Refused
from .filters import compile
from .options import DEFAULT, Options
from .patch import patch
from .replace import replace
from .schema import ENTERPRISE, GROUP, USER, Kind
from .test_meaning_writes import PATCH_OP, operation

E = ENTERPRISE.id
U = {"schemas": [USER.core.id], "userName": "ann"}
G = {"schemas": [GROUP.core.id], "displayName": "Crew"}
T, X = "urn:example:Thing", "urn:example:Ext"
STRICT, CREATES = Options.strict(), Options.of({"replace_creates": True})


def attribute(text: str) -> dict:
    """`name`, `name*` (multi-valued), `name/readOnly`, `name/never`, `name/required`, `name(sub, sub)`."""
    head, _, inner = text.partition("(")
    name, *words = head.strip().split("/")
    found = {"name": name.rstrip("*"), "multiValued": name.endswith("*")}
    for word in words:
        key = {"never": "returned", "required": "required"}.get(word, "mutability")
        found[key] = True if word == "required" else word
    if inner:
        found |= {"type": "complex", "subAttributes": [attribute(sub) for sub in inner.rstrip(")").split(",")]}
    elif found["name"] == "$ref":
        found["type"] = "reference"
    return found


def thing(*attributes: str, extension: tuple[str, ...] = ()) -> Kind:
    core = {"id": T, "name": "Thing", "attributes": [attribute(text) for text in attributes]}
    other = {"id": X, "name": "Ext", "attributes": [attribute(text) for text in extension]}
    return Kind.from_schemas("Thing", core, [other] if extension else [])


def run(start: dict, *operations: object, kind: Kind = USER, options: Options = DEFAULT):
    found = [operation(text) if isinstance(text, str) else text for text in operations]
    return patch({"schemas": [PATCH_OP], "Operations": found}, start, kind, options)


def refused(code: str, *operations: object, start: dict = U, kind: Kind = USER, options: Options = DEFAULT):
    with pytest.raises(Refused) as error:
        run(start, *operations, kind=kind, options=options)
    assert error.value.scim_type == code
    return error.value


def test_a_urn_that_ends_in_a_colon_or_a_dot():
    """T6: It is bad text, found before any operation is applied; another URN that nobody knows is not."""
    ignores = Options.of(unknown_paths="ignore")
    for text in ("urn:x:y", "urn:x:2.0", "http://x.example."):
        assert not run(U, f'add {text} "a"', options=ignores).changed
    for text in ("urn:x:", "urn:x.", "URN:x:2.", f"{E}.", "urn:x.[type pr]"):
        bad = {"op": "add", "path": text, "value": "a"}
        assert refused("invalidPath", "remove id", bad, options=ignores).index == 1
    for text in ("urn:x:", "urn:x.", f"{E}."):
        for kind in (None, USER):
            with pytest.raises(Refused, match="invalidFilter"):
                compile(f"{text} pr", kind)


def test_names_behind_old_urns_without_a_resource_type():
    """T6, D26: What no schema has stands as it is written."""
    for text in ('urn:scim:schemas:core:2.0:x ne "7"', 'urn:scim:schemas:extension:enterprise:2.0:x eq "7"'):
        assert compile(text).text == text
    assert compile('urn:scim:schemas:core:1.0:name.familyName eq "7"').text == 'name.familyName eq "7"'


def test_switches_about_brackets():
    """X1: They are judged before what is in the brackets is compiled."""
    refused("invalidPath", "remove emails[type eq -1]", options=Options.of(profile=["sub_attribute_required"]))
    refused("invalidSyntax", "remove emails[primary gt true]", options=Options.of(profile=["only_eq_and"]))
    refused("invalidFilter", "remove emails[primary gt true]")


def test_blanks_before_brackets():
    """P2, D17: In strict mode they are bad text, found before any operation is applied."""
    assert (
        refused("invalidPath", 'add shoe "1"', {"op": "remove", "path": "emails [type pr]"}, options=STRICT).index == 1
    )


def test_whole_attributes_come_first():
    """F14: Keys that are paths with a sub-attribute or with brackets come after them."""
    value = {'emails[type eq "a"].display': "A", "emails": [{"value": "1", "type": "a"}]}
    result = run(U, {"op": "add", "value": value})
    assert result.resource["emails"] == [{"value": "1", "type": "a", "display": "A"}]


def test_keys_and_values():
    """R1, R4: What is wrong with a key comes first; a name given twice in a value is found with that value."""
    twice = {"a": 1, "A": 2}
    for said, code in (({"nickName": "\0", "title": twice}, "invalidValue"), ({"name": twice}, "invalidSyntax")):
        with pytest.raises(Refused, match=code):
            create({**U, **said}, USER)
    assert not create({**U, "meta": {"a": 1, "A": 2}}, USER).resource.get("meta")
    with pytest.raises(Refused, match=r"U\+0000"):
        create({**U, "active": "x", "a\0": 1}, USER, Options.of(unknown="keep"))


def test_secrets_of_an_element_in_changes():
    """D11, P12a: An element whose secrets alone differ, or went, is `replaced`, with the mark of a secret."""
    kind = thing("list*(value, type, pin/never)")
    start = {"schemas": [T], "list": [{"value": "1", "pin": "s"}]}
    for said in ({"value": "1"}, {"value": "1", "pin": "s"}, {"value": "1", "pin": "t"}):
        (change,) = run(start, "remove list", {"op": "add", "path": "list", "value": [said]}, kind=kind).changes
        assert change.replaced == [({"value": "1"}, said)]
        assert change.secret
    for pin in "st":
        start = {"schemas": [T], "list": [{"type": "g", "pin": "s"}, {"pin": pin}]}
        result = run(start, 'add list.type "g"', kind=kind)
        assert result.changes[0].replaced == [({"type": "g"}, {"type": "g", "pin": pin})]
        assert result.repairs == [("list.pin", "same_elements")]


def test_read_only_members_name_elements():
    """P5, P12: A readOnly `value` or `type` that is sent counts, if a stored element has it."""
    kind = thing("list*(value, type/readOnly, note)")
    start = {"schemas": [T], "list": [{"value": "A", "type": "g"}]}
    assert not replace(start, start, kind).repairs
    result = replace(start, {"schemas": [T], "list": [{"value": "A", "type": "g", "note": "n"}]}, kind)
    assert result.resource["list"] == [{"value": "A", "type": "g", "note": "n"}]
    start = {"schemas": [T], "list": [{"value": "A"}]}
    result = replace(start, {"schemas": [T], "list": [{"value": "A", "type": "g", "note": "n"}]}, kind)
    assert result.changes[0].replaced
    assert result.repairs == [("list.type", "read_only")]
    items = [{"value": "A", "type": "g", "note": "1"}, {"value": "A", "type": "h", "note": "2"}]
    assert create({"schemas": [T], "list": items}, kind).resource["list"] == [{"value": "A", "note": "2"}]


def test_read_only_details():
    """P5c, P12, D21: Other values for them are those of any readOnly member; a list is not the single value."""
    kind = thing("list*(value, $ref/readOnly)", "one(value, $ref/readOnly)")
    start = {"schemas": [T], "list": [{"value": "1", "$ref": "a"}], "one": {"value": "1", "$ref": "a"}}
    said = {"schemas": [T], "list": [{"value": "1", "$ref": "b"}], "one": {"value": "1", "$ref": ["a"]}}
    assert replace(start, said, kind).repairs == [("list.$ref", "read_only"), ("one.$ref", "read_only")]
    operation = {"op": "add", "path": "list", "value": [{"value": "1", "$ref": "b"}]}
    assert run(start, operation, kind=kind).repairs == [("list.$ref", "read_only_members")]
    refused("mutability", operation, start=start, kind=kind, options=STRICT)
    refused("mutability", 'add one {"value": "2", "$ref": "a"}', start=start, kind=kind, options=STRICT)


def test_read_only_secrets():
    """P12a: By path they are `mutability`, whatever is said or stored; in a value they are reported."""
    kind = thing("pin/readOnly/never", "members*/readOnly/never", "box/readOnly(a, pin/never)")
    start = {"schemas": [T], "box": {"a": "1", "pin": "s"}}
    for text in ("remove pin", "remove box.pin", "add members []"):
        refused("mutability", text, start=start, kind=kind)
    for guess in "st":
        refused("mutability", f'replace box.pin "{guess}"', start=start, kind=kind)
        refused("mutability", f'replace box {{"pin": "{guess}"}}', start=start, kind=kind)
        result = run(start, f'replace {{"box": {{"a": "1", "pin": "{guess}"}}}}', kind=kind)
        assert result.repairs == [("box", "read_only_members")]
    assert not run(start, 'replace {"box": {"a": "1"}}', kind=kind).repairs
    with pytest.raises(Refused, match="mutability"):
        patch({"members": []}, start, kind)


def test_remove_with_a_value():
    """P14: Without `remove_by_value` it is `invalidSyntax` before the attribute is judged; P12: nothing is reported."""
    for text in ('remove password "a"', 'remove id "a"', f'remove {E} {{"department": "a"}}', f"remove {E} {{}}"):
        refused("invalidSyntax", text, options=STRICT)
    kind = thing("a", extension=("badge/readOnly",))
    assert not run({"schemas": [T]}, f'remove {X} {{"badge": "a"}}', kind=kind).repairs


def test_the_value_is_read_first():
    """P8: Also for `schemas` and for single complex attributes."""
    options = Options.of({"legacy_schemas": False})
    refused("invalidValue", 'add schemas[value eq "a"] "urn:scim:schemas:core:1.0"', options=options)
    refused("invalidValue", 'add name[givenName eq "a"] 5', start={**U, "name": {"familyName": "b"}})


def test_a_replace_that_says_nothing():
    """P6: With `replace_creates` it changes nothing, whatever the brackets are; without, nothing matches."""
    for value in ("{}", "[]", "null", '" "'):
        for path in ("emails[type pr]", 'name[givenName eq "a"]', 'name[givenName eq "a" or familyName pr]'):
            assert not run(U, f"replace {path} {value}", options=CREATES).changed
            refused("noTarget", f"replace {path} {value}")


def test_brackets_on_a_single_complex_value():
    """P6: They only say whether the operation is done."""
    start = {**U, "name": {"givenName": "a", "familyName": "b"}}
    assert not run(start, 'replace name[givenName eq "a"] {}').changed
    result = run(start, 'replace name[givenName eq "a"] {"familyName": "c"}').resource
    assert result["name"] == {"givenName": "a", "familyName": "c"}
    assert "name" not in run(start, 'replace name[givenName eq "a"] null').resource


def test_extensions_that_are_removed_and_added():
    """P15, P12: They must have what they require, unless they lacked that when they were stored."""
    kind = thing("a", extension=("must/required", "other"))
    start = {"schemas": [T, X], X: {"must": "1", "other": "2"}}
    refused("invalidValue", f"remove {X}", f'add {X}:other "3"', start=start, kind=kind)
    lacks = {"schemas": [T, X], X: {"other": "2"}}
    assert run(lacks, f"remove {X}", f'add {X}:other "3"', kind=kind).resource[X] == {"other": "3"}
    refused("invalidValue", f"remove {X}", f'add {X}:other "3"', start={**lacks, "schemas": [T]}, kind=kind)
    assert not run(start, f"remove {X}", f'add {X} {{"must": "1", "other": "2"}}', kind=kind).changed


def test_what_stays_unassigned():
    """D10, P7: What a request sets and removes again is as it was stored."""
    for start in ({**U, "name": {}}, {**U, "name": None}, {**U, E: {"manager": {}}}):
        add, remove = ('add name.givenName "a"', "remove name")
        if E in start:
            add, remove = f'add {E}:manager "a"', f"remove {E}:manager"
        assert run(start, add, remove).resource == start
    start = {"schemas": [USER.core.id, E], E: {"department": "a", "manager": {}}}
    result = run(start, f"remove {E}", f'add {E}:department "b"').resource
    assert result[E] == {"department": "b", "manager": {}}


def test_elements_of_unknown_members():
    """P5: They are elements: when they go, that is a change."""
    start = {**G, "members": [{"a": "c"}]}
    result = run(start, 'replace members [{"value": "A"}]', "remove members", kind=GROUP)
    assert result.resource == G
    assert result.changed


def test_read_only_parts_of_an_extension():
    """P7, P12: They stay, but for details of a reference whose `value` goes; then nothing is required."""
    kind = thing("a", extension=("must/required", "one(value, $ref/readOnly, no/readOnly, a/required)"))
    start = {"schemas": [T, X], X: {"must": "1", "one": {"value": "1", "$ref": "r", "no": "5", "a": "a"}}}
    assert run(start, f"remove {X}", kind=kind).resource == {"schemas": [T, X], X: {"one": {"no": "5"}}}
    assert replace(start, {"schemas": [T]}, kind).resource == {"schemas": [T, X], X: {"one": {"no": "5"}}}


def test_null_in_a_key_that_is_a_path():
    """P9: It is in a value, so that it counts as absent for what the client may not change; P5b comes first."""
    start = {**G, "members": [{"value": "1", "type": "User"}]}
    assert not run(start, 'replace {"members.type": null}', kind=GROUP).changed
    refused("mutability", "replace members.type null", start=start, kind=GROUP)
    refused("mutability", 'replace {"members.value": null}', start=start, kind=GROUP)
    kind = thing("box(a/immutable)")
    assert not run({"schemas": [T], "box": {"a": "1"}}, 'add {"box.a": null}', kind=kind).changed


def test_nothing_for_a_read_only_sub_attribute():
    """P12: Where nothing matches, a value that says nothing changes nothing."""
    kind = thing("list*(value, no/readOnly)")
    start = {"schemas": [T], "list": [{"value": "1"}]}
    for value in ("null", "[]", '" "', "[[]]"):
        assert not run(start, f'replace list[value eq "2"].no {value}', kind=kind).changed
    refused("mutability", 'replace list[value eq "2"].no "1"', start=start, kind=kind)
    for value in ("null", "[]", '" "', "{}"):
        assert not run(U, f'add groups[display eq "a"] {value}').changed


def test_doubled_texts_and_numbers():
    """P13: A text in a doubled path is an object; a number stands for a string, or for a list of strings."""
    kind = thing("type*(value, note)", "texts*(value*)", "flags*(value/immutable)")
    start = {"schemas": [T], "type": [{"value": "1", "note": "n"}]}
    assert run(start, 'replace type[value eq "1"] {"type": "2"}', kind=kind).resource["type"] == [{"value": "2"}]
    assert run(start, 'replace type[value eq "1"] "2"', kind=kind).resource["type"] == [{"value": "2", "note": "n"}]
    assert create({"schemas": [T], "texts": 5}, kind).resource["texts"] == [{"value": ["5"]}]


def test_secrets_of_which_nothing_is_left():
    """R2: They count as left out in a PUT."""
    kind = thing("pins*/never(no/readOnly, a)", "pin/never(no/readOnly, a)")
    start = {"schemas": [T], "pins": [{"a": "1"}], "pin": {"a": "1"}}
    result = replace(start, {"schemas": [T], "pins": [{"no": "2"}], "pin": {"no": "2"}}, kind)
    assert result.resource == start
    assert not result.changed
    assert result.repairs == [("pins.no", "read_only"), ("pin.no", "read_only")]


def test_the_order_of_secret_lists():
    """P12a: It is that which was given, also if only the order differs."""
    kind = thing("pins*/never", "one(pins*/never)", "list*(value, pins*/never)")
    pins, other = ["a", "b"], ["b", "a"]
    start = {"schemas": [T], "pins": pins, "one": {"pins": pins}, "list": [{"value": "1", "pins": pins}]}
    said = {"schemas": [T], "pins": other, "one": {"pins": other}, "list": [{"value": "1", "pins": other}]}
    assert replace(start, said, kind).resource == said
    operations = [{"op": "replace", "path": name, "value": said[name]} for name in ("pins", "one", "list")]
    assert run(start, *operations, kind=kind).resource == said
    operation = {"op": "replace", "path": 'list[value eq "1"]', "value": said["list"][0]}
    assert run(start, operation, kind=kind).resource["list"] == said["list"]


def test_a_single_value_stored_for_a_list():
    """D5: It stays if nothing changes in it."""
    kind = thing("list*(value, pin/never)")
    start = {"schemas": [T], "list": {"value": "1", "pin": "s"}}
    result = replace(start, {"schemas": [T], "list": [{"value": "1"}]}, kind)
    assert result.resource == start
    assert not result.changed


def test_elements_in_their_turn():
    """P5: Each is united with its twin before the next, in the place of the twin."""
    tags = thing("tags*", "list*(value, type, note, mark/immutable)")
    start = {"schemas": [T], "tags": ["a", "b", "a"]}
    assert run(start, 'replace tags[value eq "b"] "a"', kind=tags).resource["tags"] == ["a", "a"]
    start = {"schemas": [T], "list": [{"value": "a", "note": "1"}, {"value": "a", "note": "2"}]}
    result = run(start, 'replace list.value "A"', kind=tags)
    assert result.resource["list"] == [{"value": "A", "note": "1"}]
    assert result.repairs == [("list.note", "same_elements")]
    start = {"schemas": [T], "list": [{"value": "a", "mark": "1"}, {"value": "b", "mark": "2"}]}
    refused("mutability", 'replace list.value "c"', start=start, kind=tags)


def test_keep_for_a_value_that_is_not_there():
    """R2, P5c: Nothing else of the reference is kept; with its `value` its details stay."""
    options = Options.of(absent_overrides={f"{E}:manager.value": "keep"})
    start = {"schemas": [USER.core.id, E], "userName": "ann", E: {"manager": {"displayName": "b"}}}
    assert replace(start, U, USER, options).resource == U
    start[E] = {"manager": {"value": "1", "displayName": "b"}}
    assert replace(start, U, USER, options).resource == start


def test_secrets_in_an_immutable_list():
    """P12a: In a PUT they are dropped and reported, right or wrong."""
    kind = thing("list*/immutable(value/never, a)")
    start = {"schemas": [T], "list": [{"value": "1", "a": "x"}, {"value": "2", "a": "y"}]}
    for guess in "12":
        said = {"schemas": [T], "list": [{"value": guess, "a": "x"}, {"value": "2", "a": "y"}]}
        result = replace(start, said, kind)
        assert result.resource == start
        assert result.repairs == [("list.value", "read_only")]


def test_the_changed_element_counts_as_the_later_one():
    """P5: It sets what it says, and the united element stands in the place of the other one."""
    kind = thing("list*(value, note)", "tags*")
    one, two, three = ({"value": value, "note": value} for value in "abc")
    start = {"schemas": [T], "list": [one, two, three]}
    result = run(start, 'replace list[value eq "a"].value "c"', kind=kind)
    assert result.resource["list"] == [two, {"value": "c", "note": "a"}]
    assert result.repairs == [("list.note", "same_elements")]
    result = run(start, 'replace list[value eq "c"].value "a"', kind=kind)
    assert result.resource["list"] == [{"value": "a", "note": "c"}, two]
    result = run(start, 'add list [{"value": "d", "note": "1"}, {"value": "D", "note": "2"}]', kind=kind)
    assert result.resource["list"][3:] == [{"value": "D", "note": "2"}]
    start = {"schemas": [T], "tags": ["a", "b", "C"]}
    assert run(start, 'replace tags[value eq "a"] "c"', kind=kind).resource["tags"] == ["b", "C"]


def test_what_brackets_say_is_not_reported():
    """P8, P13: One value there stands for a list; P9: `[]` beside it counts as absent."""
    kind = thing("list*(value*, type)", "one(value*, type)")
    for options in (DEFAULT, STRICT):
        for name, element in (("list", [{"type": "b", "value": ["a"]}]), ("one", {"type": "b", "value": ["a"]})):
            result = run({"schemas": [T]}, f'add {name}[value eq "a"].type "b"', kind=kind, options=options)
            assert result.resource[name] == element
            assert not result.repairs
    result = run({"schemas": [T]}, 'add list[value eq "a"] {"type": "b", "value": []}', kind=kind)
    assert result.resource["list"] == [{"type": "b", "value": ["a"]}]


def test_an_empty_object_names_nothing():
    """P14: It is reported as `remove_by_value` alone; an item of a list of references needs a `value` (P5b)."""
    kind = thing("list*(value, tags*)", "tags*", "one(a, tags*)", "refs*(value, $ref)")
    start = {"schemas": [T], "list": [{"value": "1", "tags": ["a"]}], "tags": ["a"], "one": {"a": "1", "tags": ["b"]}}
    for path in ("list", "list.tags", "tags", "one", "one.tags", "schemas"):
        result = run(start, f"remove {path} {{}}", kind=kind)
        assert not result.changed
        assert result.repairs == [(path, "remove_by_value")]
    refused("invalidValue", "remove refs {}", start=start, kind=kind)


def test_what_is_dropped_names_nothing():
    """P14: An object without a `value` of which anything was dropped, for a single complex attribute, too."""
    start = {**U, "name": {"givenName": "a"}}
    for said in ('{"x": 1}', '{"x": null}', '{"givenName": ""}', '{"givenName": "a", "familyName": null}'):
        for path in ("name", 'name[givenName eq "z"]'):
            refused("invalidValue", f"remove {path} {said}", start=start)
            refused("invalidValue", f"remove {path} {said}")


def test_what_an_element_lacked():
    """P12: It may lack it still, also if an operation by path changes its identity; a new one may not."""
    kind = thing("list*(value, must/required)")
    start = {"schemas": [T], "list": [{}, {"value": "a"}, {"value": "b", "must": "m"}]}
    for path in ("list.value", 'list[value eq "a"].value'):
        assert run(start, f'replace {path} "2"', kind=kind).changed
    refused("invalidValue", 'add list [{"value": "2"}]', start=start, kind=kind)
    refused("invalidValue", 'replace list[value eq "b"] {"value": "2"}', start=start, kind=kind)


def test_unknown_urns_that_are_listed():
    """P16: An `add` of them changes nothing and is not reported, whatever the policy is."""
    start = {**U, "schemas": [USER.core.id, "urn:x"]}
    texts = ('add schemas ["urn:x"]', 'add {"schemas": ["urn:x"]}', 'add schemas[value eq "urn:x"] "urn:x"')
    for text in texts:
        for policy in ("ignore", "keep", "reject"):
            result = run(start, text, options=Options.of(unknown=policy))
            assert not result.changed
            assert not result.repairs
    assert run(start, 'add schemas ["urn:y"]').repairs == [("schemas", "unknown_member")]


def test_what_goes_from_a_secret_value():
    """P12a: It is a change, also if what only the provider sets stays."""
    kind = thing("box/never(a, b, no/readOnly)", extension=("box/never(a, no/readOnly)",))
    start = {"schemas": [T], "box": {"a": "1", "b": "2", "no": "5"}}
    for text in ("remove box", "remove box.a", 'replace box {"a": null}', "replace box null"):
        result = run(start, text, kind=kind)
        assert [(change.path, change.secret) for change in result.changes] == [("box", True)]
        assert result.changes[0].added == [result.resource["box"]]
    assert not run({"schemas": [T], "box": {"no": "5"}}, "remove box", kind=kind).changed
    start = {"schemas": [T, X], X: {"box": {"a": "1", "no": "5"}}}
    result = run(start, f"remove {X}", kind=kind)
    assert result.resource[X] == {"box": {"no": "5"}}
    assert [(change.path, change.secret) for change in result.changes] == [(f"{X}:box", True)]


def test_secret_parts_of_what_only_the_provider_sets():
    """P12a: A value that says them is never what is stored; one without them is compared with what a GET shows."""
    kind = thing("box/readOnly(a, value/never)", "list*/readOnly(value, pin/never)")
    start = {"schemas": [T], "box": {"a": "1", "value": "s"}, "list": [{"value": "1", "pin": "s"}]}
    shown = ('box {"a": "1"}', 'list [{"value": "1"}]', 'list[value eq "1"] {"value": "1"}')
    for text in shown:
        for op in ("add", "replace"):
            assert not run(start, f"{op} {text}", kind=kind, options=STRICT).changed
    for guess in "st":
        for text in (f'box "{guess}"', f'list [{{"value": "1", "pin": "{guess}"}}]'):
            refused("mutability", f"replace {text}", start=start, kind=kind)
        for said in ({"box": guess}, {"list": [{"value": "1", "pin": guess}]}):
            (name,) = said
            result = run(start, {"op": "replace", "value": said}, kind=kind)
            assert result.repairs == [(name, "read_only_members")]
            assert replace(start, {"schemas": [T], **said}, kind).repairs == [(name, "read_only")]
    bare = {"schemas": [T], "box": "s"}
    for guess in "st":
        assert replace(bare, {"schemas": [T], "box": guess}, kind).repairs == [("box", "read_only")]


def test_a_secret_that_is_set_and_removed_again():
    """P12a, D11: It is a change, with the mark of a secret, of a secret sub-attribute, too."""
    kind = thing("box(a, pin/never)", "list*(value, pin/never)")
    for start in ({"schemas": [T]}, {"schemas": [T], "box": {"a": "1"}}):
        result = run(start, 'add box.pin "s"', "remove box.pin", kind=kind)
        assert [(change.path, change.added, change.secret) for change in result.changes] == [("box.pin", [], True)]
        assert result.resource == start
    start = {"schemas": [T], "list": [{"value": "1"}]}
    (change,) = run(start, 'add list.pin "s"', "remove list.pin", kind=kind).changes
    assert change.replaced == [({"value": "1"}, {"value": "1"})]
    assert change.secret


def test_a_blank_that_was_stored():
    """P12: An element lacked what was blank."""
    kind = thing("list*(value, must/required)")
    start = {"schemas": [T], "list": [{"value": "1", "must": " "}]}
    result = run(start, 'replace list.value "2"', kind=kind)
    assert result.resource["list"] == [{"value": "2", "must": " "}]


def test_an_empty_object_for_an_immutable_list():
    """P9, P6, P13: In a value it is `[{}]`, which is `[]` and counts as absent."""
    kind = thing("tags*/immutable", "list*/immutable(a)")
    start = {"schemas": [T], "tags": ["a"], "list": [{"a": "1"}]}
    for name in ("tags", "list"):
        result = run(start, {"op": "replace", "value": {name: {}}}, kind=kind)
        assert not result.changed
        assert result.repairs == [(name, "single_for_list")]
        refused("mutability", f"replace {name} {{}}", start=start, kind=kind)


def test_lists_that_name_elements():
    """P5, D21: A readOnly `value` that is a list; in an immutable list, other values are reported."""
    kind = thing("list*(value*/readOnly, a)", "fixed*/immutable(value/readOnly, a)")
    start = {"schemas": [T], "list": [{"value": ["1", "2"]}], "fixed": [{"a": "x"}]}
    result = replace(start, start, kind)
    assert not result.changed
    assert not result.repairs
    result = replace(start, {**start, "fixed": [{"value": "2", "a": "x"}]}, kind)
    assert not result.changed
    assert result.repairs == [("fixed.value", "read_only")]


def test_the_scheme_of_a_urn():
    """T6, P2: What is not a URI is bad text, found before any operation is applied."""
    assert refused("invalidPath", "remove id", "remove ur,n:x:y").index == 1
    refused("mutability", "remove userName", "remove other:x:y")


def test_immutable_values_keep_their_spelling():
    """P18, P12: An immutable value that is equal to the stored one is not a difference, in elements of lists, too."""
    kind = thing("im/immutable", "tags*/immutable", "box(a/immutable, b)", "list*(value, a/immutable, b)")
    kind_of_extension = thing(extension=("im/immutable",))
    for old, new in (
        ({"im": "A"}, {"im": "a"}),
        ({"tags": ["A", "b"]}, {"tags": ["B", "a"]}),
        ({"box": {"a": "A"}}, {"box": {"a": "a"}}),
        ({"list": [{"value": "1", "a": "A"}]}, {"list": [{"value": "1", "a": "a"}]}),
        ({"list": [{"a": "A", "b": "c"}]}, {"list": [{"a": "a", "b": "c"}]}),
    ):
        assert diff({"schemas": [T], **old}, {"schemas": [T], **new}, kind) is None
    start = {"schemas": [T, X], X: {"im": "A"}}
    assert diff(start, {**start, X: {"IM": "a"}}, kind_of_extension) is None
    box = {"schemas": [T], "box": {"a": "A"}}
    body = diff(box, {"schemas": [T], "box": {"a": "a", "b": "1"}}, kind)
    assert patch(body, box, kind, STRICT).resource["box"] == {"a": "A", "b": "1"}
    group = {**G, "members": [{"value": "1", "$ref": "/v2/Users/1", "type": "usER"}]}
    said = {"value": "1", "$ref": "/Users/1", "type": "User"}
    assert diff(group, {**G, "members": [said]}, GROUP) is None
    result = patch(diff(group, {**G, "members": [said, {"value": "2"}]}, GROUP), group, GROUP, STRICT)
    assert result.resource["members"] == [*group["members"], {"value": "2"}]
    with pytest.raises(ValueError, match="no PATCH"):
        diff({"schemas": [T], "im": "A"}, {"schemas": [T], "im": "b"}, kind)
    with pytest.raises(ValueError, match="no PATCH"):
        diff({"schemas": [T], "tags": ["A"]}, {"schemas": [T], "tags": ["a", "b"]}, kind)


def test_nothing_beside_a_key_that_is_its_path():
    """F14: `null`, `[]` and blanks in an object are in no conflict with the key; the key with the object's value is."""
    for nothing in (None, [], "", " ", [None], [""]):
        for name in ("givenName", "givenname"):
            said = {"name.givenName": "x", "name": {name: nothing}}
            assert create({**U, **said}, USER).resource["name"] == {"givenName": "x"}
            assert run(U, {"op": "add", "value": said}).resource["name"] == {"givenName": "x"}
    for name, path in (("x", None), ("x", ""), ("y", "x"), ({}, "x")):
        said = {"name": {"givenName": name}, "name.givenName": path}
        with pytest.raises(Refused, match="invalidSyntax"):
            create({**U, **said}, USER)
    blank = {"op": "add", "value": {"name": {"givenName": ""}, "name.givenName": "x"}}
    refused("invalidSyntax", blank, options=STRICT)


def test_a_blank_for_an_element_of_a_required_list():
    """P8, P12: The value is read first, whatever the brackets match."""
    kind = thing("list*/required(value, a)", "free*(value)")
    start = {"schemas": [T], "list": [{"value": "1"}, {"value": "2"}]}
    for op in ("add", "replace"):
        for brackets in ("value eq null", 'value eq "1"', 'value eq "9"'):
            for blank in ('" "', '""', '[" "]'):
                refused("invalidValue", f"{op} list[{brackets}] {blank}", start=start, kind=kind)
                refused("invalidValue", f"{op} list[{brackets}] {blank}", start=start, kind=kind, options=STRICT)
    assert not run(start, 'add free[value eq "1"] " "', kind=kind).changed
    refused("noTarget", 'replace free[value eq "1"] " "', start=start, kind=kind)


def test_unknown_urns_that_are_listed_and_replaced():
    """P16, D19: A `replace` of `schemas` and a PUT drop and report them, and so they go; `keep` keeps them."""
    start = {**U, "schemas": [USER.core.id, "urn:x"]}
    operations = (f'replace schemas ["{USER.core.id}", "urn:x"]', 'replace schemas[value eq "urn:x"] "urn:x"')
    results = [run(start, text) for text in operations] + [replace(start, start, USER)]
    for result in results:
        assert result.resource["schemas"] == [USER.core.id]
        assert result.repairs == [("schemas", "unknown_member")]
    keep, reject = Options.of(unknown="keep"), Options.of(unknown="reject")
    for text in operations:
        assert not run(start, text, options=keep).changed
        refused("invalidValue", text, start=start, options=reject)
    assert not replace(start, start, USER, keep).changed
    with pytest.raises(Refused, match="invalidSyntax"):
        replace(start, start, USER, reject)
