"""Runs each of examples/python as its docstring says, and checks what it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "python"

PRINTED = {
    "filter_ndjson": """\
line 1: {"userName": "mirela", "active": true, "emails": [{"type": "work", "value": "mirela@harbour.example"}]}
line 4: {"userName": "ines", "active": true, "title": "Pilot"}
""",
    "own_objects": """\
active eq true: mirela, otto
emails[type eq "work" and value ew "@HARBOUR.example"]: mirela, ines
not (emails.type eq "work"): otto
""",
    "patch_endpoint": """\
POST /Users
  201 Created
  {"userName": "mirela", "active": true, "emails": [{"value": "mirela@harbour.example"}], "id": "7001"}
GET /Users?filter=userName+eq+%22MIRELA%22&attributes=userName
  200 OK
  {"userName": "mirela", "id": "7001"}
PATCH /Users/7001
  200 OK
  {"userName": "mirela", "active": false, "emails": [{"value": "mirela@harbour.example"}], "id": "7001"}
POST /Users
  409 Conflict
  {"status": "409", "scimType": "uniqueness", "detail": "the `userName` `Mirela` is taken"}
GET /Users?filter=titel+pr
  400 Bad Request
  {"status": "400", "scimType": "invalidFilter", "detail": "`User` has no attribute `titel`; did you mean `title`?"}
DELETE /Users/7001
  204 No Content
GET /Users/7001
  404 Not Found
  {"status": "404", "detail": "`/scim/v2/Users/7001` does not exist"}
""",
    "provisioning_test": """\
first push
people: 2 created
groups: 1 created
second push
people: 2 unchanged
groups: 1 unchanged
""",
    "typed_model": """\
created mirela with [Email(address='mirela@harbour.example', kind='work', is_primary=True)]
changed: ['active']
changed by the same request: []
found: ['mirela']
400 invalidValue `active`: expected `true` or `false`, found a string
400 invalidValue `title`: expected at most 60 characters, found more
""",
}


def run(*command, folder=ROOT):
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=60, cwd=folder)


def example(name, *arguments):
    return run("-W", "error", str(FOLDER / f"{name}.py"), *arguments)


def test_every_example_is_run():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(PRINTED)


@pytest.mark.parametrize("name", PRINTED)
def test_what_it_prints(name):
    done = example(name)
    assert done.returncode == 0, done.stderr
    assert done.stdout == PRINTED[name]


@pytest.mark.parametrize("name", PRINTED)
def test_it_says_how_to_run_it_and_needs_nothing_else(name):
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert f"python examples/python/{name}.py" in text.partition('"""')[2].partition('"""')[0]
    imported = set(re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE))
    assert imported <= {*sys.stdlib_module_names, "scim_engine", *PRINTED}


def test_a_file_is_filtered(tmp_path):
    file = tmp_path / "users.ndjson"
    file.write_text('{"userName": "otto", "title": "Harbour master"}\n{"userName": "ines"}\n')
    done = example("filter_ndjson", "title pr", str(file))
    assert (done.returncode, done.stdout) == (0, 'line 1: {"userName": "otto", "title": "Harbour master"}\n')
    done = example("filter_ndjson", "titel pr", str(file))
    assert done.returncode == 2
    assert "did you mean `title`?" in done.stderr


def test_faults_and_repairs_are_reported():
    assert "line 3" in example("filter_ndjson").stderr
    assert "PATCH /Users/7001: `active`: a string was read as a boolean" in example("patch_endpoint").stderr


def test_the_example_of_a_test_passes():
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", str(FOLDER / "provisioning_test.py"))
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout
