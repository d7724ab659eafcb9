"""Certificates' manifest."""

from datetime import timedelta

from madang.kernel.manifest import Held, Limit, Room
from madang.services.certificates import api, handlers, web
from madang.services.certificates.contracts import Permission

ROOM = Room(
    name="certificates",
    title="Certificates",
    owner="Digital Infrastructure Division",
    routes={"api": api.router, "web": web.urls},
    listens=[handlers.issue_approved, handlers.forget_erased],
    permissions=Permission,
    personal_data=[
        Held(
            "the signed document, the facts on it and a masked name",
            purpose="give the resident their document, and let anyone who holds it verify it",
            basis="Personal Information Protection Act, article 15(1)3 (2023): carrying out a public task",
            keep=timedelta(days=1825),
        ),
        Held(
            "that a document lies in a wallet: the wallet's public key by its hash, and its place in a status list",
            purpose="let whoever is shown it see whether it still holds, and its holder end it",
            basis="consent; Personal Information Protection Act, article 15(1)1 (2023)",
            keep=timedelta(days=90),
        ),
    ],
    limits=[
        Limit("/verify/", requests_per_second=1500, body_kilobytes=5 * 1024 + 64),
        Limit("/api/v1/verifications/", requests_per_second=3000, body_kilobytes=1),
        Limit("/credentials/", requests_per_second=500, body_kilobytes=16),
    ],
)
