"""The city's stream as the archive reads it: in order, from a place that only the archive knows."""

import json
from base64 import b64encode
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

import nats
import nats.errors
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext
from nats.js.errors import Error as JetStreamError

from madang.commons.lake.contracts import Archived, Position

STREAM: Final = "CITY"
"""The stream, its subjects and its headers are the wire's own, as docs/events.md says them."""
_SUBJECTS: Final = "city."
_ID, _AT = "Nats-Msg-Id", "Madang-At"
_IDLE_SECONDS: Final = 300.0


async def read_from(stream: JetStreamContext, sequence: int) -> JetStreamContext.PullSubscription:
    """A reader of everything from ``sequence`` on. It is nobody's but ours, and the bus forgets it when we are gone."""
    return await stream.pull_subscribe(
        f"{_SUBJECTS}>",
        stream=STREAM,
        config=ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=sequence,
            # The archive itself remembers how far it has come; an acknowledgement would be a second, other truth.
            ack_policy=AckPolicy.NONE,
            inactive_threshold=_IDLE_SECONDS,
            mem_storage=True,
        ),
    )


async def life(stream: JetStreamContext) -> Position:
    """Which life of the stream this is, and its newest sequence."""
    told = await stream.stream_info(STREAM)
    return Position(str(told.created), told.state.last_seq)


async def newest(url: str) -> Position | None:
    """As ``life``, over a connection of its own; None when the bus does not answer."""
    try:
        client = await nats.connect(
            url, connect_timeout=3, allow_reconnect=False, max_reconnect_attempts=1, reconnect_time_wait=0,
            error_cb=_hush,
        )
    except (nats.errors.Error, OSError, TimeoutError):
        return None
    try:
        return await life(client.jetstream(timeout=5))
    except (nats.errors.Error, JetStreamError, TimeoutError):
        return None
    finally:
        await client.close()


async def _hush(_: Exception) -> None:
    """The answer says all there is to say."""


def event_of(message: Msg, stream: str) -> Archived:
    """A message as the archive keeps it. One that is not of our making is kept too: it has a place on the bus."""
    about = message.metadata
    sequence = about.sequence.stream
    headers = message.headers or {}
    try:
        event, at = UUID(headers[_ID]), datetime.fromisoformat(headers[_AT]).astimezone()
    except (KeyError, ValueError):
        event, at = uuid5(NAMESPACE_URL, f"{stream}#{sequence}"), about.timestamp
    return Archived(sequence, event, message.subject.removeprefix(_SUBJECTS), at, _text(message.data))


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return json.dumps({"base64": b64encode(body).decode()})
