"""The cases of tests/conformance/query, on Python objects and on JSON text. The same data runs from Rust."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping

import pytest

import scim_engine as scim
from scim_engine import protocol

from .cases import load, meaning
from .mappings import wrap
from .test_conformance import TYPES

CURSORS = protocol.Cursors(b"0123456789abcdef")


def needed(query, path):
    """Whether a query needs an attribute; None for a name that the resource type does not have."""
    try:
        return query.needs(path)
    except ValueError:
        return None


def plain(value):
    """The same value as dicts and lists."""
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(element) for element in value]
    return value


def cases(files, kind, members):
    found = [case for file in files for case in load(file)]
    assert len(found) > 30
    found += meaning(kind)
    for case in found:
        assert case["kind"] == kind
        assert set(case) <= {"name", "rows", "kind", "type", *members}, case["name"]
    return [pytest.param(case, id=case["name"]) for case in found]


def options(case):
    more = dict(case.get("settings", {}))
    if "limits" in case:
        more["limits"] = scim.Limits(**case["limits"])
    if case.get("tolerance") == "strict":
        more["tolerance"] = scim.Tolerance.strict()
    elif "tolerance" in case:
        more["tolerance"] = scim.Tolerance(**case["tolerance"])
    return more


def forms(case):
    """The ways to create the query."""
    kind = TYPES[case.get("type")]
    more = options(case)
    if "query" in case:
        text = case["query"]
        return [
            lambda: protocol.ListQuery(text, kind, **more),
            lambda: protocol.ListQuery(text.encode(), kind, **more),
        ]
    body = case["body"]
    return [
        lambda form=form: protocol.ListQuery.from_body(form, kind, **more)
        for form in (body, wrap(body), json.dumps(body))
    ]


REQUEST = {"query", "body", "tolerance", "limits", "settings", "expect", "error"}


@pytest.mark.parametrize("case", cases(["query/requests", "query/filters"], "query", REQUEST))
def test_request(case):
    for make in forms(case):
        if "error" in case:
            with pytest.raises(scim.ScimError) as raised:
                make()
            assert (raised.value.status, raised.value.scim_type) == (case["error"]["status"], case["error"]["scimType"])
            for word in case["error"]["contains"]:
                assert word in raised.value.detail
            continue
        query = make()
        found = {
            "filter": None if query.filter is None else str(query.filter),
            "sortBy": query.sort_by,
            "sortOrder": query.sort_order,
            "startIndex": query.start_index,
            "count": query.count,
            "cursor": query.cursor,
            "attributes": list(query.projection.attributes),
            "excludedAttributes": list(query.projection.excluded_attributes),
            "ignored": list(query.ignored),
            "needs": {path: needed(query, path) for path in case["expect"].get("needs", {})},
        }
        assert {name: found[name] for name in case["expect"]} == case["expect"]
        assert query.is_by_cursor == (query.cursor is not None)
        again = pickle.loads(pickle.dumps(query))
        assert again == query
        assert hash(again) == hash(query)


@pytest.mark.parametrize(
    "case",
    cases(
        ["query/projection", "query/names"],
        "projection",
        {"doc", "attributes", "excludedAttributes", "expect"},
    ),
)
def test_projection(case):
    projection = protocol.Projection(
        TYPES[case.get("type")],
        attributes=case.get("attributes"),
        excluded_attributes=case.get("excludedAttributes", "").split(","),
    )
    doc = case["doc"]
    before = copy.deepcopy(doc)
    for form in (doc, wrap(doc), json.dumps(doc), json.dumps(doc).encode()):
        found = projection.apply(form)
        assert type(found) is dict
        assert plain(found) == case["expect"]
        assert plain(projection.apply(found)) == case["expect"]
    assert doc == before
    assert pickle.loads(pickle.dumps(projection)) == projection


def ids(body):
    return [resource.get("id") for resource in body["Resources"]]


@pytest.mark.parametrize(
    "case", cases(["query/answers"], "answer", {"query", "docs", "settings", "expect", "order", "pages"})
)
def test_answer(case):
    kind = TYPES[case.get("type")]
    text = case["query"]
    docs = case["docs"]
    for form in (docs, [wrap(doc) for doc in docs], [json.dumps(doc) for doc in docs]):

        def ask(text, form=form):
            query = protocol.ListQuery(text, kind, **options(case))
            return plain(query.answer(iter(form), cursors=CURSORS, context="tenant"))

        body = ask(text)
        if "expect" in case:
            assert body == case["expect"]
            continue
        if "order" in case:
            assert ids(body) == case["order"]
            query = protocol.ListQuery(text, kind)
            if query.filter is None:
                assert query.sort(form) == [form[docs.index(doc)] for doc in query.sort(docs)]
            continue
        pages = [ids(body)]
        while len(pages) < 20:
            if "nextCursor" in body:
                following = text.replace("cursor", "cursor=" + body["nextCursor"], 1)
            elif "startIndex=1" in text and body["startIndex"] + body["itemsPerPage"] <= len(docs):
                following = text.replace("startIndex=1", f"startIndex={body['startIndex'] + body['itemsPerPage']}", 1)
            else:
                break
            body = ask(following)
            pages.append(ids(body))
        assert pages == case["pages"]
