"""The platform register's manifest."""

from madang.kernel.manifest import Limit, Room
from madang.stewardship.platform_register import api, web
from madang.stewardship.platform_register.contracts import Permission

ROOM = Room(
    name="platform_register",
    title="Platform register",
    owner="Digital Infrastructure Division",
    routes={"api": api.router, "web": web.urls},
    permissions=Permission,
    limits=[Limit("/platforms", requests_per_second=50, body_kilobytes=1)],
)
