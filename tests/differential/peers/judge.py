"""Runs a case with the product and with a peer, and says in what they differ."""

import importlib
import subprocess
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import scim_engine

from .. import oracle, product
from ..compare import Difference
from ..jsontext import dumps, loads
from ..kinds import expanded
from .plain import INSTANT, exact, plain, schemas_of

HERE = Path(__file__).parent
PYTHON = HERE.parents[2] / ".venv-peers" / "bin" / "python"
NODE = ("node", str(HERE / "answer.mjs"))
PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
STRICT = {"tolerance": "strict", "unknown": "reject"}
STRICT_FILTER = {"tolerance": "strict"}


@dataclass(frozen=True)
class Peer:
    """A library: how it is run, which operations it claims, and whether it knows schemas."""

    name: str
    command: tuple[str, ...]
    operations: tuple[str, ...]
    typed: bool


PEERS = {
    peer.name: peer
    for peer in (
        Peer("scim-patch", NODE, ("patch",), typed=False),
        Peer("scim2-parse-filter", NODE, ("filters",), typed=False),
        Peer("scim2-models", (str(PYTHON), str(HERE / "answer.py")), ("filters", "patch", "create", "replace"), True),
    )
}
_running: dict[str, subprocess.Popen] = {}


class LeftOut(Exception):
    """The case is not put to the peer, or what it says does not count: the reason."""


