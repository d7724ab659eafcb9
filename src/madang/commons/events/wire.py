"""Events as JSON on the wire: dataclass in, the same dataclass out, or a ValueError that names the field."""

from datetime import datetime

import msgspec

from madang.commons.events.contracts import Envelope
from madang.kernel.events import Event
from madang.kernel.ids import new_id


def pack(event: Event, at: datetime) -> Envelope:
    """Give the event an id and a body."""
    return Envelope(new_id(), event.topic, msgspec.json.encode(event), at)


def unpack(envelope: Envelope, into: type[Event]) -> Event:
    """The event in an envelope. Raises msgspec.ValidationError (a ValueError) when the body is of another shape."""
    return msgspec.json.decode(envelope.body, type=into)
