"""Payments' pages: a bill, the way back from the provider, a receipt. Paying needs no JavaScript."""

from uuid import UUID, uuid4

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from madang.commons.gateway.pages import CityRequest, render
from madang.services.payments import facade
from madang.services.payments.contracts import Bill, BillId, BillStanding, PaymentStanding, ProviderUnavailable
from madang.services.payments.facade import arrears


@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: CityRequest, bill: UUID) -> HttpResponse:
    """What for and how much, and the button that leads to the provider."""
    if request.method == "POST":
        return _begin(request, BillId(bill))
    return _shown(request, facade.bill(request.actor, BillId(bill)))


@require_safe
def back(request: CityRequest, bill: UUID) -> HttpResponse:
    """Where the provider sends the resident: ask it, then go on."""
    checked = facade.check(request.actor, BillId(bill), request.now)
    if checked.standing is BillStanding.PAID:
        return HttpResponseRedirect(_own_path(request.GET.get("back", "")) or f"/pay/{bill}/receipt")
    return _shown(request, checked, came_back=True)


@require_safe
def receipt(request: CityRequest, bill: UUID) -> HttpResponse:
    """That it was paid, to keep or to print."""
    paid = facade.bill(request.actor, BillId(bill))
    if not paid.receipt:
        return HttpResponseRedirect(f"/pay/{bill}")
    return render(request, "payments/receipt.html", {"bill": paid, "service": facade.what_for(paid)})


def _begin(request: CityRequest, bill: BillId) -> HttpResponse:
    if facade.bill(request.actor, bill).standing is not BillStanding.DUE:
        return HttpResponseRedirect(f"/pay/{bill}")
    going_back = _own_path(request.POST.get("back", "")) or f"/pay/{bill}/receipt"
    try:
        checkout = facade.pay(request.actor, bill, going_back, _attempt(request), request.now)
    except ProviderUnavailable:
        return _shown(request, facade.bill(request.actor, bill), is_silent=True, status=503)
    return HttpResponseRedirect(checkout.url)


def _attempt(request: CityRequest) -> UUID:
    try:
        return UUID(request.POST.get("attempt", ""))
    except ValueError:  # a form that somebody else made: an attempt of its own
        return uuid4()


def _own_path(given: str) -> str:
    is_safe = given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return given if is_safe else ""


def _shown(
    request: CityRequest, bill: Bill, *, came_back: bool = False, is_silent: bool = False, status: int = 200
) -> HttpResponse:
    attempts = facade.payments(request.actor, bill.id)
    last = attempts[0].standing if attempts else None
    return render(request, "payments/bill.html", {
        "bill": bill, "service": facade.what_for(bill), "attempt": uuid4(), "is_silent": is_silent,
        "is_late": bill.due is not None and bill.due < request.now.date(), "law": arrears.source_of(bill),
        "is_due": bill.standing is BillStanding.DUE, "is_paid": bill.standing is BillStanding.PAID,
        "is_refunded": bill.standing is BillStanding.REFUNDED,
        "is_declined": came_back and last is PaymentStanding.DECLINED,
        "is_open": came_back and last in {PaymentStanding.OPEN, PaymentStanding.BEGINNING},
    }, status=status)


urls = [
    path("pay/<uuid:bill>", pay),
    path("pay/return/<uuid:bill>", back),
    path("pay/<uuid:bill>/receipt", receipt),
]
"""Paths from the city's root."""
