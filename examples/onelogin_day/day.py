"""Keeps count of a day: what was sent, what came of it, and whether it was what had to come."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from endpoint import Answer, Endpoint
from screen import Screen
from store import Store


class Surprise(Exception):
    """Something did not go as it has to."""


@dataclass
class Step:
    """The counts of one step."""

    title: str
    requests: int = 0
    changed: int = 0
    repaired: int = 0
    refused: int = 0


class Day:
    """A store, an endpoint, a screen, and the steps so far."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.store = Store()
        self._time = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)
        self._endpoint = Endpoint(self.store, lambda: self._time)
        self.steps: list[Step] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step; what surprises in it carries its title."""
        self._time += timedelta(minutes=20)
        self.steps.append(Step(title))
        self.screen.line()
        self.screen.line(f"{self._time:%H:%M}  {title}", "bold")
        try:
            yield
        except Surprise as surprise:
            raise Surprise(f"in step `{title}`: {surprise}") from surprise
        except Exception as error:
            # An answer of another form than any that is due.
            raise Surprise(f"in step `{title}`: {type(error).__name__}: {error}") from error

    def send(self, method: str, target: str, body: Any = None, *, refused: str = "") -> Answer:
        """Sends a request and shows what comes of it. `refused`: `scimType` or status of the error that is due."""
        payload = _payload(body)
        self.screen.request(method, target, payload)
        answer = self._exchange(method, target, payload)
        self.screen.answer(answer)
        if refused:
            self.check_refusal(answer, refused)
        elif answer.error is not None:
            raise Surprise(f"{method} {target} was refused: {answer.error.detail}")
        return answer

    def send_all(self, method: str, target: str, bodies: list[bytes]) -> list[Answer]:
        """Sends many requests of one kind and shows the last."""
        answers = [self._exchange(method, target, body) for body in bodies]
        self.screen.request(method, target, bodies[-1], len(bodies))
        self.screen.answer(answers[-1])
        refused = [answer.error.detail for answer in answers if answer.error is not None]
        if refused:
            raise Surprise(f"{len(refused)} of {len(bodies)} were refused, the first because: {refused[0]}")
        return answers

    def _exchange(self, method: str, target: str, payload: bytes) -> Answer:
        answer = self._endpoint.handle(method, target, payload)
        step = self.steps[-1]
        step.requests += 1
        if answer.outcome is not None:
            step.changed += answer.outcome.changed
            step.repaired += bool(answer.outcome.repairs)
        return answer

    def check_refusal(self, answer: Answer, refused: str) -> None:
        """The error has to be this one, as the RFC has it."""
        if answer.error is None:
            raise Surprise(f"expected an error `{refused}`, but it was accepted")
        body = answer.body or {}
        same("the error", body.get("scimType", body.get("status")), refused)
        same("the status in the body", body.get("status"), str(answer.status))
        same("the rows written", answer.rows_written, 0)
        check(bool(body.get("detail")), "the error says nothing")
        self.steps[-1].refused += 1

    def summary(self) -> list[tuple[str, ...]]:
        """The table of all steps."""
        steps = self.steps
        total = Step(
            f"{len(steps)} steps",
            sum(step.requests for step in steps),
            sum(step.changed for step in steps),
            sum(step.repaired for step in steps),
            sum(step.refused for step in steps),
        )
        rows = [
            (
                step.title,
                *(f"{count:,}" for count in (step.requests, step.changed, step.repaired, step.refused)),
            )
            for step in [*steps, total]
        ]
        return [("step", "requests", "changed", "repaired", "errors, as expected"), *rows]


def _payload(body: Any) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def check(holds: bool, message: str) -> None:
    """Raises a surprise unless it holds."""
    if not holds:
        raise Surprise(message)


def same(what: str, found: Any, expected: Any) -> None:
    """Raises a surprise unless both are the same JSON; `True` is not 1."""
    texts = [json.dumps(value, ensure_ascii=False, sort_keys=True) for value in (found, expected)]
    check(texts[0] == texts[1], f"{what}: expected {texts[1]}, found {texts[0]}")


def changed_paths(answer: Answer) -> list[str]:
    """The attributes that an answer says are different."""
    return sorted(change.path for change in answer.outcome.changes) if answer.outcome else []


def repair_kinds(answer: Answer) -> list[list[str]]:
    """What an answer says was repaired: paths and kinds, each once."""
    repairs = answer.outcome.repairs if answer.outcome else ()
    return [list(pair) for pair in sorted({(repair.path, repair.kind) for repair in repairs})]
