"""What a resident and an officer see of bookings, and what a program gets."""

from dataclasses import replace
from datetime import timedelta

import a_city
import pytest
from test_bookings import NOW, SERVICE, ask, booker, free, of, staff

from madang.services.applications import facade as applications
from madang.services.bookings import facade
from madang.services.bookings.contracts import Attendance, Availability
from madang.services.bookings.models import SlotRow


@pytest.fixture
def garam(residents):
    return booker(residents["in_order"])


def test_free_places_stand_on_the_services_page_and_lead_into_the_form(garam, at_the_door):
    browser = at_the_door(garam)
    slot = free()
    assert f"/bookings/{SERVICE}/" in browser.get(f"/services/{SERVICE}").content.decode()
    page = browser.get(f"/bookings/{SERVICE}/?from={slot.starts.date()}").content.decode()
    assert f"/bookings/choose/{slot.id}" in page
    led = browser.get(f"/bookings/choose/{slot.id}")
    assert led.status_code == 302
    number = led["Location"].split("/")[2]
    form = browser.get(f"/apply/{number}/when").content.decode()
    assert f'value="{slot.id}" selected' in form
    assert "places free: 1" in form
    assert browser.get(f"/apply/{number}/review").status_code == 200


@pytest.mark.parametrize("odd", ["?from=yesterday", "?district=99999", "?district=11110&from=2031-01-01"])
def test_odd_questions_get_a_page(garam, at_the_door, odd):
    assert at_the_door(garam).get(f"/bookings/{SERVICE}/{odd}").status_code == 200


def test_my_page_shows_cancels_and_makes_a_calendar(garam, at_the_door):
    browser = at_the_door(garam)
    assert "You have booked nothing yet" in browser.get("/my/bookings").content.decode()
    ask(garam, free().id)
    booking = of(garam)
    page = browser.get("/my/bookings").content.decode()
    assert "Confirmed" in page
    assert f"/bookings/{booking.id}.ics" in page
    assert browser.get(f"/bookings/{booking.id}.ics")["Content-Type"].startswith("text/calendar")
    made = browser.post("/my/bookings/calendar", {"wanted": "new"}).content.decode()
    feed = made.split("/calendar/")[1].split('"')[0]
    assert b"BEGIN:VEVENT" in browser.get(f"/calendar/{feed}").content
    browser.post("/my/bookings/calendar", {"wanted": "none"})
    assert browser.get(f"/calendar/{feed}").status_code == 404
    browser.post(f"/my/bookings/{booking.id}/cancel")
    assert "Cancelled" in browser.get("/my/bookings").content.decode()


def test_a_department_notes_who_came_and_excuses(garam, at_the_door):
    ask(garam, free().id)
    booking = of(garam)
    begun = NOW - timedelta(minutes=5)
    session = {"starts": begun.isoformat(), "ends": NOW.isoformat()}
    SlotRow.objects.filter(id=booking.slot.id).update(starts=begun, sessions=[session])
    officer = at_the_door(staff())
    day = officer.get(f"/attendance/?day={NOW.date()}").content.decode()
    assert f"/attendance/{booking.slot.id}/" in day
    assert applications.case_of(garam, str(booking.case)).number in officer.get(
        f"/attendance/{booking.slot.id}/").content.decode()
    officer.post(f"/attendance/{booking.slot.id}/", {f"came-{booking.id}": "missed"})
    assert of(garam).attendance is Attendance.MISSED
    resident = at_the_door(garam)
    empty = resident.post(f"/my/bookings/{booking.id}/objection", {"words": " "})
    assert empty.status_code == 422
    resident.post(f"/my/bookings/{booking.id}/objection", {"words": "병원"})
    assert "병원" in officer.get("/attendance/").content.decode()
    officer.post(f"/attendance/excuse/{booking.id}")
    assert of(garam).attendance is Attendance.EXCUSED


def test_a_resident_sees_no_attendance(garam, at_the_door):
    assert at_the_door(garam).get("/attendance/").status_code == 403


def test_a_draw_is_a_page_and_a_file(garam, at_the_door):
    slot = free("campground-booking", Availability.DRAW)
    ask(garam, slot.id, "campground-booking")
    browser = at_the_door(garam)
    assert "Entries so far: 1" in browser.get(f"/draws/{slot.id}").content.decode()
    assert browser.get(f"/api/v1/draws/{slot.id}").json()["seed"] == ""
    facade.draw_due(slot.draw_at)
    assert "The same order came out." in browser.get(f"/draws/{slot.id}").content.decode()
    told = browser.get(f"/api/v1/draws/{slot.id}").json()
    assert (len(told["seed"]), told["winners"]) == (64, [1])


def test_a_program_books_by_the_api(garam, at_the_door):
    browser = at_the_door(garam)
    found = browser.get(f"/api/v1/bookings/slots?service={SERVICE}&limit=200").json()
    chosen = next(one for one in found if one["availability"] == "free")
    assert browser.get("/api/v1/bookings/slots?service=none").status_code == 404
    ask(garam, chosen["id"])
    [mine] = browser.get("/api/v1/bookings").json()["items"]
    assert (mine["slot"]["id"], mine["standing"]) == (chosen["id"], "confirmed")
    stranger = a_city.resident(garam.account)
    other = replace(garam, account=stranger.account, subject=stranger.subject)
    assert at_the_door(other).get(f"/api/v1/bookings/{mine['id']}").status_code == 404
