"""Carry what is due, note what became of it, and take what providers report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from madang.commons.db.transactions import transaction
from madang.commons.notify import addresses, channels, profile, ways
from madang.commons.notify.contracts import (
    Carried,
    Channel,
    Contact,
    DeliveryId,
    DeliveryState,
    Letter,
    Message,
)
from madang.commons.notify.facade import courses
from madang.commons.notify.facade.people import unsubscribe_url
from madang.commons.notify.facade.services import receive_for_services
from madang.commons.notify.facade.telling import tell
from madang.commons.notify.rules import addresses as written_addresses
from madang.commons.notify.rules import choosing, writing
from madang.commons.notify.store import buckets, deliveries, messages, people
from madang.kernel.ids import new_id

_DELIVERED: Final = "4000"
_NO_SUCH_NUMBER: Final = "3014"
Outcome = tuple[DeliveryId, Carried, datetime | None]


def deliver_due(now: datetime, limit: int | None = None, *, only: str = "") -> int:
    """Carry a batch of the letters that are due on each channel, or on one; how many were taken up.

    A try is noted before it begins and its outcome right after it, each in its own transaction: when a worker
    dies in between, the same letter (with the same id, the same bytes) goes out again after the lease.
    """
    with deliveries.claimant() as name:
        return sum(
            _deliver(channels.named(channel), now, limit, name) for channel in ([only] if only else channels.carried())
        )


def free_claims_of_the_dead(now: datetime) -> int:
    """Let living workers carry what a dead one had taken up, without waiting for its lease; how many letters."""
    with transaction():
        return deliveries.free_claims_of_the_dead(now)


def receive_reports(reports: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Note what the aggregator says became of messages; how many were news.

    A report has ``clientMessageId``, ``statusCode`` (4000 is delivered, 3… will never be) and ``statusMessage``.
    """
    told = [one for report in reports if (one := _report(report))]
    heard = receive_for_services([(one, state) for one, state, _ in told], now)
    with transaction():
        changed = deliveries.receive([(one, state, words) for one, state, words in told], now)
        for channel in {way for _, _, way, _, _ in changed}:
            confirmed = [one for _, one, way, _, state in changed if way == channel and state.is_confirmed]
            messages.confirm(confirmed, channel, now)
        bounced = {one for one, _, words in told if words.startswith(_NO_SUCH_NUMBER)}
        for delivery, _, channel, contact, state in changed:
            if state is DeliveryState.GIVEN_UP:
                _after_failure(delivery, channel, contact if delivery in bounced else None, now)
    return len(changed) + heard


def receive_post(handed: Sequence[tuple[UUID, bool]], now: datetime) -> int:
    """Note which letters were handed over against a signature, and which came back; how many were news."""
    states = {True: DeliveryState.DELIVERED, False: DeliveryState.GIVEN_UP}
    with transaction():
        told = [(one, states[well], "" if well else "the letter came back") for one, well in handed]
        changed = deliveries.receive(told, now)
        messages.confirm([message for _, message, _, _, state in changed if state.is_confirmed], "letter", now)
        for delivery, _, channel, contact, state in changed:
            if state is DeliveryState.GIVEN_UP:
                _after_failure(delivery, channel, contact, now)
    return len(changed) + receive_for_services([(one, states[well]) for one, well in handed], now)


def _deliver(channel: Channel, now: datetime, limit: int | None, claimant: int) -> int:
    letters = _claim(channel, now, min(limit or channel.batch, channel.batch), claimant)
    patience = profile.voice().patience
    addressed = [letter for letter in map(_addressed, letters) if letter.address]
    known = {letter.id for letter in addressed}
    nowhere = Carried(DeliveryState.GIVEN_UP, "the resident has no address")
    for letter in letters:
        if letter.id not in known:
            _settle([(letter, nowhere)], channel, patience, now)
    tried = zip(addressed, channel.carry(addressed), strict=True) if addressed else iter(())
    if channel.repeatable:
        _settle(list(tried), channel, patience, now)
    else:
        for pair in tried:
            _settle([pair], channel, patience, now)
    return len(letters)


def _claim(channel: Channel, now: datetime, limit: int, claimant: int) -> list[Letter]:
    known = ways.ways()
    pace, lease = known.paces[channel.name], known.leases[channel.name]
    with transaction():
        most = min(limit, buckets.available(channel.name, pace.per_second, pace.burst, now))
        letters = deliveries.claim(channel.name, now, now + lease, most, claimant) if most > 0 else []
        if letters:
            buckets.take(channel.name, len(letters), pace.per_second, pace.burst, now)
    return letters


def _addressed(letter: Letter) -> Letter:
    """With the address that identity names now, when notify keeps none: a corrected one is used from then on."""
    if letter.address or letter.contact:
        return letter
    stop = unsubscribe_url(letter.message.resident, letter.message.topic)
    address = addresses.address_of(letter.message.resident)
    email = address.email
    if email and people.is_off(letter.message.resident, choosing.EMAIL, email):
        email = ""
    return Letter(
        letter.id, email, letter.message, letter.attempts, unsubscribe=stop, for_another=address.through is not None,
    )


def _settle(
    tried: Sequence[tuple[Letter, Carried]], channel: Channel, patience: writing.Patience, now: datetime
) -> None:
    outcomes = [_outcome(letter, carried, patience, now) for letter, carried in tried]
    with transaction():
        deliveries.settle(outcomes, now)
        for (letter, _), (_, carried, _) in zip(tried, outcomes, strict=True):
            if carried.state is DeliveryState.GIVEN_UP:
                if carried.bounced:
                    _bounced(letter.message, channel.name, letter.contact, letter.address, now)
                courses.go_on(letter.message, now)


def _outcome(letter: Letter, carried: Carried, patience: writing.Patience, now: datetime) -> Outcome:
    if carried.state is not DeliveryState.FAILED_WILL_RETRY:
        return letter.id, carried, None
    again = writing.next_try(patience, letter.attempts, letter.message.at, now)
    return letter.id, carried if again else Carried(DeliveryState.GIVEN_UP, carried.error), again


def _report(report: Mapping[str, Any]) -> tuple[DeliveryId, DeliveryState, str] | None:
    try:
        delivery, code = DeliveryId(UUID(str(report["clientMessageId"]))), str(report["statusCode"])
    except (KeyError, ValueError):
        return None
    words = f"{code} {report.get('statusMessage', '')}"[:500]
    if code == _DELIVERED:
        return delivery, DeliveryState.DELIVERED, ""
    return (delivery, DeliveryState.GIVEN_UP, words) if code.startswith("3") else None


def _after_failure(delivery: DeliveryId, channel: str, bounced: UUID | None, now: datetime) -> None:
    message = messages.of_delivery(delivery)
    if message is None:
        return
    if bounced:
        _bounced(message, channel, bounced, "", now)
    courses.go_on(message, now)


def _bounced(message: Message, channel: str, contact: UUID | None, address: str, now: datetime) -> None:
    """Turn an address off that reaches nobody, and tell the resident by the ways that are left."""
    if contact is None:
        kept = people.add_contact(Contact(new_id(), message.resident, channel, address, None, now, "notify", None, ""))
        contact = kept.id
    for off in people.turn_off([contact], "it reached nobody", now):
        shown = written_addresses.masked(off.channel, off.address)
        tell(message.resident, "contact_bounced", {"address": shown}, link="/my/ways/", about=off.id)
