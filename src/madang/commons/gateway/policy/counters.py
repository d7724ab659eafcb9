"""Exactly as many requests pass as a quota says, however many gateways and policy processes ask at once.

PostgreSQL counts. Far from a quota's end a process takes some units ahead with each question and decides in memory
until the second is over; then it gives back what it did not use. Near the end it asks for each request. Requests that
arrive while a question is under way are asked about together in the next one.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Final
from uuid import UUID

import psycopg

from madang.commons.gateway.contracts import Granted, Plan
from madang.commons.gateway.policy import ledger
from madang.commons.gateway.policy.ledger import Connection, Taken, Wish
from madang.commons.gateway.policy.purse import Purse
from madang.kernel.clock import SEOUL

_AFTER_FAILURE_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 2.0
_LONG_AGO: Final = date(2000, 1, 1)
_MOST_AHEAD: Final = 256
"""Units of one partner that one process holds at most."""
_SURELY_OVER_S: Final = 0.003
"""A second's end is known from a question under way, so a little early."""


class NobodyCounts(ConnectionError):
    """PostgreSQL does not answer: a partner's request is refused rather than let through uncounted."""


@dataclass(slots=True)
class _Waiting:
    plan: Plan
    answers: list["asyncio.Future[Granted]"] = field(default_factory=list)


@dataclass(slots=True)
class _Ahead:
    """Units taken ahead of need, good until the second ends (``until`` on the monotonic clock)."""

    taken: Taken
    plan: Plan
    until: float
    left: int
    slot: int


