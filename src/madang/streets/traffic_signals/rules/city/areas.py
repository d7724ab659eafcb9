"""How a city is cut into areas: corridors keep together, areas are alike in size and lie in one piece of the map.

Recursive bisection along the longer axis (Berger and Bokhari, IEEE Transactions on Computers 36, 1987), of blocks that
are not cut: what a corridor has claimed goes with it whole. Decision 0033 says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from madang.streets.traffic_signals.contracts import IntersectionId, Network

USUAL_SIZE = 1_600
"""Intersections in an area, about: small enough to share among cores, large enough that few links cross over."""


@dataclass(frozen=True, slots=True)
class Block:
    """Intersections that stay together, and the middle of them."""

    members: tuple[IntersectionId, ...]
    middle: tuple[float, float]


def cut(network: Network, parts: int | None = None) -> list[tuple[IntersectionId, ...]]:
    """The network's intersections in so many areas (by default of the usual size), each in the network's order."""
    number = parts or max(1, ceil(len(network.intersections) / USUAL_SIZE))
    place = {name: at for at, name in enumerate(network.intersections)}
    halves = _halved(_blocks(network), number)
    members = ([one for block in half for one in block.members] for half in halves if half)
    return [tuple(sorted(mine, key=place.__getitem__)) for mine in members]


def _blocks(network: Network) -> list[Block]:
    """Each corridor with the intersections that no longer one has; the rest one by one."""
    free = dict.fromkeys(network.intersections)
    blocks = []
    for corridor in sorted(network.corridors, key=lambda one: (-len(one.intersections), one.id)):
        claimed = tuple(one for one in corridor.intersections if one in free)
        for one in claimed:
            del free[one]
        if claimed:
            blocks.append(_block(network, claimed))
    return blocks + [_block(network, (one,)) for one in free]


def _block(network: Network, members: tuple[IntersectionId, ...]) -> Block:
    x, y = (sum(getattr(network.intersections[one], axis) for one in members) / len(members) for axis in "xy")
    return Block(members, (x, y))


def _halved(blocks: Sequence[Block], parts: int) -> list[Sequence[Block]]:
    if parts <= 1 or len(blocks) <= 1:
        return [blocks]
    spans = [max(one.middle[axis] for one in blocks) - min(one.middle[axis] for one in blocks) for axis in (0, 1)]
    axis = 0 if spans[0] > spans[1] else 1
    ordered = sorted(blocks, key=lambda one: (one.middle[axis], one.members[0]))
    wanted = sum(len(one.members) for one in blocks) * (parts // 2) / parts
    reached, at = 0, 0
    while reached < wanted and at < len(ordered) - 1:
        reached += len(ordered[at].members)
        at += 1
    return [*_halved(ordered[:at], parts // 2), *_halved(ordered[at:], parts - parts // 2)]
