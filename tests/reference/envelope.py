"""P1, P17: What a body of PATCH is: the operations of SCIM 2.0, or the member operations of SCIM 1.1."""

from dataclasses import dataclass

from .bodies import check_names
from .documents import member
from .errors import Refused
from .paths import lower
from .request import Request
from .targets import check_path
from .values import NOTHING

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MESSAGES = frozenset(
    f"urn:ietf:params:scim:api:messages:2.0:{name}".lower()
    for name in ("BulkRequest", "BulkResponse", "SearchRequest", "ListResponse", "Error")
)
SCIM_1 = "urn:scim:schemas:core:1.0"


@dataclass(frozen=True)
class Operation:
    op: str
    path: str | None = None
    value: object = NOTHING


def read_operations(request: Request, body: dict) -> list[Operation]:
    """P1: `Operations` decides what a body is; without it, P17 applies."""
    if not any(lower(name) == "operations" for name in body):
        return _member_operations(request, body)
    operations = member(body, "Operations")
    if not isinstance(operations, list):
        raise Refused("invalidSyntax", "Operations is an array", path="Operations")
    _check_schemas(request, member(body, "schemas"))
    limits = request.options.limits
    if not operations:
        request.repair("empty_operations", "Operations", "invalidSyntax")
    if len(operations) > limits["operations"]:
        raise Refused("invalidSyntax", f"more than {limits['operations']} operations", path="Operations")
    found = [_operation(request, operation, index) for index, operation in enumerate(operations)]
    if (
        sum(len(operation.path.encode("utf-8", "surrogatepass")) for operation in found if operation.path)
        > limits["path_bytes"]
    ):
        raise Refused("invalidSyntax", "too many bytes of paths", path="Operations")
    return found


def _check_schemas(request: Request, schemas: object) -> None:
    """P1: The PatchOp URN in any case; another URN is read as it, but not that of another message."""
    if schemas is None or schemas == []:
        request.repair("missing_schemas", "schemas", "invalidSyntax")
        return
    urns = [schemas] if isinstance(schemas, str) else schemas
    words = [lower(urn) for urn in urns if isinstance(urn, str)] if isinstance(urns, list) else []
    if lower(PATCH_OP) in words and urns is schemas:
        return
    if lower(PATCH_OP) not in words and any(word in MESSAGES for word in words):
        raise Refused("invalidSyntax", "another message", path="schemas")
    request.repair("missing_schemas", "schemas", "invalidSyntax")


def _operation(request: Request, operation: object, index: int) -> Operation:
    """P1: Names and values of `op` ignore case; unknown members are ignored."""
    if not isinstance(operation, dict):
        raise Refused("invalidSyntax", "an operation is an object", index=index)
    check_names(operation)
    members = {lower(name): value for name, value in operation.items()}
    op = members.get("op")
    if not isinstance(op, str) or lower(op) not in ("add", "remove", "replace"):
        raise Refused("invalidSyntax", f"{op!r} is not an operation", index=index)
    path = members.get("path")
    if path is not None and not isinstance(path, str):
        raise Refused("invalidPath", "a path is a string", index=index)
    found = Operation(lower(op), path, members.get("value", NOTHING))
    _check_text(request, found, index)
    return found


def _check_text(request: Request, operation: Operation, index: int) -> None:
    """P2: What is wrong with the operation as a text is found before any operation is applied."""
    path = operation.path
    if path is None and request.profile("path_required"):
        raise Refused("invalidSyntax", "an operation needs a path", index=index)
    if path is None and operation.op == "remove":
        raise Refused("noTarget", "remove needs a path", index=index)
    if path is not None:
        try:
            check_path(path, request.options)
        except Refused as error:
            error.index = index
            raise
    if operation.op != "remove" and operation.value is NOTHING:
        raise Refused("invalidValue", f"{operation.op} needs a value", index=index)


def _member_operations(request: Request, body: dict) -> list[Operation]:
    """P17: Member operations of SCIM 1.1, with a 1.0 URN or none in `schemas`; without `operation`: add."""
    members, schemas = member(body, "members"), member(body, "schemas")
    urns = [schemas] if isinstance(schemas, str) else [] if schemas is None else schemas
    old = isinstance(urns, list) and (not urns or any(isinstance(urn, str) and lower(urn) == SCIM_1 for urn in urns))
    known = request.kind.find("members", request.options)
    is_list = known is not None and known.attribute is not None and known.attribute.multi_valued
    if not old or not isinstance(members, list) or not is_list:
        raise Refused("invalidSyntax", "a PATCH has Operations")
    request.repair("member_operations", "members", "invalidSyntax")
    request.report_all(known)
    found = [] if members else [Operation("add", "members", [])]
    for item in members:
        operation = "add"
        rest = item
        if isinstance(item, dict):
            said = member(item, "operation")
            rest = {name: value for name, value in item.items() if lower(name) != "operation"}
            if said is not None:
                operation = lower(said) if isinstance(said, str) else ""
        if operation not in ("add", "delete", "remove"):
            raise Refused("invalidSyntax", "an operation on a member is delete or add", path="members")
        found.append(Operation("add" if operation == "add" else "remove", "members", [rest]))
    rest = {name: value for name, value in body.items() if lower(name) not in ("members", "schemas")}
    if rest:
        found.append(Operation("add", None, rest))
    return found
