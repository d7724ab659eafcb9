"""Emergency broadcasts: write, look at who would be reached, approve as another officer, see the report."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.commons.notify import facade
from madang.commons.notify.contracts import (
    LONGEST_BODY,
    LONGEST_TITLE,
    Broadcast,
    BroadcastDecided,
    BroadcastWrong,
    Draft,
    Report,
    SecondOfficerNeeded,
)
from madang.commons.notify.web import words
from madang.commons.notify.web.asked import Asked
from madang.kernel.languages import Language, Text


@never_cache
@require_http_methods(["GET", "POST"])
def listed(request: Asked) -> HttpResponse:
    """The last broadcasts, and the form for a new one."""
    mistake = ""
    if request.method == "POST":
        try:
            made = facade.write(request.actor, _draft(request), request.now)
        except (BroadcastWrong, ValueError):
            mistake = gettext(BroadcastWrong.message)
        else:
            return HttpResponseRedirect(f"/messages/broadcasts/{made.id}/")
    context = {
        "lines": [_line(one, request.language) for one in facade.newest_broadcasts(request.actor)],
        "districts": [(code, name.into(request.language)) for code, name in facade.district_names().items()],
        "chosen": request.POST.getlist("district"), "mistake": mistake, "longest_title": LONGEST_TITLE,
        "longest_body": LONGEST_BODY,
        "texts": [
            (one, request.POST.get(f"title.{one}", ""), request.POST.get(f"body.{one}", "")) for one in Language
        ],
    }
    return render(request, "notify/broadcasts.html", context, status=422 if mistake else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def one(request: Asked, broadcast: UUID) -> HttpResponse:
    """One broadcast with its audience; sent, the decision; afterwards, the report."""
    mistake = ""
    if request.method == "POST":
        decide = {"approve": facade.approve, "withdraw": facade.withdraw}.get(request.POST.get("decision", ""))
        try:
            if decide:
                decide(request.actor, broadcast, request.now)
                return HttpResponseRedirect(request.path)
        except (SecondOfficerNeeded, BroadcastDecided) as wrong:
            mistake = gettext(wrong.message)
    found = facade.broadcast_of(request.actor, broadcast)
    counted = facade.audience(request.actor, found.draft.districts)
    return render(request, "notify/broadcast.html", {
        **_line(found, request.language), "mistake": mistake,
        "texts": [
            (language.own_name, language.tag, found.draft.titles.into(language), found.draft.bodies.into(language))
            for language in Language if language in found.draft.titles.by_language
        ],
        "audience": [(words.CHANNELS[name], many) for name, many in counted.items() if name in words.CHANNELS],
        "people": counted["residents"], "report": _report(facade.report_of(request.actor, broadcast)),
    }, status=409 if mistake else 200)


def _line(found: Broadcast, language: Language) -> dict[str, Any]:
    names = facade.district_names()
    return {
        "broadcast": found, "title": found.draft.titles.into(language), "state": words.BROADCASTS[found.state],
        "where": [names[code].into(language) if code in names else code for code in found.draft.districts],
        "waits": found.state == "written",
    }


def _report(told: Report) -> list[tuple[Any, list[tuple[Any, int]]]]:
    return [
        (words.CHANNELS[channel], [(words.STATES[state], many) for state, many in sorted(states.items())])
        for channel, states in sorted(told.by_channel.items())
    ]


def _draft(request: Asked) -> Draft:
    """Raises ValueError without a Korean text."""

    def text(name: str) -> Text:
        given = {one: request.POST.get(f"{name}.{one}", "").strip() for one in Language}
        return Text({one: words_ for one, words_ in given.items() if words_})

    everywhere = "everywhere" in request.POST
    chosen = request.POST.getlist("district")
    if not everywhere and not chosen:
        raise BroadcastWrong(field="districts")
    return Draft(text("title"), text("body"), [] if everywhere else chosen)
