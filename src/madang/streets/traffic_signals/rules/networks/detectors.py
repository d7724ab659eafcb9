"""Where a city would lay its detectors on a network that comes without them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from madang.streets.traffic_signals.contracts import Detector, DetectorId, Link, Network, Place

STOP_LINE_METRES: Final = 2.0
"""Before the stop line, so that the first vehicle that waits stands on it (FHWA Traffic Detector Handbook 2006, 4)."""
ADVANCE_METRES: Final = 70.0
"""Five seconds of driving at 50 km/h: time to extend a green or to end it (FHWA Signal Timing Manual 2015, 5.4)."""
SHORTEST_ADVANCE: Final = 15.0
"""Nearer than this an advance detector says what the stop line says."""
ENTRY_METRES: Final = 10.0
"""From the link's upstream end."""
LONG_LINK: Final = 120.0
"""Links at least this long have a detector at their beginning, which says whether they are full."""


def with_detectors(network: Network) -> Network:
    """The network with detectors at its approaches: by lane at the stop line and before it, and where long ones begin.

    Where lanes open only just before the stop line, the advance detector lies before that and covers all of them.
    """
    approaches = {movement.entry for one in network.intersections.values() for movement in one.movements}
    laid = (each for id_ in sorted(approaches) for each in _on(network.links[id_]))
    return replace(network, detectors={each.id: each for each in laid})


def _on(link: Link) -> Iterator[Detector]:
    lanes = range(max(1, link.lanes))
    pocket = link.length if link.side_by_side is None else link.side_by_side
    line = min(STOP_LINE_METRES, pocket / 2)
    for lane in lanes:
        yield Detector(DetectorId(f"{link.id}/stop/{lane}"), link.id, (lane,), Place.STOP_LINE, line)
    entry = link.length - ENTRY_METRES
    ahead = min(ADVANCE_METRES, entry)
    if ahead >= SHORTEST_ADVANCE and ahead < pocket:
        for lane in lanes:
            yield Detector(DetectorId(f"{link.id}/advance/{lane}"), link.id, (lane,), Place.ADVANCE, ahead)
    elif ahead >= SHORTEST_ADVANCE:
        yield Detector(DetectorId(f"{link.id}/advance"), link.id, tuple(lanes), Place.ADVANCE, ahead)
    if link.length >= LONG_LINK:
        yield Detector(DetectorId(f"{link.id}/entry"), link.id, tuple(lanes), Place.ENTRY, entry)
