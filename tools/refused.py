"""How a tool ends: with what it has to say in one sentence, or without a word."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn


class Refused(Exception):
    """An error, described in one sentence."""


def finish(tool: Callable[[list[str]], None], *, usage: str | None, accepted: list[list[str]]) -> NoReturn:
    """Runs a tool with the arguments of the command, which must be among `accepted`, and exits with its code."""
    arguments = sys.argv[1:]
    if arguments not in accepted:
        print(usage, file=sys.stderr)
        raise SystemExit(2)
    try:
        tool(arguments)
    except Refused as refused:
        print(refused, file=sys.stderr)
        raise SystemExit(1) from None
    raise SystemExit(0)
