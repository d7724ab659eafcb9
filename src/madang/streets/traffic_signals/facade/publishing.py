"""Putting plans on the street: the last check of safety, then one row. Everything that changes it goes through here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from madang.commons.audit import facade as audit
from madang.commons.events import facade as events
from madang.kernel.actors import Actor
from madang.kernel.languages import to_translate
from madang.streets.traffic_signals.contracts import Breach, IntersectionId, PlanSetId, TimingPlan
from madang.streets.traffic_signals.contracts.operation import (
    How,
    PlanNotSafe,
    PlansPublished,
    Publication,
    PublicationId,
)
from madang.streets.traffic_signals.facade.engine import Engine
from madang.streets.traffic_signals.rules import safety
from madang.streets.traffic_signals.store import street

Plans = Mapping[IntersectionId, TimingPlan]

_TICK = timedelta(microseconds=1)

STEERING = to_translate("Steering the signals")
"""Why decisions about signals are in the record."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be put on the street. ``intended`` is what it stands in for while data fail."""

    how: How
    plans: Plans
    plan_set: PlanSetId | None = None
    fallen_back: tuple[IntersectionId, ...] = ()
    intended: PublicationId | None = None


def put_on_street(actor: Actor, engine: Engine, order: Order, now: datetime) -> Publication:
    """Publish, inside the open transaction. Raises PlanNotSafe, and then nothing changes."""
    before = street.lock_current()
    running = street.plans_of(before.id) if before else {}
    changed = {place: plan for place, plan in order.plans.items() if running.get(place) != plan}
    for place, plan in changed.items():
        for breach in unsafe(engine, plan, running.get(place)):
            raise PlanNotSafe(place, breach.clause, breach.what)
    moment = max(now, before.at + _TICK) if before else now  # two in one transaction stand in their order
    made = Publication(
        street.new_publication_id(), moment, order.how, actor.name, order.plan_set, order.fallen_back, len(changed),
    )
    street.add(made, order.plans, engine.areas, order.intended)
    street.flip(made.id)
    events.emit(PlansPublished(made.id, made.how, made.by, made.changed))
    audit.record(actor, f"traffic_signals.{made.how}", purpose=STEERING, about=made.id)
    return made


def unsafe(engine: Engine, plan: TimingPlan, running: TimingPlan | None) -> list[Breach]:
    """Why a plan may not follow the running one; nothing when it may."""
    if plan.intersection not in engine.network.intersections:
        return [Breach(plan.intersection, "plan", "the network has no such intersection")]
    junction = engine.junction(plan.intersection)
    found = safety.breaches_in(junction, plan)
    if found or running is None or running == plan:
        return found
    if safety.breaches_in(junction, running):
        return []  # what runs was made under other limits: every way out of it is better than none
    return safety.transition_breaches_in(junction, [running, plan])


def on_street(actor: Actor, engine: Engine, now: datetime) -> Publication:
    """What is on the street; the fixed plans are put there first when nothing is."""
    found = street.lock_current()
    return found or put_on_street(actor, engine, Order(How.FIXED, engine.fixed), now)


def intended_plans(publication: Publication) -> dict[IntersectionId, TimingPlan]:
    """What would be on the street if no data had failed."""
    return street.plans_of(street.intended(publication.id))


def settle(actor: Actor, engine: Engine, failed: frozenset[IntersectionId], now: datetime) -> Publication:
    """Put intersections whose data fail on their fixed plan, and those whose data are back on their own again."""
    found = on_street(actor, engine, now)
    back = tuple(sorted(place for place in failed if place in engine.fixed))
    if back == tuple(found.fallen_back):
        return found
    intended = street.intended(found.id)
    plans = {**street.plans_of(intended), **{place: engine.fixed[place] for place in back}}
    return put_on_street(actor, engine, Order(How.FALLBACK, plans, found.plan_set, back, intended), now)
