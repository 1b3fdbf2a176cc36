#!/bin/sh
# Builds the wheel for CPython 3.11 and all later versions, and tries it on each of the given interpreters, as pip chooses it:
#   tests/python/wheel_versions.sh python3.11 python3.14
# WHEELS=folder tries a wheel that is built already; MATURIN=path says which maturin builds it.
set -eu

if [ $# -eq 0 ]; then
    echo "usage: $0 INTERPRETER..." >&2
    exit 2
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -z "${WHEELS:-}" ]; then
    WHEELS=$work/wheels
    (cd "$root" && "${MATURIN:-maturin}" build --release --locked --features cli,abi3-py311 --out "$WHEELS")
fi

cat >"$work/smoke.py" <<'PYTHON'
import copy
import json
import pickle
import subprocess
import sys
import sysconfig
from pathlib import Path

import scim_engine as scim

user = {"userName": "maja", "emails": [{"type": "work", "value": "Maja@example.com"}], "active": True}
found = scim.Filter('userName eq "MAJA" and emails[type eq "work" and value ew "@example.com"]')
for form in (user, json.dumps(user), json.dumps(user).encode()):
    assert found.matches(form), form
assert found.select([user, {}]) == [user]
assert pickle.loads(pickle.dumps(found)) == found
assert (scim.attr("a").eq(1) & ~scim.attr("b").pr()).matches({"a": 1})

before = copy.deepcopy(user)
body = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "Replace", "path": "active", "value": "False"}],
}
out = scim.Patch(body, scim.USER).apply(user)
assert out.resource["active"] is False and user == before and out.resource["emails"] is user["emails"]
assert [repair.kind for repair in out.repairs] == ["boolean_strings"]

try:
    scim.Filter("userName eq maja")
except scim.InvalidFilter as error:
    assert error.span == (12, 16) and "^^^^" in error.render()
else:
    raise AssertionError("no error")

scripts = Path(sysconfig.get_path("scripts"))
for command in ([sys.executable, "-m", "scim_engine"], [str(scripts / "scim-engine")]):
    done = subprocess.run(
        [*command, "filter", 'userName eq "maja"'], input=json.dumps(user), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == user
PYTHON

for interpreter in "$@"; do
    version=$("$interpreter" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
    environment=$work/$version
    "$interpreter" -m venv "$environment"
    "$environment/bin/python" -m pip install -q --disable-pip-version-check --no-deps --no-index --find-links "$WHEELS" scim-engine
    (cd "$work" && "$environment/bin/python" -W error smoke.py)
    taken=$(cat "$environment"/lib/python*/site-packages/scim_engine-*.dist-info/WHEEL)
    case $taken in
    *cp311-abi3*) echo "$version: the wheel works" ;;
    *) echo "$version: pip does not take the wheel cp311-abi3" >&2 && exit 1 ;;
    esac
done
