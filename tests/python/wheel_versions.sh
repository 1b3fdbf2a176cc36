#!/bin/sh
# Builds the two wheels that serve many versions of Python, for 3.9 and for 3.10 and later, and tries on each of the given
# interpreters each one that it can take, and which of them pip takes by itself:
#   tests/python/wheel_versions.sh python3.9 python3.10 python3.13
# WHEELS=folder tries wheels that are built already; MATURIN=path says which maturin builds them.
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
    for abi in abi3-py39 abi3-py310; do
        (cd "$root" && "${MATURIN:-maturin}" build --release --locked --features "cli,$abi" --out "$WHEELS")
    done
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
for command in ([sys.executable, "-m", "scim_engine"], [str(scripts / "scim")]):
    done = subprocess.run(
        [*command, "filter", 'userName eq "maja"'], input=json.dumps(user), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == user
PYTHON

try() { # environment, what pip is told
    environment=$1
    shift
    "$environment/bin/python" -m pip install -q --disable-pip-version-check --force-reinstall --no-deps --no-index "$@"
    (cd "$work" && "$environment/bin/python" -W error smoke.py)
}

for interpreter in "$@"; do
    version=$("$interpreter" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
    tag=$("$interpreter" -c 'import sys; print("cp39-abi3" if sys.version_info < (3, 10) else "cp310-abi3")')
    environment=$work/$version
    "$interpreter" -m venv "$environment"
    try "$environment" "$WHEELS"/scim_engine-*-cp39-abi3-*.whl
    try "$environment" --find-links "$WHEELS" scim-engine
    taken=$(cat "$environment"/lib/python*/site-packages/scim_engine-*.dist-info/WHEEL)
    case $taken in
    *"$tag"*) echo "$version: both wheels that it can take work, pip takes $tag" ;;
    *) echo "$version: pip does not take $tag" >&2 && exit 1 ;;
    esac
done
