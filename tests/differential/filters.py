"""Filter texts for a resource type and documents."""

from decimal import Decimal

from . import literals
from .chooser import Chooser
from .documents import any_pooled, document
from .documents import value as any_value
from .jsontext import dumps
from .kinds import GROUP_URN, LEGACY, USER_URN, Attr, View

OPERATORS = tuple(
    (op, 30 if op in ("eq", "ne", "pr") else 12) for op in ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr")
)
_ORDER = ("gt", "ge", "lt", "le")
_PARTS = ("co", "sw", "ew")
UNFIT = {"boolean": _ORDER + _PARTS, "binary": _ORDER, "integer": _PARTS, "decimal": _PARTS}
UNKNOWN = (
    "badge",
    "shoeSize",
    "n",
    "usrName",
    "account",
    "a",
    "x-1",
    "password",
    "account.password",
    "colour.name",
    "$ref",
    "a_b",
)
BROKEN = (
    *(
        "",
        " ",
        "(",
        ")",
        "()",
        "a",
        "a eq",
        'a eq "',
        "a eq 'b'",
        'a = "b"',
        'a eq "b" and',
        'and a eq "b"',
        "not a pr",
        "not not (a pr)",
    ),
    *(
        'a eq "b" or or b pr',
        "a pr b",
        "a pr)",
        "(a pr",
        "a[b pr",
        "a[b pr]]",
        "a[]",
        "a[b pr].",
        "a[b pr]c",
        "a[b pr].c.d pr",
        "a.b.c pr",
    ),
    *(
        'a eq "\\x"',
        'a eq "\\ud800"',
        'a eq "\\ud83d\\ude00"',
        'a eq "\\u00"',
        'a eq "\n"',
        'a eq "\\n"',
        "a eq 01",
        "a eq +1",
        "a eq .5",
    ),
    *(
        "a eq 1.",
        "a eq 1e",
        "a eq -",
        "a eq 1e5",
        "a eq -0",
        "a eq nul",
        "a eq True",
        "a eq NULL",
        "a eq tRue",
        "a eq {}",
        "a eq [1]",
        "1a pr",
    ),
    *(
        "a-b pr",
        "_a pr",
        "$ref pr",
        "$x pr",
        "a$ pr",
        "é pr",
        "urn: pr",
        "urn:x: pr",
        ":a pr",
        "urn:x:y:z:a pr",
        "a..b pr",
        ".a pr",
        "a. pr",
    ),
    *(
        "a eq b",
        "a eq b c",
        'a eq "b"c pr',
        'a eq "b"and b pr',
        "a pr and(b pr)",
        "a pr or(b pr)",
        "(a pr)and(b pr)",
        "not(a pr)",
        "NOT (a pr)",
    ),
    *(
        "a\tpr",
        "a  pr",
        "a\npr",
        "a [b pr]",
        "a[ b pr ]",
        "( a pr )",
        "a pr ",
        " a pr",
        "a\u00a0pr",
        "a pr\u0000",
        "a pr and b pr or not (c pr)",
    ),
    *(
        'emails[type eq "work"]value pr',
        "emails[type eq work]",
        'emails[type eq "work" and [value pr]]',
        "emails[not (type pr)]",
        "a xx 1",
    ),
    *(
        "emails[urn:x:type pr]",
        "emails[emails.type pr]",
        "emails[value.x pr]",
        'a[b[c eq "d"]]',
        "emails[type pr].value",
        "emails[type pr][value pr]",
    ),
    *(
        "not",
        "and",
        "or pr",
        "and pr and or pr",
        "not pr",
        "not eq 1",
        "pr pr",
        "eq eq 1",
        "true pr",
        "null eq null",
        "a eq null",
        "a gt null",
    ),
    *(
        "a eq 9007199254740993",
        "a eq 1e400",
        "a eq 1E-400",
        "a eq 1e99999",
        "not ( a pr )",
        "((a pr))",
        "not ((a pr))",
        "not (not (a pr))",
    ),
    'a eq "' + "x" * 30 + '"',
)


