"""Runs a case with the product, on Python values and on JSON text."""

from urllib.parse import quote

import scim_engine
from scim_engine import protocol

from .jsontext import dumps, loads
from .kinds import expanded, key_of

BUILT_IN = {"User": scim_engine.USER, "Group": scim_engine.GROUP, "ANY": scim_engine.ANY}
_types: dict[str, object] = {}
_settings: dict[str, dict] = {}
KEYS = protocol.Cursors(b"0123456789abcdef0123456789abcdef")


def resource_type(spec: object) -> object:
    """The resource type of a case."""
    if isinstance(spec, str):
        return BUILT_IN[spec]
    key = key_of(spec)
    if key not in _types:
        full = expanded(spec)
        _types[key] = scim_engine.ResourceType.from_schemas(full["name"], full["schema"], full["extensions"])
    return _types[key]


def settings(options: dict) -> dict:
    """The options of a case, as keywords."""
    key = dumps(options)
    if key not in _settings:
        made = dict(options)
        if "tolerance" in made:
            chosen = made["tolerance"]
            strict = chosen == "strict"
            made["tolerance"] = scim_engine.Tolerance.strict() if strict else scim_engine.Tolerance(**chosen)
        if "profile" in made:
            made["profile"] = scim_engine.Profile(**dict.fromkeys(made["profile"], True))
        _settings[key] = made
    return _settings[key]


def guarded(run) -> dict:
    """The outcome of a function: what it returns, `refused`, or `error` for any other exception."""
    try:
        return run()
    except scim_engine.SchemaError as error:
        return {"error": "ValueError", "detail": str(error)}
    except scim_engine.ScimError as error:
        return {"refused": error.scim_type, "detail": str(error), "operation": error.operation}
    except ValueError as error:
        return {"error": "ValueError", "detail": str(error)}
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"error": type(error).__name__, "detail": str(error)}


def filter_of(case: dict) -> dict:
    """The compiled filter of a case, or how it is refused."""

    def run() -> dict:
        made = scim_engine.Filter(case["filter"], resource_type(case["kind"]), **settings(case["options"]))
        return {"filter": made, "text": str(made)}

    return guarded(run)


def matches(compiled: object, document: object) -> object:
    """True, False or the name of an exception."""
    try:
        return compiled.matches(document)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"{type(error).__name__}: {error}"


def _outcome(outcome: object, resource: object = None) -> dict:
    return {
        "resource": outcome.resource if resource is None else resource,
        "changed": outcome.changed,
        "changes": {
            change.path: {
                "added": change.added,
                "removed": change.removed,
                "replaced": [[pair.old, pair.new] for pair in change.replaced],
                "secret": change.secret,
            }
            for change in outcome.changes
        },
        "repairs": [(repair.path, repair.kind) for repair in outcome.repairs],
    }


def body_text(body: object) -> str:
    """The JSON text of a body; a body that is a text is one already."""
    return body if isinstance(body, str) else dumps(body)


def patch(case: dict) -> dict[str, dict]:
    """The outcomes of a PATCH: on values, on texts, and of `apply_json`."""
    kind, options = resource_type(case["kind"]), settings(case["options"])
    body, resource = case["body"], case["resource"]
    text, resource_text = body_text(body), dumps(resource)

    def on_values() -> dict:
        return _outcome(scim_engine.Patch(body, kind, **options).apply(resource))

    def on_text() -> dict:
        outcome = scim_engine.Patch(text, kind, **options).apply(resource_text)
        return _outcome(outcome, loads(outcome.json))

    def on_json() -> dict:
        return {"resource": loads(scim_engine.Patch(text, kind, **options).apply_json(resource_text))}

    return {"values": guarded(on_values), "text": guarded(on_text), "apply_json": guarded(on_json)}


def create(case: dict) -> dict[str, dict]:
    """The outcomes of a POST: on values and on text."""
    kind, options, body = resource_type(case["kind"]), settings(case["options"]), case["body"]
    return {
        "values": guarded(lambda: _outcome(kind.create(body, **options))),
        "text": guarded(lambda: _outcome(kind.create(body_text(body), **options))),
    }


