"""The catalogue's manifest: it keeps nothing of anybody."""

from madang.kernel.manifest import Limit, Room
from madang.records.catalogue import api

ROOM = Room(
    name="catalogue",
    title="Services",
    owner="Smart City Services Division",
    routes={"api": api.api},
    limits=(Limit("/api/v1/services", requests_per_second=1000, body_kilobytes=4),),
)
