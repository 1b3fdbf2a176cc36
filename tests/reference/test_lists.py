"""Rare cases of the rules for list requests, projections, order, versions and schemas."""

import copy
from decimal import Decimal

import pytest

from .errors import Refused, SchemaError
from .example_kinds import VAULT
from .lists import LIST_RESPONSE, SEARCH_REQUEST, ListQuery
from .options import Options
from .projection import project
from .schema import ENTERPRISE, GROUP, USER, USER_URN, Kind, load_schema
from .sorting import sort
from .versions import canonical_text, number_text, version

E = ENTERPRISE.id
STRICT = Options.strict()


def error(query, kind=None, options=None, **arguments):
    read = ListQuery if isinstance(query, str) else ListQuery.from_body
    with pytest.raises(Refused) as refused:
        read(query, kind, options or Options(), **arguments)
    return refused.value.scim_type


def filter_of(query):
    return ListQuery(query).filter.text


def body(**members):
    return {"schemas": [SEARCH_REQUEST], **members}


def test_l1_empty_filter():
    for query in ("filter", "filter=", "filter=+%20", "FILTER=%09"):
        assert error(query) == "invalidFilter"
    assert error(body(filter=" ")) == "invalidFilter"
    assert ListQuery.from_body(body(filter=None)).filter is None


def test_l2_plus():
    assert filter_of('filter=title+eq+"a+b"') == 'title eq "a b"'
    assert filter_of('filter=title%20eq%20"a+b"') == 'title eq "a+b"'
    assert filter_of("filter=title%20eq%20%22a+b%22") == 'title eq "a+b"'
    assert filter_of('filter=title eq "a+b"') == 'title eq "a+b"'
    assert filter_of('filter=title%20eq%20"a%2Bb"+or%20a%20pr') == 'title eq "a+b" or a pr'
    assert filter_of('filter=title%20eq%20"a%5C"+b"') == 'title eq "a\\"+b"'
    assert filter_of('filter=title%20eq"a+b"%20and%20a%20eq%20"+"') == 'title eq "a+b" and a eq "+"'


def test_q1_encoding():
    assert filter_of("%66ilter=title%20pr&&&x=%zz&y=%ff") == "title pr"
    for query in ("%zz=1", "count=%zz", "count=%f", "attributes=%ff", "filter=a%20eq%20%22%c3%22"):
        assert error(query) == "invalidSyntax"
    assert filter_of("filter=title%20eq%20%22%C3%A9%22") == 'title eq "é"'


def test_q5_twice():
    assert ListQuery("count=5&COUNT=5").count == 5
    assert error("count=5&Count=6") == "invalidSyntax"
    assert ListQuery("attributes=a,b&attributes=c&attributes=").attributes == ["a", "b", "c"]
    assert ListQuery("count=&count=7").count == 7


def test_numbers():
    assert ListQuery("count=-3&startIndex=-9").count == 0
    assert ListQuery("count=-3&startIndex=-9").start_index == 1
    assert ListQuery("count=999999999999999999999999").count == 1000
    assert error("count=1.0") == "invalidValue"
    assert error("startIndex=x") == "invalidValue"
    assert error("cursor&count=x", cursors=True) == "invalidCount"
    assert ListQuery.from_body(body(count="5")).count == 5
    assert error(body(count="5"), options=STRICT) == "invalidSyntax"
    assert ListQuery.from_body(body(count=Decimal("5.0"))).count == 5
    assert ListQuery.from_body(body(count=Decimal("5.0")), options=STRICT).count == 5
    assert error(body(count=Decimal("5.5"))) == "invalidValue"
    assert error(body(count=True)) == "invalidSyntax"


def test_q6_sort_by():
    assert error("sortBy=name", USER) == "invalidValue"
    assert error(f"sortBy={E}", USER) == "invalidValue"
    assert error("sortBy=a.b.c") == "invalidValue"
    assert error("sortBy=password", USER) == "invalidFilter"
    assert error("sortBy=x.password") == "invalidFilter"
    assert ListQuery("sortBy=shoeSize").sort_by == "shoeSize"
    assert error("sortBy=userName", GROUP) == "invalidValue"
    assert error("sortOrder=upwards") == "invalidValue"


