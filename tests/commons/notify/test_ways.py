"""A resident is reached by the ways that they chose; what has legal weight goes on until it is confirmed."""

import hmac
import json
import time
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.notify import facade, ways
from madang.commons.notify.addresses import Address
from madang.commons.notify.contracts import (
    CannotBeTurnedOff,
    CodesTooOften,
    CodeWrong,
    DeliveryState,
    Permission,
    PhoneWrong,
    PostalAddressWrong,
    Urgency,
)
from madang.commons.notify.facade import courses
from madang.commons.notify.rules import addresses, choosing, texts
from madang.kernel import clock
from madang.kernel.actors import WHATEVER_IS_ASKED, Actor, ActorKind, Stated
from madang.kernel.clock import SEOUL
from madang.kernel.errors import NotPermitted, PurposeNeeded
from madang.kernel.ids import new_id
from madang.kernel.languages import Language
from madang.simulation import aggregator

FACTS = {"service": "Extract", "number": "2026-K7QF-3M9X", "due": "2026-11-25", "amount": "800"}
SAID = Stated(WHATEVER_IS_ASKED, "help_in_person", "", frozenset({Permission.SET_FOR_RESIDENT}))
OFFICER = Actor(ActorKind.OFFICER, "officer 14", permissions=frozenset(Permission), stated=[SAID])
NOON = clock.now().replace(hour=12)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    """Quiet hours do not come and go with the hour at which tests run."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


def tell(actor, template="case_received"):
    about = new_id()
    with transaction():
        facade.tell(actor.subject, template, FACTS, link="/my/cases/2026-K7QF-3M9X", about=about)
    return next(one for one in facade.inbox(actor) if one.about == about)


def with_phone(book, number="010-1234-5678", language=Language.KO):
    resident = book.resident(language)
    facade.add_phone_for(OFFICER, resident.subject, number, NOON, mobile=True)
    return resident


def states(actor, message=None):
    found = message or facade.inbox(actor)[0]
    return {one.channel: one.state for one in facade.deliveries(actor, found.id)}


def run(after=SECOND):
    return facade.deliver_due(NOON + after)


def report(delivery, code):
    body = json.dumps({"reports": [{"clientMessageId": str(delivery), "statusCode": code}]}).encode()
    moment = str(int(time.time()))
    mac = hmac.new(facade.report_secret(), f"{moment}.".encode() + body, "sha256").hexdigest()
    return body, f"t={moment},v1={mac}"


def reported(actor, channel, code, message=None):
    found = message or facade.inbox(actor)[0]
    [delivery] = [one.id for one in facade.deliveries(actor, found.id) if one.channel == channel]
    facade.receive_reports([{"clientMessageId": str(delivery), "statusCode": code}], NOON)


class TestByText:
    def test_whoever_wants_a_text_message_gets_one_and_the_receipt_comes_back(
        self, transactional_db, book, post, outside
    ):
        resident = with_phone(book)
        tell(resident)
        assert "sms" not in states(resident), "nobody gets texts who did not ask for them"
        facade.choose(resident, {("requests", "sms"): True, ("requests", "email"): False}, NOON)
        message = tell(resident, "case_approved")
        assert run() == 2
        assert states(resident, message) == {"inbox": DeliveryState.SENT, "sms": DeliveryState.SENT}
        [kept] = aggregator.messages_to("+821012345678")
        assert message.title in kept["body"]
        assert "https://city.example:8443/my/cases/2026-K7QF-3M9X" in kept["body"]
        reported(resident, "sms", "4000", message)
        assert states(resident, message)["sms"] is DeliveryState.DELIVERED

    def test_an_answer_lost_on_the_way_makes_no_second_message(self, transactional_db, book, post, outside):
        resident = with_phone(book)
        facade.choose(resident, {("requests", "sms"): True, ("requests", "email"): False}, NOON)
        tell(resident)
        outside.write_text("cut")
        run()
        assert states(resident)["sms"] is DeliveryState.FAILED_WILL_RETRY
        outside.write_text("silent")
        run(timedelta(seconds=20))
        assert states(resident)["sms"] is DeliveryState.SENT
        assert aggregator.counts() == {"messages": 1, "handed_in_again": 1, "LMS": 1}

    def test_a_number_of_nobody_is_turned_off_and_told_elsewhere(self, transactional_db, book, post, outside):
        resident = with_phone(book, "010-1234-0000")
        facade.choose(resident, {("requests", "sms"): True, ("requests", "email"): False}, NOON)
        message = tell(resident)
        run()
        assert states(resident, message)["sms"] is DeliveryState.GIVEN_UP
        [contact] = facade.ways_of(resident).contacts
        assert not contact.is_open
        [said] = [one for one in facade.inbox(resident) if one.template == "contact_bounced"]
        assert "+82101234" not in said.title
        assert set(states(resident, said)) == {"inbox", "email"}

    def test_an_approved_text_goes_to_the_messenger_and_otherwise_by_text(
        self, transactional_db, book, post, outside, monkeypatch
    ):
        resident = with_phone(book, language=Language.VI)
        facade.choose(resident, {("requests", "alimtalk"): True, ("requests", "email"): False}, NOON)
        message = tell(resident)
        run()
        assert states(resident, message)["alimtalk"] is DeliveryState.SENT
        monkeypatch.setattr(aggregator, "_approved", dict)
        message = tell(resident, "case_approved")
        run()
        assert states(resident, message) == {
            "inbox": DeliveryState.SENT, "alimtalk": DeliveryState.GIVEN_UP, "sms": DeliveryState.WAITING,
        }

    def test_a_forged_report_changes_nothing(self, transactional_db, book, post, outside):
        resident = with_phone(book)
        facade.choose(resident, {("requests", "sms"): True}, NOON)
        message = tell(resident)
        run()
        [delivery] = [one.id for one in facade.deliveries(resident, message.id) if one.channel == "sms"]
        body, signature = report(delivery, "4000")
        where, how = "/messages/receipts/aggregator", {"content_type": "application/json"}
        assert Client().post(where, body, **how).status_code == 401
        forged = body.replace(b"4000", b"3014")
        assert Client().post(where, forged, headers={"X-Report-Signature": signature}, **how).status_code == 401
        assert states(resident, message)["sms"] is DeliveryState.SENT


class TestLegalNotices:
    def test_one_goes_on_by_each_next_way_until_it_is_confirmed(self, transactional_db, book, post, outside):
        resident = with_phone(book)
        message = tell(resident, "case_refused")
        assert set(states(resident)) == {"inbox", "email", "alimtalk"}
        assert facade.take_steps(NOON + timedelta(hours=47)) == 0
        assert facade.take_steps(NOON + timedelta(hours=49)) == 1
        assert set(states(resident)) == {"inbox", "email", "alimtalk", "sms"}
        run(timedelta(hours=50))
        reported(resident, "sms", "4000", message)
        assert facade.take_steps(NOON + timedelta(days=90)) == 0, "a delivery receipt confirms it"

    def test_reading_it_confirms_it(self, transactional_db, book, outside):
        resident = with_phone(book)
        facade.mark_read(resident, tell(resident, "case_refused").id)
        assert facade.take_steps(NOON + timedelta(days=90)) == 0

    def test_it_cannot_be_turned_off(self, transactional_db, book, outside):
        resident = with_phone(book)
        for channel in ("email", "sms", "letter"):
            with pytest.raises(CannotBeTurnedOff):
                facade.choose(resident, {("decisions", channel): False}, NOON)
        with pytest.raises(CannotBeTurnedOff):
            facade.choose(resident, {("nothing", "email"): False}, NOON)


class TestContactPoints:
    def test_a_phone_is_kept_once_its_code_was_typed(self, transactional_db, book, outside):
        resident = book.resident()
        assert facade.send_code(resident, "010 9999 1111", NOON) == "+821099991111"
        [sent] = aggregator.messages_to("+821099991111")
        code = sent["body"][1:7]
        with pytest.raises(CodeWrong):
            facade.confirm_code(resident, "000000" if code != "000000" else "000001", NOON)
        with pytest.raises(CodeWrong):
            facade.confirm_code(resident, code, NOON + timedelta(minutes=11))
        assert facade.confirm_code(resident, code, NOON + timedelta(minutes=1)).is_open
        with pytest.raises(CodeWrong):
            facade.confirm_code(resident, code, NOON)

    def test_a_code_cannot_be_guessed_nor_asked_for_without_end(self, transactional_db, book, outside):
        resident = book.resident()
        facade.send_code(resident, "010-9999-1111", NOON)
        [sent] = aggregator.messages_to("+821099991111")
        code = sent["body"][1:7]
        for _ in range(5):
            with pytest.raises(CodeWrong):
                facade.confirm_code(resident, "nocode", NOON)
        with pytest.raises(CodeWrong):
            facade.confirm_code(resident, code, NOON)
        facade.send_code(resident, "010-9999-1111", NOON)
        facade.send_code(resident, "010-9999-1111", NOON)
        with pytest.raises(CodesTooOften):
            facade.send_code(book.resident(), "010-9999-1111", NOON)

    def test_only_an_officer_with_the_permission_sets_them_for_another(self, transactional_db, book):
        resident, other = book.resident(), book.resident()
        with pytest.raises(NotPermitted):
            facade.choose(other, {("requests", "sms"): True}, NOON, resident.subject)
        with pytest.raises(PurposeNeeded):
            facade.choose(replace(OFFICER, stated=()), {("requests", "sms"): True}, NOON, resident.subject)
        facade.choose(OFFICER, {("requests", "sms"): True}, NOON, resident.subject)
        assert audit.accesses_of(resident)[0].purpose == "stated.help_in_person"
        [wish] = [one for one in facade.ways_of(resident).choices if (one.topic, one.channel) == ("requests", "sms")]
        assert wish.wanted
        assert not wish.fixed

    def test_all_of_it_is_forgotten_with_the_resident(self, transactional_db, book, outside):
        resident = with_phone(book)
        facade.choose(resident, {("requests", "sms"): True}, NOON)
        facade.set_language(resident, Language.RU, NOON)
        tell(resident)
        assert facade.inbox(resident)[0].language is Language.RU
        facade.forget_resident(resident.subject)
        kept = facade.ways_of(resident)
        assert kept.contacts == []
        assert kept.reach.language is None


@pytest.mark.parametrize(("typed", "kept"), [
    ("010-1234-5678", "+821012345678"), ("+82 10 1234 5678", "+821012345678"), ("0111234567", "+82111234567"),
    ("+84 912 345 678", "+84912345678"), ("02-120", None), ("010-123", None), ("", None), ("+8221234567", None),
])
def test_phone_numbers(typed, kept):
    if kept:
        assert addresses.phone(typed) == kept
    else:
        with pytest.raises(PhoneWrong):
            addresses.phone(typed)


@pytest.mark.parametrize(("typed", "lines"), [
    ("04524 서울특별시 중구 세종대로 110, 3층", ("서울특별시 중구 세종대로 110", "3층", "04524")),
    ("13529  경기도 성남시 분당구 판교역로 166", ("경기도 성남시 분당구 판교역로 166", "", "13529")),
    ("06236 서울특별시 강남구 테헤란로7길 22-5, 101동 502호 (역삼동)",
     ("서울특별시 강남구 테헤란로7길 22-5", "101동 502호 (역삼동)", "06236")),
    ("서울특별시 중구 세종대로 110", None), ("04524 서울특별시 중구 태평로1가 31번지", None), ("", None),
])
def test_postal_addresses_are_road_names(typed, lines):
    if lines:
        assert addresses.postal_lines(addresses.postal(typed)) == lines
    else:
        with pytest.raises(PostalAddressWrong):
            addresses.postal(typed)


@pytest.mark.parametrize(("text", "expected"), [
    ("a" * 160, ("gsm-7", 160, 1)), ("a" * 161, ("gsm-7", 161, 2)), ("€" * 80, ("gsm-7", 160, 1)),
    ("a" * 152 + "€" + "a" * 153, ("gsm-7", 307, 3)),
    ("가" * 70, ("ucs-2", 70, 1)), ("가" * 71, ("ucs-2", 71, 2)), ("😀" * 35, ("ucs-2", 70, 1)),
    ("가" * 66 + "😀" + "가" * 66, ("ucs-2", 134, 3)), ("Привет", ("ucs-2", 6, 1)), ("", ("gsm-7", 0, 1)),
])
def test_text_messages_are_counted_as_networks_do(text, expected):
    counted = texts.size(text)
    assert (counted.alphabet, counted.units, counted.parts) == expected


@given(st.text(max_size=400))
def test_a_longer_text_never_takes_fewer_parts(text):
    assert texts.size(text).parts <= texts.size(text + "가").parts


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1)))  # noqa: DTZ001
def test_devices_stay_silent_at_night_and_never_for_longer(moment):
    at, quiet = moment.replace(tzinfo=SEOUL), ways.ways().quiet
    when = choosing.not_before(quiet, "sms", Urgency.ORDINARY, at)
    assert at <= when <= at + timedelta(hours=11)
    assert quiet.ends <= when.time() < quiet.begins
    for urgent in (Urgency.LEGAL, Urgency.EMERGENCY):
        assert choosing.not_before(quiet, "sms", urgent, at) == at
    assert choosing.not_before(quiet, "email", Urgency.ORDINARY, at) == at


class TestForAnother:
    """Somebody without an account: a parent or guardian who reads their messages gets them."""

    def test_a_childs_notice_reaches_the_parent_by_email_in_the_parents_language(self, transactional_db, book, post):
        child, parent = book.resident(), book.resident(Language.VI, "parent@example.org")
        book.entries[child.subject] = Address(Language.VI, "parent@example.org", parent.subject)
        tell(child)
        facade.deliver_due(clock.now() + timedelta(seconds=1), only="email")
        [mail] = list((post / "parent@example.org").glob("*.eml"))
        written = message_from_bytes(mail.read_bytes(), policy=default)
        assert written["Content-Language"] == "vi"
        assert "người mà quý vị đang đại diện" in written.get_body(("plain",)).get_content()
        assert "người mà quý vị đang đại diện" in written.get_body(("html",)).get_content()

    def test_a_letter_of_ones_own_has_no_such_line(self, transactional_db, book, post):
        tell(book.resident(Language.VI, "self@example.org"))
        facade.deliver_due(clock.now() + timedelta(seconds=1), only="email")
        [mail] = list((post / "self@example.org").glob("*.eml"))
        written = message_from_bytes(mail.read_bytes(), policy=default)
        assert "đại diện" not in written.get_body(("plain",)).get_content()

    def test_a_legal_notice_goes_by_the_parents_contact_points_and_stays_the_childs(self, transactional_db, book):
        child, parent = book.resident(), book.resident()
        facade.add_phone_for(OFFICER, parent.subject, "010-1234-5678", NOON, mobile=True)
        book.entries[child.subject] = Address(Language.KO, "", parent.subject)
        with transaction():
            facade.tell(child.subject, "case_refused", {"service": "주차", "number": "1"}, link="/my", about=new_id())
        [message] = facade.inbox(child)
        assert {one.channel for one in facade.deliveries(child, message.id)} > {"inbox"}
        assert facade.inbox(parent) == []

    def test_with_a_contact_point_of_their_own_nothing_goes_to_another(self, transactional_db, book):
        child, parent = book.resident(), book.resident()
        for one, number in ((parent, "010-1234-5678"), (child, "010-8765-4321")):
            facade.add_phone_for(OFFICER, one.subject, number, NOON, mobile=True)
        book.entries[child.subject] = Address(Language.KO, "", parent.subject)
        reachable = courses._reachable(child.subject)
        assert [one.address for one in reachable.by("sms")] == ["+821087654321"]
