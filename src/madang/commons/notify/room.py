"""Notify's manifest."""

from datetime import timedelta

from madang.kernel.manifest import Held, Room

ROOM = Room(
    name="notify",
    title="Messages",
    owner="Digital Infrastructure Division",
    personal_data=[
        Held(
            "what a resident was told (service, number, dates, amounts), and whether they read it; no e-mail address",
            purpose="tell residents where their requests stand, and prove that they were told",
            basis="Personal Information Protection Act, article 15(1)3 (2023): carrying out a public task",
            keep=timedelta(days=1095),
        ),
    ],
)
