"""Two officers warn a district: everybody there, by every way, in their language, once."""

import json
import subprocess
import sys

import pytest

from madang.commons.notify import facade
from madang.commons.notify.addresses import Address
from madang.commons.notify.contracts import (
    BroadcastDecided,
    BroadcastState,
    BroadcastWrong,
    DeliveryState,
    Draft,
    Permission,
    SecondOfficerNeeded,
)
from madang.kernel import clock
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.errors import NotPermitted
from madang.kernel.ids import AccountId, ResidentId, new_id
from madang.kernel.languages import Language, Text
from madang.simulation import aggregator, push_service
from madang.simulation.mail import folder_of

HERE, ELSEWHERE = "11110", "11140"
CITY = Actor.system("tests", frozenset(Permission))


def officer(*permissions, name="officer 1"):
    return Actor(ActorKind.OFFICER, name, account=AccountId(new_id()), permissions=frozenset(permissions or Permission))


def draft(**said):
    texts = {Language.KO: "지금 대피하세요", Language.EN: "Leave now"} | {Language(one): said[one] for one in said}
    return Draft(Text(texts), Text({language: f"{words}." for language, words in texts.items()}), [HERE])


def person(language, district, **addresses):
    resident = new_id()
    facade.take_over(
        CITY, [(resident, language, district, channel, address) for channel, address in addresses.items()], clock.now()
    )
    return Actor(ActorKind.RESIDENT, "resident", subject=ResidentId(resident))


def sent(written):
    number = facade.write(officer(), written, clock.now()).id
    facade.approve(officer(name="officer 2"), number, clock.now())
    for broadcast in facade.approved():
        facade.compose(broadcast, clock.now())
        for channel in facade.broadcast_channels():
            facade.carry_on(channel)
    return number


@pytest.fixture
def browser(outside, settings):
    push_service._books.cache_clear()
    push_service._browser.cache_clear()
    yield push_service.subscribe(settings.MADANG_AGGREGATOR_URL.removesuffix("/aggregator"))
    push_service._books.cache_clear()


def test_everybody_there_is_told_by_every_way_in_their_language(transactional_db, book, post, outside, browser):
    korean = person("ko", HERE, sms="+821011111111", push=browser, email="one@example.org")
    russian = person("ru", HERE, sms="+821022222222")
    thai = person("th", HERE, sms="+821033333333")
    person("ko", ELSEWHERE, sms="+821044444444")
    number = sent(draft(ru="Уходите немедленно"))
    assert "지금 대피하세요" in aggregator.messages_to("+821011111111")[0]["body"]
    assert "Уходите немедленно." in aggregator.messages_to("+821022222222")[0]["body"]
    assert "Leave now" in aggregator.messages_to("+821033333333")[0]["body"], "English where there is no text in Thai"
    assert aggregator.messages_to("+821044444444") == []
    [shown] = push_service.shown_on(browser)
    assert (shown["title"], shown["lang"]) == ("지금 대피하세요", "ko")
    assert len(list(folder_of(post, "one@example.org").glob("*.eml"))) == 1
    for actor, language in ((korean, Language.KO), (russian, Language.RU), (thai, Language.EN)):
        [message] = facade.inbox(actor)
        assert message.language is language
    told = facade.report_of(officer(), number)
    assert (told.residents, told.handed_over) == (3, 3 + 5)
    assert told.by_language == {Language.KO: 1, Language.RU: 1, Language.EN: 1}


def test_sent_again_by_a_second_worker_it_is_the_same_message(transactional_db, book, outside):
    person("ko", HERE, sms="+821011111111")
    number = sent(draft())
    facade.compose(number, clock.now())
    for channel in facade.broadcast_channels():
        assert facade.carry_on(channel) == 0
    assert aggregator.counts() == {"messages": 1, "handed_in_again": 0, "SMS": 1}


def test_nobody_approves_what_they_wrote_and_nothing_is_decided_twice(transactional_db, book):
    writer, other = officer(), officer(name="officer 2")
    written = facade.write(writer, draft(), clock.now())
    with pytest.raises(SecondOfficerNeeded):
        facade.approve(writer, written.id, clock.now())
    with pytest.raises(NotPermitted):
        facade.approve(officer(Permission.WRITE_BROADCAST), written.id, clock.now())
    assert facade.approved() == []
    assert facade.approve(other, written.id, clock.now()).state is BroadcastState.APPROVED
    with pytest.raises(BroadcastDecided):
        facade.withdraw(writer, written.id, clock.now())
    with pytest.raises(SecondOfficerNeeded):
        facade.approve(CITY, facade.write(CITY, draft(), clock.now()).id, clock.now())


