"""Storages over the tables of a product, on each database."""

from __future__ import annotations

import threading
from typing import Any

import sqlalchemy as sa
from django.db import connections

from scim_engine import django as scim_django
from scim_engine import sqlalchemy as scim_sqlalchemy
from tests.databases.engines import Django, MariaDb, PostgreSql, SqlAlchemy, Sqlite

from .product import TEXTS, Product


class OfSqlAlchemy:
    """SQLAlchemy on a database."""

    def __init__(self, under: Sqlite | PostgreSql | MariaDb):
        self.name = f"sqlalchemy-{under.name}"
        self.under, self.engine = under, SqlAlchemy(under).engine
        if isinstance(under, Sqlite):
            # Nothing here survives the machine, so nothing waits for its disk.
            sa.event.listen(self.engine, "connect", lambda made, _: made.execute("pragma synchronous = off"))

    def fill(self, product: Product) -> None:
        """Makes the tables of a product anew."""
        self.product, self.metadata = product, product.metadata()
        if isinstance(self.under, MariaDb):
            self.under.connection.cursor().execute("create database if not exists hosts charset utf8mb4")
        old = sa.MetaData()
        old.reflect(self.engine)
        old.drop_all(self.engine)
        self.metadata.create_all(self.engine)

    def close(self) -> None:
        """Closes the connections."""
        self.engine.dispose()

    def clear(self) -> None:
        """Empties the tables, and counts ids from 1 again."""
        with self.engine.begin() as connection:
            for table in reversed(self.metadata.sorted_tables):
                connection.execute(sa.delete(table))
        self.product.counted = iter(range(1, 1_000_000))

    def storage(self, **options: Any) -> Any:
        """A storage for one request."""
        tables = {self.metadata.tables[mapping.table]: mapping for mapping in self.product.mappings.values()}
        return scim_sqlalchemy.TableStorage(self.engine.begin, tables, **options)


class OfDjango:
    """Django's models on a database."""

    def __init__(self, under: Sqlite | PostgreSql | MariaDb):
        self.name = f"django-{under.name}"
        self.tables, self.django = OfSqlAlchemy(under), Django(under)

    def fill(self, product: Product) -> None:
        from django.apps.registry import Apps
        from django.db import models

        self.tables.fill(product)
        self.product = product
        kinds = {
            **dict.fromkeys(TEXTS, models.TextField),
            "boolean": models.BooleanField,
            "integer": models.BigIntegerField,
            "decimal": models.FloatField,
            "dateTime": models.BigIntegerField,
            "json": models.JSONField,
        }
        registry = Apps([])
        self.models: dict[str, Any] = {}
        for table in product.tables:
            fields = {name.rstrip("_"): kinds[kind](null=True, db_column=name) for name, kind in table.columns.items()}
            if table.owner is None:
                fields["id"] = models.BigIntegerField(primary_key=True, default=product.next_id)
            else:
                fields["id"] = models.BigAutoField(primary_key=True)
                owner = self.models[table.owner]
                fields["owner"] = models.ForeignKey(owner, models.CASCADE, related_name="+", db_column="owner")
            meta = type("Meta", (), {"app_label": "hosts", "apps": registry, "managed": False, "db_table": table.name})
            made = type(table.name.capitalize(), (models.Model,), {**fields, "Meta": meta, "__module__": __name__})
            self.models[table.name] = made
        alias = self.name
        if alias in connections.settings:
            connections[alias].close()
        settings = self.django._settings()
        if isinstance(self.tables.under, Sqlite):
            # Who has read and then writes would be refused at once, if another has written meanwhile.
            settings["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}
        connections.settings[alias] = connections.configure_settings({"default": settings})["default"]
        connections[alias] = connections.create_connection(alias)

    def close(self) -> None:
        self.tables.close()
        connections[self.name].close()

    def clear(self) -> None:
        self.tables.clear()

    def storage(self, **options: Any) -> Any:
        tables = {self.models[mapping.table]: mapping for mapping in self.product.mappings.values()}
        return _Closing(tables, using=self.name, **options)


class _Closing(scim_django.TableStorage):
    """A storage that closes the connection of a thread, as Django does after a request."""

    def release(self) -> None:
        super().release()
        if threading.current_thread() is not threading.main_thread():
            connections[self._using].close()


Host = OfSqlAlchemy | OfDjango
