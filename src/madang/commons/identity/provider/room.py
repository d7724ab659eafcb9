"""The provider's manifest."""

from datetime import timedelta

from madang.commons.identity.provider import web
from madang.commons.identity.provider.contracts import Permission
from madang.kernel.manifest import Held, Limit, Room

ROOM = Room(
    name="identity_provider",
    title="Sign-in for other systems",
    owner="Digital Infrastructure Division",
    routes={"web": web.urlpatterns},
    permissions=Permission,
    personal_data=(
        Held(
            "which system of which department somebody let learn what, and when they signed in there",
            purpose="let systems know who somebody is, and show it to the one whom it is about",
            basis="consent; Personal Information Protection Act, article 15 (2023)", keep=timedelta(days=365),
        ),
    ),
    limits=(
        Limit("/oauth/", requests_per_second=500, body_kilobytes=64),
        Limit("/.well-known/o", requests_per_second=500, body_kilobytes=1),
    ),
)
