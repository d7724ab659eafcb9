"""The city's word about its signals, and its network."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from uuid import UUID

import holidays
from django.conf import settings

from madang.kernel.ids import new_id
from madang.streets.traffic_signals.contracts import IntersectionId, Network, TimingPlan
from madang.streets.traffic_signals.models import NetworkRow
from madang.streets.traffic_signals.rules import profile as rules
from madang.streets.traffic_signals.rules.networks import programmes as programmes_of
from madang.streets.traffic_signals.rules.networks import tables
from madang.streets.traffic_signals.rules.networks.generated import District, city
from madang.streets.traffic_signals.rules.profile import SignalProfile
from madang.streets.traffic_signals.store.blobs import packed, unpacked


@cache
def profile() -> SignalProfile:
    """What ``signals.yaml`` says, read once. Raises ProfileWrong with file and line."""
    file = settings.MADANG_PROFILE / "signals.yaml"
    found = rules.read(file.read_text(encoding="utf-8"), str(file))
    wanted = os.environ.get("MADANG_SIGNALS", "")
    if not wanted.isdecimal():
        return found
    share = found.network.detectors / max(found.network.intersections, 1)
    network = replace(found.network, intersections=int(wanted), detectors=round(share * int(wanted)))
    return replace(found, network=network)


def network(districts: tuple[District, ...]) -> Network:
    """The network that was imported last, else the one that the profile has made up over these districts."""
    newest = NetworkRow.objects.order_by("-made").values_list("id", flat=True).first()
    return _imported(newest) if newest else _made_up(districts)


def programmes(network: Network) -> Mapping[IntersectionId, TimingPlan]:
    """The plans that came with the city's network; none where it was made up."""
    newest = NetworkRow.objects.order_by("-made").first()
    return programmes_of.read(network, unpacked(newest.content, dict[str, str])) if newest else {}


def add_network(
    network: Network, programmes: Mapping[IntersectionId, TimingPlan], by: str, now: datetime,
) -> None:
    """Keep an imported network and the plans that run there; it is the city's from now on."""
    files = {**tables.written(network), programmes_of.FILE: programmes_of.written(programmes)}
    NetworkRow.objects.create(id=new_id(), name=network.name, made=now, by=by, content=packed(files))


@cache
def holidays_around(year: int) -> frozenset[date]:
    """The days that count as Sundays in the year before, this one and the next."""
    calendar = profile().calendar
    return frozenset(holidays.country_holidays(calendar.country, years=range(year - 1, year + 2))) | calendar.also


@cache
def _imported(row: UUID) -> Network:
    found = NetworkRow.objects.get(id=row)
    return tables.read(found.name, unpacked(found.content, dict[str, str]))


@cache
def _made_up(districts: tuple[District, ...]) -> Network:
    wanted = profile().network
    return city(wanted.intersections, wanted.detectors, seed=wanted.seed, districts=districts)
