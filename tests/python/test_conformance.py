"""The cases of tests/conformance whose kind is in `RUN`, on Python objects and on JSON text."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping

import pytest

import scim_engine as scim
from scim_engine import protocol

from .cases import files, load, meaning, read
from .mappings import Plain, wrap

KNOWN = {
    "name",
    "rows",
    "row",
    "kind",
    "type",
    "tolerance",
    "limits",
    "text_of",
    "filter",
    "path",
    "canonical",
    "error",
    "docs",
    "doc",
    "body",
    "body_text",
    "expect",
    "changed",
    "changes",
    "repairs",
    "current",
    "options",
    "doors",
    "why",
    "note",
}


def of_schemas(file, name):
    found = read(f"schemas/{file}.json")
    return protocol.Registry.from_discovery(found["schemas"], found["resource_types"]).get(name)


def of_host(file):
    schema, *extensions = read(f"schemas/{file}.json")["schemas"]
    return schema, extensions


# A byte order mark, which is skipped before a text (D28).
MARK = "\ufeff"

# Options that every request accepts.
WISHES = ("unknown", "utc", "canonical_values", "derived_schemas", "profile")

TYPES = {
    "User": scim.USER,
    "Group": scim.GROUP,
    "Device": of_schemas("device", "Device"),
    "Rig": of_schemas("rig", "Rig"),
    "Safe": of_schemas("safe", "Safe"),
    "Vault": of_schemas("vault", "Vault"),
    "Kit": of_schemas("kit", "Kit"),
    # A type of the host's own schemas, because served schemas have no limits.
    "Badge": scim.ResourceType.from_schemas("Badge", *of_host("badge")),
    None: None,
}


class Case:
    def __init__(self, data):
        assert set(data) <= KNOWN, set(data) - KNOWN
        self.data = data
        default = None if data["kind"] in ("parse", "path", "match") else "User"
        name = data.get("type", default)
        self.resource_type = TYPES[name]
        tolerance = data.get("tolerance", {})
        self.tolerance = scim.Tolerance.strict() if tolerance == "strict" else scim.Tolerance(**tolerance)
        self.limits = scim.Limits(**data.get("limits", {}))
        self.options = dict(data.get("options", {}))
        assert set(self.options) <= {"absent", "absent_overrides", "unknown_paths", *WISHES}
        profile = self.options.get("profile", {})
        self.options["profile"] = scim.Profile.interop() if profile == "interop" else scim.Profile(**profile)

    @property
    def settings(self):
        return {"tolerance": self.tolerance, "limits": self.limits}

    def patch(self, body):
        return scim.Patch(body, self.resource_type, **self.some("unknown_paths", *WISHES), **self.settings)

    def some(self, *names):
        """Those of the named options that the case has."""
        return {name: self.options[name] for name in names if name in self.options}

    def text(self, member):
        of = self.data.get("text_of")
        if of is None:
            return self.data[member]
        times = of["times"]
        return "".join(
            [
                of.get("prefix", ""),
                of.get("repeat", "") * times,
                of.get("middle", ""),
                of.get("suffix_repeat", "") * times,
                of.get("suffix", ""),
            ]
        )

    def bodies(self):
        """The body of a request in every form."""
        if "body_text" in self.data:
            assert "body" not in self.data
            text = self.data["body_text"]
            return [text, text.encode(), bytearray(text.encode())]
        body = self.data["body"]
        text = json.dumps(body)
        forms = [body, text, text.encode()]
        return [*forms, Plain(body)] if isinstance(body, dict) else forms

    def check_error(self, error, text=None):
        expected = self.data.get("error")
        assert expected is not None, f"{error}\n{error.render()}"
        assert error.scim_type == expected["scimType"], error.render()
        assert error.to_dict()["scimType"] == expected["scimType"]
        assert error.to_dict()["status"] == str(error.status)
        assert error.status == expected.get("status", error.status)
        if text is not None:
            start, end = error.span
            assert text[start:end] == expected.get("span", text[start:end])
            assert len(text[:start].encode()) == expected.get("at", len(text[:start].encode()))
        elif "index" in expected:
            assert error.operation == expected["index"]
        said = f"{error} {error.render()}".lower()
        for word in expected.get("contains", []):
            assert word.lower() in said
        for word in expected.get("absent", []):
            assert word not in f"{error!r} {error.render()} {error.to_dict()} {error.path}"

    def check_path_error(self, error, text):
        self.check_error(error)
        assert error.operation == 0
        shown = error.render().splitlines()
        assert shown[0] == "operation 0:"
        if len(text) > 60:
            return
        # The carets are under the span. If something is missing, one caret is after the text.
        span = self.data["error"].get("span")
        at = self.data["error"].get("at")
        if text and span is not None and at is not None:
            start = len(text.encode()[:at].decode())
            assert shown[2].startswith(" " * start + "^" * max(len(span), 1) + " ")

    def check_outcome(self, outcome, before=None):
        assert "error" not in self.data, outcome.resource
        if "expect" in self.data:
            assert same(outcome.resource, self.data["expect"]), outcome.resource
        assert outcome.changed is self.data.get("changed", True)
        if "changes" in self.data:
            found = [change.to_dict() for change in outcome.changes]
            assert changes_in_order(found) == changes_in_order(self.data["changes"])
            for change in self.data["changes"]:
                if "secret" in change:
                    assert [c.get("secret", False) for c in found if c["path"] == change["path"]] == [change["secret"]]
        if "repairs" in self.data:
            found = sorted((r.path, r.kind) for r in outcome.repairs)
            assert found == sorted((r["path"], r["kind"]) for r in self.data["repairs"])
        if before is not None:
            assert outcome.changed == bool(outcome.changes)
            if not outcome.changed:
                assert same(outcome.resource, before)


def same(a, b):
    """Equality of JSON values: `True` is not 1. Unchanged values may still be mappings or tuples."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def changes_in_order(changes):
    def values(change, name):
        return sorted(json.dumps(value, sort_keys=True) for value in change.get(name, []))

    return sorted(
        (change["path"], values(change, "added"), values(change, "removed"), values(change, "replaced"))
        for change in changes
    )


