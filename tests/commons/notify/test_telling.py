"""A resident is told once, in their language, in the inbox and by e-mail, also when things fail on the way."""

import email
import email.policy
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madang.commons.db.transactions import transaction
from madang.commons.notify import facade, profile
from madang.commons.notify.contracts import DeliveryState, FactsWrong, MessageUnknown
from madang.commons.notify.facade import carrying
from madang.kernel import clock
from madang.kernel.actors import VISITOR
from madang.kernel.errors import SignInNeeded
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language
from madang.simulation.mail import folder_of

FACTS = {"service": "Extract <b>", "number": "2026-K7QF-3M9X", "due": "2026-11-25", "amount": "800"}
SOON = timedelta(seconds=1)


def tell(actor, template="case_received", about=None):
    about = about or new_id()
    with transaction():
        facade.tell(actor.subject, template, FACTS, link="/my/cases/2026-K7QF-3M9X", about=about)
    return about


def mails(post, address):
    files = sorted(folder_of(post, address).glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return [file.read_bytes() for file in files]


def states(actor):
    message = facade.inbox(actor)[0]
    return {delivery.channel: delivery.state for delivery in facade.deliveries(actor, message.id)}


def run(passed=SOON):
    return facade.deliver_due(clock.now() + passed)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("template", ["case_received", "fee_due"])
def test_the_letter_is_in_the_residents_language_and_says_so(transactional_db, book, post, language, template):
    resident = book.resident(language)
    tell(resident, template)
    assert run() == 1
    mail = email.message_from_bytes(mails(post, book.email(resident))[0], policy=email.policy.default)
    plain, html = (mail.get_body([kind]).get_content() for kind in ("plain", "html"))
    assert mail["Content-Language"] == language.tag
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<notices.seoul.example>"
    assert mail["Subject"] == facade.inbox(resident)[0].title
    assert f'<html lang="{language.tag}" dir="ltr">' in html
    for text in (plain, html):
        assert "https://city.example:8443/my/cases/2026-K7QF-3M9X" in text
        assert "2026-K7QF-3M9X" in text
        assert "120" in text
    assert "<b>" not in html
    assert not list(mail.iter_attachments())


def test_told_twice_is_told_once_also_at_the_same_moment(transactional_db, book, post):
    resident, about = book.resident(), new_id()

    def at_once():
        try:
            tell(resident, about=about)
        finally:
            connection.close()

    threads = [threading.Thread(target=at_once) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell(resident, about=about)
    assert len(facade.inbox(resident)) == 1
    assert run() == 1
    assert run() == 0
    assert len(mails(post, book.email(resident))) == 1


def test_a_message_goes_with_its_transaction(transactional_db, book):
    resident = book.resident()
    with pytest.raises(ZeroDivisionError), transaction():
        facade.tell(resident.subject, "case_approved", FACTS, link="/my", about=new_id())
        1 / 0  # noqa: B018
    assert facade.inbox(resident) == []
    with pytest.raises(RuntimeError, match="outside a transaction"):
        facade.tell(resident.subject, "case_approved", FACTS, link="/my", about=new_id())


@pytest.mark.parametrize("link", ["//evil.example", "https://evil.example", "my/cases"])
def test_a_link_leads_into_the_portal(transactional_db, book, link):
    with transaction(), pytest.raises(FactsWrong, match="path of the portal"):
        facade.tell(book.resident().subject, "case_approved", FACTS, link=link, about=new_id())


def test_an_unknown_template_is_a_callers_mistake(transactional_db, book):
    with transaction(), pytest.raises(FactsWrong, match="case_lost"):
        facade.tell(book.resident().subject, "case_lost", FACTS, link="/my", about=new_id())


def test_the_inbox_is_the_residents_own_and_counts_what_is_unread_in_one_query(transactional_db, book):
    resident, other = book.resident(), book.resident()
    tell(resident)
    tell(resident, "case_approved")
    newest, oldest = facade.inbox(resident)
    assert facade.inbox(resident, before=newest.at) == [oldest]
    with CaptureQueriesContext(connection) as queries:
        assert facade.unread(resident) == 2
    assert len(queries) == 1
    facade.mark_read(resident, newest.id)
    assert facade.unread(resident) == 1
    assert states(resident)["inbox"] is DeliveryState.READ
    with pytest.raises(MessageUnknown):
        facade.mark_read(other, newest.id)
    assert facade.unread(VISITOR) == 0
    with pytest.raises(SignInNeeded):
        facade.inbox(VISITOR)


@pytest.mark.parametrize("fault", ["refuse", "cut"])
def test_a_failing_mail_server_delays_a_letter_and_does_not_lose_it(transactional_db, book, post, fault):
    resident = book.resident()
    (post / fault).touch()
    tell(resident)
    run()
    assert states(resident) == {"inbox": DeliveryState.SENT, "email": DeliveryState.FAILED_WILL_RETRY}
    assert run() == 0, "it waits before the next try"
    (post / fault).unlink()
    assert run(timedelta(seconds=10)) == 1
    assert states(resident)["email"] is DeliveryState.SENT
    assert len(mails(post, book.email(resident))) == 1


def test_one_letter_that_fails_does_not_hold_up_the_others(transactional_db, book, post):
    unlucky, lucky = book.resident(email="nobody\n@example.org"), book.resident()
    tell(unlucky)
    tell(lucky)
    run()
    assert states(lucky)["email"] is DeliveryState.SENT
    assert states(unlucky)["email"] is DeliveryState.GIVEN_UP


def test_a_dead_server_is_asked_a_few_times_and_then_given_up_after_five_days(transactional_db, book, settings):
    settings.MADANG_SMTP_URL = "smtp://127.0.0.1:9"
    resident = book.resident()
    tell(resident)
    run()
    assert states(resident)["email"] is DeliveryState.FAILED_WILL_RETRY
    run(timedelta(days=5))
    assert states(resident)["email"] is DeliveryState.GIVEN_UP
    assert facade.standing()["email", DeliveryState.GIVEN_UP] == 1
    assert facade.try_again("email", clock.now()) == 1
    assert states(resident)["email"] is DeliveryState.FAILED_WILL_RETRY


def test_a_resident_without_an_account_is_told_in_the_inbox_only(transactional_db, book, post):
    resident = book.resident()
    del book.entries[resident.subject]
    tell(resident)
    run()
    assert facade.inbox(resident)[0].language is Language.KO
    assert states(resident) == {"inbox": DeliveryState.SENT, "email": DeliveryState.GIVEN_UP}


def test_a_worker_that_dies_after_the_server_accepted_sends_the_same_letter_again(
    transactional_db, book, post, monkeypatch
):
    resident = book.resident()
    tell(resident)

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(carrying, "_settle", die)
        run()
    assert run() == 0, "the begun try keeps others away"
    lease = profile.voice().patience.lease
    assert run(lease + timedelta(seconds=5)) == 1
    first, second = mails(post, book.email(resident))
    assert first == second, "the copy is recognisable: the same Message-ID and the same bytes"
    assert run(timedelta(days=1)) == 0


def test_an_answer_lost_on_the_way_makes_a_copy_with_the_same_message_id(transactional_db, book, post):
    resident = book.resident()
    (post / "cut_after").touch()
    tell(resident)
    run()
    (post / "cut_after").unlink()
    run(timedelta(seconds=10))
    first, second = mails(post, book.email(resident))
    assert first == second
    assert states(resident)["email"] is DeliveryState.SENT


def test_two_workers_take_different_letters(transactional_db, book, post):
    residents = [book.resident() for _ in range(30)]
    for resident in residents:
        tell(resident)

    def work():
        try:
            while facade.deliver_due(clock.now() + SOON, limit=3):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(mails(post, book.email(resident))) for resident in residents] == [1] * 30


def test_old_messages_and_a_residents_messages_are_forgotten(transactional_db, book):
    resident, other = book.resident(), book.resident()
    tell(resident)
    tell(other)
    assert facade.forget_resident(ResidentId(resident.subject)) == 1
    assert facade.inbox(resident) == []
    assert facade.forget_old(clock.now()) == 0
    assert facade.forget_old(clock.now() + profile.voice().keep + SOON) == 1
    assert facade.inbox(other) == []
