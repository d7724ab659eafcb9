"""The demonstration's residents in the registers, which are asked directly unless a test cuts one."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace

import pytest
from django.test import Client

from madang.commons.gateway import callers
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId
from madang.records.registers import facade as registers
from madang.records.registers.contracts import Register, RegisterUnavailable
from madang.records.registers.facade import population


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
