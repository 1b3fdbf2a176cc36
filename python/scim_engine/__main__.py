"""The command line: ``python -m scim_engine``, and ``scim`` once installed."""

from __future__ import annotations

import signal
import sys

from ._engine import main as run


def main() -> int:
    """Runs the command line and returns its exit code."""
    # The work is done outside of Python, which would not get to see an interrupt.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
