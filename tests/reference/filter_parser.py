"""The text of a filter, read into a tree (T1-T5, T7-T11)."""

import json
import re
from decimal import Decimal, InvalidOperation

from .errors import Refused
from .filter_tree import WORD, And, Brackets, Compare, Literal, Node, Not, Or, Present, join, quote
from .options import Options
from .paths import ATTRIBUTE_AND_SUB, BLANKS, PathError, is_name
from .schema import Kind

OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
RUN = re.compile(r'[^ \t\r\n()\[\]"]*')
BLANK_RUN = re.compile(r"[ \t\r\n]*")
STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
WORDS = {"true": True, "false": False, "null": None}


def parse_filter(text: str, kind: Kind, options: Options) -> tuple[Node, frozenset[str]]:
    """T1-T11: The tree of a filter, and the switches of the tolerance by which its tokens were read."""
    return _Parser(text, kind, options, inside=False).whole()


def parse_inside(text: str, kind: Kind, options: Options) -> tuple[Node, frozenset[str]]:
    """P3: The same for the content of the brackets of a PATCH path."""
    return _Parser(text, kind, options, inside=True).whole()


def read_literal(token: str, options: Options) -> Literal | None:
    """T1, T9: What an unquoted token says; None if it says nothing."""
    bare = options.allows("bare_words")
    source = token if bare else None
    if number := NUMBER.fullmatch(token):
        return Literal(_number(token, whole=not (number[1] or number[2])), token, source=source)
    word = token.lower() if token.isascii() else token
    if token in WORDS or (word in WORDS and options.allows("literal_case")):
        loose = None if token in WORDS else "literal_case"
        if source is None or word == "null":
            return Literal(WORDS[word], word, loose=loose)
        return Literal(WORDS[word], token, loose=loose, source=source)
    return Literal(WORD, token, source=source) if bare and not token.startswith(("'", "`")) else None


def _number(token: str, whole: bool):
    """F8: The exact value."""
    try:
        return int(token) if whole and len(token) < 4000 else Decimal(token)
    except InvalidOperation:
        raise Refused("invalidFilter", "a number is too large") from None


def read_string(token: str) -> Literal | None:
    """T4: What a JSON string says; None if it has a lone surrogate."""
    value = json.loads(token)
    if any("\ud800" <= character <= "\udfff" for character in value):
        return None
    return quote(value)