def test_q7_to_q13():
    assert error(body(attributes=["a"], excludedAttributes=["b"])) == "invalidValue"
    assert ListQuery.from_body(body(Attributes=["a"], excludedattributes=[])).attributes == ["a"]
    assert error(body(attributes="a"), options=STRICT) == "invalidSyntax"
    assert error({"schemas": [], "filter": "title pr"}) == "invalidSyntax"
    assert ListQuery.from_body({"Schemas": [SEARCH_REQUEST.upper()], "cursor": "x", "y": 1}).ignored == ["cursor", "y"]
    assert error(body(cursor="", startIndex=2), cursors=True) == "invalidValue"
    assert ListQuery.from_body(body(cursor=""), cursors=True).cursor == ""
    assert ListQuery.from_body(body(cursor=None), cursors=True).cursor is None


def page(query, resources, **arguments):
    return ListQuery(query, None, cursors=True, **arguments).answer(resources)


def ids(answer):
    return [resource.get("id") for resource in answer["Resources"]]


def test_q25_cursors():
    people = [{"id": str(number), "title": "t"} for number in range(1, 8)]
    first = page("filter=title%20pr&cursor&count=3", people)
    assert ids(first) == ["1", "2", "3"]
    assert "startIndex" not in first
    again = f"filter=TITLE%20PR&count=3&cursor={first['nextCursor']}"
    assert ids(page(again, people)) == ["4", "5", "6"]
    assert ids(page(again, people[3:])) == ["4", "5", "6"]
    assert ids(page(again, people[:3] + people[4:])) == ["5", "6", "7"]
    assert ids(page(again, people[:2] + people[4:])) == ["1", "2", "5"]
    nameless = [{"title": "t"} if one["id"] == "3" else one for one in people]
    second = page("filter=title%20pr&cursor&count=3", nameless)["nextCursor"]
    assert ids(page(f"filter=title%20pr&count=3&cursor={second}", nameless[1:])) == ["5", "6", "7"]
    last = page(again, people[3:])
    assert ids(page(f"filter=title%20pr&count=3&cursor={last['nextCursor']}", people)) == ["7"]
    for query, wanted in {
        f"count=3&cursor={first['nextCursor']}": "invalidCursor",
        f"filter=title%20pr&count=2&cursor={first['nextCursor']}": "invalidCount",
        "filter=title%20pr&count=3&cursor=abc": "invalidCursor",
        "filter=title%20pr&count=3&cursor=%20": "invalidCursor",
    }.items():
        with pytest.raises(Refused) as refused:
            page(query, people)
        assert refused.value.scim_type == wanted
    assert ids(page(f"{again}&attributes=id", people)) == ["4", "5", "6"]


def test_answer_by_index():
    people = [{"id": str(number)} for number in range(1, 6)]
    answer = ListQuery("startIndex=4&count=3").answer(people)
    assert answer == {
        "schemas": [LIST_RESPONSE],
        "totalResults": 5,
        "startIndex": 4,
        "itemsPerPage": 2,
        "Resources": [{"id": "4"}, {"id": "5"}],
    }
    assert ListQuery("startIndex=9").answer(people)["Resources"] == []


def order(sort_by, resources, kind=None, direction="ascending"):
    return [resource["id"] for resource in sort(resources, sort_by, direction, kind)]


def test_sorting():
    titles = [{"id": "1"}, {"id": "2", "title": "b"}, {"id": "3", "title": "A"}, {"id": "4", "title": ""}]
    assert order("title", titles, USER) == ["4", "3", "2", "1"]
    assert order("title", titles, USER, "descending") == ["1", "2", "3", "4"]
    dates = [
        {"id": "1", "meta": {"created": "2026-01-01T12:00:00+02:00"}},
        {"id": "2", "meta": {"created": "2026-01-01T09:00:00Z"}},
        {"id": "3", "meta": {"created": "2026"}},
        {"id": "4", "meta": {"created": 5}},
    ]
    assert order("meta.created", dates, USER) == ["4", "2", "1", "3"]
    emails = [
        {"id": "1", "emails": [{"value": "z"}, {"value": "a", "primary": True}]},
        {"id": "2", "emails": [{"type": "x"}, {"value": "b"}]},
        {"id": "3", "emails": ["c"]},
    ]
    assert order("emails", emails, USER) == ["1", "2", "3"]
    assert order("userName", [{"id": "1", "userName": "ｂ"}, {"id": "2", "userName": "a"}], USER) == ["2", "1"]  # noqa: RUF001
    departments = [{"id": "1", E: {"department": "b"}}, {"id": "2", E: {"department": "a"}}]
    assert order("DEPARTMENT", departments, USER) == ["2", "1"]


