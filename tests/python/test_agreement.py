"""A filter gives the same result for a document in any form: dict, mapping, text or bytes, alone or among many."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scim_engine as scim

from .mappings import Plain

NAMES = [
    *["schemas", "id", "externalId", "userName", "title", "active", "emails", "value", "type", "primary", "name"],
    *["givenName", "meta", "lastModified", "groups", "members", "USERNAME", "Emails", "unknown", "sub", "a b", ""],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "department",
]
TEXTS = [
    *["a", "A", "b", "work", "home", "Guide", "", "\u017f", "é", '"', "\\", "\u2028", "😀", "}{", "],["],
    *["2011-05-13T04:42:34Z", "2011-05-13T06:42:34+02:00", "urn:ietf:params:scim:schemas:core:2.0:User", "true", "5"],
]
TESTS = [
    *['userName eq "a"', "title pr", "title eq null", "title ne null", "active eq true", "active ne false"],
    *["emails pr", 'emails co "a"', 'emails.type ne "work"', 'emails[type eq "work"]', 'emails[not (type eq "home")]'],
    *['emails[type eq "work" and not (value co "b")]', 'name.givenName sw "b"', "name pr", "unknown gt 4"],
    *['meta.lastModified gt "2011-05-13T04:42:33Z"', 'unknown.sub eq "a"', 'members[value eq "a"]', 'title ew "é"'],
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "s"',
]

simple = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0.5, -0.0, 5.0, 1e300, 4.000000000000001]),
    st.sampled_from(TEXTS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
names = st.sampled_from(NAMES)
values = st.recursive(
    simple,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=4)),
    max_leaves=12,
)
documents = st.dictionaries(names, values, max_size=8)
filters = st.recursive(
    st.sampled_from(TESTS),
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) and ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) or ({two[1]})"),
    ),
    max_leaves=4,
)


def spell(value: object, dice: random.Random) -> str:
    """JSON text of a value in a random spelling: blanks, escapes, the order of names."""

    def blank() -> str:
        return dice.choice(["", "", "", " ", "\t", "\r\n", "\n  "])

    if isinstance(value, dict):
        members = list(value.items())
        dice.shuffle(members)
        inner = [f"{blank()}{spell(name, dice)}{blank()}:{blank()}{spell(member, dice)}" for name, member in members]
        return "{" + f"{blank()},".join(inner) + blank() + "}"
    if isinstance(value, list):
        return "[" + f"{blank()},".join(blank() + spell(element, dice) for element in value) + blank() + "]"
    if isinstance(value, str):
        return '"' + "".join(character(c, dice) for c in value) + '"'
    return json.dumps(value)


def character(c: str, dice: random.Random) -> str:
    units = c.encode("utf-16-be")
    escaped = "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2))
    if dice.random() < 0.2:
        return escaped
    return json.dumps(c, ensure_ascii=False)[1:-1]


def one_line(text: str) -> str:
    """The text without line ends, which are only between values, because those in strings are escaped."""
    return text.replace("\r", " ").replace("\n", " ")


def has_twins(value: object) -> bool:
    """Whether an object has two names that differ only in case, so that the order of members matters."""
    if isinstance(value, dict):
        return len({name.casefold() for name in value}) < len(value) or any(map(has_twins, value.values()))
    return isinstance(value, list) and any(map(has_twins, value))


def compiled(text: str) -> list[scim.Filter]:
    found = []
    for resource_type in [scim.USER, None]:
        try:
            found.append(scim.Filter(text, resource_type) if resource_type else scim.Filter(text))
        except scim.InvalidFilter:
            # The filter is not valid for users.
            continue
    return found


@settings(max_examples=300, deadline=None)
@given(text=filters, many=st.lists(documents, min_size=1, max_size=5), seed=st.integers(0, 2**32))
def test_every_way_to_give_a_document(text, many, seed):
    dice = random.Random(seed)
    many = [document for document in many if not has_twins(document)]
    spelled = [spell(document, dice) for document in many]
    assert [json.loads(one) for one in spelled] == many
    for asked in compiled(text):
        expected = [asked.matches(document) for document in many]
        assert [asked.matches(Plain(document)) for document in many] == expected
        assert [asked.matches(one) for one in spelled] == expected
        assert [asked.matches(one.encode()) for one in spelled] == expected
        assert [asked.matches(bytearray(json.dumps(document).encode())) for document in many] == expected
        assert asked.select(many) == [document for document, holds in zip(many, expected, strict=True) if holds]
        lines = "\n".join(map(one_line, spelled)).encode()
        array = ("[" + ",\n".join(spelled) + "]").encode()
        schemas = '["urn:ietf:params:scim:api:messages:2.0:ListResponse"]'
        response = f'{{"schemas": {schemas}, "Resources": {array.decode()}, "totalResults": 1}}'
        for whole in [lines, array, response]:
            for trusted in [False, True]:
                assert asked.mask(whole, trusted=trusted) == expected
                found = asked.scan(whole, trusted=trusted)
                matching = [number for number, holds in enumerate(expected) if holds]
                assert (found.faults, found.numbers) == ((), tuple(matching))
                assert [match.parsed() for match in found.found] == [many[number] for number in matching]
                assert asked.count(whole, trusted=trusted) == sum(expected)


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(
        st.sampled_from(
            [
                *['{"title": "x"}\n', '{"userName": "a"}\r\n', "\n", '{"title":\n', "junk\n", '{"title": tru}\n'],
                *['[{"title": "x"}, 7]\n', '{"Resources": [{"title": "x"}, {}]}\n', '{\n"title": "x"\n}\n'],
                *['{"title": "x"} {"title": ""}\n', '{"title": "x"} y\n', '{"title": "\\ud83d"}\n'],
            ]
        ),
        max_size=30,
    )
)
def test_good_and_broken_lines_with_any_number_of_threads(tmp_path_factory, pieces):
    asked = scim.Filter("title pr")
    line = '{"title": "%s"}\n' % ("x" * 200)
    text = "".join(piece + line * 400 for piece in pieces).encode()
    path = tmp_path_factory.getbasetemp() / "mixed.json"
    path.write_bytes(text)
    whole = asked.scan(text)
    for data in [text, path]:
        for threads in [1, 2, 8]:
            found = asked.scan(data, threads=threads)
            assert (found.lines, found.numbers, found.faults) == (whole.lines, whole.numbers, whole.faults)
            assert list(found) == list(whole)
            assert asked.mask(data, threads=threads).count(None) == len(whole.faults)


@pytest.mark.parametrize("line", [b'{"title": "x"}\n' * 3, b'[{"title": "x"},{"title": 1}]'])
def test_text_that_is_long_enough_for_several_threads(line):
    text = line * 200_000
    asked = scim.Filter('title eq "x"')
    assert asked.count(text, threads=2) == asked.count(text) > 100_000
