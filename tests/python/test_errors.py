"""The exceptions: their tree, their attributes, and pickling."""

from __future__ import annotations

import copy
import pickle

import pytest

import scim_engine as scim
from scim_engine import protocol

TREE = {
    scim.InvalidFilter: (400, "invalidFilter"),
    scim.InvalidPath: (400, "invalidPath"),
    scim.InvalidSyntax: (400, "invalidSyntax"),
    scim.InvalidValue: (400, "invalidValue"),
    scim.NoTarget: (400, "noTarget"),
    scim.Mutability: (400, "mutability"),
    scim.TooMany: (400, "tooMany"),
    scim.Uniqueness: (409, "uniqueness"),
    scim.Sensitive: (403, "sensitive"),
    scim.InvalidCursor: (400, "invalidCursor"),
    scim.ExpiredCursor: (400, "expiredCursor"),
    scim.InvalidCount: (400, "invalidCount"),
    scim.NotFound: (404, None),
    scim.PreconditionFailed: (412, None),
    scim.PayloadTooLarge: (413, None),
    scim.TooManyRequests: (429, None),
}


@pytest.mark.parametrize(("kind", "expected"), TREE.items())
def test_the_tree(kind, expected):
    status, scim_type = expected
    error = kind("userName is taken")
    assert isinstance(error, scim.ScimError)
    assert isinstance(error, Exception)
    assert (error.status, error.scim_type, error.detail) == (status, scim_type, "userName is taken")
    assert str(error) == error.render() == "userName is taken"
    assert (error.span, error.operation, error.path) == (None, None, None)
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": str(status),
        "scimType": scim_type,
        "detail": "userName is taken",
    }
    assert error.to_dict() == {name: value for name, value in body.items() if value is not None}
    assert kind.__doc__
    assert kind.__module__ == "scim_engine"
    assert issubclass(kind, ValueError) == kind.__name__.startswith(("Invalid", "Expired"))


def test_every_exception_is_in_the_tree():
    assert set(scim.ScimError.__subclasses__()) == set(TREE)


def test_one_with_a_status_alone():
    error = scim.ScimError("no such user", status=404)
    assert error.to_dict() == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "404",
        "detail": "no such user",
    }
    assert scim.ScimError().to_dict()["status"] == "400"
    assert scim.ScimError("old", scim_type="invalidVers").to_dict()["scimType"] == "invalidVers"


def raised_by(call):
    with pytest.raises(scim.ScimError) as raised:
        call()
    return raised.value


def errors(request_of):
    path = request_of({"op": "add", "path": "name", "value": {}}, {"op": "remove", "path": "emails[type eq work]"})
    return [
        scim.Uniqueness("userName is taken"),
        scim.ScimError("no such user", status=404),
        raised_by(lambda: scim.Filter("userName eq bjensen")),
        raised_by(lambda: scim.Filter("active gt true", scim.USER)),
        raised_by(lambda: scim.Patch(path)),
        raised_by(lambda: scim.USER.create({"userName": "bo", "active": 7})),
    ]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_errors_travel(protocol, request_of):
    for error in errors(request_of):
        for again in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error), copy.deepcopy(error)):
            assert type(again) is type(error)
            assert again.args == error.args
            assert vars(again) == vars(error)
            assert again.to_dict() == error.to_dict()
            assert again.render() == error.render()


def test_a_filter_error_shows_the_place():
    text = 'displayName eq "\u00c4rger \U0001f600" and userName eq bjensen'
    error = raised_by(lambda: scim.Filter(text))
    assert isinstance(error, scim.InvalidFilter)
    assert text[slice(*error.span)] == "bjensen"
    lines = error.render().splitlines()
    assert lines[0] == text
    assert lines[1].startswith(" " * text.index("bjensen") + "^^^^^^^ expected a JSON value")
    assert "\n" not in error.detail


def test_a_compile_error_shows_the_place():
    text = 'title eq "\u00c4" and active gt true'
    error = raised_by(lambda: scim.Filter(text, scim.USER))
    assert text[slice(*error.span)] == "gt"
    assert "^^" in error.render()
    missing = raised_by(lambda: scim.Filter("userName eq"))
    assert missing.span == (11, 11)


def test_a_filter_on_a_secret_shows_nothing_of_it():
    error = raised_by(lambda: scim.Filter('password eq "hunter2"', scim.USER))
    assert "hunter2" not in f"{error} {error.render()} {error.to_dict()}"


