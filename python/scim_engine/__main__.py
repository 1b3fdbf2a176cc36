"""The command line: ``python -m scim_engine``, or ``scim-engine``, the command that the wheel installs."""

from __future__ import annotations

import signal
import sys

from ._engine import main as run


def main() -> int:
    """Runs the command line and returns its exit code."""
    # The work is done in Rust, where Python cannot handle an interrupt, so SIGINT ends the process directly.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
