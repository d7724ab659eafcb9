"""What notify does by itself: carry letters, and forget what is old."""

from datetime import datetime
from typing import Final

from madang.commons.notify import facade
from madang.commons.work.contracts import Retry
from madang.commons.work.facade import every, task
from madang.kernel import clock


@every("* * * * * */2", "notify.deliver_due")
def deliver_due(now: datetime) -> None:  # noqa: ARG001 -- the time it was due; retries count from the time it is
    """Carry every letter that is due, batch by batch. Workers that do so at once take different letters."""
    facade.free_claims_of_the_dead(clock.now())
    while facade.deliver_due(clock.now()):
        pass


@every("*/20 * * * * *", "notify.take_steps")
def take_steps(now: datetime) -> None:  # noqa: ARG001 -- as above
    """Let legal notices that nobody confirmed in time go on by the next way."""
    while facade.take_steps(clock.now()):
        pass


@every("* * * * * *", "notify.send_broadcasts")
def send_broadcasts(now: datetime) -> None:  # noqa: ARG001 -- as above
    """Write everybody's message of an approved broadcast down, and let all workers carry them."""
    for broadcast in facade.approved():
        facade.compose(broadcast, clock.now())
        for channel in facade.broadcast_channels():
            for _ in range(_CARRIERS):
                carry_on.defer(channel=channel)


@task("notify.carry_on", retry=Retry(waits=(1,), attempts=None))
def carry_on(channel: str) -> None:
    """Carry what is due on a channel until nothing is. Several do so at once and take different letters."""
    facade.carry_on(channel)


_CARRIERS: Final = 2
"""So many pieces of work carry one channel at once: one for each worker of a machine of two cores."""


@every("* * * * * */2", "notify.deliver_for_services")
def deliver_for_services(now: datetime) -> None:  # noqa: ARG001 -- as above
    """Carry what departments' services asked for."""
    while facade.deliver_for_services(clock.now()):
        pass


@every("* * * * * */3", "notify.tell_services")
def tell_services(now: datetime) -> None:  # noqa: ARG001 -- as above
    """Tell services what became of their notifications."""
    while facade.tell_services(clock.now()):
        pass


@every("* * * * * */5", "notify.read_post")
def read_post(now: datetime) -> None:  # noqa: ARG001 -- as above
    """Read what the printing house says of letters."""
    facade.read_post(clock.now())


@every("17 3 * * *", "notify.forget_old")
def forget_old(now: datetime) -> None:
    """Delete messages older than the city keeps them, at night."""
    while facade.forget_old(now):
        pass


@every("41 * * * *", "notify.forget_old_files")
def forget_old_files(now: datetime) -> None:
    """Delete files that services sent, once their weeks are over, within the hour."""
    facade.forget_old_files(now)
