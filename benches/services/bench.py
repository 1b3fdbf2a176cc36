"""Throughput of the example services over loopback, compared with scim2-server's own server and django-scim2.

    python benches/services/bench.py [--seconds 5] [--users 2000] [--members 10000] [--threads 4] [--json FILE]

Each server runs as one process on the same machine as the client, with the same people and one large group. The
client measures look-ups (`userName eq`), PUTs that change one attribute, and PATCHes that add or remove one member of
the large group. "limit" is an ASGI application that answers every request with a fixed body: the most that uvicorn and
the client can do.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from load import Connection, Rate, measure

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
AXUM = ROOT / "examples/axum_service/target/release/scim-axum-service"


@dataclass(frozen=True)
class Server:
    """A running server, and the form of requests to it."""

    base: str
    token: str | None
    user_ids: list[str]
    group_id: str
    spare: list[str]
    """Values that are not members of the group yet."""
    removes_by_path: bool
    """Whether it removes by `members[value eq "x"]`. If not, it removes by a list of values."""


def person(number: int, title: str | None = None) -> dict[str, Any]:
    body = {
        "schemas": [USER],
        "userName": f"person{number}@harbour.example",
        "name": {"givenName": "Ines", "familyName": f"Person {number}"},
        "emails": [{"value": f"person{number}@harbour.example", "type": "work", "primary": True}],
        "active": True,
    }
    if title is not None:
        body["title"] = title
        body["name"]["givenName"] = title
    return body


@contextmanager
def process(command: list[str], env: dict[str, str] | None = None, ready: str = "listening on ") -> Iterator[str]:
    """Starts a server, yields the URL that it prints, and ends it afterwards."""
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **(env or {})}
    )
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        if ready not in line:
            raise RuntimeError(f"`{' '.join(command)}` did not start: {line!r}")
        yield line.split(ready, 1)[1].strip()
    finally:
        server.terminate()
        server.wait(20)


def crowd(connection: Connection, count: int) -> list[str]:
    """The ids of other people, who are created in bulk."""
    ids: list[str] = []
    while len(ids) < count:
        numbers = range(len(ids), min(count, len(ids) + 1000))
        data = [{"schemas": [USER], "userName": f"member{number}@harbour.example"} for number in numbers]
        operations = [
            {"method": "POST", "path": "/Users", "bulkId": f"{at}", "data": one} for at, one in enumerate(data)
        ]
        status, answer = connection.send("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})
        if status != 200:
            raise RuntimeError(f"POST /Bulk: {status} {answer[:300]!r}")
        ids += [result["location"].rpartition("/")[2] for result in json.loads(answer)["Operations"]]
    return ids


def seeded(
    base: str, token: str | None, users: int, members: int, *, removes_by_path: bool, members_exist: bool
) -> Server:
    """Creates the people and the group by requests. With `members_exist`, its members are people, too."""
    connection = Connection(base, token)
    ids = []
    for number in range(users):
        status, answer = connection.send("POST", "/Users", person(number))
        if status != 201:
            raise RuntimeError(f"POST /Users: {status} {answer[:300]!r}")
        ids.append(json.loads(answer)["id"])
    others = crowd(connection, members + 64) if members_exist else [f"m{number}" for number in range(members + 64)]
    crew = {"schemas": [GROUP], "displayName": "Everybody", "members": [{"value": value} for value in others[64:]]}
    status, answer = connection.send("POST", "/Groups", crew)
    if status != 201:
        raise RuntimeError(f"POST /Groups: {status} {answer[:300]!r}")
    connection.close()
    return Server(base, token, ids, json.loads(answer)["id"], others[:64], removes_by_path)


@contextmanager
def ours(command: list[str], args: argparse.Namespace, folder: str, env: dict[str, str]) -> Iterator[Server]:
    database = f"{folder}/scim.db"
    everything = {**os.environ, **env}
    subprocess.run(
        [*command, "tenant", "add", "bench", "--db", database], check=True, env=everything, stdout=sys.stderr
    )
    token = subprocess.run(
        [*command, "token", "add", "bench", "--db", database],
        check=True,
        env=everything,
        capture_output=True,
        text=True,
    ).stdout.strip()
    with process([*command, "serve", "--port", "0", "--db", database], env) as url:
        yield seeded(
            f"{url}/tenants/bench/scim/v2", token, args.users, args.members, removes_by_path=True, members_exist=True
        )


@contextmanager
def fastapi_service(args: argparse.Namespace, folder: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "fastapi_service"]
    with ours(command, args, folder, {"PYTHONPATH": str(ROOT / "examples")}) as server:
        yield server


@contextmanager
def axum_service(args: argparse.Namespace, folder: str) -> Iterator[Server]:
    if not AXUM.exists():
        raise RuntimeError("build it first, in examples/axum_service: cargo build --release")
    with ours([str(AXUM)], args, folder, {}) as server:
        yield server


@contextmanager
def scim2_server(args: argparse.Namespace, _folder: str) -> Iterator[Server]:
    port = free_port()
    command = [str(Path(sys.executable).with_name("scim2-server")), "--port", str(port)]
    with process(command, ready="Serving SCIM on ") as url:
        yield seeded(url, None, args.users, args.members, removes_by_path=True, members_exist=False)


@contextmanager
def django_scim2(args: argparse.Namespace, folder: str) -> Iterator[Server]:
    command = [sys.executable, str(HERE / "django_site.py"), f"{folder}/d.db", "0", str(args.users), str(args.members)]
    with process(command) as url:
        # It accepts only its own people as members; it made them when it started.
        ids = [str(number + 1) for number in range(args.users)]
        spare = [str(args.members + 1 + number) for number in range(64)]
        yield Server(f"{url}/scim/v2", None, ids, "1", spare, removes_by_path=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def member_patch(server: Server, value: str, is_add: bool) -> dict[str, Any]:
    if is_add:
        operation: dict[str, Any] = {"op": "add", "path": "members", "value": [{"value": value}]}
    elif server.removes_by_path:
        operation = {"op": "remove", "path": f'members[value eq "{value}"]'}
    else:
        operation = {"op": "remove", "path": "members", "value": [{"value": value}]}
    return {"schemas": [PATCH], "Operations": [operation]}


def rates(server: Server, args: argparse.Namespace) -> dict[str, Rate]:
    threads, count = args.threads, len(server.user_ids)

    def look_up(thread: int, turn: int) -> tuple[str, str, Any]:
        number = (turn * threads + thread) * 37 % count
        return "GET", "/Users?filter=" + quote(f'userName eq "person{number}@harbour.example"'), None

    def put(thread: int, turn: int) -> tuple[str, str, Any]:
        number = (turn * threads + thread) % count
        return "PUT", f"/Users/{server.user_ids[number]}", person(number, f"Title {turn} {thread}")

    def patch(thread: int, turn: int) -> tuple[str, str, Any]:
        value = server.spare[thread]
        return "PATCH", f"/Groups/{server.group_id}", member_patch(server, value, turn % 2 == 0)

    def one_found(status: int, answer: bytes) -> bool:
        return status == 200 and json.loads(answer)["totalResults"] == 1

    def done(status: int, _answer: bytes) -> bool:
        return status in (200, 204)

    found = {}
    for name, request, ok in (("look-up", look_up, one_found), ("PUT", put, done), ("member PATCH", patch, done)):
        # A request that has begun is completed, so a slow server gets at least one turn.
        found[name] = measure(server.base, server.token, args.seconds, threads, request, ok)
        print(f"    {name:13} {found[name].per_second:9,.0f} /s   {found[name].median_ms:8.2f} ms", flush=True)
    return found


def limit(args: argparse.Namespace) -> Rate:
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(HERE), "--log-level", "info", "--no-access-log"]
    port = free_port()
    server = subprocess.Popen(
        [*command, "--port", str(port), "fixed:app"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr is not None
        for line in server.stderr:
            if "running on" in line:
                break
        base = f"http://127.0.0.1:{port}"
        return measure(
            base, None, args.seconds, args.threads, lambda _thread, _turn: ("GET", "/", None), lambda s, _: s == 200
        )
    finally:
        server.terminate()
        server.wait(20)


SERVERS = {
    "fastapi_service": fastapi_service,
    "axum_service": axum_service,
    "scim2-server": scim2_server,
    "django-scim2": django_scim2,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--json", type=Path)
    parser.add_argument("servers", nargs="*", metavar="SERVER", help=f"of {', '.join(SERVERS)} [default: all]")
    args = parser.parse_args()
    for name in args.servers:
        if name not in SERVERS:
            parser.error(f"there is no server `{name}`; there are {', '.join(SERVERS)}")
    results: dict[str, dict[str, Rate]] = {}
    print(f"{args.users:,} people, a group of {args.members:,}, {args.threads} connections, {args.seconds:g} s each\n")
    at_most = limit(args)
    print(f"limit (a fixed answer by uvicorn): {at_most.per_second:,.0f} /s\n")
    for name in args.servers or SERVERS:
        print(f"  {name}", flush=True)
        folder = tempfile.mkdtemp(prefix="scim-bench-")
        try:
            with SERVERS[name](args, folder) as server:
                results[name] = rates(server, args)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    heads = "".join(f"{work:>22}" for work in ("look-up", "PUT", "member PATCH"))
    print(f"\n{'requests/s (of that limit)':26}{heads}")
    for name, found in results.items():
        cells = (f"{rate.per_second:,.0f} ({rate.per_second / at_most.per_second:.2f})" for rate in found.values())
        print(f"{name:26}" + "".join(f"{cell:>22}" for cell in cells))
    if args.json:
        machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
        rows = {name: {work: asdict(rate) for work, rate in found.items()} for name, found in results.items()}
        args.json.write_text(json.dumps({"machine": machine, "limit": asdict(at_most), "servers": rows}, indent=1))


if __name__ == "__main__":
    main()
