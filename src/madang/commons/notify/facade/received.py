"""The door to text messages that people send to departments' services."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.notify.contracts import Permission, PhoneWrong, ReceivedText, Service
from madang.commons.notify.facade.services import service_called
from madang.commons.notify.rules import addresses
from madang.commons.notify.store import received
from madang.kernel.actors import Actor
from madang.kernel.ids import new_id

_LONGEST = 2_000
_LONGEST_ID = 200


def set_number(actor: Actor, service: str, number: str) -> str:
    """Let people send texts to a service at ``number``, as the aggregator writes it. Raises ServiceUnknown."""
    actor.require(Permission.RUN_SERVICES)
    found = service_called(actor, service)
    with transaction():
        received.set_number(found.id, number.strip())
        audit.record(actor, "notify.set_number", purpose="let people write to a department's service", about=found.id)
    return number.strip()


def receive_texts(told: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Keep texts that the aggregator hands over: ``messageId``, ``from``, ``to``, ``text``; how many were news.

    One for a number that no service has is passed over.
    """
    news = 0
    with transaction():
        for one in told:
            sender, number, text = (str(one.get(name, "")) for name in ("from", "to", "text"))
            service, known = received.service_at(number), str(one.get("messageId", ""))[:_LONGEST_ID]
            if service is None or not known:
                continue
            text = text.replace("\x00", "")[:_LONGEST]
            news += received.add(ReceivedText(new_id(), service, _written(sender), number, text, now), known)
    return news


def texts_of(service: Service, older_than: UUID | None) -> Sequence[ReceivedText]:
    """What people wrote to a service, newest first, 250 at once."""
    return received.newest(service.id, older_than)


def _written(sender: str) -> str:
    try:
        return addresses.phone(sender)
    except PhoneWrong:
        return sender[:40]
