"""A product that has a column, or a table, for each attribute of its resource types."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

import scim_engine as scim
from scim_engine.sql import Column, Mapping, Rows

TEXTS = ("string", "reference", "binary")
# What has columns in spite of a JSON column for the rest.
COLUMNS = ("userName", "active", "emails", "members", "manager", "groups", "displayName")


@dataclass
class Table:
    """A table: its columns with the types of SCIM, and the table that its rows belong to."""

    name: str
    columns: dict[str, str] = field(default_factory=dict)
    owner: str | None = None


class Product:
    """Tables and mappings for some resource types. Ids are counted together. With `refers`, members and managers are
    those that there are. With `rest`, some attributes alone have columns, and others are in a JSON column."""

    def __init__(self, *kinds: scim.ResourceType, refers: bool = False, rest: bool = False):
        self.refers, self.rest = refers, rest
        self.tables: list[Table] = []
        self.mappings = {kind.name: self._mapped(kind) for kind in kinds}
        self.counted: Iterator[int] = itertools.count(1)

    def next_id(self) -> int:
        return next(self.counted)

    def _mapped(self, kind: scim.ResourceType) -> Mapping:
        root = Table(f"{kind.name.lower()}s", {"version": "integer", "created": "dateTime", "changed": "dateTime"})
        self.tables.append(root)
        mapped: dict[str, Any] = {
            "id": Column.digits("id"),
            "externalId": self._column(root, "external_id", {"type": "string", "caseExact": True}),
            "meta.created": Column.micros("created"),
            "meta.lastModified": Column.micros("changed"),
            "meta.resourceType": kind.name,
        }
        for schema in (kind.schema, *kind.extensions):
            prefix = "" if schema is kind.schema else f"{schema['id']}:"
            for attribute in schema["attributes"]:
                path = prefix + attribute["name"]
                if attribute.get("returned") == "never" or (self.rest and attribute["name"] not in COLUMNS):
                    continue
                if attribute.get("multiValued"):
                    readable = attribute.get("mutability") != "readOnly"
                    mapped[path] = self._rows(root, attribute) if readable else None
                elif attribute["type"] == "complex":
                    for sub in attribute["subAttributes"]:
                        name = f"{attribute['name']}_{sub['name']}".replace("$", "")
                        mapped[f"{path}.{sub['name']}"] = self._sub(root, name, attribute, sub)
                else:
                    mapped[path] = self._column(root, attribute["name"], attribute)
        rest = {}
        if self.rest:
            rest = {"rest": "rest_", "rest_folded": "restkey"}
            root.columns.update(dict.fromkeys(rest.values(), "json"))
        return Mapping(
            kind,
            root.name,
            mapped,
            **rest,
            key=Column.integer("id"),
            version=Column.integer("version"),
            schemas=True,
            complete=True,
        )

    def _rows(self, root: Table, attribute: dict[str, Any]) -> Rows:
        table = Table(f"{root.name}_{attribute['name']}".lower(), owner=root.name)
        self.tables.append(table)
        subs = attribute.get("subAttributes") or [{**attribute, "name": "value"}]
        columns = {sub["name"]: self._sub(table, sub["name"].replace("$", ""), attribute, sub) for sub in subs}
        return Rows(table.name, columns, on={"owner": "id"}, position="id", complete=True)

    def _sub(self, table: Table, name: str, attribute: dict[str, Any], sub: dict[str, Any]) -> Column:
        if self.refers and sub["name"] == "value" and attribute["name"] in ("members", "manager"):
            table.columns[f"{name}_"] = "integer"
            return Column.digits(f"{name}_", refers_to="User")
        return self._column(table, name, sub)

    def _column(self, table: Table, name: str, attribute: dict[str, Any]) -> Column:
        name = f"{name}_".lower()  # `order` and `primary` are words of SQL
        kind = attribute["type"]
        table.columns[name] = kind
        if kind in TEXTS:
            if attribute.get("caseExact") or kind != "string":
                return Column.text(name)
            table.columns[f"{name}key"] = kind
            return Column.text(name, folded=f"{name}key")
        makers = {"boolean": Column.boolean, "integer": Column.integer, "decimal": Column.float}
        return makers.get(kind, Column.micros)(name)

    def metadata(self) -> sa.MetaData:
        """The tables, for SQLAlchemy."""
        metadata = sa.MetaData()
        types = {
            "boolean": sa.Boolean(),
            "decimal": sa.Double(),
            "integer": sa.BigInteger(),
            "dateTime": sa.BigInteger(),
            "json": sa.JSON().with_variant(JSONB(), "postgresql"),
        }
        for table in self.tables:
            if table.owner is None:
                own = [sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False, default=self.next_id)]
            else:
                key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
                own = [
                    sa.Column("id", key, primary_key=True),
                    sa.Column("owner", sa.ForeignKey(f"{table.owner}.id"), nullable=False, index=True),
                ]
            columns: list[Any] = [sa.Column(name, types.get(kind, sa.Text())) for name, kind in table.columns.items()]
            columns += [sa.UniqueConstraint(name) for name in table.columns if name == "username_key"]
            sa.Table(table.name, metadata, *own, *columns)
        return metadata
