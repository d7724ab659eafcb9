"""My documents."""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.commons.gateway.pages import CityRequest, render
from madang.services.certificates import facade as certificates


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
