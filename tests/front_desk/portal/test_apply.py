"""Applying without JavaScript: every page by itself, what was typed kept, and back again after a stronger sign-in."""

import re

import pytest
from django.test import Client

from madang.kernel.assurance import Assurance
from madang.kernel.languages import Language
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Standing

EXTRACT = "/apply/resident-register-extract/"
TAX = "/apply/local-tax-certificate/"
BADGE = "/apply/disability-parking-badge/"


@pytest.fixture
def client(sign_in) -> Client:
    return sign_in()


def begin(client: Client, path: str) -> str:
    return client.get(path)["Location"]


def filled(client: Client, page: str) -> dict[str, str]:
    """What a browser would send from this page as it stands."""
    html = client.get(page).content.decode()
    answers = dict(re.findall(r'<input id="field-\S+" name="(\w+)" type="\w+"[^>]* value="([^"]*)"', html))
    answers |= dict(re.findall(r'type="radio" id="[^"]+" name="(\w+)" value="(\w+)" checked', html))
    answers |= dict(re.findall(r'<select id="[^"]+" name="(\w+)"[^§]*?value="(\w+)" selected', html))
    answers |= dict(re.findall(r'<textarea id="[^"]+" name="(\w+)"[^>]*>\n([^<]*)<', html))
    return answers


def walk(client: Client, first: str, **typed: str) -> str:
    """From the first page to the review, sending each page as it stands with what is typed on top."""
    page = first
    while not page.endswith("/review"):
        asked = filled(client, page)
        html = client.get(page).content.decode()
        named = {name: value for name, value in typed.items() if f'name="{name}"' in html}
        answer = client.post(page, asked | named)
        assert answer.status_code == 302, answer.content.decode()
        page = answer["Location"]
    return page


