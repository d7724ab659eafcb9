"""What machines send, what is erased, and what before and after say."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.kernel.actors import Actor
from madang.streets.traffic_signals.contracts import (
    Breach,
    DetectorMinute,
    IntersectionId,
    Network,
    NetworkFileWrong,
    Permission,
    TimingPlan,
)
from madang.streets.traffic_signals.contracts.operation import (
    BeforeAfter,
    CountsWrong,
    PlaceUnknown,
    PublicationId,
)
from madang.streets.traffic_signals.facade import engine as engines
from madang.streets.traffic_signals.facade.publishing import STEERING
from madang.streets.traffic_signals.rules import safety
from madang.streets.traffic_signals.rules.networks import programmes as programmes_of
from madang.streets.traffic_signals.rules.networks import sumo, tables
from madang.streets.traffic_signals.rules.networks.detectors import with_detectors
from madang.streets.traffic_signals.rules.operation import before_after
from madang.streets.traffic_signals.store import delays, priority, profile, runs, street

_MOST_IN_A_BATCH = 20_000
_PAST = timedelta(days=28)

Programmes = Mapping[IntersectionId, TimingPlan]
"""The plans that run in a network that is imported."""


def report(actor: Actor, batches: Sequence[DetectorMinute], now: datetime) -> int:
    """Keep counts that controllers sent; how many batches. Raises CountsWrong, NotPermitted."""
    actor.require(Permission.REPORT)
    for each in batches:
        _require_sound(each, now)
    with transaction():
        return runs.add_counts(batches, now)


def acknowledge(actor: Actor, publication: UUID, area: str, intersections: int, now: datetime) -> None:
    """Note that an area's controllers took a publication up. Raises PlaceUnknown."""
    actor.require(Permission.REPORT)
    with transaction():
        if street.publication(publication) is None:
            raise PlaceUnknown(str(publication))
        street.acknowledge(PublicationId(publication), area, actor.name, now, intersections)


def import_network(
    actor: Actor, name: str, files: Mapping[str, bytes], now: datetime,
) -> tuple[Network, Sequence[Breach]]:
    """Make a network the city's: a folder of CSV files, or one ``.net.xml``, which is given detectors.

    The plans that come with it are its fixed plans, but for those that safety refuses: why, is the second answer.

    Raises NetworkFileWrong, NotPermitted.
    """
    actor.require(Permission.APPROVE)
    network, programmes = _read(name, files)
    with transaction():
        profile.add_network(network, programmes, actor.name, now)
        audit.record(actor, "traffic_signals.import_network", purpose=STEERING)
    return network, _not_safe(network, programmes)


def erase(now: datetime) -> Sequence[int]:
    """Erase what the profile keeps no longer; how many batches, runs, measurements, publications and answers."""
    keep = profile.profile().keep
    counts, plans, measured, thinned, asked = (
        now - timedelta(days=days)
        for days in (keep.minutes, keep.plans, keep.delays, keep.delays_in_full, keep.priority))
    with transaction():
        return [*runs.erase(counts, plans), delays.erase(measured, thinned), street.erase(plans), priority.erase(asked)]


def before_and_after(actor: Actor, publication: UUID, now: datetime, hours: float = 24.0) -> BeforeAfter | None:
    """What a publication did, ``hours`` before and after it; None when too little was measured. Raises PlaceUnknown."""
    actor.require(Permission.SEE)
    found = street.publication(publication)
    if found is None:
        raise PlaceUnknown(str(publication))
    earlier = street.before(found.id)
    plans, old = street.plans_of(found.id), street.plans_of(earlier) if earlier else {}
    changed = frozenset(place for place, plan in plans.items() if old.get(place) != plan)
    length = timedelta(hours=hours)
    begin, end = found.at - length, min(now, found.at + length)
    past = delays.between(begin - _PAST, begin, hourly=True)
    before, after = delays.between(begin, found.at), delays.between(found.at, end)
    periods = before_after.Periods(past, before, after, (hours, (end - found.at).total_seconds() / 3600))
    return before_after.compare(periods, changed, engines.current().profile.values)


def _not_safe(network: Network, programmes: Programmes) -> list[Breach]:
    limits = profile.profile().limits
    return [
        breach for place, plan in programmes.items()
        for breach in safety.breaches(network.intersections[place], plan, limits)
    ]


def _read(name: str, files: Mapping[str, bytes]) -> tuple[Network, Programmes]:
    for file, content in files.items():
        if file.endswith(".net.xml"):
            return with_detectors(sumo.read(content, name)), sumo.programmes(content, name)
    try:
        texts = {file: content.decode() for file, content in files.items()}
    except UnicodeDecodeError as wrong:
        raise NetworkFileWrong(name, f"a file is not UTF-8: {wrong}") from wrong
    network = tables.read(name, texts)
    return network, programmes_of.read(network, texts)


def _require_sound(batch: DetectorMinute, now: datetime) -> None:
    """A batch that could harm the table is refused; what single detectors say is judged by the estimator."""
    wrong = next(_wrong_with(batch, now), None)
    if wrong is not None:
        raise CountsWrong(wrong)


def _wrong_with(batch: DetectorMinute, now: datetime) -> Iterator[str]:
    size = len(batch.detectors)
    if not 0 < size <= _MOST_IN_A_BATCH:
        yield f"{size} detectors, from 1 to {_MOST_IN_A_BATCH} may be in a batch"
    if len(batch.vehicles) != size or len(batch.occupancy) != size:
        yield f"{size} detectors, {len(batch.vehicles)} vehicles, {len(batch.occupancy)} occupancies"
    if batch.begin.tzinfo is None:
        yield "begin has no time zone; give one, for example +09:00"
    elif not timedelta(days=-1) < batch.begin - now < timedelta(hours=1):
        yield f"begin is {batch.begin.isoformat()}, more than a day back or an hour ahead"
    if not 1 <= batch.seconds <= 3600:  # noqa: PLR2004 -- what the estimator takes
        yield f"an interval of {batch.seconds:g} s, from 1 to 3600 s may be sent"
