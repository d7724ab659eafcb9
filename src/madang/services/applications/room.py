"""Applications' manifest."""

from datetime import timedelta

from madang.kernel.manifest import Held, Limit, Room
from madang.services.applications import api, web
from madang.services.applications.contracts import Permission

ROOM = Room(
    name="applications",
    title="Applications",
    owner="Digital Infrastructure Division",
    routes={"api": api.router, "web": web.urls},
    permissions=Permission,
    personal_data=[
        Held(
            "what a resident answered in a form, and which register said otherwise",
            purpose="decide about the resident's own request",
            basis="Personal Information Protection Act, article 15(1)3 (2023): carrying out a public task",
            keep=timedelta(days=1825),
        ),
        Held(
            "what a resident answered when asked for more, and the words of an appeal",
            purpose="decide about the resident's own request, and once more when they appeal",
            basis="Civil Petitions Treatment Act, articles 22 and 35 (2022)",
            keep=timedelta(days=1825),
        ),
        Held(
            "who was invited to sign or apply together, by name, and what they answered",
            purpose="let a request go on when everybody whom it needs has signed it",
            basis="Personal Information Protection Act, article 15(1)4 (2023): at the resident's request",
            keep=timedelta(days=1825),
        ),
        Held(
            "a draft that was not sent",
            purpose="let the resident go on where they stopped",
            basis="Personal Information Protection Act, article 15(1)4 (2023): at the resident's request",
            keep=timedelta(days=30),
        ),
    ],
    limits=[Limit("/api/v1/cases", requests_per_second=200, body_kilobytes=256)],
)
