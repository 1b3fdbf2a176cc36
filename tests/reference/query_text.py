"""The text of a query string, read into parameters (L2, Q1-Q5)."""

import re

from .errors import Refused
from .paths import BLANKS, lower

PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
NUMBER = re.compile(r"[+-]?[0-9]+")
LISTS = ("attributes", "excludedAttributes")
NAME_SHOWN = 100
WHITE_SPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
BLANK = " "
KNOWN = ("filter", "sortBy", "sortOrder", "startIndex", "count", "attributes", "excludedAttributes", "cursor")


def parameters(query: str, known: tuple[str, ...]) -> tuple[dict[str, list[str]], list[str]]:
    """Q1-Q3: The values of the known parameters, by name, and the names of the others."""
    by_lower = {lower(name): name for name in known}
    values: dict[str, list[str]] = {}
    ignored: list[str] = []
    for part in query.removeprefix("?").split("&"):
        if not part:
            continue
        raw_name, _, raw = part.partition("=")
        sent = decode(raw_name.replace("+", " "))
        name = by_lower.get(lower(sent))
        if name is None:
            sent = sent[:NAME_SHOWN]
            if sent not in ignored:
                ignored.append(sent)
            continue
        value = decode_filter(raw) if name == "filter" else decode(raw.replace("+", " "))
        if name == "filter" and not value.strip(WHITE_SPACE):
            raise Refused("invalidFilter", "an empty filter; leave it out to list all")
        given = values.setdefault(name, [])
        given.append(value)
        one_value(name, given)
    return values, ignored


def trimmed(name: str, value: str) -> str:
    """Q1: Blanks around a value mean nothing, but a value of blanks alone is not empty (Q4)."""
    if name in ("filter", "cursor", *LISTS) or not value:
        return value
    return value.strip(WHITE_SPACE) or BLANK


def decode(raw: str) -> str:
    """Q1: A text that is not validly encoded is invalidSyntax."""
    if PERCENT.search(raw):
        raise Refused("invalidSyntax", f"{raw!r} has a % without two hexadecimal digits")
    try:
        pieces = re.split(r"((?:%[0-9A-Fa-f]{2})+)", raw)
        text = "".join(
            bytes.fromhex(piece.replace("%", "")).decode("utf-8") if index % 2 else piece
            for index, piece in enumerate(pieces)
        )
        text.encode("utf-8")
    except UnicodeError:
        raise Refused("invalidSyntax", f"{raw!r} is not UTF-8") from None
    return text


def decode_filter(raw: str) -> str:
    """L2: A plus in a quoted text is a plus if no blank between the tokens is written as one."""
    pieces = [decode(piece) for piece in raw.split("+")]
    quoted = False
    inside: list[bool] = []  # for every plus: whether it is in a quoted text
    for piece in pieces[:-1]:
        quoted = _quoted_after(piece, quoted)
        inside.append(quoted)
    between = any(
        not is_inside and "".join(pieces[: index + 1]).strip(BLANKS) and "".join(pieces[index + 1 :]).strip(BLANKS)
        for index, is_inside in enumerate(inside)
    )
    text = pieces[0]
    for is_inside, piece in zip(inside, pieces[1:], strict=True):
        text += ("+" if is_inside and not between else " ") + piece
    return text


def _quoted_after(piece: str, quoted: bool) -> bool:
    """Whether the end of the piece is in a quoted text, if its begin is (or is not)."""
    escaped = False
    for character in piece:
        if quoted and escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
    return quoted


def one_value(name: str, values: list[str]) -> str | None:
    """Q4, Q5: A parameter may be given twice with the same value; an empty one is as good as none."""
    if name in LISTS:
        return None
    given = [value for value in values if value or name in ("filter", "cursor")]
    if len({_number_or_text(name, value) for value in given}) > 1:
        raise Refused("invalidSyntax", f"{name} is given twice, with different values")
    return trimmed(name, given[0]) if given else None


def _number_or_text(name: str, value: str) -> str:
    """Q5: Numbers are compared by value, texts as they were sent."""
    text = value.strip(WHITE_SPACE)
    if name not in ("startIndex", "count") or not NUMBER.fullmatch(text):
        return value
    digits = text.lstrip("+-").lstrip("0") or "0"
    return f"-{digits}" if text[0] == "-" and digits != "0" else digits
