"""The examples in the documentation of the modules and of their classes and functions."""

from __future__ import annotations

import doctest
import types

import pytest

import scim_engine as scim
from scim_engine import _engine, onelogin, protocol, sql, testing

MODULES = (scim, onelogin, protocol, sql, testing)


def documented():
    """Everything that has documentation at run time, by its name."""
    for module in MODULES:
        yield module.__name__, module
        for name in module.__all__:
            value = getattr(module, name)
            if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
                yield f"{module.__name__}.{name}", value
    for name, value in vars(_engine).items():
        if isinstance(value, type):
            for member in vars(value):
                if not member.startswith("_"):
                    yield f"{name}.{member}", getattr(value, member)


WITH_EXAMPLES = {name: value.__doc__ for name, value in documented() if ">>>" in (value.__doc__ or "")}


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples(name):
    names = {name: getattr(module, name) for module in MODULES for name in module.__all__}
    test = doctest.DocTestParser().get_doctest(WITH_EXAMPLES[name], names, name, None, None)
    results = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(test)
    assert results.attempted > 0
    assert results.failed == 0


def test_the_modules_have_examples():
    assert {module.__name__ for module in MODULES} <= WITH_EXAMPLES.keys()
