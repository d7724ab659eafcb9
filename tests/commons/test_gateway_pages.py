import pytest
from django.test import Client

from madang.commons.gateway import error_pages
from madang.commons.gateway.policy import rulebook
from madang.commons.gateway.policy.rulebook import Rulebook
from madang.kernel.languages import Language
from madang.kernel.manifest import Limit


@pytest.fixture(autouse=True)
def a_small_city(settings) -> None:
    settings.ROOT_URLCONF = "tests.commons.gateway_city"


@pytest.fixture
def anybody() -> Client:
    return Client(raise_request_exception=False)


def test_what_is_not_there_is_said_on_a_page_with_a_way_on(anybody):
    answer = anybody.get("/nothing", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_a_citys_error_becomes_a_page_that_escapes_its_facts(anybody):
    answer = anybody.get("/broken?what=Missing")
    assert answer.status_code == 404
    assert "<b>" not in answer.content.decode()
    assert "&lt;b&gt;" in answer.content.decode()


def test_who_must_sign_in_is_led_there_and_back(anybody):
    answer = anybody.get("/broken?what=SignIn")
    assert answer["Location"] == "/accounts/login/?next=%2Fbroken%3Fwhat%3DSignIn"


def test_a_bug_leaks_nothing_and_names_its_trace(anybody):
    trace = "01890a5d-ac96-774b-bcce-b302099a8057"
    answer = anybody.get("/broken", headers={"X-Request-Id": trace})
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
    assert trace in answer.content.decode()


def test_a_trace_that_is_none_is_not_repeated(anybody):
    answer = anybody.get("/broken", headers={"X-Request-Id": "<script>"})
    assert "&lt;script" not in answer.content.decode()


def test_a_form_from_elsewhere_is_refused_on_a_page():
    answer = Client(enforce_csrf_checks=True).post("/form", {"said": "x"}, headers={"Accept-Language": "en"})
    assert answer.status_code == 403
    assert "did not come from a page of the city" in answer.content.decode()


def test_a_nul_in_a_form_or_query_is_refused(anybody):
    assert anybody.post("/form", {"said": "a\x00b"}).status_code == 400
    assert anybody.get("/page?q=a%00").status_code == 400
    assert anybody.post("/form", {"said": "마당"}).content.decode() == "마당"


@pytest.mark.parametrize(("query", "cookie", "header", "language"), [
    ("", "", "", Language.KO), ("", "", "fr, vi;q=0.8, en;q=0.5", Language.VI), ("", "", "zh-TW", Language.ZH),
    ("", "th", "vi", Language.TH), ("", "xx", "ru-RU", Language.RU), ("", "", "\x00;;;q=x", Language.KO),
])
def test_the_language_is_the_chosen_else_the_browsers_else_korean(anybody, query, cookie, header, language):
    if cookie:
        anybody.cookies["madang_language"] = cookie
    answer = anybody.get(f"/page{query}", headers={"Accept-Language": header} if header else {})
    assert answer["Content-Language"] == language.tag
    assert "Accept-Language" in answer["Vary"]


def test_a_visitors_page_asks_the_database_nothing(anybody):
    assert anybody.get("/page").status_code == 200  # without the db mark any query fails


def test_an_answer_larger_than_its_rooms_limit_is_not_sent_out(anybody, settings, tmp_path):
    settings.MADANG_INSTANCE = tmp_path
    rulebook.write(tmp_path / "gateway", Rulebook(limits=(Limit("/page", 1, answer_kilobytes=2), Limit("/", 1))))
    assert anybody.get("/page").status_code == 500
    rulebook.write(tmp_path / "gateway", Rulebook(limits=(Limit("/page", 1, answer_kilobytes=200),)))
    assert anybody.get("/page").status_code == 200


def test_an_error_page_that_fails_itself_still_says_what_is_known(anybody, monkeypatch):
    monkeypatch.setattr(error_pages, "render", lambda *_: 1 / 0)
    answer = anybody.get("/broken", headers={"Accept-Language": "en"})
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()


def test_every_cookie_of_the_city_is_kept_from_scripts_and_other_sites(anybody, settings):
    given = anybody.get("/page?lang=vi").cookies["madang_language"]
    assert given["secure"]
    assert given["httponly"]
    assert given["samesite"] == "Lax"
    for name in ("SESSION", "CSRF"):
        assert getattr(settings, f"{name}_COOKIE_NAME").startswith("__Host-")
        assert getattr(settings, f"{name}_COOKIE_SECURE")
        assert getattr(settings, f"{name}_COOKIE_HTTPONLY")
        assert getattr(settings, f"{name}_COOKIE_SAMESITE") == "Lax"
