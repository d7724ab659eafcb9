"""What notify does by itself: carry letters, and forget what is old."""

from datetime import datetime

from madang.commons.notify import facade
from madang.commons.work.facade import every
from madang.kernel import clock


@every("* * * * * */2", "notify.deliver_due")
def deliver_due(now: datetime) -> None:  # noqa: ARG001 -- the time it was due; retries count from the time it is
    """Carry every letter that is due, batch by batch. Workers that do so at once take different letters."""
    while facade.deliver_due(clock.now()):
        pass


@every("*/20 * * * * *", "notify.take_steps")
def take_steps(now: datetime) -> None:  # noqa: ARG001 -- as above
    """Let legal notices that nobody confirmed in time go on by the next way."""
    while facade.take_steps(clock.now()):
        pass


@every("17 3 * * *", "notify.forget_old")
def forget_old(now: datetime) -> None:
    """Delete messages older than the city keeps them, at night."""
    while facade.forget_old(now):
        pass
