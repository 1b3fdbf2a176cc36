"""The pytest fixture `scim_push`: plays OneLogin, or another client, against an app in one line.

    def test_onelogin(scim_push):
        scim_push(app, base="/scim/v2", token=TOKEN, again=True)

It is installed with `scim_engine`, and pytest loads it automatically.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from .onelogin import Person, Template
    from .testing import Report


class ScimPush(Protocol):
    """The type of the fixture `scim_push`."""

    def __call__(
        self,
        target: Any,
        template: Template | str | bytes | Mapping[str, Any] | None = None,
        people: Iterable[Person | Mapping[str, Any]] | None = None,
        groups: Mapping[str, Iterable[str]] | Iterable[Mapping[str, Any]] | None = None,
        *,
        again: bool = False,
        check: bool = True,
        **options: Any,
    ) -> Report:
        """Pushes, and fails the test with the report if an answer would fail in the client.

        The arguments are those of `scim_engine.testing.push`. Without a template or people it uses the invented ones
        of `samples`, and with those people also the invented groups, unless the client has people of its own
        (`client="microsoft-validator"` or `"okta-spec"`). `again` pushes the same a second time, which must change
        nothing. With `check=False` the test does not fail, and the caller examines the report.
        """


@pytest.fixture
def scim_push() -> ScimPush:
    """Plays OneLogin, or with `client=` another client or a suite, against a URL, a WSGI app or an ASGI app."""
    from .testing import push, samples
    from .testing._push import SUITES

    def play(
        target: Any,
        template: Template | str | bytes | Mapping[str, Any] | None = None,
        people: Iterable[Person | Mapping[str, Any]] | None = None,
        groups: Mapping[str, Iterable[str]] | Iterable[Mapping[str, Any]] | None = None,
        *,
        again: bool = False,
        check: bool = True,
        **options: Any,
    ) -> Report:
        is_suite = options.get("client") in SUITES
        everybody = list(people) if people is not None else [] if is_suite else samples.PEOPLE
        crews = samples.GROUPS if groups is None and people is None and not is_suite else groups or {}
        # An iterator can be read only once, and `again` needs the members twice. `push` refuses members that are a
        # string.
        if isinstance(crews, Mapping):
            crews = {name: members if isinstance(members, str) else list(members) for name, members in crews.items()}
        text = samples.TEMPLATE if template is None and not is_suite else template
        report = push(target, text, everybody, crews, **options)
        if check and not report.ok:
            pytest.fail(f"the push has failed\n{report}", pytrace=False)
        if again:
            report = push(target, text, everybody, crews, **options)
            if check and not (report.ok and report.nothing_changed):
                pytest.fail(f"the same push once more has changed something\n{report}", pytrace=False)
        return report

    return play
