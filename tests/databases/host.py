"""A host that keeps the resources of any resource type in columns: its tables, its mapping, and its rows.

Each single value has a column, each multi-valued attribute a table, and a list within an element a table below it.
A value that a column cannot hold is not stored, as a host would not. So `Host.shown` gives the resources as the host
shows them, made from its rows alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zlib import crc32

import scim_engine as scim
from scim_engine import sql
from scim_engine.sql import Column, Mapping, Rows, Source
from tests.differential.kinds import Attr, View

TYPES = {
    "postgresql": {
        "text": "text",
        "boolean": "boolean",
        "integer": "bigint",
        "float": "double precision",
        "json": "jsonb",
    },
    "sqlite": {"text": "text", "boolean": "integer", "integer": "integer", "float": "real", "json": "text"},
    "duckdb": {"text": "varchar", "boolean": "boolean", "integer": "bigint", "float": "double", "json": "json"},
    "mariadb": {"text": "longtext", "boolean": "boolean", "integer": "bigint", "float": "double"},
}
COLLATION = {"postgresql": ' collate "C"', "sqlite": "", "duckdb": "", "mariadb": ""}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DATE_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})0*)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def micros(text: str) -> int | None:
    """A dateTime of four digits of a year, with at most six of a fraction, as microseconds since 1970."""
    found = DATE_TIME.fullmatch(text)
    if not found:
        return None
    *parts, fraction, zone = found.groups()
    try:
        moment = datetime(*map(int, parts), tzinfo=UTC)
    except ValueError:
        return None
    if zone and zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[4:])
        if hours > 14 or minutes > 59 or (hours == 14 and minutes):
            return None
        try:
            moment -= timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
        except OverflowError:
            return None
    return (moment - EPOCH) // timedelta(microseconds=1) + int((fraction or "").ljust(6, "0"))


# The name of a column; or the column of a JSON document, and a path in it.
Place = str | list


def source(at: Place) -> str | Source:
    return at if isinstance(at, str) else Source.json(at[0], *at[1:])


def column(said: dict) -> Column:
    """A column as `Field.mapped` says it."""
    more = {name: source(said[name]) for name in ("folded", "text") if name in said}
    if "unassigned" in said:
        more["unassigned"] = said["unassigned"]
    made: Column = getattr(Column, said["holds"])(source(said["at"]), **more)
    return made


def field_of(said: dict) -> Column | Rows:
    """A column, or rows as `Host.rows` says them."""
    if "fields" not in said:
        return column(said)
    columns = {name: field_of(inner) for name, inner in said["fields"].items()}
    if "table" in said:
        return Rows(said["table"], columns, on=dict(said["on"]), position=said["position"])
    return Rows.json(said["json"][0], said["json"][1:], columns)


@dataclass
class Field:
    """A column or some, or a table, of an attribute."""

    attr: Attr
    path: str
    column: str
    text_form: str
    form: str = "both"
    """How a text is stored: `both` itself and its key, the `key` alone, or both with `empty` texts for none."""

    @property
    def is_text(self) -> bool:
        return self.attr.type in ("string", "reference", "binary")

    def key(self, text: str) -> str:
        """What a filter compares."""
        if self.text_form.startswith("username"):
            return scim.username_key(text, case_exact=self.text_form == "username_exact")
        return scim.fold_case(text) if self.text_form == "folded" else text

    def columns(self) -> list[tuple[str, str]]:
        """The names and types of the columns."""
        if self.is_text:
            return [(self.column, "text"), (f"{self.column}_key", "text")]
        if self.attr.type == "dateTime":
            return [(self.column, "text"), (f"{self.column}_us", "integer"), (f"{self.column}_text", "text")]
        return [(self.column, {"boolean": "boolean", "integer": "integer", "decimal": "float"}[self.attr.type])]

    def stored(self, value: object) -> list[object] | None:
        """The values of the columns; `None` if they cannot hold the value."""
        kind = self.attr.type
        if kind in ("string", "reference", "binary", "dateTime"):
            if not isinstance(value, str) or "\0" in value:
                return None
            if kind != "dateTime":
                if self.form == "empty" and not value:
                    return None
                return [value, self.key(value)]
            instant = micros(value)
            return None if instant is None else [value, instant, scim.fold_case(value)]
        if kind == "boolean":
            return [value] if isinstance(value, bool) else None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return None
        if kind == "integer":
            return [int(value)] if value == int(value) and abs(value) < 2**63 else None
        try:
            number = float(value)
        except OverflowError:
            return None
        return [number] if abs(number) != float("inf") else None

    def nothing(self) -> list[object]:
        """The values of the columns for an unassigned attribute."""
        return [""] * 2 if self.is_text and self.form == "empty" else [None] * len(self.columns())

    def shown(self, values: list[object]) -> object:
        """The value as the host shows it: of a floating-point number the shortest decimal form."""
        return Decimal(repr(values[0])) if self.attr.type == "decimal" else values[0]

    def mapped(self, place: Callable[[str], Place]) -> dict:
        """What the mapping says of the columns. `place` is where a column of this name is."""
        if self.is_text and self.form == "key":
            return {"holds": "folded", "at": place(f"{self.column}_key")}
        if self.is_text:
            both = {"holds": "text", "at": place(self.column), "folded": place(f"{self.column}_key")}
            return {**both, "unassigned": ""} if self.form == "empty" else both
        if self.attr.type == "dateTime":
            return {"holds": "micros", "at": place(f"{self.column}_us"), "text": place(f"{self.column}_text")}
        kind = "float" if self.attr.type == "decimal" else self.attr.type
        return {"holds": kind, "at": place(self.column)}


@dataclass
class Table:
    """A table: of the resources (without a parent), or of the elements of a list."""

    name: str
    parent: Table | None
    fields: list[Field]
    lists: list[tuple[Field, Table]] = field(default_factory=list)
    rows: list[list[object]] = field(default_factory=list)

    def keys(self) -> list[str]:
        """The columns that are not of an attribute."""
        return ["id", "parent", "position"] if self.parent else ["id"]

    def columns(self) -> list[tuple[str, str]]:
        own = [("id", "integer")] + ([("parent", "integer"), ("position", "integer")] if self.parent else [])
        return own + [column for item in self.fields for column in item.columns()]

    def all(self) -> list[Table]:
        return [self, *(inner for _, table in self.lists for inner in table.all())]


class Host:
    """The tables and the mapping of a resource type. `missing` are paths that the mapping does not have."""

    def __init__(self, view: View, kind: scim.ResourceType, missing: frozenset[str] = frozenset()):
        self.view, self.kind, self.missing = view, kind, missing
        self.places: dict[str, tuple[str | None, Attr, Attr | None]] = {}
        self.users = Table("users", None, [])
        for urn, attr in view.all():
            prefix = f"{urn}:" if urn else ""
            self._add(self.users, attr, f"{prefix}{attr.name}", (urn, attr, None))
        self.paths = self._paths(self.users)
        self.mapping = self._mapping()
        self.documents: list[dict] = []

    def _form(self, path: str) -> str:
        """In which form the texts of an attribute are compared: what the plan of a filter on it says."""
        try:
            plan = scim.Filter(f"{path} pr", self.kind).plan()
        except scim.InvalidFilter:
            return "exact"  # a secret, which no filter compares
        while "path" not in (inner := next(iter(plan.values()))) or "within" in inner:
            plan = inner["within"] if "within" in inner else inner[0]
        return inner["text_form"]

    def _add(self, table: Table, attr: Attr, path: str, place: tuple) -> None:
        # No path leads to an attribute whose path is the URN of a schema.
        if path == "schemas" or path.lower() in (urn.lower() for urn, _ in self.view.extensions):
            return
        if attr.multi:
            inner = Table(f"t{len(self.users.all())}", table, [])
            item = Field(attr, path, inner.name, "exact")
            table.lists.append((item, inner))
            self.places[path] = place
            if attr.type == "complex":
                for sub in attr.subs:
                    self._add(inner, sub, f"{path}.{sub.name}", (*place[:2], sub))
            else:
                inner.fields.append(Field(attr, path, "c", self._form(path)))
        elif attr.type == "complex":
            for sub in attr.subs:
                self._add(table, sub, f"{path}.{sub.name}", (*place[:2], sub))
        else:
            number = len(table.fields)
            form = ("both", "key", "empty")[crc32(path.encode()) % 3]
            table.fields.append(Field(attr, path, f"c{number}", self._form(path), form))
            self.places[path] = place

    def _paths(self, table: Table) -> list[str]:
        lists = [path for item, inner in table.lists for path in (item.path, *self._paths(inner))]
        return [item.path for item in table.fields] + lists

    def _rows(self, item: Field, table: Table) -> dict:
        columns = {}
        for inner in table.fields:
            name = inner.path[len(item.path) + 1 :] if item.attr.type == "complex" else "value"
            if inner.path not in self.missing or name == "value":
                columns[name] = inner.mapped(self.place_in_rows)
        for inner, below in table.lists:
            if inner.path not in self.missing:
                columns[inner.attr.name] = self._rows(inner, below)
        return self.rows(table, columns)

    def said(self) -> dict:
        """The mapping as data, from which `tests/databases/sea_query.rs` makes it, too."""
        fields = {item.path: item.mapped(self.place) for item in self.users.fields if item.path not in self.missing}
        lists = {
            item.path: self._rows(item, table) for item, table in self.users.lists if item.path not in self.missing
        }
        return {"fields": {**fields, **lists}}

    def _mapping(self) -> Mapping:
        fields = {path: field_of(said) for path, said in self.said()["fields"].items()}
        return Mapping(self.kind, "users", fields, key=Column.integer("id"), schemas=True)

    def place(self, name: str) -> Place:
        """Where a value of a resource is."""
        return name

    def place_in_rows(self, name: str) -> Place:
        """Where a value of an element is."""
        return name

    def rows(self, table: Table, columns: dict) -> dict:
        """Where the elements of a list are."""
        return {"table": table.name, "on": {"parent": "id"}, "position": "position", "fields": columns}

    def tables(self) -> list[Table]:
        """The tables with their rows, as the database has them."""
        return self.users.all()

    def store(self, document: dict) -> None:
        """Stores a resource, and remembers how it is shown."""
        number = len(self.users.rows)
        self.documents.append(self._stored(document, number))

    def _stored(self, document: dict, number: int) -> dict:
        shown: dict = {}
        row: list[object] = [number]
        for item in self.users.fields:
            values = item.stored(self._found(document, item.path))
            row += values or item.nothing()
            if values:
                self._show(shown, item.path, item.shown(values))
        self.users.rows.append(row)
        for item, table in self.users.lists:
            elements = self._elements(item, table, self._found(document, item.path), number)
            if elements:
                self._show(shown, item.path, elements)
        present = [urn for urn, _ in self.view.extensions if shown.get(urn)]
        return {"schemas": [self.kind.schema["id"], *present], **shown}

    def _elements(self, item: Field, table: Table, values: object, parent: int) -> list:
        shown = []
        for position, value in enumerate(values if isinstance(values, list) else []):
            number = len(table.rows)
            row: list[object] = [number, parent, position]
            element: dict = {}
            for inner in table.fields:
                name = inner.attr.name
                own = value if item.attr.type != "complex" else value.get(name) if isinstance(value, dict) else None
                found = inner.stored(own)
                row += found or inner.nothing()
                if found:
                    element[name] = inner.shown(found)
            table.rows.append(row)
            for inner, below in table.lists:
                own = value.get(inner.attr.name) if isinstance(value, dict) else None
                elements = self._elements(inner, below, own, number)
                if elements:
                    element[inner.attr.name] = elements
            if element:
                shown.append(element if item.attr.type == "complex" else element[item.attr.name])
        return shown

    def _found(self, document: dict, path: str) -> object:
        urn, attr, sub = self.places[path]
        holder = document.get(urn) if urn else document
        value = holder.get(attr.name) if isinstance(holder, dict) else None
        if sub is None:
            return value
        return value.get(sub.name) if isinstance(value, dict) else None

    def _show(self, shown: dict, path: str, value: object) -> None:
        urn, attr, sub = self.places[path]
        holder = shown.setdefault(urn, {}) if urn else shown
        if sub is not None:
            holder, name = holder.setdefault(attr.name, {}), sub.name
        else:
            name = attr.name
        holder[name] = value

    def statements(self, dialect: str) -> list[str]:
        """What makes the tables."""
        types = TYPES[dialect]
        made = []
        for table in self.tables():
            columns = ", ".join(
                f"{name} {types[kind]}{COLLATION[dialect] if kind == 'text' else ''}" for name, kind in table.columns()
            )
            made.append(f"create table {table.name} ({columns})")
        return made

    def indexes(self) -> list[str]:
        """Indexes of the parents of rows."""
        return [f"create index {table.name}_p on {table.name} (parent)" for table in self.tables() if table.parent]


class JsonHost(Host):
    """The same host, which keeps the columns of each resource in a JSON document, and the rows of lists in lists."""

    def place(self, name: str) -> Place:
        return ["doc", name]

    def place_in_rows(self, name: str) -> Place:
        return ["value", name]

    def rows(self, table: Table, columns: dict) -> dict:
        return {"json": ["value" if table.parent is not self.users else "doc", table.name], "fields": columns}

    def tables(self) -> list[Table]:
        documents = Documents("users", None, [])
        documents.rows = [[row[0], json.dumps(self._document(self.users, row))] for row in self.users.rows]
        return [documents]

    def _document(self, table: Table, row: list[object]) -> dict:
        names = [name for name, _ in table.columns()]
        document = {
            name: value
            for name, value in zip(names, row, strict=True)
            if name not in table.keys() and value is not None  # noqa: SIM118
        }
        for _, inner in table.lists:
            elements = [self._document(inner, below) for below in inner.rows if below[1] == row[0]]
            if elements:
                document[inner.name] = elements
        return document


class FoldedHost(JsonHost):
    """The same host, which keeps the folded copies of the documents that it shows."""

    def said(self) -> dict:
        return {"folded": "doc"}

    def _mapping(self) -> Mapping:
        return Mapping.of_folded(self.kind, "users", "doc", key=Column.integer("id"))

    def tables(self) -> list[Table]:
        documents = Documents("users", None, [])
        folded = (sql.fold(shown, self.kind) for shown in self.documents)
        documents.rows = [[number, json.dumps(copy, default=float)] for number, copy in enumerate(folded)]
        return [documents]


class Documents(Table):
    """A table of documents."""

    def columns(self) -> list[tuple[str, str]]:
        return [("id", "integer"), ("doc", "json")]
