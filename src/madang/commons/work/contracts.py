"""What durable work asks of a room: a name that stays, arguments that are facts, and how to wait after a failure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, ParamSpec

Arguments = ParamSpec("Arguments")


@dataclass(frozen=True, slots=True)
class Retry:
    """How long to wait after each failure, in seconds; the last wait repeats. ``attempts`` None means for ever."""

    waits: tuple[int, ...] = (1, 2, 5, 15, 60, 300)
    attempts: int | None = 20

    def wait_after(self, failures: int) -> int | None:
        """Seconds until the next try after so many failures, or None when there is none."""
        if self.attempts is not None and failures >= self.attempts:
            return None
        return self.waits[min(failures - 1, len(self.waits) - 1)]


@dataclass(frozen=True, slots=True)
class Task(Generic[Arguments]):
    """A piece of work. It may run twice when a worker dies in it: it asks the state of things before it acts."""

    name: str
    run: Callable[Arguments, None]
    put_down: Callable[[str, dict[str, object], int | None], None]

    def defer(self, *args: Arguments.args, **facts: Arguments.kwargs) -> None:
        """Put the work down in the open transaction; a worker takes it once that is kept."""
        self.defer_in(0, *args, **facts)

    def defer_in(self, seconds: int, *args: Arguments.args, **facts: Arguments.kwargs) -> None:
        """As ``defer``, to be taken no sooner than ``seconds`` from now."""
        if args:
            message = f"{self.name}: give its facts by name"
            raise TypeError(message)
        self.put_down(self.name, dict(facts), seconds or None)
