"""From one interval's counts to flows: what was expected, what was seen, what both make, and how sure it is."""

from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Flags, Floats
from madang.streets.traffic_signals.rules.networks.columns import Columns, Indices, numbers, totals
from madang.streets.traffic_signals.rules.state.balance import Seen, System, balanced
from madang.streets.traffic_signals.rules.state.history import Moment
from madang.streets.traffic_signals.rules.state.limits import StateLimits
from madang.streets.traffic_signals.rules.state.memory import Memory
from madang.streets.traffic_signals.rules.state.queues import COVERED

LEVEL = 1_800.0
"""Seconds over which the level without a profile follows the counts."""
SMALL = 60.0
"""Vehicles an hour that are added to a flow before a relative deviation is taken of it."""
KNOWN = 0.3
"""Share of the doubt that an interval must take away for a link to be called counted in it."""
WIDE = 3
"""Lanes from which a street is taken for an arterial when it lends its flow to one that nobody counts."""
STALE = 3_600.0
"""Seconds without a count after which a level without a profile says nothing any more."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each group of detectors lies."""

    link: Indices
    place: Indices
    members: Indices
    upstream: Flags
    """Detectors that count what comes from the junction before their link."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What was expected of each link in an interval (veh/h), its variance, and how far its profile is trusted."""

    usual: Floats
    flow: Floats
    variance: Floats
    profile: Floats
    trust: Floats


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in an interval in veh/h (NaN where nothing): by detectors, whole groups, and links."""

    detectors: Floats
    occupancy: Floats
    groups: Floats
    links: Floats


@dataclass(frozen=True, slots=True)
class Flowing:
    """The flows of an interval: movements and links (veh/h), their variances, and what was directly seen.

    ``single``: movements that a detector saw apart from others; ``counted``: links whose own detectors counted, and
    ``counted_out`` those on which what comes from the junction before was counted.
    """

    movements: Floats
    movement_variance: Floats
    links: Floats
    link_variance: Floats
    gain: Floats
    measured: Flags
    single: Flags
    counted: Flags
    counted_out: Flags


def unknown(net: Columns, memory: Memory) -> Flowing:
    """The flows before anything was counted."""
    share = memory.ratio
    return Flowing(
        memory.flow[net.entry] * share, memory.variance[net.entry] * share, memory.flow, memory.variance,
        np.zeros(len(net.links)), *(np.zeros(size, np.bool_) for size in (
            len(net.movements), len(net.movements), len(net.links), len(net.links))),
    )


def layout(net: Columns) -> Layout:
    """Lay the detectors' groups out."""
    upstream = np.zeros(len(net.detectors), np.bool_)
    from_before = net.exit[net.seen.movements] == net.detector_link[net.seen.rows]
    from_before &= net.entry[net.seen.movements] != net.detector_link[net.seen.rows]
    upstream[net.seen.rows[from_before]] = True
    inside = np.flatnonzero(net.group >= 0)
    link, place = np.zeros(net.groups, np.int64), np.zeros(net.groups, np.int64)
    link[net.group[inside]] = net.detector_link[inside]
    place[net.group[inside]] = net.detector_place[inside]
    return Layout(link, place, numbers(net.group[inside], net.groups), upstream)


def usual(memory: Memory, when: Moment) -> tuple[Floats, Floats, Floats]:
    """The usual flow of each link at a moment; beside it the profile's own and how far that is trusted."""
    profile, trust = memory.profile.at(when)
    return trust * profile * memory.lane_flow[2] + (1 - trust) * memory.level, profile, trust


def expected(memory: Memory, moments: tuple[Moment, Moment], passed: float, limits: StateLimits) -> Expected:
    """What each link should carry now: the usual, and what is left of the deviation ``passed`` seconds ago."""
    before, _, _ = usual(memory, moments[0])
    now, profile, trust = usual(memory, moments[1])
    left = float(np.exp(-max(passed, 0.0) / limits.damping))
    flow = np.maximum(now + left * (memory.flow - before), 0.0)
    strange = np.maximum(1 / (1 + memory.counted / 3), (1 - trust) * np.minimum(memory.unheard / STALE, 1.0))
    spread = (limits.deviation + (limits.unknown - limits.deviation) * strange) * (flow + SMALL)
    return Expected(now, flow, left**2 * memory.variance + (1 - left**2) * spread**2 + 1.0, profile, trust)