class Counters:
    """The one who asks PostgreSQL; ``now`` is the present moment in Seoul. Without a purse nothing is taken ahead."""

    def __init__(self, database_url: str, now: Callable[[], datetime], purse: Purse | None) -> None:
        self._url = database_url
        self._now = now
        self._purse = purse
        self._waiting: dict[UUID, _Waiting] = {}
        self._seen: dict[UUID, Taken] = {}
        self._ahead: dict[UUID, _Ahead] = {}
        self._back: dict[UUID, tuple[date, int]] = {}
        self._wake = asyncio.Event()
        self.questions = 0
        for partner, day, left in purse.leftovers() if purse else ():
            self._give_back(partner, day, left)

    def take(self, partner: UUID, plan: Plan) -> "Granted | asyncio.Future[Granted]":
        """Ask for one request of a partner; the answer is an error (NobodyCounts) when nobody can count."""
        held = self._ahead.get(partner)
        if held is not None and held.left and held.plan is plan and time.monotonic() < held.until:
            return self._from_ahead(held)
        refused = self._surely_refused(partner, plan)
        if refused is not None:
            return refused
        answer: asyncio.Future[Granted] = asyncio.get_running_loop().create_future()
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
            batch, self._waiting = self._waiting, {}
            wishes, plans = self._wishes(batch)
            try:
                if wishes:
                    asked = time.monotonic()
                    async with asyncio.timeout(_PATIENCE_SECONDS):
                        taken = await ledger.take(connection, wishes)
                    self.questions += 1
                    self._answer(batch, taken)
                    self._hold(taken, plans, asked)
            finally:
                _refuse(batch)
            await self._something_to_ask()

    async def _something_to_ask(self) -> None:
        """Wait for a request that must be counted, or for the end of a second in which something was taken ahead."""
        ends = min((held.until for held in self._ahead.values()), default=None)
        try:
            async with asyncio.timeout(None if ends is None else max(ends + _SURELY_OVER_S - time.monotonic(), 0.0)):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    def _wishes(self, batch: dict[UUID, _Waiting]) -> tuple[list[Wish], dict[UUID, Plan]]:
        """What to ask for: those who wait, those whose second is over, and what is to be given back."""
        now = time.monotonic()
        over = [id_ for id_, held in self._ahead.items() if held.until <= now or id_ in batch]
        plans = {id_: self._ahead[id_].plan for id_ in over if self._was_used(id_)}
        for partner in over:
            self._end(partner)
        plans |= {id_: waiting.plan for id_, waiting in batch.items()}
        wishes = [
            self._wish(id_, len(batch[id_].answers) if id_ in batch else 0, plans.get(id_))
            for id_ in {*plans, *self._back}
        ]
        self._back = {}
        return wishes, plans

    def _was_used(self, partner: UUID) -> bool:
        held = self._ahead[partner]
        return held.left < held.taken.ahead

    def _wish(self, partner: UUID, want: int, plan: Plan | None) -> Wish:
        seen = self._seen.get(partner)
        return Wish(
            partner, want, _MOST_AHEAD if plan and self._purse else 0,
            plan.per_second if plan else 0, plan.per_day if plan else 0,
            seen.day if seen else _LONG_AGO, seen.day_used if seen else 0, seen.day_back if seen else 0,
            *self._back.get(partner, (_LONG_AGO, 0)),
        )

    def _answer(self, batch: dict[UUID, _Waiting], taken: Iterable[Taken]) -> None:
        for one in taken:
            self._seen[one.partner] = one
            waiting = batch.pop(one.partner, None)
            for place, answer in enumerate(waiting.answers if waiting else (), 1):
                if waiting and not answer.done():
                    after = max(one.granted - place, 0) + one.ahead
                    answer.set_result(self._granted(one, waiting.plan, after, passes=place <= one.granted))

    def _hold(self, taken: Iterable[Taken], plans: dict[UUID, Plan], asked: float) -> None:
        for one in taken:
            if not one.ahead or self._purse is None:
                continue
            slot = self._purse.take_slot(one.partner, one.day, one.ahead)
            if slot is None:
                self._give_back(one.partner, one.day, one.ahead)
            else:
                until = asked + one.second_lasts
                self._ahead[one.partner] = _Ahead(one, plans[one.partner], until, one.ahead, slot)
                self._serve_those_who_came_meanwhile(one.partner)

    def _serve_those_who_came_meanwhile(self, partner: UUID) -> None:
        held, waiting = self._ahead[partner], self._waiting.get(partner)
        if waiting is None or held.plan is not waiting.plan:
            return
        while waiting.answers and held.left:
            answer = waiting.answers.pop(0)
            if not answer.done():
                answer.set_result(self._from_ahead(held))
        if not waiting.answers:
            del self._waiting[partner]

    def _from_ahead(self, held: _Ahead) -> Granted:
        held.left -= 1
        if self._purse:
            self._purse.set(held.slot, held.left)
        return self._granted(held.taken, held.plan, held.left, passes=True)

    def _end(self, partner: UUID) -> None:
        held = self._ahead.pop(partner)
        if self._purse:
            self._purse.free(held.slot)
        if held.left:
            self._give_back(partner, held.taken.day, held.left)

    def _give_back(self, partner: UUID, day: date, left: int) -> None:
        before, more = self._back.get(partner, (day, 0))
        self._back[partner] = (day, left + more) if day == before else max((day, left), (before, more))

    def _granted(self, one: Taken, plan: Plan, after: int, *, passes: bool) -> Granted:
        """What is left after this request: ``after`` units were taken in the same step and not used before it."""
        left = (plan.per_second - one.second_used + after, plan.per_day - one.day_used + one.day_back + after)
        return Granted(passes, max(left[0], 0), max(left[1], 0), _until_midnight(self._now()))

    def _surely_refused(self, partner: UUID, plan: Plan) -> Granted | None:
        """What was seen to be spent is refused for as long as the second lasts; then others may have given back."""
        seen = self._seen.get(partner)
        if seen is None or not 0 <= seen.second - int(time.time()) <= 1:  # more only when two clocks differ
            return None
        day_spent = seen.day_used - seen.day_back >= plan.per_day
        if day_spent or seen.second_used >= plan.per_second:
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