SHORT_ESCAPES = {
    "/": "\\/",
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}
BAD_ESCAPES = (
    *("\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800\\u0041", "\\ud83d\\ud83d\\ude00", "\\uDBFF\\uE000", "\\udfff"),
    *("\\U0041", "\\u004", "\\u00g1", "\\u{41}", "\\x41", "\\a", "\\0", "\\'", "\\ud83d😀", "\\ud83d\\\\ude00", "\\"),
)


def choose_options(c: Chooser) -> dict:
    """The options that matter for a filter."""
    how = c.one("filter.tolerance", (("default", 60), ("strict", 12), ("bare_words", 14), ("some", 14)))
    if how == "strict":
        return {"tolerance": "strict"}
    if how == "bare_words":
        return {"tolerance": {"bare_words": True}}
    if how == "some":
        names = (
            "bare_words",
            "boolean_strings",
            "literal_case",
            "loose_blanks",
            "dotted_urns",
            "bare_extension_names",
            "legacy_schemas",
        )
        return {"tolerance": {name: c.chance(0.4) for name in c.sample(list(names), c.number(1, 4))}}
    return {}


def case(c: Chooser, seed: int, view: View) -> dict:
    """A case: a filter and documents to test."""
    documents = [any_pooled(c, view, seed) for _ in range(5)]
    fresh = document(c, view)
    documents.append(fresh)
    maker = Maker(c, view, documents)
    text = maker.filter()
    documents.append(maker.target())
    return {"kind": view.spec, "options": choose_options(c), "filter": text, "documents": documents}


