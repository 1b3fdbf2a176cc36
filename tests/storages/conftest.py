"""The databases, each started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import scim_engine as scim
from tests.databases.engines import PostgreSql, Sqlite

from .hosts import Host, OfDjango, OfSqlAlchemy
from .product import Product

DATABASES = {"sqlite": Sqlite, "postgresql": PostgreSql}


@pytest.fixture(scope="session")
def databases() -> Iterator[dict[str, Sqlite | PostgreSql]]:
    made = {name: start() for name, start in DATABASES.items()}
    yield made
    made["postgresql"].close()


@pytest.fixture(scope="module", params=[f"{orm}-{name}" for orm in ("sqlalchemy", "django") for name in DATABASES])
def host(request: pytest.FixtureRequest, databases: dict[str, Sqlite | PostgreSql]) -> Iterator[Host]:
    """Users and groups with all their attributes in tables."""
    orm, _, name = request.param.partition("-")
    made = (OfSqlAlchemy if orm == "sqlalchemy" else OfDjango)(databases[name])
    made.fill(Product(scim.USER, scim.GROUP))
    yield made
    made.close()
