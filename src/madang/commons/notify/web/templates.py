"""What each message looks like on each channel in each language, for the people who own the services."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from madang.commons.notify import facade
from madang.commons.notify.web import words
from madang.commons.notify.web.asked import Asked


@never_cache
@require_GET
def listed(request: Asked) -> HttpResponse:
    """Every template with its topic."""
    return render(request, "notify/templates.html", {
        "lines": [(name, title.into(request.language)) for name, title in facade.templates_by_topic(request.actor)],
    })


@never_cache
@require_GET
def one(request: Asked, name: str) -> HttpResponse:
    """One template: each language, each channel, with example facts."""
    shown = facade.preview(request.actor, name)
    lines: list[dict[str, Any]] = [
        {"look": look, "tag": look.language.tag, "language": look.language.own_name, "channel": words.CHANNELS["sms"]}
        for look in shown
    ]
    return render(request, "notify/template.html", {"name": name, "looks": lines})


@never_cache
@require_GET
def letter(request: Asked, name: str, language: str) -> HttpResponse:
    """The template as a letter on paper, with an example address."""
    return HttpResponse(facade.preview_letter(request.actor, name, language), content_type="application/pdf")
