"""What wakes the portal: news about an account that its holder must hear by every way."""

from datetime import datetime

from madang.commons.events.contracts import on
from madang.commons.identity.contracts.centre import AccountRecovered
from madang.front_desk.portal import facade


@on(AccountRecovered)
def tell_of_recovery(event: AccountRecovered, now: datetime) -> None:  # noqa: ARG001 -- the bus's signature
    """A thief at a counter must not go unseen: the holder is told by each way they have."""
    if event.resident is not None:
        facade.tell_of_recovery(event.resident, event.recovery)
