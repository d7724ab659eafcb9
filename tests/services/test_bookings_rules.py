"""Slots over holidays, waiting in order, draws that are fair and the same for everybody, and who is barred."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.clock import SEOUL
from madang.services.bookings.contracts import Entry, Sheet
from madang.services.bookings.rules import drawing, giving, layout
from madang.services.bookings.rules.layout import Offer, Patience

DAY = timedelta(days=1)
PATIENCE = Patience(timedelta(minutes=30), DAY, 2, 90 * DAY, 30 * DAY, 180 * DAY)
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=SEOUL)


def offer(**more):
    usual = {"districts": ["11110"], "weekdays": [1, 3], "begins": [time(10)], "minutes": 60, "capacity": 5}
    return Offer(**(usual | {"ahead_days": 14} | more))


days = st.dates(date(2026, 1, 1), date(2028, 1, 1))


class TestLayout:
    @given(closed=st.frozensets(days, max_size=40), first=days, length=st.integers(0, 60))
    def test_nothing_begins_on_a_holiday_or_another_weekday(self, closed, first, length):
        for slot in layout.slots("x", offer(), closed, first, first + length * DAY):
            assert slot.starts.date() not in closed
            assert slot.starts.isoweekday() in {1, 3}
            assert first <= slot.starts.date() <= first + length * DAY

    @given(closed=st.frozensets(days, max_size=40), first=days)
    def test_a_course_has_all_its_sessions_and_none_on_a_holiday(self, closed, first):
        for slot in layout.slots("x", offer(sessions=6), closed, first, first + 20 * DAY):
            assert len(slot.sessions) == 6
            assert not closed & {one.starts.date() for one in slot.sessions}
            assert len({one.starts.weekday() for one in slot.sessions}) == 1

    @given(first=days, cut=st.integers(0, 30))
    def test_laid_out_in_two_parts_it_is_the_same(self, first, cut):
        whole = list(layout.slots("x", offer(), [], first, first + 30 * DAY))
        parts = [
            *layout.slots("x", offer(), [], first, first + cut * DAY),
            *layout.slots("x", offer(), [], first + (cut + 1) * DAY, first + 30 * DAY),
        ]
        assert parts == whole
        assert len({slot.id for slot in whole}) == len(whole)

    def test_a_course_begins_every_second_week(self):
        found = [slot.starts.date() for slot in layout.slots(
            "x", offer(every_weeks=2, weekdays=[1]), [], MONDAY, MONDAY + 55 * DAY)]
        assert {(later - sooner).days for sooner, later in pairwise(found)} == {14}


entries = st.lists(st.integers(1, 4), min_size=1, max_size=40).map(
    lambda seats: [Entry(number, f"{number:016x}", one) for number, one in enumerate(seats, 1)]
)


class TestDrawing:
    @given(entered=entries, seed=st.binary(min_size=32, max_size=32), places=st.integers(0, 30), mixed=st.randoms())
    def test_it_is_the_same_for_anyone_and_gives_no_place_too_many(self, entered, seed, places, mixed):
        drawn = drawing.order(entered, seed)
        won = list(drawing.winners(drawn, places))
        again = list(entered)
        mixed.shuffle(again)
        assert drawing.order(again, seed) == drawn
        assert sum(one.seats for one in won) <= places
        sheet = Sheet(
            seed.hex(), drawing.commitment(seed), places, again, [one.number for one in drawn],
            [one.number for one in won],
        )
        assert list(drawing.faults(sheet)) == []

    def test_everybody_has_the_same_chance(self):
        entered = [Entry(number, f"{number:016x}", 1) for number in range(1, 11)]
        won = [0] * 11
        for turn in range(4000):
            for one in drawing.winners(drawing.order(entered, turn.to_bytes(32, "big")), 3):
                won[one.number] += 1
        # 1200 expected each; 9 degrees of freedom: the 0.1 % point of chi-squared is 27.9
        assert sum((count - 1200) ** 2 / 1200 for count in won[1:]) < 27.9

    def test_one_entry_more_changes_the_order_of_the_others(self):
        entered = [Entry(number, f"{number:016x}", 1) for number in range(1, 31)]
        fewer = [one.number for one in drawing.order(entered[:-1], b"s" * 32)]
        more = [one.number for one in drawing.order(entered, b"s" * 32) if one.number != 30]
        assert fewer != more


class TestBar:
    @given(st.lists(st.integers(0, 400), max_size=6))
    def test_one_is_barred_by_two_within_the_time_and_not_for_ever(self, ago):
        missed = [NOW - one * DAY for one in ago]
        bar = giving.barred(missed, NOW, PATIENCE)
        assert giving.barred(missed, NOW + 31 * DAY, PATIENCE) is None
        if bar:
            assert NOW < bar.until <= NOW + 30 * DAY
            assert max(bar.missed) - min(bar.missed) <= 90 * DAY
        times = sorted(ago)
        recent = [(a, b) for a, b in pairwise(times) if a < 30 and b - a <= 90]
        assert bool(bar) == bool(recent)
