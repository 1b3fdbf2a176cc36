"""A SCIM endpoint for users and groups in a Django project; two dicts take the place of the models.

``urlpatterns`` goes into the project's ``urls.py``.
"""

import json
import logging
import uuid

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

import scim_engine as scim
from scim_engine import protocol

BASE, TOKEN = "https://app.example/scim/v2", "a-token-for-tests"
# Entra sends every attribute that is mapped, and replaces what is not there yet.
OPTIONS = {"unknown_paths": "ignore", "tolerance": scim.Tolerance(replace_creates=True)}

registry = protocol.Registry([scim.USER, scim.GROUP])
database = {"User": {}, "Group": {}}


@csrf_exempt
def endpoint(request, name, id=None):
    accept = request.headers.get("Accept")
    try:
        status, body = answer(request, name, id)
        headers = {"Content-Type": protocol.media_type(accept=accept)}
        if status == 201:
            headers["Location"] = body["meta"]["location"]
        text = "" if body is None else json.dumps(body)
    except Exception as error:
        if not isinstance(error, scim.ScimError):
            logging.exception("a SCIM request failed")
        status, headers, text = protocol.error_response(error, accept=accept)
    return HttpResponse(text, status=status, headers=headers)


def answer(request, name, id):
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        raise scim.ScimError("the token is not valid", status=401)
    if (name, request.method) == ("Schemas", "GET"):
        return 200, registry.schemas_response(base=BASE)
    kind, query = registry.by_endpoint(name), request.META["QUERY_STRING"]
    if kind is None or (id and id not in database[kind.name]):
        raise scim.NotFound(f"`{request.path}` does not exist")
    stored = database[kind.name]
    match request.method, bool(id):
        case "GET", False:
            return 200, protocol.ListQuery(query, kind).answer(stored.values())
        case "POST", False:
            created = kind.create(request.body).resource
            return 201, save(kind, protocol.stamp(created, kind, id=uuid.uuid4(), base=BASE))
        case "GET", True:
            return 200, protocol.Projection.from_query(query, kind).apply(stored[id])
        case "PUT", True:
            outcome = kind.replace(stored[id], request.body, absent="keep")  # a template does not mention everything
        case "PATCH", True:
            outcome = scim.Patch(request.body, kind, **OPTIONS).apply(stored[id])
        case "DELETE", True:
            del stored[id]
            return 204, None
        case _:
            raise scim.ScimError(f"`{request.method}` is not possible here", status=405)
    return 200, save(kind, protocol.touch(outcome.resource, kind, base=BASE, changed=outcome.changed))


def save(kind, resource):
    name = "userName" if kind == scim.USER else "displayName"
    same = scim.attr(name, kind).eq(resource[name]).select(database[kind.name].values())
    if any(other["id"] != resource["id"] for other in same):
        raise scim.Uniqueness(f"`{name}` is taken")
    database[kind.name][resource["id"]] = resource
    return protocol.Projection(kind).apply(resource)  # without the password


urlpatterns = [path("scim/v2/<name>", endpoint), path("scim/v2/<name>/<id>", endpoint)]
