"""The door to the event bus."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from madang.commons.db.transactions import in_transaction, transaction
from madang.commons.events import store, wire
from madang.commons.events.contracts import DeadLetter, Envelope
from madang.kernel import clock
from madang.kernel.events import Event
from madang.kernel.manifest import Subscription


def emit(event: Event) -> None:
    """Put an event down in the open transaction: it is published if, and only if, that transaction is kept.

    Raises RuntimeError outside a transaction, where that promise could not be kept.
    """
    if not in_transaction():
        message = f"emit({event.topic}) outside a transaction: open one with transaction() first"
        raise RuntimeError(message)
    store.put(wire.pack(event, clock.now()))


def handle(subscription: Subscription, envelope: Envelope, now: datetime) -> bool:
    """Let the subscriber handle the event, with the note that it did; False if it had done so before.

    Whatever the handler raises goes through, and then neither its effects nor the note are kept.
    """
    event = wire.unpack(envelope, subscription.event)
    with transaction():
        if not store.note_handled(subscription.name, envelope.id, now):
            return False
        subscription.handle(event, now)
    return True


def count_waiting() -> int:
    """How many events are kept and not yet on the bus; more than a few means that the bus is away."""
    return store.count_waiting()


def dead_letters() -> list[DeadLetter]:
    """Events that a subscriber gave up on, newest first, at most 1,000."""
    return store.dead_letters()


def replay(letter: UUID, subscriptions: Iterable[Subscription], now: datetime) -> None:
    """Handle a dead letter's event again, here and now; its error goes through and the letter stays dead.

    Raises DeadLetterUnknown, or LookupError when no room has such a subscriber any more.
    """
    with transaction():
        dead, envelope = store.lock_dead_letter(letter)
        by_name = {subscription.name: subscription for subscription in subscriptions}
        handle(by_name[dead.subscriber], envelope, now)
        store.mark_replayed(letter, now)
