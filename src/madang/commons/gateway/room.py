"""The gateway's manifest: what it keeps, and the bounds of paths that belong to nobody else."""

from madang.commons.gateway import api, web
from madang.commons.gateway.contracts import KEPT_FOR, USE_KEPT_FOR, Permission
from madang.kernel.manifest import Held, Limit, Room

ROOM = Room(
    name="gateway",
    title="Gateway",
    owner="Digital Infrastructure Division",
    routes={"api": api.router, "web": web.urls},
    permissions=Permission,
    personal_data=(
        Held(
            "answers to requests with an Idempotency-Key, by account",
            purpose="repeat the same answer when a request is sent again",
            basis="performance of the service that was asked for",
            keep=KEPT_FOR,
        ),
        Held(
            "why a developer asks for more for a system, and the city's answer, by account",
            purpose="decide what a system may",
            basis="the developer's request",
            keep=USE_KEPT_FOR,
        ),
    ),
    back_office=("/desk/", "/partners/"),
    limits=(
        Limit("/", requests_per_second=5000),
        Limit("/api/", requests_per_second=5000),
        Limit("/developers/", requests_per_second=100, body_kilobytes=8),
        Limit("/partners/", requests_per_second=100, body_kilobytes=8),
        Limit("/static/", requests_per_second=5000, body_kilobytes=1),
    ),
)
