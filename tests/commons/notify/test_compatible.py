"""The client of the product that the API is compatible with works against it, unchanged, for every call it offers."""

import base64
import hmac
import io
import json
import re
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import urlsplit
from uuid import uuid4

import jwt
import pytest
import requests
from django.test import Client as Browser
from notifications_python_client import prepare_upload
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient
from pypdf import PdfReader

from madang.commons.notify import facade
from madang.commons.notify.contracts import KeyKind, NoticeKind, Permission, TextToSave
from madang.commons.notify.models import SentFileRow, ServiceKeyRow
from madang.kernel import clock
from madang.kernel.actors import VISITOR, Actor
from madang.kernel.errors import SignInNeeded
from madang.simulation import aggregator
from madang.simulation.mail import folder_of

OPERATOR = Actor.system("tests", frozenset(Permission))
ADDRESS = {
    "address_line_1": "홍길동 (가상)", "address_line_2": "서울특별시 중구 세종대로 110", "address_line_3": "04524",
}


class City:
    def __init__(self, url):
        self.url = url
        self.service = facade.make_service(OPERATOR, "Parking permits", 100, clock.now())
        self.key = facade.make_key(OPERATOR, self.service.name, "production", clock.now())
        self.client = NotificationsAPIClient(self.key, base_url=url)
        self.sms = self.save(NoticeKind.SMS, "reminder", "Permit ((plate)) ends on ((day)).((late?? Late.))")
        self.email = self.save(NoticeKind.EMAIL, "welcome", "Hello ((name))\n\nAs you asked.", "Dear ((name))")
        self.letter = self.save(NoticeKind.LETTER, "notice", "안녕하십니까, ((name))님.\n\n허가증입니다.", "허가증")

    def save(self, kind, name, body, subject=""):
        text = TextToSave(kind, name, subject, body)
        return str(facade.save_template(OPERATOR, "Parking permits", text, clock.now()).id)

    def client_with(self, **facts):
        key = facade.make_key(OPERATOR, self.service.name, f"key {uuid4()}", clock.now(), **facts)
        return NotificationsAPIClient(key, base_url=self.url)


@pytest.fixture
def city(transactional_db, live_server, outside, settings, post):
    settings.MADANG_PUBLIC_URL = live_server.url
    return City(live_server.url)


def sms(city, client=None, **more):
    given = {"plate": "12가 3456", "day": "1 May", "late": "yes"} | more.pop("personalisation", {})
    return (client or city.client).send_sms_notification("010-2222-3333", city.sms, personalisation=given, **more)


def refused(call, *args, **facts):
    with pytest.raises(HTTPError) as wrong:
        call(*args, **facts)
    return wrong.value.status_code, wrong.value.message[0]["error"], wrong.value.message[0]["message"]


def test_a_text_message_is_sent_and_its_report_comes_back(city):
    sent = sms(city, reference="permit 7")
    assert sent["content"] == {"body": "Permit 12가 3456 ends on 1 May. Late.", "from_number": "120"}
    assert sent["template"]["id"] == city.sms
    assert city.client.get_notification_by_id(sent["id"])["status"] == "created"
    assert facade.deliver_for_services(clock.now() + timedelta(seconds=1)) == 1
    assert aggregator.messages_to("+821022223333")[0]["body"] == sent["content"]["body"]
    assert city.client.get_notification_by_id(sent["id"])["status"] == "sending"
    facade.receive_reports([{"clientMessageId": sent["id"], "statusCode": "4000"}], clock.now())
    told = city.client.get_notification_by_id(sent["id"])
    assert (told["status"], told["type"], told["reference"]) == ("delivered", "sms", "permit 7")
    assert told["completed_at"]
    assert facade.deliver_for_services(clock.now() + timedelta(days=1)) == 0


def test_an_email_is_sent_with_one_click_unsubscribe(city, post):
    sent = city.client.send_email_notification(
        "who@example.org", city.email, {"name": "Mai"}, one_click_unsubscribe_url="https://example.org/stop"
    )
    assert sent["content"]["subject"] == "Dear Mai"
    facade.deliver_for_services(clock.now() + timedelta(seconds=1))
    [file] = folder_of(post, "who@example.org").glob("*.eml")
    assert b"List-Unsubscribe: <https://example.org/stop>" in file.read_bytes()
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in file.read_bytes()
    assert city.client.get_notification_by_id(sent["id"])["status"] == "delivered"


