"""Rare cases of the rules for filters, each read from MEANING or an RFC."""

# ruff: noqa: RUF001

from decimal import Decimal

import pytest

from . import filters
from .equality import fold_character, instant, user_name_key
from .errors import Refused
from .filter_tree import canonical
from .filters import compile_brackets
from .options import Options
from .schema import ENTERPRISE, GROUP, USER, USER_URN

E = ENTERPRISE.id
STRICT = Options.strict()


def holds(text, document, kind=None, options=None):
    return filters.compile(text, kind, options or Options()).matches(document)


def refused(text, kind=None, options=None):
    with pytest.raises(Refused) as error:
        filters.compile(text, kind, options or Options())
    return error.value.scim_type == "invalidFilter"


@pytest.mark.parametrize(
    ("character", "folded"),
    [
        ("\u1e9e", "\u00df"),
        ("\u00df", "\u00df"),
        ("\u0130", "\u0130"),
        ("I", "i"),
        ("\u0131", "\u0131"),
        ("\u13a0", "\u13a0"),
        ("\uab70", "\u13a0"),
        ("\u13f8", "\u13f0"),
        ("\u1f88", "\u1f80"),
        ("\u1fbc", "\u1fb3"),
        ("\u03c2", "\u03c3"),
        ("\u212a", "k"),
        ("\u0149", "\u0149"),
        ("\U00010400", "\U00010428"),
    ],
)
def test_f5_simple_folding(character, folded):
    assert fold_character(character) == folded


def test_f5_exactness():
    assert holds('title eq "STRASSE"', {"title": "strasse"}, USER)
    assert not holds('title eq "STRASSE"', {"title": "straße"}, USER)
    assert holds('title eq "ẞ"', {"title": "ß"}, USER)
    assert not holds('externalId eq "A"', {"externalId": "a"}, USER)
    assert not holds('members.value eq "A"', {"members": [{"value": "a"}]}, GROUP)
    assert not holds('profileUrl eq "HTTP://a"', {"profileUrl": "http://a"}, USER)
    assert not holds('x509Certificates.value co "A"', {"x509Certificates": [{"value": "aa"}]}, USER)
    assert holds('shade eq "A"', {"Shade": "a"})


def test_f6_order_after_folding():
    assert holds('title lt "B"', {"title": "a"}, USER)
    assert holds('title gt "_"', {"title": "A"}, USER)
    assert not holds('id gt "_"', {"id": "A"}, USER)
    assert not holds('title sw "%"', {"title": "x"}, USER)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-01-01T24:00:00Z", "2026-01-02T00:00:00Z"),
        ("2026-01-01T00:00:00+14:00", "2025-12-31T10:00:00Z"),
        ("2026-01-01T00:00:00-14:00", "2026-01-01T14:00:00Z"),
        ("2026-01-01T00:00:00.5000000000000000000", "2026-01-01T00:00:00.5Z"),
        ("-0001-12-31T24:00:00Z", "0000-01-01T00:00:00Z"),
        ("12026-01-01T00:00:00Z", "12026-01-01T01:00:00+01:00"),
        ("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00Z"),
    ],
)
def test_f7_same_instant(one, other):
    assert instant(one) is not None
    assert instant(one) == instant(other)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T00:00:00Z",
        "2026-01-01",
        "2026-01-01T24:00:01Z",
        "2026-01-01T24:00:00.1Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+14:01",
        "2026-01-01T00:00:00+1400",
        "2026-01-01t00:00:00z",
        "02026-01-01T00:00:00Z",
        "+2026-01-01T00:00:00Z",
        "2026-1-1T00:00:00Z",
        " 2026-01-01T00:00:00Z",
        "2026-01-01T00:00Z",
        "２026-01-01T00:00:00Z",
    ],
)
def test_f7_no_date_time(text):
    assert instant(text) is None
    assert refused(f'meta.created eq "{text}"', USER)


def test_f7_fractions_order():
    assert instant("2026-01-01T00:00:00.45Z") < instant("2026-01-01T00:00:00.5Z") < instant("2026-01-01T00:00:01Z")
    assert instant("-0001-01-01T00:00:00.5Z") < instant("-0001-01-01T00:00:00.6Z")


