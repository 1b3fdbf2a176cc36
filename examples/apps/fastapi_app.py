"""SCIM in a FastAPI app: `uvicorn --factory fastapi_app:create_app`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import sqlalchemy as sa
from fastapi import FastAPI
from product import Base, Scim

from scim_engine.endpoint import Caller, asgi


def create_app(url: str = "sqlite:///product.db") -> FastAPI:
    """The product, and SCIM below `/scim/v2`. The database is asked in threads."""
    app = FastAPI()
    engine = sa.create_engine(url)
    scim = Scim(engine)
    Base.metadata.create_all(engine)

    async def guard(headers: Mapping[str, str], path: str) -> Caller:
        return await asyncio.to_thread(scim.guard, headers, path)

    @app.get("/")
    def home() -> str:
        return "the product"

    app.mount("/scim/v2", asgi(scim.endpoint, guard))
    return app