def test_letters_are_set_and_handed_to_the_printing_house(city, settings):
    sent = city.client.send_letter_notification(city.letter, ADDRESS | {"name": "길동"})
    text = PdfReader(city.client.get_pdf_for_letter(sent["id"])).pages[0].extract_text()
    assert "04524" in text
    assert "허가증입니다." in text
    ready = city.client.send_precompiled_letter_notification("ours", io.BytesIO(b"%PDF-1.7\n%%EOF"))
    assert ready["reference"] == "ours"
    facade.deliver_for_services(clock.now() + timedelta(seconds=1))
    [manifest] = (settings.MADANG_INSTANCE / "outbound" / "letters").glob("*/manifest.json")
    listed = {one["id"]: one for one in json.loads(manifest.read_text())["letters"]}
    assert listed[sent["id"]]["address"] == "04524 서울특별시 중구 세종대로 110"
    assert (manifest.parent / listed[ready["id"]]["file"]).read_bytes() == b"%PDF-1.7\n%%EOF"
    assert city.client.get_notification_by_id(sent["id"])["status"] == "accepted"
    assert city.client.get_notification_by_id(sent["id"])["line_1"] == "홍길동 (가상)"


def test_notifications_are_listed_and_iterated(city):
    for number in range(3):
        sms(city, reference=f"r{number % 2}")
    city.client.send_email_notification("who@example.org", city.email, {"name": "Mai"})
    everything = city.client.get_all_notifications()
    assert [one["type"] for one in everything["notifications"]] == ["email", "sms", "sms", "sms"]
    assert len(city.client.get_all_notifications(reference="r0", template_type="sms")["notifications"]) == 2
    assert city.client.get_all_notifications(status="failed")["notifications"] == []
    assert len(list(city.client.get_all_notifications_iterator(template_type="sms"))) == 3
    assert city.client.get_received_texts()["received_text_messages"] == []
    assert list(city.client.get_received_texts_iterator()) == []


def test_templates_are_read_and_previewed(city):
    first = city.client.get_template(city.sms)
    assert set(first["personalisation"]) == {"plate", "day", "late"}
    city.save(NoticeKind.SMS, "reminder", "New: ((plate))")
    assert city.client.get_template(city.sms)["version"] == 2
    assert city.client.get_template_version(city.sms, 1)["body"] == first["body"]
    assert {one["name"] for one in city.client.get_all_templates()["templates"]} == {"reminder", "welcome", "notice"}
    assert [one["type"] for one in city.client.get_all_templates("email")["templates"]] == ["email"]
    assert [one["version"] for one in city.client.get_all_template_versions(city.sms)["data"]] == [2, 1]
    shown = city.client.post_template_preview(city.email, {"name": "<b>"})
    assert (shown["subject"], shown["type"]) == ("Dear <b>", "email")
    assert shown["html"].startswith("<p>Hello &lt;b&gt;</p>")


def test_what_is_wrong_is_told_in_the_products_form(city):
    client = city.client
    assert refused(client.send_sms_notification, "02-120", city.sms, {"plate": 1, "day": 1, "late": 1})[:2] == (
        400, "ValidationError")
    assert refused(client.send_sms_notification, "010-2222-3333", city.sms, {"plate": "1"}) == (
        400, "BadRequestError", "Missing personalisation: day, late")
    assert refused(client.send_sms_notification, "010-2222-3333", city.email, {"name": "1"})[2].startswith(
        "email template is not suitable")
    assert refused(client.send_email_notification, "nobody", city.email, {"name": "1"})[1] == "ValidationError"
    assert refused(client.send_letter_notification, city.letter, {"name": "a", "address_line_1": "a"})[2] == (
        "Address must be at least 3 lines long")
    abroad = ADDRESS | {"name": "a", "address_line_3": "SW1A"}
    assert refused(client.send_letter_notification, city.letter, abroad)[:2] == (400, "ValidationError")
    assert refused(client.send_precompiled_letter_notification, "r", io.BytesIO(b"GIF89a"))[1] == "ValidationError"
    assert refused(client.get_notification_by_id, uuid4()) == (404, "NoResultFound", "No result found")
    assert refused(client.get_template, uuid4())[0] == 404
    assert refused(client.post_template_preview, city.sms, {})[2] == "Missing personalisation: plate, day, late"
    assert refused(client.get_all_templates, "fax")[0] == 400
    with_file = {"plate": {"file": "x"}, "day": 1, "late": 1}
    assert refused(client.send_sms_notification, "010-2222-3333", city.sms, with_file)[0] == 400


