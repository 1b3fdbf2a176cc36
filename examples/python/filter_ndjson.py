"""Filters NDJSON without parsing it: ``python examples/python/filter_ndjson.py 'active eq true' users.ndjson``.

Without a file, some built-in users are filtered. The file may be compressed with gzip or zstd.
"""

from __future__ import annotations

import sys
from pathlib import Path

import scim_engine as scim

USERS = b"""\
{"userName": "mirela", "active": true, "emails": [{"type": "work", "value": "mirela@harbour.example"}]}
{"userName": "otto", "active": false}
{"userName": "ines", "active": true
{"userName": "ines", "active": true, "title": "Pilot"}
"""


def select(text: str, users: bytes | Path) -> scim.Scan:
    """The users that satisfy the filter, each as its own text, and a report of each line that is not a document."""
    # Threads scan blocks of the text; the matches are in the order of the text. A file is read in bounded memory.
    return scim.Filter(text, scim.USER).scan(users, threads=0)


def main(arguments: list[str]) -> int:
    text = arguments[0] if arguments else 'active eq true and (title pr or emails.type eq "work")'
    try:
        found = select(text, Path(arguments[1]) if len(arguments) > 1 else USERS)
    except scim.InvalidFilter as error:
        print(error.render(), file=sys.stderr)  # the filter with carets under the mistake, and a hint
        return 2
    for match in found.found:
        print(f"line {match.line}: {match.text}")
    for fault in found.faults:
        print(fault, file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
