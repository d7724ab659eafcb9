"""Networks from SUMO's ``.net.xml``: what real cities have already drawn, with the programmes that run there."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from madang.streets.traffic_signals.contracts import (
    Intersection,
    IntersectionId,
    Link,
    LinkId,
    Network,
    NetworkFileWrong,
    Stage,
    TimingPlan,
)
from madang.streets.traffic_signals.rules.networks.sumo import movements as ways
from madang.streets.traffic_signals.rules.networks.sumo.controllers import Timing, timing
from madang.streets.traffic_signals.rules.networks.sumo.earth import degrees_of
from madang.streets.traffic_signals.rules.networks.sumo.file import Connection, SumoFile, opened
from madang.streets.traffic_signals.rules.networks.sumo.streets import Street, streets

__all__ = ["controller_file", "programmes", "read"]


def read(text: bytes, name: str) -> Network:
    """The network of a ``.net.xml``, without detectors (``rules.networks.detectors`` puts them in their places).

    Controllers that never give green, and those with no road, are left out. Raises NetworkFileWrong.
    """
    file = opened(text, name)
    by_edge = streets(file)
    found = {one.id: _intersection(one, times) for one, times in _signalled(file, by_edge)}
    junctions = _junctions(file, frozenset(str(one) for one in found))
    links = _links(by_edge, junctions)
    used = {link for one in found.values() for way in one.movements for link in (way.entry, way.exit)}
    return Network(name, {IntersectionId(one.id): one for one in found.values()}, {
        id_: link for id_, link in links.items() if id_ in used or link.start or link.end
    }, {})


def programmes(text: bytes, name: str = "") -> Mapping[IntersectionId, TimingPlan]:
    """What each controller of the file runs today, in whole seconds. Raises NetworkFileWrong."""
    file = opened(text, name)
    return {IntersectionId(one.id): times.plan() for one, times in _signalled(file, streets(file))}


def controller_file(text: bytes, name: str) -> tuple[SumoFile, Mapping[str, Street]]:
    """The file and the street of each edge, for whoever must find a place of the network in the file again."""
    file = opened(text, name)
    return file, streets(file)


def _signalled(file: SumoFile, by_edge: Mapping[str, Street]) -> Iterator[tuple[ways.Signalled, Timing]]:
    members: dict[str, list[Connection]] = defaultdict(list)
    for connection in file.connections:
        if connection.signal and connection.head >= 0:
            members[connection.signal].append(connection)
    for signal, connections in sorted(members.items()):
        one = ways.Signalled(file, signal, by_edge, connections)
        times = _timing(file, one)
        if times is not None and any(each.entry in by_edge and each.exit in by_edge for each in connections):
            yield one, times


def _timing(file: SumoFile, one: ways.Signalled) -> Timing | None:
    """The first programme that gives green: others are for other hours or switch the signal off."""
    known = file.programmes.get(one.id)
    if known is None:
        raise NetworkFileWrong(name=file.name, what=f"connections name the controller {one.id}, which has no <tlLogic>")
    heads = max(connection.head for connection in one.connections) + 1
    for programme in known:
        if any(len(state) < heads for _, state in programme.phases):
            shown = min(len(state) for _, state in programme.phases)
            what = f"controller {one.id} has {heads} signal heads, and a phase of {shown}"
            raise NetworkFileWrong(name=file.name, what=what)
    return next(filter(None, (timing(programme, one.heads_walked) for programme in known)), None)


def _intersection(one: ways.Signalled, times: Timing) -> Intersection:
    states = list(times.states.values())
    columns = {head: "".join(state[head] for state in states) for head in range(len(states[0]))}
    made = one.movements(columns)
    crossings = one.crossings(made)
    entries = {one.file.edges[each.entry].end for each in one.connections if each.entry in one.file.edges}
    x, y = ways.place(one.file.junctions[id_] for id_ in sorted(entries) if id_ in one.file.junctions)
    longitude, latitude = degrees_of(one.file, x, y)
    stages = [
        Stage(
            name,
            frozenset(way.id for way in made if all(state[head] == "G" for head in way.heads)),
            frozenset(way.id for way in made if all(state[head] == "g" for head in way.heads)),
            frozenset(each.id for each in crossings if all(state[head] in "Gg" for head in each.heads)),
        ) for name, state in times.states.items()
    ]
    return Intersection(
        IntersectionId(one.id), one.id, longitude, latitude, tuple(made), tuple(stages), len(states[0]),
        tuple(crossings), ways.conflicts(one, made, crossings, states), times.intergreens, times.yellow,
    )


def _junctions(file: SumoFile, signals: frozenset[str]) -> Mapping[str, str]:
    """The controller of each signalled junction."""
    return {
        file.edges[one.entry].end: one.signal for one in file.connections
        if one.signal in signals and one.entry in file.edges
    }


def _links(by_edge: Mapping[str, Street], junctions: Mapping[str, str]) -> Mapping[LinkId, Link]:
    return {street.id: street.link(junctions) for street in by_edge.values()}
