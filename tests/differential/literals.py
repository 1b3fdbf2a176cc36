"""Values of each type: good ones, odd ones, and values that are nearly the same as a given one."""

# ruff: noqa: RUF001

import re
from datetime import datetime, timedelta
from decimal import Decimal

from .chooser import Chooser

TEXTS = ("a", "b", "c", "work", "home", "Ann", "ann", "u1", "u2", "x@y.example", "Maps")
ODD_TEXTS = (
    *("A", "ANN", "ß", "ẞ", "ss", "SS", "İ", "i̇", "i", "I", "ı", "ς", "σ", "Σ", "\u212a", "k", "K", "ａｎｎ", "ＡＮＮ"),
    *("é", "e\u0301", "É", "\u212b", "å", "ǅ", "ǆ", "Ǆ", "ﬁ", "fi", "😀", "𐐀", "𐐨", "\u0000", "a\u0000", "ſ", "ᲀ", "в"),
    *("ﾊﾟ", "パ", "ﾊ\u3099", "\u1e9b\u0323", "한", "\u1112\u1161\u11ab", "\u0345", "ι", "Ꭰ", "ꭰ", "ͅ", "\u03f4", "θ"),
    *("%", "_", "*", "a*", '"', "\\", '\\"', "true", "True", "5", "1.0", "null", "{}", "[]", '{"value": "a"}', "[1"),
    *("2026-01-01T10:00:00Z", "a b", " a", "a ", "\t", "\u00a0", "\u2003", "\u200b", "\ufeff", "a\nb", "(", "]"),
    *("a" * 40, "é" * 21, "😀" * 11, "\u0130\u0130", "eq", "a.b", "a:b", "-1", "1e5", "€", "\ud7ff", "\uffff"),
)
BLANKS = ("", " ", "  ", "\t", "\n", "\u00a0", "\u2003", "\u3000", "\u0085", "\u200b", "\u2028")
BOOLEAN_TEXTS = (
    "true",
    "True",
    "false",
    "False",
    "TRUE",
    "FALSE",
    "fAlse",
    "yes",
    "1",
    "0",
    "on",
    " true",
    "true ",
    "t",
)
INTEGERS = (0, 1, 2, 5, -1, 12, 100, 44)
ODD_INTEGERS = (
    *(9007199254740993, 9007199254740992, -9007199254740993, 2**63, 2**63 - 1, -(2**63), 2**64, 10**30, 10**400),
    *(2**31, -5, 10**15, 10**16, 10**21, 10**22),
)
DECIMALS = tuple(map(Decimal, ("1.5", "0.5", "2.0", "1.0", "-1.5", "2.50", "1E+1")))
ODD_DECIMALS = tuple(
    map(
        Decimal,
        (
            *("0.1", "0.10", "1E-1", "1E+400", "1E-400", "-0.0", "0E+10", "9007199254740993.0", "9007199254740992.5"),
            *("1.00000000000000000000000001", "3.14159265358979323846264", "1E+2", "100.0", "12E-1", "1E+4299"),
            *("1E+4300", "1E-4300", "1E+99999", "0.30000000000000004", "5.0", "123456789012345678901234567890.5"),
        ),
    )
)
NUMBER_TEXTS = (
    *(
        "5",
        "1",
        "0",
        "12",
        "-1",
        "1.5",
        "2.50",
        "1e2",
        "+5",
        " 5",
        "5 ",
        "05",
        "0x5",
        "1.",
        ".5",
        "1,5",
        "٣",
        "５",
        "-0",
    ),
    *(
        "9007199254740993",
        "1_000",
        "NaN",
        "Infinity",
        "1E400",
        "1.0",
        "1e0",
        "10e-1",
        "",
        "--1",
        "1e",
        "99999999999999999",
    ),
)
TIMES = (
    *("2026-01-01T10:00:00Z", "2026-01-01T12:00:00+02:00", "2026-01-01T10:00:00.0Z", "2026-01-01T10:00:00"),
    *("2026-01-01T10:00:00.5Z", "2025-12-31T23:00:00-11:00", "2011-05-13T04:42:34Z", "2026-01-01T10:00:00.500Z"),
    *(
        "2026-01-01T06:30:00-03:30",
        "2026-01-01T15:45:00+05:45",
        "2026-01-01T10:00:00-00:00",
        "2026-01-01T00:00:00+14:00",
    ),
)
USUAL_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))?", re.ASCII)
OFFSETS = (0, 0, -210, 345, 570, -570, 60, -60, 765, -720, 840, -840, 1, -1, 59, -59, 839, -839)
"""In minutes; all kinds that XSD knows: of either sign, with and without minutes, the largest and the smallest."""
ODD_TIMES = (
    *(
        "2026-01-01T24:00:00Z",
        "2026-01-02T00:00:00Z",
        "2026-01-01T24:00:01Z",
        "2026-02-29T00:00:00Z",
        "2024-02-29T00:00:00Z",
    ),
    *(
        "2026-01-01t10:00:00z",
        "2026-01-01 10:00:00Z",
        "2026-01-01T10:00Z",
        "2026-01-01",
        "10:00:00",
        "2026-1-1T10:00:00Z",
    ),
    *(
        "2026-01-01T10:00:00+14:00",
        "2026-01-01T10:00:00+14:01",
        "2026-01-01T10:00:00-00:00",
        "2026-01-01T10:00:00+0200",
    ),
    *(
        "2026-01-01T10:00:60Z",
        "2026-01-01T23:59:60Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
    ),
    *(
        "12026-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "-2026-01-01T00:00:00Z",
        "02026-01-01T00:00:00Z",
    ),
    *(
        "2026-01-01T10:00:00.Z",
        "2026-01-01T10:00:00,5Z",
        "2026-01-01T10:00:00.123456789012Z",
        "2026-01-01T10:00:00.1234567890Z",
    ),
    *("2026-01-01T10:00:00.123456789Z", " 2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z ", "9999-12-31T23:59:59-01:00"),
    *("0000-01-01T00:30:00+01:00", "2026-01-01T10:00:00+24:00", "2026-01-01T10:00:00+01:60", "2026-01-01T10:00:00Zz"),
    *(
        "2026-01-01T10:00:00.000000000000000000001Z",
        "1767261600",
        "２026-01-01T10:00:00Z",
        "2026-04-31T10:00:00Z",
        "x",
        "",
    ),
    *(
        "2026-01-01T10:00:00+02",
        "2026-01-01T25:00:00Z",
        "2026-01-01T10:60:00Z",
        "1900-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z",
    ),
    *(
        "0001-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2026-01-01T24:00:00.0Z",
        "2026-01-01T24:00:00.1Z",
        "+2026-01-01T00:00:00Z",
    ),
    *("9999-12-31T24:00:00Z", "2026-01-01T10:00:00-14:00", "2025-12-31T24:00:00+14:00"),
)
BINARIES = ("YQ==", "YWI=", "YWJj", "AAAA")
ODD_BINARIES = (
    *(
        "YQ",
        "YWI",
        "YQ=",
        "Y",
        "=",
        "====",
        "YQ===",
        "YR==",
        "YW\nJj",
        "YW Jj",
        "-_8=",
        "+/8=",
        "-_8",
        "+_8=",
        "é",
        "YQ==YQ==",
    ),
    *("yq==", "YWJj\n", "YWJj\r\n", "!", "Y===", "YWJ*", ""),
)
REFERENCES = ("/v2/Users/u1", "/Users/u1", "https://a.example/v2/Users/u2", "https://a.example/x")
ODD_REFERENCES = (
    *(
        "../Users/u1",
        "Users/u1",
        "a b",
        "%zz",
        "%41",
        "http://[::1",
        "http://[::1]/",
        "#x",
        "urn:x:y",
        "é",
        "",
        "//",
        ":",
        ":a",
    ),
    *(
        "https://a.example/v1/Users/u1",
        "/scim/v2/Users/u1",
        "/V2/Users/u1",
        "/v2/users/u1",
        "a:b",
        "1:b",
        "http://a:b/",
        "?",
    ),
    *(
        "https://a.example/Users/u2",
        "HTTPS://A.example/v2/Users/u2",
        "/v2.0/Users/u1",
        "/v22/Users/u1",
        "/x/v2/y/v1/u1",
        "[]",
    ),
    *(
        "http://a.example/{x}",
        "http://a.example/^",
        "a#b#c",
        "http://a\\b",
        "/v2/v2/Users/u1",
        "/v2",
        "/v/Users/u1",
        "Users/v2/u1",
    ),
)
JUNK = (
    None,
    True,
    False,
    0,
    5,
    "",
    "a",
    [],
    {},
    [None],
    [{}],
    [[]],
    ["a"],
    {"value": "a"},
    {"x": 1},
    Decimal("1.5"),
    [1, "a"],
)


