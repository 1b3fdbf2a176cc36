"""An embedded store: SQLite, with user names indexed and group membership in a table of its own.

It writes what an outcome says has changed, and nothing else.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import scim_engine as scim

SCHEMA = """
create table users (
    id        text primary key,
    user_name text not null,    -- case-folded, for the index
    resource  text not null
);
create index users_by_name on users (user_name);
create table groups (
    id       text primary key,
    name     text not null,     -- case-folded
    resource text not null      -- without its members
);
create table members (
    group_id text not null references groups (id) on delete cascade,
    user_id  text not null references users (id) on delete cascade,
    element  text not null,
    primary key (group_id, user_id)
);
create index members_by_user on members (user_id);
"""

Resource = dict[str, Any]


def _text(resource: Any) -> str:
    return json.dumps(resource, ensure_ascii=False)


class Store:
    """Users and groups."""

    def __init__(self, path: str = ":memory:") -> None:
        self._db = sqlite3.connect(path)
        self._db.execute("pragma foreign_keys = on")
        self._db.executescript(SCHEMA)

    @property
    def rows_written(self) -> int:
        """How many rows were written so far."""
        return self._db.total_changes

    def close(self) -> None:
        self._db.close()

    # Users

    def user_text(self, user_id: str) -> str | None:
        """The JSON text as it is stored."""
        row = self._db.execute("select resource from users where id = ?", (user_id,)).fetchone()
        return None if row is None else str(row[0])

    def user(self, user_id: str) -> Resource | None:
        text = self.user_text(user_id)
        return None if text is None else json.loads(text)

    def users_named(self, user_name: str) -> list[str]:
        """Candidates for a user name, from the index: the JSON text of each.

        `casefold` folds more than SCIM does (`ß` and `ss` become one), so the filter has the last word.
        """
        rows = self._db.execute("select resource from users where user_name = ?", (user_name.casefold(),))
        return [row[0] for row in rows]

    def users(self) -> Iterator[str]:
        """The JSON text of every user."""
        return (row[0] for row in self._db.execute("select resource from users order by rowid"))

    def add_user(self, user: Resource) -> None:
        with self._db:
            row = (user["id"], user["userName"].casefold(), _text(user))
            self._db.execute("insert into users values (?, ?, ?)", row)

    def write_user(self, user: Resource) -> None:
        with self._db:
            row = (user["userName"].casefold(), _text(user), user["id"])
            self._db.execute("update users set user_name = ?, resource = ? where id = ?", row)

    def delete_user(self, user_id: str) -> bool:
        """Deletes a user, and with it its memberships."""
        with self._db:
            return self._db.execute("delete from users where id = ?", (user_id,)).rowcount == 1

    # Groups

    def group(self, group_id: str) -> Resource | None:
        """A group with its members."""
        row = self._db.execute("select resource from groups where id = ?", (group_id,)).fetchone()
        return None if row is None else self._with_members(json.loads(row[0]))

    def groups(self) -> list[Resource]:
        rows = self._db.execute("select resource from groups order by rowid").fetchall()
        return [self._with_members(json.loads(row[0])) for row in rows]

    def is_group_named(self, name: str) -> bool:
        return self._db.execute("select 1 from groups where name = ?", (name.casefold(),)).fetchone() is not None

    def members(self, group_id: str) -> list[str]:
        """The ids of a group's members."""
        rows = self._db.execute("select user_id from members where group_id = ? order by rowid", (group_id,))
        return [row[0] for row in rows]

    def add_group(self, group: Resource) -> None:
        members = group.get("members", [])
        with self._db:
            row = (group["id"], group["displayName"].casefold(), self._without_members(group))
            self._db.execute("insert into groups values (?, ?, ?)", row)
            self._add_members(group["id"], members)

    def write_group(self, group: Resource, changes: tuple[scim.Change, ...]) -> None:
        """Writes the rows of the members that came and went, and the group itself without its members."""
        with self._db:
            for change in changes:
                if change.path == "members":
                    gone = change.removed + [replaced.old for replaced in change.replaced]
                    keys = [(group["id"], element["value"]) for element in gone]
                    self._db.executemany("delete from members where group_id = ? and user_id = ?", keys)
                    self._add_members(group["id"], change.added + [replaced.new for replaced in change.replaced])
            row = (group["displayName"].casefold(), self._without_members(group), group["id"])
            self._db.execute("update groups set name = ?, resource = ? where id = ?", row)

    def _add_members(self, group_id: str, elements: list[Resource]) -> None:
        rows = [(group_id, element["value"], _text(element)) for element in elements]
        try:
            self._db.executemany("insert into members values (?, ?, ?)", rows)
        except sqlite3.IntegrityError as error:
            raise scim.InvalidValue("`members`: names a user that is not there") from error

    def _with_members(self, group: Resource) -> Resource:
        rows = self._db.execute("select element from members where group_id = ? order by rowid", (group["id"],))
        elements = [json.loads(row[0]) for row in rows]
        return {**group, "members": elements} if elements else group

    @staticmethod
    def _without_members(group: Resource) -> str:
        return _text({name: value for name, value in group.items() if name != "members"})
