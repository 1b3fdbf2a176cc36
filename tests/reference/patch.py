"""P1-P19: `patch` applies the operations of a body to a resource, all or nothing."""

from dataclasses import replace

from .apply import Writer
from .bodies import body_of, check_kept
from .changes import Result, result_of
from .complete import check_complete
from .documents import document, member
from .envelope import Operation, read_operations
from .errors import Refused
from .members import Member, read_members
from .options import DEFAULT, Options
from .paths import PathError, is_name, lower
from .request import Request
from .schema import GROUP, USER, Kind
from .store import Place, Store, key_of, with_member
from .targets import Target, Unknown, read_target
from .values import NOTHING, looks_like_json, only_one, unpack


def kind_of(resource: dict, kind: Kind | None) -> Kind:
    """The resource type: the one given, or that which the resource says; User if it says none."""
    if kind is not None:
        return kind
    urns = member(resource, "schemas")
    words = [lower(urn) for urn in urns if isinstance(urn, str)] if isinstance(urns, list) else []
    meta = member(resource, "meta")
    name = member(meta, "resourceType") if isinstance(meta, dict) else None
    return GROUP if lower(GROUP.core.id) in words or (USER.core.id.lower() not in words and name == "Group") else USER


def patch(body: object, resource: object, kind: Kind | None = None, options: Options = DEFAULT) -> Result:
    """P2: Operations apply in order; after an error the resource is exactly as before."""
    resource = document(resource)
    request = Request("PATCH", kind_of(resource, kind), options)
    operations = read_operations(request, body_of(body))
    store = Store(resource, request.kind)
    writer = Writer(request, store)
    one_of_1_1 = ("members", "member_operations") in request.repairs
    for index, operation in enumerate(operations):
        try:
            _apply(request, store, writer, operation, one_of_1_1)
        except Refused as error:
            if error.index is None:
                error.index = index
            raise
    writer.schemas.settle()
    check_complete(request, store)
    return result_of(request, resource, store.finish(request.secrets))


def _apply(request: Request, store: Store, writer: Writer, operation: Operation, one_of_1_1: bool) -> None:
    op, path, value = operation.op, operation.path, operation.value
    if path is None:
        if request.profile("path_required"):
            raise Refused("invalidSyntax", "an operation needs a path")
        if op == "remove":
            raise Refused("noTarget", "remove needs a path")
        without_path(request, store, writer, op, value)
        return
    target = _target(request, path)
    if target is None:
        return
    if op != "remove" and value is NOTHING:
        raise Refused("invalidValue", f"{op} needs a value", path=path)
    if target.attribute is None:
        _whole_schema(request, store, writer, operation, target)
    elif op == "remove" and one_of_1_1:
        _delete_member(request, writer, target, value)
    else:
        writer.operate(op, target, value, in_value=False)


def _target(request: Request, path: str) -> Target | None:
    """P3, X1: An unknown attribute is invalidPath, or the operation is dropped and reported."""
    try:
        return read_target(request, path)
    except Unknown:
        if request.profile("unknown_refused"):
            raise Refused("invalidSyntax", f"{path} is unknown", path=path) from None
        if request.options.unknown_paths == "ignore":
            request.report(path, "unknown_member")
            return None
        raise Refused("invalidPath", f"{path} is unknown", path=path) from None


def without_path(request: Request, store: Store, writer: Writer, op: str, value: object) -> None:
    """P11: Each member of the value is one operation with the key as the path."""
    before = request.unpacked
    try:
        if looks_like_json(value):
            value = unpack(request, value, "")
            request.unpacked = True
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
            value = only_one(request, value, "")
        if not isinstance(value, dict):
            raise Refused("invalidValue", "without a path, the value is an object")
        for one in read_members(request, value):
            apply_member(request, store, writer, op, one)
    finally:
        request.unpacked = before


def apply_member(request: Request, store: Store, writer: Writer, op: str, one: Member) -> None:
    """P11, P16: One member of a value without a path."""
    if one.error is not None:
        raise one.error
    before = request.unpacked
    request.unpacked = one.unpacked
    try:
        if one.target is None:
            keep_unknown(request, store, one)
        else:
            writer.operate(op, one.target, one.raw, in_value=True)
    finally:
        request.unpacked = before


def keep_unknown(request: Request, store: Store, one: Member) -> None:
    """P16: An unknown member is dropped, refused, or kept under the key as sent."""
    if not request.unknown(one.path):
        return
    check_kept(one.key, one.raw, one.path, request.options)
    head, dot, last = one.path.rpartition(".")
    place = _known_holder(request, head) if dot and is_name(last) else None
    if place is not None:
        stored = store.get(place)
        store.put(place, with_member(stored if isinstance(stored, dict) else {}, last, one.raw))
        return
    urn, _, last = one.path.rpartition(":") if one.urn is None else (one.urn, "", one.key)
    schema = request.kind.extension(urn)
    if schema is None:
        store.document = with_member(store.document, one.key, one.raw)
        return
    had = store.has_extension(schema)
    key = key_of(store.document, schema.id)
    holder = store.document.get(key)
    kept = with_member(holder if isinstance(holder, dict) else {}, last, one.raw)
    if kept or key in store.document:
        store.document = {**store.document, key: kept}
    if not had and store.has_extension(schema) and request.in_patch:
        store.slots(Place(None, request.kind.core.attribute("schemas"))).append(schema.id)


def _known_holder(request: Request, text: str) -> Place | None:
    """P16: The single complex attribute that a dotted key is kept in."""
    try:
        found = request.kind.find(text, request.options)
    except PathError:
        return None
    if found is None or found.attribute is None or found.sub is not None:
        return None
    single = found.attribute.is_complex and not found.attribute.multi_valued
    return Place(found.urn, found.attribute) if single else None


def _whole_schema(request: Request, store: Store, writer: Writer, operation: Operation, target: Target) -> None:
    """P3, P7, P15: The URN of an extension alone, or that of the core schema."""
    op, value = operation.op, operation.value
    named = op == "remove" and value is not NOTHING and value is not None
    if named and target.resolved.extension and not request.allows("remove_by_value"):
        raise Refused("invalidSyntax", "remove takes no value", path=operation.path)
    if not target.resolved.extension:
        if request.profile("path_required"):
            raise Refused("invalidSyntax", "the core schema's URN is not a path", path=operation.path)
        if op == "remove":
            raise Refused("invalidPath", "the core schema's URN is not a path of remove", path=operation.path)
        target.report(request)
        request.repair("core_paths", operation.path, "invalidPath")
        without_path(request, store, writer, op, value)
    elif op != "remove":
        for one in read_members(request, {operation.path: value}):
            apply_member(request, store, writer, op, one)
    elif value is NOTHING or value is None:
        writer.operate("remove", target, value, in_value=False)
    else:
        for one in read_members(request, {operation.path: value}):
            if one.target is not None and one.target.attribute is not None:
                writer.operate("remove", one.target, one.raw, in_value=one.target.attribute.read_only)


def _delete_member(request: Request, writer: Writer, target: Target, value: object) -> None:
    """P17: `delete` of a member is reported as a member operation only."""
    there = (target.path, "remove_by_value") in request.repairs
    before = request.options
    request.options = _with(before, "remove_by_value")
    try:
        writer.operate("remove", target, value, in_value=False)
    finally:
        request.options = before
        if not there:
            request.repairs.pop((target.path, "remove_by_value"), None)


def _with(options: Options, switch: str) -> Options:
    return replace(options, tolerance={**options.tolerance, switch: True})
