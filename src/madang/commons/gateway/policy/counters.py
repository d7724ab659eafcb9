"""Exactly as many requests pass as a quota says, however many gateways and policy processes ask at once.

Requests that arrive while a question to PostgreSQL is under way are asked about together in the next one: under load
one question serves many, alone a request waits for one. Nothing is counted here, so nothing is lost with this process.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Final
from uuid import UUID

import psycopg

from madang.commons.gateway.contracts import Granted, Plan
from madang.commons.gateway.policy import ledger
from madang.commons.gateway.policy.ledger import Connection, Taken, Wish
from madang.kernel.clock import SEOUL

_AFTER_FAILURE_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 2.0
_LONG_AGO: Final = date(2000, 1, 1)


class NobodyCounts(ConnectionError):
    """PostgreSQL does not answer: a partner's request is refused rather than let through uncounted."""


@dataclass(slots=True)
class _Waiting:
    plan: Plan
    answers: list["asyncio.Future[Granted]"] = field(default_factory=list)


class Counters:
    """The one who asks PostgreSQL; ``now`` is the present moment in Seoul."""

    def __init__(self, database_url: str, now: Callable[[], datetime]) -> None:
        self._url = database_url
        self._now = now
        self._waiting: dict[UUID, _Waiting] = {}
        self._seen: dict[UUID, Taken] = {}
        self._wake = asyncio.Event()
        self.questions = 0

    def take(self, partner: UUID, plan: Plan) -> "asyncio.Future[Granted]":
        """Ask for one request of a partner; the answer is an error (NobodyCounts) when nobody can count."""
        answer: asyncio.Future[Granted] = asyncio.get_running_loop().create_future()
        refused = self._surely_refused(partner, plan)
        if refused is not None:
            answer.set_result(refused)
            return answer
        waiting = self._waiting.setdefault(partner, _Waiting(plan))
        waiting.plan = plan
        waiting.answers.append(answer)
        self._wake.set()
        return answer

    async def run(self) -> None:
        """Ask and answer for as long as the process lives; a database that comes and goes is waited for."""
        while True:
            try:
                async with await ledger.connect(self._url) as connection:
                    await self._serve(connection)
            except (psycopg.Error, OSError, TimeoutError):
                self._fail()
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                self._fail()

    async def _serve(self, connection: Connection) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._waiting = self._waiting, {}
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    taken = await ledger.take(connection, [self._wish(id_, one) for id_, one in batch.items()])
                self.questions += 1
                self._answer(batch, taken)
            finally:
                _refuse(batch)

    def _wish(self, partner: UUID, waiting: _Waiting) -> Wish:
        seen = self._seen.get(partner)
        plan = waiting.plan
        return Wish(
            partner, len(waiting.answers), plan.per_second, plan.per_day,
            seen.day if seen else _LONG_AGO, seen.day_used if seen else 0,
        )

    def _answer(self, batch: dict[UUID, _Waiting], taken: list[Taken]) -> None:
        for one in taken:
            self._seen[one.partner] = one
            waiting = batch.pop(one.partner)
            for place, answer in enumerate(waiting.answers, 1):
                if not answer.done():
                    ahead = max(one.granted - place, 0)
                    answer.set_result(self._granted(one, waiting.plan, ahead, passes=place <= one.granted))

    def _granted(self, one: Taken, plan: Plan, ahead: int, *, passes: bool) -> Granted:
        """What is left after this request: ``ahead`` others were granted after it in the same step."""
        left = (plan.per_second - one.second_used + ahead, plan.per_day - one.day_used + ahead)
        return Granted(passes, max(left[0], 0), max(left[1], 0), _until_midnight(self._now()))

    def _surely_refused(self, partner: UUID, plan: Plan) -> Granted | None:
        """What others use only adds to what we saw: a quota that was spent is spent until its time is over."""
        seen = self._seen.get(partner)
        if seen is None:
            return None
        now = self._now()
        day_spent = seen.day == now.date() and seen.day_used >= plan.per_day
        second_lasts = 0 <= seen.second - int(time.time()) <= 1  # more only when two clocks differ
        if day_spent or (second_lasts and seen.second_used >= plan.per_second):
            return self._granted(seen, plan, 0, passes=False)
        return None

    def _fail(self) -> None:
        batch, self._waiting = self._waiting, {}
        _refuse(batch)


def _refuse(batch: dict[UUID, _Waiting]) -> None:
    for waiting in batch.values():
        for answer in waiting.answers:
            if not answer.done():
                answer.set_exception(NobodyCounts())


def _until_midnight(now: datetime) -> int:
    midnight = datetime.combine(now.date() + timedelta(days=1), clock_time(), SEOUL)
    return int((midnight - now).total_seconds()) + 1
