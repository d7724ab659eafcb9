"""The owner's page: how the services of one department go, from the platform's own records, with nothing of anybody."""

import csv
from typing import Any

from django.http import HttpResponse
from django.utils import formats
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.commons.gateway.pages import CityRequest, render
from madang.front_desk.portal import facade
from madang.front_desk.portal.contracts import Figures
from madang.front_desk.portal.web import words

_DANGEROUS = ("=", "+", "-", "@")


@never_cache
@require_safe
def services(request: CityRequest) -> HttpResponse:
    """Every service of the department, over the year."""
    owned = facade.owned_figures(request.actor, request.now)
    return render(request, "portal/owners.html", {
        "department": request.actor.department,
        "lines": [
            {"id": one.service.id, "name": one.service.name.into(request.language), **_counts(one)}
            for one in owned.lines
        ],
        "smallest": owned.smallest,
    })


@never_cache
@require_safe
def service(request: CityRequest, service_id: str) -> HttpResponse:
    """One service month by month, and where people stopped in its form."""
    own = facade.figures_of_service(request.actor, service_id, request.now)
    titles = {step.name: step.title.into(request.language) for step in own.service.steps}
    return render(request, "portal/owner.html", {
        "service_name": own.service.name.into(request.language),
        "service_id": own.service.id,
        "months": [
            {"month": formats.date_format(one.month, "YEAR_MONTH_FORMAT"), **_counts(one)}
            for one in own.months if one.month
        ],
        "pages": [
            (titles.get(name) or gettext("All answered, not sent"), _count(number)) for name, number in own.stopped
        ],
        "asks_stronger_sign_in": own.service.assurance > 1,
        "smallest": own.smallest,
    })


@never_cache
@require_safe
def table(request: CityRequest) -> HttpResponse:
    """The same as CSV, a line a service and month; a count too small to be told is empty."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="services.csv"'
    lines = csv.writer(answer)
    lines.writerow(["service", "name", "month", *_NAMES])
    for one in facade.owned_months(request.actor, request.now):
        name = one.service.name.into(request.language)
        month = f"{one.month:%Y-%m}" if one.month else ""
        lines.writerow([one.service.id, _harmless(name), month, *(_number(getattr(one, what)) for what in _NAMES)])
    return answer


_NAMES = ("begun", "sent", "done", "by_machine", "handed_over", "refused", "taken_back", "unpaid", "median_minutes")


def _counts(one: Figures) -> dict[str, Any]:
    said = {name: _count(getattr(one, name)) for name in _NAMES[:-1]}
    return said | {"median": words.minutes(one.median_minutes) if one.median_minutes is not None else "–"}


def _count(number: int | None) -> str:
    return "…" if number is None else formats.number_format(number)


def _number(figure: float | None) -> str:
    return "" if figure is None else f"{round(figure, 1):g}"


def _harmless(text: str) -> str:
    """A text that a spreadsheet does not take for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text
