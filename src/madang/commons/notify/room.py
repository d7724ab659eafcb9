"""Notify's manifest."""

from datetime import timedelta

from madang.commons.notify import api, web
from madang.commons.notify.contracts import Permission
from madang.kernel.manifest import Held, Limit, Room

ROOM = Room(
    name="notify",
    title="Messages",
    owner="Digital Infrastructure Division",
    routes={"api": api.router, "web": web.urls},
    permissions=Permission,
    personal_data=[
        Held(
            "what a resident was told (service, number, dates, amounts), and whether they read it; no e-mail address",
            purpose="tell residents where their requests stand, and prove that they were told",
            basis="Personal Information Protection Act, article 15(1)3 (2023): carrying out a public task",
            keep=timedelta(days=1095),
        ),
        Held(
            "phone, push subscription, postal address and language that the resident gave, and their wishes",
            purpose="reach the resident by the ways that they chose",
            basis="Personal Information Protection Act, article 15(1)1 (2023): consent, until it is taken back",
            keep=timedelta(days=365 * 10),
        ),
        Held(
            "addresses that reached nobody", purpose="not write there again",
            basis="Personal Information Protection Act, article 15(1)3 (2023): carrying out a public task",
            keep=timedelta(days=365),
        ),
        Held(
            "what departments' services asked to be sent, to which phone or address, and what people texted to them",
            purpose="send it, and tell the service what became of it",
            basis="Personal Information Protection Act, article 26 (2023): processing for the department",
            keep=timedelta(days=90),
        ),
        Held(
            "files that departments' services send by e-mail, encrypted with what stands in the link alone",
            purpose="have the reader fetch them",
            basis="Personal Information Protection Act, article 26 (2023): processing for the department",
            keep=timedelta(weeks=78),
        ),
        Held(
            "digests of codes sent to phones", purpose="see whose phone it is",
            basis="Personal Information Protection Act, article 29 (2023)", keep=timedelta(days=1),
        ),
    ],
    limits=[
        Limit("/messages/", requests_per_second=200, body_kilobytes=1024),
        Limit("/v2/", requests_per_second=200, body_kilobytes=3072),
    ],
)
