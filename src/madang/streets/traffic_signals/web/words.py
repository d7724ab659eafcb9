"""The words in which pages say what the room's contracts say by keys."""

from django.utils.translation import gettext_lazy

from madang.kernel.languages import Language
from madang.records.places import facade as places
from madang.streets.traffic_signals.contracts import Turn
from madang.streets.traffic_signals.contracts.operation import How, Scope
from madang.streets.traffic_signals.contracts.plan import PlanState

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
FAULTS = {
    "silent": gettext_lazy("silent"),
    "stuck": gettext_lazy("stuck"),
    "absurd": gettext_lazy("absurd values"),
    "duplicated": gettext_lazy("reports twice"),
    "clock": gettext_lazy("clock is off"),
}


def area_names(language: Language) -> dict[str, str]:
    """The districts' names by the codes that intersections carry."""
    return {one.code: one.name.into(language) for one in places.districts()}
