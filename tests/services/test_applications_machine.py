"""Whatever happens to a case, in any order: who decided, and how the city's time ran over the Korean calendar."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time, timedelta

import a_service
import holidays
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from madang.kernel.actors import Actor, ActorKind
from madang.kernel.clock import SEOUL
from madang.kernel.errors import CityError
from madang.kernel.ids import AccountId, ResidentId, new_id
from madang.kernel.languages import Language
from madang.kernel.money import Won
from madang.services.applications.contracts import Case, CaseId, Reason, Standing
from madang.services.applications.contracts.further import Allowed, Appeal, Ask, AskKind
from madang.services.applications.rules import appeals, asking, deadlines, moves, targets

CALENDAR = frozenset(holidays.country_holidays("KR", years=range(2024, 2030)))
HOURS = deadlines.OfficeHours(time(9), time(18), CALENDAR)
ALLOWED = Allowed(14, 60, 10, 3, 60, 10, (50, 80, 100))
SERVICE = a_service.service()
RESIDENT = Actor(ActorKind.RESIDENT, "resident", AccountId(new_id()))
MACHINE = Actor.system("document_review")
OFFICERS = [Actor(ActorKind.OFFICER, f"officer {turn}", AccountId(new_id())) for turn in range(3)]
ANYBODY = st.sampled_from([RESIDENT, MACHINE, *OFFICERS])
REASON = [Reason("officer", "이유가 있습니다.")]
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31)).map(lambda naive: naive.replace(tzinfo=SEOUL))  # noqa: DTZ001 -- hypothesis takes naive bounds; the zone is set at once


class CaseMachine(RuleBasedStateMachine):
    """One case, pushed about by a resident, machines and officers, as time goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 9, 21, 10, tzinfo=SEOUL)  # before Chuseok and its substitutes
        draft = Case(
            id=CaseId(new_id()), number="2026-2222-2222", service=SERVICE.id, resident=ResidentId(new_id()),
            language=Language.KO, standing=Standing.DRAFT, answers={}, fee=Won(0), begun=self.now, submitted=None,
            due=None, decided=None, reasons=(), document=None, history=(),
        )
        self.case = moves.submitted(draft, RESIDENT, self.now, deadlines.due(self.now, 10, HOURS))
        self.promised = deadlines.office_time(self.now, self.case.due, HOURS)
        self.ran = timedelta(0)
        self.refusers: list[Actor] = []

    def keep(self, after: Case, actor: Actor) -> None:
        if after.standing is Standing.REFUSED and self.case.standing is not Standing.REFUSED:
            self.refusers.append(actor)
        self.case = after

    @rule(minutes=st.integers(1, 60 * 24 * 20))
    def time_goes_on(self, minutes):
        then = self.now + timedelta(minutes=minutes)
        if self.case.paused is None:
            self.ran += deadlines.office_time(self.now, then, HOURS)
        self.now = then

    @rule(actor=ANYBODY)
    def hand_over(self, actor):
        with suppress(CityError):
            self.keep(moves.moved(self.case, Standing.WITH_OFFICER, actor, self.now), actor)

    @rule(actor=ANYBODY, automatic=st.booleans())
    def approve(self, actor, automatic):
        with suppress(CityError):
            self.keep(moves.approved(self.case, actor, self.now, REASON, automatic=automatic), actor)

    @rule(actor=ANYBODY)
    def refuse(self, actor):
        with suppress(CityError):
            self.keep(moves.refused(self.case, actor, self.now, REASON), actor)

    @rule(actor=ANYBODY, days=st.integers(0, 70))
    def ask(self, actor, days):
        with suppress(CityError):
            until = asking.last_day(self.now, days, ALLOWED, HOURS)
            ask = Ask(new_id(), AskKind.WORDS, "무엇", self.now, actor.name, until)
            self.keep(asking.asked(self.case, ask, actor, self.now), actor)

    @rule()
    def answer(self):
        with suppress(CityError):
            self.keep(asking.answered(self.case, "답", RESIDENT, self.now, HOURS), RESIDENT)

    @precondition(lambda self: self.case.open_ask is not None and self.now > self.case.open_ask.until)
    @rule()
    def nothing_came(self):
        with suppress(CityError):
            self.keep(asking.overdue(self.case, MACHINE, self.now, ALLOWED, HOURS), MACHINE)

    @rule()
    def appeal(self):
        refused = self.case.standing is Standing.REFUSED
        with suppress(CityError):
            made = Appeal(new_id(), "다시", self.now, self.now, refused)
            self.keep(appeals.appealed(self.case, made, RESIDENT, ALLOWED, HOURS), RESIDENT)

    @rule(actor=ANYBODY, overturned=st.booleans())
    def decide_appeal(self, actor, overturned):
        first = self.case.decided_by
        with suppress(CityError):
            self.keep(appeals.decided(self.case, actor, self.now, REASON, overturned=overturned), actor)
            assert actor.kind is ActorKind.OFFICER
            assert actor.account != first

    @rule()
    def watched(self):
        self.keep(targets.warned(self.case, MACHINE, self.now, ALLOWED, HOURS), MACHINE)

    @rule()
    def completed(self):
        with suppress(CityError):
            self.keep(moves.moved(self.case, Standing.COMPLETED, MACHINE, self.now), MACHINE)

    @invariant()
    def only_a_person_ever_refused(self):
        assert all(actor.kind is ActorKind.OFFICER for actor in self.refusers)
        refused = [line.by for line in self.case.history if line.standing is Standing.REFUSED]
        assert set(refused) <= {officer.name for officer in OFFICERS}

    @invariant()
    def no_machine_decided_what_lay_with_a_person(self):
        for before, after in zip(self.case.history, self.case.history[1:], strict=False):
            if before.standing in {Standing.WITH_OFFICER, Standing.APPEALED} and after.standing is Standing.APPROVED:
                assert after.by in {officer.name for officer in OFFICERS}

    @invariant()
    def the_promise_is_kept_to_the_second(self):
        if self.case.decided is None and self.case.paused is None and self.now <= self.case.due:
            assert self.ran + deadlines.office_time(self.now, self.case.due, HOURS) == self.promised

    @invariant()
    def what_happened_is_only_added_to(self):
        assert [line.at for line in self.case.history] == sorted(line.at for line in self.case.history)


CaseMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestCase = CaseMachine.TestCase


@settings(max_examples=60, deadline=None)
@given(MOMENTS, st.integers(0, 60 * 200))
def test_office_time_goes_on_exactly_as_long_as_was_left(begin, minutes):
    left = timedelta(minutes=minutes)
    end = deadlines.after_office_time(begin, left, HOURS)
    assert deadlines.office_time(begin, end, HOURS) == left
    assert HOURS.is_working(end.date())


@settings(max_examples=60, deadline=None)
@given(MOMENTS, st.integers(1, 70))
def test_a_period_never_ends_on_a_day_when_offices_are_closed_nor_early(moment, days):
    end = deadlines.end_of_day_after(moment, days, HOURS)
    assert HOURS.is_working(end.date())
    assert end.date() >= moment.date() + timedelta(days=days)


def test_over_chuseok_and_a_substitute_holiday_the_offices_stand_still():
    friday = datetime(2025, 10, 2, 17, tzinfo=SEOUL)  # 3 October to 9 October 2025: seven days off, one a substitute
    assert deadlines.after_office_time(friday, timedelta(hours=2), HOURS) == datetime(2025, 10, 10, 10, tzinfo=SEOUL)
    assert deadlines.end_of_day_after(friday, 3, HOURS).date() == datetime(2025, 10, 10, tzinfo=SEOUL).date()


def test_time_that_stood_still_is_no_time_used():
    machine = CaseMachine()
    case = moves.moved(machine.case, Standing.WITH_OFFICER, MACHINE, machine.now)
    half = deadlines.after_office_time(machine.now, machine.promised / 2, HOURS)
    assert targets.used(case, half, HOURS) == 50
    ask = Ask(new_id(), AskKind.WORDS, "무엇", half, "officer", half + timedelta(days=40))
    waits = asking.asked(case, ask, OFFICERS[0], half)
    assert targets.used(waits, half + timedelta(days=30), HOURS) == 0
    back = asking.answered(waits, "답", RESIDENT, half + timedelta(days=30), HOURS)
    assert 49 <= targets.used(back, half + timedelta(days=30), HOURS) <= 50
    assert targets.used(replace(back, due=half), half + timedelta(days=31), HOURS) == 100
