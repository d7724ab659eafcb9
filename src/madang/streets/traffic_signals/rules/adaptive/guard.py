"""From a decision to the street: the change is shown for its time, and the safety rules' monitor has the last word."""

from madang.streets.traffic_signals.contracts import Intersection, Limits, StageId
from madang.streets.traffic_signals.rules.safety import Junction, Monitor, Shown


class Guard:
    """One intersection's lights, second by second. ``refused`` counts the wishes that the monitor stopped."""

    def __init__(self, intersection: Intersection, limits: Limits) -> None:
        self._junction = Junction(intersection, limits)
        self._monitor = Monitor(intersection, limits)
        self._since = 0.0
        self.shown = Shown(intersection.stages[0].id)
        self.refused = 0

    def show(self, second: float, wish: StageId) -> Shown:
        """What the street shows from ``second`` on, on the way to ``wish``. Call once a second."""
        wanted = self._wanted(second, wish)
        if self._monitor.next(second, wanted.stage, wanted.towards) is not None:
            self.refused += 1
            wanted = self._monitor.plain(second)
            self._monitor.next(second, wanted.stage, wanted.towards)
        if wanted != self.shown:
            self.shown, self._since = wanted, second
        return wanted

    def _wanted(self, second: float, wish: StageId) -> Shown:
        shown = self.shown
        if shown.towards is not None:
            done = second - self._since >= self._junction.change(shown.stage, shown.towards).seconds
            return Shown(shown.towards) if done else shown
        if wish == shown.stage:
            return shown
        return Shown(shown.stage, wish) if self._junction.change(shown.stage, wish).seconds > 0 else Shown(wish)
