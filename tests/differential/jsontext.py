"""JSON text that keeps every number exactly, and equality of JSON values."""

import json
from decimal import Decimal
from json.encoder import encode_basestring_ascii as _quoted

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def dumps(value: object) -> str:
    """The JSON text of a value that may hold Decimals; names and their order stay as they are."""
    try:
        return _encode(value)
    except TypeError:  # a Decimal
        pass
    out: list[str] = []
    _write(value, out.append)
    return "".join(out)


def _write(value, put) -> None:
    if isinstance(value, str):
        put(_quoted(value))
    elif value is True:
        put("true")
    elif value is False:
        put("false")
    elif value is None:
        put("null")
    elif isinstance(value, int | Decimal):
        put(str(value))
    elif isinstance(value, float):
        put(repr(value))
    elif isinstance(value, dict):
        before = "{"
        for name, member in value.items():
            put(before)
            put(_quoted(name))
            put(":")
            _write(member, put)
            before = ","
        put("}" if value else "{}")
    elif isinstance(value, list | tuple):
        before = "["
        for item in value:
            put(before)
            _write(item, put)
            before = ","
        put("]" if value else "[]")
    else:
        raise TypeError(f"no JSON: {value!r}")


def loads(text: str | bytes) -> object:
    """The value of a JSON text, with Decimals for numbers that are not integers."""
    return json.loads(text, parse_float=Decimal)


def same(left: object, right: object) -> bool:
    """Whether two JSON values are equal; a number by its value, and a float as the nearest one."""
    if isinstance(left, dict):
        return isinstance(right, dict) and left.keys() == right.keys() and all(same(left[n], right[n]) for n in left)
    if isinstance(left, list | tuple):
        return isinstance(right, list | tuple) and len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    if isinstance(left, str) or isinstance(right, str):
        return type(left) is type(right) and left == right
    if isinstance(left, int | float | Decimal) and isinstance(right, int | float | Decimal):
        if isinstance(left, float) or isinstance(right, float):
            return left == right or float(left) == float(right)
        return left == right
    return False


def same_spelling(left: object, right: object) -> bool:
    """Whether two equal values have integers in the same places (`1` and `1.0` are equal, but spelt differently)."""
    if isinstance(left, dict):
        return all(same_spelling(left[name], right[name]) for name in left)
    if isinstance(left, list | tuple):
        return all(map(same_spelling, left, right))
    return isinstance(left, int) == isinstance(right, int)
