"""The pages: a resident says how they are reached, two officers warn, an agent calls, one click stops e-mails."""

import email.policy
import json
import re
from datetime import timedelta

import pytest
from django.test import Client

from madang.commons.db.transactions import transaction
from madang.commons.identity import facade as identity
from madang.commons.notify import facade
from madang.commons.notify.contracts import CallOutcome, DeliveryState, Permission
from madang.kernel import clock
from madang.kernel.actors import WHATEVER_IS_ASKED, Actor, ActorKind, Stated
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language
from madang.simulation import aggregator, print_house
from madang.simulation.mail import folder_of
from tests.commons.identity.people import officer, resident

FACTS = {"service": "Extract", "number": "2026-K7QF-3M9X", "due": "2026-11-25", "amount": "800"}
SAID = Stated(WHATEVER_IS_ASKED, "help_in_person", "", frozenset({Permission.SET_FOR_RESIDENT}))
OFFICER = Actor(ActorKind.OFFICER, "officer 14", permissions=frozenset(Permission), stated=[SAID])
NOON = clock.now().replace(hour=12)


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)


def signed_in(account, language="en"):
    client = Client(headers={"accept-language": language})
    token = identity.open_token_for(account.id, clock.now(), second_factor=True)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def as_person(monkeypatch, account, **facts):
    """Pages know people by their session; here the edge is told who it is."""
    actor = Actor(facts.pop("kind", ActorKind.RESIDENT), account.post or "resident", account=account.id,
                  subject=account.resident, permissions=frozenset(facts.pop("permissions", ())))
    monkeypatch.setattr("madang.commons.gateway.edge.caller", lambda _: actor)
    return actor


class TestWays:
    def test_a_resident_gives_a_phone_an_address_and_their_wishes(self, transactional_db, outside, monkeypatch):
        as_person(monkeypatch, resident(language=Language.EN))
        client = Client(headers={"accept-language": "en"})
        wrong = client.post("/my/ways/", {"do": "phone", "phone": "02-120"})
        assert wrong.status_code == 422
        assert 'value="02-120"' in wrong.text
        assert "is not a mobile phone number" in wrong.text
        assert "code_sent" in client.post("/my/ways/", {"do": "phone", "phone": "010-7777-8888"})["Location"]
        code = aggregator.messages_to("+821077778888")[0]["body"][1:7]
        assert client.post("/my/ways/", {"do": "code", "code": "abc"}).status_code == 422
        client.post("/my/ways/", {"do": "code", "code": code})
        wrong = client.post("/my/ways/", {"do": "postal", "name": "Kim", "address": "somewhere"})
        assert wrong.status_code == 422
        assert 'value="somewhere"' in wrong.text
        client.post("/my/ways/", {"do": "postal", "name": "Kim", "address": "04524 서울특별시 중구 세종대로 110"})
        client.post("/my/ways/", {"do": "choose", "requests.sms": "on", "decisions.email": "off"})
        page = client.get("/my/ways/").text
        assert "+821077778888" in page
        assert "세종대로 110" in page
        assert re.search(r'name="requests.sms" checked', page)
        assert not re.search(r'name="requests.email" checked', page)
        assert re.search(r'name="decisions.email" checked disabled', page)

    def test_each_page_is_in_eight_languages(self, transactional_db, outside, monkeypatch):
        as_person(monkeypatch, resident(), permissions=Permission, kind=ActorKind.OFFICER)
        pages = ("/my/ways/", "/messages/broadcasts/", "/messages/templates/", "/messages/calls/",
                 "/messages/templates/case_refused/")
        for page in pages:
            shown = [Client(headers={"accept-language": language.tag}).get(page).text for language in Language]
            titles = {re.search(r"<h1>([^<]+)", text)[1] for text in shown}
            assert len(titles) == (1 if "case_refused" in page else 8), page

    def test_nobody_sees_or_sets_anothers(self, transactional_db, monkeypatch):
        assert Client().get("/my/ways/").status_code in {302, 401}
        as_person(monkeypatch, resident())
        assert Client().get(f"/messages/for/{new_id()}/").status_code == 403
        assert Client().get("/messages/broadcasts/").status_code == 403
        assert Client().get("/messages/calls/").status_code == 403
        assert Client().get("/messages/templates/").status_code == 403


def test_two_officers_warn_a_district_by_the_pages(transactional_db, outside, monkeypatch):
    one, two = officer(), officer("second@seoul.example")
    as_person(monkeypatch, one, permissions=Permission, kind=ActorKind.OFFICER)
    client = Client(headers={"accept-language": "en"})
    given = {"district": "11110", "title.ko": "대피", "body.ko": "지금 대피하세요", "title.en": "Leave"}
    wrong = client.post("/messages/broadcasts/", given)
    assert wrong.status_code == 422
    assert "지금 대피하세요" in wrong.text, "what was typed stays"
    made = client.post("/messages/broadcasts/", given | {"body.en": "Leave now"})
    page = made["Location"]
    assert "Another officer must approve" in client.post(page, {"decision": "approve"}).text
    as_person(monkeypatch, two, permissions=Permission, kind=ActorKind.OFFICER)
    assert client.post(page, {"decision": "approve"}).status_code == 302
    [broadcast] = facade.approved()
    assert str(broadcast) in page


