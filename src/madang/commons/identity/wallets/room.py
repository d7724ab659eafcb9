"""The manifest of presented credentials."""

from madang.commons.identity.wallets import web
from madang.commons.identity.wallets.contracts import KEPT
from madang.kernel.manifest import Held, Limit, Room

ROOM = Room(
    name="identity_wallets",
    title="Sign-in by a credential in a wallet",
    owner="Digital Infrastructure Division",
    routes={"web": web.urlpatterns},
    personal_data=(
        Held(
            "whose credential answered a question that a browser asked, until that browser fetches it",
            purpose="let somebody in by it", basis="consent; Electronic Government Act, article 10 (2023)", keep=KEPT,
        ),
    ),
    limits=[Limit("/wallets/", requests_per_second=500, body_kilobytes=64)],
)
