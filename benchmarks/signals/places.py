"""Where our detectors lie in SUMO's terms: its induction loops, nothing else of the simulator, is what ours may see."""

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import quoteattr

from madang.streets.traffic_signals.contracts import Detector, DetectorId, LinkId, Network
from madang.streets.traffic_signals.rules.networks.sumo import controller_file
from madang.streets.traffic_signals.rules.networks.sumo.streets import Street

Loops = Mapping[DetectorId, tuple[str, ...]]
"""Each detector's induction loops in the simulator: one a lane that it covers."""


def loops(text: bytes, network: Network) -> tuple[Loops, str]:
    """The loops of a network's detectors, and the additional file that makes SUMO have them."""
    _, by_edge = controller_file(text, network.name)
    by_link = {street.id: street for street in by_edge.values()}
    found: dict[DetectorId, tuple[str, ...]] = {}
    lines = []
    for detector in network.detectors.values():
        at = list(_places(by_link, detector))
        found[detector.id] = tuple(f"{detector.id}#{i}" for i in range(len(at)))
        lines += [
            f'<inductionLoop id={quoteattr(id_)} lane={quoteattr(lane)} pos="{position:.2f}" freq="3600" file="NUL"/>'
            for id_, (lane, position) in zip(found[detector.id], at, strict=True)
        ]
    return found, "<additional>\n" + "\n".join(lines) + "\n</additional>\n"


def lanes(text: bytes, network: Network, sight: float) -> Mapping[tuple[LinkId, int], Sequence[tuple[str, float]]]:
    """SUMO's lanes behind each lane of a stop line, as far back as ``sight`` metres: name, metres to the stop line."""
    _, by_edge = controller_file(text, network.name)
    return {
        (street.id, i): list(_back(street, i, sight)) for street in by_edge.values() if street.id in network.links
        for i in range(len(street.edges[-1].drivable))
    }


def _back(street: Street, lane: int, sight: float) -> Iterator[tuple[str, float]]:
    metres, width = 0.0, len(street.edges[-1].drivable)
    for edge in reversed(street.edges):
        if metres >= sight:
            return
        own = edge.drivable[lane * len(edge.drivable) // width]
        yield own.id, metres
        metres += own.length


def _places(by_link: Mapping[LinkId, Street], detector: Detector) -> Iterator[tuple[str, float]]:
    street, metres = by_link[detector.link], detector.distance
    edge = street.edges[-1]
    for edge in reversed(street.edges):
        length = edge.drivable[0].length
        if metres < length:
            break
        metres -= length
    side_by_side = len(edge.drivable) == len(street.edges[-1].drivable)
    for i, lane in enumerate(edge.drivable):
        if not side_by_side or i in detector.lanes:
            yield lane.id, min(max(lane.length - metres, 0.1), lane.length - 0.1)
