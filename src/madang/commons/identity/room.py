"""Identity's manifest."""

from datetime import timedelta

from madang.commons.identity import web
from madang.commons.identity.contracts import Permission
from madang.kernel.manifest import Held, Limit, Room

ROOM = Room(
    name="identity",
    title="Identity",
    owner="Digital Infrastructure Division",
    routes={"web": web.urlpatterns},
    permissions=Permission,
    personal_data=(
        Held(
            "e-mail address, resident id, password (Argon2id), second factors (encrypted), language",
            purpose="know who somebody is at every door", basis="Electronic Government Act, article 10 (2023)",
            keep=timedelta(days=365 * 5),
        ),
        Held(
            "attempts to sign in, by the SHA-256 of the e-mail address typed", purpose="stop guessing",
            basis="Personal Information Protection Act, article 29 (2023)", keep=timedelta(minutes=5),
        ),
        Held(
            "that identity was proved in person: kind of document, centre, moment, officer; recoveries of an account",
            purpose="give the highest level, and show later how a way back was given",
            basis="Electronic Government Act, article 10 (2023)", keep=timedelta(days=365 * 10),
        ),
        Held(
            "what a guardianship rests on: kinds of document and paper, the paper's day, centre, officers",
            purpose="show on what somebody acts for another, and who recorded it",
            basis="Civil Act, articles 938 and 949 (2023): guardians", keep=timedelta(days=1095),
        ),
        Held(
            "who may act for whom, in what and until when, and how both are named",
            purpose="let somebody do another's business with the city, and show both who may",
            basis="Civil Act, articles 114, 680, 911 and 938 (2023): agency, mandate, parents, guardians",
            keep=timedelta(days=1095),
        ),
    ),
    limits=(
        Limit("/accounts/", requests_per_second=50, body_kilobytes=64),
    ),
)
