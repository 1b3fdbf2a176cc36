"""Loads the reference implementation, counting its rules, and runs a case with it.

The reference is `tests/reference`, beside this package. A function whose docstring begins with ids of rules (`F2: …`)
counts as these rules.
"""

import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import re
import sys
from functools import cached_property
from pathlib import Path

from .jsontext import dumps
from .kinds import expanded, key_of
from .product import followed, shown_page
from .product import guarded as _guarded

NAME = "tests.reference"
FOLDER = Path(__file__).parent.parent / "reference"
IDS = re.compile(r"\s*((?:[A-Z]\d{1,2}[a-z]?)(?:(?:\s*(?:,|and|to)\s*)[A-Z]\d{1,2}[a-z]?)*)\s*:")
HOOK = "__reach__"

EARLY = frozenset({"body_of", "read_members"})
"""The functions of the reference that judge a body and its keys, before any value (R1)."""
functions: list[tuple[str, tuple[str, ...]]] = []
"""Each function with rules: `module.function` and its ids."""
reached: set[int] = set()
"""The indexes in `functions` that were entered since the set was cleared."""


class _Counting(ast.NodeTransformer):
    """Puts a call that counts at the beginning of each function with rules."""

    def __init__(self, module: str):
        self.where = [module.removeprefix(NAME + ".")]

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self.where.append(node.name)
        self.generic_visit(node)
        self.where.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.where.append(node.name)
        self.generic_visit(node)
        docstring = ast.get_docstring(node) or ""
        if found := IDS.match(docstring):
            functions.append((".".join(self.where), tuple(re.findall(r"[A-Z]\d{1,2}[a-z]?", found[1]))))
            call = ast.parse(f"{HOOK}({len(functions) - 1})").body[0]
            ast.copy_location(call, node.body[0])
            node.body.insert(1, ast.fix_missing_locations(call))
        self.where.pop()
        return node


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str):
        tree = ast.parse(self.get_data(self.path), self.path)
        return compile(ast.fix_missing_locations(_Counting(fullname).visit(tree)), self.path, "exec", dont_inherit=True)

    def exec_module(self, module) -> None:
        setattr(module, HOOK, reached.add)
        super().exec_module(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        if fullname != NAME and not fullname.startswith(NAME + "."):
            return None
        place = FOLDER.joinpath(*fullname.split(".")[2:])
        if place.is_dir():
            file, search = place / "__init__.py", [str(place)]
        else:
            file, search = place.with_suffix(".py"), None
        if not file.exists():
            return None
        loader = _Loader(fullname, str(file))
        return importlib.util.spec_from_file_location(fullname, file, loader=loader, submodule_search_locations=search)


_modules: dict[str, object] = {}


def load() -> list[str]:
    """Imports the reference; returns what of it is missing or broken."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    missing = []
    names = (
        "errors",
        "options",
        "schema",
        "filters",
        "projection",
        "lists",
        "versions",
        "patch",
        "create",
        "replace",
        "diff",
    )
    for name in names:
        if name in _modules:
            continue
        try:
            _modules[name] = importlib.import_module(f"{NAME}.{name}")
        except Exception as error:
            missing.append(f"{name}: {type(error).__name__}: {error}")
    return missing


def has(*names: str) -> bool:
    """Whether modules of the reference could be imported."""
    return all(name in _modules for name in names)


def sources() -> dict[str, str]:
    """The docstring ids by function, for the table of coverage."""
    return dict(functions)


_kinds: dict[str, object] = {}
_options: dict[str, object] = {}


def forget() -> None:
    """Empties the caches of the reference, so that what a case reaches does not depend on the cases before."""
    _kinds.clear()
    _options.clear()
    for module in [module for name, module in sys.modules.items() if name.startswith(NAME + ".")]:
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear"):
                value.cache_clear()
            if isinstance(value, dict) and type(value) is not dict:
                value.clear()  # a table that is filled while it is used
            for name, attribute in vars(type(value)).items():
                if isinstance(attribute, cached_property):
                    vars(value).pop(name, None)


def kind_of(spec: object) -> object:
    """The kind of a case."""
    key = key_of(spec)
    if key not in _kinds:
        schema = _modules["schema"]
        if isinstance(spec, str):
            _kinds[key] = {"User": schema.USER, "Group": schema.GROUP, "ANY": schema.ANY}[spec]
        else:
            full = expanded(spec)
            _kinds[key] = schema.Kind.from_schemas(full["name"], full["schema"], full["extensions"])
    return _kinds[key]


def urns(case: dict) -> list[str]:
    """The URNs of the schemas of a case's kind."""
    kind = kind_of(case["kind"])
    return [schema.id for schema in (kind.core, *kind.extensions)]


def options_of(options: dict) -> object:
    """The options of a case."""
    key = dumps(options)
    if key not in _options:
        module = _modules["options"]
        made = dict(options)
        if made.get("tolerance") == "strict":
            made["tolerance"] = dict.fromkeys(module.SWITCHES, False)
        _options[key] = module.Options.of(**made)
    return _options[key]


def guarded(run) -> dict:
    """The outcome of a function, as of the product."""
    refused = _modules["errors"].Refused

    def inner() -> dict:
        try:
            return run()
        except refused as error:
            early = _passed(error, EARLY)
            return {"refused": error.scim_type, "detail": str(error), "operation": error.index, "early": early}

    return _guarded(inner)


def _passed(error: Exception, names: frozenset[str]) -> bool:
    """Whether an error came from a function with one of the names."""
    at = error.__traceback__
    while at is not None:
        if at.tb_frame.f_code.co_name in names:
            return True
        at = at.tb_next
    return False


def filter_of(case: dict) -> dict:
    """The compiled filter of a case, or how it is refused."""

    def run() -> dict:
        made = _modules["filters"].compile(case["filter"], kind_of(case["kind"]), options_of(case["options"]))
        return {"filter": made, "text": made.text}

    return guarded(run)


def matches(compiled: object, document: object) -> object:
    """True, False or the name of an exception."""
    try:
        return compiled.matches(document)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _result(result: object) -> dict:
    return {
        "resource": result.resource,
        "changed": result.changed,
        "changes": {
            change.path: {
                "added": list(change.added),
                "removed": list(change.removed),
                "replaced": [list(pair) for pair in change.replaced],
                "secret": bool(change.secret),
            }
            for change in result.changes
        },
        "repairs": [tuple(pair) for pair in result.repairs],
    }


def patch(case: dict) -> dict:
    """The outcome of a PATCH."""
    return guarded(
        lambda: _result(
            _modules["patch"].patch(case["body"], case["resource"], kind_of(case["kind"]), options_of(case["options"]))
        )
    )


def create(case: dict) -> dict:
    """The outcome of a POST."""
    return guarded(
        lambda: _result(_modules["create"].create(case["body"], kind_of(case["kind"]), options_of(case["options"])))
    )


def replace(case: dict) -> dict:
    """The outcome of a PUT."""
    return guarded(
        lambda: _result(
            _modules["replace"].replace(
                case["resource"], case["body"], kind_of(case["kind"]), options_of(case["options"])
            )
        )
    )


def diff(case: dict) -> dict:
    """The request that `diff` makes."""
    return guarded(lambda: {"body": _modules["diff"].diff(case["old"], case["new"], kind_of(case["kind"]))})


def apply_strictly(case: dict, body: dict) -> dict:
    """The effect of a request of `diff` on the old resource."""
    strict = options_of({"tolerance": "strict"})
    return guarded(lambda: _result(_modules["patch"].patch(body, case["old"], kind_of(case["kind"]), strict)))


def lists(case: dict) -> dict:
    """What a list request says, and its answer."""
    kind, options = kind_of(case["kind"]), options_of(case["options"])
    more = {name: case[name] for name in ("default_count", "max_count", "cursors") if name in case}

    def run() -> dict:
        made = _modules["lists"].ListQuery
        query = (
            made(case["query"], kind, options, **more)
            if "query" in case
            else made.from_body(case["body"], kind, options, **more)
        )
        answer = query.answer(case["resources"])
        pages = followed(case, answer, lambda text: made(text, kind, options, **more))
        compiled = query.filter
        return {
            "filter": None if compiled is None else compiled.text,
            "sort_by": query.sort_by,
            "sort_order": query.sort_order,
            "start_index": query.start_index,
            "count": query.count,
            "cursor": query.cursor,
            "ignored": list(query.ignored),
            "answer": shown_page(answer),
            "pages": pages,
        }

    return guarded(run)


def projection(case: dict) -> dict:
    """What an answer shows of a resource."""
    project = _modules["projection"].project
    return guarded(
        lambda: {
            "resource": project(case["resource"], kind_of(case["kind"]), case.get("attributes"), case.get("excluded"))
        }
    )


def versions(case: dict) -> dict:
    """The version of a resource."""

    def run() -> dict:
        made = _modules["versions"].version(case["resource"], kind_of(case["kind"]))
        return {"version": made if made.startswith("W/") else f'W/"{made}"'}

    return guarded(run)