def replace(case: dict) -> dict[str, dict]:
    """The outcomes of a PUT: on values and on text."""
    kind, options = resource_type(case["kind"]), settings(case["options"])
    stored, body = case["resource"], case["body"]
    return {
        "values": guarded(lambda: _outcome(kind.replace(stored, body, **options))),
        "text": guarded(lambda: _outcome(kind.replace(dumps(stored), body_text(body), **options))),
    }


def diff(case: dict) -> dict[str, dict]:
    """The request that `diff` makes, on values and on text."""
    kind = resource_type(case["kind"])
    old, new = case["old"], case["new"]
    return {
        "values": guarded(lambda: {"body": scim_engine.diff(old, new, kind)}),
        "text": guarded(lambda: {"body": scim_engine.diff(dumps(old), dumps(new), kind)}),
    }


def apply_strictly(case: dict, body: dict) -> dict:
    """The effect of a request of `diff` on the old resource."""
    kind = resource_type(case["kind"])
    strict = scim_engine.Tolerance.strict()
    return guarded(lambda: _outcome(scim_engine.Patch(body, kind, tolerance=strict).apply(case["old"])))


def lists(case: dict) -> dict[str, dict]:
    """What a list request says, and its answer."""
    kind, options = resource_type(case["kind"]), dict(settings(case["options"]))
    for name in ("default_count", "max_count", "cursors"):
        if name in case:
            options[name] = case[name]

    def answer(query, resources: list) -> dict:
        made = query.answer(resources, cursors=KEYS) if query.is_by_cursor else query.answer(resources)
        pages = followed(case, made, lambda text: protocol.ListQuery(text, kind, **options), cursors=KEYS)
        return {
            "filter": None if query.filter is None else str(query.filter),
            "sort_by": query.sort_by,
            "sort_order": query.sort_order,
            "start_index": query.start_index,
            "count": query.count,
            "cursor": query.cursor,
            "ignored": list(query.ignored),
            "answer": shown_page(made),
            "pages": pages,
        }

    def on_values() -> dict:
        if "query" in case:
            query = protocol.ListQuery(case["query"], kind, **options)
        else:
            query = protocol.ListQuery.from_body(case["body"], kind, **options)
        return answer(query, case["resources"])

    def on_text() -> dict:
        if "query" in case:
            query = protocol.ListQuery(case["query"].encode("utf-8", "surrogatepass"), kind, **options)
        else:
            query = protocol.ListQuery.from_body(body_text(case["body"]), kind, **options)
        return answer(query, [dumps(resource) for resource in case["resources"]])

    return {"values": guarded(on_values), "text": guarded(on_text)}


def followed(case: dict, answer: dict, query_of, **more) -> list:
    """The further pages of a request by cursor."""
    pages = []
    for resources in case.get("follow", ()):
        if "nextCursor" not in answer:
            break
        answer = query_of(f"cursor={quote(answer['nextCursor'])}{case['tail']}").answer(resources, **more)
        pages.append(shown_page(answer))
    return pages


def shown_page(answer: dict) -> dict:
    """An answer without the text of a cursor. `previousCursor` is left to the implementation (RFC 9865 §2)."""
    shown = {name: value for name, value in answer.items() if name != "previousCursor"}
    return {**shown, "nextCursor": "…"} if "nextCursor" in shown else shown


def projection(case: dict) -> dict[str, dict]:
    """What an answer shows of a resource."""
    kind = resource_type(case["kind"])

    def run(resource: object) -> dict:
        made = protocol.Projection(kind, attributes=case.get("attributes"), excluded_attributes=case.get("excluded"))
        return {"resource": made.apply(resource)}

    return {
        "values": guarded(lambda: run(case["resource"])),
        "text": guarded(lambda: run(dumps(case["resource"]))),
    }


def versions(case: dict) -> dict[str, dict]:
    """The version of a resource."""
    kind = resource_type(case["kind"])
    return {
        "values": guarded(lambda: {"version": protocol.etag(case["resource"], kind)}),
        "text": guarded(lambda: {"version": protocol.etag(dumps(case["resource"]), kind)}),
    }
