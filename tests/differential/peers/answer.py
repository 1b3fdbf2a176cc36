"""Answers requests by scim2-models, one JSON text per line. It runs in an environment of its own.

{"task": "filters", "kind": {…}, "filter": "…", "documents": [{…}, …]}   {"matches": [true, …]} or {"refused": "…"}
{"task": "patch", "kind": {…}, "resource": {…}, "body": {…}}              {"resource": {…}} or {"refused": "…"}
{"task": "create", "kind": {…}, "body": {…}}                              the same
{"task": "replace", "kind": {…}, "resource": {…}, "body": {…}}            the same

`kind` has the members `name`, `schema` and `extensions`. The answer is `{"unable": "…"}` if scim2-models
makes no model of the schemas, or does not read a stored resource.
"""

import json
import sys
from collections.abc import Callable

from pydantic import ValidationError
from scim2_models import Context, Error, Extension, PatchOp, Resource, Schema, SCIMException, ScimFilter, SearchRequest

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
_models: dict[str, object] = {}


class Unable(Exception):
    """Something that is not a matter of the request."""


def model_of(kind: dict) -> type:
    """The model that scim2-models makes of the schemas."""
    key = json.dumps(kind)
    if key not in _models:
        try:
            extensions = [Extension.from_schema(Schema.model_validate(one)) for one in kind["extensions"]]
            made = Resource.from_schema(Schema.model_validate(kind["schema"]))
            for extension in extensions[:1]:
                union = extension
                for other in extensions[1:]:
                    union = union | other
                made = made[union]
            _models[key] = made
        except Exception as error:
            _models[key] = f"{type(error).__name__}: {error}"
    found = _models[key]
    if isinstance(found, str):
        raise Unable(found)
    return found


def stored(model: type, resource: dict) -> object:
    """A stored resource."""
    try:
        return model.model_validate(resource)
    except ValidationError as error:
        raise Unable(f"stored resource: {error}") from None


def filters(request: dict) -> dict:
    model = model_of(request["kind"])
    documents = [stored(model, one) for one in request["documents"]]
    # A filter alone takes any name. The request of an endpoint refuses names that its resource type does not have.
    search = {"schemas": [SEARCH], "filter": request["filter"]}
    SearchRequest[model].model_validate(search, scim_ctx=Context.SEARCH_REQUEST)
    made = ScimFilter[model](request["filter"])
    return {"matches": [made.match(one) for one in documents]}


def patch(request: dict) -> dict:
    model = model_of(request["kind"])
    resource = stored(model, request["resource"])
    made = PatchOp[model].model_validate(request["body"], scim_ctx=Context.RESOURCE_PATCH_REQUEST)
    made.patch(resource)
    return {"resource": resource.model_dump()}


def create(request: dict) -> dict:
    model = model_of(request["kind"])
    made = model.model_validate(request["body"], scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    return {"resource": made.model_dump()}


def replace(request: dict) -> dict:
    model = model_of(request["kind"])
    resource = stored(model, request["resource"])
    made = model.model_validate(request["body"], scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
    made.replace(resource)
    return {"resource": made.model_dump()}


TASKS: dict[str, Callable[[dict], dict]] = {"filters": filters, "patch": patch, "create": create, "replace": replace}


def answer(request: dict) -> dict:
    try:
        return TASKS[request["task"]](request)
    except Unable as error:
        return {"unable": str(error)}
    except SCIMException as error:
        return {"refused": error.scim_type, "detail": str(error)}
    except ValidationError as error:
        first = Error.from_validation_errors(error)[0]
        return {"refused": first.scim_type, "detail": first.detail}
    except Exception as error:
        return {"error": type(error).__name__, "detail": str(error)}


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
