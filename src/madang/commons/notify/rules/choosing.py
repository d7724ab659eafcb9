"""By which ways a message goes, and when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from madang.commons.notify.contracts import Urgency
from madang.kernel import clock
from madang.kernel.languages import Text

INBOX = "inbox"
EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Topic:
    """What messages are about, as the profile names it.

    ``channels`` are used unless the resident says no, ``offered`` when they say yes. ``may_unsubscribe``: whether a
    letter carries the address that ends it (RFC 8058, 2017).
    """

    name: str
    title: Text
    urgency: Urgency
    channels: Sequence[str]
    offered: Sequence[str]
    templates: Collection[str]
    may_unsubscribe: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a legal notice: by which channels, and how long a confirmation is waited for."""

    channels: Sequence[str]
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Quiet:
    """When a device stays silent, on Seoul's clock: from ``begins`` over midnight to ``ends``."""

    begins: time
    ends: time
    channels: Collection[str]


def chosen(topic: Topic, wanted: Mapping[str, bool], reachable: Collection[str]) -> list[str]:
    """The carried channels of an ordinary message, in the topic's order.

    The e-mail is tried also when nobody knows an address yet: it is asked for at each try.
    """
    ways = [name for name in topic.channels if wanted.get(name, True)]
    ways += [name for name in topic.offered if wanted.get(name, False)]
    return [name for name in ways if name != INBOX and (name in reachable or name == EMAIL)]


def step_ways(step: Step, reachable: Collection[str]) -> list[str]:
    """The channels of one step that reach this person; wishes do not count here."""
    return [name for name in step.channels if name in reachable]


def not_before(quiet: Quiet, channel: str, urgency: Urgency, at: datetime) -> datetime:
    """When a message may go out by ``channel``: now, or at the end of the quiet hours."""
    if urgency is not Urgency.ORDINARY or channel not in quiet.channels:
        return at
    here = clock.in_seoul(at)
    end = here.replace(hour=quiet.ends.hour, minute=quiet.ends.minute, second=0, microsecond=0)
    if here.time() >= quiet.begins:
        return end + timedelta(days=1)
    return end if here.time() < quiet.ends else at


def priority(urgency: Urgency) -> int:
    """Who goes first; the lowest number does."""
    return {Urgency.EMERGENCY: 0, Urgency.LEGAL: 3, Urgency.ORDINARY: 5}[urgency]
