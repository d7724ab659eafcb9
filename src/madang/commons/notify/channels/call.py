"""A call by an agent, for people without a device: the queue is a table, and the agent says what came of it."""

from collections.abc import Iterator, Sequence

from madang.commons.notify.contracts import Carried, DeliveryState, Letter
from madang.commons.notify.store import calls
from madang.kernel import clock


class Call:
    """A task for the agents of the call centre."""

    name = "call"
    at_once = False
    batch = 500
    repeatable = True

    def carry(self, letters: Sequence[Letter]) -> Iterator[Carried]:
        """Put each into the queue once."""
        calls.add([(letter.id, letter.message.id, letter.address) for letter in letters], clock.now())
        for _ in letters:
            yield Carried(DeliveryState.SENT)
