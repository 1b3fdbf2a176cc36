"""Runs a case with both implementations and says in what the outcomes differ."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from . import mistakes, oracle, product
from .jsontext import dumps, loads, same, same_spelling

ALONE = {"filters": ("filters",), "lists": ("lists",), "projection": ("projection",), "versions": ("versions",)}
NEEDS = {**ALONE, **{name: (name,) for name in ("patch", "create", "replace")}, "diff": ("diff", "patch")}


ORDERS = False
"""Whether the order of repairs, and of values in a change, is compared: no rule says anything about it."""


@dataclass(slots=True)
class Difference:
    """Something in which outcomes differ: `kind` is the same for differences of one sort."""

    kind: str
    case: dict
    product: object
    reference: object


@dataclass(slots=True)
class Verdict:
    """What a case came to."""

    pairs: int = 1
    outcomes: Counter = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    several: int = 0  # refused with different words, but of several mistakes


def run(operation: str, case: dict, *, alone: bool = False) -> Verdict:
    """Runs a case; `alone` runs the product only."""
    if operation == "filters":
        return _filters(case, alone)
    verdict = Verdict()
    before = dumps(case)
    outcomes = getattr(product, operation)(case)
    values = outcomes.pop("values")
    verdict.outcomes[summary(values)] += 1

    def differ(kind: str, ours: object, theirs: object) -> None:
        verdict.differences.append(Difference(kind, case, ours, theirs))

    for name, other in outcomes.items():
        if isinstance(case.get("body"), str) and name == "apply_json":
            continue
        for facet in facets(values, other, only=other.keys() if "resource" in other else None, spelling=False):
            differ(f"product: values and {name}: {facet}", values, other)
    if dumps(case) != before:
        differ("product: an argument was modified", before, case)
        case = loads(before)
    if alone:
        return verdict
    theirs = getattr(oracle, operation)(case)
    if dumps(case) != before:
        differ("reference: an argument was modified", before, case)
        case = loads(before)
    if operation == "diff":
        _diffs(case, values, theirs, differ)
    elif "refused" in values and "refused" in theirs and values["refused"] != theirs["refused"]:
        if mistakes.several(operation, case, values, theirs):
            verdict.several += 1
        else:
            differ(f"{_verdict(values)} | {_verdict(theirs)}", values, theirs)
    else:
        for facet in facets(values, theirs):
            differ(facet, values, theirs)
    return verdict


def summary(outcome: dict) -> str:
    """An outcome in a word, for the table."""
    if "refused" in outcome:
        return f"refused {outcome['refused']}"
    if "error" in outcome:
        return f"error {outcome['error']}"
    if "changed" in outcome:
        return ("changed" if outcome["changed"] else "unchanged") + (", repaired" if outcome["repairs"] else "")
    if "body" in outcome:
        return "no difference" if outcome["body"] is None else "a request"
    return "accepted" if "filter" in outcome else "answered"


def _verdict(outcome: dict) -> str:
    if "refused" in outcome:
        return f"refused {outcome['refused']}"
    return f"error {outcome['error']}" if "error" in outcome else "accepted"


def facets(ours: dict, theirs: dict, only: object = None, *, spelling: bool = True) -> list[str]:
    """In what two outcomes differ."""
    if _verdict(ours) != _verdict(theirs):
        return [f"{_verdict(ours)} | {_verdict(theirs)}"]
    found = []
    for name in ours if only is None else only:
        if name in ("detail", "refused", "error", "operation", "early", "filter_object"):
            continue
        left, right = ours.get(name), theirs.get(name)
        if name == "repairs":
            left, right = ([(_shown(path, kind), kind) for path, kind in one] for one in (left, right))
            if sorted(left) != sorted(right):
                kinds = [f"+{kind}" for _, kind in set(left) - set(right)] + [
                    f"-{kind}" for _, kind in set(right) - set(left)
                ]
                found.append("repairs " + " ".join(sorted(set(kinds))))
            elif ORDERS and left != right:
                found.append("repairs: order")
        elif name == "changes":
            found.extend(_changes(left, right))
        elif same(left, right):
            if name == "resource" and spelling and not same_spelling(left, right):
                found.append("resource: form of numbers")
        elif name == "resource":
            found.append(_resource(left, right))
        elif name == "answer":
            found.extend(_answers(left, right))
        elif name == "changed":
            found.append(f"changed {left} | {right}")
        else:
            found.append(name)
    if len(found) > 1:
        found = [facet for facet in found if not facet.startswith("answer")] or found
    if any(facet.startswith("resource") for facet in found):
        found = [facet for facet in found if not facet.startswith("changes")]
    return found


def _shown(path: str, kind: str) -> str:
    """The path of a repair; the product hides brackets that may name a secret, and it may hide too much."""
    return path.partition("[")[0] if kind == "unknown_member" else path


def _resource(left: object, right: object) -> str:
    if same(_sorted(left), _sorted(right)):
        return "resource: order"
    if isinstance(left, dict) and isinstance(right, dict):
        left, right = (
            {name: value for name, value in one.items() if name.lower() != "schemas"} for one in (left, right)
        )
        if same(left, right):
            return "resource: schemas"
    return "resource"


def _answers(left: dict, right: dict) -> list[str]:
    names = [name for name in {**left, **right} if not same(left.get(name), right.get(name))]
    if "Resources" in names and same(_sorted(left.get("Resources")), _sorted(right.get("Resources"))):
        return ["answer: order"]
    return ["answer: " + " ".join(sorted(names))]


def _changes(left: dict, right: dict) -> list[str]:
    if left.keys() != right.keys():
        return ["changes: paths"]
    found = []
    for path, ours in left.items():
        if ours["secret"] and right[path]["secret"] and same(_sides(ours), _sides(right[path])):
            continue
        for name, value in ours.items():
            other = right[path][name]
            if same(value, other):
                continue
            if not same(_sorted(value), _sorted(other)):
                found.append(f"changes: {name}")
            elif ORDERS:
                found.append(f"changes: {name}, order")
    return sorted(set(found))


def _sides(change: dict) -> list:
    """What a change takes and what it gives. Where secrets alone tell elements apart, no rule says which of them make a
    pair, nor whether an element that says nothing is listed."""
    gone = [*change["removed"], *(pair[0] for pair in change["replaced"])]
    come = [*change["added"], *(pair[1] for pair in change["replaced"])]
    return [_sorted([item for item in side if item not in ({}, None)]) for side in (gone, come)]


def _sorted(value: object) -> object:
    """A value whose lists are in one order."""
    if isinstance(value, dict):
        return {name: _sorted(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return sorted((_sorted(item) for item in value), key=_key)
    return value


def _key(value: object) -> str:
    return dumps(_named(value))


def _named(value: object) -> object:
    """A value whose members are in the order of their names."""
    if isinstance(value, dict):
        return {name: _named(value[name]) for name in sorted(value)}
    return [_named(item) for item in value] if isinstance(value, list | tuple) else value


def _filters(case: dict, alone: bool) -> Verdict:
    verdict = Verdict(pairs=len(case["documents"]))
    ours = product.filter_of(case)
    theirs = ours if alone else oracle.filter_of(case)

    def differ(kind: str, left: object, right: object, documents: list) -> None:
        verdict.differences.append(Difference(kind, {**case, "documents": documents}, left, right))

    if "filter" not in ours or "filter" not in theirs:
        verdict.outcomes[summary(ours)] += 1
        if _verdict(ours) != _verdict(theirs):
            differ(f"{_verdict(ours)} | {_verdict(theirs)}", ours, theirs, [])
        return verdict
    if ours["text"] != theirs["text"]:
        differ("canonical text", ours["text"], theirs["text"], [])
    for document in case["documents"]:
        text = document if isinstance(document, str) else dumps(document)
        value = product.matches(ours["filter"], document)
        on_text = product.matches(ours["filter"], text)
        verdict.outcomes[str(value) if isinstance(value, bool) else "error"] += 1
        if value is not on_text and not (isinstance(value, str) and isinstance(on_text, str)):
            differ(f"product: values and text: {value} | {on_text}", value, on_text, [document])
        if not alone:
            expected = oracle.matches(theirs["filter"], document)
            if value is not expected and not (isinstance(value, str) and isinstance(expected, str)):
                differ(f"{value} | {expected}", value, expected, [document])
    return verdict


def _diffs(case: dict, ours: dict, theirs: dict, differ) -> None:
    """P18: Requests of `diff` are judged by their effect, in which the order of lists means nothing (D10)."""
    if theirs.get("error") == "ValueError" and "error" not in ours:
        return  # the schema does not allow the change: nothing is said about the request
    if _verdict(ours) != _verdict(theirs):
        differ(f"{_verdict(ours)} | {_verdict(theirs)}", ours, theirs)
        return
    if "body" not in ours:
        return
    left, right = ours["body"], theirs["body"]
    if (left is None) != (right is None):
        differ("nothing | a request" if left is None else "a request | nothing", left, right)
        return
    if left is None:
        return
    left = loads(dumps(left))
    by_product, by_reference = product.apply_strictly(case, left), oracle.apply_strictly(case, left)
    for facet in facets(by_product, by_reference):
        differ(f"the effect of the product's request: {facet}", {"body": left, **by_product}, by_reference)
    other = oracle.apply_strictly(case, right)
    for facet in facets(by_reference, other):
        is_same = _same_sets(by_reference, other) or _nothing_left(case, by_reference, other)
        if not facet.startswith(("changes", "repairs")) and not is_same:
            differ(f"the effect of the requests: {facet}", {"body": left, **by_reference}, {"body": right, **other})


def _nothing_left(case: dict, left: dict, right: dict) -> bool:
    """P18: Whether the reference finds nothing between two results that a client may change."""
    if "resource" not in left or "resource" not in right:
        return False
    between = {**case, "old": left["resource"], "new": right["resource"]}
    return oracle.diff(between).get("body", left) is None


def _same_sets(left: dict, right: dict) -> bool:
    """Whether two results differ in no more than the order of lists, what stands twice there and what says nothing."""
    return "resource" in left and "resource" in right and same(_as_set(left["resource"]), _as_set(right["resource"]))


def _as_set(value: object) -> object:
    if isinstance(value, dict):
        return {name: _as_set(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        found = {_key(item): item for item in map(_as_set, value) if item not in (None, {}, [])}
        return [found[key] for key in sorted(found)]
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
