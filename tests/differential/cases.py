"""The case with a number: the same whenever and wherever it is made."""

from collections.abc import Callable

from . import bodies, filters, kinds, patches, queries
from .chooser import Chooser
from .jsontext import dumps

SPAN = 10**9
"""Case `n` favours the production with the code `n // SPAN`."""
MAKERS: dict[str, Callable[[Chooser, int, kinds.View], dict]] = {
    "filters": filters.case,
    "patch": patches.case,
    "create": bodies.create_case,
    "replace": bodies.replace_case,
    "diff": bodies.diff_case,
    "lists": queries.lists_case,
    "projection": queries.projection_case,
    "versions": queries.versions_case,
}


def make(operation: str, seed: int, number: int) -> tuple[dict, set[str]]:
    """A case and the productions that made it."""
    boost, index = divmod(number, SPAN)
    c = Chooser(f"{operation}:{seed}:{boost}:{index}", boost)
    view = kinds.choose(c, seed, any_kind=operation not in ("create", "replace", "diff", "patch") or c.chance(0.3))
    case = MAKERS[operation](c, seed, view)
    if c.odd("text.twin", 0.3):
        _with_twin(c, operation, case)
    return case, c.used


def _with_twin(c: Chooser, operation: str, case: dict) -> None:
    """Gives a document or a body as JSON text in which a name stands twice (F14)."""
    if operation == "filters":
        documents = case["documents"]
        index = c.number(0, len(documents) - 1)
        documents[index] = _twin_text(c, documents[index])
    elif operation in ("patch", "create", "replace") and isinstance(case["body"], dict):
        case["body"] = _twin_text(c, case["body"])


def _twin_text(c: Chooser, document: dict) -> str:
    name = c.pick(list(document)) if document else "title"
    text = dumps(document)
    member = dumps({name: c.pick((document.get(name), "z", None, []))})[1:-1]
    mark = "\ufeff" if c.chance(0.2) else ""
    return f"{mark}{{{member}{',' if document else ''}{text[1:]}"