def test_a_patch_error_names_operation_and_path(request_of):
    error = errors(request_of)[4]
    assert isinstance(error, scim.InvalidFilter)
    assert error.operation == 1
    assert error.path == "emails[type eq work]"
    assert error.render().startswith("operation 1:\nemails[type eq work]\n")
    assert raised_by(lambda: scim.Patch({})).operation is None


def test_schema_errors():
    for call in (
        lambda: scim.ResourceType.from_schemas("Badge", {"id": "urn:example:Badge"}),
        lambda: scim.ResourceType.from_schemas("Badge", "[]"),
        lambda: protocol.Registry.from_discovery([], [{"name": "Badge", "schema": "urn:example:Badge"}]),
    ):
        with pytest.raises(scim.SchemaError) as raised:
            call()
        assert isinstance(raised.value, ValueError)
        assert not isinstance(raised.value, scim.ScimError)
        assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("{", "the schema: invalid JSON"),
        ({"id": "\ud800"}, "surrogate"),
        ({"id": "urn:x", "attributes": [5]}, "expected an object"),
        ({"id": " ", "attributes": [{"name": "a"}]}, "needs an `id`"),
        ({"id": "urn:x", "attributes": [{"name": "a", "requierd": True}]}, "`urn:x:a`: .* did you mean `required`"),
        ({"id": "urn:x", "attributes": [{"name": "a", "multivalued": True, "typ": "string"}]}, "`typ`.* `type`"),
        ({"id": "urn:x", "attributes": [{"name": "a", "type": "strng"}]}, "found `strng`; did you mean `string`"),
        ({"id": "urn:x", "attributes": [{"name": "a", "shade": "green"}]}, "known are `name`"),
        (5, "expected an object"),
    ],
)
def test_values_that_are_not_schemas_are_schema_errors(schema, words):
    with pytest.raises(scim.SchemaError, match=words):
        scim.ResourceType.from_schemas("X", schema)
    with pytest.raises(TypeError):
        scim.ResourceType.from_schemas("X", {"id": {1, 2}})


@pytest.mark.parametrize(
    ("name", "extensions", "words"),
    [
        (" ", [], "`name`"),
        ("Badge", ["URN:example:badge"], "core schema"),
        ("Badge", ["urn:example:Note", "urn:example:note"], "twice"),
        ("Badge", [""], "`id`"),
    ],
)
def test_schemas_that_make_no_resource_type(name, extensions, words):
    def schema(urn):
        return {"id": urn, "attributes": [{"name": "a"}]}

    with pytest.raises(scim.SchemaError, match=words):
        scim.ResourceType.from_schemas(name, schema("urn:example:Badge"), [schema(urn) for urn in extensions])
    definition = {
        "name": name,
        "schema": "urn:example:Badge",
        "schemaExtensions": [{"schema": urn} for urn in extensions],
    }
    schemas = [schema("urn:example:Badge"), *(schema(urn) for urn in extensions if urn)]
    with pytest.raises(scim.SchemaError):
        protocol.Registry.from_discovery(schemas, [definition])


@pytest.mark.parametrize("one", [{"id": "urn:x", "attributes": [{"name": "a"}]}, '{"id": "urn:x", "attributes": []}'])
def test_one_schema_is_not_a_list_of_extensions(one):
    core = {"id": "urn:example:Badge", "attributes": [{"name": "a"}]}
    with pytest.raises(TypeError, match="list of schemas"):
        scim.ResourceType.from_schemas("Badge", core, one)


def test_a_filter_of_a_path_repeats_no_secret():
    vault = scim.ResourceType.from_schemas(
        "Vault",
        {
            "id": "urn:example:Vault",
            "attributes": [
                {"name": "pin", "mutability": "writeOnly"},
                {
                    "name": "drawers",
                    "type": "complex",
                    "multiValued": True,
                    "subAttributes": [{"name": "value"}, {"name": "code", "returned": "never"}],
                },
            ],
        },
    )
    for path, shown in (
        ('pin[value eq "s3cr3t"]', "pin"),
        ('drawers[code eq "s3cr3t"]', "drawers"),
        ('drawers[colour eq "x" and code eq "s3cr3t"].value', "drawers"),
        ('drawers[code eq "s3cr3t"].colour', "drawers"),
        ('password[value eq "s3cr3t"', "password"),
    ):
        operations = [{"op": "remove", "path": path}]
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}
        with pytest.raises(scim.ScimError) as raised:
            scim.Patch(body, vault).apply({})
        assert raised.value.path == shown
        assert "s3cr3t" not in f"{raised.value!r} {raised.value.render()} {raised.value.to_dict()}"
    for text in ('colour eq "x" or pin eq "s3cr3t"', 'drawers[colour eq "x" and code eq "s3cr3t"]'):
        with pytest.raises(scim.InvalidFilter) as raised:
            scim.Filter(text, vault)
        assert "s3cr3t" not in f"{raised.value!r} {raised.value.render()}"


