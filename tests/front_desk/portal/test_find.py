"""Finding a service, as a visitor: nothing to sign in to, nothing asked of the database."""

import re

import pytest
from django.test import Client

from madang.records.places import facade as places


@pytest.fixture
def visitor() -> Client:
    return Client()


def page(client: Client, path: str, language: str = "ko", status: int = 200) -> str:
    client.cookies["madang_language"] = language
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


@pytest.mark.parametrize(
    ("language", "name"), [("ko", "주민등록표 초본"), ("en", "Resident register extract"), ("ru", "Выписка")]
)
def test_the_first_page_offers_what_most_people_come_for(visitor: Client, language: str, name: str):
    text = page(visitor, "/", language)
    assert name in text
    assert f'lang="{language}"' in text
    assert 'action="/search"' in text


def test_a_misspelt_search_finds_the_service(visitor: Client):
    assert "/services/resident-register-extract" in page(visitor, "/search?q=주민등록초번")
    assert "/services/resident-register-extract" in page(visitor, "/search?q=residnt regster", "en")


def test_a_search_that_finds_nothing_ends_in_a_person(visitor: Client):
    assert "120" in page(visitor, "/search?q=qwxzqwxz", "en")


def test_what_is_searched_for_is_shown_as_text_and_never_as_html(visitor: Client):
    text = page(visitor, "/search?q=<script>alert(1)</script>")
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_a_service_says_what_it_costs_how_long_and_where_else(visitor: Client):
    text = page(visitor, "/services/local-tax-certificate", "en")
    for said in ("₩800", "about 1 minute", "1 working day at the latest", "Without a device", "article", "Start"):
        assert said in text


def test_what_does_not_exist_is_said_on_a_page_with_a_way_on(visitor: Client):
    for path in ("/services/no-such-thing", "/categories/nothing"):
        assert 'href="/"' in page(visitor, path, "en", 404)


def test_the_language_switch_keeps_the_query_and_is_remembered(visitor: Client):
    answer = visitor.get("/search?q=%EC%B4%88%EB%B3%B8&lang=vi")
    assert answer.status_code == 302
    assert answer["Location"] == "/search?q=%EC%B4%88%EB%B3%B8"
    assert answer.cookies["madang_language"].value == "vi"


def test_large_text_and_plain_words_are_remembered(visitor: Client):
    assert visitor.get("/services/local-tax-certificate?text=large").cookies["madang_text"].value == "large"
    visitor.get("/services/local-tax-certificate?words=plain")
    text = page(visitor, "/services/local-tax-certificate", "en")
    assert 'data-text="large"' in text
    assert "Words on this page" in text


def test_a_page_has_nothing_that_the_content_policy_forbids(visitor: Client):
    for path in ("/", "/search?q=tax", "/services/local-tax-certificate", "/accessibility"):
        text = page(visitor, path, "en")
        assert "<style" not in text
        assert "style=" not in text
        assert "onclick" not in text
        assert text.count("<h1") == 1


def test_a_subject_is_shown_a_page_at_a_time_and_by_kind(visitor: Client):
    first = page(visitor, "/categories/transportation", "en")
    assert first.count('class="entry"') == 30
    assert "Page 1 of" in first
    assert set(entries(first)).isdisjoint(entries(page(visitor, "/categories/transportation?page=2", "en")))
    bookings = page(visitor, "/categories/transportation?kind=booking", "en")
    assert "/services/public-parking-booking" in bookings
    assert "/services/disability-parking-badge" not in bookings
    assert entries(page(visitor, "/categories/transportation?kind=nonsense", "en")) == entries(first)


def test_what_happens_in_a_life_leads_to_what_is_needed_then(visitor: Client):
    assert "/life/having_a_child" in page(visitor, "/", "vi")
    text = page(visitor, "/life/having_a_child", "vi")
    assert "Mang thai và sinh con" in text
    assert text.index("/services/pregnancy-registration") < text.index("/services/child-allowance")
    page(visitor, "/life/nothing", "en", 404)


def test_a_search_can_be_narrowed_to_one_kind(visitor: Client):
    assert "/services/parking-fine-payment" in page(visitor, "/search?q=parking+fine&kind=payment", "en")
    assert "/services/parking-fine-objection" not in page(visitor, "/search?q=parking+fine&kind=payment", "en")


def test_a_text_that_is_not_there_yet_is_shown_in_english_and_marked(visitor: Client):
    text = page(visitor, "/services/bus-driver-praise", "th")
    assert 'class="lead" lang="en"' in text
    assert "English" in text
    assert 'class="lead" lang="en"' not in page(visitor, "/services/bus-driver-praise", "vi")


def entries(text: str) -> list[str]:
    return re.findall(r'class="entry" href="([^"]+)"', text)


def test_a_service_shows_the_nearest_places_with_hours_and_walking_time(visitor: Client):
    text = page(visitor, f"/services/local-tax-certificate?district=11440&dong={dong_of('11440')}", "en")
    places_shown = text.partition('id="near"')[2].partition("</section>")[0]
    assert re.search(r"About \d+ min on foot \(at most \d+\)", places_shown)
    assert "Mon–Fri 09:00–18:00" in places_shown
    minutes = [int(one) for one in re.findall(r"About (\d+) min", places_shown)]
    assert minutes == sorted(minutes)
    assert "Walking times are estimates" in places_shown


def test_a_district_alone_shows_its_places_and_asks_for_the_neighbourhood(visitor: Client):
    text = page(visitor, "/without-a-device?district=11440", "en")
    assert 'name="dong"' in text
    assert "min on foot" not in text
    assert "Mapo-gu Office" in text


def test_a_neighbourhood_of_another_district_is_no_neighbourhood_here(visitor: Client):
    text = page(visitor, f"/services/local-tax-certificate?district=11440&dong={dong_of('11110')}", "en")
    assert "min on foot" not in text


def dong_of(district: str) -> str:
    return places.dongs(district)[0].code
