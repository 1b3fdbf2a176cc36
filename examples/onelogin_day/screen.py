"""What the demo prints: requests, answers, changes, repairs; in colour on a terminal."""

from __future__ import annotations

import json
import os
import textwrap
from typing import TextIO

from endpoint import Answer

import scim_engine as scim

COLOURS = {"bold": "1", "faint": "2", "red": "31", "green": "32", "yellow": "33", "blue": "36"}
WIDTH = 110


class Screen:
    """Writes to a stream."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._is_colour = out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def line(self, text: str = "", colour: str = "") -> None:
        """One line."""
        if self._is_colour and colour:
            text = f"\x1b[{COLOURS[colour]}m{text}\x1b[0m"
        print(text, file=self._out)

    def request(self, method: str, target: str, body: bytes, count: int = 1) -> None:
        many = f"   ({count:,} of this kind)" if count > 1 else ""
        self.line(f"  > {method} {target}{many}", "blue")
        # As it was sent, but for line ends and indentation.
        text = _short(" ".join(body.decode().split()), 800)
        for line in textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False):
            self.line(f"    {line}", "faint")

    def answer(self, answer: Answer) -> None:
        colour = "red" if answer.status >= 400 else "bold"
        parts = [str(answer.status)]
        if answer.body is not None and "totalResults" in answer.body:
            parts.append(f"{answer.body['totalResults']} found")
        if answer.outcome is not None:
            changed = "created" if answer.status == 201 else "changed"
            parts.append(changed if answer.outcome.changed else "nothing changed")
        if answer.note:
            parts.append(answer.note)
        if answer.outcome is not None or answer.rows_written:
            parts.append(f"rows written: {answer.rows_written}")
        self.line(f"  < {', '.join(parts)}", colour)
        if answer.error is not None:
            self._error(answer.error)
        if answer.outcome is not None:
            self._outcome(answer.outcome)

    def _error(self, error: scim.ScimError) -> None:
        self.line(f"    {error.scim_type or 'no scimType'}", "red")
        for line in error.render().splitlines():
            self.line(f"    {line}")

    def _outcome(self, outcome: scim.Outcome) -> None:
        for change in outcome.changes:
            pairs = [(replaced.old, replaced.new) for replaced in change.replaced]
            removed = change.removed + [old for old, _ in pairs]
            added = change.added + [new for _, new in pairs]
            self._values("-", "red", change.path, removed)
            self._values("+", "green", change.path, added)
        for repair in outcome.repairs:
            self.line(f"    ! {repair}", "yellow")

    def _values(self, mark: str, colour: str, path: str, values: list[object]) -> None:
        for value in values[:3]:
            self.line(f"    {mark} {path}: {_short(json.dumps(value, ensure_ascii=False))}", colour)
        if len(values) > 3:
            self.line(f"    {mark} {path}: and {len(values) - 3:,} more", colour)

    def table(self, rows: list[tuple[str, ...]]) -> None:
        """A table; the first row is its head, the last its sum."""
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        rule = "  ".join("-" * width for width in widths)
        for at, row in enumerate(rows):
            if at in (1, len(rows) - 1):
                self.line(rule, "faint")
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
            self.line("  ".join(cells).rstrip(), "bold" if at in (0, len(rows) - 1) else "")


def _short(text: str, most: int = WIDTH) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
