"""The way to NATS JetStream: one stream for the city's news, one durable consumer a subscriber."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Self
from uuid import UUID

import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from madang.commons.events.contracts import Envelope

STREAM: Final = "CITY"
_SUBJECTS: Final = "city."
_AT: Final = "Madang-At"
_ID: Final = "Nats-Msg-Id"
_ACK_WAIT_SECONDS: Final = 30
_UNACKED_AT_MOST: Final = 500
_SEVEN_DAYS: Final = 7 * 24 * 3600.0
_DUPLICATES_SECONDS: Final = 600.0
"""How long JetStream remembers an id; the relay republishes within seconds, and inboxes catch the rest."""


log = structlog.get_logger(__name__)


class ForeignMessage(ValueError):
    """A message on the city's stream without the headers that our relay gives every event."""


class Bus:
    """A connection to the city's stream. Reconnects by itself for as long as the process lives."""

    def __init__(self, client: Client, stream: JetStreamContext) -> None:
        self._client = client
        self._stream = stream

    @classmethod
    async def connect(cls, url: str) -> Self:
        """Connect and make the stream unless it is there."""
        client = await nats.connect(
            url, max_reconnect_attempts=-1, reconnect_time_wait=0.2, connect_timeout=5, error_cb=_note
        )
        bus = cls(client, client.jetstream(timeout=10, publish_async_max_pending=4000))
        await bus._ensure_stream()
        return bus

    async def close(self) -> None:
        """Leave; what was not acknowledged is delivered again to whoever comes next."""
        await self._client.close()

    @property
    def is_connected(self) -> bool:
        """Whether the server answers now."""
        return bool(self._client.is_connected)

    @property
    def jetstream(self) -> JetStreamContext:
        """The stream's own interface, for the archive that follows it in order."""
        return self._stream

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Publish all and return once the bus has each on disk; an id published before is dropped by the bus.

        Raises nats.errors.Error or TimeoutError when that is not known of every one: publish them again then.
        """
        await asyncio.gather(*(self._publish(envelope) for envelope in envelopes))

    async def subscribe(self, subscriber: str, topic: str) -> JetStreamContext.PullSubscription:
        """The durable subscription of ``subscriber`` to one topic, from the stream's beginning when it is new."""
        durable = subscriber.replace(".", "__")
        return await self._stream.pull_subscribe(
            _SUBJECTS + topic,
            durable=durable,
            stream=STREAM,
            config=ConsumerConfig(
                durable_name=durable,
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=_ACK_WAIT_SECONDS,
                max_ack_pending=_UNACKED_AT_MOST,
                filter_subject=_SUBJECTS + topic,
            ),
        )

    async def last_sequence(self) -> int:
        """The sequence number of the newest message on the stream; 0 when there is none."""
        return int((await self._stream.stream_info(STREAM)).state.last_seq)

    async def _publish(self, envelope: Envelope) -> None:
        headers = {_ID: str(envelope.id), _AT: envelope.at.isoformat()}
        await self._stream.publish(_SUBJECTS + envelope.topic, envelope.body, headers=headers, timeout=10)

    async def _ensure_stream(self) -> None:
        wanted = StreamConfig(
            name=STREAM,
            subjects=[_SUBJECTS + ">"],
            storage=StorageType.FILE,
            retention=RetentionPolicy.LIMITS,
            max_age=_SEVEN_DAYS,
            duplicate_window=_DUPLICATES_SECONDS,
        )
        try:
            await self._stream.stream_info(STREAM)
        except NotFoundError:
            await self._stream.add_stream(wanted)


async def _note(failure: Exception) -> None:
    """Say what went wrong on the connection in one line; the client goes on by itself."""
    log.warning("bus", because=repr(failure))


def envelope_of(message: Msg) -> Envelope:
    """The envelope in a message of the stream. Raises ForeignMessage for one that our relay did not publish."""
    headers = message.headers or {}
    topic = message.subject.removeprefix(_SUBJECTS)
    try:
        return Envelope(UUID(headers[_ID]), topic, message.data, datetime.fromisoformat(headers[_AT]))
    except (KeyError, ValueError) as wrong:
        raise ForeignMessage(message.subject) from wrong
