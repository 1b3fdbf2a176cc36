"""Mappings that are not dicts, for tests on every representation."""

from __future__ import annotations

from collections.abc import Mapping


class Plain(Mapping):
    """A mapping that is not a dict, all the way down."""

    def __init__(self, members):
        self._members = members

    def __getitem__(self, name):
        return wrap(self._members[name])

    def __iter__(self):
        return iter(self._members)

    def __len__(self):
        return len(self._members)


def wrap(value):
    if isinstance(value, dict):
        return Plain(value)
    if isinstance(value, list):
        return tuple(wrap(element) for element in value)
    return value
