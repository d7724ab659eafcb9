"""The course of a message: by which ways it goes first, and by which it goes on when those fail or nobody confirms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from madang.commons.db.transactions import transaction
from madang.commons.notify import addresses, channels, ways
from madang.commons.notify.contracts import Contact, Message, Urgency
from madang.commons.notify.rules import choosing
from madang.commons.notify.store import deliveries, messages, people
from madang.kernel.ids import ResidentId

CODES_KEPT: Final = timedelta(days=1)
"""How long the digests of codes are kept, so that too many can be noticed."""
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class _Reachable:
    """Where a person is reached: by channel, the contact points that notify keeps; e-mail may be identity's."""

    contacts: Sequence[Contact]
    has_email: bool

    @property
    def channels(self) -> set[str]:
        """The channels that lead somewhere."""
        found = {name for name in channels.carried() if name != choosing.EMAIL and self.by(name)}
        return found | {choosing.EMAIL} if self.has_email else found

    def by(self, channel: str) -> list[Contact]:
        """The contact points of a channel."""
        kinds = {"alimtalk": ("alimtalk", "sms"), "call": ("call", "sms")}.get(channel, (channel,))
        found = [one for kind in kinds for one in self.contacts if one.channel == kind and one.is_open]
        return found if channel == "push" else found[:1]

    def ways(self, names: Sequence[str]) -> list[tuple[str, Contact | None]]:
        """Channels with their contact points; the account's own e-mail has none here."""
        kept: dict[str, Sequence[Contact | None]] = {name: self.by(name) or [None] for name in names}
        return [(name, contact) for name in names for contact in kept[name]]


def begin(message: Message, now: datetime) -> None:
    """Put a fresh message on its first ways."""
    reachable = _reachable(message.resident)
    topic = ways.ways().topics[message.topic]
    if topic.urgency is Urgency.LEGAL:
        _step(message, reachable, 0, now)
        return
    wishes = people.wishes(message.resident)
    wanted = {channel: wish for (about, channel), wish in wishes.items() if about == topic.name}
    names = choosing.chosen(topic, wanted, reachable.channels)
    if choosing.EMAIL in names and not reachable.has_email and _email_is_off(message.resident):
        names.remove(choosing.EMAIL)
    _put(message, reachable, names or _instead(topic, wanted, reachable, set()), now)


def take_steps(now: datetime, limit: int = _BATCH) -> int:
    """Let legal notices that nobody confirmed in time go on to their next step; how many."""
    with transaction():
        due = messages.due_steps(now, limit)
        for message, step in due:
            _step(message, _reachable(message.resident), step + 1, now)
    return len(due)


def go_on(message: Message, now: datetime) -> None:
    """After a way was given up: when it was the last that was open, the next."""
    if deliveries.count_open([message.id]).get(message.id):
        return
    if message.urgency is Urgency.LEGAL:
        messages.hasten([message.id], now)
        return
    topic = ways.ways().topics.get(message.topic)
    if topic is None or topic.urgency is not Urgency.ORDINARY:
        return
    wishes = people.wishes(message.resident)
    wanted = {channel: wish for (about, channel), wish in wishes.items() if about == topic.name}
    tried = {one.channel for one in deliveries.of_message(message.id)}
    reachable = _reachable(message.resident)
    _put(message, reachable, _instead(topic, wanted, reachable, tried), now)


def _instead(topic: choosing.Topic, wanted: dict[str, bool], reachable: _Reachable, tried: set[str]) -> list[str]:
    """One more way, which the person did not refuse and which was not tried."""
    names = [*topic.channels, *topic.offered]
    open_ways = (name for name in names if name in reachable.channels and name not in tried and wanted.get(name, True))
    return [name for name in open_ways if name not in {"letter", "call"}][:1]


def _step(message: Message, reachable: _Reachable, step: int, now: datetime) -> None:
    """Put a legal notice on the first step from ``step`` on that reaches the person; after the last it only waits."""
    steps = ways.ways().steps
    for number in range(step, len(steps)):
        if names := choosing.step_ways(steps[number], reachable.channels):
            _put(message, reachable, names, now)
            messages.set_step(message.id, number, now + steps[number].wait)
            return
    messages.set_step(message.id, len(steps), None)


def _put(message: Message, reachable: _Reachable, names: Sequence[str], now: datetime) -> None:
    quiet = ways.ways().quiet
    at = {name: choosing.not_before(quiet, name, message.urgency, now) for name in names}
    deliveries.add(message, reachable.ways(names), at, choosing.priority(message.urgency))


def _reachable(resident: ResidentId) -> _Reachable:
    address = addresses.address_of(resident)
    kept = people.contacts(resident)
    if address.through and not any(one.is_open for one in kept):
        kept = [*kept, *people.contacts(address.through)]
    email = address.email
    off = any(one.channel == choosing.EMAIL and one.address == email and one.off for one in kept)
    own = any(one.channel == choosing.EMAIL and one.is_open for one in kept)
    return _Reachable(kept, has_email=(bool(email) and not off) or own)


def _email_is_off(resident: ResidentId) -> bool:
    email = addresses.address_of(resident).email
    return bool(email) and people.is_off(resident, choosing.EMAIL, email)
