"""My documents and my bills."""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.commons.gateway.pages import CityRequest, render
from madang.front_desk.portal.web import words
from madang.services.certificates import facade as certificates
from madang.services.payments import facade as payments
from madang.services.payments.contracts import BillStanding


@never_cache
@require_safe
def documents(request: CityRequest) -> HttpResponse:
    """The documents that the city signed for this resident, newest first."""
    return render(request, "portal/my_documents.html", {
        "tab": "documents",
        "lines": [
            {"document": one, "name": certificates.title(one.kind).into(request.language)}
            for one in certificates.mine(request.actor)
        ],
        "now": request.now,
    })


@never_cache
@require_safe
def bills(request: CityRequest) -> HttpResponse:
    """What is to be paid, and what was, newest first; each is paid on its own page."""
    return render(request, "portal/my_bills.html", {
        "tab": "bills", "today": request.now.date(),
        "lines": [
            {
                "bill": bill,
                "name": payments.what_for(bill).into(request.language),
                "standing": words.BILLS[bill.standing],
                "is_due": bill.standing is BillStanding.DUE,
            }
            for bill in payments.bills(request.actor)
        ],
    })
