"""How a room's ``web.py`` speaks: the request as the edge hands it in, and a page in the house's look."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as django_render

from madang.commons.gateway.form_fields import FormField
from madang.commons.gateway.look import switched
from madang.kernel.actors import Actor
from madang.kernel.languages import Language

__all__ = ["CityRequest", "FormField", "render", "switched"]


class CityRequest(HttpRequest):
    """A request after the edge has seen to it: who asks, when (aware, in Seoul), in which language, under which id."""

    actor: Actor
    now: datetime
    language: Language
    trace: str


def render(
    request: CityRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page from a template that extends ``city/base.html``."""
    return django_render(request, template, context or {}, status=status)
