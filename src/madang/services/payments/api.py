"""Payments over HTTP."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid5

from django.http import HttpResponse
from pydantic import Field

from madang.commons.gateway import http_api
from madang.commons.gateway.http_api import OPEN, CityRequest, Page, Paging, Query, Schema, Slice, Status, takes_key
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.money import Won
from madang.services.payments import facade
from madang.services.payments.contracts import Assessed, Bill, BillId, BillStanding, Checkout, DebtKind
from madang.services.payments.facade import assessments

router = http_api.router("bills")


class BillOut(Schema):
    """What I owe, or owed, for one request, or because the city raised it."""

    id: UUID
    case: UUID | None = Field(description="The request; none for a tax, charge or fine that the city raised.")
    cases: list[UUID] = Field(description="My requests that pay this bill, where the city raised it.")
    number: str = Field(description="The request's number, or the bill's own electronic payment number.")
    service: str
    title: str = Field(description="The service's name in the request's language.")
    amount: int = Field(description="Whole won; all that is to be paid.")
    surcharge: int = Field(description="Whole won of the amount that were added by law because it is late.")
    about: str
    due: date | None
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


class AssessedIn(Schema):
    """A tax, charge or fine that a department has assessed."""

    number: Annotated[str, Field(max_length=30)] = Field(description="Digits; names the bill for ever.")
    kind: DebtKind
    service: Annotated[str, Field(max_length=80)] = Field(description="The service by which it can be paid.")
    resident: UUID
    amount: Annotated[int, Field(ge=1, le=10**12)] = Field(description="Whole won.")
    due: date = Field(description="The last day for paying.")
    about: Annotated[str, Field(max_length=200)] = Field(description="What it is for, more closely, in Korean.")


class HandedOver(Schema):
    """Bills to be collected."""

    bills: Annotated[list[AssessedIn], Field(max_length=assessments.MOST_AT_ONCE)]


class TakenOver(Schema):
    """How many bills were new; the others were known."""

    new: int


@router.post("/assessments", response={201: TakenOver})
def hand_over(request: CityRequest, handed: HandedOver) -> Status[Mapping[str, int]]:
    """For departments: hand over bills for collection. A number that is known stays as it is; all of them or none."""
    told = [
        Assessed(one.number, one.kind, one.service, ResidentId(one.resident), Won(one.amount), one.due, one.about)
        for one in handed.bills
    ]
    return Status(201, {"new": assessments.raise_bills(request.actor, told, request.now)})


@router.post("/payments/notices/{provider}", response={204: None}, auth=OPEN)
def notice(request: CityRequest, provider: Annotated[str, Field(max_length=60)]) -> HttpResponse:
    """For payment providers: a signed notice that a payment was settled (`X-Notice-Signature`)."""
    facade.notice(provider, request.body, request.headers.get("X-Notice-Signature", ""), request.now)
    return HttpResponse(status=204)


def _out(request: CityRequest, bill: Bill) -> Mapping[str, object]:
    return {
        "id": bill.id, "case": bill.case, "cases": facade.cases_of_mine(request.actor, bill),
        "number": bill.number, "service": bill.what,
        "title": facade.what_for(bill).into(request.language), "amount": bill.amount.amount,
        "surcharge": bill.surcharge.amount, "about": bill.about, "due": bill.due,
        "standing": bill.standing, "made": bill.made, "paid": bill.paid, "receipt": bill.receipt,
    }
