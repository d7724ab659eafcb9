"""What every run measured, kept in columns: whole vehicles an hour and tenths of waiting vehicles, two bytes each."""

import zlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final

import numpy as np

from madang.streets.traffic_signals.contracts import Floats, IntersectionId
from madang.streets.traffic_signals.models import DelayRow, MeasuredPlacesRow
from madang.streets.traffic_signals.store.blobs import packed, unpacked

_UNITS: Final = np.array([1.0, 0.1], np.float32)
"""Of a volume and of a queue: finer than either is known."""
_WHOLE_CITY = ""


def add(now: datetime, places: Sequence[IntersectionId], measured: Floats) -> None:
    """Keep what was measured at one run: a row a place of vehicles an hour and vehicles waiting."""
    mark = blake2b("\n".join(places).encode(), digest_size=16).hexdigest()
    if not MeasuredPlacesRow.objects.filter(mark=mark).exists():
        known = MeasuredPlacesRow(mark=mark, content=packed(list(places)))
        MeasuredPlacesRow.objects.bulk_create([known], ignore_conflicts=True)
    small = np.clip(np.rint(np.nan_to_num(measured) / _UNITS), 0, np.iinfo(np.uint16).max).astype(np.uint16)
    row = DelayRow(area=_WHOLE_CITY, at=now, places=mark, content=zlib.compress(small.T.tobytes(), 1))
    DelayRow.objects.bulk_create([row], ignore_conflicts=True)


def between(begin: datetime, end: datetime, *, hourly: bool = False) -> dict[IntersectionId, Floats]:
    """What was measured from ``begin`` to before ``end``: for each place a row a run; ``hourly``: each hour's first."""
    found = DelayRow.objects.filter(at__gte=begin, at__lt=end, **({"at__minute__lt": 5} if hourly else {}))
    runs: dict[str, list[np.ndarray]] = defaultdict(list)
    for mark, content in found.order_by("at").values_list("places", "content").iterator():
        runs[mark].append(np.frombuffer(zlib.decompress(bytes(content)), np.uint16).reshape(2, -1).T)
    series: dict[IntersectionId, Floats] = {}
    for row in MeasuredPlacesRow.objects.filter(mark__in=runs):
        stacked = np.stack(runs[row.mark], 1) * _UNITS
        for place, own in zip(unpacked(row.content, list[IntersectionId]), stacked, strict=True):
            series[place] = np.concatenate([series[place], own]) if place in series else own
    return series


def erase(before: datetime, thinned_before: datetime) -> int:
    """Erase what is older than ``before``; of what is older than ``thinned_before`` leave each hour's first."""
    gone, _ = DelayRow.objects.filter(at__lt=before).delete()
    thinned, _ = DelayRow.objects.filter(at__lt=thinned_before, at__minute__gte=5).delete()
    return gone + thinned