class _Parser:
    def __init__(self, text: str, kind: Kind, options: Options, inside: bool):
        self.text = text
        self.kind = kind
        self.options = options
        self.at = 0
        self.end = len(text)
        self.inside = inside
        self.depth = 0
        self.comparisons = 0
        self.loose: set[str] = set()

    def fail(self, message: str):
        """T10: The error names the place."""
        raise Refused("invalidFilter", f"at {self.at}: {message}")

    def whole(self) -> tuple[Node, frozenset[str]]:
        """T11, T3: Leading and trailing blanks are ignored."""
        limit = self.options.limits["filter_bytes"]
        if len(self.text) > limit or len(self.text.encode("utf-8", "surrogatepass")) > limit:
            self.fail(f"a filter has at most {limit} bytes")
        if any("\ud800" <= character <= "\udfff" for character in self.text):
            self.fail("a lone surrogate")
        if self.inside:
            self.blanks()
        else:
            self.end = len(self.text.rstrip(BLANKS))
            self.at = self.end - len(self.text[: self.end].lstrip(BLANKS))
        node = self.either()
        self.blanks()
        if self.at < self.end:
            self.fail("more than a filter")
        return node, frozenset(self.loose)

    def blanks(self, before_bracket: bool = False) -> bool:
        """T3: Passes over blanks between two tokens; strict: one space, and none before `[`."""
        run = BLANK_RUN.match(self.text, self.at, self.end)[0]
        if run and (run != " " or before_bracket):
            if not self.options.allows("loose_blanks"):
                self.fail("one space separates tokens")
            self.loose.add("loose_blanks")
        self.at += len(run)
        return bool(run)

    def peek(self) -> str:
        return self.text[self.at] if self.at < self.end else ""

    def run(self) -> str:
        return RUN.match(self.text, self.at, self.end)[0]

    def keyword(self, word: str) -> bool:
        """T1: Passes over the word, in any case, if it is the next token."""
        mark = self.at
        self.blanks()
        token = self.run()
        if token.isascii() and token.lower() == word:
            self.at += len(token)
            return True
        self.at = mark
        return False

    def either(self) -> Node:
        """T2: `or` binds least."""
        parts = [self.both()]
        while self.keyword("or"):
            self.blanks()
            parts.append(self.both())
        return join(Or, parts)

    def both(self) -> Node:
        parts = [self.single()]
        while self.keyword("and"):
            self.blanks()
            parts.append(self.single())
        return join(And, parts)

    def single(self) -> Node:
        """T2: A group, `not` with its parentheses, or an expression that begins with a name."""
        if self.peek() == "(":
            return self.group("(", ")")
        token, mark = self.run(), self.at
        if token.lower() == "not":
            self.at += len(token)
            self.blanks()
            if self.peek() == "(":
                return Not(self.group("(", ")"))
            self.at = mark
        return self.expression()

    def group(self, opening: str, closing: str) -> Node:
        """T11: What is in parentheses or brackets, one level deeper."""
        self.depth += 1
        if self.depth > self.options.limits["nesting"]:
            self.fail(f"more than {self.options.limits['nesting']} levels")
        self.at += len(opening)
        self.blanks()
        node = self.either()
        self.blanks()
        if self.peek() != closing:
            self.fail(f"{closing!r} is due")
        self.at += 1
        self.depth -= 1
        return node

    def name(self, tail: bool = False) -> str:
        """T5, T6, D9: The path of an attribute; inside brackets no URN, and behind them the name of a sub-attribute."""
        token = self.run()
        if not token:
            self.fail("the name of an attribute is due")
        if self.inside:
            if not (is_name(token) if tail else ATTRIBUTE_AND_SUB.fullmatch(token)):
                self.fail("the name of a sub-attribute is due")
        else:
            try:
                self.kind.read(token, self.options)
            except PathError as error:
                self.fail(str(error))
        self.at += len(token)
        return token

    def expression(self) -> Node:
        path = self.name()
        mark = self.at
        blank = self.blanks(before_bracket=self._bracket_follows())
        if self.peek() == "[":
            return self.value_path(path)
        if not blank:
            self.at = mark
            self.fail("an operator is due")
        return self.comparison(path)

    def _bracket_follows(self) -> bool:
        end = BLANK_RUN.match(self.text, self.at, self.end).end()
        return self.text[end : end + 1] == "["

    def value_path(self, path: str) -> Node:
        """T7: Value filters do not nest. T8, D9: a sub-attribute with a comparison may follow."""
        if self.inside:
            self.fail("value filters do not nest")
        self.inside = True
        inner = self.group("[", "]")
        if self.peek() != ".":
            self.inside = False
            return Brackets(path, inner)
        self.at += 1
        sub = self.name(tail=True)
        self.inside = False
        if not self.blanks():
            self.fail("an operator is due")
        return Brackets(path, inner, self.comparison(sub))

    def comparison(self, path: str) -> Compare | Present:
        self.comparisons += 1
        if self.comparisons > self.options.limits["comparisons"]:
            self.fail(f"more than {self.options.limits['comparisons']} comparisons")
        token = self.run()
        operator = token.lower() if token.isascii() else token
        if operator == "pr":
            self.at += len(token)
            return Present(path)
        if operator not in OPERATORS:
            self.fail(f"{token!r} is not an operator")
        self.at += len(token)
        blank = self.blanks()
        if self.peek() != '"' and not blank:
            self.fail("a value is due")
        return Compare(path, operator, self.literal())

    def literal(self) -> Literal:
        if self.peek() == '"':
            match = STRING.match(self.text, self.at, self.end)
            literal = read_string(match[0]) if match else None
            if literal is None:
                self.fail("a string that is not JSON")
            self.at = match.end()
            return literal
        token = self.run()
        literal = read_literal(token, self.options) if token else None
        if literal is None:
            self.fail(f"{token!r} is not a value")
        self.at += len(token)
        return literal
