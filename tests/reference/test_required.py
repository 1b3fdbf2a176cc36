"""What is required, what a PUT leaves out, and what is stored in another shape (P12, P17, D11, D22)."""

import pytest

from .errors import Refused
from .options import Options
from .patch import patch
from .replace import replace
from .schema import Kind
from .test_meaning_writes import PATCH_OP, operation

STRICT = Options.strict()
LAMP = Kind.from_schemas(
    "Lamp",
    {
        "id": "urn:example:Lamp",
        "name": "Lamp",
        "attributes": [
            {"name": "no", "mutability": "immutable", "required": True},
            {"name": "pin", "returned": "never", "required": True},
            {"name": "members", "type": "complex", "subAttributes": [{"name": "value"}]},
            {"name": "safe", "type": "complex", "subAttributes": [{"name": "a"}, {"name": "b", "returned": "never"}]},
        ],
    },
    [
        {
            "id": "urn:example:Shade",
            "name": "Shade",
            "attributes": [{"name": "badge", "mutability": "readOnly"}, {"name": "size", "required": True}],
        }
    ],
)
LIT = {"schemas": ["urn:example:Lamp"], "no": "1", "pin": "2"}


def test_required_attributes_that_a_put_leaves_out():
    """D22: What is immutable or never returned stays, but strict mode asks for it, except under `keep`."""
    body = {"schemas": LIT["schemas"]}
    for options in (Options(), Options.strict(absent="keep")):
        assert not replace(LIT, body, LAMP, options).changed
    for said in ({"no": "1"}, {"pin": "2"}, {"no": None, "pin": "2"}):
        with pytest.raises(Refused, match="invalidValue"):
            replace(LIT, {**body, **said}, LAMP, STRICT)
    assert replace(LIT, LIT, LAMP, STRICT).resource == LIT


def test_an_extension_with_nothing_but_read_only_attributes():
    """P12, P7: It need not have what it requires."""
    both = [*LIT["schemas"], "urn:example:Shade"]
    start = {**LIT, "schemas": both, "urn:example:Shade": {"badge": "b", "size": "s"}}
    body = {"schemas": [PATCH_OP], "Operations": [operation("remove urn:example:Shade")]}
    result = patch(body, start, LAMP).resource
    assert result["urn:example:Shade"] == {"badge": "b"}
    assert replace(result, {**LIT, "schemas": both}, LAMP).resource == result


def test_member_operations_need_a_list():
    """P17: A single complex `members` is not one."""
    with pytest.raises(Refused, match="invalidSyntax"):
        patch({"members": [{"value": "u1"}]}, LIT, LAMP)


def test_a_value_of_another_shape_with_a_secret_part():
    """D11, P12a: It has one entry, which is that of a secret."""
    start = {**LIT, "safe": "x"}
    for said, added in (({"a": "1"}, [{"a": "1"}]), (None, [])):
        found = replace(start, {**LIT, "safe": said}, LAMP).changes
        assert [(change.path, change.added, change.removed, change.replaced, change.secret) for change in found] == [
            ("pin", ["2"], [], [], True),
            ("safe", added, [], [], True),
        ]
