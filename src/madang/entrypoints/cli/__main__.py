"""``python -m madang.entrypoints.cli`` is the ``madang`` command."""

import sys

from madang.entrypoints.cli import main

sys.exit(main())
