"""P11, R1, F14, D23: The members of a value without a path, of a POST and of a PUT: each is an operation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .attributes import Attribute
from .bodies import check_names, is_blank, same_json
from .errors import Refused
from .filter_tree import canonical
from .paths import lower
from .request import Request
from .targets import HiddenList, Target, Unknown, bad, check_path, is_known, is_path_text, read_target
from .values import is_manager_id, looks_like_json, only_one, unpack


@dataclass(frozen=True)
class Member:
    """One key with its value; without a target nobody knows it."""

    key: str
    raw: object
    target: Target | None
    is_path: bool = False
    unpacked: bool = False
    path: str = ""  # of an unknown member, as it is reported
    error: Refused | None = None  # what is wrong with the key
    urn: str | None = None  # of the extension in whose object it is

    @property
    def within(self) -> bool:
        """F14: Whether the key is a path with a sub-attribute or with brackets."""
        if self.target is None:
            return self.error is not None
        return self.target.sub is not None or self.target.selection is not None


def read_members(request: Request, value: dict, check: Callable[[Member], None] | None = None) -> list[Member]:
    """F14: Every key is resolved first; whole attributes come first, keys that are paths within them after them."""
    found = []
    for member in _members(request, value, None):
        if check is not None:
            check(member)
        found.append(member)
    _refuse_conflicts(request, found)
    return sorted(found, key=lambda member: member.within)


def _members(request: Request, value: dict, urn: str | None) -> Iterator[Member]:
    check_names(value)
    for key, raw in value.items():
        path = key if urn is None else f"{urn}:{key}"
        try:
            target = _target(request, key, None if ":" in key.partition("[")[0] else urn)
        except Refused as error:
            error = _of_key(request, key, error)
            if not request.in_patch:
                raise error from None
            yield Member(key, raw, None, True, request.unpacked, path, error)
            continue
        if target is None or (target.attribute is None and not _holds_members(target, urn, raw)):
            yield Member(key, raw, None, path=path, unpacked=request.unpacked, urn=urn)
        elif target.attribute is None:
            yield from _schema_members(request, target, key, raw)
        else:
            yield Member(key, raw, target, is_path_text(key), request.unpacked)


def _of_key(request: Request, key: str, error: Refused) -> Refused:
    """D23, D24: In a PATCH a key with brackets is judged as a path is; any other is a name that is refused."""
    if request.in_patch and "[" in key:
        return error
    return Refused(request.name_code, error.detail, path=error.path)


def _holds_members(target: Target, urn: str | None, raw: object) -> bool:
    """P11: Whether a URN as a key holds attributes: only at the top, and that of the core schema only an object."""
    if urn is not None or target.resolved.extension:
        return urn is None
    return isinstance(raw, dict) or (looks_like_json(raw) and raw.lstrip(" \t\r\n").startswith("{"))


def _target(request: Request, key: str, urn: str | None) -> Target | None:
    """D23, P16: The meaning of a key (with a URN: in the object of that extension); a bad text is an unknown member."""
    text = key if urn is None else f"{urn}:{key}"
    if key != key.strip(" \t\r\n"):
        return None
    if "[" in key:
        check_path(key, request.options)
        if not request.in_patch:
            if not is_known(request, key, urn):
                raise bad(text, "brackets, and nobody knows the attribute")
            return None
    try:
        return read_target(request, key, urn)
    except Unknown as unknown:
        if unknown.brackets:
            if request.profile("unknown_refused"):
                raise Refused("invalidSyntax", f"{text} is unknown", path=text) from None
            raise bad(text, "brackets, and nobody knows the attribute") from None  # P16
        return None
    except HiddenList:
        if not request.in_patch:
            raise  # R1: as that of any list
        return None
    except Refused:
        if "[" in key or (urn is None and request.kind.refused_by(key, request.options)) or _reads_manager_id(text):
            raise
        return None


def _reads_manager_id(text: str) -> bool:
    return lower(text).endswith(".managerid")


def _schema_members(request: Request, target: Target, key: str, raw: object) -> Iterator[Member]:
    """P11: An object of a whole schema: its members are those of the resource, or of the extension."""
    before = request.unpacked
    resolved = target.resolved
    target.report(request)
    try:
        if looks_like_json(raw):
            raw = unpack(request, raw, resolved.path)
            request.unpacked = True
        if isinstance(raw, list) and len(raw) == 1 and isinstance(raw[0], dict) and resolved.extension:
            raw = only_one(request, raw, resolved.path)
        if not isinstance(raw, dict) and (raw is not None or not resolved.extension):
            raise Refused("invalidValue", "an object is due", path=resolved.path)
        if not resolved.extension:
            yield from _members(request, raw, None)
        elif raw is None:
            yield Member(key, None, target, unpacked=request.unpacked)
        else:
            yield from _members(request, raw, resolved.urn)
    finally:
        request.unpacked = before


def _refuse_conflicts(request: Request, members: list[Member]) -> None:
    """F14: Two keys that reach one attribute by different spellings with different values are invalidSyntax.

    A name given twice inside one value is found with that value (R1).
    """
    seen: dict[tuple, object] = {}
    whole: dict[str, object] = {}
    for member in members:
        if (target := member.target) is not None and target.attribute and not target.selection and not target.sub:
            path = target.place.path
            if path in whole and not same_json(whole[path], member.raw):
                raise Refused("invalidSyntax", f"{member.key} is given twice with different values", path=member.key)
            whole[path] = member.raw
        leaves = dict(_leaves(request, member))
        for leaf, raw in leaves.items():
            if leaf in seen and not same_json(seen[leaf], raw):
                raise Refused("invalidSyntax", f"{member.key} is given twice with different values", path=member.key)
        seen.update(leaves)


def _leaves(request: Request, member: Member) -> Iterator[tuple[tuple, object]]:
    """The attributes and sub-attributes that a key reaches, with what it says of them."""
    target = member.target
    if target is None or target.attribute is None:
        return
    attribute = target.attribute
    where = (target.place.path, canonical(target.selection.tree) if target.selection else None)
    if target.sub is not None:
        yield (*where, target.sub.name), member.raw
    elif target.selection is None and attribute.is_complex and not attribute.multi_valued:
        yield from (((*where, name), raw) for name, raw in _sub_leaves(request, attribute, member.raw))
    else:
        yield (*where, None), member.raw


def _sub_leaves(request: Request, attribute: Attribute, raw: object) -> Iterator[tuple[str | None, object]]:
    """F14: What an object says of each sub-attribute; `managerId` is a spelling of `value` if it is read (D17)."""
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if isinstance(raw, str) and not looks_like_json(raw) and not is_blank(raw) and attribute.sub("value"):
        yield "value", raw
    elif isinstance(raw, dict):
        for name, inner in raw.items():
            sub = attribute.sub(name)
            if sub is None and request.allows("manager_id") and is_manager_id(attribute, name):
                sub = attribute.sub("value")
            if not _says_nothing(request, inner):
                yield (sub.name if sub else lower(name)), inner
    else:
        yield None, raw


def _says_nothing(request: Request, raw: object) -> bool:
    """F14: `null`, `[]` or a blank, also as a list of one, is in no conflict (without `blank_strings` a blank is)."""
    if isinstance(raw, list) and len(raw) == 1:
        return raw[0] is None or (is_blank(raw[0]) and request.allows("blank_strings"))
    return raw in (None, []) or (is_blank(raw) and request.allows("blank_strings"))
