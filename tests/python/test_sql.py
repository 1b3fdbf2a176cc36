"""Mappings to columns: the texts that are written, what is refused, and rows of SQLite.

`tests/databases` compares rows on every database. `python tests/python/test_sql.py` writes the texts anew.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import uuid
from decimal import Decimal
from pathlib import Path

import pytest

import scim_engine as scim
from scim_engine import sql
from scim_engine.sql import Column, Mapping, Rows, Source

ENTERPRISE = scim.USER.extensions[0]["id"]
GOLDEN = Path(__file__).resolve().parents[1] / "databases" / "golden.json"
USERS = Mapping(
    scim.USER,
    "app.users",
    {
        "id": Column.digits("id"),
        "externalId": Column.text("external_id", unassigned=""),
        "userName": Column.text("user_name", folded="user_name_key", not_null=True),
        "name.familyName": Column.text("family_name", folded=Source.expression("casefold({table}.family_name)")),
        "title": Column.folded("title_key", unassigned=""),
        "nickName": None,
        "active": Column.boolean("active"),
        "meta.resourceType": "User",
        "meta.created": Column.timestamp("created"),
        "meta.lastModified": Column.micros("changed_us", text="changed_text"),
        f"{ENTERPRISE}:department": Column.text(Source.json("extra", "enterprise", "department"), folded="dep_key"),
        f"{ENTERPRISE}:manager.value": Column.uuid("manager_id"),
        "emails": Rows(
            "app.emails",
            {
                "value": Column.folded("address_key"),
                "type": Column.folded("type_key"),
                "primary": Column.boolean("is_primary"),
            },
            on={"user_id": "id", "tenant_id": "tenant_id"},
            only={"is_deleted": False, "replaced_by": None, "kind": "mail", "version": 2},
            position="position",
            complete=True,
        ),
        "ims": Rows.json("extra", ["ims"], {"value": Column.folded(Source.json("value", "value"))}),
    },
    key=Column.integer("id"),
    schemas=True,
)
STYLES = {
    "postgresql": ["dollar", "format", "pyformat"],
    "sqlite": ["qmark", "numeric", "named"],
    "duckdb": ["qmark"],
}


def written(filter: str) -> dict:
    """What a filter becomes in every dialect and style."""
    found: dict = {}
    for dialect, styles in STYLES.items():
        for style in styles:
            try:
                found[f"{dialect} {style}"] = list(USERS.bind(filter).sql(dialect, style))
            except (sql.BindError, ValueError) as error:
                found[f"{dialect} {style}"] = getattr(error, "reason", "") or str(error)
    first = next(iter(found.values()))
    return {"refused": first} if all(text == first for text in found.values()) and isinstance(first, str) else found


def test_texts_are_as_agreed():
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert {filter: written(filter) for filter in golden} == golden


def test_rows_are_those_that_match():
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "create table users (id integer, name text, name_key text, active integer, n integer);"
        "create table tags (user_id integer, tag text);"
    )
    kind = scim.ResourceType.from_schemas(
        "Thing",
        {
            "id": "urn:example:Thing",
            "attributes": [
                {"name": "name", "type": "string"},
                {"name": "active", "type": "boolean"},
                {"name": "n", "type": "integer"},
                {"name": "tags", "type": "string", "multiValued": True, "caseExact": True},
            ],
        },
    )
    things = Mapping(
        kind,
        "users",
        {
            "name": Column.text("name", folded="name_key"),
            "active": Column.boolean("active"),
            "n": Column.integer("n"),
            "tags": Rows("tags", {"value": Column.text("tag")}, on={"user_id": "id"}),
        },
        key=Column.integer("id"),
    )
    documents = [
        {"name": "Straße 100%", "active": True, "tags": ["a", "B"]},
        {"name": "STRASSE", "n": 9007199254740993},
        {"active": False, "n": -1, "tags": ["b"]},
        {"name": "", "tags": ["A"]},
    ]
    for number, shown in enumerate(documents):
        name = shown.get("name")
        row = (number, name, name and scim.fold_case(name), shown.get("active"), shown.get("n"))
        connection.execute("insert into users values (?, ?, ?, ?, ?)", row)
        connection.executemany("insert into tags values (?, ?)", [(number, tag) for tag in shown.get("tags", [])])
    for text in (
        'name eq "straße 100%"',
        'name co "%" or name sw "_"',
        'not (name sw "stra")',
        "name pr",
        "name ne null",
        'tags eq "b"',
        'tags ne "b"',
        'not (tags eq "b")',
        "active eq false",
        "active ne true",
        "n eq 9007199254740993",
        "n gt 1e-400",
        "n lt 9223372036854775808",
        "n ge -1.5",
        'name gt "a\\u0000"',
    ):
        asked = scim.Filter(text, kind)
        condition, values = things.bind(asked).sql("sqlite")
        found = [row[0] for row in connection.execute(f"select id from users where {condition} order by id", values)]
        assert found == [at for at, shown in enumerate(documents) if asked.matches(shown)], text


def test_a_filter_that_cannot_be_said_is_refused():
    with pytest.raises(sql.BindError) as caught:
        USERS.bind('title pr and displayName co "x"')
    assert caught.value.path == "displayName"
    assert (
        caught.value.reason == '`displayName contains "x"` cannot be said by the mapping: `displayName` has no column'
    )
    assert caught.value.to_dict()["scimType"] == "invalidFilter"
    assert "mapping" not in caught.value.to_dict()["detail"]


def test_the_widest_condition_has_a_residual():
    widest = USERS.bind_widest('displayName co "x" and active eq true')
    assert widest.candidates.sql("sqlite") == ('"app"."users"."active" IS TRUE', [])
    assert not widest.is_exact
    assert widest.residual == scim.Filter('displayName co "x" and active eq true', scim.USER)
    assert USERS.bind_widest("not (displayName pr)").candidates.selects == "all"
    # Below a negated quantifier a condition that is too wide would lose rows, so the quantifier goes as a whole.
    widest = USERS.bind_widest('not (ims[value eq "x" and type eq "y"])')
    assert widest.candidates.selects == "all"
    assert widest.residual is not None
    exact = USERS.bind_widest("active eq true")
    assert exact.is_exact
    assert exact.residual is None


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"titel": Column.text("t")}, "did you mean `title`"),
        ({"active": Column.text("t")}, "`active`: is of type boolean, and a text does not hold it"),
        ({"title": Column.boolean("t")}, "`title`: is of type string, and a boolean does not hold it"),
        ({"emails": Column.text("t")}, "`emails`: has several values: name its rows"),
        ({"name": Column.text("t")}, "`name`: is complex: name its sub-attributes"),
        ({"emails.value": Column.text("t")}, "`emails.value`: belongs to the rows of `emails`"),
        ({"title": Rows("t", {}, on={"a": "b"})}, "`title`: has a single value: name its column"),
        ({"emails": Rows("t", {"worth": Column.text("t")}, on={"a": "b"})}, "`emails.worth`: is not defined"),
        ({"emails": Rows("t", {}, on={})}, "`emails`: has rows of which nothing says to what they belong"),
        ({"title": Column.text("a"), "TITLE": Column.text("b")}, "`title`: is named twice"),
        ({"title": ["a", "b"]}, "`title`: has one text"),
        ({"active": "perhaps"}, "`active`: is `true` or `false`"),
        ({"meta.created": "2026"}, "`meta.created`: has no text that is the same in every resource"),
    ],
)
def test_a_mapping_is_checked(columns, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        Mapping(scim.USER, "users", columns)


def test_a_mapping_needs_a_resource_type_in_particular():
    with pytest.raises(ValueError, match="is not a resource type in particular"):
        Mapping(scim.ANY, "users", {})
    with pytest.raises(
        TypeError, match="`title` is stored in a Column or in Rows, is a text, a bool or None, not `int`"
    ):
        Mapping(scim.USER, "users", {"title": 5})


def test_styles_and_dialects_have_names():
    where = USERS.bind("active eq true")
    with pytest.raises(ValueError, match="`oracle` is not a dialect"):
        where.sql("oracle")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`percent` is not a style"):
        where.sql("sqlite", "percent")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is not a name of letters"):
        where.sql("sqlite", "named", name="x) or (1=1")


def test_numbers_and_names_begin_where_the_host_says():
    where = USERS.bind('userName eq "a" and title eq "b"')
    assert "CAST($4 AS text)" in where.sql("postgresql", "dollar", first=3)[0]
    text, values = where.sql("sqlite", "named", name="mine")
    assert ":mine_2" in text
    assert values == {"mine_1": "a", "mine_2": "b"}


def test_an_order_ends_with_the_key():
    order = USERS.order_by("USERNAME", descending=True)
    assert order.sql("sqlite") == (
        '"app"."users"."user_name_key" COLLATE BINARY DESC, "app"."users"."id" ASC',
        [],
    )
    assert [key["source"] for key in order.keys] == ["user_name_key", "id"]
    text, values = order.after(["ann", 7]).sql("sqlite")
    assert text.startswith('("app"."users"."user_name_key" COLLATE BINARY <= ? AND ')
    assert values == ["ann", "ann", "ann", 7]
    with pytest.raises(ValueError, match="one value for each of its `keys`"):
        order.after(["ann"])
    with pytest.raises(sql.BindError):
        USERS.order_by("password")
    with pytest.raises(sql.BindError):
        USERS.order_by("ims")
    # The same in all resources, so only the key is left.
    assert len(USERS.order_by("meta.resourceType").keys) == 1
    first = USERS.order_by("emails")
    assert first.keys[0]["first_of"]["primary"] == "is_primary"
    with pytest.raises(ValueError, match="one value for each"):
        first.after(["a", 7])


def test_what_is_known_needs_no_database():
    assert USERS.bind('meta.resourceType eq "user"').selects == "none"
    assert USERS.bind('meta.resourceType eq "User"').selects == "all"
    assert USERS.bind("nickName pr").selects == "none"
    assert USERS.bind('id eq "017"').selects == "none"
    assert USERS.bind(f'{ENTERPRISE}:manager eq "not a uuid"').selects == "none"
    assert USERS.bind(f'schemas eq "{scim.USER.schema["id"]}"').selects == "all"
    assert USERS.bind("emails.display pr").selects == "none"


def test_a_plan_says_what_is_left_to_know():
    plan = scim.Filter('USERNAME ne "ANN" and emails[type eq "work"].value co "X"', scim.USER).plan()
    name, mail = plan["all"]
    assert name["test"] | {"type": "string"} == {
        "path": "userName",
        "type": "string",
        "multi_valued": False,
        "text_form": "username",
        "op": "eq",
        "value": "ann",
        "negated": True,
    }
    assert [term["test"]["path"] for term in mail["exists"]["within"]["all"]] == ["emails.type", "emails.value"]
    instant = scim.Filter('meta.created gt "1969-12-31T23:59:59.50Z"', scim.USER).plan()
    assert instant["test"]["value"] == (-1, "5")
    with pytest.raises(ValueError, match="no schema defines it"):
        scim.Filter('shoeSize eq "43"').plan()


def test_a_page_begins_after_what_drivers_give():
    kind = scim.ResourceType.from_schemas(
        "Thing",
        {
            "id": "urn:example:Thing",
            "attributes": [
                {"name": "flag", "type": "boolean"},
                {"name": "price", "type": "decimal"},
                {"name": "at", "type": "dateTime"},
                {"name": "ref", "type": "string", "caseExact": True},
            ],
        },
    )
    things = Mapping(
        kind,
        "things",
        {
            "flag": Column.boolean("flag"),
            "price": Column.decimal("price"),
            "at": Column.timestamp("at"),
            "ref": Column.uuid("ref"),
        },
        key=Column.integer("id"),
    )

    def after(name, value):
        return things.order_by(name).after([value, 7]).sql("postgresql")

    assert after("flag", 1) == after("flag", True)
    assert after("flag", 0) == after("flag", False)
    assert after("price", Decimal("12345678901234567890.1"))[1][0] == "12345678901234567890.1"
    moment = dt.datetime(2026, 1, 1, 2, 0, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert after("at", moment)[1][0] == "2026-01-01T00:00:00.000005Z"
    assert after("at", dt.datetime(2026, 1, 1))[1][0] == "2026-01-01T00:00:00.000000Z"
    assert after("ref", uuid.UUID(int=1))[1][0] == "00000000-0000-0000-0000-000000000001"
    for name, value in (("flag", "true"), ("price", 0.1), ("at", "yesterday"), ("ref", 5)):
        with pytest.raises(ValueError, match="of the type that is stored"):
            after(name, value)
    with pytest.raises(TypeError, match="has the type `list`"):
        after("flag", [])
    with pytest.raises(OverflowError):
        after("price", 2**70)


def test_a_filter_of_another_type_is_read_by_that_of_the_mapping():
    other = scim.ResourceType.from_schemas(
        "Other", {"id": "urn:example:Other", "attributes": [{"name": "title", "type": "string", "caseExact": True}]}
    )
    asked = scim.Filter('title eq "ABC"', other)
    assert USERS.bind(asked).sql("sqlite")[1] == ["abc"]
    assert USERS.bind(scim.Filter('title eq "ABC"')).sql("sqlite")[1] == ["abc"]
    with pytest.raises(sql.BindError) as caught:
        USERS.bind(scim.Filter("members pr", scim.GROUP))
    assert "`members`" in caught.value.reason


def test_a_table_may_have_any_name():
    mails = Rows("m", {"value": Column.folded("v")}, on={"uid": "id"}, complete=True)
    text, _ = Mapping(scim.USER, "r1", {"emails": mails}).bind('not (emails eq "x")').sql("sqlite")
    assert '"m" AS "s1" WHERE "s1"."uid" = "r1"."id"' in text


def test_what_is_never_assigned_may_be_whole():
    users = Mapping(scim.USER, "users", {"name": None, ENTERPRISE: None, "userName": Column.folded("k")}, schemas=True)
    for asked in ("name pr", "name.givenName pr", f"{ENTERPRISE}:manager pr", f'schemas eq "{ENTERPRISE}"'):
        assert users.bind(asked).selects == "none"
    assert users.bind(f"not ({ENTERPRISE} pr)").selects == "all"


def test_an_order_that_cannot_be_said_is_an_invalid_value():
    with pytest.raises(sql.BindError) as caught:
        USERS.order_by("usrName")
    assert caught.value.scim_type == "invalidValue"
    assert str(caught.value) == "sorting by `usrName` is not supported"
    with pytest.raises(sql.BindError, match="sorting by `name`") as caught:
        USERS.order_by("name")
    assert caught.value.reason.endswith("`name` is complex: name a sub-attribute")


def test_maps_of_scim2_filter_parser():
    # The map of its documentation, with an extension, a number and instants.
    attr_map = {
        ("userName", None, None): "users.username",
        ("name", "familyName", None): "users.familyname",
        ("meta", "lastModified", None): "users.update_ts",
        ("externalId", None, None): "users.external",
        ("emails", None, None): "emails.text",
        ("emails", "type", None): "emails.type",
        ("department", None, ENTERPRISE): "users.department",
        ("manager", None, ENTERPRISE): "users.manager",
        ("active", None, "urn:ietf:params:scim:schemas:core:2.0:User"): "users.is_active",
    }
    users = sql.from_attr_map(scim.USER, "users", attr_map, on={"emails": {"user_id": "id"}}, folded="{}_key".format)
    for asked, where in {
        'name.familyName eq "Q"': '"users"."familyname_key" COLLATE BINARY = ?',
        'externalId eq "Q"': '"users"."external" COLLATE BINARY = ?',
        "active eq true": '"users"."is_active" IS TRUE',
        f'{ENTERPRISE}:manager eq "7"': '"users"."manager" COLLATE BINARY = ?',
        'emails[value eq "q" and type eq "work"]': '"users"."id" IN (SELECT "r1"."user_id" FROM "emails" AS "r1" WHERE '
        '("r1"."text_key" COLLATE BINARY = ? AND "r1"."type_key" COLLATE BINARY = ?))',
    }.items():
        assert users.bind(asked).sql("sqlite")[0] == where
    assert '"update_ts" > ' in users.bind('meta.lastModified gt "2026-01-01T00:00:00Z"').sql("postgresql")[0]
    plain = sql.from_attr_map(scim.USER, "users", attr_map, on={"emails": {"user_id": "id"}})
    with pytest.raises(sql.BindError, match="not supported"):
        plain.bind('userName eq "Ann"')
    with pytest.raises(ValueError, match="`on` does not say which rows of `emails`"):
        sql.from_attr_map(scim.USER, "users", attr_map)
    with pytest.raises(ValueError, match="`shoeSize`: "):
        sql.from_attr_map(scim.USER, "users", {("shoeSize", None, None): "users.shoe"})
    with pytest.raises(ValueError, match="say by `columns` where its rows are"):
        sql.from_attr_map(scim.USER, "users", {("emails", None, None): "users.email"})
    own = {
        "emails": Rows(
            "users",
            {"value": Column.folded("email_key"), "type": "work", "primary": True, "display": None},
            on={"id": "id"},
            complete=True,
        ),
        "meta.created": Column.micros("created_us"),
    }
    attr_map = {("emails", "value", None): "users.email", ("meta", "created", None): "users.created"}
    users = sql.from_attr_map(scim.USER, "users", attr_map, columns=own)
    assert users.bind('emails[type eq "work" and primary eq true and value pr]').sql("sqlite") == (
        '"users"."id" IN (SELECT "r1"."id" FROM "users" AS "r1" WHERE ("r1"."email_key" IS NOT NULL AND '
        '("r1"."email_key" COLLATE BINARY = ?) IS NOT TRUE))',
        [""],
    )
    for asked in ('emails.type eq "home"', "emails.primary eq false", "emails.display pr"):
        assert users.bind(asked).selects == "none"
    assert '"created_us" > ' in users.bind('meta.created gt "2026-01-01T00:00:00Z"').sql("sqlite")[0]


def test_the_rows_of_a_uuid_count():
    tenant = uuid.UUID("0f6d0f6d-0000-4000-8000-00000000abcd")
    emails = Rows("emails", {"value": Column.folded("value_key")}, on={"user_id": "id"}, only={"tenant": tenant})
    where = Mapping(scim.USER, "users", {"emails": emails}).bind("emails.value ne null")
    assert where.sql("postgresql", style="dollar") == (
        'EXISTS (SELECT 1 FROM "emails" AS "r1" WHERE "r1"."user_id" = "users"."id" AND "r1"."tenant" = '
        'CAST(CAST($1 AS text) AS uuid) AND "r1"."value_key" IS NOT NULL)',
        [str(tenant)],
    )
    assert where.tree()["exists"]["rows"]["only"] == [("tenant", tenant)]
    with pytest.raises(TypeError, match="str, int, bool, UUID and None"):
        Rows("emails", {"value": Column.folded("value_key")}, on={"user_id": "id"}, only={"tenant": 1.5})
    assert Mapping(scim.USER, "users", {"active": True}).bind("active eq true").selects == "all"


def test_indexes_are_recommended():
    assert USERS.recommended_ddl("postgresql")[-2:] == [
        'ALTER TABLE "app"."users" ALTER COLUMN "user_name_key" TYPE text COLLATE "C"',
        'CREATE UNIQUE INDEX "users_username" ON "app"."users" ("user_name_key")',
    ]
    assert 'CREATE INDEX "app"."users_externalid" ON "users" ("external_id")' in USERS.recommended_ddl("sqlite")


if __name__ == "__main__":
    filters = json.loads(GOLDEN.read_text(encoding="utf-8"))
    GOLDEN.write_text(json.dumps({filter: written(filter) for filter in filters}, indent=1) + "\n", encoding="utf-8")
