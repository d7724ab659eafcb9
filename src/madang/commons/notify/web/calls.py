"""The agents' queue: take the next person to be called, read what is to be said, say what came of it."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.commons.notify import facade
from madang.commons.notify.contracts import CallOutcome, CallSettled
from madang.commons.notify.web.asked import Asked


@never_cache
@require_http_methods(["GET", "POST"])
def queue(request: Asked) -> HttpResponse:
    """Who waits; sent, the next one is this agent's."""
    if request.method == "POST":
        taken = facade.take_call(request.actor, request.now)
        return render(request, "notify/calls.html", {"call": taken, "nobody": taken is None, "outcomes": True})
    waiting = facade.waiting_calls(request.actor, request.now)
    return render(request, "notify/calls.html", {"waiting": len(waiting), "settled": "settled" in request.GET})


@never_cache
@require_http_methods(["POST"])
def settle(request: Asked, call: UUID) -> HttpResponse:
    """What came of a call."""
    given = request.POST.get("outcome", "")
    if given not in set(CallOutcome):
        return HttpResponseRedirect("/messages/calls/")
    try:
        facade.settle_call(request.actor, call, CallOutcome(given), request.now)
    except CallSettled as wrong:
        return render(request, "notify/calls.html", {"mistake": gettext(wrong.message), "waiting": 0}, status=409)
    return HttpResponseRedirect("/messages/calls/?settled")
