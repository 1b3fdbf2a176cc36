"""P3, T6, F12, D14: What the path of an operation, or a key that is a path, means."""

from dataclasses import dataclass

from .attributes import Attribute
from .errors import Refused
from .filter_parser import parse_inside
from .filter_tree import operators
from .filters import Selection, compile_brackets
from .options import Options
from .paths import PatchPath, Path, PathError, behind, is_urn, lower, split_name, split_patch
from .request import Request
from .schema import ANY, Resolved
from .store import Place
from .values import is_manager_id

BLANKS = " \t\r\n"


@dataclass(frozen=True)
class Target:
    """What a path means; without an attribute it is a whole schema."""

    resolved: Resolved
    selection: Selection | None = None
    sub: Attribute | None = None
    kinds: tuple[tuple[str, str], ...] = ()  # repairs of the reading beside those of `resolved` and `selection`

    @property
    def attribute(self) -> Attribute | None:
        return self.resolved.attribute

    @property
    def place(self) -> Place:
        return Place(self.resolved.urn, self.resolved.attribute)

    @property
    def path(self) -> str:
        """The canonical path of the attribute, or of its sub-attribute."""
        whole = self.resolved.path if self.attribute is None else self.place.path
        return f"{whole}.{self.sub.name}" if self.sub else whole

    def report(self, request: Request) -> None:
        """T3, T6, D14: Reports how the path was read."""
        for path, kind in self.kinds:
            request.report(path, kind)
        request.report_all(self.resolved)
        for path, kind in self.selection.repairs if self.selection else ():
            request.report(path, kind)


class Unknown(Exception):
    """A path whose text is good and whose attribute the resource type does not have."""

    def __init__(self, text: str, brackets: bool = False):
        super().__init__(text)
        self.brackets = brackets


class HiddenList(Refused):
    """P12a: A sub-attribute of every element of a secret list."""


def bad(text: str, why: str) -> Refused:
    return Refused("invalidPath", f"{text!r}: {why}", path=text)


def check_path(text: str, options: Options) -> None:
    """P2, P3, T10: Bad text is invalidPath, and invalidFilter in the brackets, whatever the resource type.

    D17: In strict mode blanks before the brackets are bad text.
    """
    text = text.strip(BLANKS)
    try:
        parts = split_patch(text, loose_blanks=options.allows("loose_blanks"))
        if parts.path != parts.path.rstrip(BLANKS):
            raise PathError("a blank before the bracket")
        if ":" not in parts.path:
            split_name(parts.path)
        elif not is_urn(parts.path):
            raise PathError("neither an attribute nor a URN")
        if parts.brackets is not None:
            parse_inside(parts.brackets, ANY, options)
        _ = parts.sub
    except PathError as error:
        raise bad(text, str(error)) from error
    except Refused as error:
        error.path = text
        raise


def read_target(request: Request, text: str, urn: str | None = None) -> Target:
    """P3: The meaning of a path; Unknown if the resource type has no such attribute.

    With a URN the text is a key in the object of that extension (P11).
    """
    text = text.strip(BLANKS)
    try:
        parts = split_patch(text, loose_blanks=False)
        behind_brackets = parts.sub
    except PathError as error:
        raise bad(text, str(error)) from error
    kinds = []
    name = parts.path
    if parts.brackets is not None and name != name.rstrip(BLANKS):
        if not request.allows("loose_blanks"):
            raise bad(text, "a blank before the bracket")
        name = name.rstrip(BLANKS)
        kinds.append("loose_blanks")
    resolved = _resolved(request, name, text) if urn is None else _inside(request, urn, name, text)
    if resolved is None:
        raise Unknown(text, parts.brackets is not None)
    resolved, manager_id = resolved
    attribute, place_path = resolved.attribute, _attribute_path(resolved)
    read = [(place_path, kind) for kind in kinds]
    if manager_id:
        read.append((resolved.path, "manager_id"))
    if parts.brackets is None:
        if resolved.sub and attribute.secret and attribute.multi_valued:
            raise HiddenList("invalidPath", f"{text!r}: a sub-attribute of a hidden list", path=text)
        return Target(resolved, None, resolved.sub, tuple(read))
    if attribute is None or resolved.sub is not None:
        raise bad(text, "brackets are for attributes")
    _profile(request, attribute, parts, text)
    selection = compile_brackets(parts.brackets, attribute, place_path, request.kind, request.options)
    sub = None
    if behind_brackets is not None:
        sub = attribute.sub(behind_brackets)
        if sub is None and is_manager_id(attribute, behind_brackets):
            sub = attribute.sub("value")
            read.append(_manager_id(request, f"{place_path}.value", text))
        if sub is None:
            raise Unknown(text, True)
    return Target(resolved, selection, sub, tuple(read))


