"""The stubs match the module and its documentation; the Python code passes mypy and ruff, which must be installed."""

from __future__ import annotations

import ast
import inspect
import operator
import subprocess
import sys
import types
from pathlib import Path

import pytest
import stub

import scim_engine as scim
from scim_engine import _engine

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "stub.py"
STUB = ROOT / "python" / "scim_engine" / "_engine.pyi"

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
        ["mypy.stubtest", "scim_engine", "--mypy-config-file", "pyproject.toml"],
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


def public():
    """The classes and functions of the module, and the methods and properties of the classes, by name."""
    for name, item in vars(_engine).items():
        if name[0] != "_" and not name.isupper():
            yield name, item
            if isinstance(item, type):
                yield from ((f"{name}.{each}", getattr(item, each)) for each in vars(item) if each[0] != "_")


def functions():
    """The functions, methods and constructors of the stub, each with the name of what has its signature at run time."""
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        for member in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(member, ast.FunctionDef) and "property" not in map(ast.unparse, member.decorator_list):
                if member.name == "__new__":
                    yield node.name, member
                elif member.name[0] != "_":
                    yield f"{node.name}.{member.name}", member


def test_stub_has_the_docstrings_of_the_module():
    done = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_everything_public_is_documented():
    items = dict(public())
    assert {"Filter", "Filter.matches", "Filter.text", "Tolerance.strict", "ScanMatch.line", "diff"} <= items.keys()
    assert [name for name, item in items.items() if not item.__doc__] == []


def signature_of(function):
    """The parameters of a function of the stub: names, kinds, and defaults as text."""
    kinds = inspect.Parameter
    given = function.args
    places = [(each, kinds.POSITIONAL_ONLY) for each in given.posonlyargs]
    places += [(each, kinds.POSITIONAL_OR_KEYWORD) for each in given.args]
    defaults = [None] * (len(places) - len(given.defaults)) + given.defaults
    parameters = [(each.arg, kind, default) for (each, kind), default in zip(places, defaults, strict=True)]
    if given.vararg:
        parameters.append((given.vararg.arg, kinds.VAR_POSITIONAL, None))
    for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        parameters.append((each.arg, kinds.KEYWORD_ONLY, default))
    if given.kwarg:
        parameters.append((given.kwarg.arg, kinds.VAR_KEYWORD, None))
    return [
        (name, kind, kinds.empty if default is None else ast.literal_eval(default))
        for name, kind, default in parameters
        if name not in ("self", "cls")
    ]


@pytest.mark.parametrize(("name", "function"), [pytest.param(*each, id=each[0]) for each in functions()])
def test_signature(name, function):
    shown = inspect.signature(operator.attrgetter(name)(_engine)).parameters.values()
    assert [(each.name, each.kind, each.default) for each in shown if each.name != "self"] == signature_of(function)


@pytest.mark.parametrize("make", [scim.Tolerance, scim.Tolerance.strict, scim.Profile, scim.Profile.interop])
def test_signature_has_the_defaults_of_the_switches(make):
    shown = inspect.signature(make).parameters
    assert {name: parameter.default for name, parameter in shown.items()} == make().to_dict()


SAMPLE = '''class Kind:
    def __new__(cls) -> Kind:
        """Goes."""

    def short(self) -> int: ...
    @property
    def long(self) -> int:
        """Old.

        Text."""

    def _hidden(self) -> int: ...

def last(
    text: str,
) -> None: ...
'''

WRITTEN = '''class Kind:
    """A kind."""

    def __new__(cls) -> Kind: ...
    def short(self) -> int:
        """Short."""

    @property
    def long(self) -> int:
        r"""One \\ line

        and another.
        """

    def _hidden(self) -> int: ...

def last(
    text: str,
) -> None:
    """
    {long}
    """
'''


def test_tool_writes_docstrings(tmp_path):
    class Kind:
        """A kind."""

        def short(self):
            """Short."""

        @property
        def long(self):
            r"""One \ line

            and another.
            """

    def last(text): ...

    # One column too long for the line of the quotes.
    last.__doc__ = " ".join(["word"] * 23)
    module = types.ModuleType("module")
    module.Kind, module.last = Kind, last
    written = stub.write(module, SAMPLE)
    assert written == WRITTEN.format(long=last.__doc__)
    stub.check(module, written)
    assert stub.write(module, written) == written
    with pytest.raises(stub.Refused, match=r"docstrings of `Kind`, `Kind.__new__`, `Kind.short`, `Kind.long`, `last`;"):
        stub.check(module, SAMPLE)
    path = tmp_path / "sample.pyi"
    path.write_text(written)
    code, said = run("ruff", "format", "--check", "--line-length=120", str(path))
    assert code == 0, said
    Kind.short.__doc__ = None
    with pytest.raises(stub.Refused, match=r"`Kind.short` in src/python must have a doc comment"):
        stub.write(module, written)
    del module.last
    with pytest.raises(stub.Refused, match=r"`last` is in _engine.pyi and not in the installed module"):
        stub.write(module, written)
