"""P13, R1, R4, R5: What a client sends for an attribute, checked and repaired by the schema.

Nothing here knows what is stored. What the client may not set is put aside (`Given.read_only`) for the caller to judge.
"""

import re
from decimal import Decimal

from .attributes import Attribute
from .bodies import check_kept, check_names, check_number, check_text, is_blank, read_json, same_json
from .documents import assigned
from .equality import equality_key, instant
from .errors import Refused
from .identity import unique
from .paths import lower
from .request import Request
from .texts import in_utc, is_base64, is_loose_base64, is_uri_reference

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
ABSENT = object()  # R1: a blank text for a secret attribute in a PUT says nothing
NOTHING = object()  # an operation of a PATCH without `value`
HOLLOW = frozenset({"type", "primary", "display"})


class Given(dict):
    """What an object says of a complex value: by the schema's names; None is `null`, and lists are lists."""

    def __init__(self, members: dict | None = None):
        super().__init__(members or {})
        self.read_only: dict[str, object] = {}  # raw values of what the client may not set
        self.dropped: set[str] = set()  # "unknown", "blank", "null"
        self.text = False  # it was given as a text for its `value`


class Items(list):
    """The elements that a list says, without those that say nothing."""

    def __init__(self):
        super().__init__()
        self.dropped: set[str] = set()


def read(request: Request, attribute: Attribute, raw: object, where: str, secret: bool = False) -> object:
    """P13: The value of an attribute: `Items`, `Given`, a simple value, None for nothing, or ABSENT."""
    if attribute.multi_valued:
        return read_list(request, attribute, raw, where, secret)
    if attribute.is_complex:
        return read_complex(request, attribute, raw, where, secret=secret)
    return read_simple(request, attribute, raw, where, secret=secret)


def read_sub(request: Request, attribute: Attribute, sub: Attribute, raw: object, where: str, secret: bool) -> object:
    """P13: The value of a sub-attribute; `""` for the `value` of a single reference is one for the reference."""
    refers = attribute.is_reference and not attribute.multi_valued and lower(sub.name) == "value"
    if refers and not sub.multi_valued and not sub.is_complex:
        return read_simple(request, sub, raw, where, secret=secret, refers=True)
    return read(request, sub, raw, where, secret)


def bare(text: str) -> str:
    """P13: A number or a boolean in a string, without the blanks around it."""
    return text.strip()


def _holds_text(attribute: Attribute) -> bool:
    """P13: Whether a whole number stands for the `value` of a complex attribute: a string, or a list of them."""
    sub = attribute.sub("value")
    return sub is not None and sub.type == "string"


def looks_like_json(raw: object) -> bool:
    return isinstance(raw, str) and raw.lstrip(" \t\r\n")[:1] in ("{", "[")


def unpack(request: Request, raw: str, where: str) -> object:
    """P13: JSON text where an object or a list is due; what begins so and is not JSON is never a value."""
    if request.unpacked:
        raise Refused("invalidValue", "JSON text within JSON text", path=where)
    check_text(raw, where, request.options)
    try:
        value = read_json(raw)
    except (ValueError, RecursionError) as error:
        raise Refused("invalidValue", f"the text is not JSON: {error}", path=where) from error
    request.repair("json_strings", where)
    return value


def undouble(request: Request, attribute: Attribute, raw: object, where: str) -> object:
    """D15, P13: The name of the attribute once more inside its value: an object with that one member."""
    if isinstance(raw, dict) and len(raw) == 1 and attribute.sub(attribute.name) is None:
        ((name, inner),) = raw.items()
        if lower(name) == lower(attribute.name):
            request.repair("doubled_paths", where)
            return inner
    return raw


def only_one(request: Request, raw: list, where: str) -> object:
    """P13, P9: A list of one element where a single value is due; an empty list is nothing, and is not reported."""
    if not raw:
        if not request.allows("list_for_single"):
            raise Refused("invalidValue", "an empty list for a single-valued attribute", path=where)
        return None
    if len(raw) > 1:
        raise Refused("invalidValue", "several values for a single-valued attribute", path=where)
    request.repair("list_for_single", where)
    return raw[0]


def check_elements(request: Request, raw: list, where: str) -> None:
    """P5: `null` among the elements of a list is passed over by a tolerance, and is not reported."""
    if None in raw and not request.allows("null_elements"):
        raise Refused("invalidValue", "null is not an element", path=where)