def text(c: Chooser) -> str:
    """Any text."""
    if c.chance(0.02 + c.oddness, "text.wide"):
        return c.pick(("", "a", wide(c))) + wide(c) + c.pick(("", "b"))
    return c.pick(ODD_TEXTS) if c.chance(0.04 + c.oddness * 2, "text.odd") else c.pick(TEXTS)


def wide(c: Chooser) -> str:
    """A character of any plane, but no surrogate."""
    plane = c.number(0, 16) << 16
    made = plane + (c.pick((0, 1, 0xFFFD, 0xFFFE, 0xFFFF)) if c.chance(0.25) else c.number(0, 0xFFFF))
    return chr(made if not 0xD800 <= made <= 0xDFFF else 0xE000)


def same_instant(c: Chooser, value: str) -> str:
    """The same instant in another notation: another offset, zeros at the end of the fraction, 24:00:00."""
    match = USUAL_TIME.fullmatch(value)
    try:
        there = datetime.fromisoformat(match[1])
        if match[3]:
            there -= timedelta(minutes=int(f"{match[3]}1") * (int(match[4]) * 60 + int(match[5])))
        offset = c.pick(OFFSETS)
        here = there + timedelta(minutes=offset)
    except (TypeError, ValueError, OverflowError):
        return value
    text, fraction = here.isoformat(), match[2] or ""
    if c.chance(0.3):
        fraction = fraction + "00" if fraction else c.pick((".0", ".000", ".000000000"))
    if text.endswith("T00:00:00") and not fraction.strip(".0") and c.chance(0.5):
        text = (here - timedelta(days=1)).isoformat().replace("T00:00:00", "T24:00:00")
    if offset == 0:
        return text + fraction + c.pick(("Z", "Z", "+00:00", "-00:00", ""))
    return f"{text}{fraction}{'+' if offset > 0 else '-'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"


