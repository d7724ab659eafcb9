"""Bookings' manifest."""

from datetime import timedelta

from madang.kernel.manifest import Held, Limit, Room
from madang.services.bookings import api, handlers, web
from madang.services.bookings.contracts import Permission

ROOM = Room(
    name="bookings",
    title="Bookings",
    owner="Smart City Services Division",
    routes={"api": api.router, "web": web.urls},
    listens=[handlers.settle, handlers.release],
    permissions=Permission,
    personal_data=[
        Held(
            "what a resident booked and for when, whether they came, and why not if they said so",
            purpose="keep the place, offer it on when it is given back, and be fair to those who wait",
            basis="Personal Information Protection Act, article 15(1)4 (2023): at the resident's request",
            keep=timedelta(days=180),
        ),
        Held(
            "the digest of the address of a resident's own calendar",
            purpose="let the resident's own calendar read their bookings",
            basis="Personal Information Protection Act, article 15(1)1 (2023): consent, until it is taken back",
            keep=timedelta(days=3650),
        ),
    ],
    limits=[
        Limit("/bookings/", requests_per_second=300, body_kilobytes=16),
        Limit("/draws/", requests_per_second=100, body_kilobytes=16),
        Limit("/calendar/", requests_per_second=100, body_kilobytes=16),
        Limit("/attendance/", requests_per_second=100, body_kilobytes=16),
    ],
)
