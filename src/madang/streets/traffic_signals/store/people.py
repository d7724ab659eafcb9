"""What engineers decided that stays: holds, and the limits of automatic roll-out."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from madang.kernel.clock import in_seoul
from madang.kernel.ids import new_id
from madang.streets.traffic_signals.contracts import TimingPlan
from madang.streets.traffic_signals.contracts.operation import Hold, RollOutLimits, Scope
from madang.streets.traffic_signals.models import HoldRow, RollOutRow


def holds() -> list[Hold]:
    """Where nothing changes now, the newest first."""
    return [_hold(row) for row in HoldRow.objects.filter(lifted_at=None).order_by("-at")]


def add_hold(made: Hold) -> None:
    """Keep a hold; one that is there for the same place is replaced."""
    HoldRow.objects.filter(lifted_at=None, scope=made.scope, name=made.name).update(
        lifted_at=made.at, lifted_by=made.by)
    HoldRow.objects.create(
        id=made.id, scope=made.scope, name=made.name, by=made.by, at=made.at, reason=made.reason,
        plan=msgspec.to_builtins(made.plan) if made.plan else None,
    )


def lift(scope: Scope, name: str, by: str, now: datetime) -> Hold | None:
    """Let a place change again; the hold that was there."""
    row = HoldRow.objects.select_for_update().filter(lifted_at=None, scope=scope, name=name).first()
    if row is None:
        return None
    HoldRow.objects.filter(id=row.id).update(lifted_at=now, lifted_by=by)
    return _hold(row)


def roll_out() -> RollOutLimits | None:
    """The limits that somebody set last."""
    row = RollOutRow.objects.order_by("-at").first()
    return msgspec.convert(row.content, RollOutLimits) if row else None


def set_roll_out(limits: RollOutLimits, now: datetime) -> UUID:
    """Keep limits; those before stay to be read."""
    last = RollOutRow.objects.order_by("-at").values_list("at", flat=True).first()
    moment = max(now, last + timedelta(microseconds=1)) if last else now
    row = RollOutRow.objects.create(id=new_id(), at=moment, by=limits.by, content=msgspec.to_builtins(limits))
    return row.id


def _hold(row: HoldRow) -> Hold:
    return Hold(
        row.id, Scope(row.scope), row.name, row.by, in_seoul(row.at), row.reason,
        msgspec.convert(row.plan, TimingPlan) if row.plan else None,
    )