def of_type(c: Chooser, kind: str) -> object:
    """A value of a simple type, now and then one that is nearly not of it."""
    odd = c.odd("value.odd", 2.0)
    if kind == "boolean":
        return c.pick(BOOLEAN_TEXTS) if odd else c.random() < 0.5
    if kind == "integer":
        if odd:
            return c.pick(c.pick((ODD_INTEGERS, ODD_DECIMALS, NUMBER_TEXTS)))
        return c.pick(INTEGERS)
    if kind == "decimal":
        if odd:
            return c.pick(c.pick((ODD_INTEGERS, ODD_DECIMALS, NUMBER_TEXTS)))
        return c.pick(c.pick((INTEGERS, DECIMALS)))
    if kind == "dateTime":
        if odd:
            return c.pick(ODD_TIMES)
        return same_instant(c, c.pick(TIMES)) if c.chance(0.5, "value.same_instant") else c.pick(TIMES)
    if kind == "binary":
        return c.pick(ODD_BINARIES) if odd else c.pick(BINARIES)
    if kind == "reference":
        return c.pick(ODD_REFERENCES) if odd else c.pick(REFERENCES)
    if odd and c.chance(0.3):
        return c.pick(INTEGERS + ODD_INTEGERS + DECIMALS)
    return text(c)


def near(c: Chooser, value: object) -> object:
    """A value that is nearly the same as another."""
    if isinstance(value, bool):
        return c.pick((not value, str(value), str(value).lower(), int(value)))
    if isinstance(value, int | Decimal):
        if isinstance(value, Decimal) and value.adjusted() > 5000:
            return value
        whole = int(value) if abs(value) < 10**30 else 7
        return c.pick((value + 1, value - 1, str(value), Decimal(whole), -value, whole * 10, Decimal(f"{whole}.50")))
    if isinstance(value, str):
        if value[4:5] == "-" and c.chance(0.4):
            return same_instant(c, value)
        if value[4:5] == "-" and c.chance(0.7):
            return c.pick((value.replace("Z", ".000Z"), value.replace("Z", "+00:00"), value[:-1], c.pick(TIMES)))
        half = len(value) // 2
        return c.pick(
            (
                *(c.flip_case(value), value + "a", value[:half], value[half:], value[1:-1], " " + value, value + " "),
                *(value.swapcase(), value.replace("s", "ſ"), value.casefold(), value.replace("/v2", ""), [value]),
            )
        )
    if isinstance(value, list):
        return value[::-1] if c.chance(0.5) else (value[0] if len(value) == 1 else value[1:])
    return c.pick(JUNK)
