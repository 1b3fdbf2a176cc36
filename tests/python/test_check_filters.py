"""`check_filters` finds what a translation of filters gets wrong, and names the smallest filter."""

from __future__ import annotations

import sqlite3

import pytest

import scim_engine as scim
from scim_engine.sql import Column, Mapping, Rows
from scim_engine.testing import check_filters, check_orders

USERS = {
    "1": {"userName": "ann", "title": "Guide 100%", "active": True, "emails": [{"type": "work", "value": "a@x"}]},
    "2": {"userName": "BO", "active": False},
    "3": {"userName": "cy", "title": "clerk", "emails": [{"type": "home", "value": "c@x"}, {"value": "d@x"}]},
    "4": {"userName": "straße"},
}
ATTRIBUTES = ["userName", "title", "active", "emails"]
MAPPING = Mapping(
    scim.USER,
    "users",
    {
        "userName": Column.folded("name_key"),
        "title": Column.folded("title_key"),
        "active": Column.boolean("active"),
        "emails": Rows(
            "emails",
            {"type": Column.folded("type_key"), "value": Column.folded("value_key")},
            on={"user_id": "id"},
            complete=True,
        ),
    },
)


@pytest.fixture
def database():
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "create table users (id text, name_key text, title_key text, active integer);"
        "create table emails (user_id text, type_key text, value_key text);"
    )
    for key, user in USERS.items():
        title = user.get("title")
        row = (key, scim.username_key(user["userName"]), title and scim.fold_case(title), user.get("active"))
        connection.execute("insert into users values (?, ?, ?, ?)", row)
        for mail in user.get("emails", []):
            connection.execute("insert into emails values (?, ?, ?)", (key, mail.get("type"), mail.get("value")))
    return connection


def selected(database, where, values):
    return [row[0] for row in database.execute(f"select users.id from users where {where}", values)]


def test_a_mapping_passes(database):
    found = check_filters(
        lambda asked: selected(database, *MAPPING.bind(asked).sql("sqlite")),
        USERS,
        scim.USER,
        1000,
        attributes=ATTRIBUTES,
    )
    assert found.filters + found.refused == 1000
    assert found.refused == 0
    assert found.split > 300


def test_what_is_refused_is_counted(database):
    found = check_filters(lambda asked: selected(database, *MAPPING.bind(asked).sql("sqlite")), USERS, scim.USER, 300)
    assert found.refused > 100


def wrong(text, instead):
    """A host with one fault in the text of its conditions."""

    def select(database, asked):
        where, values = MAPPING.bind(asked).sql("sqlite")
        return selected(database, where.replace(text, instead), values)

    return select


@pytest.mark.parametrize(
    ("select", "words"),
    [
        (wrong(" IS NOT TRUE", " IS FALSE"), "too few"),
        (wrong('"type_key" COLLATE BINARY =', '"value_key" COLLATE BINARY ='), "selects"),
        (wrong("instr(", "instr('%' || "), "too many"),
        (wrong("NOT EXISTS", "EXISTS"), "selects"),
    ],
    ids=["null", "another column", "wildcard", "negation"],
)
def test_a_fault_is_found_and_the_filter_is_small(database, select, words):
    with pytest.raises(AssertionError, match=words) as caught:
        check_filters(lambda asked: select(database, asked), USERS, scim.USER, attributes=ATTRIBUTES)
    asked = str(caught.value).split("`")[1]
    assert asked.count(" and ") + asked.count(" or ") <= 1


def test_a_row_that_comes_twice_is_found():
    with pytest.raises(AssertionError, match="selects '1' more than once"):
        check_filters(
            lambda asked: [key for key in USERS for _ in (1, 2) if asked.matches(USERS[key])],
            USERS,
            scim.USER,
            attributes=["active"],
        )


def test_an_attribute_that_there_is_not():
    for names in (["shoeSize"], ["userName", "titel"], ["meta.created"]):
        with pytest.raises(ValueError, match="there is no attribute `"):
            check_filters(list, USERS, scim.USER, attributes=names)


@pytest.mark.parametrize("name", ["id", "externalId", "schemas", "meta"])
def test_common_attributes_are_asked_for(name):
    asked = []
    resources = {
        "1": {"id": "1", "externalId": "x", "schemas": [scim.USER.schema["id"]], "meta": {"resourceType": "User"}},
        "2": {"id": "2", "meta": {"created": "2026-01-01T00:00:00Z"}},
    }

    def select(compiled):
        asked.append(str(compiled))
        return [key for key, shown in resources.items() if compiled.matches(shown)]

    check_filters(select, resources, scim.USER, 50, attributes=[name])
    assert all(name in text for text in asked)


def sorted_keys(query):
    return sorted(USERS, key=lambda key: scim.username_key(USERS[key]["userName"]), reverse=query.order.descending)


def test_an_order_passes():
    assert check_orders(sorted_keys, USERS, scim.USER, attributes=["userName"]) == 2
    every = check_orders(lambda query: [*map(key_of, query.sort(list(USERS.values())))], USERS, scim.USER)
    assert every > 60


def key_of(shown):
    return next(key for key, user in USERS.items() if user is shown)


@pytest.mark.parametrize(
    ("select", "words"),
    [
        (lambda query: sorted(USERS, key=lambda key: USERS[key]["userName"]), r"has 2 .* before 1 "),
        (lambda query: sorted_keys(query)[1:], "has 3 keys, and there are 4 resources"),
        (lambda query: [*sorted_keys(query)[1:], "2"], "has 4 keys, and there are 4 resources"),
    ],
    ids=["case", "missing", "twice"],
)
def test_a_wrong_order_is_found(select, words):
    with pytest.raises(AssertionError, match=words):
        check_orders(select, USERS, scim.USER, attributes=["userName"])


def test_an_order_may_be_refused():
    def select(query):
        MAPPING.order_by(query.order.path)
        raise AssertionError("not reached")

    assert check_orders(select, USERS, scim.USER, attributes=["nickName"]) == 0