def test_f7_text():
    stored = {"meta": {"created": "2026-01-01T10:00:00Z"}}
    assert holds('meta.created sw "2026-"', stored, USER)
    broken = {"meta": {"created": "yesterday"}}
    assert holds("meta.created pr", broken, USER)
    assert holds('meta.created ne "2026-01-01T10:00:00Z"', broken, USER)
    assert not holds('meta.created co "y"', broken, USER)
    assert not holds('meta.created le "2026-01-01T10:00:00Z"', broken, USER)


def test_f8_exact_numbers():
    assert holds("n eq 1.0", {"n": 1})
    assert holds("n eq 1", {"n": Decimal("1.0")})
    assert holds("n eq 1e2", {"n": 100})
    assert holds("n gt 0.1", {"n": Decimal("0.1000000000000000000000000000000000000001")})
    assert not holds("n eq 1", {"n": True})
    assert holds("n eq 1e400", {"n": Decimal("10e399")})
    assert holds("n ne 1e400", {"n": Decimal("1e399")})
    assert refused("n eq 01")
    assert refused("n eq +1")
    assert refused("n eq .5")
    assert refused("n eq 1.")


def test_f9_types():
    assert refused('active gt "true"', USER)
    assert refused("active eq 1", USER)
    assert refused("title eq 5", USER)
    assert refused("title eq true", USER)
    assert refused('x509Certificates.value gt "a"', USER)
    assert refused('name eq "a"', USER)
    assert refused('addresses eq "a"', USER)
    assert filters.compile('active eq "FALSE"', USER).text == "active eq false"
    assert refused('active eq "True"', USER, STRICT)
    assert not holds("shade gt true", {"shade": True})
    assert not holds("shade co 5", {"shade": "5"})


def test_d3_null():
    assert not holds("title gt null", {"title": "x"}, USER)
    assert not holds("emails co null", {"emails": [{"value": "x"}]}, USER)
    assert not holds("shoe gt null", {"shoe": True})
    for text in ("active gt null", "active co null", "x509Certificates.value lt null", "emails[primary sw null]"):
        assert refused(text, USER)  # F9 comes first
    assert not holds("name co null", {"name": {"givenName": "a"}}, USER)
    assert holds("name ne null", {"name": {"givenName": "a"}}, USER)
    assert holds("emails eq null", {"emails": [{"value": None}]}, USER)


def test_f13_no_oracle():
    for text in ("password pr", "password eq null", "not (password pr)", f"{USER_URN}:password pr"):
        assert refused(text, USER)
        assert refused(text)
    for text in ("x.password pr", "urn:x:y:password pr", "password.x pr", "x[password pr]", "emails[password pr]"):
        assert refused(text)
    assert not holds("x pr", {"x": {"password": "a"}})
    assert holds("x eq null", {"x": {"Password": "a"}})


def test_f14_names():
    assert holds('title eq "a"', {"TITLE": "b", "title": "a"}, USER)
    assert holds('shade eq "b"', {"SHADE": "b", "shade": "a"})
    assert holds('department eq "a"', {E.upper(): {"DEPARTMENT": "a"}}, USER)
    assert not holds("kind pr", {"\u212aind": "x"})


def test_f15_absent_primary():
    one = {"emails": [{"value": "a"}]}
    for text in ("emails.primary eq false", "emails[primary ne true]", "emails[not (primary eq true)]"):
        assert holds(text, one, USER)
        assert holds(text, {"emails": [{"value": "a", "primary": None}]}, USER)
    assert not holds("emails.primary pr", one, USER)
    assert holds("emails.primary eq null", one, USER)
    assert holds("emails[primary eq null]", one, USER)
    assert not holds("emails.primary eq false", {}, USER)
    assert holds("emails.primary ne true", {}, USER)
    assert holds("roles.primary eq false", {"roles": ["clerk"]}, USER)


def test_f16_user_name():
    assert user_name_key("ＡＮＮ") == "ann"
    assert user_name_key("ｶﾞ") == "ガ"
    assert user_name_key("Å") == user_name_key("A\u030a")
    assert user_name_key("ﬁ") == "ﬁ"
    assert user_name_key("Ａ", case_exact=True) == "A"
    assert user_name_key("①") == "①"
    assert holds('userName co "ＮＮ"', {"userName": "ann"}, USER)
    assert not holds('title eq "ａ"', {"title": "a"}, USER)


