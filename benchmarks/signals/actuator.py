"""The one hand that switches lights in the simulator, whoever decides; it keeps minimum greens and intergreens."""

from madang.streets.traffic_signals.contracts import Intersection, Limits, StageId
from madang.streets.traffic_signals.rules.adaptive import Guard
from madang.streets.traffic_signals.rules.safety import Junction, Light, Shown

LIMITS = Limits(
    min_green=5.0, max_red=240.0, min_cycle=30, max_cycle=180, min_yellow=3.0, min_all_red=0.0, walking_speed=1.0,
    walk_start=4.0,
)
"""What the published networks themselves keep (minDur 5, yellow 3, no all-red), so that peers and ours are alike."""
_LETTER = {Light.GREEN: "G", Light.YIELDING: "g", Light.YELLOW: "y", Light.RED: "r"}


class Plain:
    """Minimum green and intergreens alone, for the peers, which the safety rules do not watch."""

    refused = 0

    def __init__(self, intersection: Intersection, limits: Limits) -> None:
        self._junction = Junction(intersection, limits)
        self._limits = limits
        self._since = 0.0
        self.shown = Shown(intersection.stages[0].id)

    def show(self, second: float, wish: StageId) -> Shown:
        """What is shown from ``second`` on, on the way to ``wish``."""
        shown, elapsed = self.shown, second - self._since
        if shown.towards is not None:
            done = elapsed >= self._junction.change(shown.stage, shown.towards).seconds
            self.shown = Shown(shown.towards) if done else shown
        elif wish != shown.stage and elapsed >= self._limits.min_green:
            change = self._junction.change(shown.stage, wish).seconds
            self.shown = Shown(shown.stage, wish) if change > 0 else Shown(wish)
        if self.shown != shown:
            self._since = second
        return self.shown


class Actuator:
    """One controller's lights as SUMO's letters. ``guarded``: every second also passes the safety rules' monitor."""

    def __init__(self, intersection: Intersection, limits: Limits = LIMITS, *, guarded: bool) -> None:
        self._hand = Guard(intersection, limits) if guarded else Plain(intersection, limits)
        self._junction = Junction(intersection, limits)
        self._heads = {str(each.id): each.heads for each in (*intersection.movements, *intersection.crossings)}
        self._count = intersection.heads
        self._since = 0.0
        self._letters: dict[tuple[Shown, float], str] = {}

    @property
    def shown(self) -> Shown:
        """What the street shows now."""
        return self._hand.shown

    @property
    def refused(self) -> int:
        """How many wishes the monitor did not let through."""
        return self._hand.refused

    def show(self, second: float, wish: StageId) -> str:
        """The letters of all heads from ``second`` on, on the way to ``wish``."""
        before = self._hand.shown
        if self._hand.show(second, wish) != before:
            self._since = second
        return self._state(second - self._since if self.shown.towards is not None else 0.0)

    def _state(self, elapsed: float) -> str:
        key = (self.shown, elapsed)
        if key not in self._letters:
            letters = ["r"] * self._count
            for user, light in self._junction.lights(self.shown.stage, self.shown.towards, elapsed).items():
                for head in self._heads[user]:
                    letters[head] = _LETTER[light]
            self._letters[key] = "".join(letters)
        return self._letters[key]