def read_list(request: Request, attribute: Attribute, raw: object, where: str, secret: bool = False) -> Items | object:
    """P13, P5b, P6: The elements of a multi-valued attribute; `null`, `[]` and a blank are an empty list."""
    secret = secret or attribute.secret
    before = request.unpacked
    try:
        if looks_like_json(raw) and (attribute.is_complex or attribute.name == "schemas"):
            raw = unpack(request, raw, where)
            request.unpacked = True
        raw = undouble(request, attribute, raw, where)
        items = Items()
        refers = attribute.is_complex and attribute.is_reference and not attribute.read_only
        if raw is None or (raw == {} and request.naming and not refers):  # P14: it names nothing
            return items
        if is_blank(raw):
            if refers:
                raise Refused("invalidValue", "a reference needs a value", path=where)
            if attribute.required or request.allows("blank_strings"):
                read_blank(request, attribute, raw, where, secret)
                items.dropped.add("blank")
                return ABSENT if secret and request.method == "PUT" else items
        if not isinstance(raw, list):
            request.repair("single_for_list", where)
            raw = [raw]
        check_elements(request, raw, where)
        for item in raw:
            _read_item(request, attribute, item, where, items, refers, secret)
        if not attribute.is_complex and not secret:
            items[:] = unique(attribute, items)
        return items
    finally:
        request.unpacked = before


def _read_item(request, attribute, raw, where, items: Items, refers: bool, secret: bool) -> None:
    """P5b, P6, R1: One element; one that says nothing is left out, but a reference without `value` is an error."""
    if not attribute.is_complex:
        value = read_simple(request, attribute, raw, where, element=True, secret=secret)
        if value is None or value is ABSENT:
            items.dropped.add("blank" if isinstance(raw, str) else "null")
        else:
            items.append(value)
        return
    if refers and is_blank(raw):
        raise Refused("invalidValue", "a reference needs a value", path=where)
    given = read_complex(request, attribute, raw, where, element=True, secret=secret, refers=refers)
    if refers and (given is None or is_blank(given.get("value")) or given.get("value") in (None, [])):
        raise Refused("invalidValue", "a reference needs a value", path=f"{where}.value")
    if given is None or given is ABSENT:
        items.dropped.add("blank" if isinstance(raw, str) else "null")
        return
    items.dropped |= given.dropped
    if request.naming and given.dropped:
        items.append(given)
    elif "hollow" in given.dropped:
        return
    elif any(value is not None and value != [] for value in given.values()) or given.read_only:
        items.append(given)


def read_complex(
    request: Request,
    attribute: Attribute,
    raw: object,
    where: str,
    *,
    element: bool = False,
    chosen: bool = False,
    secret: bool = False,
    refers: bool = False,
) -> Given | object | None:
    """P13: One complex value; None for `null`, `[]` and a blank text. `chosen`: an element that brackets choose."""
    element = element or chosen
    secret = secret or attribute.secret
    before = request.unpacked
    text = within = False
    try:
        if looks_like_json(raw):
            raw = unpack(request, raw, where)
            request.unpacked = True
        doubled, raw = raw, undouble(request, attribute, raw, where)
        doubled = doubled is not raw
        if isinstance(raw, list) and (chosen or not element):
            within = bool(raw)
            raw = only_one(request, raw, where)
        within = within or (element and not chosen)
        if raw is None or (raw == [] and not within):
            return None
        if isinstance(raw, int) and not isinstance(raw, bool) and _holds_text(attribute):
            raw, text = {"value": raw}, True
            request.repair("string_for_complex", where)
        if isinstance(raw, str):
            if looks_like_json(raw):
                raw = unpack(request, raw, where)
                request.unpacked = True
            elif is_blank(raw):
                return read_blank(request, attribute, raw, where, secret)
            else:
                if attribute.sub("value") is None:
                    raise Refused("invalidValue", "an object is due", path=where)
                request.repair("string_for_complex", where)
                raw, text = {"value": raw}, True
        if not isinstance(raw, dict):
            raise Refused("invalidValue", "an object is due", path=where)
        given = _read_members(request, attribute, raw, where, element, secret, refers)
        given.text = text and not doubled  # P13: a text in an object is an object that was given
        return given
    finally:
        request.unpacked = before