def test_f17_simple_elements():
    assert holds('roles[value eq "CLERK"]', {"roles": ["clerk"]}, USER)
    assert holds("roles.value pr", {"roles": "clerk"}, USER)
    assert holds('roles[type ne "x"]', {"roles": ["clerk"]}, USER)
    assert not holds('manager eq "u1"', {E: {"manager": "u1"}}, USER)


@pytest.mark.parametrize("document", [None, 5, [], "[]", "5", "{", '"a"'])
def test_f18_only_objects(document):
    with pytest.raises(Refused):
        holds("not (active eq true)", document)


def test_f18_text():
    assert holds('title eq "b"', '\ufeff{"title": "a", "title": "b"}', USER)


def test_d1_values():
    assert holds('emails.type ne "work"', {"emails": [{"type": "work"}, {"type": "home"}]})
    assert holds('emails[type ne "work"]', {"emails": [{"value": "x"}]})
    assert not holds('emails[type ne "work"]', {"emails": []})
    assert not holds("emails.type ne null", {"emails": [{"value": "x"}]})


def test_d5_shapes():
    assert holds('title eq "b"', {"title": ["a", "b"]}, USER)
    assert holds('name.givenName eq "b"', {"name": [{"givenName": "a"}, {"givenName": "b"}]}, USER)
    assert holds('name[givenName eq "a" and familyName eq "b"]', {"name": {"givenName": "a", "familyName": "b"}}, USER)


def test_t3_blanks():
    assert filters.compile('emails\t[ type eq"x" ]', USER).text == 'emails[type eq "x"]'
    assert filters.compile("(a pr)and(b pr)or not(c pr)", None, STRICT).text == "a pr and b pr or not (c pr)"
    for text in ("a  pr", "a\tpr", 'emails [type eq "a"]', "a pr  and b pr", "a\npr"):
        assert refused(text, None, STRICT)
        assert not refused_softly(text)
    assert filters.compile("  \t a pr \r\n", None, STRICT).text == "a pr"
    assert refused("a\u00a0pr")


def refused_softly(text):
    try:
        filters.compile(text)
    except Refused:
        return True
    return False


def test_t4_strings():
    for text in (r'a eq "\ud800"', r'a eq "\x"', 'a eq "\n"', 'a eq "', "a eq 'x'", r'a eq "\u12"', 'a eq "\ud800"'):
        assert refused(text)
    assert filters.compile(r'a eq "\/\b\u00e9\u0000\""').text == '''a eq "/\\bé\\u0000\\""'''


def test_t6_urns():
    dotted = f"{USER_URN}.name.givenName"
    assert USER.find(dotted).path == "name.givenName"
    assert USER.find(dotted, STRICT) is None
    assert USER.find("urn:scim:schemas:core:2.0:Group.title").kinds == ("legacy_schemas", "dotted_urns")
    assert USER.find("urn:scim:schemas:extension:enterprise:1.0:User:department").kinds == ("legacy_schemas",)
    assert USER.refused_by(f"{E}.department", STRICT) == "dotted_urns"
    assert USER.find(f"{E}.department", STRICT) is None
    assert USER.find(E.upper()).attribute is None
    assert USER.find("urn:scim:schemas:core:1.0:userName").path == "userName"
    assert USER.find("urn:scim:schemas:extension:enterprise:1.0:manager.value").path == f"{E}:manager.value"
    assert USER.find("urn:scim:schemas:extension:enterprise:1.0:department", STRICT) is None
    assert holds(f"{E} pr", {E: {"department": "x"}}, USER)
    assert not holds(f"{E} pr", {E: {"department": ""}}, USER)
    assert refused(f"{USER_URN} pr", USER)
    assert refused(f"{E}:department.a.b pr")
    assert refused(f"{E}:9 pr")
    assert holds('urn:x:y:z.a eq "B"', {"URN:X:Y": {"Z": {"a": "b"}}})


