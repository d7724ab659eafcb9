"""Payments' manifest."""

from datetime import timedelta

from madang.kernel.manifest import Held, Limit, Room
from madang.services.payments import api, handlers, web
from madang.services.payments.contracts import Permission

ROOM = Room(
    name="payments",
    title="Payments",
    owner="Finance Bureau",
    routes={"api": api.router, "web": web.urls},
    listens=[handlers.make_bill, handlers.hand_on, handlers.cancel],
    permissions=Permission,
    personal_data=[
        Held(
            "what was owed, paid and refunded, when and through which provider; no card or account number",
            purpose="take the fee of a request, give receipts and refunds, and close the books",
            basis="Local Public Finance Act and its accounting rules (2023): five years",
            keep=timedelta(days=1825),
        ),
    ],
    limits=[
        Limit("/pay/", requests_per_second=200, body_kilobytes=16),
        Limit("/api/v1/payments/notices/", requests_per_second=200, body_kilobytes=16),
        Limit("/sandbox-bank/", requests_per_second=200, body_kilobytes=16),
    ],
)
