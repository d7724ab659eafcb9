"""A corridor over time and space: when each intersection has green along it, and who finds green all the way."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from madang.streets.traffic_signals.contracts import (
    Corridor,
    Intersection,
    IntersectionId,
    Link,
    Movement,
    MovementId,
    Network,
    TimingPlan,
    Turn,
)
from madang.streets.traffic_signals.contracts.corridor import Band, Diagram, Span, Stop


def diagram(network: Network, corridor: Corridor, plans: Mapping[IntersectionId, TimingPlan]) -> Diagram:
    """The time–space diagram of the plans; intersections without a plan have no greens in it."""
    places = list(corridor.intersections)
    links = _links_between(network)
    cycle = max((plans[place].cycle for place in places if place in plans), default=120)
    seconds = 3.0 * cycle
    metres, times = [0.0], [0.0]
    for one, other in pairwise(places):
        link = links.get((one, other)) or links.get((other, one))
        metres.append(metres[-1] + (link.length if link else 0.0))
        times.append(times[-1] + (link.length / max(link.speed, 1.0) if link else 0.0))
    stops = [
        Stop(
            place, metres[row],
            _greens(network, plans.get(place), _through(network, links, places, row, 1), seconds),
            _greens(network, plans.get(place), _through(network, links, places, row, -1), seconds),
            plans[place].cycle if place in plans else 0,
        ) for row, place in enumerate(places)
    ]
    last = times[-1]
    onward = _bands([stop.onward for stop in stops], times, seconds)
    back = _bands([stop.back for stop in reversed(stops)], [last - each for each in reversed(times)], seconds)
    return Diagram(seconds, stops, onward, back)


def green_spans(at: Intersection, plan: TimingPlan, movement: MovementId, seconds: float) -> list[Span]:
    """When a movement has green, from midnight on, for ``seconds``; joined where one green follows another."""
    stages = {stage.id: stage for stage in at.stages}
    spans: list[Span] = []
    begin, times = float(plan.offset - plan.cycle), list(plan.stages)
    while begin < seconds and plan.cycle > 0:
        moment = begin
        for now, then in zip(times, [*times[1:], times[0]], strict=True):
            stage = stages[now.stage]
            if movement in stage.green or movement in stage.yielding:
                spans.append((moment, moment + now.green))
            moment += now.green + at.intergreens.get((now.stage, then.stage), 0.0)
        begin += plan.cycle
    return [(max(0.0, one), min(seconds, two)) for one, two in spans if two > 0 and one < seconds]


def _greens(network: Network, plan: TimingPlan | None, movement: MovementId | None, seconds: float) -> list[Span]:
    if plan is None or movement is None:
        return []
    return green_spans(network.intersections[plan.intersection], plan, movement, seconds)


def _links_between(network: Network) -> Mapping[tuple[IntersectionId, IntersectionId], Link]:
    return {
        (link.start, link.end): link
        for link in network.links.values() if link.start is not None and link.end is not None
    }


def _through(
    network: Network, links: Mapping[tuple[IntersectionId, IntersectionId], Link], places: Sequence[IntersectionId],
    row: int, step: int,
) -> MovementId | None:
    """The movement that runs along the corridor at a stop: from the one before to the one after, as far as known."""
    here = places[row]
    entry = links.get((places[row - step], here)) if 0 <= row - step < len(places) else None
    out = links.get((here, places[row + step])) if 0 <= row + step < len(places) else None
    fits = [one for one in network.intersections[here].movements if _is_along(one, entry, out)]
    return min(fits, key=lambda one: (one.turn is not Turn.THROUGH, one.id)).id if fits else None


def _is_along(one: Movement, entry: Link | None, out: Link | None) -> bool:
    return (entry is None or one.entry == entry.id) and (out is None or one.exit == out.id)


def _bands(greens: Sequence[Sequence[Span]], times: Sequence[float], seconds: float) -> list[Band]:
    """What is left of the first stop's greens after every stop has cut its reds out of them."""
    left = list(greens[0]) if greens else []
    for spans, later in zip(greens[1:], times[1:], strict=True):
        shifted = [(begin - later, end - later) for begin, end in spans]
        left = [
            (max(one[0], two[0]), min(one[1], two[1]))
            for one in left for two in shifted if min(one[1], two[1]) > max(one[0], two[0])
        ]
    return [Band(begin, end, tuple(times)) for begin, end in left if end + times[-1] <= seconds]