def _read_members(request, attribute, raw: dict, where: str, element: bool, secret: bool, refers: bool) -> Given:
    """P12, P13, P16: The members of an object for a complex value."""
    given = Given()
    check_names(raw, where)
    raw = _json_value(request, attribute, raw, where) if element else raw
    said: dict[str, object] = {}
    for name, inner in raw.items():
        sub = attribute.sub(name)
        path = f"{where}.{sub.name if sub else name}"
        if sub is None and is_manager_id(attribute, name):
            sub, path = attribute.sub("value"), f"{where}.value"
            request.repair("manager_id", path, request.name_code)
        if sub is None:
            if request.unknown(f"{where}.{name}"):
                check_kept(name, inner, path, request.options)
                if lower(name) == lower(attribute.name):
                    raise Refused("invalidValue", "the name of the attribute once more beside others", path=where)
                given[name] = inner
            elif request.naming or (assigned(inner) and not is_blank(inner)):
                given.dropped.add("unknown")
            continue
        if sub.name in said and not same_json(said[sub.name], inner):
            raise Refused("invalidSyntax", f"{path} is given twice", path=path)
        said[sub.name] = inner
        if request.naming and (secret or sub.secret):
            raise Refused("invalidPath", "a secret is not compared", path=path)
        if sub.read_only and not request.naming:
            given.read_only[sub.name] = inner
            continue
        if refers and sub.name == "value" and is_blank(inner):
            raise Refused("invalidValue", "a reference needs a value", path=path)
        value = read_sub(request, attribute, sub, inner, path, secret)
        if value is ABSENT:
            continue
        if value is None or value == []:
            given.dropped.add("blank" if is_blank(inner) else "null")
            if element and not sub.multi_valued:
                continue  # P9: `null` counts as absent inside an element of a list
        given[sub.name] = value
    if element and _is_hollow(request, said, given):
        given.dropped.add("hollow")
    return given


def _is_hollow(request: Request, said: dict, given: Given) -> bool:
    """R1: An element whose `value` is blank, and all else it has is `type`, `primary` and `display`."""
    return request.allows("blank_strings") and is_blank(said.get("value")) and given.keys() <= HOLLOW | {"value"}


def is_manager_id(attribute: Attribute, name: str) -> bool:
    """P13: `managerId` of SCIM 1.1 for `manager.value`."""
    return lower(attribute.name) == "manager" and lower(name) == "managerid" and attribute.sub("value") is not None


def _json_value(request: Request, attribute: Attribute, raw: dict, where: str) -> dict:
    """P13: In `roles` alone, the `value` of an element may be the JSON text of an object with a text `value`."""
    if lower(attribute.name) != "roles" or attribute.sub("value") is None:
        return raw
    key = next((name for name in raw if lower(name) == "value"), None)
    if key is None or not looks_like_json(raw[key]) or raw[key].lstrip(" \t\r\n")[:1] != "{":
        return raw
    try:
        role = read_json(raw[key])
    except (ValueError, RecursionError):
        return raw
    check_names(role, where)
    members = {lower(name): inner for name, inner in role.items()}
    if not isinstance(members.get("value"), str):
        return raw
    request.repair("json_values", f"{where}.value")
    read_as = {**raw, key: members["value"]}
    display = members.get("displayname", members.get("display"))
    if isinstance(display, str) and not any(lower(name) == "display" for name in raw) and attribute.sub("display"):
        read_as["display"] = display
    return read_as


def read_blank(request, attribute: Attribute, raw: str, where: str, secret: bool, refers: bool = False) -> object:
    """R1, D17, D27, P12: A text that is empty or White_Space alone; where it is not `null` it is not blank either."""
    if attribute.required and not request.naming:
        raise Refused("invalidValue", "a blank text is not a value for a required attribute", path=where)
    refers = refers or attribute.type == "reference" or (attribute.is_complex and attribute.is_reference)
    if request.allows("blank_strings"):
        request.report(where, "blank_strings")
    elif raw == "" and refers and not attribute.multi_valued and request.allows("empty_references"):
        request.report(where, "empty_references")
    elif attribute.type in ("string", "binary") or (
        attribute.type == "reference" and request.allows("loose_references")
    ):
        return raw  # judged as any other text
    else:
        raise Refused("invalidValue", f"a blank text is no {attribute.type}", path=where)
    if secret and request.in_patch and not request.naming:
        raise Refused("invalidValue", "a blank text for a secret", path=where)
    return ABSENT if secret and request.method == "PUT" else None


def one_value(request: Request, attribute: Attribute, raw: object, where: str) -> object:
    """P13: One value for the elements of a simple list that brackets choose; None for nothing."""
    raw = undouble(request, attribute, raw, where)
    if looks_like_json(raw) and attribute.name == "schemas":
        raw = unpack(request, raw, where)
    if isinstance(raw, list):
        raw = only_one(request, raw, where)
        if raw is None:
            return None
    value = read_simple(request, attribute, raw, where, element=True)
    return None if value is ABSENT else value


