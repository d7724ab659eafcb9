"""From the outbox over a real NATS to handlers: nothing lost, nothing twice, dead letters seen and replayed."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import pytest
from django.db import connection, connections

from madang.commons.db.transactions import transaction
from madang.commons.events import dispatch, store
from madang.commons.events import facade as events
from madang.commons.events.bus import Bus
from madang.commons.events.contracts import on
from madang.commons.events.relay import relay
from madang.kernel import clock
from madang.kernel.events import Event
from madang.kernel.manifest import Subscription
from tests.servers import Nats, nats_server


@dataclass(frozen=True, slots=True)
class BellRung(Event):
    topic = "tests.bell_rung"
    bell: int


@pytest.fixture
def nats(tmp_path) -> Iterator[Nats]:
    with nats_server(tmp_path / "nats") as server:
        yield server


class Running:
    """The stream process's duties, on a thread of the test."""

    def __init__(self, url: str, database_url: str, *subscriptions: Subscription) -> None:
        self._what = (url, database_url, subscriptions)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._run()))

    async def _run(self) -> None:
        url, database_url, subscriptions = self._what
        bus = await Bus.connect(url)
        with ThreadPoolExecutor(4) as threads:
            dispatcher = dispatch.Dispatcher(bus, threads)
            duties = [relay(bus, database_url, self._stop), *(dispatcher.serve(s, self._stop) for s in subscriptions)]
            await asyncio.gather(*duties)
            everyone = threading.Barrier(4)
            for _ in range(4):
                threads.submit(lambda: (everyone.wait(5), connections.close_all()))
        await bus.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=20)


def _test_database_url() -> str:
    told = connection.settings_dict
    return f"postgresql://{told['USER']}:{told['PASSWORD']}@{told['HOST']}:{told['PORT']}/{told['NAME']}"


def _until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to be in time"
        time.sleep(0.05)


def _ring(bells: range) -> None:
    for bell in bells:
        with transaction():
            events.emit(BellRung(bell))


def test_every_event_is_handled_once_while_the_bus_is_killed_in_between(nats, transactional_db):
    heard: Counter[int] = Counter()

    @on(BellRung)
    def hear(event: BellRung, now: datetime) -> None:
        heard[event.bell] += 1

    with Running(nats.url, _test_database_url(), hear):
        _ring(range(50))
        nats.kill()
        _ring(range(50, 100))
        nats.start_again()
        _until(lambda: len(heard) == 100)
        _until(lambda: store.count_waiting() == 0)
    assert set(heard.values()) == {1}


def test_an_event_published_twice_is_handled_once(nats, transactional_db):
    heard: list[int] = []

    @on(BellRung)
    def hear(event: BellRung, now: datetime) -> None:
        heard.append(event.bell)

    _ring(range(1))
    with transaction():
        [envelope] = store.lock_waiting(1)

    async def publish_twice() -> None:
        bus = await Bus.connect(nats.url)
        await bus.publish([envelope])
        await bus.publish([envelope])
        assert await bus.last_sequence() == 1
        await bus.close()

    asyncio.run(publish_twice())
    with Running(nats.url, _test_database_url(), hear):
        _until(lambda: heard == [0])
        _until(lambda: store.count_waiting() == 0)
    assert heard == [0]


def test_a_handler_that_always_fails_leaves_a_dead_letter_that_can_be_replayed(nats, transactional_db, monkeypatch):
    monkeypatch.setattr(dispatch, "_WAITS", (0.05, 0.05))
    mended = threading.Event()
    heard: list[int] = []

    @on(BellRung)
    def hear(event: BellRung, now: datetime) -> None:
        if not mended.is_set():
            raise OSError("rope is torn")
        heard.append(event.bell)

    with Running(nats.url, _test_database_url(), hear):
        _ring(range(1))
        _until(lambda: bool(events.dead_letters()))
    [letter] = events.dead_letters()
    assert (letter.attempts, letter.topic) == (3, "tests.bell_rung")
    assert "rope is torn" in letter.error
    with pytest.raises(OSError, match="rope"):
        events.replay(letter.id, [hear], clock.now())
    mended.set()
    events.replay(letter.id, [hear], clock.now())
    assert heard == [0]
    assert events.dead_letters()[0].replayed is not None
