"""Payments over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from django.http import HttpResponse
from pydantic import Field

from madang.commons.gateway import http_api
from madang.commons.gateway.http_api import OPEN, CityRequest, Page, Paging, Query, Schema, Slice, Status, takes_key
from madang.kernel.ids import new_id
from madang.services.payments import facade
from madang.services.payments.contracts import Bill, BillId, BillStanding, Checkout

router = http_api.router("bills")


class BillOut(Schema):
    """What I owe, or owed, for one request."""

    id: UUID
    case: UUID
    number: str = Field(description="The request's number.")
    service: str
    title: str = Field(description="The service's name in the request's language.")
    amount: int = Field(description="Whole won.")
    standing: BillStanding
    made: datetime
    paid: datetime | None
    receipt: str


class PaymentIn(Schema):
    """Where to come back to."""

    return_to: Annotated[str, Field(max_length=300, pattern=r"^/[^/\\].*|^/$")] = Field(
        "/my/bills", description="A path of the portal; the browser comes back to it after paying."
    )


class CheckoutOut(Schema):
    """A payment that has begun: open `url` in a browser to pay."""

    reference: str
    url: str


@router.get("/bills", response=Page[BillOut])
def mine(request: CityRequest, paging: Query[Paging]) -> Slice[Mapping[str, object]]:
    """My bills, newest first."""
    found = paging.newest_first(lambda before, limit: facade.bills(request.actor, before, limit), lambda one: one.made)
    return Slice([_out(request, one) for one in found.items], found.next)


@router.get("/bills/{bill}", response=BillOut)
def one(request: CityRequest, bill: UUID) -> Mapping[str, object]:
    """One of my bills."""
    return _out(request, facade.bill(request.actor, BillId(bill)))


@router.post("/bills/{bill}/payments", response={201: CheckoutOut})
@takes_key
def pay(request: CityRequest, bill: UUID, asked: PaymentIn) -> Status[Checkout]:
    """Begin to pay. With the same Idempotency-Key it is the same payment; none is ever charged twice."""
    key = request.headers.get("Idempotency-Key", "")
    # the key is the attempt's name at the provider too, so a retry that reaches us twice is one payment there
    attempt = uuid5(bill, f"{request.actor.account} {key}") if key else new_id()
    return Status(201, facade.pay(request.actor, BillId(bill), asked.return_to, attempt, request.now))


@router.post("/bills/{bill}/check", response=BillOut)
def check(request: CityRequest, bill: UUID) -> Mapping[str, object]:
    """The bill, after asking the payment provider what became of an open payment."""
    return _out(request, facade.check(request.actor, BillId(bill), request.now))


@router.post("/payments/notices/{provider}", response={204: None}, auth=OPEN)
def notice(request: CityRequest, provider: Annotated[str, Field(max_length=60)]) -> HttpResponse:
    """For payment providers: a signed notice that a payment was settled (`X-Notice-Signature`)."""
    facade.notice(provider, request.body, request.headers.get("X-Notice-Signature", ""), request.now)
    return HttpResponse(status=204)


def _out(request: CityRequest, bill: Bill) -> Mapping[str, object]:
    return {
        "id": bill.id, "case": bill.case, "number": bill.number, "service": bill.what,
        "title": facade.what_for(bill).into(request.language), "amount": bill.amount.amount,
        "standing": bill.standing, "made": bill.made, "paid": bill.paid, "receipt": bill.receipt,
    }
