"""Vehicles that ask to go first: what each is told, kept with its reasons, and what controllers run for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.kernel.actors import Actor
from madang.kernel.ids import new_id
from madang.streets.traffic_signals.contracts import IntersectionId, Permission
from madang.streets.traffic_signals.contracts.operation import PlaceUnknown
from madang.streets.traffic_signals.contracts.priority import (
    Approach,
    ApproachWrong,
    MovementUnknown,
    PriorityAnswered,
    PriorityId,
    PriorityRecord,
    Vehicle,
)
from madang.streets.traffic_signals.facade import engine as engines
from madang.streets.traffic_signals.facade.engine import Engine
from madang.streets.traffic_signals.facade.publishing import STEERING, on_street
from madang.streets.traffic_signals.facade.runs import MACHINE, held_places
from madang.streets.traffic_signals.rules.operation import priority as rules
from madang.streets.traffic_signals.store import people, street
from madang.streets.traffic_signals.store import priority as store

MOST_SHOWN = 200


def ask_priority(actor: Actor, approach: Approach, now: datetime) -> PriorityRecord:
    """Answer a vehicle on its way to a stop line: the cycles that it is given, or why none.

    The same ``id`` again is answered as before. Raises PlaceUnknown, MovementUnknown, ApproachWrong, NotPermitted.
    """
    emergency = approach.vehicle is Vehicle.EMERGENCY
    actor.require(Permission.ASK_EMERGENCY if emergency else Permission.ASK_PRIORITY)
    engine = engines.current()
    _require_sound(engine, approach, now)
    with transaction():
        store.lock(approach.intersection)
        if known := store.answer_to(actor.name, approach.id):
            return known
        made = _answered(actor, engine, approach, now)
        store.add(made)
        events.emit(PriorityAnswered(made.id, approach.intersection, approach.vehicle, made.answer.is_given))
        audit.record(actor, "traffic_signals.answer_priority", purpose=STEERING, about=made.id)
    return made


def priority_for_controllers(actor: Actor, area: str, now: datetime) -> Sequence[PriorityRecord]:
    """The changed cycles of an area that run now or will."""
    actor.require(Permission.REPORT)
    areas: Mapping[IntersectionId, str] = engines.current().areas
    return [one for one in store.given_after(now) if areas.get(one.answer.approach.intersection) == area]


def priorities(actor: Actor, intersection: str = "") -> Sequence[PriorityRecord]:
    """Who asked to go first of late, at one intersection or anywhere, the newest first."""
    actor.require(Permission.SEE)
    return store.latest(MOST_SHOWN, intersection)


def _answered(actor: Actor, engine: Engine, approach: Approach, now: datetime) -> PriorityRecord:
    place = approach.intersection
    plan = street.plans_of(on_street(MACHINE, engine, now).id, engine.areas[place])[place]
    others = [one.answer for one in store.given_after(now, place)]
    stands = rules.Place(
        engine.network.intersections[place], plan, place in held_places(engine, people.holds()),
        [(one.begins, one.ends) for one in others],
    )
    answer = rules.answered(stands, approach, engine.profile.priority, engine.profile.limits, now)
    return PriorityRecord(PriorityId(new_id()), now, actor.name, answer)


def _require_sound(engine: Engine, approach: Approach, now: datetime) -> None:
    at = engine.network.intersections.get(approach.intersection)
    if at is None:
        raise PlaceUnknown(approach.intersection)
    if approach.movement not in {one.id for one in at.movements}:
        raise MovementUnknown(approach.intersection, approach.movement)
    if approach.arrives.tzinfo is None:
        what = "arrives has no time zone; give one, for example +09:00"
        raise ApproachWrong(what)
    ahead = engine.profile.priority.ahead
    if not now <= approach.arrives <= now + timedelta(seconds=ahead):
        what = f"arrives is {approach.arrives.isoformat()}, from now to {ahead} s ahead may be asked for"
        raise ApproachWrong(what)
