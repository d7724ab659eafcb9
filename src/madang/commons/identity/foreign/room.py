"""The manifest of foreign identity."""

from madang.commons.identity.foreign import web
from madang.commons.identity.foreign.contracts import KEPT
from madang.kernel.manifest import Held, Room

ROOM = Room(
    name="identity_foreign",
    title="Sign-in by an identity that another authority keeps",
    owner="Digital Infrastructure Division",
    routes={"web": web.urlpatterns},
    personal_data=(
        Held(
            "that an account is linked with an identity that another authority keeps, by a hash of its subject",
            purpose="let somebody in by it", basis="consent; Electronic Government Act, article 10 (2023)",
            keep=KEPT,
        ),
    ),
)
