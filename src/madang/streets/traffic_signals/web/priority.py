"""Who asked to go first, what they were given, and why."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from madang.commons.gateway.pages import CityRequest, render
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts.priority import PriorityRecord
from madang.streets.traffic_signals.web import words
from madang.streets.traffic_signals.web.sentences import each_said


@never_cache
@require_GET
def priorities(request: CityRequest) -> HttpResponse:
    """The last vehicles that asked, anywhere."""
    found = facade.priorities(request.actor)
    return render(request, "traffic_signals/priorities.html", {"lines": lines(found), "anywhere": True})


def lines(found: Sequence[PriorityRecord]) -> list[dict[str, Any]]:
    """Each answer in words."""
    return [
        {"record": one, "answer": one.answer, "vehicle": words.VEHICLES[one.answer.approach.vehicle],
         "reasons": each_said(one.answer.reasons)} for one in found
    ]
