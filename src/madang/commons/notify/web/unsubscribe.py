"""One click ends what may be ended (RFC 8058, 2017): mail programs post here; a person sees a button first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from madang.commons.notify import facade
from madang.commons.notify.web.asked import Asked


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def unsubscribe(request: Asked, token: str) -> HttpResponse:
    """The signed address is the proof: nobody signs in to be left alone."""
    title = facade.unsubscribed_topic(token)
    if request.method == "POST" and title:
        facade.unsubscribe(token, request.now)
    context = {
        "title": title.into(request.language) if title else "", "done": request.method == "POST",
    }
    return render(request, "notify/unsubscribe.html", context, status=200 if title else 404)
