"""Document review's manifest."""

from datetime import timedelta

from madang.kernel.manifest import Held, Room
from madang.services.document_review import api, handlers, web
from madang.services.document_review.contracts import Permission

ROOM = Room(
    name="document_review",
    title="Document review",
    owner="Administrative Services Bureau",
    routes={"api": api.router, "web": web.urls},
    listens=[handlers.review_ready, handlers.clear_desk, handlers.set_aside, handlers.take_up, handlers.forget_erased],
    permissions=Permission,
    personal_data=[
        Held(
            "what the checks of a request read in answers and registers, and the officer's reason",
            purpose="decide about the request, and show later how it was decided",
            basis="Personal Information Protection Act, article 15(1)3 (2023): carrying out a public task",
            keep=timedelta(days=1825),
        ),
    ],
)
