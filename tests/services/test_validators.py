"""What independent validators say: scim2-tester (by scim2-cli) and scim-sanity."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest


def command(name):
    return str(Path(sys.executable).with_name(name))


# There is no version of scim2-cli for an older Python (see requirements.txt).
HAS_SCIM2_CLI = sys.version_info >= (3, 11)


@pytest.mark.parametrize("validator", ["scim2"] if HAS_SCIM2_CLI else [])
def test_scim2_tester(tenant, validator):
    headers = {"SCIM_CLI_HEADERS": f"Authorization: Bearer {tenant.token}"}
    done = subprocess.run(
        [command(validator), "--url", str(tenant.base_url).rstrip("/"), "test"],
        capture_output=True,
        text=True,
        env={**os.environ, **headers, "NO_COLOR": "1", "COLUMNS": "400"},
    )
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    statuses = Counter(re.findall(r"^([A-Z]+) [a-z]", done.stdout, re.MULTILINE))
    assert set(statuses) == {"SUCCESS"}
    assert statuses["SUCCESS"] > 100


def test_scim_sanity(tenant):
    done = subprocess.run(
        [
            command("scim-sanity"),
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
    assert done.returncode == 0
    summary = json.loads(done.stdout)["summary"]
    assert summary["failed"] == 0
    assert summary["passed"] > 20
