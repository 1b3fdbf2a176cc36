"""The stubs match the module, and the Python code passes mypy and ruff, which must be installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

USE = """
from typing import Any, assert_type

import scim_engine as scim

found = scim.Filter("title pr", scim.USER, tolerance=scim.Tolerance(bare_words=True))
assert_type(found.matches({}), bool)
assert_type(found.select([{"a": 1}]), list[dict[str, int]])
assert_type(found & ~scim.attr("a").eq(1) | found, scim.Filter)
out = scim.Patch({}, limits=scim.Limits(depth=3), unknown="keep").apply({})
assert_type(out.changed, bool)
assert_type(out.to_dict()["changed"], Any)
scanned = found.scan(b"{}")
assert_type(scanned[0], bytes)
assert_type(scanned[1:], tuple[bytes, ...])
assert_type(scim.Tolerance.strict(bare_words=True), scim.Tolerance)
assert_type(out.changes, tuple[scim.Change, ...])
try:
    raise scim.Uniqueness("taken")
except scim.ScimError as error:
    assert_type(error.status, int)
    assert_type(error.scim_type, str | None)
"""

MISUSE = {
    "scim.Filter(5)": "arg-type",
    'scim.Patch({}, unknown="drop")': "arg-type",
    "scim.Tolerance(bare=True)": "call-arg",
    'scim.Filter("a pr").text = "x"': "misc",
    "scim.Tolerance.strict(bare=True)": "call-arg",
    "scim.Profile.interop(single=True)": "call-arg",
    "scim.Nothing": "attr-defined",
}


def run(*args):
    done = subprocess.run([sys.executable, "-m", *args], capture_output=True, text=True, cwd=ROOT, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["mypy.stubtest", "scim_engine"],
        ["mypy", "python/scim_engine"],
        ["ruff", "check", "python", "tests/python"],
        ["ruff", "format", "--check", "python", "tests/python"],
    ],
    ids=" ".join,
)
def test_in_order(command):
    code, said = run(*command)
    assert code == 0, said


def test_typed_use(tmp_path):
    use = tmp_path / "use.py"
    use.write_text(USE)
    code, said = run("mypy", "--strict", str(use))
    assert code == 0, said


@pytest.mark.parametrize(("line", "expected"), MISUSE.items())
def test_misuse_is_found(tmp_path, line, expected):
    use = tmp_path / "misuse.py"
    use.write_text(f"import scim_engine as scim\n\n{line}\n")
    code, said = run("mypy", "--strict", str(use))
    assert code == 1, said
    assert f"[{expected}]" in said