DEFAULTS = [scim.NotFound, scim.PreconditionFailed, scim.PayloadTooLarge, scim.TooManyRequests, scim.Uniqueness]


@pytest.mark.parametrize("kind", DEFAULTS)
def test_every_error_has_a_detail(kind):
    error = kind()
    assert error.detail == str(error) == error.to_dict()["detail"] != ""
    assert kind("userName is taken").detail == "userName is taken"
    assert pickle.loads(pickle.dumps(error)).detail == error.detail


# Words from messages of serde_json, which must not appear.
SERDE = ("EOF while", "expected ident", "trailing", "expected value", "key must be", "hex escape", "recursion limit")
BROKEN = {
    '{"a": tru': "the text ends in the middle of a value at line 1 column ",
    '{"a": "x': "the text ends in the middle of a value at line 1 column ",
    '{"a": nul}': "expected `true`, `false` or `null` at line 1 column 10",
    '{"a" 1}': "expected `:` after a name at line 1 column 6",
    '{"a": 1}}': "expected nothing after the value at line 1 column 9",
    "{a: 1}": "expected a name in quotes",
    '{"a": [1 2]}': "expected `,` or `]` after an element at line 1 column 10",
    '{"a": "\\ud800"}': "a string has half of a surrogate pair",
    "[" * 300: "nested too deep: at most 127 levels are read",
    "x.json": "expected a value at line 1 column 1",
}
TEXT_DOORS = {
    "Patch": scim.Patch,
    "Patch.apply": scim.Patch(
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "remove", "path": "title"}],
        }
    ).apply,
    "Patch.apply_json": scim.Patch(
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "remove", "path": "title"}],
        }
    ).apply_json,
    "create": scim.USER.create,
    "replace": lambda text: scim.USER.replace({"userName": "bo"}, text),
    "stored": lambda text: scim.USER.replace(text, {"userName": "bo"}),
    "matches": scim.Filter("title pr").matches,
    "explain": scim.Filter("title pr").explain,
    "version": protocol.etag,
    "Bulk": protocol.Bulk,
    "search": protocol.ListQuery.from_body,
    "Projection": protocol.Projection().apply,
    "answer": lambda text: protocol.ListQuery().answer([text]),
}


@pytest.mark.parametrize("door", TEXT_DOORS.values(), ids=TEXT_DOORS)
@pytest.mark.parametrize(("text", "message"), BROKEN.items(), ids=lambda text: text[:12])
def test_errors_in_json_have_our_messages(door, text, message):
    with pytest.raises(scim.InvalidSyntax) as raised:
        door(text)
    assert message in str(raised.value)
    assert not any(word in str(raised.value) for word in SERDE)


def test_places_are_counted_in_characters():
    text = 'title eq "\u00e9" and x y'
    with pytest.raises(scim.InvalidFilter, match=r"found `y` at character 19$") as raised:
        scim.Filter(text)
    assert raised.value.span == (19, 20)
    with pytest.raises(scim.InvalidFilter, match="at character 12") as raised:
        scim.Patch(
            {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "remove", "path": 'a[b eq "\u00e9\u00e9" x]'}],
            }
        )


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: scim.USER.only(5), "names"),
        (lambda: scim.USER.canonical_values("title", 5), "values"),
        (lambda: scim.ResourceType.from_schemas("X", {"id": "urn:x", "attributes": []}, 5), "extensions"),
        (lambda: scim.attr("title").one_of(5), "values"),
        (lambda: protocol.Registry(5), "resource_types"),
        (lambda: protocol.Projection(attributes=5), "attributes"),
        (lambda: protocol.ListQuery(filter_attributes=5), "filter_attributes"),
        (lambda: protocol.stamp({}, scim.USER, id=5.5, base=""), "id"),
    ],
)
def test_a_type_error_names_its_argument(call, argument):
    with pytest.raises(TypeError, match=f"`{argument}`"):
        call()
