"""The city's word about its signals, and its network."""

import os
from dataclasses import replace
from datetime import datetime
from functools import cache
from uuid import UUID

from django.conf import settings

from madang.kernel.ids import new_id
from madang.streets.traffic_signals.contracts import Network
from madang.streets.traffic_signals.models import NetworkRow
from madang.streets.traffic_signals.rules import profile as rules
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


def add_network(network: Network, by: str, now: datetime) -> None:
    """Keep an imported network; it is the city's from now on."""
    NetworkRow.objects.create(id=new_id(), name=network.name, made=now, by=by, content=packed(tables.written(network)))


@cache
def _imported(row: UUID) -> Network:
    found = NetworkRow.objects.get(id=row)
    return tables.read(found.name, unpacked(found.content, dict[str, str]))


@cache
def _made_up(districts: tuple[District, ...]) -> Network:
    wanted = profile().network
    return city(wanted.intersections, wanted.detectors, seed=wanted.seed, districts=districts)
