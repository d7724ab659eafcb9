"""Tell a resident something once, and let them read it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from madang.commons.db.transactions import in_transaction, transaction
from madang.commons.notify import addresses, channels, profile, ways
from madang.commons.notify.contracts import (
    Delivery,
    DeliveryState,
    FactsWrong,
    Message,
    MessageId,
    MessageUnknown,
    Permission,
)
from madang.commons.notify.facade import courses
from madang.commons.notify.rules import writing
from madang.commons.notify.store import deliveries as on_the_way
from madang.commons.notify.store import messages, people, received, services
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language, Text

NOTICES_KEPT = timedelta(days=90)
"""What departments' services sent: their own records keep the rest. The product keeps as long or shorter."""


def tell(
    resident: ResidentId, template: str, facts: Mapping[str, str | Text], *, link: str, about: UUID
) -> None:
    """Tell a resident something in their language, in the caller's transaction: inbox now, the rest once it is kept.

    ``facts`` has at least what the template declares (``profiles/seoul/messages``); a ``Text`` is written in the
    resident's language. ``link`` is a path of the portal. The same (resident, template, about) again does nothing.
    The template's topic decides by which ways, with the resident's wishes unless it has legal weight. Raises
    RuntimeError outside a transaction, FactsWrong for a caller's mistake.
    """
    if not in_transaction():
        message = f"tell({template}) outside a transaction: open one with transaction() first"
        raise RuntimeError(message)
    if not link.startswith("/") or link.startswith("//"):
        message = f"{template}: the link {link!r} is not a path of the portal, such as /my/cases/2026-K7QF-3M9X"
        raise FactsWrong(message)
    written = _written(resident, template, facts, link, about)
    if messages.add(written):
        on_the_way.add_done(written, channels.at_once())
        courses.begin(written, written.at)


def inbox(actor: Actor, before: datetime | None = None, limit: int = 50) -> Sequence[Message]:
    """The resident's messages, newest first; ``before`` is the ``at`` of the last one seen. Raises SignInNeeded."""
    return messages.inbox(actor.the_resident_alone(Permission.SEE_OWN), before, min(limit, 200))


def unread(actor: Actor) -> int:
    """How many messages the resident has not opened; 0 for somebody who is no resident. One index look-up."""
    may_read = actor.acting is None or actor.may(Permission.SEE_OWN)
    return messages.unread(actor.subject) if actor.subject and may_read else 0


def message_of(actor: Actor, message: UUID) -> Message:
    """One message of the resident's. Raises MessageUnknown, also for somebody else's."""
    found = messages.message_of(actor.the_resident_alone(Permission.SEE_OWN), MessageId(message))
    if found is None:
        raise MessageUnknown(message_id=str(message))
    return found


def mark_read(actor: Actor, message: UUID) -> None:
    """Note that the resident opened a message; the first time counts. Raises MessageUnknown."""
    with transaction():
        messages.mark_read(message_of(actor, message).id, clock.now())


def deliveries(actor: Actor, message: UUID) -> Sequence[Delivery]:
    """Where a message of the resident's stands on each channel. Raises MessageUnknown."""
    return on_the_way.of_message(message_of(actor, message).id)


def standing() -> Mapping[tuple[str, DeliveryState], int]:
    """How many deliveries stand where, by channel and state, for operators."""
    return on_the_way.counts()


def try_again(channel: str, now: datetime) -> int:
    """Put a channel's given-up deliveries back in the queue, after a mistake of the city's was mended; how many."""
    with transaction():
        return on_the_way.try_again(channel, now)


def forget_old(now: datetime, limit: int = 10_000) -> int:
    """Delete messages older than the profile keeps them; how many, at most ``limit`` at a time."""
    with transaction():
        services.forget(now - NOTICES_KEPT)
        received.forget(now - NOTICES_KEPT)
        people.forget_codes(now - courses.CODES_KEPT)
        people.forget_contacts_off(now, ways.ways().keep_off)
        return messages.forget(now - profile.voice().keep, limit)


def forget_resident(resident: ResidentId) -> int:
    """Delete everything that a resident was told and how they are reached, in the caller's transaction if one is open.

    How many messages there were.
    """
    with transaction():
        people.forget_resident(resident)
        return messages.forget_resident(resident)


def check_templates() -> int:
    """Read every template, topic and channel of the profile; how many templates. Raises TemplateWrong."""
    profile.voice()
    ways.ways()
    return len(profile.templates(profile.folder()))


def _written(
    resident: ResidentId, name: str, facts: Mapping[str, str | Text], link: str, about: UUID
) -> Message:
    template, topic = profile.template(name), ways.ways().topic_of(name)
    language = people.reach(resident).language or addresses.address_of(resident).language
    return Message(
        MessageId(new_id()), resident, name, about, language,
        title=writing.write(template.subject, template, facts, language),
        body=writing.write(template.body, template, facts, language),
        link=link, at=clock.now(), read=None, topic=topic.name, urgency=topic.urgency,
    )


def texts_for_approval() -> Mapping[str, str]:
    """By code, the texts that the business messenger is asked to approve; what varies is written ``#{name}``."""
    known = ways.ways()
    frames = {
        f"{known.broadcast_code}-{language}": known.broadcast_frame.into(language) for language in Language
    }
    return frames | {
        template.codes[language]: re.sub(
            r"\{(\w+)\}", r"#{\1}", f"{template.subject.into(language)}\n\n{template.body.into(language)}"
        )
        for template in profile.templates(profile.folder()).values() for language in template.codes
    }
