"""R5: What a text must look like to be a URI reference, a base64 or a dateTime, and dateTimes in UTC."""

import re

from .equality import DATE_TIME, instant

YEAR_0 = "0000-01-01T00:00:00Z"

_PCT = r"%[0-9A-Fa-f]{2}"
_PCHAR = rf"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|{_PCT})"
_USER = rf"(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|{_PCT})*"
_NAME = rf"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|{_PCT})*"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_H16 = r"[0-9A-Fa-f]{1,4}"
_LS32 = rf"(?:{_H16}:{_H16}|{_OCTET}(?:\.{_OCTET}){{3}})"
_IPV6 = "|".join(
    (
        rf"(?:{_H16}:){{6}}{_LS32}",
        rf"::(?:{_H16}:){{5}}{_LS32}",
        *(rf"(?:(?:{_H16}:){{0,{4 - n}}}{_H16})?::(?:{_H16}:){{{n}}}{_LS32}" for n in range(4, -1, -1)),
        rf"(?:(?:{_H16}:){{0,5}}{_H16})?::{_H16}",
        rf"(?:(?:{_H16}:){{0,6}}{_H16})?::",
    )
)
_LITERAL = rf"\[(?:{_IPV6}|[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\]"
_AUTHORITY = rf"(?:{_USER}@)?(?:{_LITERAL}|{_NAME})(?::[0-9]*)?"
_TAIL = rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?"
_SCHEME = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.\-]*:(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/?(?:{_PCHAR}+(?:/{_PCHAR}*)*)?){_TAIL}", re.ASCII
)
_SEGMENT = rf"(?:[A-Za-z0-9\-._~!$&'()*+,;=@]|{_PCT})+"
_RELATIVE = re.compile(
    rf"(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?|(?:{_SEGMENT}(?:/{_PCHAR}*)*)?){_TAIL}", re.ASCII
)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?", re.ASCII)
_LOOSE_BASE64 = re.compile(r"[A-Za-z0-9+/_\- \r\n]*(?:=[ \r\n]*){0,2}", re.ASCII)


def is_uri_reference(text: str) -> bool:
    """R5: A URI reference of RFC 3986 §4.1."""
    return _SCHEME.fullmatch(text) is not None or _RELATIVE.fullmatch(text) is not None


def is_base64(text: str) -> bool:
    """R5: base64 of RFC 4648 §4, padding optional."""
    return _BASE64.fullmatch(text) is not None


def is_loose_base64(text: str) -> bool:
    """R5, `loose_base64`: both alphabets, blanks and line breaks, any length; at most two `=` at the end."""
    return _LOOSE_BASE64.fullmatch(text) is not None


def in_utc(text: str) -> str | None:
    """R5: An xsd:dateTime with `Z` and its fraction as sent (at most nine digits); None if the year does not fit."""
    seconds, _ = instant(text)
    fraction = (DATE_TIME.fullmatch(text)[7] or "")[:9]
    days, rest = divmod(seconds - instant(YEAR_0)[0], 86400)
    date = _civil(days)
    if date is None:
        return None
    clock = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return f"{date}T{clock}{'.' + fraction if fraction else ''}Z"


def _civil(days: int) -> str | None:
    """The date of a day counted from the first of January of the year 0 (proleptic Gregorian)."""
    if not 0 <= days < 3652425:
        return None
    shifted = days - 60  # from the first of March of the year 0
    era, day_of_era = divmod(shifted, 146097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year = year_of_era + era * 400 + (month <= 2)
    return f"{year:04d}-{month:02d}-{day:02d}"
