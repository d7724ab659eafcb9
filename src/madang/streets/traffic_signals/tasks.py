"""The timed work of traffic signals."""

from datetime import datetime

from madang.commons.work.facade import every
from madang.streets.traffic_signals import facade


@every("*/5 * * * *", "traffic_signals.run")
def run(now: datetime) -> None:
    """Propose plans. The next run does what one that died left undone."""
    facade.run(now)


@every("40 3 * * *", "traffic_signals.erase")
def erase(now: datetime) -> None:
    """Erase what the profile keeps no longer."""
    facade.erase(now)
