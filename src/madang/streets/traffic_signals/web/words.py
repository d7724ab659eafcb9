"""The words in which pages say what the room's contracts say by keys."""

from collections.abc import Sequence

from django.utils.translation import gettext, gettext_lazy

from madang.kernel.errors import CityError
from madang.kernel.languages import Language
from madang.records.places import facade as places
from madang.streets.traffic_signals.contracts import Breach, Turn
from madang.streets.traffic_signals.contracts.operation import How, NotOpen, PlanNotSafe, Scope
from madang.streets.traffic_signals.contracts.plan import PlanState
from madang.streets.traffic_signals.contracts.priority import Vehicle
from madang.streets.traffic_signals.web.sentences import Said, said

HOW = {
    How.FIXED: gettext_lazy("fixed plans"),
    How.APPROVED: gettext_lazy("approved by an engineer"),
    How.AUTOMATIC: gettext_lazy("rolled out automatically"),
    How.OVERRIDE: gettext_lazy("an engineer's own plan"),
    How.FALLBACK: gettext_lazy("fixed plans where data fail"),
    How.ROLLED_BACK: gettext_lazy("rolled back"),
}
STATES = {
    PlanState.PROPOSED: gettext_lazy("waits for a decision"),
    PlanState.APPROVED: gettext_lazy("approved"),
    PlanState.PUBLISHED: gettext_lazy("on the street"),
    PlanState.HELD: gettext_lazy("held"),
    PlanState.REFUSED: gettext_lazy("refused"),
    PlanState.ROLLED_BACK: gettext_lazy("rolled back"),
    PlanState.SUPERSEDED: gettext_lazy("superseded"),
}
SCOPES = {
    Scope.INTERSECTION: gettext_lazy("intersection"),
    Scope.CORRIDOR: gettext_lazy("corridor"),
    Scope.AREA: gettext_lazy("district"),
}
TURNS = {
    Turn.LEFT: gettext_lazy("left"),
    Turn.THROUGH: gettext_lazy("through"),
    Turn.RIGHT: gettext_lazy("right"),
    Turn.U_TURN: gettext_lazy("U-turn"),
}
VEHICLES = {
    Vehicle.BUS: gettext_lazy("bus"),
    Vehicle.TRAM: gettext_lazy("tram"),
    Vehicle.EMERGENCY: gettext_lazy("emergency vehicle"),
}
FAULTS = {
    "silent": gettext_lazy("silent"),
    "stuck": gettext_lazy("stuck"),
    "absurd": gettext_lazy("absurd values"),
    "duplicated": gettext_lazy("reports twice"),
    "clock": gettext_lazy("clock is off"),
}

CLAUSES = {
    "plan": gettext_lazy("the plan itself"),
    "unknown_stage": gettext_lazy("known stages"),
    "min_green": gettext_lazy("shortest green"),
    "offset": gettext_lazy("offset inside the cycle"),
    "sum": gettext_lazy("sum of the cycle"),
    "cycle": gettext_lazy("shortest and longest cycle"),
    "pedestrian_clearance": gettext_lazy("time for slow walkers"),
    "max_red": gettext_lazy("longest red"),
    "intergreen": gettext_lazy("time between greens"),
    "min_yellow": gettext_lazy("shortest yellow"),
    "network": gettext_lazy("the network's own data"),
    "conflict": gettext_lazy("who may not go together"),
}
"""What a limit is about; by the key under which the profile and the documents have it."""


def mistake(refused: CityError) -> str:
    """What was refused and why, in the language of the page."""
    facts = dict(refused.data)
    if isinstance(refused, PlanNotSafe):
        facts |= {"clause": CLAUSES.get(refused.clause, refused.clause), "what": said(refused.what).text}
    if isinstance(refused, NotOpen):
        facts |= {"state": STATES.get(PlanState(refused.state), refused.state)}
    return gettext(refused.message).format(**facts)


def breaches(found: Sequence[Breach]) -> list[tuple[Breach, str, Said]]:
    """Each breach with its clause and its sentence in words."""
    return [(one, str(CLAUSES.get(one.clause, one.clause)), said(one.what)) for one in found]


def area_names(language: Language) -> dict[str, str]:
    """The districts' names by the codes that intersections carry."""
    return {one.code: one.name.into(language) for one in places.districts()}
