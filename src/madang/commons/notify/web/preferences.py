"""How the city reaches me: contact points, wishes and language; the same page lets an officer help somebody."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from madang.commons.notify import facade
from madang.commons.notify.contracts import Choice
from madang.commons.notify.web import words
from madang.commons.notify.web.asked import Asked
from madang.kernel.errors import CityError, Invalid, TooOften, Unavailable
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language

Act = Callable[[Asked, ResidentId | None], str]


@never_cache
@require_http_methods(["GET", "POST"])
def ways(request: Asked, resident: UUID | None = None) -> HttpResponse:
    """Show and change how somebody is reached: the resident themselves, or an officer for one without a device."""
    whom = ResidentId(resident) if resident else None
    if request.method != "POST":
        return _page(request, whom, {})
    act = _ACTS.get(request.POST.get("do", ""))
    if act is None:
        return _page(request, whom, {}, status=400)
    try:
        done = act(request, whom)
    except (Invalid, TooOften, Unavailable) as wrong:
        field = getattr(wrong, "field", "") or request.POST["do"]
        return _page(request, whom, {field: _said(wrong)}, status=422)
    return HttpResponseRedirect(f"{request.path}?done={done}")


@require_GET
def service_worker(request: Asked) -> HttpResponse:  # noqa: ARG001 -- a view's signature
    """The script that shows notifications; it lies above the pages so that it may serve all of them."""
    answer = HttpResponse(facade.service_worker(), content_type="text/javascript; charset=utf-8")
    answer["Service-Worker-Allowed"] = "/"
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


def _page(request: Asked, whom: ResidentId | None, wrong: Mapping[str, str], status: int = 200) -> HttpResponse:
    found = facade.ways_of(request.actor, whom)
    return render(request, "notify/ways.html", {
        "ways": found, "wrong": wrong, "typed": request.POST, "done": request.GET.get("done", "")[:20], "whom": whom,
        "contacts": [{"contact": one, "channel": words.CHANNELS[one.channel]} for one in found.contacts],
        "topics": _topics(found.choices, request.language),
        "languages": [(one.value, one.own_name) for one in Language],
        "written_in": found.reach.language.value if found.reach.language else "",
        "public_key": facade.push_public_key(),
        "code_sent": request.GET.get("done") == "code_sent" or "code" in wrong,
    }, status=status)


def _topics(choices: Sequence[Choice], language: Language) -> list[dict[str, Any]]:
    titles = facade.topic_titles()
    return [
        {
            "title": title.into(language),
            "choices": [
                {"choice": one, "name": f"{one.topic}.{one.channel}", "channel": words.CHANNELS[one.channel]}
                for one in choices if one.topic == name
            ],
        }
        for name, title in titles.items()
    ]


def _choose(request: Asked, whom: ResidentId | None) -> str:
    open_ones = [one for one in facade.ways_of(request.actor, whom).choices if not one.fixed]
    wanted = {(one.topic, one.channel): f"{one.topic}.{one.channel}" in request.POST for one in open_ones}
    facade.choose(request.actor, wanted, request.now, whom)
    return "chosen"


def _phone(request: Asked, whom: ResidentId | None) -> str:
    typed = request.POST.get("phone", "")
    if whom is None:
        facade.send_code(request.actor, typed, request.now)
        return "code_sent"
    facade.add_phone_for(request.actor, whom, typed, request.now, mobile="landline" not in request.POST)
    return "added"


def _code(request: Asked, whom: ResidentId | None) -> str:  # noqa: ARG001 -- every act's signature
    facade.confirm_code(request.actor, request.POST.get("code", ""), request.now)
    return "added"


def _postal(request: Asked, whom: ResidentId | None) -> str:
    facade.add_postal(request.actor, request.POST.get("name", ""), request.POST.get("address", ""), request.now, whom)
    return "added"


def _subscription(request: Asked, whom: ResidentId | None) -> str:  # noqa: ARG001 -- as above
    facade.add_subscription(request.actor, request.POST.get("subscription", ""), request.now)
    return "added"


def _drop(request: Asked, whom: ResidentId | None) -> str:
    try:
        facade.drop(request.actor, UUID(request.POST.get("contact", "")), whom)
    except ValueError:
        return ""
    return "dropped"


def _language(request: Asked, whom: ResidentId | None) -> str:
    given = request.POST.get("written_in", "")
    facade.set_language(request.actor, Language(given) if given in set(Language) else None, request.now, whom)
    return "chosen"


def _device(request: Asked, whom: ResidentId | None) -> str:
    if whom is not None:
        facade.set_without_device(request.actor, whom, request.now, without="without_device" in request.POST)
    return "chosen"


def _said(wrong: CityError) -> str:
    return gettext(wrong.message).format(**wrong.data)


_ACTS: Final[Mapping[str, Act]] = {
    "choose": _choose, "phone": _phone, "code": _code, "postal": _postal, "subscription": _subscription,
    "drop": _drop, "language": _language, "device": _device,
}
