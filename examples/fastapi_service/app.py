"""The ASGI app: the endpoint of each tenant, and who may ask it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping as Dict

from fastapi import FastAPI, Request, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

import scim_engine as scim
from scim_engine.endpoint import Caller, Endpoint, asgi
from scim_engine.protocol import Cursors, Registry

from .audit import AuditedStorage
from .tables import Database, groups, users
from .tenants import Absent, authenticate, cursor_key


def create_app(
    database: Database, *, attributes: list[str] | None = None, max_body: int = 1_048_576, base_url: str | None = None
) -> FastAPI:
    """The app over a database. A product has its own routes beside the mounted ones."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    tenants = Tenants(database, attributes, max_body, base_url)
    app.mount("/tenants/{tenant}/scim/v2", tenants)
    app.add_exception_handler(HTTPException, tenants.refuse)
    app.add_exception_handler(Exception, tenants.refuse)
    return app


class Tenants:
    """The endpoints of all tenants, as an ASGI app below a path with the parameter `tenant`."""

    def __init__(self, database: Database, attributes: list[str] | None, max_body: int, base_url: str | None) -> None:
        self.database, self.base_url = database, base_url
        self.mappings = [users(attributes), groups()]
        registry = Registry([mapping.resource_type for mapping in self.mappings])
        cursors = Cursors(cursor_key(database))
        # One for each policy of a tenant. Clients send what the product does not have, and it is ignored.
        self.endpoints: dict[Absent, Endpoint] = {
            absent: Endpoint(
                registry,
                absent=absent,
                unknown="ignore",
                unknown_paths="ignore",
                tolerance=scim.Tolerance(replace_creates=True),  # as Entra does
                cursors=cursors,
                max_body=max_body,
            )
            for absent in ("keep", "clear")
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request of a tenant. The caller is authenticated before anything else is read."""
        tenant, authorization = scope["path_params"]["tenant"], Headers(scope=scope).get("authorization", "")
        token = await asyncio.to_thread(authenticate, self.database, tenant, authorization)

        async def guard(headers: Dict[str, str], path: str) -> Caller:
            if token is None:
                raise scim.ScimError("a valid bearer token of this tenant is needed", status=401)
            return Caller(AuditedStorage(self.database, self.mappings, token), context=tenant)

        base = self.base_url and f"{self.base_url.rstrip('/')}{scope['root_path']}"
        answer = asgi(self.endpoints[token.absent if token else "keep"], guard, base=base)
        await answer(scope, receive, send)

    async def refuse(self, request: Request, error: Exception) -> Response:
        """The answer to a request that does not come to an endpoint, without details of what failed."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        refused = scim.ScimError("there is nothing here" if status == 404 else "internal error", status=status)
        answer = self.endpoints["keep"].refuse(refused, headers=request.headers)
        return Response(answer.body, answer.status, dict(answer.headers))
