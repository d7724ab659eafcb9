"""Messages, where each delivery stands, and what a channel must do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol
from uuid import UUID

from madang.kernel.errors import NotFound
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language, Text, to_translate

TAKING_OVER = to_translate("Reaching you in an emergency")
"""What the register is read for when residents with an account are brought into the audience of broadcasts."""

MessageId = NewType("MessageId", UUID)
DeliveryId = NewType("DeliveryId", UUID)


class FactKind(StrEnum):
    """How a fact is written into a message: as it is, as a date, or as an amount, in the reader's language."""

    TEXT = "text"
    DATE = "date"
    """ISO 8601; a date and time must be aware, and is written as the day in Seoul."""
    WON = "won"
    """Whole won in digits: ``800``."""


class Urgency(StrEnum):
    """How much a message may ask of a person and of the city."""

    ORDINARY = "ordinary"
    """Goes by the ways that the person wants, and waits for the morning."""
    LEGAL = "legal"
    """Has legal weight: cannot be turned off, and goes on from way to way until one is confirmed."""
    EMERGENCY = "emergency"
    """At once, by every way, before everything else."""


class DeliveryState(StrEnum):
    """Where one message stands on one channel."""

    WAITING = "waiting"
    SENT = "sent"
    """The channel took it over: the mail server accepted it, or it lies in the inbox."""
    FAILED_WILL_RETRY = "failed_will_retry"
    GIVEN_UP = "given_up"
    DELIVERED = "delivered"
    """The provider says that the device, or the person, has it."""
    READ = "read"
    """The resident opened it; only the inbox can know."""

    @property
    def is_confirmed(self) -> bool:
        """Whether the city knows that the message has arrived."""
        return self in {DeliveryState.DELIVERED, DeliveryState.READ}


@dataclass(frozen=True, slots=True)
class Template:
    """A message as data: one title and body in eight languages, and the facts that they name."""

    name: str
    placeholders: Mapping[str, FactKind]
    subject: Text
    body: Text
    codes: Mapping[Language, str] = field(default_factory=dict)
    """By language, the code under which the business messenger approved the text; empty when it did not."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the city told a resident, word for word, in ``language``. Times are aware; ``link`` is a portal path."""

    id: MessageId
    resident: ResidentId
    template: str
    about: UUID
    language: Language
    title: str
    body: str
    link: str
    at: datetime
    read: datetime | None
    topic: str = ""
    urgency: Urgency = Urgency.ORDINARY

    @property
    def paragraphs(self) -> Sequence[str]:
        """The body's paragraphs."""
        return self.body.split("\n\n")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on one channel. Times are aware; ``error`` is the last failure, for the operator."""

    id: DeliveryId
    message: MessageId
    channel: str
    state: DeliveryState
    attempts: int
    next_try: datetime | None
    settled: datetime | None
    error: str
    provider: str = ""
    """The provider's own number of it, for questions to the provider."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with the address to carry it to. ``id`` stays the same from try to try."""

    id: DeliveryId
    address: str
    message: Message
    attempts: int
    """Tries begun, this one included."""
    contact: UUID | None = None
    """The contact point that ``address`` is of, when notify keeps it."""
    unsubscribe: str = ""
    """The address that ends such letters with one click (RFC 8058, 2017); empty for what cannot be ended."""
    ready: bytes | None = None
    """A letter on paper that is set already, as PDF."""
    for_another: bool = False
    """Whether it goes to a parent or guardian, who reads it for the resident."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of a letter: ``SENT``, ``FAILED_WILL_RETRY`` or ``GIVEN_UP``; ``error`` says why not sent."""

    state: DeliveryState
    error: str = ""
    provider: str = ""
    bounced: bool = False
    """The address itself is at fault: nobody will ever be reached there."""


class Channel(Protocol):
    """A way to a resident. One class a way, registered by name in ``channels``."""

    name: str
    at_once: bool
    """Whether a message is delivered by being saved, so that there is nothing to carry."""
    batch: int
    """Letters that are taken up together; few enough to be carried well within the lease."""
    repeatable: bool
    """Whether the other side knows a letter by its id, so that a second try is no second message."""

    def carry(self, letters: Sequence[Letter]) -> Iterator[Carried]:
        """Carry letters in order, over one connection where there is one; the outcome of each as it happens.

        Never raises for a letter or a server that fails: that is an outcome.
        """


@dataclass(eq=False)
class MessageUnknown(NotFound):
    """There is no such message, or it is somebody else's."""

    message_id: str

    code = "notify.message_unknown"
    message = "You have no message with the number {message_id}."


class TemplateWrong(ValueError):
    """A template that cannot be used; the text names the file, the place and the remedy."""


class FactsWrong(ValueError):
    """A caller's mistake: no such template, a fact that it names is missing, or one is not of its kind."""
