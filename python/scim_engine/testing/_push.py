"""Plays a provisioning client against an endpoint."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from .._engine import ClientRequest, ClientSession, ClientToken, Person, Template
from ._report import Report
from ._transport import Transport, transport_to

SUITES = ("microsoft-validator", "okta-spec")
"""Clients with people and groups of their own."""


def push(
    target: Any,
    template: Template | str | bytes | Mapping[str, Any] | None = None,
    people: Iterable[Person | Mapping[str, Any]] = (),
    groups: Mapping[str, Iterable[str]] | Iterable[Mapping[str, Any]] | None = None,
    *,
    leaving: Iterable[Person | Mapping[str, Any]] = (),
    client: Literal["onelogin", "entra", "okta", "jumpcloud", "microsoft-validator", "okta-spec"] = "onelogin",
    token: str = "a-token-for-tests",
    base: str = "",
    update: Literal["put", "patch"] | None = None,
    membership: Literal["2.0", "1.1"] = "2.0",
    removal: Literal["delete", "suspend", "nothing"] = "suspend",
    unset: Literal["empty", "null", "null_text", "keep", "error"] = "empty",
    entra_flag: bool = False,
    probes: bool = True,
    retries: int = 4,
    concurrency: int = 1,
    timeout: float = 30.0,
    allow_http: bool = False,
    journal: str | Path | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Report:
    """Plays OneLogin, or another client, against an endpoint, and reports which answers would fail in the client.

    `target` is a URL, a WSGI app or an ASGI app; for an app, `base` is the path of the endpoint in it (`/scim/v2`).
    The template is rendered for each of `people`; `unset` says how to render macros that have no value. `groups` are
    names with the `userName`s of their members, or objects with `displayName` and `members`, as in the file of
    `scim-engine onelogin push`. `leaving` are people who have lost access; `removal` says what is done with them.
    `client`, `update`, `membership`, `entra_flag` and `probes` are the options of `scim-engine onelogin push`. Two of
    the clients, `"microsoft-validator"` and `"okta-spec"`, are the checks that their vendors publish: they take neither
    a template nor people, and delete the users and groups that they create.

    `concurrency` is the number of requests that are sent at a time. With `journal`, a file, a push that was killed
    resumes where it stopped. `progress` is called with the number of people and groups that are done, and the total.

    `timeout` is the number of seconds that one try of a request may take, from the connection to the last byte of the
    answer. It limits neither a WSGI app, which is called directly, nor the look-up of the host name. A request that was
    not answered is tried again, `retries` times and each with the same `timeout`. After five requests in a row without
    an answer the push ends. A connection test that is not answered in time is not tried again, and ends the push.

    The token is sent to the target alone, and is in no report, journal or error, even if the endpoint repeats it in
    JSON, percent-encoding, HTML entities or base64. A part of the token, or another encoding, is not found. A token of
    fewer than eight characters is not treated as a secret, and is not searched for.

    Raises `ValueError` for a plan that the client cannot play, and `TemplateError` for a template or people that cannot
    be rendered. Faults of the endpoint are in the report.
    """
    secret = ClientToken(token)
    if concurrency < 1:
        raise ValueError("`concurrency` must be at least 1")
    everybody = _bodies(template, people, leaving, unset)
    if template is None and client not in SUITES:
        raise ValueError(f"`{client}` needs a template: {' and '.join(SUITES)} alone bring people of their own")
    if template is not None and client in SUITES:
        raise ValueError(f"`{client}` brings people of its own, and takes no template")
    book = _Journal(journal, client)
    session = ClientSession(
        everybody,
        [(name, _members(name, members)) for name, members in _named(groups or {})],
        client=client,
        update=update,
        membership=membership,
        removal=removal,
        entra_flag=entra_flag,
        probes=probes,
        retries=retries,
        journal=book.lines,
    )
    with transport_to(target, base=base, timeout=timeout, allow_http=allow_http) as transport:
        _Carrier(session, transport, secret, book, progress).run(concurrency)
    return Report._of(session.report())


def _bodies(
    template: Template | str | bytes | Mapping[str, Any] | None,
    people: Iterable[Person | Mapping[str, Any]],
    leaving: Iterable[Person | Mapping[str, Any]],
    unset: Literal["empty", "null", "null_text", "keep", "error"],
) -> list[tuple[Any, bool]]:
    """The bodies that the template renders for people, each with whether the person is leaving."""
    everybody = [(person, False) for person in people] + [(person, True) for person in leaving]
    if template is None:
        if everybody:
            raise ValueError("people are pushed by a template: expected one, found none")
        return []
    text = json.dumps(template) if isinstance(template, Mapping) else template
    read = text if isinstance(text, Template) else Template(text)
    return [(read.render(person, unset=unset).value, is_leaving) for person, is_leaving in everybody]


def _named(groups: Mapping[str, Iterable[str]] | Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, Iterable[str]]]:
    if isinstance(groups, Mapping):
        return groups.items()
    try:
        return [(group["displayName"], group.get("members", [])) for group in groups]
    except (TypeError, KeyError, AttributeError):
        raise ValueError("`groups`: expected names with their members, or objects with `displayName`") from None


def _members(group: str, members: Iterable[str]) -> list[str]:
    # A string is also an iterable of strings: each of its letters would become an unknown member.
    if isinstance(members, (str, bytes)):
        raise ValueError(f"group `{group}`: expected a list of `userName`s, found a text")
    return list(members)


def _private(path: str, flags: int) -> int:
    """Opens a file. A new one is readable by its owner alone, because it has data about people."""
    return os.open(path, flags, 0o600)


class _Journal:
    """A file with one line of JSON for each person and group that is done."""

    def __init__(self, path: str | Path | None, client: str) -> None:
        self._path = None if path is None else Path(path)
        self.lines: list[str] = []
        if self._path is None:
            return
        head = f'{{"scim_push_journal":1,"client":"{client}"}}\n'
        text = self._path.read_text("utf-8") if self._path.exists() else ""
        # A last line without a line break was cut off when the push was killed, so it is dropped.
        whole = text[: text.rfind("\n") + 1]
        if whole and not whole.startswith(head):
            raise ValueError(f"{self._path}: this is not a journal of a push by `{client}`")
        # `splitlines` would also split at U+2028 and similar characters, which JSON does not escape.
        self.lines = whole.split("\n")[1:-1]
        with open(self._path, "w", encoding="utf-8", opener=_private) as file:
            file.write(whole or head)

    def write(self, lines: list[str]) -> None:
        if self._path is not None and lines:
            with self._path.open("a", encoding="utf-8") as file:
                file.write("".join(f"{line}\n" for line in lines))


class _Carrier:
    """Carries a session to its end, with several threads if asked to."""

    def __init__(
        self,
        session: ClientSession,
        transport: Transport,
        token: ClientToken,
        journal: _Journal,
        progress: Callable[[int, int], object] | None,
    ) -> None:
        self._session = session
        self._transport = transport
        self._token = token
        self._journal = journal
        self._progress = progress
        self._changed = threading.Condition()
        self._raised: list[BaseException] = []

    def run(self, concurrency: int) -> None:
        if concurrency == 1:
            self._work()
        else:
            threads = [threading.Thread(target=self._try, daemon=True) for _ in range(concurrency)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if self._raised:
            raise self._raised[0]

    def _try(self) -> None:
        try:
            self._work()
        except BaseException as error:
            with self._changed:
                self._raised.append(error)
                self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                request = self._session.next()
                while request is None:
                    if self._session.is_done or self._raised:
                        self._changed.notify_all()
                        return
                    self._changed.wait()
                    request = self._session.next()
            self._carry(request)

    def _carry(self, request: ClientRequest) -> None:
        if request.delay:
            time.sleep(request.delay)
        headers = [("User-Agent", "scim-engine"), *request.headers]
        if "Authorization" not in dict(request.headers):
            headers.append(("Authorization", self._token.header))
        start = time.perf_counter()
        failed, timed_out, answer = "", False, None
        try:
            status, got, body = self._transport.send(request.method, request.path, headers, request.body)
            hidden = [(name, self._token.hide(value)) for name, value in got]
            answer = status, hidden, self._token.hide_bytes(body)
        except Exception as error:
            failed = self._token.hide(f"{type(error).__name__}: {error}")
            timed_out = isinstance(error, TimeoutError)
            if timed_out:
                failed = "not in time: `timeout` is how many seconds a request may take"
        elapsed = time.perf_counter() - start
        with self._changed:
            if answer is None:
                self._session.fail(request.ticket, failed, timed_out=timed_out)
            else:
                status, got, body = answer
                self._session.answer(request.ticket, status, got, body, elapsed)
            self._journal.write(self._session.take_journal())
            done, total = self._session.progress
            self._changed.notify_all()
        if self._progress is not None:
            self._progress(done, total)
