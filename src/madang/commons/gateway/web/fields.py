"""Questions that the developers' and the officers' pages both ask."""

from collections.abc import Container
from dataclasses import dataclass

from django.utils.translation import gettext

from madang.commons.gateway import facade, problems
from madang.commons.gateway.pages import CityRequest, FormField
from madang.kernel.errors import CityError
from madang.kernel.manifest import Scope


@dataclass(frozen=True, slots=True)
class ScopeBox:
    """A scope that the city gives, to tick."""

    scope: Scope
    title: str
    is_chosen: bool


def scope_boxes(chosen: Container[str]) -> list[ScopeBox]:
    """Every scope that the city gives; those that everybody has need no box."""
    given = sorted((one for one in facade.current_rules().scopes if not one.is_open), key=lambda scope: scope.name)
    return [ScopeBox(one, gettext(one.title), one.name in chosen) for one in given]


def plan_field(
    request: CityRequest, chosen: str, wrong: str, *, also: str = "", name: str = "plan", every: bool = False
) -> FormField:
    """The plans that one may choose, with ``also``; or every plan."""
    plans = sorted(facade.current_rules().plans.values(), key=lambda plan: plan.per_day)
    offered = [one for one in plans if every or one.is_self_service or one.name == also]
    choices = [(one.name, one.title.into(request.language)) for one in offered]
    return FormField(name, gettext("Plan"), kind="choice", value=chosen, choices=choices, error=wrong)


def by_field(wrong: CityError) -> dict[str, str]:
    """What is wrong, by the field beside which it stands."""
    return {one["field"]: one["message"] for one in problems.by_field(wrong)}
