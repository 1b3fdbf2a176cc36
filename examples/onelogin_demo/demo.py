"""The main job on one machine: OneLogin fills a platform's SCIM endpoint.

    python examples/onelogin_demo/demo.py

Starts the FastAPI service on an embedded SQLite database, creates a tenant and its token, and plays OneLogin against it
with `scim-engine onelogin push`: 500 people and 20 groups; the same again, which must change nothing; a day on which
people are promoted, marry and leave. After each push it queries the service with filters and checks the results. If a
result is wrong, it ends with a message and exit code 1.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import people as harbour

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent
SCIM = [sys.executable, "-m", "scim_engine"]
SERVICE = [sys.executable, "-m", "fastapi_service"]
ENV = {**os.environ, "PYTHONPATH": str(EXAMPLES), "PYTHONUNBUFFERED": "1"}


class Surprise(Exception):
    """A result that differs from the expected one."""


def say(text: str = "") -> None:
    print(text, flush=True)


def title(text: str) -> None:
    say(f"\n== {text}")


def same(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Surprise(f"{what}: expected {expected}, found {found}")


@contextmanager
def service(database: Path) -> Iterator[str]:
    """Runs the service and yields its URL."""
    command = [*SERVICE, "serve", "--port", "0", "--db", str(database)]
    process = subprocess.Popen(command, env=ENV, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("listening on "):
            raise Surprise("the service did not start")
        yield line.removeprefix("listening on ").strip()
    finally:
        process.terminate()
        process.wait(30)


def admin(database: Path, *words: str) -> str:
    done = subprocess.run(
        [*SERVICE, *words, "--db", str(database)], env=ENV, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Surprise(f"`{' '.join(words)}` failed: {done.stderr}")
    return done.stdout.strip()


class Endpoint:
    """Queries the tenant's endpoint, as an engineer would with curl."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def get(self, path: str, **query: str) -> Any:
        url = f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def count(self, path: str, text: str, expected: int) -> None:
        """Prints and checks the number of resources that match a filter."""
        found = self.get(path, filter=text, count="0")["totalResults"]
        say(f"  {found:>4}  {path[1:]:6}  {text}")
        same(text, found, expected)

    def versions(self) -> dict[str, str]:
        """`meta.lastModified` of each user, by id."""
        found: dict[str, str] = {}
        while True:
            query = {"startIndex": str(len(found) + 1), "count": "200", "attributes": "meta.lastModified"}
            page = self.get("/Users", **query)
            found.update({user["id"]: user["meta"]["lastModified"] for user in page.get("Resources", [])})
            if len(found) >= page["totalResults"]:
                return found


def push(endpoint: Endpoint, folder: Path, *options: str) -> dict[str, Any]:
    """Plays OneLogin, shows the progress and the summary, and returns the report."""
    command = [
        *SCIM, "onelogin", "push", "--url", endpoint.url, "--template", str(HERE / "template.json"),
        "--users", str(folder / "people.csv"), "--groups", str(folder / "groups.json"),
        "--report", str(folder / "report.json"), *options,
    ]  # fmt: skip
    shown = " ".join(Path(word).name for word in options)
    say(f"  $ scim-engine onelogin push --template template.json --users people.csv --groups groups.json {shown}")
    done = subprocess.run(command, env={**os.environ, "SCIM_TOKEN": endpoint.token}, check=False)
    same("the exit code of the push", done.returncode, 0)
    return json.loads((folder / "report.json").read_text())


def play(folder: Path) -> None:
    database = folder / "scim.db"
    people = harbour.everybody()
    harbour.write(folder, people)
    title("A tenant and its token")
    admin(database, "tenant", "add", "harbour", "--name", "Harbour Ltd.")
    token = admin(database, "token", "add", "harbour", "--label", "OneLogin")
    say("  tenant `harbour`; the token is shown once, the database has only its hash")

    title("What the administrator pasted into OneLogin, and what stands in it")
    subprocess.run([*SCIM, "onelogin", "lint", str(HERE / "template.json")], check=False)

    with service(database) as url:
        endpoint = Endpoint(f"{url}/tenants/harbour/scim/v2", token)
        title(f"OneLogin pushes {len(people)} people and 20 groups")
        push(endpoint, folder)
        ask(endpoint, len(people), head_pilots=0, inactive=0)

        title("The same again: nothing may change")
        before = endpoint.versions()
        push(endpoint, folder)
        same("users whose `meta.lastModified` moved", moved(before, endpoint.versions()), 0)
        say("  no `meta.lastModified` moved")

        title("A day later: 5 pilots are promoted, one person has a new name, 3 leave")
        pilots = [person for person in people if person["parameters.title"] == "Harbour pilot"]
        for person in pilots[:5]:
            person["parameters.title"] = "Head pilot"
        people[499]["lastname"] = "Wójcik-Bram"
        leaving, people = people[100:103], people[:100] + people[103:]
        harbour.write(folder, people, leaving)
        before = endpoint.versions()
        push(endpoint, folder, "--leaving", str(folder / "leaving.csv"), "--removal", "suspend")
        same("users whose `meta.lastModified` moved", moved(before, endpoint.versions()), 9)
        ask(endpoint, 500, head_pilots=5, inactive=3)

        someone = endpoint.get("/Users", filter=f'userName eq "{people[0]["email"].upper()}"')["Resources"][0]
        title("One of them, as the platform has her")
        say("\n".join(f"  {line}" for line in json.dumps(someone, ensure_ascii=False, indent=2).splitlines()))


def moved(before: dict[str, str], after: dict[str, str]) -> int:
    return sum(after[user_id] != at for user_id, at in before.items())


def ask(endpoint: Endpoint, total: int, head_pilots: int, inactive: int) -> None:
    """Checks a few filters, such as the platform's own tools would send."""
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    say("\n  Filters and what they find:")
    endpoint.count("/Users", 'userName eq "MIRELA.TANDOOR@harbour.example"', 1)
    endpoint.count("/Users", 'emails[type eq "work" and value ew "@harbour.example"]', total)
    endpoint.count("/Users", f'{enterprise}:department eq "pilotage" and not (title pr)', 0)
    endpoint.count("/Users", "not (title pr)", 50)
    endpoint.count("/Users", 'title eq "Head pilot"', head_pilots)
    endpoint.count("/Users", "active eq false", inactive)
    endpoint.count("/Groups", 'displayName sw "shift"', 14)
    endpoint.count("/Groups", "members pr", 20)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the database and the files here")
    args = parser.parse_args()
    try:
        if args.keep:
            args.keep.mkdir(parents=True, exist_ok=True)
            play(args.keep)
        else:
            with tempfile.TemporaryDirectory(prefix="scim-demo-") as folder:
                play(Path(folder))
    except Surprise as surprise:
        say(f"\nnot as expected: {surprise}")
        return 1
    say("\nEverything was as expected.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
