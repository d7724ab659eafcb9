"""The door to notify: tell a resident something once, and let them read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from madang.commons.db.transactions import in_transaction, transaction
from madang.commons.notify import addresses, channels, profile, rules, store
from madang.commons.notify.contracts import (
    Carried,
    Channel,
    Delivery,
    DeliveryState,
    FactsWrong,
    Letter,
    Message,
    MessageId,
    MessageUnknown,
)
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Text

_BATCH = 50
"""Letters a connection; few enough that they are carried well within the lease."""


def tell(
    resident: ResidentId, template: str, facts: Mapping[str, str | Text], *, link: str, about: UUID
) -> None:
    """Tell a resident something in their language, in the caller's transaction: inbox now, e-mail after it is kept.

    ``facts`` has at least what the template declares (``profiles/seoul/messages``); a ``Text`` is written in the
    resident's language. ``link`` is a path of the portal. The same (resident, template, about) again does nothing.
    Raises RuntimeError outside a transaction, FactsWrong for a caller's mistake.
    """
    if not in_transaction():
        message = f"tell({template}) outside a transaction: open one with transaction() first"
        raise RuntimeError(message)
    if not link.startswith("/") or link.startswith("//"):
        message = f"{template}: the link {link!r} is not a path of the portal, such as /my/cases/2026-K7QF-3M9X"
        raise FactsWrong(message)
    written = _written(resident, template, facts, link, about)
    if store.add(written):
        store.add_deliveries(written, channels.carried(), channels.at_once())


def inbox(actor: Actor, before: datetime | None = None, limit: int = 50) -> Sequence[Message]:
    """The resident's messages, newest first; ``before`` is the ``at`` of the last one seen. Raises SignInNeeded."""
    return store.inbox(actor.the_resident(), before, min(limit, 200))


def unread(actor: Actor) -> int:
    """How many messages the resident has not opened; 0 for somebody who is no resident. One index look-up."""
    return store.unread(actor.subject) if actor.subject else 0


def message_of(actor: Actor, message: UUID) -> Message:
    """One message of the resident's. Raises MessageUnknown, also for somebody else's."""
    found = store.message_of(actor.the_resident(), MessageId(message))
    if found is None:
        raise MessageUnknown(message_id=str(message))
    return found


def mark_read(actor: Actor, message: UUID) -> None:
    """Note that the resident opened a message; the first time counts. Raises MessageUnknown."""
    with transaction():
        store.mark_read(message_of(actor, message).id, clock.now())


def deliveries(actor: Actor, message: UUID) -> Sequence[Delivery]:
    """Where a message of the resident's stands on each channel. Raises MessageUnknown."""
    return store.deliveries(message_of(actor, message).id)


def standing() -> Mapping[tuple[str, DeliveryState], int]:
    """How many deliveries stand where, by channel and state, for operators."""
    return store.counts()


def deliver_due(now: datetime, limit: int = _BATCH) -> int:
    """Carry up to ``limit`` letters that are due; how many were taken up.

    A try is noted before it begins and its outcome right after it, each in its own transaction: when a worker
    dies in between, the same letter (the same Message-ID, the same bytes) goes out again after the lease.
    """
    patience = profile.voice().patience
    with transaction():
        claimed = store.claim(now, patience.lease, limit)
    by_channel = sorted(claimed, key=lambda pair: pair[0].channel)
    for name, group in groupby(by_channel, key=lambda pair: pair[0].channel):
        _carry(channels.named(name), [_letter(delivery, message) for delivery, message in group], patience, now)
    return len(claimed)


def try_again(channel: str, now: datetime) -> int:
    """Put a channel's given-up deliveries back in the queue, after a mistake of the city's was mended; how many."""
    with transaction():
        return store.try_again(channel, now)


def forget_old(now: datetime, limit: int = 10_000) -> int:
    """Delete messages older than the profile keeps them; how many, at most ``limit`` at a time."""
    with transaction():
        return store.forget(now - profile.voice().keep, limit)


def forget_resident(resident: ResidentId) -> int:
    """Delete everything that a resident was told, in the caller's transaction if one is open; how many messages."""
    with transaction():
        return store.forget_resident(resident)


def check_templates() -> int:
    """Read every template and the letters' frame; how many templates. Raises TemplateWrong with all mistakes."""
    profile.voice()
    return len(profile.templates(profile.folder()))


def _written(
    resident: ResidentId, name: str, facts: Mapping[str, str | Text], link: str, about: UUID
) -> Message:
    template = profile.template(name)
    language = addresses.address_of(resident).language
    return Message(
        MessageId(new_id()), resident, name, about, language,
        title=rules.write(template.subject, template, facts, language),
        body=rules.write(template.body, template, facts, language),
        link=link, at=clock.now(), read=None,
    )


def _letter(delivery: Delivery, message: Message) -> Letter:
    # The address is asked for at each try: notify keeps none, and a corrected one is used from then on.
    return Letter(delivery.id, addresses.address_of(message.resident).email, message, delivery.attempts)


def _carry(channel: Channel, letters: Sequence[Letter], patience: rules.Patience, now: datetime) -> None:
    nowhere = [letter for letter in letters if not letter.address]
    for letter in nowhere:
        _settle(letter, Carried(DeliveryState.GIVEN_UP, "the resident has no address"), patience, now)
    addressed = [letter for letter in letters if letter.address]
    for letter, carried in zip(addressed, channel.carry(addressed), strict=True):
        _settle(letter, carried, patience, now)


def _settle(letter: Letter, carried: Carried, patience: rules.Patience, now: datetime) -> None:
    again = None
    if carried.state is DeliveryState.FAILED_WILL_RETRY:
        again = rules.next_try(patience, letter.attempts, letter.message.at, now)
        carried = carried if again else Carried(DeliveryState.GIVEN_UP, carried.error)
    with transaction():
        store.settle(letter.id, carried, again, now)
