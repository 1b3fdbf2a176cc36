"""Bodies of requests as JSON: names given twice (F14), and limits of numbers and texts (R4)."""

import json
from collections.abc import Iterable
from decimal import Decimal

from .errors import Refused
from .options import Options
from .paths import lower

DIGITS = 4300


def read_json(text: str) -> object:
    """F14, D28: JSON text of a request; a name given twice in one object is invalidSyntax, bad text ValueError."""
    return json.loads(
        text.removeprefix("\ufeff"),
        parse_float=Decimal,
        parse_int=_whole,
        parse_constant=_constant,
        object_pairs_hook=_object,
    )


def _whole(digits: str) -> int:
    if len(digits.removeprefix("-")) > DIGITS:
        raise Refused("invalidValue", "a number with too many digits")
    return int(digits)


def _constant(name: str):
    raise ValueError(f"{name} is not JSON")


def _object(pairs: Iterable[tuple[str, object]]) -> dict:
    found: dict = {}
    for name, value in pairs:
        if name in found:
            raise Refused("invalidSyntax", f"{name!r} twice")
        found[name] = value
    return found


def body_of(body: object) -> dict:
    """F14, F18, D28: The body as an object, from JSON text or as it is; its names and numbers are checked."""
    if isinstance(body, str):
        try:
            body = read_json(body)
        except ValueError as error:
            raise Refused("invalidSyntax", f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refused("invalidSyntax", "the body is not an object")
    check_names(body)
    return _plain_numbers(body)


def _plain_numbers(value: object) -> object:
    """P13: A number that is written without fraction and exponent is an integer, whatever holds it."""
    if isinstance(value, dict):
        return {name: _plain_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(inner) for inner in value]
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:
        return int(value)
    return value


def check_names(members: dict, path: str = "") -> None:
    """F14: An object that is read names no member twice, in any case."""
    seen: set[str] = set()
    for name in members:
        if lower(name) in seen:
            raise Refused("invalidSyntax", f"{name!r} twice", path=path)
        seen.add(lower(name))


def check_number(value: int | Decimal, path: str) -> None:
    """R4: At most 4,300 digits, exponents counted: those that are written, and the exponent."""
    if isinstance(value, int):
        if value.bit_length() > 14300 or abs(value) >= 10**DIGITS:
            raise Refused("invalidValue", "a number with too many digits", path=path)
        return
    _, digits, exponent = value.as_tuple()
    if len(digits) + abs(exponent) > DIGITS:
        raise Refused("invalidValue", "a number with too many digits", path=path)


def check_text(text: str, path: str, options: Options, max_length: int | None = None) -> None:
    """R4: No U+0000; not longer than the host's limit; not more characters than the attribute may have."""
    if "\0" in text:
        raise Refused("invalidValue", "U+0000 in a text", path=path)
    limit = options.limits["text_bytes"]
    if len(text) > limit or (len(text) * 4 > limit and len(text.encode("utf-8", "surrogatepass")) > limit):
        raise Refused("invalidValue", "a text longer than the limit", path=path)
    if max_length is not None and len(text) > max_length:
        raise Refused("invalidValue", f"a text of more than {max_length} characters", path=path)


def check_kept(name: str | None, value: object, path: str, options: Options) -> None:
    """R4, P16: Names and texts of kept members are checked, too."""
    if name is not None:
        check_text(name, path, options)
    if isinstance(value, str):
        check_text(value, path, options)
    elif isinstance(value, int | Decimal):
        check_number(value, path)
    elif isinstance(value, list):
        for inner in value:
            check_kept(None, inner, path, options)
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_kept(key, inner, path, options)


def is_blank(text: object) -> bool:
    """R1: Empty, or White_Space alone (Unicode's property; `isspace` also has U+001C to U+001F)."""
    return isinstance(text, str) and all(c.isspace() and not "\x1c" <= c <= "\x1f" for c in text)


def same_json(one: object, other: object) -> bool:
    """F14: Whether two JSON values are equal; numbers by value, a boolean is not a number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(inner, other[name]) for name, inner in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return (type(one) in (int, Decimal) and type(other) in (int, Decimal) and one == other) or (
        type(one) is type(other) and one == other
    )
