"""Traffic signals' manifest. No personal data: counts say how many passed, never who."""

from madang.kernel.languages import to_translate
from madang.kernel.manifest import Limit, Room, Scope
from madang.streets.traffic_signals import api, tasks, web
from madang.streets.traffic_signals.contracts import Permission

__all__ = ["ROOM", "tasks"]

ROOM = Room(
    name="traffic_signals",
    title="Traffic signals",
    owner="Urban Transport Office",
    routes={"api": api.router, "web": web.urls},
    permissions=Permission,
    limits=[Limit("/api/v1/signals/detector-minutes", requests_per_second=200, body_kilobytes=2048)],
    scopes=[
        Scope(
            Permission.REPORT, "/api/v1/signals/",
            to_translate("Send what detectors counted, and take signal plans up"), methods=("GET", "HEAD", "POST"),
        ),
        Scope(
            Permission.ASK_PRIORITY, "/api/v1/signals/priority-requests",
            to_translate("Ask that buses and trams that are late find green"), methods=("POST",),
        ),
        Scope(
            Permission.ASK_EMERGENCY, "/api/v1/signals/priority-requests",
            to_translate("Ask that emergency vehicles find green"), methods=("POST",),
        ),
    ],
)