def test_t9_bare_words():
    bare = Options.of({"bare_words": True})
    assert filters.compile("title eq True", USER, bare).text == 'title eq "True"'
    assert filters.compile("title eq 5.0", USER, bare).text == 'title eq "5.0"'
    assert filters.compile("title eq null", USER, bare).text == "title eq null"
    assert filters.compile("active eq True", USER, bare).text == "active eq true"
    assert filters.compile("emails[value co a@b]", USER, bare).text == 'emails[value co "a@b"]'
    assert filters.compile("n eq 5", None, bare).text == "n eq 5"
    assert refused("active eq yes", USER, bare)


def test_t11_limits():
    assert not refused_softly("(" * 64 + "a pr" + ")" * 64)
    assert refused("(" * 65 + "a pr" + ")" * 65)
    assert refused("(" * 1_000_000)
    assert not refused_softly(" or ".join(["a pr"] * 256))
    assert refused(" or ".join(["a pr"] * 257))
    assert refused(f'a eq "{"é" * 4096}"')


def test_t12_groups():
    for text, wanted in {
        "((a pr)) or ((b pr and (c pr)))": "a pr or b pr and c pr",
        "(a pr or b pr) and c pr": "(a pr or b pr) and c pr",
        "not ((a pr) and b pr)": "not (a pr and b pr)",
        "not(not(a pr))": "not (not (a pr))",
        "a pr or (b pr or c pr)": "a pr or b pr or c pr",
        "emails[(value pr) and not(type pr)]": "emails[value pr and not (type pr)]",
    }.items():
        assert canonical(filters.parse(text)) == wanted


def test_x2_allowed():
    options = Options.of(filter_attributes=["emails.value", E], filter_operators=["eq", "or"])
    assert filters.compile('emails eq "a" or emails[value eq "b"]', USER, options)
    assert filters.compile('department eq "a"', USER, options)
    for text in (
        'emails[type eq "a"]',
        'title eq "a"',
        "emails pr",
        'not (emails eq "a")',
        'emails co "a"',
        "emails eq null",
    ):
        assert refused(text, USER, options)
    with pytest.raises(ValueError, match="shoeSize"):
        filters.compile('title eq "a"', USER, Options.of(filter_attributes=["shoeSize"]))


def test_brackets_of_a_patch():
    emails = USER.find("emails").attribute
    found = compile_brackets('TYPE eq "work" and PRIMARY eq "True"', emails, "emails", USER)
    assert found.equals == (("type", "work"), ("primary", True))
    assert found.repairs == (("emails.primary", "boolean_strings"),)
    assert compile_brackets('type ne "work"', emails, "emails", USER).equals is None
    assert compile_brackets("primary eq false", emails, "emails", USER).selects({"value": "a"})
    schemas = USER.find("schemas").attribute
    assert compile_brackets('value eq "x"', schemas, "schemas", USER).selects("x")
    for text in ("0", "", "foo pr", f'{USER_URN}:value eq "a"', "primary co true", "value eq"):
        with pytest.raises(Refused) as error:
            compile_brackets(text, emails, "emails", None)
        assert error.value.scim_type == "invalidFilter"


def test_a_dot_in_place_of_the_last_colon():
    """T6: Without a resource type only before an attribute that the schema has."""
    assert filters.compile(f"{USER_URN}.title pr").text == "title pr"
    assert filters.compile(f"{USER_URN}.shoe pr").text == f"{USER_URN}.shoe pr"
    assert filters.compile(f"{E}.shoe pr").text == f"{E}.shoe pr"
    assert filters.compile("urn:scim:schemas:core:1.0.shoe pr").text == "urn:scim:schemas:core:1.0.shoe pr"


def test_names_that_nobody_knows():
    assert filters.compile("department eq 5").text == "department eq 5"
    assert not holds("department pr", {E: {"department": "a"}})
    assert holds("x[a.b eq 1]", {"x": [{"a": {"b": 1}}]})
    assert refused("emails[value.b pr]")
    assert refused("emails[a.b pr]", USER)
    assert refused("x[a.password pr]")
    assert holds("x.y[a pr].b pr", {"x": {"y": [{"a": 1, "b": 2}]}})
    assert holds("urn:example:lamp:2.0 pr", {"urn:example:lamp:2.0": {"label": "a"}})
    assert refused(":a pr")
    assert refused("foo:a pr")
    bare = Options.of({"bare_words": True})
    assert filters.compile("a eq home", None, bare).text == 'a eq "home"'
    assert filters.compile("a eq 5", None, bare).text == "a eq 5"
