"""The run of every five minutes: take in, estimate, propose, check, save; then what a machine may do by itself."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.kernel.actors import Actor
from madang.kernel.ids import new_id
from madang.streets.traffic_signals.contracts import (
    Breach,
    IntersectionId,
    PlanSet,
    PlanSetId,
    PlanState,
    Proposal,
    TimingPlan,
)
from madang.streets.traffic_signals.contracts.operation import (
    Hold,
    How,
    PlansProposed,
    Publication,
    RollOutLimits,
    RunLine,
    Scope,
)
from madang.streets.traffic_signals.facade import engine as engines
from madang.streets.traffic_signals.facade.engine import Engine, Heard, Remembered, Taken
from madang.streets.traffic_signals.facade.publishing import (
    STEERING,
    Order,
    intended_plans,
    on_street,
    put_on_street,
    settle,
    unsafe,
)
from madang.streets.traffic_signals.rules.operation import coverage, roll_out
from madang.streets.traffic_signals.store import delays, people, profile, runs, street

MACHINE = Actor.system("traffic_signals")
_VALID_AFTER = timedelta(seconds=30)
"""Time for controllers to fetch a plan before it counts."""


@dataclass(frozen=True, slots=True)
class _Checked:
    """Proposals that may go to the street, those that may not, and the mean delay of all traffic, now and then."""

    proposals: Mapping[IntersectionId, Proposal]
    refused: list[Breach]
    delay_now: float
    delay: float


def run(now: datetime) -> RunLine | None:
    """Propose plans for what is on the streets now; None when no counts have come in, and then only data are watched.

    Safe to run again at any moment: it saves one proposal, and the one before it is superseded.
    """
    began, engine = time.monotonic(), engines.current()
    with transaction():
        running = street.plans_of(on_street(MACHINE, engine, now).id)
    taken = engine.take_in(running, now)
    (known, heard), holds = _watched(engine, taken, now), people.holds()
    held = held_places(engine, holds)
    failed = frozenset(known.failed) - held
    if taken.traffic is None:
        with transaction():
            engine.leave(known, heard, taken.health, now)
            settle(MACHINE, engine, failed, now)
        return None
    checked = _checked(engine, taken, running, held | failed, now)
    made = PlanSet(
        PlanSetId(new_id()), now, now + _VALID_AFTER, PlanState.PROPOSED, checked.proposals, checked.refused,
        sorted(held | failed),
    )
    line = RunLine(
        made.id, now, made.state, len(engine.network.intersections), len(made.proposals),
        len({breach.intersection for breach in made.refused}), len(made.kept), checked.delay_now, checked.delay,
        time.monotonic() - began, "", None,
    )
    with transaction():
        _save(engine, made, line, taken, now)
        engine.leave(known, heard, taken.health, now)
        settle(MACHINE, engine, failed, now)
        _roll_out(engine, made, failed, now)
    return line


def held_places(engine: Engine, holds: list[Hold]) -> frozenset[IntersectionId]:
    """Every intersection that an engineer holds, by itself, its corridor or its area."""
    corridors = {one.id: one.intersections for one in engine.network.corridors}
    found: set[IntersectionId] = set()
    for hold in holds:
        if hold.scope is Scope.INTERSECTION:
            found.add(IntersectionId(hold.name))
        elif hold.scope is Scope.CORRIDOR:
            found.update(corridors.get(hold.name, ()))
        else:
            found.update(place for place, area in engine.areas.items() if area == hold.name)
    return frozenset(found)


def limits_now() -> RollOutLimits:
    """The limits of automatic roll-out: those that a person set last, else the profile's."""
    return people.roll_out() or profile.profile().roll_out


def _watched(engine: Engine, taken: Taken, now: datetime) -> tuple[Remembered, Heard]:
    before = engines.remembered()
    heard = engines.heard_before() | dict(taken.heard)
    found = coverage.watch(before.watch, engine.detectors, taken.health, heard, engine.profile.data, now)
    last = max(filter(None, (before.last, *set(taken.heard.values()))), default=None)
    return Remembered(dict(found.failed), dict(found.good_since), last), heard


def _checked(
    engine: Engine, taken: Taken, running: Mapping[IntersectionId, TimingPlan], kept: frozenset[IntersectionId],
    now: datetime,
) -> _Checked:
    assert taken.traffic is not None  # noqa: S101 -- asked before; tells the type checker
    proposed = engine.planner.propose(taken.traffic, running, now)
    volumes = dict(zip(engine.areas, engine.measured(taken.traffic)[:, 0].tolist(), strict=True))
    sound: dict[IntersectionId, Proposal] = {}
    refused: list[Breach] = []
    total = before = after = 0.0
    for place, proposal in proposed.items():
        volume = volumes[place]
        total, before = total + volume, before + volume * proposal.effect.delay_now
        wrong = [] if place in kept else unsafe(engine, proposal.plan, running.get(place))
        refused += wrong
        takes = not wrong and place not in kept
        after += volume * (proposal.effect.delay if takes else proposal.effect.delay_now)
        if takes and proposal.plan != running.get(place):
            sound[place] = proposal
    total = max(total, 1e-9)
    return _Checked(sound, refused, before / total, after / total)


def _save(engine: Engine, made: PlanSet, line: RunLine, taken: Taken, now: datetime) -> None:
    runs.add(made, line)
    if taken.traffic is not None:
        delays.add(now, list(engine.areas), engine.measured(taken.traffic))
    events.emit(PlansProposed(made.id, line.changed, line.refused))
    audit.record(MACHINE, "traffic_signals.propose", purpose=STEERING, about=made.id)


def _roll_out(engine: Engine, made: PlanSet, failed: frozenset[IntersectionId], now: datetime) -> Publication | None:
    """Put on the street what lies inside the limits; the rest waits for an engineer, as far as it is open."""
    limits = limits_now()
    if not roll_out.is_open(limits, now):
        return None
    base = intended_plans(on_street(MACHINE, engine, now))
    within = {
        place: proposal.plan for place, proposal in made.proposals.items()
        if roll_out.is_within(limits, engine.areas[place], base.get(place), proposal.plan, proposal.effect)
    }
    if not within:
        return None
    actor = replace(MACHINE, name=f"traffic_signals ({limits.by})")
    put_on_street(actor, engine, Order(How.AUTOMATIC, {**base, **within}, made.id), now)
    if len(within) == len(made.proposals):
        runs.decide(made.id, PlanState.PUBLISHED, actor.name, now)
    return settle(MACHINE, engine, failed, now)