def test_one_click_ends_the_emails_and_only_of_that_topic(transactional_db, book, post, outside):
    person = book.resident(Language.EN)
    with transaction():
        facade.tell(person.subject, "case_received", FACTS, link="/my", about=new_id())
    facade.deliver_due(NOON + timedelta(seconds=1))
    [file] = folder_of(post, book.email(person)).glob("*.eml")
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = mail["List-Unsubscribe"].strip("<>").removeprefix("https://city.example:8443")
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    assert "Stop e-mails" in client.get(path).text
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    stands = {(one.topic, one.channel): one.wanted for one in facade.ways_of(person).choices}
    assert (stands["requests", "email"], stands["payments", "email"]) == (False, True)
    assert client.post(path[:-3] + "x/").status_code == 404
    with transaction():
        facade.tell(person.subject, "case_refused", FACTS, link="/my", about=new_id())
    facade.deliver_due(NOON + timedelta(seconds=2))
    mails = [one.read_bytes() for one in folder_of(post, book.email(person)).glob("*.eml")]
    assert len(mails) == 2, "a notice with legal effect still comes"
    assert sum(b"List-Unsubscribe:" in one for one in mails) == 1


class TestWithoutADevice:
    def notice(self, **contacts):
        whom = ResidentId(new_id())
        person = Actor(ActorKind.RESIDENT, "resident", subject=whom)
        if "letter" in contacts:
            facade.add_postal(OFFICER, "김순자 (가상)", contacts["letter"], NOON, whom)
        if "call" in contacts:
            facade.add_phone_for(OFFICER, whom, contacts["call"], NOON, mobile=False)
        with transaction():
            facade.tell(whom, "case_refused", FACTS, link="/my", about=new_id())
        return person

    def states(self, person):
        [message] = [one for one in facade.inbox(person) if one.template == "case_refused"]
        return {one.channel: one.state for one in facade.deliveries(person, message.id)}

    def test_a_registered_letter_is_confirmed_by_the_post(self, transactional_db, book, outside, settings):
        person = self.notice(letter="04524 서울특별시 중구 세종대로 110")
        facade.deliver_due(NOON + timedelta(seconds=1))
        assert self.states(person)["letter"] is DeliveryState.SENT
        assert print_house.take(settings.MADANG_INSTANCE / "outbound" / "letters") == 1
        assert facade.read_post(NOON) == 1
        assert self.states(person)["letter"] is DeliveryState.DELIVERED
        assert facade.take_steps(NOON + timedelta(days=99)) == 0

    def test_a_letter_that_comes_back_makes_a_call(self, transactional_db, book, outside, settings):
        person = self.notice(letter="00524 서울특별시 중구 세종대로 110", call="010-3333-4444")
        facade.deliver_due(NOON + timedelta(seconds=1))
        print_house.take(settings.MADANG_INSTANCE / "outbound" / "letters")
        facade.read_post(NOON)
        assert facade.take_steps(NOON + timedelta(seconds=2)) == 1
        facade.deliver_due(NOON + timedelta(seconds=3))
        assert self.states(person)["call"] is DeliveryState.SENT
        later = NOON + timedelta(seconds=9)
        call = facade.take_call(OFFICER, later)
        assert call.phone == "+821033334444"
        assert facade.take_call(OFFICER, later) is None, "it is this agent's"
        facade.settle_call(OFFICER, call.id, CallOutcome.NO_ANSWER, later)
        assert facade.take_call(OFFICER, later + timedelta(hours=3)) is None
        again = facade.take_call(OFFICER, later + timedelta(hours=5))
        facade.settle_call(OFFICER, again.id, CallOutcome.DONE, later)
        assert self.states(person)["call"] is DeliveryState.DELIVERED
        assert facade.take_steps(NOON + timedelta(days=99)) == 0

    def test_after_three_calls_that_nobody_answers_it_is_given_up(self, transactional_db, book, outside):
        person = self.notice(call="010-3333-4444")
        facade.deliver_due(NOON + timedelta(seconds=1))
        for hours in (1, 6, 11):
            call = facade.take_call(OFFICER, NOON + timedelta(hours=hours))
            facade.settle_call(OFFICER, call.id, CallOutcome.NO_ANSWER, NOON + timedelta(hours=hours))
        assert self.states(person)["call"] is DeliveryState.GIVEN_UP


def test_the_api_says_the_same(transactional_db, outside):
    person, lead = resident(), officer(role="desk_lead")
    client, desk = signed_in(person), signed_in(lead)
    wish = [{"topic": "requests", "channel": "sms", "wanted": True}]
    told = client.put("/api/v1/messages/ways", json.dumps(wish), content_type="application/json").json()
    assert next(one for one in told if (one["topic"], one["channel"]) == ("requests", "sms"))["wanted"]
    wish[0]["topic"] = "decisions"
    refused = client.put("/api/v1/messages/ways", json.dumps(wish), content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "notify.cannot_be_turned_off")
    assert Client().get("/api/v1/messages/ways").status_code == 401
    said = json.dumps({"titles": {"ko": "대피"}, "bodies": {"ko": "지금"}, "districts": ["11110"]})
    assert client.post("/api/v1/broadcasts", said, content_type="application/json").status_code == 403
    made = desk.post("/api/v1/broadcasts", said, content_type="application/json")
    assert made.status_code == 201
    assert desk.post(f"/api/v1/broadcasts/{made.json()['id']}/approve").json()["code"] == "notify.second_officer_needed"
    report = desk.get(f"/api/v1/broadcasts/{made.json()['id']}/report").json()
    assert report["residents"] == 0
    assert desk.get("/api/v1/calls").status_code == 403
