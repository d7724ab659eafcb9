"""The queue of calls."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from madang.commons.notify.contracts import Call, CallState, DeliveryId, MessageId
from madang.commons.notify.models import CallRow
from madang.commons.notify.store.messages import message_from


def add(calls: Sequence[tuple[DeliveryId, MessageId, str]], now: datetime) -> None:
    """Put calls into the queue; one that is there stays as it is."""
    CallRow.objects.bulk_create(
        [
            CallRow(delivery=delivery, message_id=message, phone=phone, state=CallState.OPEN, next_call=now)
            for delivery, message, phone in calls
        ],
        ignore_conflicts=True,
    )


def waiting(now: datetime, limit: int) -> list[Call]:
    """Calls to be made now, the most urgent and then the oldest first."""
    rows = CallRow.objects.filter(state=CallState.OPEN, next_call__lte=now).select_related("message")
    return [_call(row) for row in rows.order_by("-message__urgency", "next_call")[:limit]]


def take(agent: str, now: datetime, until: datetime) -> Call | None:
    """The next call, kept from other agents until ``until``; None when nobody waits."""
    rows = CallRow.objects.filter(state=CallState.OPEN, next_call__lte=now).select_related("message")
    row = rows.order_by("next_call").select_for_update(skip_locked=True, of=("self",)).first()
    if row is None:
        return None
    row.agent, row.next_call = agent, until
    row.save(update_fields=["agent", "next_call"])
    return _call(row)


def locked(call: UUID) -> Call | None:
    """A call, locked until the transaction ends."""
    row = CallRow.objects.select_related("message").select_for_update(of=("self",)).filter(id=call).first()
    return _call(row) if row else None


def settle(call: UUID, state: CallState, tries: int, next_call: datetime, settled: datetime | None) -> None:
    """Note what came of a call."""
    CallRow.objects.filter(id=call).update(state=state, tries=tries, next_call=next_call, settled=settled)


def _call(row: CallRow) -> Call:
    return Call(
        row.id, DeliveryId(row.delivery), message_from(row.message), row.phone, CallState(row.state), row.agent,
        row.tries, row.next_call,
    )
