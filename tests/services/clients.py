"""The programs that tests of services run: `scim-engine onelogin push`, and validators of other projects."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

TEMPLATE = {
    "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ],
    "userName": "{$user.email}",
    "externalId": "{$user.id}",
    "displayName": "{$user.display_name}",
    "name": {"givenName": "{$user.firstname}", "familyName": "{$user.lastname}"},
    "emails": [{"value": "{$user.email}", "type": "work", "primary": True}],
    "title": "{$parameters.title}",
    "active": "{$user.active}",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "{$user.department}"},
}
PEOPLE = 30
DOZEN = (
    "userName,externalId,name.givenName,name.familyName,displayName,title,active,preferredLanguage,"
    "emails.value,emails.type,emails.primary,"
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department,"
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"
)
"""The user attributes of a product that does not store all of them."""


def played(tenant, client, *more):
    return [
        *(sys.executable, "-m", "scim_engine", "onelogin", "push", "--url", str(tenant.base_url).rstrip("/")),
        *("--client", client, "--json", *more),
    ]


def command(tenant, files, client, *more, people="people"):
    own = ("--template", str(files / "template.json"), "--users", str(files / f"{people}.json"))
    return played(tenant, client, *own, "--groups", str(files / "groups.json"), *more)


def push(tenant, files, client, *more, **people):
    """Runs a push, which must have no findings, and returns its summary."""
    return flawless(tenant, command(tenant, files, client, *more, **people))


def flawless(tenant, command):
    """Runs a command, whose report must have no findings, and returns the summary."""
    environment = {**os.environ, "SCIM_TOKEN": tenant.token}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["findings"] == []
    assert tenant.token not in done.stdout + done.stderr
    return report["summary"]


def tables(tenant):
    """The rows except those of `audit`: JumpCloud tests a connection with a user, which leaves audit rows only."""
    snapshot = tenant.service.snapshot()
    return {name: snapshot[name] for name in ("users", "groups", "members")}


def _command(name):
    return str(Path(sys.executable).with_name(name))


def scim2_tester(tenant):
    """Runs scim2-tester, and returns how many checks succeed: all but two, which want the `$ref` of a member back."""
    headers = {"SCIM_CLI_HEADERS": f"Authorization: Bearer {tenant.token}"}
    done = subprocess.run(
        [_command("scim2"), "--url", str(tenant.base_url).rstrip("/"), "test"],
        capture_output=True,
        text=True,
        env={**os.environ, **headers, "NO_COLOR": "1", "COLUMNS": "400"},
    )
    print(done.stdout, done.stderr)
    results = re.findall(r"^([A-Z]+) ([a-z_]+)\n(.*)", done.stdout, re.MULTILINE)
    failed = [(check, why.strip()) for status, check, why in results if status != "SUCCESS"]
    unexpected = "PATCH modify() returned unexpected value for 'members'."
    assert failed == [("check_add_attribute", unexpected), ("check_replace_attribute", unexpected)]
    return len(results) - len(failed)


def scim_sanity(tenant):
    """Runs scim-sanity, and returns how many checks succeed: all but one, which adds a member that does not exist."""
    done = subprocess.run(
        [
            _command("scim-sanity"),
            "probe",
            str(tenant.base_url).rstrip("/"),
            "--token",
            tenant.token,
            "--i-accept-side-effects",
            "--json-output",
        ],
        capture_output=True,
        text=True,
    )
    print(done.stdout, done.stderr)
    report = json.loads(done.stdout)
    failed = [(result["name"], result["message"]) for result in report["results"] if result["status"] == "fail"]
    assert failed == [("PATCH /Groups/{id} add member", "Expected 200, got 400")]
    return report["summary"]["passed"]
