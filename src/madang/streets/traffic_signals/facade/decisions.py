"""What an engineer decides: approve, refuse, hold, override, roll back, and how far a machine may go."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.kernel.actors import Actor
from madang.kernel.ids import new_id
from madang.streets.traffic_signals.contracts import (
    IntersectionId,
    Permission,
    PlanSet,
    PlanSetId,
    PlanState,
    TimingPlan,
)
from madang.streets.traffic_signals.contracts.operation import (
    ChangesHeld,
    Hold,
    How,
    NothingBefore,
    NotOpen,
    PlaceUnknown,
    Publication,
    ReasonNeeded,
    RollOutLimits,
    RollOutLimitsSet,
    Scope,
)
from madang.streets.traffic_signals.facade import engine as engines
from madang.streets.traffic_signals.facade.engine import Engine
from madang.streets.traffic_signals.facade.publishing import (
    STEERING,
    Order,
    intended_plans,
    on_street,
    put_on_street,
    settle,
)
from madang.streets.traffic_signals.facade.runs import held_places, limits_now
from madang.streets.traffic_signals.rules.operation import roll_out
from madang.streets.traffic_signals.store import people, runs, street

LONGEST_REASON = 500


def approve(actor: Actor, plan_set: PlanSetId, now: datetime) -> Publication:
    """Put a run's proposals on the street. Raises PlanSetUnknown, NotOpen, PlanNotSafe, NotPermitted."""
    actor.require(Permission.APPROVE)
    engine = engines.current()
    with transaction():
        found = _open(plan_set)
        held = held_places(engine, people.holds())
        base = intended_plans(on_street(actor, engine, now))
        new = {place: one.plan for place, one in found.proposals.items() if place not in held}
        made = put_on_street(actor, engine, Order(How.APPROVED, {**base, **new}, plan_set), now)
        runs.decide(plan_set, PlanState.PUBLISHED, actor.name, now)
        _settle(actor, engine, now)
    return made


def refuse(actor: Actor, plan_set: PlanSetId, now: datetime) -> None:
    """Leave the street as it is. Raises PlanSetUnknown, NotOpen, NotPermitted."""
    actor.require(Permission.APPROVE)
    with transaction():
        _open(plan_set)
        runs.decide(plan_set, PlanState.REFUSED, actor.name, now)
        audit.record(actor, "traffic_signals.refuse", purpose=STEERING, about=plan_set)


def hold(actor: Actor, scope: Scope, name: str, reason: str, now: datetime) -> Hold:
    """Let nothing change at a place. Raises PlaceUnknown, ReasonNeeded, NotPermitted."""
    actor.require(Permission.APPROVE)
    _require_place(engines.current(), scope, name)
    return _hold(actor, Hold(new_id(), scope, name, actor.name, now, _reason(reason)))


def lift(actor: Actor, scope: Scope, name: str, now: datetime) -> None:
    """Let a place change again, from the next approved run on. Raises NotPermitted."""
    actor.require(Permission.APPROVE)
    with transaction():
        found = people.lift(scope, name, actor.name, now)
        if found is not None:
            events.emit(ChangesHeld(scope, name, held=False, by=actor.name))
            audit.record(actor, "traffic_signals.lift", purpose=STEERING, about=found.id)


def override(actor: Actor, plan: TimingPlan, reason: str, now: datetime) -> Publication:
    """Run an engineer's own plan at one intersection, which is held with it.

    Raises PlaceUnknown, PlanNotSafe, ReasonNeeded, NotPermitted.
    """
    actor.require(Permission.APPROVE)
    engine = engines.current()
    _require_place(engine, Scope.INTERSECTION, plan.intersection)
    with transaction():
        base = intended_plans(on_street(actor, engine, now))
        made = put_on_street(actor, engine, Order(How.OVERRIDE, {**base, plan.intersection: plan}), now)
        _hold(actor, Hold(new_id(), Scope.INTERSECTION, plan.intersection, actor.name, now, _reason(reason), plan))
        _settle(actor, engine, now)
    return made


def roll_back(actor: Actor, now: datetime) -> Publication:
    """Put back what was on the street before, and let no machine roll out until a person says so again.

    Raises NothingBefore, PlanNotSafe, NotPermitted.
    """
    actor.require(Permission.APPROVE)
    engine = engines.current()
    with transaction():
        found = on_street(actor, engine, now)
        earlier = street.before(street.intended(found.id))
        if earlier is None:
            raise NothingBefore
        plans = street.plans_of(street.intended(earlier))
        made = put_on_street(actor, engine, Order(How.ROLLED_BACK, plans), now)
        if found.plan_set:
            runs.decide(found.plan_set, PlanState.ROLLED_BACK, actor.name, now)
        if limits_now().on:
            _set_limits(actor, replace(limits_now(), on=False), now)
        _settle(actor, engine, now)
    return made


def set_roll_out(actor: Actor, wanted: RollOutLimits, now: datetime) -> RollOutLimits:
    """Say inside what a machine may roll plans out; who and when is recorded. Raises OutOfBounds, PlaceUnknown."""
    actor.require(Permission.APPROVE)
    engine = engines.current()
    roll_out.checked(wanted, engine.profile.widest)
    for area in wanted.areas:
        _require_place(engine, Scope.AREA, area)
    with transaction():
        return _set_limits(actor, wanted, now)


def _set_limits(actor: Actor, wanted: RollOutLimits, now: datetime) -> RollOutLimits:
    made = replace(wanted, by=actor.name, at=now)
    about: UUID = people.set_roll_out(made, now)
    events.emit(RollOutLimitsSet(made.on, made.by))
    audit.record(actor, "traffic_signals.set_roll_out", purpose=STEERING, about=about)
    return made


def _open(plan_set: PlanSetId) -> PlanSet:
    found = runs.lock(plan_set)
    if found.state is not PlanState.PROPOSED:
        raise NotOpen(str(plan_set), found.state)
    return found


def _settle(actor: Actor, engine: Engine, now: datetime) -> None:
    failed = frozenset(engines.remembered().failed) - held_places(engine, people.holds())
    settle(actor, engine, failed, now)


def _hold(actor: Actor, made: Hold) -> Hold:
    with transaction():
        people.add_hold(made)
        events.emit(ChangesHeld(made.scope, made.name, held=True, by=made.by))
        audit.record(actor, "traffic_signals.hold", purpose=STEERING, about=made.id)
    return made


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonNeeded
    return text.strip()[:LONGEST_REASON]


def _require_place(engine: Engine, scope: Scope, name: str) -> None:
    known: Mapping[Scope, object] = {
        Scope.INTERSECTION: engine.network.intersections,
        Scope.CORRIDOR: {one.id for one in engine.network.corridors},
        Scope.AREA: set(engine.areas.values()),
    }
    if IntersectionId(name) not in known[scope]:  # type: ignore[operator]
        raise PlaceUnknown(name)
