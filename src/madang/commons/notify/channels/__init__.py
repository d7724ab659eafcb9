"""The ways to a resident, in one registry. A new way is a class with a ``name`` and a line here."""

from collections.abc import Mapping, Sequence

from madang.commons.notify.channels.alimtalk import Alimtalk
from madang.commons.notify.channels.call import Call
from madang.commons.notify.channels.email import Email
from madang.commons.notify.channels.inbox import Inbox
from madang.commons.notify.channels.letter import Post
from madang.commons.notify.channels.push import Push
from madang.commons.notify.channels.sms import Sms
from madang.commons.notify.contracts import Channel

_CHANNELS: Mapping[str, Channel] = {
    channel.name: channel for channel in (Inbox(), Email(), Sms(), Alimtalk(), Push(), Post(), Call())
}


def named(name: str) -> Channel:
    """The channel of that name. Raises KeyError when the city has none."""
    return _CHANNELS[name]


def carried() -> Sequence[str]:
    """Names of the channels whose letters are carried by a worker."""
    return [name for name, channel in _CHANNELS.items() if not channel.at_once]


def at_once() -> Sequence[str]:
    """Names of the channels that need nothing but the saved message."""
    return [name for name, channel in _CHANNELS.items() if channel.at_once]
