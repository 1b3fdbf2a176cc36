"""Filters over objects as they are in memory: dataclasses, rows of a database, and a ``Mapping`` of one's own.

Run it: ``python examples/python/own_objects.py``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import scim_engine as scim

FILTERS = (
    "active eq true",
    'emails[type eq "work" and value ew "@HARBOUR.example"]',
    'not (emails.type eq "work")',
)


@dataclass
class Email:
    """Fields with the names of SCIM are read in place."""

    type: str
    value: str


@dataclass
class User:
    userName: str
    active: bool
    emails: list[Email] = field(default_factory=list)


class RowDocument(Mapping[str, Any]):
    """A row as the resource that it stands for. A value is made when a filter reads it."""

    COLUMNS: Mapping[str, Callable[[sqlite3.Row], Any]] = {
        "userName": lambda row: row["login"],
        "active": lambda row: bool(row["is_enabled"]),
        "emails": lambda row: [
            {"type": kind, "value": row[column]}
            for kind, column in (("work", "work_mail"), ("home", "private_mail"))
            if row[column] is not None
        ],
    }

    def __init__(self, row: sqlite3.Row) -> None:
        self.row = row

    def __getitem__(self, name: str) -> Any:
        return self.COLUMNS[name](self.row)

    def __iter__(self) -> Iterator[str]:
        return iter(self.COLUMNS)

    def __len__(self) -> int:
        return len(self.COLUMNS)


def users() -> list[User]:
    return [
        User("mirela", True, [Email("work", "mirela@harbour.example"), Email("home", "mirela@home.example")]),
        User("otto", True, [Email("home", "otto@home.example")]),
        User("ines", False, [Email("work", "ines@harbour.example")]),
    ]


def rows() -> list[sqlite3.Row]:
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    database.execute("create table accounts (login text, is_enabled integer, work_mail text, private_mail text)")
    database.executemany(
        "insert into accounts values (?, ?, ?, ?)",
        [
            ("mirela", 1, "mirela@harbour.example", "mirela@home.example"),
            ("otto", 1, None, "otto@home.example"),
            ("ines", 0, "ines@harbour.example", None),
        ],
    )
    found = database.execute("select * from accounts").fetchall()
    database.close()
    return found


def main() -> None:
    for text in FILTERS:
        wanted = scim.Filter(text, scim.USER)
        objects = [user.userName for user in wanted.select(users())]
        logins = [document.row["login"] for document in wanted.select(map(RowDocument, rows()))]
        assert logins == objects
        print(f"{text}: {', '.join(logins)}")


if __name__ == "__main__":
    main()
