"""The demonstration's residents in the registers, which are asked directly unless a test cuts one."""

import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace

import a_bank
import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django import app

from madang.commons.events import facade as events
from madang.commons.events import store as outbox
from madang.commons.gateway import callers
from madang.entrypoints.rooms import rooms, subscriptions
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId
from madang.records.registers import facade as registers
from madang.records.registers.contracts import Register, RegisterUnavailable
from madang.records.registers.facade import population
from madang.services.payments.store import sandbox


@pytest.fixture
def residents(db) -> Mapping[str, ResidentId]:
    population.make(0)
    return {one.key: one.id for one in population.demo_residents()}


@pytest.fixture
def lasting_residents(transactional_db) -> Mapping[str, ResidentId]:
    """As ``residents``, for tests with threads and commits of their own."""
    population.make(0)
    return {one.key: one.id for one in population.demo_residents()}


class Known(Client):
    """A client that shows who it is with every request: there is no session behind its cookie that could last."""

    def __init__(self, cookie: str, key: str) -> None:
        super().__init__(raise_request_exception=False, headers={
            "Authorization": f"Bearer {key}", "Accept-Language": "en",
        })
        self._shown = (cookie, key)

    def request(self, **request: object) -> object:
        cookie, key = self._shown
        self.cookies[cookie] = key
        return super().request(**request)


@pytest.fixture
def at_the_door(monkeypatch, settings) -> Callable[[Actor], Client]:
    """A browser or programme of somebody's: pages know them by their cookie, the API by their token."""
    known: dict[str, Actor] = {}
    monkeypatch.setattr(callers, "identity", SimpleNamespace(
        actor_of_token=known.get, actor_of=lambda request: known[request.COOKIES[settings.SESSION_COOKIE_NAME]],
    ))

    def let_in(actor: Actor) -> Client:
        key = str(actor.account)
        known[key] = actor
        return Known(settings.SESSION_COOKIE_NAME, key)

    return let_in


@pytest.fixture
def cut(monkeypatch) -> Callable[..., None]:
    """Cut the lines to some registers; called without any, all of them answer again."""
    answer = registers.read

    def cut_lines(*silent: str) -> None:
        def read(actor, register, *asked):
            if register in silent:
                raise RegisterUnavailable(register=Register(register))
            return answer(actor, register, *asked)

        monkeypatch.setattr(registers, "read", read)

    return cut_lines


@pytest.fixture
def time_passes(residents) -> Callable[[], None]:
    """Carry news to whoever listens and do the work that it makes, until nothing is left to do."""
    rooms()

    def pass_time() -> None:
        while (waiting := outbox.lock_waiting(100)) + (work := _work()):
            for envelope in waiting:
                for subscription in subscriptions():
                    if subscription.event.topic == envelope.topic:
                        events.handle(subscription, envelope, clock.now())
            outbox.delete([envelope.id for envelope in waiting])
            for name, facts in work:
                app.tasks[name].func(**facts)

    return pass_time


def _work() -> list[tuple[str, dict[str, object]]]:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo' RETURNING task_name, args")
        taken = [(name, json.loads(facts) if isinstance(facts, str) else facts) for name, facts in cursor.fetchall()]
    return [(name, facts) for name, facts in taken if not name.startswith("notify.")]


@pytest.fixture
def bank(tmp_path, settings):
    settings.MADANG_INSTANCE = tmp_path
    sandbox.secret.cache_clear()
    running = a_bank.Bank(tmp_path)
    settings.MADANG_OUTSIDE_URL = running.url
    yield running
    running.stop()
    sandbox.secret.cache_clear()