def read_simple(
    request: Request,
    attribute: Attribute,
    raw: object,
    where: str,
    *,
    element: bool = False,
    secret: bool = False,
    refers: bool = False,
) -> object:
    """P13: One simple value in the type of its attribute; None for `null`, `[]` and a blank text."""
    secret = secret or attribute.secret
    if not (element and isinstance(raw, dict) and lower(attribute.name) == "value"):  # P13: it is an element
        raw = undouble(request, attribute, raw, where)
    within = element
    if isinstance(raw, list) and not element:
        within = bool(raw)
        raw = only_one(request, raw, where)
        if isinstance(raw, dict):
            raw = next((inner for name, inner in raw.items() if lower(name) == "value"), raw)
    elif element and isinstance(raw, dict):
        if not raw:
            return None  # P6: `[{}]` is `[]`
        if len(raw) == 1 and lower(next(iter(raw))) == "value":
            (raw,) = raw.values()
            request.repair("list_for_single", where)
    if raw is None or (raw == [] and not within):
        return None
    if is_blank(raw):
        value = read_blank(request, attribute, raw, where, secret, refers=refers)
        if not isinstance(value, str):
            return value
    value = CONVERT[attribute.type](request, attribute, raw, where)
    return value if request.naming else _as_wished(request, attribute, value, where)


def _boolean(request: Request, attribute: Attribute, raw: object, where: str) -> bool:
    """P13: `"True"` and `"false"` for booleans."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and lower(bare(raw)) in ("true", "false"):
        request.repair("boolean_strings", where)
        return lower(bare(raw)) == "true"
    raise Refused("invalidValue", "a boolean is due", path=where)  # numbers are none


def _number(request: Request, attribute: Attribute, raw: object, where: str) -> int | Decimal:
    """P13, R5: Digits in a string for a number, and `1.0` for the integer 1."""
    if isinstance(raw, str) and NUMBER.fullmatch(bare(raw)):
        request.repair("number_strings", where)
        raw = bare(raw)
        if sum(c.isdigit() for c in raw) > 4300:
            raise Refused("invalidValue", "a number with too many digits", path=where)
        raw = Decimal(raw) if "." in raw else int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise Refused("invalidValue", f"a number of type {attribute.type} is due", path=where)
    check_number(raw, where)
    if attribute.type == "integer" and isinstance(raw, Decimal):
        if raw != raw.to_integral_value():
            raise Refused("invalidValue", "a whole number is due", path=where)
        request.repair("whole_numbers", where)
        return int(raw)
    return raw


def _string(request: Request, attribute: Attribute, raw: object, where: str) -> str:
    """P13, R4: A text; a whole number without fraction or exponent stands for its digits."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        request.repair("numbers_for_strings", where)
        raw = str(raw)
    return _text(request, attribute, raw, where)


def _text(request: Request, attribute: Attribute, raw: object, where: str) -> str:
    if not isinstance(raw, str):
        raise Refused("invalidValue", f"a text is due ({attribute.type})", path=where)
    check_text(raw, where, request.options, None if request.naming else attribute.max_length)
    return raw


def _reference(request: Request, attribute: Attribute, raw: object, where: str) -> str:
    """R5: Strict mode checks that references are URI references."""
    text = _text(request, attribute, raw, where)
    if not request.naming and not request.allows("loose_references") and not is_uri_reference(text):
        raise Refused("invalidValue", "not a URI reference", path=where)
    return text


def _binary(request: Request, attribute: Attribute, raw: object, where: str) -> str:
    """R5: Strict mode checks that binaries are base64."""
    text = _text(request, attribute, raw, where)
    if not (is_loose_base64(text) if request.allows("loose_base64") else is_base64(text)):
        raise Refused("invalidValue", "not base64", path=where)
    return text


def _date_time(request: Request, attribute: Attribute, raw: object, where: str) -> str:
    """R5: An xsd:dateTime, in UTC if the host asks for it."""
    text = _text(request, attribute, raw, where)
    if instant(text) is None:
        raise Refused("invalidValue", "not an xsd:dateTime", path=where)
    if request.options.utc and not request.naming:
        text = in_utc(text)
        if text is None:
            raise Refused("invalidValue", "a year in UTC that is not 0000 to 9999", path=where)
    return text


def _complex(request: Request, attribute: Attribute, raw: object, where: str):
    raise Refused("invalidValue", "an object is due", path=where)


CONVERT = {
    "boolean": _boolean,
    "integer": _number,
    "decimal": _number,
    "string": _string,
    "reference": _reference,
    "binary": _binary,
    "dateTime": _date_time,
    "complex": _complex,
}


def _as_wished(request: Request, attribute: Attribute, value: object, where: str) -> object:
    """R5: A host may ask that values are among the `canonicalValues` of their attribute."""
    wished = request.options.canonical_values or attribute.canonical_only
    if wished and attribute.canonical_values:
        key = equality_key(attribute, value)
        if all(equality_key(attribute, allowed) != key for allowed in attribute.canonical_values):
            raise Refused("invalidValue", f"not among {list(attribute.canonical_values)}", path=where)
    return value
