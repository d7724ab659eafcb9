"""Where a resident is reached and what they want to be told: their own word, or an officer's for them, recorded."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.core.signing import BadSignature, Signer

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.notify import channels, ways
from madang.commons.notify.channels import aggregator, compose, letter, push
from madang.commons.notify.contracts import (
    CannotBeTurnedOff,
    Choice,
    CodesTooOften,
    CodeWrong,
    Contact,
    ContactUnknown,
    DeliveryId,
    DeliveryState,
    Letter,
    Message,
    MessageId,
    Permission,
    Urgency,
    Ways,
)
from madang.commons.notify.rules import addresses, choosing
from madang.commons.notify.store import people
from madang.kernel.actors import Actor, Stated
from madang.kernel.errors import Unavailable
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language, Text, to_translate

_OWN = "resident"
_PURPOSE = to_translate("Saying how the city reaches you")


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whose ways these are, who says so, and what for: for another's, what the officer said beforehand."""

    resident: ResidentId
    by: str
    purpose: str | Stated


def ways_of(actor: Actor, resident: ResidentId | None = None) -> Ways:
    """Contact points and choices of the actor, or of the resident whom an officer helps. Raises NotPermitted."""
    whose = _whom(actor, resident)
    whom = whose.resident
    if whose.by != _OWN:
        with transaction():
            audit.record(actor, "notify.see_ways", purpose=whose.purpose, subject=whom, fields=["contact_points"])
    return Ways(people.reach(whom), people.contacts(whom), choices(people.wishes(whom)))


def choices(wishes: Mapping[tuple[str, str], bool]) -> list[Choice]:
    """Every topic on every channel that it can go by, with what stands."""
    return [
        Choice(topic.name, channel, _stands(topic, channel, wishes), fixed=_is_fixed(topic, channel))
        for topic in ways.ways().topics.values() for channel in (*topic.channels, *topic.offered)
    ]


def choose(
    actor: Actor, wanted: Mapping[tuple[str, str], bool], now: datetime, resident: ResidentId | None = None
) -> None:
    """Set what is told by which channel. Raises CannotBeTurnedOff, NotPermitted."""
    whose = _whom(actor, resident)
    known = {(one.topic, one.channel): one for one in choices({})}
    with transaction():
        for (topic, channel), wish in wanted.items():
            if (topic, channel) not in known or known[topic, channel].fixed:
                raise CannotBeTurnedOff(topic=topic, channel=channel)
            people.set_wish(whose.resident, topic, channel, wanted=wish, by=whose.by, now=now)
        audit.record(actor, "notify.choose", purpose=whose.purpose, subject=whose.resident, fields=["preferences"])


def set_language(
    actor: Actor, language: Language | None, now: datetime, resident: ResidentId | None = None
) -> None:
    """Set in which language the city writes; None follows the account. Raises NotPermitted."""
    whose = _whom(actor, resident)
    with transaction():
        people.set_reach(replace(people.reach(whose.resident), language=language), now)
        audit.record(actor, "notify.set_language", purpose=whose.purpose, subject=whose.resident, fields=["language"])


def set_without_device(actor: Actor, resident: ResidentId, now: datetime, *, without: bool) -> None:
    """Note that a resident has no device and is to be called. Raises NotPermitted."""
    whose = _whom(actor, resident)
    with transaction():
        people.set_reach(replace(people.reach(whose.resident), without_device=without), now)
        audit.record(
            actor, "notify.set_without_device", purpose=whose.purpose, subject=whose.resident,
            fields=["without_device"],
        )


def send_code(actor: Actor, typed: str, now: datetime) -> str:
    """Send a code to a phone, to see whose it is; its number. Raises PhoneWrong, CodesTooOften, Unavailable."""
    whom, phone, known = actor.the_resident_alone(Permission.SET_OWN), addresses.phone(typed), ways.ways()
    code = f"{secrets.randbelow(10**6):06}"
    with transaction():
        if people.count_codes(whom, phone, now - timedelta(minutes=known.code_minutes)) >= known.codes_most:
            raise CodesTooOften
        people.add_code(whom, phone, _digest(phone, code), now)
        audit.record(actor, "notify.send_code", purpose=_PURPOSE, subject=whom, fields=["phone"])
    # after the note is kept: a code that cannot be sent counts, so that nobody is rung up without end
    body = f"[{code}] {_CODE_TEXT}"
    message = Message(MessageId(new_id()), whom, "", new_id(), Language.KO, body, body, "", now, None)
    [carried] = channels.named("sms").carry([Letter(DeliveryId(new_id()), phone, message, 1)])
    if carried.state is not DeliveryState.SENT:
        raise Unavailable
    return phone


_CODE_TEXT = "인증번호 / verification code. madang"


