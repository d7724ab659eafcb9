"""Asking a register with patience: total time, asking again, and a breaker, around any adapter."""

import logging
import random
import threading
import time
from collections.abc import Callable, Collection
from functools import cache

from django.conf import settings

from madang.commons.db.transactions import transaction
from madang.kernel import clock
from madang.kernel.ids import ResidentId
from madang.records.registers.contracts import (
    Entry,
    Line,
    LineState,
    NoAnswer,
    Patience,
    Register,
    RegisterAdapter,
    RegisterUnavailable,
)
from madang.records.registers.rules import breaker as breakers
from madang.records.registers.rules import patience as rules
from madang.records.registers.rules.breaker import Breaker
from madang.records.registers.store import lines as store
from madang.records.registers.store import profile
from madang.records.registers.store.entries import Direct
from madang.records.registers.store.outside import Outside

_log = logging.getLogger(__name__)


class PatientLine:
    """The one line of this process to a register. Threads share it, and with it what they find out."""

    def __init__(
        self, register: Register, patience: Patience, adapter: RegisterAdapter, tell: Callable[[Line], None]
    ) -> None:
        self._register = register
        self._patience = patience
        self._adapter = adapter
        self._tell = tell
        self._lock = threading.Lock()
        self._breaker = Breaker()
        self._answers = False
        """Whether this process told that it does: what an earlier one told may be out of date."""

    def fetch(self, resident: ResidentId, fields: Collection[str]) -> Entry | None:
        """The entry, or None when there is none. Raises RegisterUnavailable."""
        if not self._admit():
            raise RegisterUnavailable(register=self._register)
        try:
            entry = self._ask_patiently(resident, fields)
        except NoAnswer as failure:
            _log.warning("register %s: %s", self._register, failure.why)
            self._move(lambda at, now: breakers.failed(at, self._patience, now), failure.why)
            raise RegisterUnavailable(register=self._register) from failure
        if not self._answers or self._breaker.failures:
            self._move(breakers.succeeded, "it answers")
        return entry

    def _ask_patiently(self, resident: ResidentId, fields: Collection[str]) -> Entry | None:
        began, attempt = time.monotonic(), 1
        while True:
            seconds = rules.time_for_attempt(time.monotonic() - began, self._patience)
            try:
                return self._adapter.fetch(self._register, resident, fields, seconds)
            except NoAnswer as failure:
                wait = rules.wait_before(attempt + 1, self._patience, random.random())  # noqa: S311 -- spreads callers, keeps no secret
                again = rules.may_ask_again(attempt, time.monotonic() - began, wait, self._patience)
                if not (failure.passing and again):
                    raise
            time.sleep(wait)
            attempt += 1

    def _admit(self) -> bool:
        if self._breaker.state is LineState.CLOSED:
            return True
        admitted = False

        def step(breaker: Breaker, now: float) -> Breaker:
            nonlocal admitted
            admitted, after = breakers.admit(breaker, self._patience, now)
            return after

        self._move(step, "a probe is under way")
        return admitted

    def _move(self, step: Callable[[Breaker, float], Breaker], why: str) -> None:
        with self._lock:
            before, self._breaker = self._breaker, step(self._breaker, time.monotonic())
            after = self._breaker
            told, self._answers = self._answers, after == Breaker(since=after.since)
        if after.state is not before.state:
            _log.warning("register %s: %s, so its breaker is %s", self._register, why, after.state)
        if after.state is not before.state or (self._answers and not told):
            self._tell(Line(self._register, after.state, clock.now(), why))


def line_to(register: Register) -> PatientLine:
    """The line of this process to the register, by the settings and the profile."""
    return _lines(settings.MADANG_REGISTERS, settings.MADANG_OUTSIDE_URL)[register]


@cache
def _lines(kind: str, url: str) -> dict[Register, PatientLine]:
    adapter: RegisterAdapter = Outside(url) if kind == "http" else Direct()
    registers = profile.registers().values()
    return {info.id: PatientLine(info.id, info.patience, adapter, _tell) for info in registers}


def _tell(line: Line) -> None:
    with transaction():
        store.note(line, line.since or clock.now())
