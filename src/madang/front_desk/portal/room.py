"""The portal's manifest."""

from madang.front_desk.portal import handlers, web
from madang.kernel.manifest import Limit, Room

ROOM = Room(
    name="portal",
    title="Portal",
    owner="Smart City Services Division",
    routes={"web": web.urls},
    listens=[handlers.tell_of_recovery],
    back_office=("/owners/",),
    limits=[Limit("/search", requests_per_second=400, body_kilobytes=16), Limit("/apply/", requests_per_second=200)],
)