def informed(before: Expected, told: tuple[Floats, Floats]) -> Expected:
    """``before`` with another word on each link's flow: values and variances, infinite where there is none."""
    value, variance = told
    weight = before.variance / (before.variance + variance)
    flow = before.flow + weight * (np.where(weight > 0, value, 0.0) - before.flow * (weight > 0))
    return Expected(before.usual, flow, before.variance * (1 - weight), before.profile, before.trust)


def counted(net: Columns, places: Layout, said: tuple[Floats, Floats], usable: Flags, seconds: float) -> Counted:
    """Counts as flows: of detectors that can be believed, of groups that are whole, of links that have such a group."""
    flow = np.where(usable, said[0] * 3_600 / seconds, np.nan)
    member = np.flatnonzero(net.group >= 0)
    groups = totals(net.group[member], flow[member], net.groups) if net.groups else np.zeros(0)
    there = ~np.isnan(groups)
    number = numbers(places.link[there], len(net.links))
    total = totals(places.link[there], groups[there], len(net.links))
    links = np.divide(total, number, out=np.full(len(net.links), np.nan), where=number > 0)
    return Counted(flow, np.where(usable, said[1], np.nan), groups, links)


def fitted(
    net: Columns, rows: System, places: Layout, memory: Memory, evidence: tuple[Expected, Counted, float, StateLimits]
) -> Flowing:
    """The flows that fit the counts of an interval, conservation and expectation best, and how sure they are."""
    before, counts, seconds, limits = evidence
    share = memory.ratio
    ratio_variance = before.flow[net.entry] ** 2 * memory.doubt * share * (1 - share)
    loose = before.variance[net.entry] * share + ratio_variance + 25.0
    noise = (*_noise(net, rows, before, seconds, limits), memory.ratio, seconds)
    seen = _seen(net, rows, (before, counts), loose, noise)
    flow, _ = balanced(rows, seen, before.flow[net.entry] * share, loose)
    links = totals(net.entry, flow, len(net.links))
    out = ~net.approach
    links[out] = totals(net.exit, flow, len(net.links))[out]
    variance, movement_variance = _sureness(net, rows, places, (seen, before, counts), (share, ratio_variance))
    believed = ~np.isnan(counts.detectors) & ~places.upstream
    direct = believed[net.seen.rows] & (net.seen.share >= 0.5)  # noqa: PLR2004 -- half of it and more is counted
    measured = numbers(net.seen.movements[direct], len(net.movements)) > 0
    counted = numbers(net.entry[net.seen.movements[direct]], len(net.links)) > 0
    out_counted = numbers(net.detector_link[~np.isnan(counts.detectors)], len(net.links)) > 0
    return Flowing(flow, movement_variance, links, variance, 1 - variance / before.variance, measured,
                   _single(net, counts, share), counted, counted | out_counted)


def _single(net: Columns, counts: Counted, share: Floats) -> Flags:
    """Movements that make up nearly all that some believed detector sees."""
    seen = net.seen
    part = seen.share * share[seen.movements]
    total = totals(seen.rows, part, len(net.detectors))
    alone = (part > 0.8 * total[seen.rows]) & (seen.share > 0.8) & ~np.isnan(counts.detectors)[seen.rows]  # noqa: PLR2004 -- nearly all
    return numbers(seen.movements[alone], len(net.movements)) > 0


