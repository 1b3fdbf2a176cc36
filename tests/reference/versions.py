"""Versions of resources (A1, V1): a hash of a canonical JSON text."""

import hashlib
import json

from .documents import document
from .equality import is_number
from .hidden import Place, top
from .paths import lower
from .schema import ANY, Kind

FOLLOWING = frozenset({"version", "lastmodified", "location"})


def version(resource: dict, kind: Kind | None = None) -> str:
    """A1: The first 128 bits, in hexadecimal, of the SHA-256 of the canonical text."""
    text = canonical_text(document(resource), kind)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def canonical_text(resource: dict, kind: Kind | None = None) -> str:
    """A1: The canonical JSON text of a resource, without what follows from the rest and without secrets (V1)."""
    place = top(kind or ANY)
    rest = dict(resource)
    for name in resource:
        if lower(name) == "meta" and isinstance(resource[name], dict):
            rest[name] = {key: value for key, value in resource[name].items() if lower(key) not in FOLLOWING}
    return _object(rest, place) or ""


def _text(value: object, place: Place | None) -> str | None:
    """A1: The text of a value; None if it is unassigned."""
    if value is None:
        return None
    if isinstance(value, dict):
        return _object(value, place)
    if isinstance(value, list):
        texts = sorted(text for inner in value if (text := _text(inner, place)) is not None)
        return f"[{','.join(texts)}]" if texts else None
    if place is not None and place.hides_simple:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return number_text(value)
    return json.dumps(value, ensure_ascii=False)


def _object(holder: dict, place: Place | None) -> str | None:
    """A1: Names in lower case and sorted by code point, then as they are written; V1: without secrets."""
    texts: list[tuple[str, str, str]] = []
    for name, value, inner in (place or Place()).members(holder):
        text = _text(value, inner)
        if text is not None:
            texts.append((lower(name), name, text))
    if not texts:
        return None
    return "{" + ",".join(f"{json.dumps(low, ensure_ascii=False)}:{text}" for low, _, text in sorted(texts)) + "}"


def number_text(value) -> str:
    """A1: A number by value: `0`, `0.15e1` (1.5), `-0.12e2` (-12)."""
    if isinstance(value, int):
        sign, digits, exponent = ("-" if value < 0 else ""), _digits(abs(value)), 0
    else:
        parts = value.as_tuple()
        sign, digits, exponent = ("-" if parts.sign else ""), "".join(map(str, parts.digits)), parts.exponent
    digits = digits.lstrip("0")
    exponent += len(digits)
    digits = digits.rstrip("0")
    return f"{sign}0.{digits}e{exponent}" if digits else "0"


def _digits(value: int) -> str:
    """The decimal digits of a whole number of any size (`str` stops at 4,300)."""
    if value < 10**4000:
        return str(value)
    high, low = divmod(value, 10**4000)
    return _digits(high) + str(low).zfill(4000)