def run_parse(case):
    text = case.text("filter")
    try:
        found = scim.Filter(text, **case.settings)
    except scim.InvalidFilter as error:
        case.check_error(error, text)
        return
    assert "error" not in case.data, str(found)
    assert found.text == text
    assert str(found) == case.data.get("canonical", str(found))
    again = scim.Filter(str(found), tolerance=case.tolerance, limits=case.limits)
    assert again == found
    assert hash(again) == hash(found)
    assert str(again) == str(found)
    assert isinstance(found.tree(), dict)


def run_path(case):
    text = case.text("path")
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "remove", "path": text}],
    }
    try:
        patch = scim.Patch(body, **case.settings)
    except (scim.InvalidPath, scim.InvalidFilter) as error:
        case.check_path_error(error, text)
        return
    assert "error" not in case.data, patch.operations
    (operation,) = patch.operations
    assert operation.path == case.data.get("canonical", operation.path)
    body["Operations"][0]["path"] = operation.path
    (again,) = scim.Patch(body, limits=case.limits).operations
    assert again.path == operation.path
    assert str(again.value_filter) == str(operation.value_filter)


def run_match(case):
    text = case.text("filter")
    try:
        found = scim.Filter(text, case.resource_type, **case.settings)
    except scim.InvalidFilter as error:
        case.check_error(error, text)
        return
    assert "error" not in case.data
    for doc in case.data["docs"]:
        document, expected = doc["doc"], doc["match"]
        text = json.dumps(document)
        for form in (document, wrap(document), text, text.encode(), MARK + text):
            if expected == "error":
                with pytest.raises((scim.ScimError, TypeError, ValueError)):
                    found.matches(form)
                continue
            assert found.matches(form) is expected, (str(found), form)
            assert found.explain(form).holds is expected
        if expected != "error":
            assert found.select([document]) == ([document] if expected else [])


def run_patch(case):
    before = case.data["doc"]
    for body in case.bodies():
        document = copy.deepcopy(before)
        body_before = copy.deepcopy(body) if isinstance(body, dict) else body
        try:
            outcome = case.patch(body).apply(document)
        except scim.ScimError as error:
            case.check_error(error)
        else:
            case.check_outcome(outcome, before)
        assert same(document, before), "the input was changed"
        assert list(document) == list(before)
        if isinstance(body, dict):
            assert same(body, body_before)
    patch_from = [Plain(before), json.dumps(before), (MARK + json.dumps(before)).encode()]
    for resource in patch_from:
        try:
            outcome = case.patch(case.bodies()[0]).apply(resource)
        except scim.ScimError as error:
            case.check_error(error)
        else:
            case.check_outcome(outcome, before)


def run_create(case):
    for body in case.bodies():
        try:
            outcome = case.resource_type.create(body, **case.some(*WISHES), **case.settings)
        except scim.ScimError as error:
            case.check_error(error)
        else:
            case.check_outcome(outcome)


def run_replace(case):
    before = case.data["current"]
    for current in (copy.deepcopy(before), Plain(before), json.dumps(before), MARK + json.dumps(before)):
        for body in case.bodies():
            try:
                outcome = case.resource_type.replace(current, body, **case.options, **case.settings)
            except scim.ScimError as error:
                case.check_error(error)
            else:
                case.check_outcome(outcome, before)
        if isinstance(current, dict):
            assert same(current, before), "the input was changed"


RUN = {
    "parse": run_parse,
    "path": run_path,
    "match": run_match,
    "patch": run_patch,
    "create": run_create,
    "replace": run_replace,
}


# Files with another runner, which fails if the file is missing.
OTHER_FILES = {
    "meaning",
    "onelogin/lint",
    "onelogin/render",
    "patch/diff",
    "patch/elements",
    "protocol/bulk",
    "protocol/discovery",
    "protocol/headers",
    "protocol/meta",
    "protocol/secrets",
    "protocol/version",
    "query/answers",
    "query/filters",
    "query/names",
    "query/projection",
    "query/requests",
}


def all_cases():
    for file in files():
        if file in OTHER_FILES:
            continue
        for data in load(file):
            yield pytest.param(data, id=f"{file}: {data['name']}")
    for data in meaning(*RUN):
        yield pytest.param(data, id=f"meaning: {data['name']}")


@pytest.mark.parametrize("data", list(all_cases()))
def test_case(data):
    RUN[data["kind"]](Case(data))


def test_there_are_cases_of_every_kind():
    kinds = [param.values[0]["kind"] for param in all_cases()]
    assert set(kinds) == set(RUN)
    assert len(kinds) > 600


@pytest.mark.parametrize(
    "data",
    [
        {"name": "x", "rows": [], "kind": "other"},
        {"name": "x", "rows": [], "kind": "match", "filter": "a pr", "docs": [], "wrong": 1},
        {"name": "x", "rows": [], "kind": "match", "filter": "a pr", "docs": [{"doc": {}, "match": True}]},
        {"name": "x", "rows": [], "kind": "match", "filter": "a", "docs": []},
    ],
)
def test_a_wrong_case_fails(data):
    with pytest.raises((AssertionError, KeyError)):
        RUN[data["kind"]](Case(data))