def _noise(net: Columns, rows: System, before: Expected, seconds: float, limits: StateLimits) -> tuple[Floats, float]:
    """The variance of each link's balance, and how uneven counts are because signals bunch them."""
    late = np.minimum(1.0, (net.length / net.speed + limits.cycle / 2) / seconds)
    flow = before.flow[rows.links]
    balance = (limits.midblock * flow) ** 2 + 400.0 + (0.15 * late[rows.links] * flow) ** 2
    return balance, 0.25 * min(1.0, limits.cycle / (2 * seconds))


def _seen(
    net: Columns, rows: System, evidence: tuple[Expected, Counted], loose: Floats,
    noise: tuple[Floats, float, Floats, float],
) -> Seen:
    """Value, variance and weight of every row of the least squares."""
    (before, counts), (balance, bunched, share, seconds) = evidence, noise
    guess = net.seen.times(before.flow[net.entry] * share, len(net.detectors))
    said = np.nan_to_num(counts.detectors)
    usual = np.where(guess > 0, (said + guess) / 2, said)
    apart = totals(net.seen.rows, (net.seen.share * (1 - net.seen.share) * 0.15) ** 2 * (
        before.flow[net.entry] * share)[net.seen.movements] ** 2, len(net.detectors))
    counting = np.maximum(usual, 3_600 / seconds) * 3_600 / seconds + ((bunched + 0.03) * usual) ** 2
    jammed = (net.detector_place == 0) & (np.nan_to_num(counts.occupancy) >= COVERED)
    variance = np.where(jammed, 4.0, 1.0) * counting + apart
    member = np.flatnonzero(net.group >= 0)
    size = numbers(net.group[member], net.groups)
    whole = 2 * totals(net.group[member], counting[member], net.groups) if net.groups else np.zeros(0)
    # members of a whole approach speak twice, alone and together: each time with half the weight
    variance[member] *= np.where(size[net.group[member]] > 1, 2.0, 1.0)
    total = totals(net.entry, loose, len(net.links))[rows.approaches]
    wanted = before.variance[rows.approaches]
    spare = np.maximum(total - wanted, 1e-3 * wanted)
    return Seen(
        np.concatenate([said, np.nan_to_num(counts.groups), np.zeros(len(rows.links)), before.flow[rows.approaches]]),
        np.concatenate([variance, whole, balance, wanted * total / spare]),
        np.concatenate([~np.isnan(counts.detectors), ~np.isnan(counts.groups) & (size > 1), np.ones(len(rows.links)),
                        np.ones(len(rows.approaches))]).astype(np.float64),
    )