class Maker:
    """Makes filters whose literals are taken from some documents half of the time."""

    def __init__(self, c: Chooser, view: View, documents: list[dict]):
        self.c = c
        self.view = view
        self.documents = documents
        self.wanted: list[tuple] = []

    def filter(self) -> str:
        """A whole filter."""
        c = self.c
        if c.chance(0.02 + c.oddness, "filter.broken"):
            if c.chance(0.6):
                return c.pick(BROKEN)
            return self.broken(self.expression(2))
        text = self.expression(c.pick((0, 0, 1, 1, 2, 3)))
        if c.odd("filter.outer_blanks"):
            text = c.pick((" ", "\t", "\n", "\u00a0")) + text + " "
        return text

    def broken(self, text: str) -> str:
        """A text with one place changed."""
        c = self.c
        at = c.number(0, len(text))
        how = c.one("filter.break", (("cut", 30), ("insert", 30), ("drop", 30), ("double", 10)))
        if how == "cut":
            return text[:at]
        if how == "insert":
            return (
                text[:at]
                + c.pick((*tuple("()[]\".:,- \t\\'é\x00$0aT=&+%_"), " not ", " and ", " eq ", "not("))
                + text[at:]
            )
        if how == "drop":
            return text[:at] + text[at + 1 :]
        return text[:at] + text[at - 3 : at] + text[at:]

    def blank(self) -> str:
        if self.c.odd("filter.blanks", 0.5):
            return self.c.pick(("  ", "\t", "\n", " \r\n", "\u00a0", "", "\u2003"))
        return " "

    def word(self, word: str) -> str:
        """An operator, now and then in another case."""
        return self.c.flip_case(word) if self.c.odd("filter.word_case") else word

    def expression(self, depth: int, inside: tuple[str | None, Attr] | None = None) -> str:
        """`and`, `or`, `not`, parentheses and tests."""
        c = self.c
        if depth <= 0:
            return self.test(inside)
        how = c.one("filter.shape", (("and", 30), ("or", 30), ("not", 20), ("group", 8), ("test", 20)))
        if how in ("and", "or"):
            terms = [self.expression(depth - c.number(1, 2), inside) for _ in range(c.pick((2, 2, 2, 3)))]
            terms = [f"({term})" if c.chance(0.35) else term for term in terms]
            return f"{self.blank()}{self.word(how)}{self.blank()}".join(terms)
        if how == "not":
            return f"{self.word('not')}{c.pick((' ', '', ' '))}({self.expression(depth - 1, inside)})"
        if how == "group":
            return f"({self.expression(depth - 1, inside)})"
        return self.test(inside)

    def attribute(self) -> tuple[str | None, Attr]:
        """Some attribute, rather one that a document has."""
        c = self.c
        if c.chance(0.6):
            found = self.reach(c.take(self.documents))
            if found:
                return c.pick(found)
        if self.view.extensions and c.chance(0.3):
            urn, attrs = c.pick(self.view.extensions)
            return urn, c.pick(attrs)
        return None, c.pick(self.view.attrs)

    def reach(self, document: dict) -> list[tuple[str | None, Attr]]:
        """The attributes that a document has."""
        found: list[tuple[str | None, Attr]] = [(None, attr) for attr in self.view.attrs if attr.name in document]
        for urn, attrs in self.view.extensions:
            extension = document.get(urn)
            if isinstance(extension, dict):
                found.extend((urn, attr) for attr in attrs if attr.name in extension)
        return found

    def test(self, inside: tuple[str | None, Attr] | None = None) -> str:
        """A comparison, a presence test or brackets."""
        c = self.c
        if inside:
            return self.inner_test(*inside)
        how = c.one(
            "filter.test",
            (("simple", 60), ("path", 22), ("then", 10), ("whole", 6), ("unknown", 3), ("urn", 2), ("constant", 2)),
        )
        if how == "unknown":
            name = c.pick(UNKNOWN)
            return self.compare(name, None, self.values(name), None)
        if how == "urn" and self.view.extensions:
            urn = c.pick([urn for urn, _ in self.view.extensions] + [self.view.urn])
            if c.chance(0.3):
                urn = self.odd_urn(urn) or urn
            return self.compare(urn, None, [], None, operators=(("pr", 70), ("eq", 15), ("ne", 15)))
        if how == "constant":
            return c.pick(BROKEN)
        urn, attr = self.attribute()
        if how == "whole":
            if attr.type != "complex":
                urn, attr = self.complex_attribute(urn, attr)
            self.wanted.append((urn, attr, None))
            return f"{self.spelled(urn, attr)}{self.blank()}{self.word(c.pick(('eq', 'ne')))}{self.blank()}null"
        if how in ("path", "then"):
            if attr.type != "complex" and not (attr.multi and c.chance(0.4)) and c.chance(0.93):
                urn, attr = self.complex_attribute(urn, attr)
            return self.brackets(urn, attr, then=how == "then")
        sub = None
        name = self.spelled(urn, attr)
        if attr.subs and c.chance(0.8):
            sub = c.pick(attr.subs)
            name += "." + self.cased(sub.name)
            if c.odd("filter.wrong_sub", 0.5):
                name = self.spelled(urn, attr) + c.pick((".colour", ".value", ".x", ".$ref", ".value.x"))
        elif c.odd("filter.sub_of_simple", 0.3):
            name += c.pick((".value", ".x", ".type"))
        self.wanted.append((urn, attr, sub))
        return self.compare(name, sub or attr, self.stored(urn, attr, sub), attr)

    def complex_attribute(self, urn: str | None, attr: Attr) -> tuple[str | None, Attr]:
        """Some complex attribute, or else the given one."""
        complexes = [(u, a) for u, a in self.view.all() if a.type == "complex"]
        return self.c.pick(complexes) if complexes else (urn, attr)

    def brackets(self, urn: str | None, attr: Attr, *, then: bool) -> str:
        """`attr[…]`, with `then` also `attr[…].sub op value`."""
        c = self.c
        inner = self.expression(c.pick((0, 0, 1, 1, 2)), (urn, attr))
        blank = c.pick((" ", "\t")) if c.odd("filter.blank_before_bracket", 0.5) else ""
        text = f"{self.spelled(urn, attr)}{blank}[{inner}]"
        self.wanted.append((urn, attr, None))
        if not then:
            return text
        subs = attr.subs or [Attr("value", attr.type)]
        sub = c.pick(subs)
        return self.compare(f"{text}.{self.cased(sub.name)}", sub, self.stored(urn, attr, sub), attr)

    def inner_test(self, urn: str | None, attr: Attr) -> str:
        """A test inside of brackets."""
        c = self.c
        subs = attr.subs or [Attr("value", attr.type)]
        sub = c.pick(subs)
        name = self.cased(sub.name)
        if c.odd("filter.inner_unknown", 0.5):
            name = c.pick(
                (
                    "colour",
                    "value",
                    "x",
                    f"{attr.name}.{sub.name}",
                    f"{self.view.urn}:{sub.name}",
                    "value.x",
                    "primary",
                    "$ref",
                )
            )
        values = self.stored(urn, attr, sub if attr.subs else None)
        self.wanted.append((urn, attr, sub))
        return self.compare(name, sub, values, attr)

    def cased(self, name: str) -> str:
        return self.c.flip_case(name) if self.c.odd("filter.name_case") else name

    def spelled(self, urn: str | None, attr: Attr) -> str:
        """The name of an attribute in any form."""
        c = self.c
        name = self.cased(attr.name)
        if urn is None:
            if c.chance(0.06 + c.oddness, "filter.core_urn"):
                return self.prefixed(self.view.urn, name)
            return name
        if c.chance(0.25, "filter.bare_extension"):
            return name
        return self.prefixed(urn, name)

    def prefixed(self, urn: str, name: str) -> str:
        c = self.c
        if c.chance(0.05 + c.oddness, "filter.odd_urn"):
            how = c.number(0, 3)
            if how == 0:
                return f"{urn}.{name}"
            odd = self.odd_urn(urn)
            if odd:
                return f"{odd}{c.pick((':', ':', '.'))}{name}"
        return f"{urn}:{name}"

    def odd_urn(self, urn: str) -> str:
        c = self.c
        if urn in LEGACY and c.chance(0.6):
            return c.pick(LEGACY[urn])
        return c.pick((c.flip_case(urn), urn + "x", urn.rpartition(":")[0], urn + ":x", USER_URN, GROUP_URN))

    def values(self, name: str) -> list:
        """The values of an unknown attribute."""
        found = []
        for one in self.documents:
            value = one.get(name.partition(".")[0])
            found.extend(v for v in (value if isinstance(value, list) else [value]) if v is not None)
        return found

    def stored(self, urn: str | None, attr: Attr, sub: Attr | None) -> list:
        """The values that the documents have of an attribute."""
        found = []
        for one in self.documents:
            holder = one if urn is None else one.get(urn)
            if not isinstance(holder, dict) or attr.name not in holder:
                continue
            value = holder[attr.name]
            for item in value if isinstance(value, list) else [value]:
                if sub is not None or isinstance(item, dict):
                    item = item.get(sub.name if sub else "value") if isinstance(item, dict) else item
                if isinstance(item, list):
                    found.extend(item)
                elif item is not None:
                    found.append(item)
        return [value for value in found if not isinstance(value, dict | list)]

    def compare(
        self, name: str, attr: Attr | None, stored: list, owner: Attr | None, operators: tuple = OPERATORS
    ) -> str:
        """A comparison or a presence test."""
        op = self.c.one("filter.operator", operators)
        if attr and op in UNFIT.get(attr.type, ()) and self.c.random() < 0.85:
            op = self.c.pick(("eq", "ne", "pr"))
        text = f"{name}{self.blank()}{self.word(op)}"
        if op == "pr":
            return text
        return f"{text}{self.blank()}{self.literal(attr, stored, op)}"

    def literal(self, attr: Attr | None, stored: list, op: str) -> str:
        """The literal of a comparison."""
        c = self.c
        how = c.one(
            "filter.literal", (("stored", 50), ("near", 18), ("typed", 18), ("null", 4), ("other", 5), ("bare", 5))
        )
        if how == "null":
            return c.pick(("null", "null", "null", "NULL", "Null")) if c.chance(0.5) else "null"
        if how in ("stored", "near", "bare") and stored:
            value = c.pick(stored)
            if attr and attr.type == "dateTime" and isinstance(value, str) and c.chance(0.5, "filter.same_instant"):
                value = literals.same_instant(c, value)
            elif how == "near":
                value = literals.near(c, value)
                if isinstance(value, list):
                    value = value[0] if value else None
            elif op in ("co", "sw", "ew") and isinstance(value, str) and c.chance(0.6):
                half = max(1, len(value) // 2)
                value = {"co": value[1 : half + 1], "sw": value[:half], "ew": value[-half:]}[op]
        elif how == "other":
            value = c.pick((True, False, 0, 5, "a", "", Decimal("1.5"), "true", "True", "5", "{}", "\u0000"))
        else:
            value = literals.of_type(c, attr.type if attr and attr.type != "complex" else "string")
        if how == "bare" and isinstance(value, str):
            return value or "bare"
        return self.written(value)

    def written(self, value: object) -> str:
        """A literal as it may be written."""
        c = self.c
        if isinstance(value, dict | list):
            value = dumps(value)
        if isinstance(value, bool):
            word = "true" if value else "false"
            return c.flip_case(word) if c.odd("filter.literal_case") else word
        if isinstance(value, Decimal | int):
            text = str(value)
            if c.odd("filter.number_form"):
                text = c.pick((text + ".0", text + "e0", text + "E+0", "-" + text, "0" + text, text + "0", "+" + text))
            return text
        if value is None:
            return "null"
        if c.chance(0.12 + c.oddness * 2, "filter.escapes"):
            share = c.pick((0.3, 1.0))
            return '"' + "".join(_escaped(c, ch) if c.random() < share else _raw(ch) for ch in value) + '"'
        if c.odd("filter.bad_escape", 0.5):
            return f'"{"".join(_raw(ch) for ch in value)}{c.pick(BAD_ESCAPES)}"'
        if c.chance(0.1, "filter.raw_unicode") or (c.chance(0.8) and not value.isascii()):
            return '"' + "".join(_raw(ch) for ch in value) + '"'
        return dumps(value)

    def target(self) -> dict:
        """A small document with the attributes that the filter names."""
        made: dict = {}
        for urn, attr, _ in self.wanted:
            holder = made if urn is None else made.setdefault(urn, {})
            if attr.name not in holder and self.c.chance(0.8):
                source = self.c.take(self.documents)
                source = source if urn is None else source.get(urn)
                if attr.type == "complex" and self.c.chance(0.1, "document.hollow"):
                    holder[attr.name] = self.hollow(attr)
                elif isinstance(source, dict) and attr.name in source and self.c.chance(0.5):
                    holder[attr.name] = source[attr.name]
                else:
                    holder[attr.name] = any_value(self.c, attr)
        return made

    def hollow(self, attr: Attr) -> object:
        """A value of a complex attribute that says little or nothing, or nothing but a secret."""
        c = self.c
        sub = c.pick(attr.subs).name if attr.subs else "x"
        one = {sub: c.pick((None, "", [], {}, [None], "a", False))}
        return c.pick((None, [], {}, [{}], [None], [[]], "", one, [one], [{}, one], [None, one]))


def _raw(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character >= " " else f"\\u{ord(character):04x}"


def _escaped(c: Chooser, character: str) -> str:
    """A character as an escape, with hex digits in either case."""
    if character in SHORT_ESCAPES and c.chance(0.5):
        return SHORT_ESCAPES[character]
    units = [ord(character)]
    if units[0] > 0xFFFF:
        high, low = divmod(units[0] - 0x10000, 0x400)
        units = [0xD800 + high, 0xDC00 + low]
    return "".join(f"\\u{unit:04X}" if c.chance(0.5) else f"\\u{unit:04x}" for unit in units)
