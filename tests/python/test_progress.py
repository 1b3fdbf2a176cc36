"""The progress bar of a long scan: only on a terminal, after a while, and never in the output."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time

import pytest

LINE = b'{"userName": "ada", "title": "Guide"}\n'


def run(arguments: list[str], *, pause: float, environment: dict[str, str] | None = None, piped: bool = True):
    """Writes lines to standard input, slowly. Standard error is a terminal; so is standard output, unless `piped`."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", **(environment or {})}
    if not environment:
        env.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "scim_engine", "filter", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE if piped else theirs,
        stderr=theirs,
        env=env,
    )
    os.close(theirs)
    process.stdin.write(LINE)
    process.stdin.flush()
    time.sleep(pause)
    process.stdin.write(b"junk\n" + LINE)
    process.stdin.close()
    out = b""
    if piped:
        with process.stdout as stdout:
            out = stdout.read()
    terminal = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:
            # The other end is closed.
            break
        if not read:
            break
        terminal += read
    os.close(ours)
    return process.wait(), out, terminal.decode()


def test_a_bar_on_long_input():
    code, out, terminal = run(["title pr"], pause=2.5)
    assert (code, out) == (2, LINE * 2)
    assert f"{len(LINE)} B" in terminal
    # The error begins in the first column of a line of its own, and the bar is erased at the end.
    assert "error: <stdin>:2:1: invalid JSON" in terminal
    before, _, after = terminal.partition("error: <stdin>")
    assert before.endswith(("\x1b[2K", "\x1b[2K\r", "\r\x1b[2K", "\x1b[1G", "\r"))
    assert " B/s" not in after.rpartition("note: ")[2]


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (["title pr"], {"pause": 0.1}),
        (["title pr"], {"pause": 1.6, "environment": {"NO_COLOR": "1"}}),
        (["title pr"], {"pause": 1.6, "environment": {"TERM": "dumb"}}),
        (["title pr", "--json"], {"pause": 1.6}),
        (["title pr"], {"pause": 1.6, "piped": False}),
    ],
    ids=["short", "no colour", "dumb", "json", "one terminal"],
)
def test_no_bar(arguments, options):
    code, _, terminal = run(arguments, **options)
    assert code == 2
    assert "B/s" not in terminal
    assert "invalid JSON" in terminal


def test_a_count_on_one_terminal():
    code, _, terminal = run(["-c", "title pr"], pause=2.5, piped=False)
    assert code == 2
    assert "B/s" in terminal
    # The bar is erased before the count is printed.
    assert (
        terminal.rpartition("B/s")[2]
        .replace("\x1b[2K", "")
        .endswith("\r2\r\nnote: documents that could not be read: 1 of 3\r\n")
    )