def _sureness(
    net: Columns, rows: System, places: Layout, evidence: tuple[Seen, Expected, Counted], ratios: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """The variances of links and movements after the interval: from detectors on them, then from links before."""
    (seen, before, counts), (share, ratio_variance), size = evidence, ratios, len(net.links)
    entries, here = net.seen, ~places.upstream[net.seen.rows]
    number = len(net.detectors)
    part = totals(entries.rows, entries.share * share[entries.movements] * here, number)
    unsure = totals(entries.rows, entries.share**2 * ratio_variance[entries.movements], number)
    whole = totals(net.detector_link, part >= 0.95, size) > 0  # noqa: PLR2004 -- it sees nearly all
    believed = ~np.isnan(counts.detectors)
    alone = np.where(part >= 0.95, 0.0, unsure)  # noqa: PLR2004 -- of the whole, ratios do not matter
    told = np.where(believed & ~places.upstream, part**2 / (seen.variance[:number] + alone), 0.0)
    told = np.where(whole[net.detector_link] & (part < 0.95), told / 4, told)  # noqa: PLR2004 -- mostly said already
    group = slice(number, number + net.groups)
    together = ~np.isnan(counts.groups) & (places.members > 1)
    info = totals(net.detector_link, told, size)
    info += totals(places.link[together], 1 / seen.variance[group][together], size)
    variance = 1 / (1 / before.variance + info)
    into = totals(net.exit, share**2 * variance[net.entry] + ratio_variance, size)
    entry = believed & places.upstream
    direct = totals(net.detector_link[entry], 1 / seen.variance[:number][entry], size)
    into = 1 / (1 / np.maximum(into, 1.0) + direct)
    balance = seen.variance[rows.first_link:rows.first_approach]
    variance[rows.links] = 1 / (1 / variance[rows.links] + 1 / (into[rows.links] + balance))
    return variance, share**2 * variance[net.entry] + ratio_variance


def remember(
    net: Columns, memory: Memory, evidence: tuple[Expected, Counted, Flowing], when: Moment,
    timing: tuple[float, StateLimits],
) -> None:
    """Take an interval into levels, profile and turning ratios."""
    (before, counts, now), (seconds, limits) = evidence, timing
    sure = np.clip(now.gain, 0.0, 1.0)
    heard = ~np.isnan(counts.links) | (sure >= KNOWN)
    memory.flow, memory.variance = now.links, now.link_variance
    memory.counted = np.where(now.counted, np.minimum(memory.counted + 1, 1e4), memory.counted)
    memory.unheard = np.where(now.counted, 0.0, memory.unheard + seconds)
    _lane_flow(net, memory, counts, before, seconds)
    keep = float(np.exp(-seconds / LEVEL))
    follow = np.maximum(1 - keep, np.where(heard, 1 / (memory.counted + 1), 0.0)) * np.where(heard, 1.0, sure)
    like_others = memory.lane_flow[(net.lanes >= WIDE).astype(np.int64)] * net.lanes
    memory.level = memory.level + follow * (now.links - memory.level)
    memory.level = memory.level + np.where(heard, 0.0, (1 - keep) * (1 - sure)) * (like_others - memory.level)
    flow = np.where(np.isnan(counts.links), now.links, counts.links)
    weight = np.where(np.isnan(counts.links), np.where(heard, 0.3 * sure, 0.0), 1.0)
    memory.profile.learn(when, flow, weight * seconds / 3_600)
    _ratios(net, memory, now, seconds, limits)


def _lane_flow(net: Columns, memory: Memory, counts: Counted, before: Expected, seconds: float) -> None:
    """Follow the flow a lane of counted streets, which uncounted ones are lent, and today's level."""
    there, keep = ~np.isnan(counts.links), float(np.exp(-seconds / LEVEL))
    for kind, chosen in enumerate((there & (net.lanes < WIDE), there & (net.lanes >= WIDE))):
        if chosen.any():
            now = float(counts.links[chosen].sum() / net.lanes[chosen].sum())
            gain = max(1 - keep, 1.0 if memory.clock[0] == 0 else 0.0)
            memory.lane_flow[kind] += gain * (now - memory.lane_flow[kind])
    known = there & (before.trust > 0.5)  # noqa: PLR2004 -- the profile says more than the level does
    usually = float(before.profile[known].sum())
    today = float(np.clip(counts.links[known].sum() / usually, 0.3, 3.0)) if usually > 0 else 1.0
    memory.lane_flow[2] += (1 - keep) * (today - memory.lane_flow[2])


def _ratios(net: Columns, memory: Memory, now: Flowing, seconds: float, limits: StateLimits) -> None:
    total = totals(net.entry, now.movements, len(net.links))[net.entry]
    found = np.divide(now.movements, total, out=memory.ratio.copy(), where=total > SMALL / 2)
    follow = 1 - float(np.exp(-seconds / limits.ratio_memory))
    # what links lose and gain midblock would bend ratios that no detector holds, were they not drawn back
    both_ends = now.counted[net.entry] & now.counted_out[net.exit]
    back = np.where(now.single, 0.0, np.where(both_ends, follow / 24, follow / 4)) * (net.usual_share - memory.ratio)
    moved = np.maximum(memory.ratio + follow * (found - memory.ratio) + back, 1e-3)
    memory.ratio = moved / totals(net.entry, moved, len(net.links))[net.entry]
    fresh = 1 - float(np.exp(-seconds / (6 * limits.ratio_memory)))
    learned = np.where(now.single, follow, 0.0)
    memory.doubt = memory.doubt * (1 - learned * 0.5) + fresh * (limits.ratio_spread - memory.doubt)