def test_another_service_sees_nothing_of_it(city):
    sent = sms(city)
    facade.make_service(OPERATOR, "Libraries", 10, clock.now())
    other = NotificationsAPIClient(facade.make_key(OPERATOR, "Libraries", "k", clock.now()), base_url=city.url)
    assert refused(other.get_notification_by_id, sent["id"])[0] == 404
    assert refused(other.get_template, city.sms)[0] == 404
    assert refused(sms, city, other)[2] == "Template not found"
    assert other.get_all_notifications()["notifications"] == []


@pytest.mark.parametrize("tamper", ["none", "secret", "old", "future", "alg", "service", "iss", "iat", "bytes"])
def test_a_token_that_is_not_right_is_refused(city, tamper):
    service, secret, now = str(city.service.id), city.key[-36:], int(time.time())
    claims = {"iss": service, "iat": now}
    token = {
        "none": "", "secret": jwt.encode(claims, str(uuid4()), "HS256"),
        "old": jwt.encode(claims | {"iat": now - 40}, secret, "HS256"),
        "future": jwt.encode(claims | {"iat": now + 40}, secret, "HS256"),
        "alg": jwt.encode(claims, None, "none"), "service": jwt.encode(claims | {"iss": str(uuid4())}, secret, "HS256"),
        "iss": jwt.encode({"iat": now}, secret, "HS256"), "iat": jwt.encode({"iss": service}, secret, "HS256"),
        "bytes": "a.b.c",
    }[tamper]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.get(f"{city.url}/v2/notifications", headers=headers, timeout=5)
    assert answer.status_code == (401 if tamper == "none" else 403)
    assert answer.json()["errors"][0]["error"] == "AuthError"


def test_a_revoked_key_opens_nothing_and_no_secret_is_kept_readable(city):
    assert city.key[-36:] not in str(list(ServiceKeyRow.objects.values_list()))
    facade.revoke_key(OPERATOR, city.service.name, "production", clock.now())
    assert refused(city.client.get_all_notifications)[:2] == (403, "AuthError")
    with pytest.raises(SignInNeeded):
        facade.make_key(VISITOR, city.service.name, "mine", clock.now())


def test_a_test_key_sends_nothing(city):
    trying = city.client_with(kind=KeyKind.TEST)
    assert trying.get_notification_by_id(sms(city, trying)["id"])["status"] == "delivered"
    assert facade.deliver_for_services(clock.now() + timedelta(days=1)) == 0
    assert aggregator.counts()["messages"] == 0


def test_a_service_sends_no_more_than_its_days_share(city):
    facade.make_service(OPERATOR, "Small", 2, clock.now())
    client = NotificationsAPIClient(facade.make_key(OPERATOR, "Small", "k", clock.now()), base_url=city.url)
    text = TextToSave(NoticeKind.SMS, "hello", "", "hello")
    hello = str(facade.save_template(OPERATOR, "Small", text, clock.now()).id)
    for _ in range(2):
        client.send_sms_notification("010-2222-3333", hello)
    assert refused(client.send_sms_notification, "010-2222-3333", hello) == (
        429, "TooManyRequestsError", "Exceeded send limits (2) for today")