def _attribute_path(resolved: Resolved) -> str:
    return Place(resolved.urn, resolved.attribute).path if resolved.attribute else resolved.path


def _resolved(request: Request, name: str, text: str) -> tuple[Resolved, bool] | None:
    """T6, D17: What a name means; what only a switch that is off would have read is invalidPath."""
    kind, options = request.kind, request.options
    try:
        found = kind.find(name, options)
    except PathError as error:
        if kind.refused_by(name, options):
            raise bad(text, "read only by a tolerance that is off") from error
        if not is_urn(name) or any(behind(name, urn, ":") for urn in kind.urns):
            raise bad(text, str(error)) from error
        return None
    if found is not None:
        return found, False
    head, dot, last = name.rpartition(".")
    if dot and lower(last) == "managerid":
        try:
            manager = kind.find(f"{head}.value", options)
        except PathError:
            manager = None
        if manager is not None and manager.sub and is_manager_id(manager.attribute, last):
            _manager_id(request, manager.path, text)
            return manager, True
    if kind.refused_by(name, options):
        raise bad(text, "read only by a tolerance that is off")
    return None


def _inside(request: Request, urn: str, name: str, text: str) -> tuple[Resolved, bool] | None:
    """P11: What a name means in the object of an extension."""
    kind, options = request.kind, request.options
    try:
        attribute, sub = split_name(name)
    except PathError as error:
        raise bad(text, str(error)) from error
    found = kind.find(Path(urn, attribute, sub), options)
    if found is None and sub is not None:
        holder = kind.find(Path(urn, attribute), options)
        if holder is not None and is_manager_id(holder.attribute, sub):
            found = kind.find(Path(urn, attribute, "value"), options)
            _manager_id(request, found.path, text)
            return found, True
    return None if found is None else (found, False)


def is_known(request: Request, text: str, urn: str | None = None) -> bool:
    """P16: Whether a schema (with a URN: that extension) knows the attribute with brackets, and what is behind them."""
    try:
        parts = split_patch(text)
        path = parts.path if urn is None else Path(urn, *split_name(parts.path))
        found = request.kind.find(path, request.options)
        if found is None or parts.sub is None:
            return found is not None
    except PathError:
        return False
    attribute = found.attribute
    return attribute is not None and (
        attribute.sub(parts.sub) is not None or (is_manager_id(attribute, parts.sub) and request.allows("manager_id"))
    )


def _manager_id(request: Request, path: str, text: str) -> tuple[str, str]:
    if not request.allows("manager_id"):
        raise bad(text, "managerId is read only by a tolerance that is off")
    return path, "manager_id"


def _profile(request: Request, attribute: Attribute, parts: PatchPath, text: str) -> None:
    """X1: What the profile allows in brackets, before they are compiled."""
    if request.profile("sub_attribute_required") and attribute.is_complex and parts.sub is None:
        raise bad(text, "brackets need a sub-attribute after them")
    may_stand = (attribute.is_complex or attribute.multi_valued) and not attribute.secret
    if request.profile("only_eq_and") and may_stand:
        tree, _ = parse_inside(parts.brackets, request.kind, request.options)
        if not operators(tree) <= {"eq", "and"}:
            raise Refused("invalidSyntax", f"{text!r}: only eq and and", path=text)


def is_path_text(key: str) -> bool:
    """R1, P11: Whether a key is more than the name of an attribute."""
    return any(mark in key for mark in ".:[")
