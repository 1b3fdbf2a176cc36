"""How single values compare: folding (F5), userName (F16), instants (F7, D4), numbers (F8), one key for equality."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from .attributes import Attribute

UNICODE_VERSION = unicodedata.unidata_version

Instant = tuple[int, str]

DATE_TIME = re.compile(
    r"(-?(?:[1-9][0-9]{3,}|0[0-9]{3}))-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))?"
)
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class _Table(dict):
    """A mapping for `str.translate` that is computed character by character."""

    def __init__(self, mapping):
        super().__init__()
        self._mapping = mapping

    def __missing__(self, code: int) -> str:
        self[code] = result = self._mapping(chr(code))
        return result


def fold_character(character: str) -> str:
    """F5: Unicode simple case folding of one character: the statuses C and S of CaseFolding.txt.

    `casefold` knows C and F. Where F has several characters, S (if there is one) is the lower case.
    """
    full = character.casefold()
    if len(full) == 1:
        return full
    simple = character.lower()
    return simple if len(simple) == 1 else character


def _narrow_or_wide(character: str) -> str:
    """F16: The `<wide>` and `<narrow>` decompositions only."""
    tag, _, codes = unicodedata.decomposition(character).partition(" ")
    if tag in ("<wide>", "<narrow>"):
        return "".join(chr(int(code, 16)) for code in codes.split())
    return character


_FOLDED = _Table(fold_character)
_WIDTHS = _Table(_narrow_or_wide)


def fold(text: str) -> str:
    """F5: The text in Unicode simple case folding; no locale, no normalisation."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def user_name_key(text: str, case_exact: bool = False) -> str:
    """F16: The key by which a userName is compared, sorted and identified (its Unicode: `UNICODE_VERSION`)."""
    if text.isascii():
        return text if case_exact else text.lower()
    decomposed = unicodedata.normalize("NFD", text.translate(_WIDTHS))
    return unicodedata.normalize("NFC", decomposed if case_exact else fold(decomposed))


def text_key(attribute: Attribute | None, text: str) -> str:
    """F5, D8, F16: What a text compares by, for equality, order and search; None is an unknown attribute."""
    if attribute is None:
        return fold(text)
    if attribute.prepared:
        return user_name_key(text, attribute.case_exact)
    return text if attribute.case_exact or attribute.type == "binary" else fold(text)


def is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


@lru_cache(maxsize=4096)
def instant(text: str) -> Instant | None:
    """F7, D4: The moment that an xsd:dateTime names, or None; without a zone it is UTC.

    The moment is (seconds, digits of the fraction without trailing zeros); such pairs compare exactly.
    """
    match = DATE_TIME.fullmatch(text)
    if match is None or len(match[1]) > 4000:
        return None
    year, month, day, hour, minute, second = (int(match[index]) for index in range(1, 7))
    fraction = (match[7] or "").rstrip("0")
    if not 1 <= month <= 12 or not 1 <= day <= _days_in(year, month) or minute > 59 or second > 59 or hour > 24:
        return None
    if hour == 24 and (minute or second or fraction):
        return None
    offset = 0
    if match[9]:
        hours, minutes = int(match[10]), int(match[11])
        if minutes > 59 or hours * 60 + minutes > 14 * 60:
            return None
        offset = (hours * 60 + minutes) * (60 if match[9] == "+" else -60)
    return (_day_number(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset, fraction)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days_in(year: int, month: int) -> int:
    return MONTH_DAYS[month - 1] + (month == 2 and _is_leap(year))


def _day_number(year: int, month: int, day: int) -> int:
    """Days since the first of January of the year 0 (proleptic Gregorian calendar, with a year 0)."""
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400
    return year * 365 + leaps + sum(_days_in(year, earlier) for earlier in range(1, month)) + day - 1


def equality_key(attribute: Attribute | None, value: object):
    """P5: A hashable key: two values are the same to the attribute if and only if their keys are equal."""
    if isinstance(value, str):
        if attribute is not None and attribute.type == "dateTime":
            moment = instant(value)
            return ("text", value) if moment is None else ("instant", moment)
        return ("text", text_key(attribute, value))
    if isinstance(value, bool):
        return ("boolean", value)
    if is_number(value):
        return ("number", value)
    if isinstance(value, dict):
        subs = attribute.subs if attribute is not None else {}
        names = ((name.lower() if name.isascii() else name, inner) for name, inner in value.items())
        return ("object", frozenset((name, equality_key(subs.get(name), inner)) for name, inner in names))
    if isinstance(value, list | tuple):
        return ("list", tuple(equality_key(attribute, inner) for inner in value))
    return ("nothing",)