def test_a_service_hears_of_its_notifications(city):
    heard = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append((self.headers["Authorization"], body["status"], body["to"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    ear = HTTPServer(("127.0.0.1", 0), Ear)
    Thread(target=ear.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{ear.server_port}/heard"
    facade.make_service(OPERATOR, "Listening", 9, clock.now(), callback=(url, "a token"))
    client = NotificationsAPIClient(facade.make_key(OPERATOR, "Listening", "k", clock.now()), base_url=city.url)
    text = TextToSave(NoticeKind.EMAIL, "hello", "hello", "hello")
    hello = str(facade.save_template(OPERATOR, "Listening", text, clock.now()).id)
    client.send_email_notification("who@example.org", hello)
    facade.deliver_for_services(clock.now() + timedelta(seconds=1))
    assert facade.tell_services(clock.now() + timedelta(seconds=2)) == 1
    assert facade.tell_services(clock.now() + timedelta(hours=2)) == 0
    assert heard == [("Bearer a token", "delivered", "who@example.org")]
    ear.shutdown()


class TestReceivedTexts:
    NUMBER = "0220001234"

    def handed_over(self, city, *texts, forged=False):
        """What the aggregator does when people text: it hands them over, signed."""
        body = json.dumps({"messages": [
            {"messageId": number, "from": sender, "to": to, "text": text} for number, sender, to, text in texts
        ]}).encode()
        moment = str(int(time.time()))
        mac = hmac.new(facade.report_secret(), f"{moment}.".encode() + body, "sha256").hexdigest()
        headers = {"X-Report-Signature": f"t={moment},v1={'0' * 64 if forged else mac}"}
        return requests.post(f"{city.url}/messages/receipts/inbound", data=body, headers=headers, timeout=5)

    def test_the_client_reads_what_people_wrote_newest_first_each_once(self, city):
        facade.set_number(OPERATOR, city.service.name, self.NUMBER)
        first = ("m-1", "010-2222-3333", self.NUMBER, "언제 끝나나요?")
        assert self.handed_over(city, first).json() == {"news": 1}
        assert self.handed_over(city, first, ("m-2", "01022223333", self.NUMBER, "고맙습니다")).json() == {"news": 1}
        texts = city.client.get_received_texts()["received_text_messages"]
        assert [one["content"] for one in texts] == ["고맙습니다", "언제 끝나나요?"]
        assert {one["user_number"] for one in texts} == {"+821022223333"}
        assert {(one["notify_number"], one["service_id"]) for one in texts} == {(self.NUMBER, str(city.service.id))}
        assert [one["id"] for one in city.client.get_received_texts_iterator()] == [one["id"] for one in texts]
        older = city.client.get_received_texts(older_than=texts[0]["id"])["received_text_messages"]
        assert [one["content"] for one in older] == ["언제 끝나나요?"]

    def test_a_service_sees_only_its_own_and_a_number_is_one_services(self, city):
        other = facade.make_service(OPERATOR, "Library", 100, clock.now())
        facade.set_number(OPERATOR, city.service.name, self.NUMBER)
        facade.set_number(OPERATOR, other.name, self.NUMBER)
        self.handed_over(city, ("m-1", "010-2222-3333", self.NUMBER, "책"), ("m-2", "010-2222-3333", "0299", "?"))
        assert city.client.get_received_texts()["received_text_messages"] == []
        assert [one.content for one in facade.texts_of(other, None)] == ["책"]

    def test_a_forged_or_malformed_report_is_refused(self, city):
        facade.set_number(OPERATOR, city.service.name, self.NUMBER)
        text = ("m-1", "010-2222-3333", self.NUMBER, "x")
        assert self.handed_over(city, text, forged=True).status_code == 401
        assert facade.texts_of(city.service, None) == []

    def test_they_are_forgotten_after_ninety_days(self, city):
        facade.set_number(OPERATOR, city.service.name, self.NUMBER)
        self.handed_over(city, ("m-1", "010-2222-3333", self.NUMBER, "x"))
        facade.forget_old(clock.now() + timedelta(days=89))
        assert facade.texts_of(city.service, None)
        facade.forget_old(clock.now() + timedelta(days=91))
        assert facade.texts_of(city.service, None) == []

    def test_an_older_page_of_nothing_and_a_wrong_id(self, city):
        assert city.client.get_received_texts(older_than=str(uuid4()))["received_text_messages"] == []
        assert refused(city.client.get_received_texts, older_than="x")[0] == 400


class TestFiles:
    """Files by e-mail, as the client's ``prepare_upload`` hands them over."""

    PDF = b"%PDF-1.7 made up\n%%EOF"

    def sent(self, city, content=PDF, client=None, **facts):
        given = {"name": prepare_upload(io.BytesIO(content), **facts)}
        told = (client or city.client).send_email_notification("Who@Example.org", city.email, given)
        return re.search(r"https?://\S+/messages/files/\S+", told["content"]["body"])[0]

    def test_its_reader_gets_it_with_the_address_and_nobody_else(self, city):
        link = self.sent(city, filename="permit.pdf")
        page = Browser().get(urlsplit(link).path)
        assert "permit.pdf" in page.content.decode()
        assert self.PDF not in page.content
        wrong = Browser().post(urlsplit(link).path, {"address": "other@example.org"})
        assert (wrong.status_code, "other@example.org" in wrong.content.decode()) == (422, True)
        file = Browser().post(urlsplit(link).path, {"address": " who@example.org "})
        assert (file.content, file["Content-Type"]) == (self.PDF, "application/pdf")
        assert file["Content-Disposition"] == 'attachment; filename="permit.pdf"'

    def test_the_link_alone_opens_it_when_the_service_says_so(self, city):
        link = self.sent(city, b"a,b\n1,2\n", filename="two.csv", confirm_email_before_download=False)
        assert Browser().post(urlsplit(link).path).content == b"a,b\n1,2\n"

    def test_neither_the_table_nor_a_link_with_another_secret_opens_it(self, city):
        link = self.sent(city, confirm_email_before_download=False)
        row = SentFileRow.objects.get()
        kept = b"".join(bytes(part) for part in (row.sealed, row.secret_digest, row.recipient_digest))
        assert self.PDF not in kept
        assert link.rstrip("/").rpartition("/")[2].encode() not in kept
        assert Browser().post(f"/messages/files/{row.id}/{'x' * 43}/").status_code == 404

    def test_after_ten_wrong_addresses_nobody_gets_it(self, city):
        path = urlsplit(self.sent(city)).path
        said = [Browser().post(path, {"address": f"{number}@example.org"}).status_code for number in range(11)]
        assert said == [422] * 10 + [404]
        assert Browser().post(path, {"address": "who@example.org"}).status_code == 404

    def test_after_its_weeks_it_is_gone_and_deleted(self, city):
        path = urlsplit(self.sent(city, retention_period="1 week", confirm_email_before_download=False)).path
        ends = SentFileRow.objects.get().until
        assert timedelta(days=6) < ends - clock.now() <= timedelta(days=7)
        SentFileRow.objects.update(until=clock.now())
        assert Browser().post(path).status_code == 404
        facade.forget_old_files(clock.now())
        assert not SentFileRow.objects.exists()

    def test_two_megabytes_pass_and_a_byte_more_does_not(self, city):
        most = b"%PDF-" + b"x" * (2 * 1024 * 1024 - 5)
        link = self.sent(city, most, confirm_email_before_download=False)
        assert Browser().post(urlsplit(link).path).content == most
        given = {"name": {"file": base64.b64encode(most + b"x").decode()}}
        assert refused(city.client.send_email_notification, "a@example.org", city.email, given)[2] == (
            "File is larger than 2MB")

    @pytest.mark.parametrize(("facts", "says"), [
        ({"filename": "a.exe"}, "Unsupported file type 'exe'"), ({"filename": "a.png"}, "Unsupported file type 'png'"),
        ({"filename": "../a.pdf"}, "Filename"), ({"retention_period": "79 weeks"}, "retention_period '79 weeks'"),
        ({"retention_period": "1 year"}, "retention_period"), ({"confirm_email_before_download": "yes"}, "Use a bool"),
    ])
    def test_what_cannot_be_sent(self, city, facts, says):
        given = {"name": prepare_upload(io.BytesIO(self.PDF), **facts)}
        status, kind, message = refused(city.client.send_email_notification, "a@example.org", city.email, given)
        assert (status, kind) == (400, "BadRequestError")
        assert says in message
        assert not SentFileRow.objects.exists()

    def test_only_by_email(self, city):
        given = {"plate": prepare_upload(io.BytesIO(self.PDF)), "day": "1", "late": "no"}
        assert refused(city.client.send_sms_notification, "010-2222-3333", city.sms, given)[2] == (
            "Can only send a file by email")
