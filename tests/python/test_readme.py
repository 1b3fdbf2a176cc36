"""Runs the blocks of README.md and of pages in docs: Python in order in one namespace for each page, the command line
in a folder of its own. The table of what clients send is checked row by row.

Rust blocks are doctests of the crate.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import shlex
import subprocess
import sysconfig
from pathlib import Path

import pytest

import scim_engine as scim

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
# The kinds of blocks that each page has.
KINDS = {
    "README.md": {"sh", "python", "text", "rust", "console"},
    "docs/python.md": {"sh", "python", "text"},
    "docs/databases.md": {"python", "py", "rs"},  # `tests/databases` has what `py` and `rs` show
    "docs/endpoint.md": {"python"},
    "docs/add-scim.md": {"py"},  # `tests/services/test_apps.py` has what it shows
    "docs/profiles.md": {"console"},
    "docs/providers.md": {"sh"},
}
PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in KINDS}


def blocks(page, *languages):
    """Pairs of the kind and the text of each block; of some kinds, only the texts."""
    found = [(match[1], match[2]) for match in BLOCK.finditer(PAGES[page])]
    return [text for tag, text in found if tag in languages] if languages else found


def pages(kind):
    return pytest.mark.parametrize("page", [name for name, kinds in KINDS.items() if kind in kinds])


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_of_a_kind_that_is_run(page):
    assert {tag for tag, _ in blocks(page)} == KINDS[page]
    # A fence that the pattern missed would make the counts differ.
    assert PAGES[page].count("```") == 2 * len(blocks(page))


@pages("python")
def test_python(page):
    namespace = {"__name__": "page"}
    ran = 0
    of = blocks(page)
    for at, (tag, text) in enumerate(of):
        if tag != "python":
            continue
        printed = io.StringIO()
        # The lines of the page, so that a traceback names them.
        line = PAGES[page][: PAGES[page].index(text)].count("\n")
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * line + text, str(ROOT / page), "exec", dont_inherit=True), namespace)
        following = of[at + 1] if at + 1 < len(of) else ("", "")
        expected = following[1] if following[0] == "text" else ""
        assert printed.getvalue() == expected
        ran += 1
    assert ran == len(blocks(page, "python")) >= 3


@pages("text")
def test_text_blocks_are_the_output_of_python_blocks(page):
    for before, (tag, _) in itertools.pairwise([("", ""), *blocks(page)]):
        assert tag != "text" or before[0] == "python"


def commands(block):
    """Pairs of a command and its output."""
    found = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append([line[2:], ""])
        elif line.startswith("> ") and not found[-1][1]:
            found[-1][0] += line[2:]
        else:
            found[-1][1] += line
    return found


@pages("console")
def test_console(tmp_path, page):
    scripts = sysconfig.get_path("scripts")
    assert (Path(scripts) / "scim-engine").exists(), "the command `scim-engine` is not installed"
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    ran = [pair for block in blocks(page, "console") for pair in commands(block)]
    assert any(command.startswith("scim-engine ") for command, _ in ran)
    for command, expected in ran:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        assert done.stdout.decode() == expected, command
        assert done.returncode == 0, command


@pages("sh")
def test_shell_commands_name_what_is_there(page):
    """Shell commands build and install, so they are not run; but their targets, features and paths must exist."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    features = re.findall(r"^([a-z]+) = \[", (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    assert blocks(page, "sh")
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^make ([a-z-]+)", guide, re.MULTILINE)) <= set(targets)
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", "").splitlines():
            words = shlex.split(line, comments=True)
            if words[0] == "make":
                assert words[1] in targets
            elif words[:3] == ["cargo", "install", "--path"]:
                assert words[4] == "--features"
                assert words[5] in features
            elif words[0] == "export":
                assert words[1].startswith("SCIM_TOKEN=")
            elif words[:3] == ["scim-engine", "onelogin", "push"]:
                # A push needs an endpoint, so only the existence of its options is checked.
                command = [Path(sysconfig.get_path("scripts")) / "scim-engine", *words[1:3], "--help"]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                assert all(f"{word} <" in done.stdout for word in words[3::2])
            else:
                assert words in (
                    ["pip", "install", "."],
                    ["cargo", "add", "scim-engine", "--path", "../scim-engine"],
                )


PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = {"schemas": [CORE], "userName": "x"}
USER_WITH_MAIL = {**USER, "emails": [{"value": "x@harbour.example"}]}
GROUP = {"id": "g1", "displayName": "Crew", "members": [{"value": "u1"}, {"value": "u2"}]}
LINKED = {**GROUP, "members": [{"value": "u1", "type": "User", "$ref": "https://harbour.example/Users/u1"}]}


def created(**more):
    return scim.USER.create({**USER, **more})


def patched(resource, *operations):
    request = {"schemas": [PATCH], "Operations": list(operations)}
    return scim.Patch(request, scim.GROUP if "members" in resource else scim.USER).apply(resource)


def made_by_replace(**settings):
    operation = {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "x@harbour.example"}
    return scim.Patch({"schemas": [PATCH], "Operations": [operation]}, scim.USER, **settings).apply(USER)


def refused(error, make):
    with pytest.raises(error):
        make()
    return True


def manager(value):
    return patched(USER, {"op": "Add", "path": "manager", "value": value})


def remaining(body):
    return scim.Patch(body, scim.GROUP).apply(GROUP)


# A check of each row, by its second column. It returns a list of outcomes, and whether the row is true.
CLAIMS = {
    '`"active": "true"` from a template': lambda: (
        [out := created(active="true")],
        out.resource["active"] is True and refused(scim.InvalidValue, lambda: created(active="1")),
    ),
    '`""` and `" "` for what is not set': lambda: (
        [out := created(title="", displayName=" ")],
        out.resource == USER and refused(scim.InvalidValue, lambda: created(userName="")),
    ),
    "`manager.managerId`": lambda: (
        [out := created(**{ENTERPRISE: {"manager": {"managerId": "7"}}, "schemas": [CORE, ENTERPRISE]})],
        out.resource[ENTERPRISE] == {"manager": {"value": "7"}},
    ),
    "the enterprise object without its URN in `schemas`": lambda: (
        [out := created(**{ENTERPRISE: {"department": "Quay"}})],
        out.resource["schemas"] == [CORE, ENTERPRISE],
    ),
    "`emails` as one object": lambda: (
        [out := created(emails={"value": "x@harbour.example"})],
        out.resource["emails"] == [{"value": "x@harbour.example"}],
    ),
    "`urn:scim:schemas:core:1.0`, `…:core:2.0`, `…:extension:enterprise:1.0`": lambda: (
        outs := [
            created(schemas=["urn:scim:schemas:core:1.0", "urn:scim:schemas:extension:enterprise:1.0"]),
            created(schemas=["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"]),
        ],
        all(out.resource["schemas"] == [CORE, ENTERPRISE] for out in outs),
    ),
    '`{"members": [{"value": "u1", "operation": "delete"}]}`': lambda: (
        [out := remaining({"members": [{"value": "u1", "operation": "delete"}]})],
        out.resource["members"] == [{"value": "u2"}],
    ),
    "`remove` of `members` with a list of values": lambda: (
        [out := patched(GROUP, {"op": "remove", "path": "members", "value": [{"value": "u1"}]})],
        out.resource["members"] == [{"value": "u2"}],
    ),
    '`"op": "Add"`, `"value": "False"`': lambda: (
        [out := patched(USER, {"op": "Add", "path": "active", "value": "False"})],
        out.resource["active"] is False,
    ),
    "`manager` as a string, or inside a list": lambda: (
        outs := [manager("7"), manager([{"value": "7"}])],
        all(out.resource[ENTERPRISE] == {"manager": {"value": "7"}} for out in outs),
    ),
    '`"value": ""` for `manager`': lambda: (
        [out := patched(manager("7").resource, {"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": ""})],
        out.resource == USER,
    ),
    "an app role: JSON text in the `value` of an element of `roles`": lambda: (
        [
            out := patched(
                USER, {"op": "Add", "path": "roles", "value": [{"value": '{"value": "rigger", "display": "R"}'}]}
            )
        ],
        out.resource["roles"] == [{"value": "rigger", "display": "R"}],
    ),
    "`Replace` with brackets that match nothing": lambda: (
        [out := made_by_replace(tolerance=scim.Tolerance(replace_creates=True))],
        out.resource["emails"] == [{"type": "work", "value": "x@harbour.example"}]
        and refused(scim.NoTarget, made_by_replace),
    ),
    '`emails[type eq "work"].value eq "x"` as a filter': lambda: (
        [],
        scim.Filter('emails[type eq "work"].value eq "x"', scim.USER).select(
            [{"emails": [{"type": "work", "value": "y"}, {"type": "home", "value": "x"}]}, {"emails": []}]
        )
        == []
        and scim.Filter('emails[type eq "work"].value eq "x"').matches({"emails": [{"type": "work", "value": "x"}]}),
    ),
    "`manager` without its URN": lambda: (
        [out := manager({"value": "7"})],
        out.resource[ENTERPRISE] == {"manager": {"value": "7"}},
    ),
    '`add` of `addresses[type eq "work"].locality` where none is': lambda: (
        [
            out := patched(
                USER,
                {"op": "add", "path": 'addresses[type eq "work"].locality', "value": "Lund"},
                {"op": "add", "path": 'addresses[type eq "work"].country', "value": "SE"},
            )
        ],
        out.resource["addresses"] == [{"type": "work", "locality": "Lund", "country": "SE"}],
    ),
    "dotted names and URNs as keys of a value without path": lambda: (
        [out := patched(USER, {"op": "add", "value": {"name.givenName": "A", f"{ENTERPRISE}:department": "Quay"}})],
        out.resource["name"] == {"givenName": "A"} and out.resource[ENTERPRISE] == {"department": "Quay"},
    ),
    '`{"op": "replace", "value": {"id": "…", "displayName": "…"}}`': lambda: (
        [out := patched(GROUP, {"op": "replace", "value": {"id": "g1", "displayName": "Dockers"}})],
        out.resource["displayName"] == "Dockers"
        and refused(scim.Mutability, lambda: patched(GROUP, {"op": "replace", "value": {"id": "g2"}})),
    ),
    "all members once more, without `type` and `$ref`": lambda: (
        [out := patched(LINKED, {"op": "replace", "path": "members", "value": [{"value": "u1"}]})],
        not out.changed and out.resource == LINKED,
    ),
    "a PATCH without `schemas`; a value without a path as JSON text": lambda: (
        [
            out := scim.Patch({"Operations": [{"op": "replace", "value": '{"title": "Pilot"}'}]}, scim.USER).apply(
                USER
            ),
        ],
        out.resource["title"] == "Pilot",
    ),
    '`add` of `[]`, `null` or `""` to a list': lambda: (
        outs := [patched(USER_WITH_MAIL, {"op": "add", "path": "emails", "value": nothing}) for nothing in ([], None)],
        not any(out.changed for out in outs),
    ),
    "a list of members none of whom has a `value`": lambda: (
        [],
        all(
            refused(
                scim.InvalidValue,
                lambda op=op: patched(GROUP, {"op": op, "path": "members", "value": [{"display": "A"}]}),
            )
            for op in ("add", "replace", "remove")
        ),
    ),
    "`id`, `groups` and `meta` in the body of a POST or PUT": lambda: (
        [out := created(id="7", groups=[{"value": "g1"}], meta={"resourceType": "User"})],
        out.resource == USER and not created(id=None, groups=[]).repairs,
    ),
    "members that no schema knows": lambda: (
        [out := created(colour="red")],
        out.resource == USER
        and scim.USER.create({**USER, "colour": "red"}, unknown="keep").resource["colour"] == "red"
        and refused(scim.InvalidSyntax, lambda: scim.USER.create({**USER, "colour": "red"}, unknown="reject")),
    ),
}


def rows():
    table = PAGES["docs/providers.md"].partition("## What clients send")[2].partition("\n## ")[0]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"]
    return {row[1]: re.findall(r"`(\w+)`", row[3]) for row in found[2:]}


def test_every_row_of_the_table_is_claimed():
    assert list(rows()) != []
    assert set(rows()) == set(CLAIMS)


@pytest.mark.parametrize("row", CLAIMS)
def test_what_clients_send(row):
    outcomes, is_well = CLAIMS[row]()
    assert is_well
    kinds = {repair.kind for out in outcomes for repair in out.repairs}
    # The bare name of `manager` has a row of its own.
    assert kinds - {"bare_extension_names"} == set(rows()[row]) - {"bare_extension_names"}
    assert kinds >= set(rows()[row])


def anchors(path):
    """The names that GitHub gives the headings of a page."""
    text = BLOCK.sub("", path.read_text(encoding="utf-8"))
    found = {
        re.sub(r"[^\w\- ]", "", line).strip().lower().replace(" ", "-") for line in re.findall(r"^#+ (.*)$", text, re.M)
    }
    return found | set(re.findall(r'<a id="([^"]+)"', text))


PAGES_WITH_LINKS = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.md")),
]


@pytest.mark.parametrize("name", PAGES_WITH_LINKS)
def test_links_lead_somewhere(name):
    text = BLOCK.sub("", (ROOT / name).read_text(encoding="utf-8"))
    for target in LINK.findall(text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = (ROOT / name).parent / path if path else ROOT / name
        assert there.exists(), f"{name}: {target}"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), f"{name}: {target}"


def test_readme_has_links_that_pypi_can_follow():
    """`tools/release.py` makes links to files absolute. PyPI gives headings no names."""
    assert not re.findall(r"\]\(#", PAGES["README.md"])