@pytest.mark.parametrize("wrong", [
    Draft(Text({Language.KO: " "}), Text({Language.KO: "가"})),
    Draft(Text({Language.KO: "가" * 61}), Text({Language.KO: "가"})),
    Draft(Text({Language.KO: "가"}), Text({Language.KO: "가" * 501})),
    Draft(Text({Language.KO: "가", Language.EN: "a"}), Text({Language.KO: "가"})),
    Draft(Text({Language.KO: "가"}), Text({Language.KO: "가"}), ["seoul"]),
    Draft(Text({Language.KO: "가"}), Text({Language.KO: "가"}), [], "//evil.example"),
])
def test_a_broadcast_that_cannot_be_sent_is_not_written(transactional_db, wrong):
    with pytest.raises(BroadcastWrong):
        facade.write(officer(), wrong, clock.now())


def test_a_browser_that_unsubscribed_is_not_asked_again(transactional_db, book, outside, browser):
    resident = person("ko", HERE, push=browser)
    push_service.unsubscribe(browser)
    sent(draft())
    [message] = [one for one in facade.inbox(resident) if one.template == "broadcast"]
    assert {one.channel: one.state for one in facade.deliveries(resident, message.id)}["push"] is DeliveryState.GIVEN_UP
    assert not facade.ways_of(resident).contacts[0].is_open
    assert facade.audience(officer(), [HERE]) == {"residents": 1}


def test_what_is_no_address_is_not_taken_over(transactional_db):
    person("ko", HERE, sms="010-1111-1111", email="nobody", letter="somewhere", fax="1")
    assert facade.audience(officer(), [HERE]) == {"residents": 0}


@pytest.mark.long
def test_a_sender_killed_in_the_middle_loses_nothing_and_sends_nothing_twice():
    done = subprocess.run(
        [sys.executable, "-m", "madang.entrypoints.cli", "bench", "notify", "--quick", "--json"],
        capture_output=True, text=True, timeout=200, check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["lost"], found["duplicated"], found["killed_and_resumed"]) == (0, 0, True)
    assert found["handed_after_kill"] > 0


def holder(book, language, district=HERE, email=""):
    """Somebody of whom notify knows no address, only that they have an account."""
    actor = book.resident(Language(language), email)
    facade.take_over(CITY, [(actor.subject, language, district, "account", "")], clock.now())
    return actor


class TestAccountHolders:
    def test_they_are_reached_at_the_address_that_identity_knows_when_it_goes_out(self, transactional_db, book, post):
        actor = holder(book, "vi", email="old@example.org")
        holder(book, "ko", ELSEWHERE, "far@example.org")
        assert facade.audience(officer(), [HERE]) == {"residents": 1, "account": 1}
        book.entries[actor.subject] = Address(Language.VI, "new@example.org")
        told = facade.report_of(officer(), sent(draft(vi="Sơ tán ngay")))
        assert len(list(folder_of(post, "new@example.org").glob("*.eml"))) == 1
        assert not list(folder_of(post, "old@example.org").glob("*.eml")), "no copy of an address is kept"
        assert not list(folder_of(post, "far@example.org").glob("*.eml"))
        assert told.by_language == {Language.VI: 1}

    def test_with_an_address_of_their_own_they_get_one_letter(self, transactional_db, book, post):
        actor = holder(book, "ko", email="account@example.org")
        facade.take_over(CITY, [(actor.subject, "ko", HERE, "email", "own@example.org")], clock.now())
        sent(draft())
        assert len(list(folder_of(post, "own@example.org").glob("*.eml"))) == 1
        assert not list(folder_of(post, "account@example.org").glob("*.eml"))

    def test_an_account_that_was_closed_meanwhile_is_given_up(self, transactional_db, book, post):
        actor = holder(book, "ko")
        book.entries[actor.subject] = Address(Language.KO, "")
        told = facade.report_of(officer(), sent(draft()))
        assert told.by_channel["email"] == {DeliveryState.GIVEN_UP: 1}


class TestMessenger:
    def test_a_messenger_account_gets_the_approved_frame_in_its_language(self, transactional_db, book, outside):
        person("ru", HERE, alimtalk="+821055555555")
        sent(draft(ru="Уходите немедленно"))
        [shown] = aggregator.messages_to("+821055555555")
        assert (shown["kind"], shown["status"]) == ("ATA", "2000"), "the messenger refuses what nobody approved"
        assert shown["body"].startswith("[Экстренно] Уходите немедленно\n\nУходите немедленно.")

    def test_the_longest_broadcast_fits(self, transactional_db, book, outside):
        person("ko", HERE, alimtalk="+821055555555")
        sent(Draft(Text({Language.KO: "가" * 60}), Text({Language.KO: "나" * 500}), [HERE]))
        assert aggregator.messages_to("+821055555555")[0]["status"] == "2000"