def test_from_the_service_to_a_sent_request(client: Client):
    review = walk(client, begin(client, EXTRACT), purpose="finance")
    text = client.get(review).content.decode()
    assert "Filled in from the residents&#x27; register" in text
    assert "김가람(합성)" in text
    sent = client.post(review)
    assert sent["Location"].startswith("/my/cases/")
    page = client.get(sent["Location"]).content.decode()
    assert "We have it." in page
    assert "Being checked" in page
    assert 'aria-live="polite"' in page
    assert "Look again" in page


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(client: Client):
    page = begin(client, BADGE)
    answer = client.post(page, {"phone": "12 what"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="12 what"' in text
    assert 'id="field-phone-error"' in text
    assert 'href="#field-phone"' in text
    assert 'aria-invalid="true"' in text
    assert 'value="12 what"' in client.get(page).content.decode()


def test_going_back_keeps_what_was_typed_and_asks_nothing(client: Client):
    first = begin(client, BADGE)
    second = client.post(first, filled(client, first))["Location"]
    back = client.post(second, {"plate": "99 ???", "go": "back"})
    assert back["Location"] == first
    assert "99 ???" in client.get(second).content.decode()


def test_changing_the_language_keeps_what_was_typed(client: Client):
    page = begin(client, BADGE)
    answer = client.post(page, {"phone": "010-9", "switch_lang": "vi"})
    assert answer["Location"] == page
    assert answer.cookies["madang_language"].value == "vi"
    text = client.get(page).content.decode()
    assert 'lang="vi"' in text
    assert "010-9" in text


def test_a_draft_is_saved_while_typing_without_a_page(client: Client):
    page = begin(client, BADGE)
    assert client.post(page, {"phone": "010", "autosave": "1"}).status_code == 204
    assert 'value="010"' in client.get(page).content.decode()


def test_a_stronger_sign_in_in_the_middle_comes_back_to_the_same_page(sign_in):
    weak = sign_in(assurance=Assurance.LOW)
    review = walk(weak, begin(weak, TAX), purpose="loan")
    assert "nothing is lost" in weak.get(review).content.decode()
    asked = weak.post(review)
    assert asked["Location"].startswith("/accounts/step-up/?next=%2Fapply%2F")
    assert asked["Location"].endswith("review")
    strong = sign_in(assurance=Assurance.SUBSTANTIAL)
    assert strong.post(review)["Location"].startswith("/my/cases/")


def test_somebody_elses_draft_is_not_there(client: Client, sign_in):
    page = begin(client, BADGE)
    other = sign_in("arrears")
    assert other.get(page).status_code == 404
    assert other.post(page, {"phone": "010"}).status_code == 404


def test_a_request_can_be_taken_back(client: Client):
    case = client.post(walk(client, begin(client, EXTRACT), purpose="finance"))["Location"].partition("?")[0]
    taken = client.post(f"{case}/withdraw")
    assert "Taken back" in client.get(taken["Location"]).content.decode()


def test_a_visitor_is_asked_to_sign_in_and_comes_back():
    answer = Client().get(TAX)
    assert answer["Location"] == "/accounts/login/?next=%2Fapply%2Flocal-tax-certificate%2F"


def test_every_post_needs_the_pages_token(sign_in):
    sign_in()
    guarded = Client(enforce_csrf_checks=True)
    page = guarded.get(BADGE)["Location"]
    assert guarded.post(page, {"phone": "010"}).status_code == 403


def test_who_read_my_data_and_the_lists_of_my_page(client: Client):
    begin(client, EXTRACT)
    lists = {"/my/": "Not sent yet", "/my/accesses": "A request that you made", "/my/inbox": "messages"}
    for path, said in lists.items():
        assert said in client.get(path).content.decode()


def test_html_in_an_answer_is_shown_as_text(client: Client):
    page = walk(client, begin(client, EXTRACT), purpose="finance", recipient="<b onmouseover=x>")
    text = client.get(page).content.decode()
    assert "<b onmouseover" not in text
    assert "&lt;b onmouseover" in text


def test_a_register_that_is_silent_leaves_its_question_to_be_filled_later(sign_in, residents, monkeypatch):
    from madang.records.registers import facade as registers
    from madang.records.registers.contracts import Register, RegisterUnavailable

    def silent(*_):
        raise RegisterUnavailable(register=Register.VEHICLES)

    monkeypatch.setattr(registers, "read", silent)
    client = sign_in()
    page = begin(client, BADGE)
    assert "does not answer at the moment" in client.get(page).content.decode()
    assert client.post(page, {"phone": "010-1234-5678"}).status_code == 302


def test_the_part_that_changes_says_when_nothing_more_happens(client: Client):
    case = client.post(walk(client, begin(client, EXTRACT), purpose="finance"))["Location"].partition("?")[0]
    assert "data-settled" not in client.get(f"{case}/now").content.decode()
    client.post(f"{case}/withdraw")
    assert "data-settled" in client.get(f"{case}/now").content.decode()


def test_the_language_of_a_request_is_the_one_it_was_sent_in(client: Client, residents):
    from tests.front_desk.portal.conftest import resident

    client.cookies["madang_language"] = "ja"
    client.post(walk(client, begin(client, EXTRACT), purpose="finance"))
    [case] = applications.my_cases(resident(residents["in_order"], Assurance.LOW))
    assert case.language is Language.JA
    assert case.standing is Standing.IN_REVIEW


def shown_of(client: Client, page: str) -> dict[str, str]:
    """What a browser would send from this page, with what it saw."""
    html = client.get(page).content.decode()
    return {**filled(client, page), "seen": re.search(r'name="seen" value="(\w+)"', html)[1]}


def question_of(client: Client) -> str:
    """The page of the extract that asks who it is for, reached on one device and known on the other."""
    page = begin(client, EXTRACT)
    while 'name="recipient"' not in client.get(page).content.decode():
        page = client.post(page, filled(client, page) | {"purpose": "finance"})["Location"]
    return page


def test_a_draft_begun_on_one_device_goes_on_on_another(client: Client, sign_in):
    page = question_of(client)
    client.post(page, shown_of(client, page) | {"purpose": "finance", "recipient": "한빛은행"})
    phone = sign_in()
    assert "한빛은행" in phone.get(page).content.decode()
    assert phone.get(EXTRACT)["Location"].split("/")[2] == page.split("/")[2]


def test_who_saves_later_sees_what_changed_and_overwrites_it_only_knowingly(client: Client, sign_in):
    page, phone = question_of(client), sign_in()
    on_phone, at_home = shown_of(phone, page), shown_of(client, page)
    assert client.post(page, at_home | {"purpose": "finance", "recipient": "한빛은행"}).status_code == 302
    late = phone.post(page, on_phone | {"purpose": "finance", "recipient": "새솔은행"})
    text = late.content.decode()
    assert late.status_code == 422
    assert "It now says: 한빛은행" in text
    assert 'value="새솔은행"' in text
    number = page.split("/")[2]
    assert "한빛은행" in client.get(f"/apply/{number}/review").content.decode()
    assert phone.post(page, on_phone | {"recipient": "새솔은행", "autosave": "1"}).status_code == 409
    again = re.search(r'name="seen" value="(\w+)"', text)[1]
    sent = phone.post(page, on_phone | {"seen": again, "purpose": "finance", "recipient": "새솔은행"})
    assert sent.status_code == 302
    assert "새솔은행" in client.get(f"/apply/{number}/review").content.decode()


def test_keeping_while_typing_goes_on_from_what_was_kept(client: Client):
    page = question_of(client)
    typing = shown_of(client, page) | {"purpose": "finance", "recipient": "한", "autosave": "1"}
    kept = client.post(page, typing)
    assert kept.status_code == 204
    more = client.post(page, typing | {"seen": kept["Madang-Seen"], "recipient": "한빛은행"})
    assert more.status_code == 204
