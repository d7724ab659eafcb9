"""Events are put down with what causes them, and handled once."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.commons.events import store, wire
from madang.commons.events.contracts import on
from madang.kernel import clock
from madang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class LampLit(Event):
    topic = "tests.lamp_lit"
    lamp: int


def test_an_event_outside_a_transaction_is_refused(transactional_db):
    with pytest.raises(RuntimeError, match="outside a transaction"):
        events.emit(LampLit(1))


def test_an_event_goes_with_its_transaction(transactional_db):
    with pytest.raises(ZeroDivisionError), transaction():
        events.emit(LampLit(1))
        1 / 0  # noqa: B018
    assert store.count_waiting() == 0
    with transaction():
        events.emit(LampLit(2))
    assert store.count_waiting() == 1


def test_a_handler_runs_once_for_an_event_and_again_after_it_failed(transactional_db):
    lit: list[int] = []

    @on(LampLit)
    def light(event: LampLit, now: datetime) -> None:
        lit.append(event.lamp)
        if len(lit) == 1:
            raise OSError("bulb")

    envelope = wire.pack(LampLit(7), clock.now())
    with pytest.raises(OSError, match="bulb"):
        events.handle(light, envelope, clock.now())
    assert events.handle(light, envelope, clock.now())
    assert not events.handle(light, envelope, clock.now())
    assert lit == [7, 7]
