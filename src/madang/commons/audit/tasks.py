"""What audit does by itself: forget the lines that were written beside stated purposes."""

from datetime import datetime

from madang.commons.audit import facade
from madang.commons.audit.contracts import LINES_KEPT
from madang.commons.work.facade import every


@every("37 4 * * *", "audit.forget_lines")
def forget_lines(now: datetime) -> None:
    """Once a day: lines older than the manifest says are deleted."""
    facade.forget_lines(now - LINES_KEPT)