def ask(peer: Peer, request: dict) -> dict:
    """The answer of a peer; its process is started at the first question."""
    if peer.name not in _running:
        _running[peer.name] = subprocess.Popen(peer.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process = _running[peer.name]
    process.stdin.write(dumps(request).encode() + b"\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{peer.name} has ended with the exit code {process.wait()} at {dumps(request)}")
    return loads(line)


def run(peer: Peer, operation: str, case: dict) -> list[Difference]:
    """The differences of a case."""
    if case["kind"] == "ANY" or (not peer.typed and case["kind"] not in ("User", "Group")):
        raise LeftOut("a resource type that the peer does not know")
    case = {**case, "kind": portable(case["kind"]), "options": STRICT if operation != "filters" else STRICT_FILTER}
    return _filters(peer, case) if operation == "filters" else _writes(peer, operation, case)


def portable(kind: object) -> object:
    """A resource type without the characteristics that only the product knows."""
    kind = expanded(kind)
    if isinstance(kind, str):
        return kind
    schemas = [{**one, "attributes": _portable(one["attributes"])} for one in schemas_of(kind)]
    return {**kind, "schema": schemas[0], "extensions": schemas[1:]}


def _portable(attributes: list[dict]) -> list[dict]:
    made = []
    for attribute in attributes:
        one = {name: value for name, value in attribute.items() if name not in ("maxLength", "canonicalOnly")}
        if "subAttributes" in one:
            one["subAttributes"] = _portable(one["subAttributes"])
        made.append(one)
    return made


def _kind(kind: object) -> dict:
    """A resource type as a peer that knows schemas reads it."""
    if not isinstance(kind, str):
        return {name: kind[name] for name in ("name", "schema", "extensions")}
    core, *extensions = schemas_of(kind)
    return {"name": kind, "schema": core, "extensions": extensions}


def _question(peer: Peer, operation: str, case: dict, **members: object) -> dict:
    request = {"task": operation, **members}
    if peer.typed:
        request["kind"] = _kind(case["kind"])
    answer = ask(peer, request)
    if "unable" in answer:
        raise LeftOut(
            "stored resource refused"
            if answer["unable"].startswith("stored")
            else "schemas refused: " + answer["unable"][-150:]
        )
    return answer


def _verdict(outcome: dict) -> str:
    if "refused" in outcome:
        return f"refused {outcome['refused']}"
    return f"error {outcome['error']}" if "error" in outcome else "accepted"


def _filters(peer: Peer, case: dict) -> list[Difference]:
    documents = [made for one in case["documents"] if (made := plain(one, case["kind"])) is not None]
    ours = product.filter_of(case)
    if "refused" in ours and not peer.typed and _parses(case["filter"]):
        raise LeftOut("refused by the schema alone")
    theirs = _question(peer, "filters", case, filter=case["filter"], documents=documents)
    if "filter" not in ours or "matches" not in theirs:
        if _verdict(ours) == _verdict(theirs):
            return []
        ours = {name: value for name, value in ours.items() if name != "filter"}
        kind = f"{_verdict(ours)} | {_verdict(theirs)}"
        return [Difference(kind, {**case, "documents": []}, ours, theirs)]
    found = []
    for document, theirs_here in zip(documents, theirs["matches"], strict=True):
        here = product.matches(ours["filter"], document)
        if here is not theirs_here:
            found.append(Difference(f"{here} | {theirs_here}", {**case, "documents": [document]}, here, theirs_here))
    return found[:1]


def _parses(text: str) -> bool:
    """Whether a text is a filter, whatever its names are."""
    parser = importlib.import_module(f"{oracle.NAME}.filter_parser")
    schema = importlib.import_module(f"{oracle.NAME}.schema")
    refused = importlib.import_module(f"{oracle.NAME}.errors").Refused
    try:
        parser.parse_filter(text, schema.ANY, oracle.options_of({"tolerance": "strict"}))
    except refused:
        return False
    return True


def _writes(peer: Peer, operation: str, case: dict) -> list[Difference]:
    kind, body = case["kind"], case["body"]
    if "resource" in case:
        case["resource"] = plain(case["resource"], kind)
        if case["resource"] is None:
            raise LeftOut("a stored resource without a required attribute")
    if not isinstance(body, dict):
        raise LeftOut("a name twice")
    if not exact(body):
        raise LeftOut("a number that a double does not hold")
    if "\\u0000" in dumps(body):
        raise LeftOut("U+0000")
    if operation == "patch":
        _plain_patch(body)
    ours = getattr(product, operation)(case)["values"]
    if not peer.typed and "refused" in ours and _by_schema(case, ours["refused"]):
        raise LeftOut("refused by the schema alone")
    members = {name: case[name] for name in ("resource", "body") if name in case}
    theirs = _question(peer, operation, case, **members)
    return [Difference(kind, case, _brief(ours), theirs) for kind in _facets(ours, theirs)]


def _plain_patch(body: dict) -> None:
    """Leaves out what no peer claims: a deviation in the envelope of a request."""
    operations = body.get("Operations")
    if (
        body.get("schemas") != [PATCH_URN]
        or body.keys() != {"schemas", "Operations"}
        or not isinstance(operations, list)
    ):
        raise LeftOut("the envelope of the request")
    for operation in operations:
        if not isinstance(operation, dict) or not operation.keys() <= {"op", "path", "value"}:
            raise LeftOut("the envelope of the request")
        op = operation.get("op")
        if not isinstance(op, str) or (
            op.lower() in ("add", "remove", "replace") and op not in ("add", "remove", "replace")
        ):
            raise LeftOut("`op` in another case")


def _by_schema(case: dict, scim_type: str) -> bool:
    """Whether the product refuses a request because of the schema, and not because of its text or its target."""
    if scim_type == "noTarget":
        return False
    try:
        scim_engine.Patch(case["body"], product.resource_type(case["kind"]), **product.settings(case["options"]))
    except scim_engine.ScimError:
        return False
    return True


def _brief(outcome: dict) -> dict:
    return {"resource": outcome["resource"]} if "resource" in outcome else outcome


def _facets(ours: dict, theirs: dict) -> list[str]:
    if _verdict(ours) != _verdict(theirs):
        return [f"{_verdict(ours)} | {_verdict(theirs)}"]
    if "resource" not in ours:
        return []
    left, right = canonical(ours["resource"]), canonical(theirs["resource"])
    if dumps(left) == dumps(right):
        return []
    for kind, without in (("schemas", _without_schemas), ("names", _lower), ("primary", _without_primary)):
        if dumps(canonical(without(left))) == dumps(canonical(without(right))):
            return [f"resource: {kind}"]
    return ["resource"]


def _without_schemas(resource: dict) -> object:
    return {name: value for name, value in resource.items() if name != "schemas"}


def _lower(value: object) -> object:
    if isinstance(value, dict):
        return {name.lower(): _lower(member) for name, member in value.items()}
    return [_lower(item) for item in value] if isinstance(value, list) else value


def _without_primary(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_primary(member) for name, member in value.items() if name != "primary"}
    return [_without_primary(item) for item in value] if isinstance(value, list) else value


def canonical(value: object, *, element: bool = False) -> object:
    """A value without what is unassigned and without the order of lists; an absent `primary` is false."""
    if isinstance(value, dict):
        made = {name: canonical(member) for name, member in sorted(value.items())}
        if element and made.get("primary") is False:
            del made["primary"]
        return {name: member for name, member in made.items() if member not in (None, [], {})}
    if isinstance(value, list):
        items = (canonical(item, element=True) for item in value)
        return sorted((item for item in items if item not in (None, [], {})), key=dumps)
    if isinstance(value, str) and INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value).timestamp()
        except (ValueError, OverflowError):
            return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return float(value)
    return value


def sides_with(operation: str, case: dict) -> bool:
    """Whether the reference gives the answer of the product."""
    case = {**case, "options": STRICT if operation != "filters" else STRICT_FILTER}
    if operation == "filters":
        ours, theirs = product.filter_of(case), oracle.filter_of(case)
        if "filter" not in ours or "filter" not in theirs:
            return _verdict(ours) == _verdict(theirs)
        return all(
            product.matches(ours["filter"], one) is oracle.matches(theirs["filter"], one) for one in case["documents"]
        )
    ours, theirs = getattr(product, operation)(case)["values"], getattr(oracle, operation)(case)
    return not _facets(ours, theirs)