def confirm_code(actor: Actor, code: str, now: datetime) -> Contact:
    """Keep the phone whose code was typed. Raises CodeWrong."""
    whom, known = actor.the_resident_alone(Permission.SET_OWN), ways.ways()
    with transaction():
        found = people.try_code(whom, now - timedelta(minutes=known.code_minutes), known.code_tries)
    if found is None or not hmac.compare_digest(found[1], _digest(found[0], code.strip())):
        raise CodeWrong
    with transaction():
        people.drop_codes(whom)
        return _keep(actor, _Whose(whom, _OWN, _PURPOSE), "sms", found[0], now)


def add_subscription(actor: Actor, given: str, now: datetime) -> Contact:
    """Keep a browser's push subscription; having it proves whose it is. Raises SubscriptionWrong."""
    with transaction():
        return _keep(actor, _whom(actor, None), "push", addresses.subscription(given), now)


def add_postal(actor: Actor, name: str, typed: str, now: datetime, resident: ResidentId | None = None) -> Contact:
    """Keep a name and a postal address. Raises PostalAddressWrong, NotPermitted."""
    whose = _whom(actor, resident)
    with transaction():
        return _keep(actor, whose, "letter", letter.address(name, typed), now)


def add_phone_for(actor: Actor, resident: ResidentId, typed: str, now: datetime, *, mobile: bool) -> Contact:
    """Keep the phone of a resident who stands before the officer. Raises PhoneWrong, NotPermitted."""
    whose = _whom(actor, resident)
    with transaction():
        return _keep(actor, whose, "sms" if mobile else "call", addresses.phone(typed), now)


def drop(actor: Actor, contact: UUID, resident: ResidentId | None = None) -> None:
    """Delete a contact point. Raises ContactUnknown, NotPermitted."""
    whose = _whom(actor, resident)
    with transaction():
        if not people.drop_contact(whose.resident, contact):
            raise ContactUnknown
        audit.record(
            actor, "notify.drop_contact", purpose=whose.purpose, subject=whose.resident, fields=["contact_points"],
        )


def report_secret() -> bytes:
    """What the demonstration's aggregator signs its reports with."""
    return aggregator.demonstration_secret()


def unsubscribe_url(resident: ResidentId, topic: str) -> str:
    """The address that ends e-mails about a topic with one click; empty when the topic cannot be ended."""
    known = ways.ways().topics.get(topic)
    if known is None or not known.may_unsubscribe:
        return ""
    return compose.portal_address(f"/messages/unsubscribe/{_SIGNER.sign_object([str(resident), topic])}/")


def unsubscribed_topic(token: str) -> Text | None:
    """The title of the topic that a signed address ends; None for an address that is not ours."""
    found = _signed(token)
    return ways.ways().topics[found[1]].title if found else None


def unsubscribe(token: str, now: datetime) -> None:
    """End e-mails about the topic that a signed address names; a forged one does nothing."""
    if found := _signed(token):
        with transaction():
            people.set_wish(found[0], found[1], choosing.EMAIL, wanted=False, by="unsubscribe link", now=now)
            audit.record(
                Actor.system("notify"), "notify.unsubscribe", purpose=_PURPOSE, subject=found[0],
                fields=["preferences"],
            )


def _signed(token: str) -> tuple[ResidentId, str] | None:
    try:
        resident, topic = _SIGNER.unsign_object(token)
        known = ways.ways().topics.get(topic)
        return (ResidentId(UUID(resident)), topic) if known and known.may_unsubscribe else None
    except (BadSignature, ValueError, TypeError):
        return None


_SIGNER: Final = Signer(salt="notify.unsubscribe")


def push_public_key() -> str:
    """The city's key that a browser subscribes with."""
    return push.public_key()


def service_worker() -> str:
    """The script that shows pushed notifications."""
    return (Path(__file__).parents[1] / "static" / "notify" / "worker.js").read_text(encoding="utf-8")


def _keep(actor: Actor, whose: _Whose, channel: str, address: str, now: datetime) -> Contact:
    audit.record(actor, "notify.add_contact", purpose=whose.purpose, subject=whose.resident, fields=[channel])
    return people.add_contact(Contact(new_id(), whose.resident, channel, address, now, now, whose.by, None, ""))


def _whom(actor: Actor, resident: ResidentId | None) -> _Whose:
    """The resident's own, or those of somebody without a device whom an officer helps. Raises PurposeNeeded."""
    if resident is None or resident == actor.subject:
        return _Whose(actor.the_resident_alone(Permission.SET_OWN), _OWN, _PURPOSE)
    return _Whose(resident, actor.name, actor.require_purpose(str(resident), Permission.SET_FOR_RESIDENT))


def _stands(topic: choosing.Topic, channel: str, wishes: Mapping[tuple[str, str], bool]) -> bool:
    if _is_fixed(topic, channel):
        return True
    return wishes.get((topic.name, channel), channel in topic.channels)


def _is_fixed(topic: choosing.Topic, channel: str) -> bool:
    return topic.urgency is not Urgency.ORDINARY or channel == choosing.INBOX


def _digest(phone: str, code: str) -> bytes:
    return hmac.new(aggregator.demonstration_secret(), f"{phone} {code}".encode(), "sha256").digest()

