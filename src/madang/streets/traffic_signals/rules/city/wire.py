"""Plans and proposals between a city and its areas, as bytes.

Thousands of small objects cross a process's edge in hundredths of a second as MessagePack, and in seconds one by one.
"""

from collections.abc import Iterable

import msgspec

from madang.streets.traffic_signals.contracts import Proposal, TimingPlan

_PLANS = msgspec.msgpack.Decoder(list[TimingPlan])
_PROPOSALS = msgspec.msgpack.Decoder(list[Proposal])


def packed(many: Iterable[TimingPlan] | Iterable[Proposal]) -> bytes:
    """Plans or proposals, each of which names its intersection."""
    return msgspec.msgpack.encode(list(many))


def plans(packed: bytes) -> list[TimingPlan]:
    """The plans that were packed; none of no bytes."""
    return _PLANS.decode(packed) if packed else []


def proposals(packed: bytes) -> list[Proposal]:
    """The proposals that were packed; none of no bytes."""
    return _PROPOSALS.decode(packed) if packed else []
