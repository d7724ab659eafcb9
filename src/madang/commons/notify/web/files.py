"""Where the link to a file leads: who sent it, and a button; mail programs that look at links fetch nothing."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.commons.notify import facade
from madang.commons.notify.contracts.files import AddressDiffers, NoSuchFile
from madang.commons.notify.web.asked import Asked


@never_cache
@require_http_methods(["GET", "POST"])
def fetch(request: Asked, file: UUID, secret: str) -> HttpResponse:
    """The file, once its reader asked for it, and typed where it was sent to if the service wants that."""
    try:
        found = facade.sent_file(file, secret, request.now)
        if request.method == "GET":
            return render(request, "notify/file.html", {"file": found})
        found, content = facade.fetch_file(file, secret, request.POST.get("address", ""), request.now)
    except NoSuchFile as gone:
        return render(request, "notify/file.html", {"gone": gettext(gone.message)}, status=404)
    except AddressDiffers as differs:
        told = {"file": found, "differs": gettext(differs.message), "typed": request.POST.get("address", "")}
        return render(request, "notify/file.html", told, status=422)
    answer = HttpResponse(content, content_type=found.content_type)
    answer.headers["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename=found.name))
    return answer
