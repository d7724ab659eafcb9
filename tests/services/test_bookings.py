"""A place is one resident's: taken with the request, kept, given back, offered on, drawn, and never promised twice."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import a_city
import pytest
from django.db import IntegrityError, connections
from icalendar import Calendar

from madang.commons.db.transactions import transaction
from madang.commons.notify import facade as notify
from madang.kernel import clock
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language, Text
from madang.kernel.money import Won
from madang.records.catalogue import facade as catalogue
from madang.records.registers.facade import population
from madang.services.applications import facade as applications
from madang.services.applications.contracts import AnswersWrong
from madang.services.applications.contracts import Standing as CaseStanding
from madang.services.bookings import facade
from madang.services.bookings.contracts import (
    WAIT,
    Attendance,
    Availability,
    BookingStanding,
    BookingUnknown,
    FeedUnknown,
    NothingOffered,
    NotMissed,
    Permission,
    TooLateToCancel,
)
from madang.services.bookings.models import BookingRow, SlotRow

NOW = clock.now()
SERVICE = "practice-room-booking"
"""One whole room a slot."""
DRAWN = "campground-booking"


def booker(who):
    actor = a_city.resident(who)
    return replace(actor, permissions=actor.permissions | {Permission.BOOK, Permission.SEE_OWN})


def staff(service=SERVICE):
    department = catalogue.service(service).department.into(Language.KO)
    return a_city.officer("officer 3", department, Permission.ATTEND)


def free(service=SERVICE, availability=Availability.FREE):
    """A slot far enough ahead that it can still be cancelled and offered on."""
    found = facade.open_slots(service, NOW, limit=200, after=NOW + timedelta(days=5))
    return next(one for one in found if facade.availability(one, NOW) is availability)


ANSWERS = {"use_purpose": "synthetic", "people": "1", "access_need": "none", "contact_by": "portal"}


def typed_for(value, service=SERVICE):
    wanted = catalogue.service(service)
    typed = {one.name: ANSWERS.get(one.name, one.default or "1") for one in wanted.fields() if one.source is None}
    for one in wanted.fields():
        if one.choices:
            typed[one.name] = one.choices[0].value
    return typed | {wanted.slot_question: str(value), "phone": "010-0000-0000"}


def ask(actor, value, service=SERVICE, now=NOW):
    case = applications.apply(actor, service, typed_for(value, service), Language.KO, now)
    if case.standing is not CaseStanding.AWAITING_PAYMENT:
        facade.settle(case.id, now)
    return case


def of(actor):
    return facade.mine(actor)[0]


@pytest.fixture
def people(residents):
    return [booker(one) for one in (residents["in_order"], *population.some_residents(100, 8))]


def wrong(actor, value, **more):
    with pytest.raises(AnswersWrong) as refused:
        ask(actor, value, **more)
    return {mistake.code for mistake in refused.value.mistakes}


class TestTaking:
    def test_a_request_with_a_free_place_is_done_at_once_and_the_place_is_its_residents(self, people):
        slot = free()
        case = ask(people[0], slot.id)
        done = applications.case_of(people[0], case.number)
        assert (done.standing, done.automatic) == (CaseStanding.COMPLETED, True)
        assert of(people[0]).standing is BookingStanding.CONFIRMED
        assert facade.slot(slot.id).free == 0

    def test_a_place_that_is_gone_leaves_no_request(self, people):
        slot = free()
        ask(people[0], slot.id)
        assert wrong(people[1], slot.id) == {"gone"}
        assert applications.my_cases(people[1]) == []
        assert facade.mine(people[1]) == []

    def test_a_draft_whose_place_is_gone_stays_a_draft(self, people):
        slot = free()
        draft = applications.begin(people[1], SERVICE, Language.KO, NOW)
        applications.keep(people[1], draft.number, typed_for(slot.id), NOW)
        ask(people[0], slot.id)
        with pytest.raises(AnswersWrong):
            applications.submit(people[1], draft.number, NOW)
        assert applications.case_of(people[1], draft.number).standing is CaseStanding.DRAFT

    @pytest.mark.parametrize("value", ["", "x", "00000000-0000-4000-8000-000000000000"])
    def test_what_is_no_slot_is_refused(self, people, value):
        assert wrong(people[0], value) & {"choice", "required"}

    def test_another_services_slot_is_refused(self, people):
        assert wrong(people[0], free("youth-centre-room").id) == {"choice"}

    def test_nobody_books_the_same_twice(self, people):
        slot = free("museum-tour-booking")
        ask(people[0], slot.id, "museum-tour-booking")
        assert wrong(people[0], slot.id, service="museum-tour-booking") == {"booked_before"}

    def test_the_database_itself_refuses_a_place_too_many(self, people):
        slot = free()
        ask(people[0], slot.id)
        with pytest.raises(IntegrityError), transaction():
            SlotRow.objects.filter(id=slot.id).update(taken=2)


class TestFee:
    @pytest.fixture(autouse=True)
    def _with_a_fee(self, monkeypatch):
        known = catalogue.service
        monkeypatch.setattr(catalogue, "service", lambda name: replace(known(name), fee=Won(5000)))

    def test_a_place_is_kept_until_paid_and_then_confirmed(self, people):
        case = ask(people[0], free().id)
        assert of(people[0]).standing is BookingStanding.HELD
        applications.payment_received(a_city.MONEY, case.id, NOW)
        facade.settle(case.id, NOW)
        assert of(people[0]).standing is BookingStanding.CONFIRMED
        assert facade.tidy(NOW + timedelta(hours=2)) == 0

    def test_what_is_not_paid_in_time_goes_to_the_next(self, people):
        slot = free()
        case = ask(people[0], slot.id)
        waits = ask(people[1], f"{slot.id}{WAIT}")
        applications.payment_received(a_city.MONEY, waits.id, NOW)
        facade.settle(waits.id, NOW)
        assert facade.tidy(NOW + timedelta(minutes=29)) == 0
        facade.tidy(NOW + timedelta(minutes=31))
        assert of(people[0]).standing is BookingStanding.LAPSED
        assert applications.case_of(people[0], case.number).standing is CaseStanding.WITHDRAWN
        assert of(people[1]).standing is BookingStanding.OFFERED
        assert facade.slot(slot.id).free == 0

    def test_paid_at_the_last_moment_it_is_not_taken_away(self, people):
        case = ask(people[0], free().id)
        applications.payment_received(a_city.MONEY, case.id, NOW + timedelta(minutes=30))
        facade.tidy(NOW + timedelta(minutes=31))
        facade.settle(case.id, NOW + timedelta(minutes=31))
        assert of(people[0]).standing is BookingStanding.CONFIRMED


class TestWaiting:
    def test_who_waits_first_is_offered_first_and_told(self, people):
        slot = free()
        ask(people[0], slot.id)
        for turn, actor in enumerate(people[1:4]):
            ask(actor, f"{slot.id}{WAIT}", now=NOW + timedelta(seconds=turn))
        facade.cancel(people[0], of(people[0]).id, NOW)
        offered, waiting = BookingStanding.OFFERED, BookingStanding.WAITING
        assert [of(one).standing for one in people[1:4]] == [offered, waiting, waiting]
        assert notify.inbox(people[1])[0].template == "booking_offered"
        taken = facade.accept(people[1], of(people[1]).id, NOW)
        assert taken.standing is BookingStanding.CONFIRMED
        assert applications.case_of(people[1], str(taken.case)).standing is CaseStanding.COMPLETED

    def test_an_offer_that_nobody_answers_goes_on(self, people):
        slot = free()
        ask(people[0], slot.id)
        for turn, actor in enumerate(people[1:3]):
            ask(actor, f"{slot.id}{WAIT}", now=NOW + timedelta(seconds=turn))
        facade.cancel(people[0], of(people[0]).id, NOW)
        late = of(people[1]).until + timedelta(seconds=1)
        with pytest.raises(NothingOffered):
            facade.accept(people[1], of(people[1]).id, late)
        facade.tidy(late)
        assert [of(one).standing for one in people[1:3]] == [BookingStanding.LAPSED, BookingStanding.OFFERED]

    def test_nobody_jumps_the_line(self, people):
        slot = free()
        ask(people[0], slot.id)
        ask(people[1], f"{slot.id}{WAIT}")
        SlotRow.objects.filter(id=slot.id).update(taken=0)
        assert wrong(people[2], slot.id) == {"gone"}

    def test_whoever_still_waits_when_it_begins_is_told(self, people):
        slot = free()
        ask(people[0], slot.id)
        case = ask(people[1], f"{slot.id}{WAIT}")
        assert facade.tidy(slot.closes + timedelta(minutes=1)) == 1
        assert of(people[1]).standing is BookingStanding.LAPSED
        assert applications.case_of(people[1], case.number).standing is CaseStanding.WITHDRAWN

    def test_too_late_to_cancel(self, people):
        slot = free()
        ask(people[0], slot.id)
        with pytest.raises(TooLateToCancel):
            facade.cancel(people[0], of(people[0]).id, slot.cancel_until + timedelta(seconds=1))

    def test_somebody_elses_booking_is_not_there(self, people):
        ask(people[0], free().id)
        with pytest.raises(BookingUnknown):
            facade.cancel(people[1], of(people[0]).id, NOW)


class TestDraw:
    @pytest.fixture
    def drawn(self, people):
        slot = free(DRAWN, Availability.DRAW)
        SlotRow.objects.filter(id=slot.id).update(capacity=3)
        for actor in people:
            ask(actor, slot.id, DRAWN)
        before = facade.published(slot.id)
        facade.draw_due(slot.draw_at)
        return slot, before

    def test_its_seed_is_secret_until_it_is_drawn_and_then_fits_what_was_published(self, drawn):
        slot, before = drawn
        assert (before.seed, list(before.entries)) == ("", [])
        after = facade.published(slot.id)
        assert after.slot.commitment == before.slot.commitment
        assert facade.faults(after.sheet) == []
        assert len(after.entries) == 9
        assert len(after.winners) == 3

    def test_any_change_afterwards_is_seen(self, drawn):
        after = facade.published(drawn[0].id)
        bent = [
            replace(after, seed="00" * 32), replace(after, entries=after.entries[1:]),
            replace(after, winners=after.order[1:4]), replace(after, order=after.order[::-1]),
        ]
        assert all(facade.faults(one.sheet) for one in bent)

    def test_winners_have_their_place_and_the_others_wait_in_the_order_drawn(self, drawn, people):
        slot, _ = drawn
        by_number = {of(one).number: one for one in people}
        after = facade.published(slot.id)
        for number in after.winners:
            assert of(by_number[number]).standing is BookingStanding.CONFIRMED
        losers = [by_number[number] for number in after.order if number not in after.winners]
        assert {of(one).standing for one in losers} == {BookingStanding.WAITING}
        facade.cancel(by_number[after.winners[0]], of(by_number[after.winners[0]]).id, slot.draw_at)
        assert of(losers[0]).standing is BookingStanding.OFFERED

    def test_it_is_drawn_once(self, drawn):
        first = facade.published(drawn[0].id)
        facade.draw_due(drawn[0].draw_at + timedelta(minutes=5))
        assert facade.published(drawn[0].id) == first


class TestComing:
    def missed(self, actor, times):
        for _ in range(times):
            ask(actor, free().id)
            booking = of(actor)
            facade.note(staff(), booking.id, Attendance.MISSED, booking.slot.starts)
            BookingRow.objects.filter(id=booking.id).update(slot=self.past(booking))

    def past(self, booking):
        SlotRow.objects.filter(id=booking.slot.id).update(starts=NOW - timedelta(days=2), ends=NOW - timedelta(days=2))
        return booking.slot.id

    def test_who_does_not_come_twice_books_nothing_for_a_while(self, people):
        self.missed(people[0], 1)
        assert facade.barred(people[0], NOW) is None
        self.missed(people[0], 1)
        assert facade.barred(people[0], NOW).until > NOW
        assert wrong(people[0], free().id) == {"barred"}

    def test_an_objection_that_is_granted_lifts_it(self, people):
        self.missed(people[0], 2)
        facade.object_to(people[0], of(people[0]).id, "  병원에 있었습니다 ")
        [open_one] = facade.objections(staff())
        facade.excuse(staff(), open_one.id)
        assert facade.objections(staff()) == []
        assert facade.barred(people[0], NOW) is None

    def test_nobody_objects_to_what_nobody_noted(self, people):
        ask(people[0], free().id)
        with pytest.raises(NotMissed):
            facade.object_to(people[0], of(people[0]).id, "x")

    def test_another_department_notes_nothing(self, people):
        slot = free()
        ask(people[0], slot.id)
        other = a_city.officer("officer 9", "남의 과", Permission.ATTEND)
        with pytest.raises(BookingUnknown):
            facade.note(other, of(people[0]).id, Attendance.CAME, slot.starts)


class TestCalendar:
    def test_a_booking_is_an_event_and_a_course_one_for_each_session(self, people):
        service = "swimming-sports-course"
        ask(people[0], free(service).id, service)
        made = Calendar.from_ical(facade.event_of(people[0], of(people[0]).id, Language.KO, NOW))
        events = made.walk("VEVENT")
        assert [one.decoded("dtstart") for one in events] == [one.starts for one in of(people[0]).slot.sessions]
        assert len(events) == 4
        assert {str(one["status"]) for one in events} == {"CONFIRMED"}

    def test_the_feed_needs_its_address_and_a_new_one_ends_the_old(self, people):
        ask(people[0], free().id)
        first, second = (
            facade.make_feed(people[0], Language.KO, NOW).removeprefix("/calendar/").removesuffix(".ics")
            for _ in range(2)
        )
        assert len(Calendar.from_ical(facade.feed(second, NOW)).walk("VEVENT")) == 1
        with pytest.raises(FeedUnknown):
            facade.feed(first, NOW)
        facade.drop_feed(people[0])
        with pytest.raises(FeedUnknown):
            facade.feed(second, NOW)


def test_what_is_over_long_enough_is_erased(people):
    slot = free()
    ask(people[0], slot.id)
    facade.forget(slot.ends + timedelta(days=179))
    assert BookingRow.objects.count() == 1
    facade.forget(slot.ends + timedelta(days=181))
    assert BookingRow.objects.count() == 0


def test_every_service_that_books_has_something_to_offer(db):
    for service in catalogue.services():
        if service.archetype == "booking" and service.pattern:
            assert service.slot_question, service.id
            found = facade.open_slots(service.id, NOW)
            assert found, service.id
            assert isinstance(facade.place_of(found[0]), Text)


@pytest.mark.django_db(transaction=True)
def test_the_last_place_goes_to_one_of_two_hundred_at_once(lasting_residents):
    slot = free("museum-tour-booking")
    SlotRow.objects.filter(id=slot.id).update(taken=slot.capacity - 1)
    people = [booker(ResidentId(new_id())) for _ in range(200)]
    typed = typed_for(slot.id, "museum-tour-booking")

    def one(actor):
        try:
            applications.apply(actor, "museum-tour-booking", typed, Language.KO, NOW, reading={})
        except AnswersWrong as refused:
            return refused.mistakes[0].code
        finally:
            connections.close_all()
        return "booked"

    with ThreadPoolExecutor(24) as pool:
        said = list(pool.map(one, people))
    assert said.count("booked") == 1
    assert said.count("gone") == 199
    assert SlotRow.objects.get(id=slot.id).taken == slot.capacity
    assert BookingRow.objects.filter(slot=slot.id).count() == 1
