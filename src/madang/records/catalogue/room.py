"""The catalogue's manifest: it keeps nothing of anybody."""

from madang.kernel.languages import to_translate
from madang.kernel.manifest import Limit, Room, Scope
from madang.records.catalogue import api

ROOM = Room(
    name="catalogue",
    title="Services",
    owner="Smart City Services Division",
    routes={"api": api.api},
    scopes=(Scope("catalogue.read", "/api/v1/services", to_translate("Read the city's services"), is_open=True),),
    limits=(Limit("/api/v1/services", requests_per_second=1000, body_kilobytes=4),),
)