RESOURCE = {
    "schemas": [USER_URN, E],
    "id": "1",
    "userName": "a",
    "password": "x",
    f"{USER_URN}:password": "y",
    USER_URN: {"password": "z", "title": "t"},
    "emails": [{"value": "a", "type": "w", "note": {"password": 1, "k": 2}}],
    "badge": {"no": 5, "password": 3},
    "urn:x:y": {"a": {"b": 1, "c": 2}},
    "x.password": "s",
    E: {"department": "d", "manager": {"value": "m", "displayName": "n"}, "password": "q"},
}
MINIMUM = {"schemas": [USER_URN, E], "id": "1"}


@pytest.mark.parametrize(
    ("attributes", "rest"),
    [
        ("emails.note", {"emails": [{"note": {"k": 2}}]}),
        ("urn:x:y:a.b", {"urn:x:y": {"a": {"b": 1}}}),
        ("BADGE.NO", {"badge": {"no": 5}}),
        (f"{USER_URN}:badge", {"badge": {"no": 5}}),
        (f"{E}.manager.value", {E: {"manager": {"value": "m"}}}),
        ("manager", {E: {"manager": {"value": "m", "displayName": "n"}}}),
        ("password,x.password,a b,9", {}),
        ("title", {}),
    ],
)
def test_q14_to_q18_attributes(attributes, rest):
    before = copy.deepcopy(RESOURCE)
    assert project(RESOURCE, USER, attributes.split(",")) == {**MINIMUM, **rest}
    assert before == RESOURCE


def test_excluded():
    shown = project(RESOURCE, USER, None, ["emails.type", "badge.no", "id", E, "urn:x:y", USER_URN + ":title"])
    assert shown == {**MINIMUM, "userName": "a", "emails": [{"value": "a", "note": {"k": 2}}]}


def test_q15_empty():
    resource = {"id": "1", "emails": [{}, {"value": "a"}], "name": {}, "photos": [{"value": "a"}], "ims": []}
    shown = project(resource, USER, ["emails.type", "name.givenName", "photos.type", "ims.type"])
    assert shown == {"id": "1", "emails": [{}], "name": {}, "ims": []}


def test_q19_returned():
    vault = {"id": "1", "lock": {"maker": "M", "model": "X", "serial": "9"}, "alarmCode": "5"}
    assert project(vault, VAULT) == {"id": "1", "lock": {"maker": "M", "model": "X"}}
    assert project(vault, VAULT, ["lock.serial"]) == {"id": "1", "lock": {"maker": "M", "serial": "9"}}
    assert project(vault, VAULT, ["lock", "lock.serial"])["lock"] == vault["lock"]
    assert project(vault, VAULT, ["id", "alarmCode"]) == {"id": "1"}
    assert project(vault, VAULT, None, ["lock.maker", "lock.model"]) == {"id": "1", "lock": {"maker": "M"}}
    assert project(vault, VAULT, None, ["lock"]) == {"id": "1"}


def test_q17_value_of_a_simple_list():
    lamp = Kind.from_schemas(
        "Lamp",
        {"id": "urn:example:Lamp", "name": "Lamp", "attributes": [{"name": "tags", "multiValued": True}]},
        [
            {
                "id": "urn:example:Shade",
                "name": "Shade",
                "attributes": [
                    {"name": "hues", "multiValued": True, "returned": "request"},
                    {"name": "label"},
                    {"name": "lock", "type": "complex", "subAttributes": [{"name": "no", "returned": "always"}]},
                ],
            }
        ],
    )
    shade = {"hues": ["red"], "label": "s", "lock": {"no": "1"}}
    resource = {"id": "1", "tags": ["a"], "urn:example:Shade": shade}
    assert project(resource, lamp, ["tags.value"]) == {"id": "1", "tags": ["a"]}
    assert project(resource, lamp, ["hues.VALUE"]) == {"id": "1", "urn:example:Shade": {"hues": ["red"]}}
    assert project(resource, lamp, ["lock.shoe"]) == {"id": "1", "urn:example:Shade": {"lock": {"no": "1"}}}
    assert project(resource, lamp, ["tags.x", "label.value"]) == {"id": "1"}


