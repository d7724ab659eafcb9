"""The manifest of provisioning."""

from madang.commons.identity.provisioning import web
from madang.commons.identity.provisioning.contracts import KEPT
from madang.kernel.manifest import Held, Limit, Room

ROOM = Room(
    name="identity_provisioning",
    title="Staff as a department's directory tells them",
    owner="Digital Infrastructure Division",
    routes={"web": web.urls},
    personal_data=(
        Held(
            "of staff: which directory made the account, its number there, and the posts that it gave",
            purpose="let staff in and out as their department's directory says",
            basis="Personal Information Protection Act, article 29 (2023): access rights of staff",
            keep=KEPT,
        ),
    ),
    limits=(Limit("/scim/", requests_per_second=50, body_kilobytes=256),),
)
