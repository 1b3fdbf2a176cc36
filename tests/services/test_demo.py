"""The demo runs to its end, and reports errors."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "onelogin_demo"


def run(script: Path, *options: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", "SCIM_TOKEN": ""}
    return subprocess.run(
        [sys.executable, str(script), *options], capture_output=True, text=True, timeout=300, check=False, env=env
    )


def test_it_runs_to_its_end(tmp_path):
    done = run(FOLDER / "demo.py", "--keep", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything was as expected." in done.stdout
    assert "  no `meta.lastModified` moved" in done.stdout
    assert "\x1b" not in done.stdout
    # The output does not show a token.
    token_like = [line for line in done.stdout.splitlines() if "Bearer" in line]
    assert token_like == []
    assert (tmp_path / "report.json").exists()


def test_the_demo_notices_errors(tmp_path):
    """With a template without the title, a filter of the demo finds too many users."""
    examples = FOLDER.parent
    for name in ("fastapi_service", "service_schema", "onelogin_demo"):
        shutil.copytree(examples / name, tmp_path / name)
    template = tmp_path / "onelogin_demo" / "template.json"
    text = template.read_text()
    assert '"title": "{$parameters.title}",' in text
    template.write_text(text.replace('"title": "{$parameters.title}",', ""))
    done = run(tmp_path / "onelogin_demo" / "demo.py")
    assert done.returncode == 1, done.stdout
    assert "and not (title pr): expected 0, found 100" in done.stdout


def test_the_people_are_always_the_same():
    spec = importlib.util.spec_from_file_location("harbour_people", FOLDER / "people.py")
    people = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(people)
    everybody = people.everybody()
    assert everybody == people.everybody()
    assert len({person["email"] for person in everybody}) == 500
    groups = people.groups(everybody)
    assert len(groups) == 20
    assert all(group["members"] for group in groups)