def test_a1_numbers():
    texts = {
        0: "0",
        -12: "-0.12e2",
        10**5: "0.1e6",
        Decimal("1.5"): "0.15e1",
        Decimal("-0.00"): "0",
        Decimal("0.0150"): "0.15e-1",
        Decimal("1E+400"): "0.1e401",
    }
    assert {value: number_text(value) for value in texts} == texts
    assert number_text(10**5000) == "0.1e5001"


def test_a1_text():
    resource = {
        "Schemas": ["b", "a"],
        "META": {"version": "1", "Location": "x", "lastModified": "y", "created": "z", "resourceType": "User"},
        "emails": [{"value": "b"}, {"type": None, "value": "a", "Primary": True}, {}, None],
        "password": "s",
        f"{USER_URN}:password": "s",
        "x": {"Password": "s"},
        "title": '\u00e9"\n/',
        "n": [Decimal("2.50"), 1],
    }
    assert canonical_text(resource, USER) == (
        '{"emails":[{"primary":true,"value":"a"},{"value":"b"}],'
        '"meta":{"created":"z","resourcetype":"User"},"n":[0.1e1,0.25e1],"schemas":["a","b"],"title":"é\\"\\n/"}'
    )
    assert len(version(resource, USER)) == 32
    assert version({}) == version({"a": [None, {}, {"b": []}]}) == version({"password": "x"})


def test_r6_loading():
    near = {
        "id": "urn:x:y",
        "attributes": [{"name": "a", "requierd": True, "shade": 1, "TYPE": "BOOLEAN", "returned": None}],
    }
    schema = load_schema(near)
    assert schema.attribute("A").type == "boolean"
    assert schema.attribute("a").returned == "default"
    assert schema.notes == ("urn:x:y: a: 'requierd' may mean 'required'",)
    with pytest.raises(SchemaError, match=r"urn:x:y: a: unknown member 'requierd'"):
        Kind.from_schemas("X", near)
    for wrong in ({"type": "text"}, {"mutability": "never"}, {"name": "9"}, {"multiValued": "yes"}, {"required": 1}):
        with pytest.raises(SchemaError, match="urn:x:y: "):
            load_schema({"id": "urn:x:y", "attributes": [{"name": "a", **wrong}]})


def test_common_attributes():
    kind = Kind.from_schemas(
        "X", {"id": "urn:x:y", "attributes": [{"name": "ID", "caseExact": False}, {"name": "ref", "type": "reference"}]}
    )
    assert kind.find("id").attribute.case_exact
    assert kind.find("urn:x:y:meta.created").sub.type == "dateTime"
    assert kind.find("ref").attribute.case_exact


def test_full_names_and_simple_values():
    assert project({f"{E}:department": "a"}, USER, [E]) == {f"{E}:department": "a"}
    assert project({f"{E}:department": "a"}, USER, None, ["department"]) == {}
    assert project({"department": "a"}, USER, ["department"]) == {}
    assert project({"emails": ["a"]}, USER, ["emails.value"]) == {"emails": ["a"]}
    assert project({"emails": ["a"]}, USER, None, ["emails.value"]) == {}
    assert project({E: {}}, USER, ["title"]) == {}
    assert project({E: {}}, USER, [f"{E}:department"]) == {E: {}}
    assert project({E: {"lamp": 1}}, USER, [E]) == {E: {"lamp": 1}}


def test_mistakes_in_a_request():
    assert error("count=5&count=6&filter") == "invalidSyntax"
    assert error("filter&count=5&count=6") == "invalidFilter"
    assert error("sortBy=password&sortOrder=z") == "invalidValue"
    assert ListQuery("count=+%2B5+&sortBy=+title").count == 5
    assert error("sortBy=+") == "invalidValue"
    assert error(body(cursor=1), cursors=True) == "invalidSyntax"
    assert ListQuery("startIndex=99999999999999999999").start_index == 2**63 - 1
